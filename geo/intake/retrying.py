"""Rejected rows tried again, as they were kept or as somebody mended them: the way of an import, from their own values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from geo.database import Database, require_migrated
from geo.errors import IntakeError, SettingsError
from geo.fields import Fault
from geo.fields.faults import ToMend
from geo.intake.batch import Batch, Retried
from geo.intake.beside import nothing
from geo.intake.changes import preview
from geo.intake.checked import Checked, complaint
from geo.intake.columns import Rows
from geo.intake.importing import Asked, check_source
from geo.intake.mended import Mended, read_mended
from geo.intake.newer import newer
from geo.intake.rejections import cursor_of
from geo.intake.report import ImportReport, Progress, silent, unheard
from geo.intake.retry_rows import Group, groups_to_try, mendable
from geo.intake.store import Stored, once_written, write_all, writing
from geo.policy import Policy
from geo.settings import settings


@dataclass(frozen=True)
class RetryReport:
    """What one call of :func:`retry` did: an import's report for each import whose rows were tried, and who was left out.

    ``n_open`` is how many of the rows that were tried are still open.
    """

    reports: tuple[ImportReport, ...]
    left_out: tuple[str, ...]
    n_open: int
    failing: tuple[ToMend, ...] = field(default=(), repr=False, compare=False)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults of all rows that were tried."""
        return tuple(fault for report in self.reports for fault in report.faults)

    def summary(self) -> str:
        """A line for each import whose rows were tried, and what is still open."""
        if not self.reports:
            return "No row to try again."
        told = [report.summary() for report in self.reports]
        return "\n".join([*told, f"Of the rows that were tried {self.n_open or 'none'} stay open."])


def retry(
    db: Database,
    path: str | Path | None = None,
    *,
    rows: Sequence[int] | None = None,
    kind: str | None = None,
    import_id: int | None = None,
    accept_valid: bool = False,
    effective: date | None = None,
    actor: str | None = None,
    progress: Progress | None = None,
    trust_crs: bool = False,
    policy: Policy | None = None,
    dry_run: bool = False,
) -> RetryReport:
    """Try rejected rows again: those of a mended workbook (or CSV) at ``path``, else the open ones as they were kept.

    Each goes the way of an import again (mapping, datum, source and effective day of the import that rejected it; all
    checks), in one transaction for all, and what is good is stored as an import of its own, which settles the row.  ``rows``,
    ``kind`` and ``import_id`` choose among the open ones.  One error stops everything, unless ``accept_valid`` takes the good
    rows; the others stay open with their new faults.  A row whose code a later import has brought is refused; with
    ``effective`` (from when the rows hold) after that, it is taken with a warning.  With ``dry_run`` nothing is written.

    Raises
    ------
    ReadError, NotFoundError, SettingsError, MappingError
        The file, a row, or the mapping that is kept of the import cannot be used.
    IntakeError
        Rows break rules; all faults are carried, nothing was written.
    DatabaseError
        The database is not migrated, busy or refuses; nothing was written.
    """
    require_migrated(db)
    if path is not None and (rows is not None or kind is not None or import_id is not None):
        raise SettingsError("A file says itself which rows are tried.", "Leave out rows, kind and import.")
    tell: Progress = progress or silent
    tell("read", 0, 1)
    mended = None if path is None else read_mended(path, db.mark)
    chosen = {"rows": rows, "kind": kind, "import_id": import_id}
    options = _Options(effective, accept_valid, actor or settings().actor, trust_crs, policy)
    if dry_run:
        with cursor_of(db) as cursor:
            tried, left_out = _tried(db, cursor, mended, chosen, options, tell)
        seen = [preview(db, each.batch, tell) for each in tried]
        # What is registered and not among these rows is no news: they are a few rows of a file.
        done: list[tuple[Stored, Any]] = [
            (stored, changes[changes["change"] != "not_in_file"]) for stored, changes in seen
        ]
    else:
        # Nobody else writes from here on, so that what is checked is what is written.
        with writing(db, "the rows tried again") as (cursor, now):
            tried, left_out = _tried(db, cursor, mended, chosen, options, tell)
            done = [
                (stored, None) for stored in write_all(cursor, now, [(each.batch, nothing) for each in tried], tell)
            ]
    with nullcontext() if dry_run else once_written():
        reports = [each.report(*stored) for each, stored in zip(tried, done, strict=True)]
        failing = tuple(mendable(db, each.group, each.wrong) for each in tried if each.wrong)
        return RetryReport(tuple(reports), tuple(left_out), sum(len(each.ids) for each in failing), failing)


@dataclass(frozen=True)
class _Options:
    effective: date | None
    accept_valid: bool
    actor: str
    trust_crs: bool
    policy: Policy | None


@dataclass(frozen=True)
class _Tried:
    """One import's rows after all checks: all their faults, of those that are ``wrong`` by rejected row, and the batch."""

    group: Group
    checked: Checked
    batch: Batch
    faults: tuple[Fault, ...]
    wrong: dict[int, Sequence[Fault]]
    told: tuple[str, str] | None

    def report(self, stored: Stored, changes: Any) -> ImportReport:
        """What was done with them."""
        found = self.checked.report(self.batch, stored, changes)
        return replace(found, faults=self.faults, tried=self.group.named(found.file_name))


