"""What one column of the registry is, and what one kind of thing is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ColumnType = Literal["text", "number", "integer", "boolean", "date", "choice", "list", "land_use"]
GeometryType = Literal["MultiPolygon", "MultiLineString", "Point", "Geometry"]
Readers = Literal["all", "restricted"]


@dataclass(frozen=True)
class Column:
    """One column: its name in code and in Chinese, its unit, its limits, and who may read it.

    ``low`` and ``high`` are what is *possible*, not what is wished for: a value outside is an error of the file, never
    a judgement.  ``choices`` maps each allowed value to its Chinese label, then the ways that offices write it.
    ``limit`` marks a column that holds a limit itself: there ``≤2.5`` says 2.5, elsewhere it says no number.
    ``restricted`` columns (owners, tax, output, leases) are off in pages, lists and downloads.
    """

    name: str
    zh: str
    type: ColumnType
    unit: str | None = None
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    readers: Readers = "all"
    note: str = ""
    limit: Literal["upper", "lower"] | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of thing that the registry holds: its key, its columns, and what it looks like on a map."""

    name: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    geometry: GeometryType | None = None
    geometry_required: bool = False
    #: columns that a mapping may name so that the file is checked by them; they are not stored
    checked: tuple[Column, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name; ``KeyError`` where the kind has none."""
        for column in (*self.columns, *self.checked):
            if column.name == name:
                return column
        raise KeyError(name)
