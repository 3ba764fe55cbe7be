"""人工意见 out of the workbook that the office filled in, into the registry: who, when, and on which list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from geo.apart import apart
from geo.database import Database, require_migrated
from geo.errors import ReadError
from geo.fields.headings import LIST_SHEETS, OPINION_HEADS
from geo.fields.opinions import OPINIONS
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
    """One row as it came back: its code, the verdict of its sheet, and what was filled in, by column."""

    code: str
    verdict: str | None
    told: dict[str, Any]


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
    if checked_suffix(file) != ".xlsx":
        raise ReadError(f"{file.name} is no .xlsx workbook.", "Save the filled-in list as .xlsx.")
    tell("read", 0, 1)

    def both() -> tuple[dict[str, list[list[Any]]], Lost]:
        size = size_of(file)
        return apart(workbook_cells, file, name=file.name, size=size), apart(no_text, file, name=file.name, size=size)

    (cells, lost), sha256 = read_unchanged(file, both)
    kept = workbook_stamp(file, cells)
    stamp, given = kept["stamp"], kept["given"]
    if not stamp.get("rule"):
        raise ReadError(f"{file.name} does not say by which rule it was judged.", "Export the list again.")
    filled = [row for name, lines in cells.items() for row in _rows(file, name, lines, lost.get(name, {}))]
    new = [row for row in filled if _is_new(row.told, given.get(row.code, {}))]
    rule = str(stamp["rule"])
    if not new:
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
    (report,) = settle(db, [checked], day=effective or day, actor=by, tell=tell, dry_run=dry_run)
    parted = sorted(row.code for row in new if _AGAINST.get(str(row.told.get("opinion"))) == row.verdict)
    return OpinionReport(rule, report, tuple(parted))


def _rows(file: Path, sheet: str, lines: list[list[Any]], lost: dict[tuple[int, int], str]) -> Iterator[_Filled]:
    """The rows of a sheet that has the headings; none of one that has not."""
    verdict = next((verdict for verdict, name in LIST_SHEETS.items() if name == sheet), None)
    tops = [["".join(str(cell).split()) for cell in line] for line in lines[:_TOP]]
    top = next((n for n, heads in enumerate(tops) if _CODE in heads and OPINION_HEADS["opinion"] in heads), None)
    if top is None:
        if verdict is not None:
            raise ReadError(
                f"Sheet {sheet} of {file.name} has no line with the headings {_CODE} and {OPINION_HEADS['opinion']}.",
                "Leave the headings as they are.",
            )
        return
    heads = tops[top]
    place = {name: heads.index(head) for name, head in OPINION_HEADS.items() if head in heads}
    code_at = heads.index(_CODE)
    gone = [
        f"{get_column_letter(column + 1)}{row + 1}（{heads[column]}）{told}"
        for (row, column), told in lost.items()
        if row > top and column in place.values() and not _plain(lines[row][column])
    ]
    if gone:
        raise ReadError(
            f"Sheet {sheet} of {file.name} has words that the spreadsheet took for a formula or an error: {'; '.join(gone)}.",
            "Format these cells as text and type the words again; nothing was taken from the workbook.",
        )
    for line in lines[top + 1 :]:
        told = {name: line[at] for name, at in place.items() if at < len(line) and _plain(line[at])}
        code = as_text(line[code_at]) if code_at < len(line) else None
        if told and not code:
            raise ReadError(
                f"Sheet {sheet} of {file.name} has an opinion on a line without {_CODE}: {next(iter(told.values()))!r}.",
                f"Fill in {_CODE}, or empty the line.",
            )
        if code:
            yield _Filled(code, verdict, told)


def _plain(cell: Any) -> str:
    """A cell as it is compared: days as ISO, text without spaces around."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else (as_text(cell) or "").strip()


def _is_new(told: dict[str, Any], given: dict[str, Any]) -> bool:
    said = {name: _plain(told.get(name)) for name in ("opinion", "opinion_reason", "survey_result")}
    return any(said.values()) and said != {name: _plain(given.get(name)) for name in said}


def _row(row: _Filled, rule: str, given: dict[str, Any], basis: str, by: str, day: date) -> list[Any]:
    told = dict(row.told)
    # The name and the day that stand beside what was given out are those of the earlier opinion.
    if not told.get("opinion_on") or _plain(told["opinion_on"]) == _plain(given.get("opinion_on")):
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
