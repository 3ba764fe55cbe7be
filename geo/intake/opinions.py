"""人工意见 out of the workbook that the office filled in, into the registry: who, when, and on which list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from geo.apart import apart
from geo.database import Database, require_migrated
from geo.errors import IntakeError, ReadError
from geo.fields.faults import Fault
from geo.fields.headings import LIST_SHEETS, OPINION_HEADS
from geo.fields.opinions import OPINION, OPINIONS
from geo.intake.importing import Asked, check_source, today
from geo.intake.loading import settle
from geo.intake.no_text import Lost, no_text
from geo.intake.own_stamp import workbook_stamp
from geo.intake.read import Source, checked_suffix
from geo.intake.report import ImportReport, Progress, silent
from geo.intake.sheets import workbook_cells
from geo.intake.specs import Mapping, Spec
from geo.intake.unchanged import read_unchanged, size_of
from geo.intake.values import as_text
from geo.settings import settings

#: lines in which the headings are looked for: people put lines of their own above
_TOP = 20
_CODE = "地块编号"
_FIELDS = tuple(column.name for column in OPINIONS.columns)
_CHOOSE = f"Choose one of {', '.join(words[0] for words in OPINION.values())}."
_AS_TEXT = "Format these cells as text and type the words again."
#: what an office says, and by whom and when it is said
_SAID, _SIGNED = ("opinion", "opinion_reason", "survey_result"), ("opinion_by", "opinion_on")
#: opinions by what they say of the verdict
_AGAINST = {"同意": "no", "不同意": "candidate"}


@dataclass(frozen=True)
class OpinionReport:
    """What a filled-in workbook brought: the import (``None``: nothing new), and the parcels whose opinion parts from the list.

    ``differs`` are those of which the office says candidate and the list no, or the other way round.
    """

    rule: str
    imported: ImportReport | None
    differs: tuple[str, ...]

    def summary(self) -> str:
        """One line: what was written, or that nothing was."""
        return "No opinion that is not registered already." if self.imported is None else self.imported.summary()


@dataclass(frozen=True)
class _Filled:
    """One row as it came back: where it stands, its code, its sheet's verdict, what was filled in, and the headings' places."""

    sheet: str
    line: int
    code: str
    verdict: str | None
    told: dict[str, Any]
    columns: dict[str, int]


def opinions(
    db: Database,
    path: str | Path,
    *,
    effective: date | None = None,
    actor: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> OpinionReport:
    """Take the opinions out of a workbook of candidates that was filled in, as one import of kind ``opinions``.

    Rows are taken whose opinion, reason or survey result is not as the workbook was given out with; an empty row says
    nothing, so an older workbook never takes back what came since (to withdraw an opinion choose 待定, or undo its import).
    Where no person or day is filled in, ``actor`` and the day of the import stand.  ``effective``: from when they hold
    (default: today).  A computed verdict is never altered.

    Raises
    ------
    ReadError
        It is no workbook of candidates, or words in it became a formula or an error.
    IntakeError
        A cell is none of the choices, or no day; all faults are carried, nothing was written.
    DatabaseError
        The database is not migrated, busy or refuses; nothing was written.
    """
    require_migrated(db)
    file, tell = Path(path), progress or silent
    if file.is_file() and file.suffix.lower() != ".xlsx":
        raise ReadError(f"{file.name} is no .xlsx workbook.", "Save the filled-in list as .xlsx.")
    checked_suffix(file)
    tell("read", 0, 1)

    def both() -> tuple[dict[str, list[list[Any]]], Lost]:
        size = size_of(file)
        return apart(workbook_cells, file, name=file.name, size=size), apart(no_text, file, name=file.name, size=size)

    (cells, lost), sha256 = read_unchanged(file, both)
    kept = workbook_stamp(file, cells)
    stamp, given = kept["stamp"], kept["given"]
    if not stamp.get("rule"):
        raise ReadError(f"{file.name} does not say by which rule it was judged.", "Export the list again.")
    tables = {name: found for name, lines in cells.items() if (found := _table(file, name, lines)) is not None}
    gone = [fault for name, table in tables.items() for fault in _gone(table, lost.get(name, {}))]
    filled = [row for table in tables.values() for row in _rows(file, table)]
    new = [row for row in filled if _is_new(row.told, given.get(row.code, {}))]
    rule = str(stamp["rule"])
    if not new:
        _refuse_gone(file, gone)
        return OpinionReport(rule, None, ())
    day, by = today(db), actor or settings().actor
    basis = _basis(stamp)
    rows = [_row(row, rule, given.get(row.code, {}), basis, by, day) for row in new]
    frame = pd.DataFrame(rows, columns=list(_FIELDS), dtype=object)
    n = len(frame)
    numbers = np.arange(1, n + 1, dtype=np.int64)
    source = Source(file.name, sha256, None, frame, numbers, None, np.zeros(n, dtype=bool), None)
    plan = Mapping("filled-in list", OPINIONS, {name: Spec(column=name) for name in _FIELDS}, source=file.name)
    checked = check_source(db, source, plan, Asked(effective or day, tell=tell))
    if not checked.bad.any():
        _refuse_gone(file, gone)
    try:
        (report,) = settle(db, [checked], day=effective or day, actor=by, tell=tell, dry_run=dry_run)
    except IntakeError as error:
        told = f" Besides, the spreadsheet took words for a formula or an error ({len(gone)})." if gone else ""
        raise IntakeError(
            error.message + told,
            "Mend these cells of the workbook, save it, and give it again; nothing was taken from it.",
            (*gone, *_in_place(error.faults, new)),
        ) from None
    # An empty row says nothing: that more is registered than is filled in anew is as it should be, and no news.
    changes = None if report.changes is None else report.changes[report.changes["change"] != "not_in_file"]
    report = replace(report, faults=_in_place(report.faults, new), changes=changes)
    parted = sorted(row.code for row in new if _AGAINST.get(str(row.told.get("opinion"))) == row.verdict)
    return OpinionReport(rule, report, tuple(parted))


@dataclass(frozen=True)
class _Table:
    """One sheet that has the headings: its lines, the first of which are ``top`` + 1 and above them, and where what stands."""

    sheet: str
    verdict: str | None
    lines: list[list[Any]]
    top: int
    heads: list[str]
    place: dict[str, int]

    def line(self, number: int, column: int) -> Any:
        """The cell of a line, counted from 0; nothing where the line is shorter."""
        line = self.lines[number]
        return line[column] if column < len(line) else None

    def code(self, number: int) -> str | None:
        """The parcel's code on a line."""
        return as_text(self.line(number, self.heads.index(_CODE)))


