"""The two sides of a join, their codes as they are compared, and which row of one is which of the other."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.intake.cells import dated, looks_dated, texts
from geo.intake.findings import Objects, missing
from geo.intake.read import Source
from geo.intake.values import clean

#: what stands before the other file's column where the imported file has one of the same name
OTHERS = "join:"
_FLOAT = re.compile(r"\d+\.0")


@dataclass(frozen=True)
class Sides:
    """Both files, the columns of their codes, and their codes."""

    own: Source
    other: Source
    this: str
    that: str
    label: str
    #: whether each row of the other file is one of the kind, too: both hold the kind's own code
    by_key: bool


@dataclass
class Match:
    """For each row of the joined table the position in both files, -1 for none; and what could not be matched."""

    own: list[int]
    other: list[int]
    #: position in the joined table → the positions in the other file among which nobody can choose
    several: dict[int, list[int]]
    unused: list[int]
    n_skipped: int


def codes(column: pd.Series[Any]) -> Objects:
    """Codes as both sides of a join compare them: text, white space and full width let go, ``12.0`` as ``12``.

    ``None`` where there is none, and where a spreadsheet made a date of it: two codes may become the same day.  Text such
    as ``12.0`` is ``12`` only where the whole column went through numbers.
    """
    written = texts(column)
    found: Objects = np.full(len(written), None, dtype=object)
    there = ~(missing(written) | dated(column) | looks_dated(written))
    found[there] = [plain_code(text) for text in written[there]]
    if there.any() and all(_FLOAT.fullmatch(text) for text in found[there]):
        found[there] = [text.removesuffix(".0") for text in found[there]]
    return found


def plain_code(text: str) -> str:
    """A code without the white space round it, full width as plain letters and digits."""
    return clean(unicodedata.normalize("NFKC", text))
