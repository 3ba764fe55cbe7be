"""Why a parcel has its verdict, and the smallest change that would give it another one.

Only fields that somebody can change are varied, one first, then two.  Every change is judged again before it is told: a
change is what :func:`geo.judge.rules.judge` says of the changed parcel, not what this room thinks of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import NotFoundError
from geo.fields.measures import MEASURES
from geo.judge.conditions import allowed
from geo.judge.measures import is_text, to_shown
from geo.judge.rules import judge
from geo.policy import Condition, Rule

#: changes that are told, the smallest first
TOLD = 3


@dataclass(frozen=True)
class Change:
    """One field from one value to another, in ``unit``: ``operator`` says how the new value is meant (``>=`` 30, ``<`` 50).

    ``size`` is the change over the field's scale (:class:`geo.fields.measures.Measure`), 1 for a text; ``value`` the new
    value in the measure's own unit, that was judged.
    """

    field: str
    old: float | str | None
    operator: str
    new: float | str
    unit: str | None
    changed_by: str | None
    size: float
    value: float | str


@dataclass(frozen=True)
class Flip:
    """One or two changes that together give another verdict; ``size`` is the sum of theirs."""

    changes: tuple[Change, ...]
    verdict: str
    route: str | None
    size: float


@dataclass(frozen=True)
class Explanation:
    """What one rule says of one parcel.

    ``reasons`` and ``contributions`` are the records of :func:`geo.judge.rules.judge`.  ``flips``: the smallest changes to
    ``candidate`` (of a candidate: to ``no``), empty where no change of one or two fields does it.  ``answers``: of an unknown
    verdict what would have to be found of the unknown fields for it to become ``candidate``, whoever could change them.
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


def explain(frame: pd.DataFrame, rule: Rule, parcel: str, name: str = "") -> Explanation:
    """Explain what a rule says of the parcel of that code in a measured frame; ``name`` is what the rule is called.

    Raises
    ------
    NotFoundError
        The frame has no such parcel.
    """
    place = np.flatnonzero((frame["parcel_code"] == parcel).to_numpy())
    if not len(place):
        raise NotFoundError(f"There is no parcel {parcel!r}.", "Check the code, and the day that is asked about.")
    judged = judge(frame, rule).iloc[place[0]]
    row = frame.iloc[[int(place[0])]].reset_index(drop=True)
    verdict = str(judged["verdict"])
    goal = "no" if verdict == "candidate" else "candidate"
    known, unknown = _values(row, rule)
    return Explanation(
        parcel_code=parcel,
        rule=name,
        verdict=verdict,
        route=_or_none(judged["route"]),
        target_codes=_or_none(judged["target_codes"]),
        score=_or_none(judged["score"]),
        score_high=_or_none(judged["score_high"]),
        rank=None if pd.isna(judged["rank"]) else int(judged["rank"]),
        reasons=tuple(judged["reasons"]),
        contributions=tuple(judged["contributions"]),
        flips=_smallest(row, rule, known, goal),
        answers=_smallest(row, rule, unknown, goal, most=len(unknown)) if verdict == "unknown" else (),
    )


def _or_none(value: Any) -> Any:
    return None if pd.isna(value) else value


Choices = dict[str, list[Change]]


def _values(row: pd.DataFrame, rule: Rule) -> tuple[Choices, Choices]:
    """The values at which an outcome changes: of fields that are known and can be changed, and of those that are unknown."""
    known: Choices = {}
    unknown: Choices = {}
    for field in sorted({condition.measure for _, condition in rule.asked}):
        old = _or_none(row[field].iloc[0])
        conditions = [condition for _, condition in rule.asked if condition.measure == field]
        changes = [change for each in conditions for change in _boundaries(each, old)]
        if old is None:
            unknown[field] = changes
        elif MEASURES[field].changed_by is not None:
            known[field] = changes
    return known, unknown


def _boundaries(condition: Condition, old: Any) -> list[Change]:
    """Both sides of a condition's threshold, each as near to it as can be; of a text each word that passes, and none."""
    field, unit = condition.measure, condition.unit or MEASURES[condition.measure].unit
    by, scale = MEASURES[field].changed_by, MEASURES[field].scale
    if is_text(field):
        was = None if old is None else str(old).lower() if isinstance(old, bool | np.bool_) else str(old)
        words = sorted(allowed(condition))
        fields = [Change(field, was, "is", word, None, by, 1.0, word) for word in words if word != was]
        return [*fields, Change(field, was, "is not", words[0], None, by, 1.0, "")] if was in words else fields
    threshold = float(condition.threshold)  # type: ignore[arg-type]
    shown = threshold * to_shown(field, condition.unit)
    before = None if old is None else float(old) * to_shown(field, condition.unit)
    below, above = float(np.nextafter(threshold, -np.inf)), float(np.nextafter(threshold, np.inf))
    sides = {
        ">=": ((">=", threshold), ("<", below)),
        ">": ((">", above), ("<=", threshold)),
        "<=": (("<=", threshold), (">", above)),
        "<": (("<", below), (">=", threshold)),
        "==": (("=", threshold), (">", above)),
    }[condition.op]
    return [
        Change(field, before, operator, shown, unit, by, 0.0 if old is None else abs(value - float(old)) / scale, value)
        for operator, value in sides
    ]


def _smallest(row: pd.DataFrame, rule: Rule, choices: Choices, goal: str, most: int = 2) -> tuple[Flip, ...]:
    """The smallest sets of changes, of one field, then of two (up to ``most``), by which the verdict becomes ``goal``."""
    for n in range(1, min(most, len(choices)) + 1):
        sets = [
            changes for fields in combinations(choices, n) for changes in product(*(choices[field] for field in fields))
        ]
        if not sets:
            continue
        tried = pd.concat([row] * len(sets), ignore_index=True).assign(
            parcel_code=[f"{i:09}" for i in range(len(sets))]
        )
        for field in choices:
            tried[field] = _changed(tried[field], field, sets)
        judged = judge(tried, rule)
        found = [
            Flip(changes, goal, _or_none(route), sum(change.size for change in changes))
            for changes, verdict, route in zip(sets, judged["verdict"], judged["route"], strict=True)
            if verdict == goal
        ]
        if found:
            found.sort(key=lambda flip: (flip.size, [(c.field, str(c.new)) for c in flip.changes]))
            return tuple(found[:TOLD])
    return ()


def _changed(column: pd.Series, field: str, sets: list[tuple[Change, ...]]) -> pd.Series:
    if pd.api.types.is_bool_dtype(column.dtype):
        column = column.map({True: "true", False: "false"}, na_action="ignore")
    out: pd.Series = column.astype(object) if is_text(field) else column.astype("float64")
    for i, changes in enumerate(sets):
        for change in changes:
            if change.field == field:
                out.iloc[i] = change.value
    return out
