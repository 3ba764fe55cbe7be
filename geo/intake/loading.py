"""From a file to the registry: each of its tables is checked, then all are stored in one transaction, or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Literal

import pandas as pd

from geo.database import Database, require_migrated
from geo.errors import IntakeError, MappingError, SettingsError
from geo.fields import kind_named
from geo.fields.faults import FileRows
from geo.intake.beside import nothing
from geo.intake.books import read_plans
from geo.intake.changes import preview
from geo.intake.checked import Checked, complaint
from geo.intake.importing import Asked, check_file, today
from geo.intake.layers import layers_of
from geo.intake.report import ImportReport, Progress, silent
from geo.intake.same_kind import check_sheets, together
from geo.intake.sheets import ALL_AT_ONCE, WORKBOOKS, drafting
from geo.intake.specs import Mapping
from geo.intake.store import once_written, store_all
from geo.policy import Policy
from geo.settings import settings


def load(
    db: Database,
    path: str | Path,
    *,
    kind: str | None = None,
    mapping: str | Path | Mapping | None = None,
    crs: str | None = None,
    layer: str | None = None,
    effective: date | None = None,
    accept_valid: bool = False,
    actor: str | None = None,
    progress: Progress | None = None,
    gone: Literal["keep", "retire"] = "keep",
    trust_crs: bool = False,
    policy: Policy | None = None,
    dry_run: bool = False,
    join: str | Path | None = None,
) -> ImportReport:
    """Import one file: read it, bring its columns under our names, check every row, store it as versions.

    ``kind`` may be left out where a mapping says it.  ``crs`` wins over the mapping's, that over the file's own.  ``join``
    names a file that brings what this one lacks (attributes, or outlines), by the code that both hold; ``"registered"`` keeps
    the registered outlines and all that the file does not name.  ``effective`` is the day from which the rows hold (default:
    today).  One error stops the whole file, unless ``accept_valid`` takes the good rows and keeps the others aside with
    their faults.  ``gone="retire"`` ends what is registered and not in the file.  A file that says nothing new writes
    nothing (``import_id`` is ``None``).  A datum that what is registered speaks against stops the file, too, unless
    ``trust_crs`` makes a warning of it.  ``policy`` gives the tolerances of warnings (default: that of the settings).
    With ``dry_run`` nothing is written, and the report's ``changes`` tell what would be.
    ``progress(stage, done, total)`` is called as the work goes on.

    A mapping of several sheets imports them in one transaction; ``parts`` of the report are those of its sheets.  Sheets of
    one kind are one table.

    Raises
    ------
    ReadError, MappingError, CrsError, NotFoundError
        The file, its mapping, its datum or the kind cannot be used.
    IntakeError
        Rows break rules; all faults are carried, nothing was written.
    DatabaseError
        The database is not migrated, busy or refuses; nothing was written.
    """
    if gone not in ("keep", "retire"):
        raise SettingsError(f"gone is {gone!r}.", "Say keep or retire.")
    require_migrated(db)
    plans = _plans(Path(path), kind, mapping, join)
    plans = _of_layer(plans, layer) if kind else plans
    several = len(plans) > 1
    if several and (layer or join):
        raise SettingsError(
            f"The mapping is for {len(plans)} sheets, and {'--layer' if layer else '--join'} is for one.",
            "Pass --kind to choose one (with --layer where several are of that kind), or say it in the mapping.",
        )
    asked = Asked(effective or today(db), crs, gone, trust_crs, policy, progress or silent)
    checks: list[Checked] = []
    known: dict[str, set[str]] = {}
    for of_kind, same in groupby(plans, key=lambda plan: plan.kind if plan else kind_named(str(kind))):
        sheets = [plan for plan in same if plan is not None]
        if len(sheets) > 1:
            found = check_sheets(db, path, sheets, replace(asked, known=known))
        else:
            plan = sheets[0] if sheets else None
            sheet = replace(asked, where=plan.layer if several and plan else None, known=known)
            found = [check_file(db, path, of_kind, plan, sheet, layer=layer, join=join)]
        checks += found
        if several:
            known[of_kind.name] = set().union(*(each.codes() for each in found))

    reports = settle(
        db, checks, day=asked.day, gone=gone, accept_valid=accept_valid, actor=actor, dry_run=dry_run, tell=asked.tell
    )
    return _together(reports) if several else reports[0]


def settle(
    db: Database,
    checks: list[Checked],
    *,
    day: date,
    actor: str | None,
    tell: Progress,
    gone: str = "keep",
    accept_valid: bool = False,
    dry_run: bool = False,
) -> list[ImportReport]:
    """Store what was checked, all of it in one transaction, or tell what would change; a report for each.

    Raises
    ------
    IntakeError
        Rows break rules; all faults are carried, nothing was written.
    DatabaseError
        The database is busy or refuses; nothing was written.
    """

    def step(done: int, total: int) -> None:
        tell("check", done, total)

    looked = dry_run or any(each.refused for each in checks)
    for each in checks if looked else []:
        each.around(step)
    _refuse(checks, accept_valid, gone)
    by = actor or settings().actor
    batches = together(
        checks, [each.batch(effective=day, gone=gone, accept_valid=accept_valid, actor=by) for each in checks]
    )
    if dry_run:
        seen = [preview(db, batch, tell) for batch in batches]
        return [
            each.report(batch, stored, changes)
            for each, batch, (stored, changes) in zip(checks, batches, seen, strict=True)
        ]
    # What lies round each outline only warns: it is looked at while the rows are stored.
    works = [nothing if looked else each.around for each in checks]
    written = store_all(db, list(zip(batches, works, strict=True)), tell)
    with once_written():
        return [each.report(batch, stored, None) for each, batch, stored in zip(checks, batches, written, strict=True)]


def _plans(
    file: Path, kind: str | None, mapping: str | Path | Mapping | None, join: str | Path | None
) -> list[Mapping] | list[None]:
    if isinstance(mapping, Mapping):
        if kind is not None and mapping.kind is not kind_named(kind):
            raise MappingError(
                f"{mapping.name} is for {mapping.kind.name}, and {kind} were asked for.", "Name the right kind."
            )
        return [mapping]
    if mapping is not None:
        return read_plans(mapping, kind, join)
    if kind is None:
        book = file.is_file() and file.suffix.lower() in WORKBOOKS
        several = book and sum(sheet.n_rows > 0 for sheet in layers_of(file)) > 1
        more = f" {ALL_AT_ONCE} {drafting(file)}" if several else ""
        raise SettingsError("What the file holds is not said.", f"Pass --kind, or a mapping that says it.{more}")
    kind_named(kind)
    return [None]


def _of_layer(plans: list[Mapping] | list[None], layer: str | None) -> list[Mapping] | list[None]:
    """Of several sheets of a kind the one that is called so, where one is."""
    found = [plan for plan in plans if plan is not None and layer is not None and plan.layer == layer]
    return found if len(plans) > 1 and found else plans


def _refuse(checks: list[Checked], accept_valid: bool, gone: str) -> None:
    told = [found for each in checks if (found := complaint(each, accept_valid, gone)) is not None]
    if not told:
        return
    faults = tuple(fault for each in checks for fault in each.faults)
    error = IntakeError("\n".join(message for message, _ in told), told[0][1], faults)
    error.read = _rows([each.read for each in checks])
    raise error


def _rows(read: list[FileRows]) -> FileRows:
    return replace(read[0], more=tuple(read[1:]))


def _sums(each: list[dict[str, int]]) -> dict[str, int]:
    names = dict.fromkeys(name for counts in each for name in counts)
    return {name: sum(counts.get(name, 0) for counts in each) for name in names}


def _together(reports: list[ImportReport]) -> ImportReport:
    """One report of all sheets of a file."""
    first = reports[0]
    numbers = [report.import_id for report in reports if report.import_id is not None]
    changes = None
    if first.changes is not None:
        changes = pd.concat(
            [report.changes.assign(sheet=report.layer) for report in reports if report.changes is not None],
            ignore_index=True,
        )
        changes = changes[["sheet", *(name for name in changes if name != "sheet")]]
    return replace(
        first,
        import_id=max(numbers, default=None),
        kind=", ".join(dict.fromkeys(report.kind for report in reports)),
        layer=None,
        n_rows=sum(report.n_rows for report in reports),
        n_skipped=sum(report.n_skipped for report in reports),
        n_rejected=sum(report.n_rejected for report in reports),
        counts=_sums([report.counts for report in reports]),
        emptied=_sums([report.emptied for report in reports]),
        faults=tuple(fault for report in reports for fault in report.faults),
        unused=tuple(f"{report.layer}: {name}" for report in reports for name in report.unused),
        changes=changes,
        read=_rows([report.read for report in reports if report.read is not None]),
        parts=tuple(reports),
    )
