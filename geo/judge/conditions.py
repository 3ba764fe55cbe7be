"""Hard conditions with three answers: pass, fail, unknown.  A missing value is unknown, never a pass and never a fail."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.fields.measures import MEASURES
from geo.judge import records
from geo.judge.measures import Codes, is_text, numbers, texts, to_shown
from geo.policy import Condition

#: outcomes in the order of their strength: the smallest of a row's decides
FAIL, UNKNOWN, PASS = range(3)
OUTCOMES = ("fail", "unknown", "pass")
#: the same of a flag, which never changes a verdict
FLAGGED = ("clear", "unknown", "raised")
VERDICTS = ("no", "unknown", "candidate")

_COMPARE = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    ">": np.greater,
    "<": np.less,
    "==": np.equal,
}


def outcomes(frame: pd.DataFrame, conditions: Sequence[Condition]) -> Codes:
    """The outcome of each condition for each row: (n, k) codes, 0 fail, 1 unknown, 2 pass.

    Raises
    ------
    NotFoundError
        The frame lacks a measure.
    """
    found = np.empty((len(frame), len(conditions)), dtype=np.uint8)
    for place, condition in enumerate(conditions):
        found[:, place] = _outcome(frame, condition)
    return found


def _outcome(frame: pd.DataFrame, condition: Condition) -> Codes:
    if is_text(condition.measure):
        column = texts(frame, condition.measure)
        wanted = allowed(condition)
        # One place more at the end, so that -1 (unknown) points at it.
        table = np.array([PASS if word in wanted else FAIL for word in column.words] + [UNKNOWN], dtype=np.uint8)
        return table[column.places]
    values = numbers(frame, condition.measure)
    threshold = condition.threshold
    passed = _COMPARE[condition.op](values, float(threshold) if isinstance(threshold, int | float) else np.nan)
    return np.where(np.isnan(values), UNKNOWN, np.where(passed, PASS, FAIL)).astype(np.uint8)


def allowed(condition: Condition) -> frozenset[str]:
    """The texts that a condition on text lets pass."""
    value = condition.value
    if isinstance(value, bool):
        return frozenset({"true" if value else "false"})
    return frozenset(value) if isinstance(value, tuple) else frozenset({str(value)})


def threshold_text(condition: Condition) -> str:
    """What a condition asks for, with its operator, in its own unit: ``>= 50``, ``in north_bund, north_middle_ring``."""
    value = condition.value
    if isinstance(value, float):
        return f"{condition.op} {value:.15g}"
    return f"{condition.op} {', '.join(value) if isinstance(value, tuple) else str(value).lower()}"


def asked_of(route: str | None, condition: Condition) -> dict[str, str | None]:
    """What a record on a condition says of every parcel alike: route, condition, field, threshold, unit, clause."""
    return {
        "route": route,
        "condition": condition.id,
        "field": condition.measure,
        "threshold": threshold_text(condition),
        "unit": unit_of(condition.measure, condition.unit),
        "clause": condition.ground,
    }


def reasons(
    frame: pd.DataFrame,
    asked: Sequence[tuple[str | None, Condition]],
    codes: Codes,
    words: tuple[str, str, str] = OUTCOMES,
) -> pd.api.extensions.ExtensionArray:
    """Every condition of every row as a record: route, condition, outcome, field, value, text, threshold, unit, clause.

    ``asked`` are the conditions, each with the route that asks for it (null: the rule itself).  ``value`` and ``threshold``
    stand in ``unit``, the one that the policy writes; ``text`` is the value where the measure is text.  Unknown is null.
    ``words`` say the outcomes.
    """
    told = [asked_of(route, condition) for route, condition in asked]
    return records.answered(told, codes, words, [shown(frame, c.measure, c.unit) for _, c in asked])


def shown(frame: pd.DataFrame, measure: str, unit: str | None) -> records.Shown:
    """What was found of a measure, as it is shown: a number in ``unit`` (``None``: the measure's own), or a text."""
    if is_text(measure):
        return None, texts(frame, measure)
    return numbers(frame, measure) * to_shown(measure, unit), None


def unit_of(measure: str, unit: str | None) -> str | None:
    """The unit that a value is shown in: the policy's, else the measure's own; ``None`` for text."""
    return unit or MEASURES[measure].unit
