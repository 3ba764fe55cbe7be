"""What is wrong with one value of one row, in words that its owner can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Fault:
    """One fault of one row: where, what, which rule, and what to do.

    ``row`` counts data rows of the file from 1, headings not counted; ``None`` where the fault is of the whole file.
    ``key`` is the row's own code where it has one, so that it is found again after sorting.
    """

    row: int | None
    key: str | None
    field: str
    value: str | None
    rule: str
    severity: Severity
    advice: str


@dataclass(frozen=True)
class FileRows:
    """The rows of a file as they were read, beside their faults.

    ``numbers`` are the row numbers that faults name, ``columns`` the file's column of each field of the registry.
    """

    kind: str
    file_name: str
    frame: pd.DataFrame
    numbers: npt.NDArray[np.int64]
    columns: Mapping[str, str]
