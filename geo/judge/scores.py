"""Scores from 0 to 100 with an interval where a criterion is unknown, and what each criterion adds.

score_low = 100 · Σ wᵢ fᵢ(xᵢ) / Σ wᵢ over known criteria; score_high adds 100 · wᵢ / Σ wᵢ for each unknown one, since its
value function lies in 0–1.  ``score`` is the cautious end, score_low.  Σ wᵢ goes over the criteria that count in the row's
route.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.judge import records
from geo.judge.conditions import shown, unit_of
from geo.judge.measures import Floats, numbers, texts
from geo.policy import Criterion

Mask = npt.NDArray[np.bool_]


def value_results(frame: pd.DataFrame, criteria: Sequence[Criterion]) -> Floats:
    """What each criterion's value function gives for each row: (n, k) in 0–1, NaN where unknown.

    Raises
    ------
    NotFoundError
        The frame lacks a measure.
    """
    # By column, as they are read again.
    results = np.empty((len(frame), len(criteria)), order="F")
    for place, criterion in enumerate(criteria):
        results[:, place] = _results(frame, criterion)
    return results


def points_of(applies: Mask, weights: Floats) -> Floats:
    """The points that each criterion adds at most, 100 · wᵢ / Σ wᵢ: (r, k) by route, NaN where it does not count there."""
    counted = np.where(applies, weights, 0.0)
    points: Floats = np.full(applies.shape, np.nan)
    np.divide(100.0 * counted, counted.sum(axis=1, keepdims=True), out=points, where=applies)
    return points


def scores(results: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Both ends of the score of results (n, k) by each route's points (r, k): two of (n, r), NaN where no criterion counts."""
    shape = (len(results), len(points))
    low, high = np.zeros(shape, order="F"), np.zeros(shape, order="F")
    # One criterion after the other, so that a row's sum never hangs on the rows round it.
    for place in range(results.shape[1]):
        unknown = np.isnan(results[:, place])
        least = np.where(unknown, 0.0, results[:, place])
        most = np.where(unknown, 1.0, least)
        for route, each in enumerate(points[:, place]):
            if not np.isnan(each):
                low[:, route] += least * each
                high[:, route] += most * each
    none = np.isnan(points).all(axis=1)
    low[:, none] = high[:, none] = np.nan
    return np.minimum(low, 100.0, out=low), np.minimum(high, 100.0, out=high)


def _results(frame: pd.DataFrame, criterion: Criterion) -> Floats:
    if criterion.categories is not None:
        column = texts(frame, criterion.measure)
        # A text that the policy gives no value is as good as unknown: between 0 and 1.
        known = [criterion.categories.get(word, np.nan) for word in column.words]
        table: Floats = np.array([*known, np.nan], dtype=np.float64)
        return table[column.places]
    values = numbers(frame, criterion.measure)
    if criterion.steps is not None:
        starts, heights = (np.array(side) for side in zip(*criterion.stairs, strict=True))
        reached = np.searchsorted(starts, values, side="right") - 1
        return np.where(np.isnan(values), np.nan, heights[np.maximum(reached, 0)])
    xs, ys = zip(*criterion.corners, strict=True)
    # np.interp is flat outside the corners and leaves NaN as it is.
    found: Floats = np.interp(values, xs, ys)
    return found


def counted_of(criterion: Criterion) -> dict[str, Any]:
    """What a record on a criterion says of every parcel alike: criterion, field, unit, weight, clause."""
    return {
        "criterion": criterion.id,
        "field": criterion.measure,
        "unit": unit_of(criterion.measure, criterion.unit),
        "weight": criterion.weight,
        "clause": criterion.ground,
    }


def contributions(
    frame: pd.DataFrame, criteria: Sequence[Criterion], results: Floats, points: Floats
) -> pd.api.extensions.ExtensionArray:
    """Every criterion of every row as a record, of results (n, k) and each row's points (n, k).

    Its fields: criterion, applies, field, value, text, unit, result, weight, contribution, clause.
    ``value`` stands in ``unit``; ``result`` is the value function's (0–1), ``contribution`` the points that it adds; both
    are null where the criterion is unknown, and ``weight`` too where it does not count in the row's route (``applies``
    false).  The known contributions sum to score_low.
    """
    told = [counted_of(criterion) for criterion in criteria]
    return records.counted(told, results, points, [shown(frame, c.measure, c.unit) for c in criteria])
