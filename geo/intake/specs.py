"""What a mapping says, read and checked: how each column of the registry is filled, and all that goes with it."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.fields import Kind
from geo.fields.land_use_codes import CodeTable
from geo.intake.sheet_shapes import GeometryColumns

#: what stands for a file where the other side is what is registered already
REGISTERED = "registered"


@dataclass(frozen=True)
class Spec:
    """How one column of the registry is filled: from a column of the file, by a constant, or by the row's number.

    ``values`` translates what the file says; ``otherwise`` tells what becomes of a row whose value it does not list.
    ``missing`` are values that mean "not known" in this column (a year 0).  ``table_column`` is the column of the file that
    says for each row which code table its land-use codes are of; ``known`` are those that the database has, by name.  ``own``
    is the code table itself where the office brought it, ``table`` its name.
    """

    column: str | None = None
    constant: str | None = None
    row_number: str | None = None
    unit: str | None = None
    table: str | None = None
    own: CodeTable | None = None
    table_column: str | None = None
    known: MappingType[str, CodeTable] = field(default_factory=dict, repr=False)
    values: MappingType[str, str] | None = None
    otherwise: str = "error"
    separator: str | None = None
    prefix: str = ""
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class On:
    """The columns in which both sides hold one code; ``None`` where the names of the columns are to tell."""

    this: str | None = None
    other: str | None = None


@dataclass(frozen=True)
class Join:
    """The other side: a file, a layer or sheet of a file (of this one where none is named), or the registry."""

    file: str | None = None
    layer: str | None = None
    encoding: str | None = None
    on: On = On()
    geometry: GeometryColumns | None = None
    registered: bool = False


@dataclass(frozen=True)
class Elsewhere:
    """Codes of other sheets of the kind that share the other file: what it has of them is theirs.

    ``told``: a sheet before this one tells of what no sheet asks for.
    """

    codes: frozenset[str]
    told: bool


ALONE = Elsewhere(frozenset(), told=False)


@dataclass(frozen=True)
class Uses:
    """A sheet that has a row for each use of a parcel: its code, and its share or its area; they fill ``column``."""

    code: str
    table: str
    on: On
    file: str | None = None
    layer: str | None = None
    encoding: str | None = None
    share: Spec | None = None
    area: Spec | None = None
    column: str = "land_use"
    own: CodeTable | None = None


@dataclass(frozen=True)
class Mapping:
    """A whole mapping; :func:`read_mapping` reads one.  ``synthetic`` ``None``: told by the codes (演示-…).

    ``folder`` is where its file lies, for files that it names.
    """

    name: str
    kind: Kind
    columns: MappingType[str, Spec]
    source: str | None = None
    synthetic: bool | None = None
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    geometry: GeometryColumns | None = None
    where: MappingType[str, frozenset[str]] = field(default_factory=dict)
    content: MappingType[str, Any] = field(default_factory=dict)
    join: Join | None = None
    uses: Uses | None = None
    folder: Path | None = None

    @property
    def keeps(self) -> bool:
        """Whether it is joined to what is registered: what it does not name stays as it is."""
        return self.join is not None and self.join.registered

    @property
    def own_tables(self) -> list[CodeTable]:
        """The code tables that the office brought, each once."""
        found = {spec.own.name: spec.own for spec in self.columns.values() if spec.own is not None}
        return list(found.values())
