"""Which other values a field could have that make a difference to a rule, and the smallest sets of them that do.

An outcome turns at the thresholds of the conditions only, so the values on both sides of each are all that need trying: of a
number the nearest ones that are possible (a share lies in 0–1, a count is whole), of a text every word of its catalogue.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from geo.fields import KINDS
from geo.fields.measures import MEASURES
from geo.judge.conditions import OUTCOMES, allowed, outcomes, unit_of
from geo.judge.measures import is_text, to_shown
from geo.judge.rules import judge
from geo.policy import Condition, Rule

#: changes that are told, the smallest first
TOLD = 3
#: how large a change is whose distance nobody can tell: of a text, and of a figure that is not to be read
_WHOLE_STEP = 1.0
#: what a figure can be at all, by its unit
_LOWEST = {"share": 0.0, "count": 0.0, "m": 0.0, "m2": 0.0}
_HIGHEST = {"share": 1.0}
_WHOLE = ("count",)


@dataclass(frozen=True)
class Change:
    """One field from one value to another, in ``unit``: ``operator`` says how the new value is meant (``>=`` 30, ``<`` 50).

    ``size`` is the change over the field's scale (:class:`geo.fields.measures.Measure`), 1 for a text; ``value`` the new
    value in the measure's own unit, that was judged.  ``old`` is ``None`` where it is not known, and where it is kept back
    (``sealed``): then the size is 1, for the distance would give it away.
    """

    field: str
    old: float | str | None
    operator: str
    new: float | str
    unit: str | None
    changed_by: str | None
    size: float
    value: float | str
    sealed: bool = False


@dataclass(frozen=True)
class Flip:
    """Changes of one field or more that together give another verdict; ``size`` is the sum of theirs.

    ``route`` is the one that is then taken, where the verdict is ``candidate``.
    """

    changes: tuple[Change, ...]
    verdict: str
    route: str | None
    size: float


#: by field, the values that are tried
Choices = dict[str, list[Change]]


def choices(row: pd.DataFrame, conditions: Sequence[Condition], sealed: frozenset[str]) -> Choices:
    """For each field that the conditions ask for, the values at which an outcome turns; ``row`` is a frame of one row."""
    found: Choices = {}
    for field in sorted({condition.measure for condition in conditions}):
        old = row[field].iloc[0]
        known = None if pd.isna(old) else old
        asked = [condition for condition in conditions if condition.measure == field]
        # That a figure is not known is no secret.
        kept_back = field in sealed and known is not None
        by_value = {change.value: change for each in asked for change in _values(each, known, kept_back)}
        found[field] = list(by_value.values())
    return found


def _values(condition: Condition, old: Any, sealed: bool) -> Iterable[Change]:
    field, unit, measure = condition.measure, unit_of(condition.measure, condition.unit), MEASURES[condition.measure]
    if is_text(field):
        was = None if old is None else str(old).lower() if isinstance(old, bool | np.bool_) else str(old)
        words = _words(field)
        for word in sorted(allowed(condition) | set(words)):
            backward = measure.onward and was in words and word in words and words.index(word) < words.index(was)
            if word != was and not backward:
                yield Change(
                    field, None if sealed else was, "is", word, None, measure.changed_by, _WHOLE_STEP, word, sealed
                )
        if was in allowed(condition) and not words:
            yield Change(field, was, "is not", was, None, measure.changed_by, _WHOLE_STEP, "", sealed)
        return
    before = None if old is None or sealed else float(old) * to_shown(field, condition.unit)
    for operator, new, value in _sides(condition):
        size = _WHOLE_STEP if sealed else 0.0 if old is None else abs(value - float(old)) / measure.scale
        yield Change(field, before, operator, new, unit, measure.changed_by, size, value, sealed)


def _words(field: str) -> tuple[str, ...]:
    """The words that a registered choice can be, in the catalogue's order; none where the field is no such column."""
    for kind in KINDS.values():
        for column in kind.columns:
            if column.name == field and column.choices:
                return tuple(column.choices)
    return ()


