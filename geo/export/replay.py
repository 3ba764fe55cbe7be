"""A list made again from its stamp, and held row by row against the file."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import sqlalchemy as sa
from pydantic import ValidationError

from geo.answers.candidates import candidates
from geo.answers.code import code_version
from geo.database import Database, require_migrated
from geo.errors import NotFoundError, PolicyError, ReadError
from geo.export.files import export
from geo.export.report_rows import SUMMARY_ROW
from geo.export.rereading import Cells, read_list
from geo.fields.kept import keep
from geo.fields.results import heading
from geo.intake.own_stamp import REPORT, own_stamp
from geo.measure.cache import data_version
from geo.policy import Policy
from geo.policy import policy as read_policy
from geo.policy.differences import differences

#: what a stamp must have for the list to be made again
_NEEDED = ("rule", "policy_hash", "policy_content", "data_version", "as_of", "code_version")
#: what only the stamps of other answers about a rule's candidates have, and what those tell
_OTHER_ANSWERS = {
    "draws": "tells how firm a ranking is (--robustness)",
    "weight_spread": "tells of which pairs no weights turn the order round (--pairs)",
    "differs": "compares two judgements (--compare)",
}
#: figures that differ by less than this share of themselves are the same: we write 17 digits, and a spreadsheet that saves
#: a workbook anew keeps 15 of them, so that 12 are held against each other and what a person changes is still seen
_CLOSE = 1e-12
WHOLE_ROW = "（整行）"
#: which columns are told first where cells differ, by their names in the formats
_FIRST = ((WHOLE_ROW,), ("verdict",), ("rank", heading("rank").zh))
#: columns that are keys of versions or say which program wrote them, and no part of the answer
_BOOKKEEPING = frozenset({"parcel_id"})
COLUMNS = ("parcel_code", "column", "in_file", "again")


@dataclass(frozen=True)
class Replay:
    """What making a list again came to.

    ``same``: every row is as in the file.  ``rows``: each cell that is not (``parcel_code``, ``column``, ``in_file``,
    ``again``; a row that one of the two lacks is one line): such rows first, then verdicts, then ranks.
    ``changed``: what is not as it was when the list was made: keys of the policy, imports since, the code.
    """

    file_name: str
    rule: str
    n_rows: int
    rows: pd.DataFrame = field(repr=False)
    changed: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every row is as in the file."""
        return self.rows.empty

    def summary(self) -> str:
        """One line: the same, or in how many rows it is not."""
        if self.same:
            return f"{self.file_name}: the same list, {self.n_rows} rows."
        kinds = [self.rows["parcel_code"][self.rows["column"].isin(names)].nunique() for names in _FIRST]
        counted = zip(kinds, ("new or gone", "with another verdict", "with another rank"), strict=True)
        told = ", ".join(f"{n} {what}" for n, what in counted if n)
        n_rows = self.rows["parcel_code"].nunique()
        return f"{self.file_name}: {n_rows} rows are not as in the file{f', {told}' if told else ''}."


def replay(db: Database, path: str | Path, *, now: bool = False, policy: Policy | str | None = None) -> Replay:
    """Make the list of a file again from its stamp, and compare it row by row; what an office filled in is left out.

    The list is made under the policy in the stamp, from the facts of that day as they were known then, by the program as it
    is.  With ``now`` it is made as today's: from today's facts, under ``policy`` (default: the one of the stamp's name).

    Raises
    ------
    ReadError
        The file is no list of candidates, bears no stamp, or its stamp was altered.
    NotFoundError
        Its rule or its policy is not there any more.
    """
    require_migrated(db)
    file = Path(path)
    stamp = own_stamp(file)
    other = next((told for name, told in _OTHER_ANSWERS.items() if name in stamp), None)
    if other is not None:
        raise ReadError(
            f"{file.name} is no list of candidates: it {other}.",
            "Replay takes what `shuangbei candidates --out` gives without that, and what the page of candidates gives.",
        )
    lacking = [name for name in _NEEDED if name not in stamp]
    if lacking:
        raise ReadError(
            f"{file.name} is no list of candidates that can be made again: its stamp has no {', '.join(lacking)}.",
            "Replay takes what `shuangbei candidates --out` and the page of candidates give.",
        )
    old = _policy_of(file, stamp)
    before = read_list(file)
    current, told = _policy_now(old, policy)
    rule, day = str(stamp["rule"]), date.fromisoformat(str(stamp["as_of"]))
    known, since = _known_at(db, stamp, day)
    then = None if now else day
    frame = candidates(db, current if now else old, rule=rule, as_of=then, known_at=None if now else known)
    again = _exported(file, frame, stamp)
    code = [] if stamp["code_version"] == code_version() else [f"code: {stamp['code_version']} → {code_version()}"]
    return Replay(file.name, rule, len(again.keys() - {SUMMARY_ROW}), _compared(before, again), (*told, *since, *code))


