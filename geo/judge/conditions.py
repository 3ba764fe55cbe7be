"""Hard conditions with three answers: pass, fail, unknown.  A missing value is unknown, never a pass and never a fail."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.fields.measures import MEASURES
from geo.judge import records
from geo.judge.measures import Codes, Floats, Texts, is_text, numbers, texts, to_shown
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
    conditions = [condition for _, condition in asked]
    n, k = codes.shape
    shown: list[tuple[Floats | None, Texts | None]] = [_found(frame, condition) for condition in conditions]
    values = np.column_stack([np.full(n, np.nan) if number is None else number for number, _ in shown] or [np.empty(n)])
    fields = {
        "route": records.repeated([route for route, _ in asked], n),
        "condition": records.repeated([c.id for c in conditions], n),
        "outcome": records.chosen(codes.ravel(), words),
        "field": records.repeated([c.measure for c in conditions], n),
        "value": records.numbers(values[:, :k]),
        "text": records.texts([text for _, text in shown], n),
        "threshold": records.repeated([threshold_text(c) for c in conditions], n),
        "unit": records.repeated([unit_of(c.measure, c.unit) for c in conditions], n),
        "clause": records.repeated([c.ground for c in conditions], n),
    }
    return records.lists(fields, n, k)


def _found(frame: pd.DataFrame, condition: Condition) -> tuple[Floats | None, Texts | None]:
    if is_text(condition.measure):
        return None, texts(frame, condition.measure)
    return numbers(frame, condition.measure) * to_shown(condition.measure, condition.unit), None


def unit_of(measure: str, unit: str | None) -> str | None:
    """The unit that a value is shown in: the policy's, else the measure's own; ``None`` for text."""
    return unit or MEASURES[measure].unit
