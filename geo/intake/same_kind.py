"""Sheets of one kind, as offices part a city by its areas: each is read its own way, and together they are one table.

What a row is held against others for is asked of all sheets at once: a code that stands twice, shares that sum to more than
the whole, outlines that overlap.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from geo.database import Database
from geo.intake import around
from geo.intake.batch import Batch
from geo.intake.beside import Work, nothing
from geo.intake.check import check_across
from geo.intake.checked import Checked
from geo.intake.columns import Rows
from geo.intake.findings import Finding, Findings, missing
from geo.intake.importing import Asked, check_source
from geo.intake.matching import codes
from geo.intake.outlines import Drawn
from geo.intake.read import Source
from geo.intake.report import Step, unheard
from geo.intake.sources import gather, read_own
from geo.intake.specs import Elsewhere, Mapping


def check_sheets(db: Database, path: str | Path, plans: list[Mapping], asked: Asked) -> list[Checked]:
    """Read and check all sheets of one kind; each has its own findings, those that span sheets among them."""
    step = partial(asked.tell, "read")
    own = [read_own(path, plan, step) for plan in plans]
    checks = []
    for plan, source, joined, uses in zip(
        plans, own, _sharing(plans, own, "join"), _sharing(plans, own, "uses"), strict=True
    ):
        whole, used = gather(path, plan.kind, plan, source=source, elsewhere=(joined, uses))
        checks.append(check_source(db, whole, used, replace(asked, where=plan.layer, among=True)))
    _Together(checks).look(lambda rows, _: check_across(rows))
    checks = [replace(each, bad=each.rows.findings.rejected(len(each.rows))) for each in checks]
    # What is kept as it is registered was looked at when it came.
    drawn = _Together([each for each in checks if each.shapes is not None and not each.plan.keeps])
    return [
        *checks[:-1],
        replace(checks[-1], around=around.one_after_another([checks[-1].around, drawn.around(db, asked)])),
    ]


def together(checks: list[Checked], batches: list[Batch]) -> list[Batch]:
    """The batches of an import, those of one kind aware of each other: what one of them has is not gone for the others."""
    token = uuid.uuid4().hex
    found = []
    for i, (each, batch) in enumerate(zip(checks, batches, strict=True)):
        others = [j for j, other in enumerate(checks) if j != i and other.rows.kind is each.rows.kind]
        if others:
            last = max(others) < i
            batch = replace(
                batch,
                beside=[key for j in others for key in checks[j].all_keys()],
                last=last,
                retire=batch.retire and last,
                reading=(batch.reading or {}) | {"together": token},
            )
        found.append(batch)
    return found


def _sharing(plans: list[Mapping], own: list[Source], what: str) -> list[Elsewhere]:
    """For each sheet what the others that join the same file, or have the same sheet of uses, have of it."""
    there = [getattr(plan, what) for plan in plans]
    same = [
        None if each is None or (each.file, each.layer) == (None, None) else (each.file, each.layer) for each in there
    ]
    found = []
    for i, shared in enumerate(same):
        others = [j for j, other in enumerate(same) if j != i and shared is not None and other == shared]
        named = {code for j in others for code in _codes(plans[j], own[j], there[j].on.this)}
        found.append(Elsewhere(frozenset(named), told=any(j < i for j in others)))
    return found


def _codes(plan: Mapping, source: Source, on: str | None) -> list[str]:
    spec = plan.columns.get(plan.kind.key[0])
    name = on if on in source.columns else spec.column if spec else None
    if name not in source.columns:
        return []
    found = codes(source.frame[str(name)])
    return [str(code) for code in found[~missing(found)]]


class _Together:
    """Sheets as one table: what is found in it is noted in each sheet, at the row's own place."""

    def __init__(self, checks: list[Checked]) -> None:
        self.checks = checks
        self.starts = np.cumsum([0, *(len(each.rows) for each in checks)])

    def rows(self) -> Rows:
        """All rows, without findings."""
        first = self.checks[0].rows
        n = int(self.starts[-1])
        columns = {
            name: pa.concat_arrays([_plain(each.rows.columns[name]) for each in self.checks]) for name in first.columns
        }
        return Rows(
            kind=first.kind,
            rows=np.concatenate([each.rows.rows for each in self.checks]),
            columns=columns,
            geometry=None,
            unreadable=np.zeros(n, dtype=bool),
            datum=None,
            raw=pd.DataFrame(index=range(n)),
            findings=Findings(),
            n_skipped=0,
            unused=(),
        )

    def look(self, work: Callable[[Rows, Step], object], step: Step = unheard) -> None:
        """Do ``work`` on all rows, and note what it finds."""
        rows = self.rows()
        work(rows, step)
        keys = rows.keys()
        known = [{(item.position, item.rule, item.field) for item in each.rows.findings.items} for each in self.checks]
        for item in rows.findings.items:
            sheet = int(np.searchsorted(self.starts, item.position, side="right")) - 1
            here = replace(item, position=item.position - int(self.starts[sheet]))
            if (here.position, item.rule, item.field) not in known[sheet]:
                if item.rule == "duplicate_key":
                    here = replace(here, advice=self._elsewhere(keys, item))
                self.checks[sheet].rows.findings.items.append(here)

    def _elsewhere(self, keys: np.ndarray, item: Finding) -> str:
        others = [int(i) for i in np.flatnonzero(keys == keys[item.position]) if i != item.position]
        told = []
        for i in others:
            sheet = int(np.searchsorted(self.starts, i, side="right")) - 1
            each = self.checks[sheet]
            told.append(f"{each.where}, row {each.rows.rows[i - int(self.starts[sheet])]}")
        return f"The same code stands in {'; '.join(told)}: which one holds cannot be told. Keep one."

    def around(self, db: Database, asked: Asked) -> Work:
        """To look at the outlines of all sheets against each other and against registered land."""
        drawn = [each.shapes for each in self.checks if each.shapes is not None]
        if not drawn:
            return nothing
        shapes = Drawn.joined(drawn)
        tolerances = asked.tolerances() if self.checks[0].rows.kind.name == "parcels" else None

        def look(step: Step) -> None:
            self.look(
                lambda rows, step: around.neighbours(db, rows, shapes, tolerances, day=asked.day, gone=asked.gone)(
                    step
                ),
                step,
            )

        return look


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
