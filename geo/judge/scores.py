"""Scores from 0 to 100 with an interval where a criterion is unknown, and what each criterion adds.

score_low = 100 · Σ wᵢ fᵢ(xᵢ) / Σ wᵢ over known criteria; score_high adds 100 · wᵢ / Σ wᵢ for each unknown one, since its
value function lies in 0–1.  ``score`` is the cautious end, score_low.  Σ wᵢ goes over the criteria that count in the row's
route.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.judge import records
from geo.judge.conditions import unit_of
from geo.judge.measures import Floats, Texts, is_text, numbers, texts, to_shown
from geo.policy import Criterion

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scores:
    """Scores of n rows by k criteria, each row in one route.

    ``results`` (n, k) in 0–1 and ``added`` (n, k) in points are NaN where unknown; ``applies`` (n, k): what counts.
    """

    low: Floats
    high: Floats
    results: Floats
    added: Floats
    applies: Mask


def value_results(frame: pd.DataFrame, criteria: Sequence[Criterion]) -> Floats:
    """What each criterion's value function gives for each row: (n, k) in 0–1, NaN where unknown.

    Raises
    ------
    NotFoundError
        The frame lacks a measure.
    """
    results = np.empty((len(frame), len(criteria)))
    for place, criterion in enumerate(criteria):
        results[:, place] = _results(frame, criterion)
    return results


def scores(results: Floats, weights: Floats, applies: Mask) -> Scores:
    """Scores of results (n, k) by weights (k,) where ``applies`` (n, k); a row in which no criterion counts has none (NaN)."""
    counted = np.where(applies, weights, 0.0)
    whole = counted.sum(axis=1, keepdims=True)
    points: Floats = np.divide(100.0 * counted, whole, out=np.zeros_like(counted), where=whole > 0)
    added: Floats = np.where(applies, results, np.nan) * points
    unknown = np.isnan(results) & applies
    low = np.where(np.isnan(added), 0.0, added).sum(axis=1)
    high = low + np.where(unknown, points, 0.0).sum(axis=1)
    none = whole[:, 0] == 0
    low, high = (np.where(none, np.nan, np.minimum(end, 100.0)) for end in (low, high))
    return Scores(low, high, results, added, applies)


def _results(frame: pd.DataFrame, criterion: Criterion) -> Floats:
    if criterion.categories is not None:
        column = texts(frame, criterion.measure)
        # A text that the policy gives no value is as good as unknown: between 0 and 1.
        known = [criterion.categories.get(word, np.nan) for word in column.words]
        table: Floats = np.array([*known, np.nan], dtype=np.float64)
        return table[column.places]
    xs, ys = zip(*criterion.corners, strict=True)
    # np.interp is flat outside the corners and leaves NaN as it is.
    found: Floats = np.interp(numbers(frame, criterion.measure), xs, ys)
    return found


def contributions(
    frame: pd.DataFrame, criteria: Sequence[Criterion], found: Scores
) -> pd.api.extensions.ExtensionArray:
    """Every criterion of every row as a record.

    Its fields: criterion, applies, field, value, text, unit, result, weight, contribution, clause.
    ``value`` stands in ``unit``; ``result`` is the value function's (0–1), ``contribution`` the points that it adds; both
    are null where the criterion is unknown, and ``weight`` too where it does not count in the row's route (``applies``
    false).  The known contributions sum to score_low.
    """
    n, k = found.results.shape
    shown: list[tuple[Floats | None, Texts | None]] = [_found(frame, criterion) for criterion in criteria]
    values = np.column_stack([np.full(n, np.nan) if number is None else number for number, _ in shown] or [np.empty(n)])
    fields = {
        "criterion": records.repeated([c.id for c in criteria], n),
        "applies": pa.array(found.applies.ravel()),
        "field": records.repeated([c.measure for c in criteria], n),
        "value": records.numbers(values[:, :k]),
        "text": records.texts([text for _, text in shown], n),
        "unit": records.repeated([unit_of(c.measure, c.unit) for c in criteria], n),
        "result": records.numbers(np.where(found.applies, found.results, np.nan)),
        "weight": records.numbers(np.where(found.applies, [c.weight for c in criteria], np.nan)),
        "contribution": records.numbers(found.added),
        "clause": records.repeated([c.ground for c in criteria], n),
    }
    return records.lists(fields, n, k)


def _found(frame: pd.DataFrame, criterion: Criterion) -> tuple[Floats | None, Texts | None]:
    if is_text(criterion.measure):
        return None, texts(frame, criterion.measure)
    return numbers(frame, criterion.measure) * to_shown(criterion.measure, criterion.unit), None