def _sides(condition: Condition) -> list[tuple[str, float, float]]:
    """Both sides of a threshold: operator, the figure as the policy writes it, and the nearest possible value there."""
    unit = MEASURES[condition.measure].unit or ""
    threshold, written = float(condition.threshold), float(condition.value)  # type: ignore[arg-type]
    whole = unit in _WHOLE
    at_least, at_most = (math.ceil(threshold), math.floor(threshold)) if whole else (threshold, threshold)
    above = math.floor(threshold) + 1.0 if whole else float(np.nextafter(threshold, np.inf))
    below = math.ceil(threshold) - 1.0 if whole else float(np.nextafter(threshold, -np.inf))
    low, high = (">=", "<=") if whole else (">", "<")
    shown = to_shown(condition.measure, condition.unit)
    sides = {
        ">=": ((">=", at_least), (high, below)),
        ">": ((low, above), ("<=", at_most)),
        "<=": (("<=", at_most), (low, above)),
        "<": ((high, below), (">=", at_least)),
        "==": (("=", threshold), (low, above), (high, below)),
    }[condition.op]
    return [
        (operator, value * shown if whole else written, float(value))
        for operator, value in sides
        if _LOWEST.get(unit, -np.inf) <= value <= _HIGHEST.get(unit, np.inf)
    ]


def smallest(
    row: pd.DataFrame, rule: Rule, tried: Choices, goal: str, most: int, order: Sequence[str] = ()
) -> tuple[Flip, ...]:
    """The smallest sets of changes by which the verdict becomes ``goal``: of one field, else of two, … up to ``most``.

    ``row`` is a frame of one row; each set is judged, and only what the judgement says is given.  Of as many fields those
    that stand first in ``order`` go first (of a set its last field counts), then the smaller changes.
    """
    for n in range(1, min(most, len(tried)) + 1):
        sets = [chosen for fields in combinations(tried, n) for chosen in product(*(tried[field] for field in fields))]
        found = holding(row, rule, sets, goal, order)
        if found:
            return found
    return ()


def holding(
    row: pd.DataFrame, rule: Rule, sets: Sequence[tuple[Change, ...]], goal: str, order: Sequence[str] = ()
) -> tuple[Flip, ...]:
    """Those of the sets by which the verdict becomes ``goal``, first by ``order`` and then by size, a few of them."""
    if not sets:
        return ()
    changed = changed_rows(row, sets)
    judged = judge(changed, rule)
    found = [
        Flip(changes, goal, _route(route) if goal == "candidate" else None, sum(change.size for change in changes))
        for changes, verdict, route in zip(sets, judged["verdict"], judged["route"], strict=True)
        if verdict == goal
    ]
    places = {field: place for place, field in enumerate(order)}

    def last(flip: Flip) -> int:
        return max(places.get(change.field, len(places)) for change in flip.changes)

    found.sort(key=lambda flip: (last(flip), flip.size, [(c.field, str(c.new)) for c in flip.changes]))
    return tuple(found[:TOLD])


def _route(route: Any) -> str | None:
    return None if pd.isna(route) else str(route)


def changed_rows(row: pd.DataFrame, sets: Sequence[tuple[Change, ...]]) -> pd.DataFrame:
    """A row for each set of changes, with them made."""
    rows = pd.concat([row] * len(sets), ignore_index=True).assign(parcel_code=[f"{i:09}" for i in range(len(sets))])
    for field in sorted({change.field for changes in sets for change in changes}):
        column = rows[field]
        if pd.api.types.is_bool_dtype(column.dtype):
            column = column.map({True: "true", False: "false"}, na_action="ignore")
        values: pd.Series[Any] = column.astype(object) if is_text(field) else column.astype("float64")
        made = {i: c.value for i, changes in enumerate(sets) for c in changes if c.field == field}
        values.iloc[list(made)] = list(made.values())
        rows[field] = values
    return rows


def passing(row: pd.DataFrame, conditions: Sequence[Condition], tried: Sequence[Change]) -> Change | None:
    """The first of the values of one field with which all the conditions on it pass; ``None`` where none does."""
    for change in tried:
        codes = outcomes(changed_rows(row, [(change,)]), conditions)
        if all(OUTCOMES[code] == "pass" for code in codes[0]):
            return change
    return None


def standing_in(conditions: Sequence[Condition], told: Sequence[str]) -> float | str | None:
    """A value of a field that is kept back by which its conditions come to what is told of them; ``None`` if unknown."""
    if not conditions or "unknown" in told:
        return None
    field = conditions[0].measure
    empty = pd.DataFrame({field: [None]})
    for change in choices(empty, conditions, frozenset())[field]:
        codes = outcomes(changed_rows(empty.assign(parcel_code=""), [(change,)]), conditions)
        if [OUTCOMES[code] for code in codes[0]] == list(told):
            return change.value
    # A text that none of the conditions names.
    return "" if is_text(field) and set(told) == {"fail"} else None