def _tried(
    db: Database,
    cursor: Any,
    mended: Mended | None,
    chosen: dict[str, Any],
    options: _Options,
    tell: Progress,
) -> tuple[list[_Tried], list[str]]:
    """The rows of each import after all checks, and in words those that are left out.

    Raises
    ------
    IntakeError
        Rows have errors and good ones are not wanted alone, or two imports would bring one code; all faults are carried.
    """
    groups, left_out = groups_to_try(cursor, mended, chosen["rows"], chosen["kind"], chosen["import_id"])
    found: list[_Tried] = []
    for done, group in enumerate(groups):
        tell("check", done, len(groups))
        found.append(_examined(db, cursor, group, mended, options))
    told = [each.told for each in found if each.told]
    if told:
        faults = [fault for each in found for fault in each.faults]
        error = IntakeError("\n".join(message for message, _ in told), told[0][1], faults)
        error.failing = tuple(mendable(db, each.group, each.wrong) for each in found if each.wrong)
        raise error
    _refuse_twice(found)
    return found, left_out


def _examined(db: Database, cursor: Any, group: Group, mended: Mended | None, options: _Options) -> _Tried:
    origin, plan = group.origin, group.plan()
    file_name = origin.file_name if mended is None else mended.file_name
    source = group.source(file_name, mended.sha256 if mended else _digest(group))
    own = [row.id for row in group.rows.values()]

    def more(rows: Rows) -> None:
        group.add_findings(rows, plan)
        _add_newer(cursor, group, rows, options.effective, own)

    day = options.effective or origin.effective
    trusted = options.trust_crs or bool((origin.reading or {}).get("trust_crs"))
    asked = Asked(day, origin.crs, trust_crs=trusted, policy=options.policy)
    checked = check_source(db, source, plan, asked, more)
    checked.around(unheard)
    of = [group.rows[number] for number in checked.rows.rows.tolist()]
    faults = list(checked.suspicion)
    by_row: dict[int, list[Fault]] = {}
    for position, fault in checked.placed:
        shown = group.told(of[position], fault) if position >= 0 else fault
        faults.append(shown)
        if position >= 0:
            by_row.setdefault(of[position].id, []).append(shown)
    for row, fault in group.left_out():
        faults.append(fault)
        by_row[row.id] = [fault]
    wrong: dict[int, Sequence[Fault]] = {
        number: own for number, own in by_row.items() if any(fault.severity == "error" for fault in own)
    }
    batch = checked.batch(effective=day, gone="keep", accept_valid=options.accept_valid, actor=options.actor)
    bad = [row for row, is_bad in zip(of, checked.bad, strict=True) if is_bad]
    batch = replace(
        batch,
        rejected=[(row.row, group.said(row), by_row.get(row.id, [])) for row in bad],
        mapping=origin.mapping | {"retry_of": origin.root},
        reading=origin.reading or {"columns": group.columns},
        retried=Retried(
            tuple(group.rows[number].id for number in batch.good.rows.tolist()), tuple(row.id for row in bad)
        ),
    )
    return _Tried(group, checked, batch, tuple(faults), wrong, _complaint(group, checked, options))


def _complaint(group: Group, checked: Checked, options: _Options) -> tuple[str, str] | None:
    named = group.named(checked.source.title)
    told = complaint(checked, options.accept_valid, "keep", named)
    if told is None and group.skipped and not options.accept_valid:
        return (
            f"{checked.source.title}, {named}: the mapping leaves out {len(group.skipped)} of the rows as they are; "
            "nothing was written.",
            "Mend them, or pass --accept-valid to take the other rows.",
        )
    return told


def _digest(group: Group) -> str:
    told = json.dumps([row.values for row in group.rows.values()], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _add_newer(cursor: Any, group: Group, rows: Rows, effective: date | None, own: Sequence[int]) -> None:
    keys = rows.keys()
    found = newer(cursor, group.origin, sorted({str(key) for key in keys if key is not None}), own)
    for position, key in enumerate(keys):
        if key is None or str(key) not in found:
            continue
        later = found[str(key)]
        follows = effective is not None and effective > later.since
        said = f"{later} has brought {key} since."
        advice = (
            f"{said} From {effective} on this row takes its place."
            if follows
            else f"{said} Dismiss this row, or say with --effective a day after {later.since} from which it holds."
        )
        rule = "newer_before" if follows else "newer_registered"
        rows.findings.add([position], rows.kind.key[0], {position: key}, rule, advice)


def _refuse_twice(tried: Sequence[_Tried]) -> None:
    """Refuse a code that rows of two imports would bring: the second would change what the first has just written."""
    seen: dict[tuple[str, str], int] = {}
    twice: list[Fault] = []
    for place, each in enumerate(tried):
        kind = each.batch.kind
        for number, key, is_bad in zip(
            each.checked.rows.rows.tolist(), each.checked.rows.keys(), each.checked.bad, strict=True
        ):
            if not is_bad and seen.setdefault((kind.name, str(key)), place) != place:
                advice = "A row of another import that is tried with it has the same code. Try one of them alone."
                row = each.group.rows[number].row
                twice.append(Fault(row, str(key), kind.key[0], str(key), "duplicate_key", "error", advice))
    if twice:
        raise IntakeError(
            f"{len(twice)} codes stand in rows of two imports; nothing was written.",
            "Try the rows of one import at a time: --import N.",
            twice,
        )
