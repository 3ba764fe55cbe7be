"""The rejected rows that are to be tried again, import by import, with what of them was mended; and those to be mended."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geo.database import Database, require_migrated
from geo.errors import MappingError
from geo.fields import Fault
from geo.fields.faults import FileRows, ToMend
from geo.intake.automap import match_columns
from geo.intake.columns import Rows
from geo.intake.kept import SHAPE, plain_cell, plan_of
from geo.intake.mended import Mended, changes
from geo.intake.outlines import Outlines
from geo.intake.read import Source
from geo.intake.rejections import Kept, Origin, cursor_of, listed, origins, select
from geo.intake.sheet_shapes import shapes_from_wkt
from geo.intake.specs import Mapping
from geo.intake.values import as_text

#: rules that the kept values cannot be held against again (a date is text now, a NUL is marked, the texts of a drawing are
#: one): such a fault stays until its cell is mended
STICKY = frozenset({"date_in_text", "not_text", "several_texts"})


class Group:
    """The rows of one import that are to be tried, with what of them was mended.

    Their numbers in the file need not tell them apart, for some may be of a joined file: ``rows`` has each by a number of
    its own, which is that of the file wherever it can be.
    """

    def __init__(self, origin: Origin, rows: Sequence[Kept], mended: dict[int, dict[str, Any]]) -> None:
        self.origin = origin
        self.mended = mended
        read = origin.reading or {}
        known = {name for row in rows for name in row.values if name != SHAPE}
        self.columns = list(read.get("columns") or sorted(known))
        self.typed = frozenset(read.get("typed", ()))
        self.shaped = origin.crs is not None
        self.layer = origin.mapping.get("layer")
        self.skipped: list[Kept] = []
        self.rows: dict[int, Kept] = {}
        free = max((row.row for row in rows), default=0) + 1
        for row in rows:
            self.rows[row.row if row.row not in self.rows else free] = row
            free += 1

    def named(self, file_name: str) -> str:
        """Which rows they are: of which import, and of which file, if that is not ``file_name`` itself."""
        of = self.origin
        return f"rows of import {of.id}" + ("" if of.file_name == file_name else f" ({of.file_name})")

    def plan(self) -> Mapping:
        """The mapping of that import, with its source and its datum."""
        origin = self.origin
        found = plan_of(origin.mapping, origin.reading, origin.kind)
        if found is None:
            found = match_columns(self.columns, origin.kind, origin.file_name)
        return replace(found, source=origin.source, synthetic=origin.synthetic, crs=origin.crs)

    def own(self, row: Kept) -> bool:
        """Whether a row is one of the table, and none of another sheet that belongs to no row of it."""
        return all(name in row.values for name in self.columns)

    def values(self, row: Kept) -> dict[str, Any]:
        """A row as it is to be read now: what was mended as it came, the rest as it was kept."""
        kept = {
            name: as_text(cell) if name in self.typed and not isinstance(cell, str) else cell
            for name, cell in row.values.items()
        }
        return kept | self.mended.get(row.id, {})

    def said(self, row: Kept) -> dict[str, Any]:
        """A row as the books are to hold it: its values as they were kept, and what was mended."""
        return row.values | {name: plain_cell(cell) for name, cell in self.mended.get(row.id, {}).items()}

    def source(self, file_name: str, sha256: str) -> Source:
        """The rows as a file would have given them."""
        cells = [self.values(row) for row in self.rows.values()]
        data = {name: pd.Series([each.get(name) for each in cells], dtype=object) for name in self.columns}
        frame = pd.DataFrame(data, columns=self.columns)
        if self.origin.reading and "epoch" in self.origin.reading:
            frame.attrs["epoch"] = self.origin.reading["epoch"]
        numbers = np.array(list(self.rows), dtype=np.int64)
        outlines, unreadable, unread = None, np.zeros(len(cells), dtype=bool), {}
        if self.shaped:
            told = pd.Series([each.get(SHAPE) for each in cells], dtype=object)
            shapes, unreadable = shapes_from_wkt(told)
            outlines = Outlines.of(shapes)
            unread = {int(numbers[i]): str(told[i]) for i in np.flatnonzero(unreadable).tolist()}
            # Kept before the text of such shapes was.
            for i, row in enumerate(self.rows.values()):
                if told[i] is None and SHAPE not in self.mended.get(row.id, {}) and row.has("geometry_unreadable"):
                    unreadable[i] = True
        return Source(file_name, sha256, self.layer, frame, numbers, outlines, unreadable, None, unread=unread)

    def add_findings(self, rows: Rows, plan: Mapping) -> None:
        """Faults that the kept values do not show any more, and rows that the mapping leaves out as they are now."""
        there = rows.rows.tolist()
        self.skipped = [row for number, row in self.rows.items() if number not in set(there)]
        told = {(item.position, item.field) for item in rows.findings.items if item.severity == "error"}
        for position, number in enumerate(there):
            row = self.rows[number]
            for fault in row.faults:
                if (position, fault.field) not in told and self._stays(row, fault, plan):
                    rows.findings.add([position], fault.field, {position: fault.value}, fault.rule, fault.advice)

    def _stays(self, row: Kept, fault: Fault, plan: Mapping) -> bool:
        """Whether an error holds still, though what is kept does not show it, since nobody has mended what it is about."""
        if fault.severity != "error" or fault.rule == "no_outline":
            return False  # without its outline it is told of as any row without one
        mended = self.mended.get(row.id, {})
        elsewhere = fault.where is not None and fault.where != self.layer
        if fault.rule == "no_attributes" or (elsewhere and fault.field in plan.kind.key):
            # The row of the other file is not there, or not the only one: what it would have brought is missing here.
            return not mended
        spec = plan.columns.get(fault.field)
        if spec is None or spec.column is None or spec.column in mended:
            return False
        return fault.rule in STICKY or (elsewhere and row.values.get(spec.column) is None)

    def told(self, row: Kept, fault: Fault) -> Fault:
        """A fault as the office knows its row: by the file and the number that it has there."""
        same = next((each for each in row.faults if (each.field, each.rule) == (fault.field, fault.rule)), None)
        where = same.where if same else self.layer if row.faults and row.faults[0].where == self.layer else None
        return replace(fault, row=same.row if same else row.row, where=where)

    def left_out(self) -> list[tuple[Kept, Fault]]:
        """A fault for each row that the mapping leaves out as it is now."""
        advice = "As it is mended, the mapping leaves the row out; it stays open. Write the old value, or dismiss it."
        return [(row, Fault(row.row, row.key, "row", None, "left_out", "error", advice)) for row in self.skipped]


def groups_to_try(
    cursor: Any, mended: Mended | None, ids: Sequence[int] | None, kind: str | None, import_id: int | None
) -> tuple[list[Group], list[str]]:
    """The rows to try by the import that rejected them, and those that are left out, in words."""
    if import_id is not None:
        origins(cursor, [import_id])
    wanted = list(mended.rows) if mended is not None else ids
    found = select(cursor, ids=wanted, kind=kind, import_id=import_id)
    of = origins(cursor, sorted({row.import_id for row in found}))
    left_out: list[str] = []
    changed: dict[int, dict[str, Any]] = {}
    rows: dict[int, Kept] = {}
    for row in found:
        given = mended.rows[row.id] if mended is not None else None
        last = _last(cursor, row, of) if wanted is not None else row
        one = Group(of[last.import_id], [last], {})
        if last.state == "open" and not one.own(last):
            left_out.append(
                f"row {last.id} is of another sheet ({last.faults[0].where}): import it anew, or dismiss it"
            )
            continue
        cells = changes(given, one.columns, last.values, one.shaped) if given is not None else {}
        # What was dismissed is tried only where somebody mended it after all.
        if last.state == "open" or (last.state == "dismissed" and cells):
            rows[last.id], changed[last.id] = last, cells
        elif wanted is not None:
            left_out.append(last.told())
    groups = [
        Group(of[number], [row for row in rows.values() if row.import_id == number], changed)
        for number in sorted({row.import_id for row in rows.values()})
    ]
    return groups, left_out


def _last(cursor: Any, row: Kept, of: dict[int, Origin]) -> Kept:
    """The row itself, or the one that took its place when it was tried before."""
    while row.state == "superseded" and row.by_row is not None:
        (following,) = select(cursor, ids=[row.by_row])
        of |= origins(cursor, [following.import_id])
        if of[following.import_id].root != of[row.import_id].root:
            break
        row = following
    return row


def to_mend(
    db: Database, *, kind: str | None = None, import_id: int | None = None, closed: bool = False
) -> list[ToMend]:
    """The rejected rows for the workbook to mend, import by import: the open ones, with ``closed`` all.

    Raises
    ------
    NotFoundError
        There is no such kind, or no such import.
    """
    require_migrated(db)
    with cursor_of(db) as cursor:
        rows = listed(cursor, kind, import_id, closed=closed)
        found = []
        for origin in origins(cursor, sorted({row.import_id for row in rows})).values():
            group = Group(origin, [row for row in rows if row.import_id == origin.id], {})
            own = {row.id: row.faults for row in group.rows.values() if group.own(row)}
            if own:
                found.append(mendable(db, group, own))
    return sorted(found, key=lambda each: each.import_id)


def mendable(db: Database, group: Group, faults: MappingType[int, Sequence[Fault]]) -> ToMend:
    """Rows of a group for the workbook to mend, with these faults by the number of the rejected row."""
    rows = [row for row in group.rows.values() if row.id in faults]
    cells = [group.said(row) for row in rows]
    frame = pd.DataFrame({name: pd.Series([c.get(name) for c in cells], dtype=object) for name in group.columns})
    try:
        used = {name: spec.column for name, spec in group.plan().columns.items() if spec.column}
    except MappingError:
        # The mapping can no longer be read: the rows are given all the same, only no cell is coloured.
        used = {}
    origin = group.origin
    numbers = np.array([row.row for row in rows], dtype=np.int64)
    return ToMend(
        import_id=origin.id,
        read=FileRows(origin.kind.name, origin.file_name, frame, numbers, used),
        faults=tuple(tuple(faults[row.id]) for row in rows),
        ids=tuple(row.id for row in rows),
        closed=tuple(_closed(row) for row in rows),
        outlines=tuple(as_text(each.get(SHAPE)) for each in cells) if group.shaped else None,
        datum=origin.crs,
        database=db.mark,
    )


def _closed(row: Kept) -> str:
    match row.state:
        case "settled":
            return f"已由导入{row.by_import}入库"
        case "superseded":
            return f"已由退回编号{row.by_row}替代"
        case "dismissed":
            return f"不再处理（{row.actor}）：{row.why}"
        case "undone":
            return "所属导入已撤销"
        case _:
            return ""
