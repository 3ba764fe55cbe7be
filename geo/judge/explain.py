"""Why a parcel has its verdict, and the smallest change that would give it another one.

Only fields that somebody can change are varied, one first, then two, and none on which a condition rests that the rule
starts from: to make offices of housing so that they may become research defeats the rule.  Every change is judged again
before it is told: a change is what :func:`geo.judge.rules.judge` says of the changed parcel, not what this room thinks of
it.  Changes of different fields go by the policy's order, and by their size where it says none: the distance over the
field's scale in the catalogue (:class:`geo.fields.measures.Measure`), 1 for a text; of two fields, the sum.  All other
figures stay as they are, those that are worked out from the changed one, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import NotFoundError
from geo.fields.measures import MEASURES
from geo.judge.changes import Change, Choices, Flip, choices, holding, passing, smallest, standing_in
from geo.judge.conditions import FAIL, outcomes
from geo.judge.rules import judge
from geo.policy import Condition, Rule

__all__ = ["Change", "Explanation", "Flip", "explain", "explain_recorded"]

#: fields that are changed at once: a proposal of more is a wish
_FIELDS = 2
#: of a record, what tells the value that was found
_TELLING = ("value", "text", "result")


@dataclass(frozen=True)
class Explanation:
    """What one rule says of one parcel.

    ``reasons`` and ``contributions`` are the records of :func:`geo.judge.rules.judge`.  ``flips``: the changes to
    ``candidate``, the easiest to bring about first; where none leads there from ``no``, those to ``unknown``; of a candidate
    those to ``no``, or, where none of as few fields leads there, to ``unknown``; empty where no change of one or two fields
    does it.  ``answers``: of an unknown verdict what would have to be found of the unknown fields for it to become
    ``candidate``, then for it to become ``no``, whoever could change them.
    """

    parcel_code: str
    rule: str
    verdict: str
    route: str | None
    target_codes: str | None
    score: float | None
    score_high: float | None
    rank: int | None
    reasons: tuple[dict[str, Any], ...]
    contributions: tuple[dict[str, Any], ...]
    flips: tuple[Flip, ...]
    answers: tuple[Flip, ...]

    def told(self, outcome: str) -> tuple[dict[str, Any], ...]:
        """The reasons of one outcome: ``pass``, ``fail``, ``unknown``."""
        return tuple(reason for reason in self.reasons if reason["outcome"] == outcome)

    def table(self) -> pd.DataFrame:
        """The changes as a frame, one row each: what, n (which proposal), verdict, route, and the fields of a change.

        ``what`` is ``change`` (somebody would have to bring it about) or ``answer`` (it would have to be found so).
        """
        rows = [
            {"what": what, "n": n, "verdict": flip.verdict, "route": flip.route} | asdict(change)
            for what, flips in (("change", self.flips), ("answer", self.answers))
            for n, flip in enumerate(flips, start=1)
            for change in flip.changes
        ]
        names = ["what", "n", "verdict", "route", *Change.__dataclass_fields__]
        return pd.DataFrame(rows, columns=names)


def explain(
    frame: pd.DataFrame,
    rule: Rule,
    parcel: str,
    name: str = "",
    *,
    sealed: Iterable[str] = (),
    order: Sequence[str] = (),
) -> Explanation:
    """Explain what a rule says of the parcel of that code in a measured frame; ``name`` is what the rule is called.

    Of ``sealed`` fields the values are kept back: they are judged by and not told.  ``order`` names the fields whose changes
    are told first (:attr:`geo.policy.Policy.levers`).

    Raises
    ------
    NotFoundError
        The frame has no such parcel.
    """
    place = _place(frame, parcel)
    judged = judge(frame, rule).iloc[place].to_dict()
    row = pd.DataFrame(frame.iloc[[place]]).reset_index(drop=True)
    return _explained(row, rule, name, judged, frozenset(sealed), order)


def explain_recorded(
    judged: pd.DataFrame, rule: Rule, parcel: str, name: str = "", *, order: Sequence[str] = ()
) -> Explanation:
    """The same of a judgement that is on record: what it says stands, and its facts are all that there are to judge again.

    A value that the record keeps back (its outcome is told, what was found is not) is stood in for by one with which every
    condition on it comes to what is told; it is not shown.  Where the facts do not lead to the verdict on record, by this
    program as it is now, no change is told.

    Raises
    ------
    NotFoundError
        There is no such parcel.
    """
    place = _place(judged, parcel)
    record = judged.iloc[place].to_dict()
    row = pd.DataFrame(judged.iloc[[place]]).reset_index(drop=True)
    sealed = {
        reason["field"]
        for reason in record["reasons"]
        if reason["outcome"] != "unknown" and reason["value"] is None and reason["text"] is None
    }
    told = {reason["condition"]: reason["outcome"] for reason in record["reasons"]}
    conditions = [condition for _, condition in rule.asked]
    for field in {c.measure for c in conditions} | {c.measure for c in rule.criteria}:
        if field in sealed:
            asked = [condition for condition in conditions if condition.measure == field]
            row[field] = pd.Series([standing_in(asked, [told.get(c.id, "unknown") for c in asked])], dtype=object)
        elif field not in row:
            row[field] = pd.Series([None], dtype=object)
    again = judge(row, rule).iloc[0]
    if again["verdict"] != record["verdict"]:
        row = row.iloc[:0]
    return _explained(row, rule, name, again.to_dict() | record, frozenset(sealed), order)


def _place(frame: pd.DataFrame, parcel: str) -> int:
    place = np.flatnonzero((frame["parcel_code"] == parcel).to_numpy())
    if not len(place):
        raise NotFoundError(f"There is no parcel {parcel!r}.", "Check the code, and the day that is asked about.")
    return int(place[0])


def _explained(
    row: pd.DataFrame,
    rule: Rule,
    name: str,
    judged: Mapping[Any, Any],
    sealed: frozenset[str],
    order: Sequence[str],
) -> Explanation:
    verdict = str(judged["verdict"])
    return Explanation(
        parcel_code=str(judged["parcel_code"]),
        rule=name,
        verdict=verdict,
        route=_or_none(judged["route"]),
        target_codes=_or_none(judged["target_codes"]),
        score=_or_none(judged["score"]),
        score_high=_or_none(judged["score_high"]),
        rank=None if pd.isna(judged["rank"]) else int(judged["rank"]),
        reasons=_kept_back(judged["reasons"], sealed),
        contributions=_kept_back(judged["contributions"], sealed),
        flips=_flips(row, rule, verdict, sealed, order) if len(row) else (),
        answers=_answers(row, rule, sealed) if len(row) and verdict == "unknown" else (),
    )


def _or_none(value: Any) -> Any:
    return None if pd.isna(value) else value


def _kept_back(records: Iterable[dict[str, Any]], sealed: frozenset[str]) -> tuple[dict[str, Any], ...]:
    return tuple(
        record | dict.fromkeys(set(_TELLING) & set(record)) if record["field"] in sealed else record
        for record in records
    )


def _flips(
    row: pd.DataFrame, rule: Rule, verdict: str, sealed: frozenset[str], order: Sequence[str]
) -> tuple[Flip, ...]:
    conditions = [condition for _, condition in rule.asked]
    given = {condition.measure for condition in conditions if condition.id in rule.given}
    changeable = {
        field: changes
        for field, changes in choices(row, conditions, sealed).items()
        if MEASURES[field].changed_by is not None and field not in given and not pd.isna(row[field].iloc[0])
    }
    if verdict == "candidate":
        # Who is unknown is no candidate either; of as many fields, what ends it goes before what leaves it open.
        either = (
            smallest(row, rule, changeable, goal, n, order) for n in range(1, _FIELDS + 1) for goal in ("no", "unknown")
        )
        return next((found for found in either if found), ())
    found = smallest(row, rule, changeable, "candidate", _FIELDS, order)
    return found if found or verdict == "unknown" else smallest(row, rule, changeable, "unknown", _FIELDS, order)


def _answers(row: pd.DataFrame, rule: Rule, sealed: frozenset[str]) -> tuple[Flip, ...]:
    """What would have to be found: for each route that is open all that it lacks, as it wants it; then what ends them all."""
    conditions = [condition for _, condition in rule.asked]
    tried = choices(row, conditions, sealed)
    unknown = {field: changes for field, changes in tried.items() if pd.isna(row[field].iloc[0])}
    sets: list[tuple[Change, ...]] = []
    names: list[str | None] = [route.id for route in rule.routes]
    for name in names or [None]:
        asked = [condition for route, condition in rule.asked if route in (None, name)]
        if (outcomes(row, asked) == FAIL).any():
            continue
        found = _as_wanted(row, asked, unknown)
        if found is not None and found not in sets:
            sets.append(found)
    # Who is a candidate by one route already need not know what another one lacks.
    needed = [one for one in sets if not any(set(other) < set(one) for other in sets)]
    fewest = sorted(holding(row, rule, needed, "candidate"), key=lambda flip: len(flip.changes))
    return (*fewest, *smallest(row, rule, unknown, "no", max(len(rule.routes), 1)))


def _as_wanted(row: pd.DataFrame, asked: Sequence[Condition], unknown: Choices) -> tuple[Change, ...] | None:
    changes = []
    for field, tried in unknown.items():
        conditions = [condition for condition in asked if condition.measure == field]
        if conditions:
            change = passing(row, conditions, tried)
            if change is None:
                return None
            changes.append(change)
    return tuple(changes) or None