def _table(file: Path, sheet: str, lines: list[list[Any]]) -> _Table | None:
    """A sheet with its headings; ``None`` where it has none and needs none."""
    verdict = next((verdict for verdict, name in LIST_SHEETS.items() if name == sheet), None)
    tops = [["".join(str(cell).split()) for cell in line] for line in lines[:_TOP]]
    top = next((n for n, heads in enumerate(tops) if _CODE in heads and OPINION_HEADS["opinion"] in heads), None)
    if top is None:
        if verdict is not None:
            raise ReadError(
                f"Sheet {sheet} of {file.name} has no line with the headings {_CODE} and {OPINION_HEADS['opinion']}.",
                "Leave the headings as they are.",
            )
        return None
    heads = tops[top]
    place = {name: heads.index(head) for name, head in OPINION_HEADS.items() if head in heads}
    return _Table(sheet, verdict, lines, top, heads, place)


def _gone(table: _Table, lost: dict[tuple[int, int], str]) -> Iterator[Fault]:
    """What was typed into a sheet and is no text there: formulas without a result, and errors."""
    for (row, column), told in lost.items():
        if row > table.top and column in table.place.values() and not _plain(table.line(row, column)):
            head = f"{get_column_letter(column + 1)}{row + 1}（{table.heads[column]}）"
            field = next(name for name, at in table.place.items() if at == column)
            yield Fault(row + 1, table.code(row), field, told, "no_text", "error", _AS_TEXT, f"{table.sheet} {head}")


