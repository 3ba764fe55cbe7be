"""One table that was read and checked: what is wrong with it, and what of it is to be stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geo.fields import Fault
from geo.fields.faults import FileRows
from geo.intake.batch import Batch
from geo.intake.beside import Work
from geo.intake.columns import Rows
from geo.intake.copying import Table
from geo.intake.findings import Mask
from geo.intake.kept import SHAPE, plain_cell, reading
from geo.intake.outlines import Drawn
from geo.intake.own_tables import told as told_table
from geo.intake.places import place
from geo.intake.read import Source
from geo.intake.report import ImportReport
from geo.intake.specs import Mapping
from geo.intake.store import Stored

#: rules about where a row lies and how large it is there: under a wrong datum they are broken by every row
OF_PLACE = frozenset(
    {
        *("outside_datum", "area_differs", "far_differs", "far_impossible", "unit_suspicious"),
        *("overlap", "overlap_registered", "sliver_overlap", "sliver_gap", "sliver"),
    }
)


@dataclass(frozen=True)
class Checked:
    """One table that was read and held against all rules; nothing of it is written yet.

    ``suspicion`` are the faults of its datum, ``bad`` which rows have errors; ``where`` is the sheet that its faults name,
    where an import reads several.  ``around`` is what is left to be looked at: it warns and refuses nothing.
    """

    source: Source
    plan: Mapping
    rows: Rows
    shapes: Drawn | None
    crs: str | None
    synthetic: bool
    suspicion: tuple[Fault, ...]
    bad: Mask
    where: str | None
    around: Work
    trust_crs: bool = False

    @property
    def refused(self) -> bool:
        """Whether something of it cannot be stored."""
        return bool(self.n_bad) or self.astray

    @property
    def astray(self) -> bool:
        """Whether the datum is refused, so that what was found of places and areas says nothing of the file."""
        return any(fault.severity == "error" for fault in self.suspicion)

    @property
    def following(self) -> int:
        """How many faults are left out, for they only follow from the datum that is refused."""
        return sum(item.rule in OF_PLACE for item in self.rows.findings.items) if self.astray else 0

    @property
    def placed(self) -> list[tuple[int, Fault]]:
        """The faults found so far, each with the position of its row, -1 for the whole file; without those that follow."""
        rows = self.rows
        if rows.places is not None:
            columns = {name: spec.column for name, spec in self.plan.columns.items()}
            place(rows.findings, rows.places, columns, rows.kind.key[0])
        found = rows.findings.faults(rows.rows, rows.keys(), self.where)
        return [pair for pair in found if pair[1].rule not in OF_PLACE] if self.astray else found

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults found so far, those of the datum first, then those of rows, then those of rows that belong to none."""
        return (*self.suspicion, *(fault for _, fault in self.placed), *(row.fault for row in self.rows.aside))

    @property
    def n_bad(self) -> int:
        """How many rows have errors, those that belong to none among them."""
        return int(self.bad.sum()) + len(self.rows.aside)

    @property
    def read(self) -> FileRows:
        """The rows as they were read."""
        used = {name: spec.column for name, spec in self.plan.columns.items() if spec.column}
        beside: dict[str, dict[int, int]] = {}
        for item in self.rows.findings.items:
            if item.at and item.position >= 0:
                beside.setdefault(item.at[0], {})[item.at[1]] = item.position
        rows, numbers = self.rows, self.rows.rows
        if rows.places is not None:
            numbers = np.where(rows.places.own > 0, rows.places.own, rows.places.other)
        return FileRows(rows.kind.name, self.source.title, rows.raw, numbers, used, self.where, beside)

    def codes(self) -> set[str]:
        """The codes of the rows that are good."""
        return set(self.rows.codes.filter(pa.array(~self.bad)).to_pylist())

    def all_keys(self) -> list[tuple[Any, ...]]:
        """The keys of all rows, the bad ones too, and those that only a sheet of theirs names."""
        own = zip(*(self.rows.columns[name].to_pylist() for name in self.rows.kind.key), strict=True)
        return [*own, *((row.fault.key,) for row in self.rows.aside)]

    def batch(self, *, effective: date, gone: str, accept_valid: bool, actor: str) -> Batch:
        """What is to be stored of it."""
        rows, bad = self.rows, self.bad
        aside = [(row.row, row.cells, [row.fault]) for row in rows.aside]
        keys = zip(*(rows.columns[name].filter(pa.array(bad)).to_pylist() for name in rows.kind.key), strict=True)
        return Batch(
            kind=rows.kind,
            good=_good(rows, self.shapes, ~bad),
            rejected=[*_rejected(self.source, rows, bad, self.placed if bad.any() else []), *aside],
            rejected_keys=[*keys, *((row.fault.key,) for row in rows.aside)],
            effective=effective,
            retire=gone == "retire",
            synthetic=self.synthetic,
            source=self.plan.source or self.source.title,
            file_name=self.source.title,
            sha256=self.source.sha256,
            crs=self.crs,
            mapping=_told(self.plan, self.source, gone, accept_valid),
            actor=actor,
            reading=reading(self.source, self.plan, self.trust_crs),
        )

    def report(self, batch: Batch, stored: Stored, changes: Any) -> ImportReport:
        """What was done with it."""
        return ImportReport(
            import_id=stored.import_id,
            kind=self.rows.kind.name,
            file_name=batch.file_name,
            layer=self.source.layer,
            sha256=batch.sha256,
            source=batch.source,
            synthetic=self.synthetic,
            crs=self.crs,
            effective=batch.effective,
            n_rows=len(self.source.rows),
            n_skipped=self.rows.n_skipped,
            n_rejected=self.n_bad,
            counts=stored.counts,
            emptied=stored.emptied,
            faults=self.faults,
            unused=self.rows.unused,
            changes=changes,
            read=self.read,
            tables=tuple(each.file for each in self.plan.own_tables),
        )


