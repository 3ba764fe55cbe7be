"""Pairs of candidates of which no weighting within stated bounds turns the order round, in closed form.

With shares w of the weights, Σ w = 1, and bounds low ≤ w ≤ high, a stands before b for every such w if

    min { Σ wᵢ gᵢ : low ≤ w ≤ high, Σ wᵢ = 1 } > 0,   gᵢ = aᵢ − bᵢ.

Put w = low + v with 0 ≤ v ≤ high − low and Σ v = 1 − Σ low.  Then Σ w g = low · g + Σ vᵢ gᵢ: what is left of the weight, 1 − Σ
low, is to be given out so that it costs least.  Were vⱼ > 0 while some i with gᵢ < gⱼ had room, moving weight from j to i
would lower the sum; so at the least, weight is given where g is smallest first, each up to high − low, until none is left (the
fractional knapsack of Dantzig, 1957).  One sort gives it; no solver is needed.  An unknown result counts as 0 for a and
as 1 for b, the worst for a, so that what is settled is settled whatever is found.
"""

from __future__ import annotations

import numpy as np

from geo.judge.measures import Floats
from geo.judge.routes import Mask


def weight_bounds(weights: Floats, spread: float) -> tuple[Floats, Floats]:
    """The bounds of each weight as a share of 1: the policy's times 1 − spread and 1 + spread, at most 1."""
    shares = weights / weights.sum()
    return shares * (1 - spread), np.minimum(shares * (1 + spread), 1.0)


def settled_pairs(results: Floats, applies: Mask, weights: Floats, spread: float) -> Mask:
    """(n, n): whether row a stands before row b whatever the weights within their bounds, and whatever is unknown.

    ``results`` (n, k) in 0–1, NaN where unknown; ``applies`` (n, k); ``weights`` (k,), of which the shares of 1 are taken
    among the criteria that count for both.  Rows in which different criteria count are not compared: false.
    """
    return least_margins(results, applies, weights, spread) > 0


def least_margins(results: Floats, applies: Mask, weights: Floats, spread: float) -> Floats:
    """(n, n): the least by which row a's score is above row b's under any weights within bounds, 0–1 a whole score.

    NaN for a row against itself and for rows in which different criteria count.
    """
    n, k = results.shape
    margins = np.full((n, n), np.nan)
    if not k:
        return margins
    worst, best = np.nan_to_num(results, nan=0.0), np.nan_to_num(results, nan=1.0)
    patterns, group = np.unique(applies, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(group.reshape(-1) == number)
        if not pattern.any():
            continue
        low, high = weight_bounds(weights[pattern], spread)
        a, b = worst[np.ix_(rows, pattern)], best[np.ix_(rows, pattern)]
        for place, row in enumerate(rows):
            margins[row, rows] = least(a[place] - b, low, high)
    np.fill_diagonal(margins, np.nan)
    return margins


def least(gains: Floats, low: Floats, high: Floats) -> Floats:
    """The least of gains · w over low ≤ w ≤ high, Σ w = 1, for each row of ``gains`` (m, k)."""
    left = 1.0 - low.sum()
    order = np.argsort(gains, axis=1)
    room = (high - low)[order]
    before = np.cumsum(room, axis=1) - room
    given = np.clip(left - before, 0.0, room)
    found: Floats = gains @ low + (np.take_along_axis(gains, order, axis=1) * given).sum(axis=1)
    return found