def _refuse_gone(file: Path, gone: list[Fault]) -> None:
    if gone:
        each = "; ".join(f"{fault.where}{fault.value}" for fault in gone)
        raise ReadError(
            f"{file.name} has words that the spreadsheet took for a formula or an error: {each}.",
            f"{_AS_TEXT[:-1]}; nothing was taken from the workbook.",
        )


def _in_place(faults: Iterable[Fault], new: list[_Filled]) -> tuple[Fault, ...]:
    """Faults as they stand on the sheets: with the sheet, its own line, the parcel, the heading, and what the office can do."""
    lines: dict[str, list[str]] = {}
    for row in new:
        lines.setdefault(row.code, []).append(f"{row.sheet} {row.line}")

    def placed(fault: Fault) -> Fault:
        if fault.row is None:
            return fault
        row = new[fault.row - 1]
        head = OPINION_HEADS.get(fault.field, _CODE)
        letter = get_column_letter(row.columns[head] + 1) if head in row.columns else ""
        several = f"One parcel has several opinions ({', '.join(lines[row.code])}): keep one."
        return replace(
            fault,
            where=f"{row.sheet} {letter}{row.line}（{head}）",
            row=row.line,
            key=row.code,
            value=row.code if fault.rule == "duplicate_key" else fault.value,
            advice={"unknown_choice": _CHOOSE, "duplicate_key": several}.get(fault.rule, fault.advice),
        )

    return tuple(placed(fault) for fault in faults)


def _rows(file: Path, table: _Table) -> Iterator[_Filled]:
    """The rows of a sheet that something was filled into, or that bear a code."""
    columns = {head: at for at, head in enumerate(table.heads) if head}
    for number in range(table.top + 1, len(table.lines)):
        told = {n: cell for n, at in table.place.items() if _plain(cell := table.line(number, at))}
        code = table.code(number)
        if told and not code:
            raise ReadError(
                f"Sheet {table.sheet} of {file.name} has an opinion on line {number + 1} without {_CODE}: "
                f"{next(iter(told.values()))!r}.",
                f"Fill in {_CODE}, or empty the line.",
            )
        if code:
            yield _Filled(table.sheet, number + 1, code, table.verdict, told, columns)


def _plain(cell: Any) -> str:
    """A cell as it is compared: days as ISO, text without spaces around."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else (as_text(cell) or "").strip()


def _is_new(told: dict[str, Any], given: dict[str, Any]) -> bool:
    """Whether a row says something, and something else than it was given out with: who and when, put right, count too."""
    if not any(_plain(told.get(name)) for name in _SAID):
        return False
    signed = any(_plain(told.get(name)) not in ("", _plain(given.get(name))) for name in _SIGNED)
    return signed or not _as_given(told, given)


def _as_given(told: dict[str, Any], given: dict[str, Any]) -> bool:
    return all(_plain(told.get(name)) == _plain(given.get(name)) for name in _SAID)


def _row(row: _Filled, rule: str, given: dict[str, Any], basis: str, by: str, day: date) -> list[Any]:
    told = dict(row.told)
    if _as_given(told, given):
        # The opinion is the earlier one: what was not put right of its name and its day stays.
        told = {name: given.get(name) for name in _SIGNED} | told
    # The name and the day that stand beside what was given out are those of the earlier opinion.
    elif not told.get("opinion_on") or _plain(told["opinion_on"]) == _plain(given.get("opinion_on")):
        told["opinion_on"] = day.isoformat()
        if _plain(told.get("opinion_by")) == _plain(given.get("opinion_by")):
            told["opinion_by"] = by
    told["opinion_by"] = told.get("opinion_by") or by
    filled = [told.get(name) for name in OPINION_HEADS]
    return [rule, row.code, *filled, basis, row.verdict]


def _basis(stamp: dict[str, Any]) -> str:
    run = [f"运行 {stamp['run_id']}"] if "run_id" in stamp else []
    rest = [f"政策 {stamp['policy']}", f"数据版本 {stamp['data_version']}"] if "data_version" in stamp else []
    return "，".join([*run, *rest]) or "未注明"