def complaint(checked: Checked, accept_valid: bool, gone: str, named: str | None = None) -> tuple[str, str] | None:
    """Why a table cannot be stored, and what to do; ``None`` where it can.  ``named``: which it is, of several of a file."""
    which = named or checked.where
    name = checked.source.title + (f", {which}" if which else "")
    if checked.astray:
        n = checked.following
        more = f"\nLeft out, for they only follow from it: {n} faults of places and areas." if n else ""
        return f"{name}: the datum is suspect; nothing was written.{more}", checked.suspicion[0].advice
    if not checked.n_bad:
        return None
    n_errors = sum(fault.severity == "error" for fault in checked.faults)
    n_rows = len(checked.rows) + len(checked.rows.aside)
    told = f"{name}: {checked.n_bad} of {n_rows} rows have errors ({n_errors} in all)"
    if not accept_valid:
        return f"{told}; nothing was written.", "Mend them, or pass --accept-valid to take the other rows."
    if gone == "retire" and any(key is None for key in checked.rows.keys()[checked.bad]):
        return (
            f"{told}, and of some the code is not known, so that nobody can tell what is gone; nothing was written.",
            "Mend those rows, or pass --gone keep.",
        )
    return None


def _good(rows: Rows, shapes: Drawn | None, good: Mask) -> Table:
    outlines = None if shapes is None else shapes.outlines
    if good.all():
        return Table(rows.rows, rows.columns, outlines)
    columns = {name: column.filter(pa.array(good)) for name, column in rows.columns.items()}
    return Table(rows.rows[good], columns, None if outlines is None else outlines[good])


def _rejected(
    source: Source, rows: Rows, bad: Mask, placed: list[tuple[int, Fault]]
) -> list[tuple[int, dict[str, Any], list[Fault]]]:
    """The rejected rows as the file has them, the shape as WKT in the file's own coordinates, and their faults.

    A row that only a joined file has bears its number there.  Where no shape could be made of what the file has, that text
    stands in its place.
    """
    own: dict[int, list[Fault]] = {}
    for position, fault in placed:
        own.setdefault(position, []).append(fault)
    out = []
    positions = np.flatnonzero(bad)
    shapes = None if rows.geometry is None else rows.geometry.shapes(positions)
    for n, i in enumerate(positions.tolist()):
        cells = {name: plain_cell(rows.raw.iat[i, j]) for j, name in enumerate(rows.raw.columns)}
        if shapes is not None and shapes[n] is not None:
            cells[SHAPE] = shapely.to_wkt(shapes[n], rounding_precision=-1)
        elif int(rows.rows[i]) in source.unread:
            cells[SHAPE] = plain_cell(source.unread[int(rows.rows[i])])
        there = rows.places.at(i, None) if rows.places and not rows.places.own[i] else None
        out.append((there[1] if there else int(rows.rows[i]), cells, own.get(i, [])))
    return out


def _told(plan: Mapping, source: Source, gone: str, accept_valid: bool) -> dict[str, Any]:
    content = dict(plan.content) or {"columns": {name: spec.column for name, spec in plan.columns.items()}}
    return {
        "name": plan.name,
        "content": content,
        "layer": source.layer,
        "gone": gone,
        "accept_valid": accept_valid,
        **({"joined": list(source.also)} if source.also else {}),
        **({"tables": [told_table(each) for each in plan.own_tables]} if plan.own_tables else {}),
        **({"registered": True} if plan.keeps else {}),
    }