def _policy_of(file: Path, stamp: dict[str, Any]) -> Policy:
    content = stamp["policy_content"]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    if hashlib.sha256(text.encode()).hexdigest() != stamp["policy_hash"]:
        raise ReadError(
            f"The stamp of {file.name} was altered: its policy is not the one whose hash it bears.",
            "Export the list again.",
        )
    try:
        return Policy.model_validate(content)
    except ValidationError:
        raise ReadError(
            f"The policy in the stamp of {file.name} is of a form that this program does not know.",
            f"It was made by version {stamp['code_version']}; replay it there.",
        ) from None


def _policy_now(old: Policy, given: Policy | str | None) -> tuple[Policy, list[str]]:
    """The policy as it is today, and each of its keys that is not as it was."""
    if isinstance(given, Policy):
        current = given
    else:
        try:
            current = read_policy(given or old.id)
        except (NotFoundError, PolicyError) as error:
            if given is not None:
                raise
            return old, [f"policy: {old.id} cannot be read today ({error.message}); name it with --policy"]
    found = differences(old, current)
    return current, [f"policy: {each.key}: {_short(each.old)} → {_short(each.new)}" for each in found]


def _short(value: Any) -> str:
    text = "—" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def _known_at(db: Database, stamp: dict[str, Any], day: date) -> tuple[datetime | None, list[str]]:
    """Up to when what was recorded counts, and each import since."""
    said = str(stamp["data_version"])
    here = data_version(db, day)
    database, _, rest = said.partition(":")
    if database != here.partition(":")[0]:
        told = "data: the list is of another database; compared with what is registered here"
        return None, [told]
    number = int(rest.partition(":")[0])
    table = db.table("registry.imports")
    with db.read() as connection:
        newer = connection.execute(
            sa.select(table.c.id, table.c.kind, table.c.file_name, table.c.recorded_at, table.c.undoes)
            .where(table.c.id > number)
            .order_by(table.c.id)
        ).all()
        at = connection.scalar(sa.select(table.c.recorded_at).where(table.c.id == number))
        begun = connection.scalar(sa.text("SELECT created_at FROM registry.workspace"))
    if at is None and number:
        return None, [f"data: import {number}, up to which the list was made, is not in this database"]
    since = [
        f"data: import {row.id} since: {row.kind}, {row.file_name}, {row.recorded_at:%Y-%m-%d %H:%M}"
        + (f", undoes import {row.undoes}" if row.undoes else "")
        for row in newer
    ]
    known = stamp.get("known_at")
    return (datetime.fromisoformat(str(known)) if known else at or begun), since


def _exported(file: Path, frame: pd.DataFrame, stamp: dict[str, Any]) -> Cells:
    """The rows made again, through the same format, so that both were rounded and worded by the same code."""
    frame = keep(frame, stamp.get("kept") or {})
    if file.suffix.lower() == REPORT:
        # Its maps are pictures, which are not held against each other.
        frame = pd.DataFrame(frame.drop(columns="geometry"))
    with TemporaryDirectory() as folder:
        return read_list(export(frame, Path(folder) / f"again{file.suffix.lower()}", stamp=stamp))


def _compared(before: Cells, again: Cells) -> pd.DataFrame:
    lines: list[tuple[str, str, str, str]] = []
    for code in [*before, *(code for code in again if code not in before)]:
        if code not in again or code not in before:
            there = ("有", "无") if code in before else ("无", "有")
            lines.append((code, WHOLE_ROW, *there))
            continue
        old, new = before[code], again[code]
        names = [name for name in dict.fromkeys([*old, *new]) if name not in _BOOKKEEPING]
        lines += [
            (code, name, old.get(name, ""), new.get(name, ""))
            for name in names
            if not _same(old.get(name, ""), new.get(name, ""))
        ]
    lines.sort(key=lambda line: next((n for n, names in enumerate(_FIRST) if line[1] in names), len(_FIRST)))
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _same(one: str, other: str) -> bool:
    """Whether two cells say the same, numbers to within :data:`_CLOSE`."""
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=_CLOSE)
    except ValueError:
        return False
