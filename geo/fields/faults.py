"""What is wrong with one value of one row, in words that its owner can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    ``key`` is the row's own code where it has one, so that it is found again after sorting.  ``where`` is the sheet or the
    joined file in which the row is counted, where an import reads several; ``None`` is the file itself.
    """

    row: int | None
    key: str | None
    field: str
    value: str | None
    rule: str
    severity: Severity
    advice: str
    where: str | None = None


@dataclass(frozen=True)
class FileRows:
    """The rows of a file as they were read, beside their faults.

    ``numbers`` are the row numbers that faults name, ``columns`` the file's column of each field of the registry.  ``where``
    is what faults call the sheet, if they do; ``beside`` tells for each other sheet or file which of its rows went into
    which line of the frame (counted from 0); ``more`` are the rows of the other sheets of the same import.
    """

    kind: str
    file_name: str
    frame: pd.DataFrame
    numbers: npt.NDArray[np.int64]
    columns: Mapping[str, str]
    where: str | None = None
    beside: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    more: tuple[FileRows, ...] = ()

    def by_line(self, faults: Sequence[Fault]) -> dict[int, list[Fault]]:
        """The faults of each line of the frame, counted from 0; those of the whole file, and of other sheets, left out."""
        own: dict[int, int] = {}
        for line, number in enumerate(self.numbers.tolist()):
            own.setdefault(number, line)  # rows that only another file has come last, with their number there
        found: dict[int, list[Fault]] = {}
        for fault in faults:
            lines = own if fault.where == self.where else self.beside.get(fault.where or "", {})
            if fault.row is not None and fault.row in lines:
                found.setdefault(lines[fault.row], []).append(fault)
        return found


@dataclass(frozen=True)
class ToMend:
    """Rejected rows of one import for the workbook to mend: as they were read, faults, numbers, and outlines as WKT.

    ``faults`` are those of each row; ``closed`` says in Chinese what became of a row that is not open; ``outlines`` is
    ``None`` where the file had no shapes; ``database`` is the mark of the database that keeps them.
    """

    import_id: int
    read: FileRows
    faults: tuple[tuple[Fault, ...], ...]
    ids: tuple[int, ...]
    closed: tuple[str, ...]
    outlines: tuple[str | None, ...] | None
    datum: str | None
    database: str
