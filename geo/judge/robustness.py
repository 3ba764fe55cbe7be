"""How far a ranking hangs on weights that nobody can know to a digit, and on figures that are unknown.

Stochastic multicriteria acceptability analysis (SMAA-2, Lahdelma & Salminen, Operations Research 49, 2001): weights are
drawn around the policy's and unknown results from their interval, and it is counted how often each candidate stands at
each rank.  Beside it stand the pairs of which no weighting within stated bounds turns the order round, in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import SettingsError
from geo.judge.measures import Floats
from geo.judge.routes import Mask, ways_of
from geo.judge.scores import value_results
from geo.policy import Robustness, Rule

#: scores that are in memory at once: some 64 MB of float64
_AT_ONCE = 8_000_000


@dataclass(frozen=True)
class Acceptability:
    """What n candidates come to under all draws, in the order in which they were given.

    ``top`` (n,) is the share of draws in the first ``top_k`` ranks, ``ranks`` (n, n) the share at each rank, the first rank
    first, ``expected`` (n,) the mean rank.  Each row of ``ranks`` and each column sums to 1.
    """

    top: Floats
    ranks: Floats
    expected: Floats


def acceptability(results: Floats, applies: Mask, weights: Floats, settings: Robustness, seed: int) -> Acceptability:
    """Draw weights w ~ Dirichlet(c · w̄), w̄ the policy's as shares of 1, and unknown results u ~ U(0, 1); rank each draw.

    ``results`` (n, k) in 0–1, NaN where unknown; ``applies`` (n, k) says what counts for a row; ``weights`` (k,).  The score
    is Σ w r / Σ w over what counts.  Equal scores keep the order of the rows.  Equal seeds give equal answers.
    """
    n, k = results.shape
    if not n or not k:
        return Acceptability(np.zeros(n), np.zeros((n, n)), np.full(n, np.nan))
    draws, top_k = settings.draws.value, settings.top_k.value
    random = np.random.default_rng(seed)
    counts = np.zeros((n, n), dtype=np.int64)
    counted = applies.astype(np.float64)
    known = np.where(applies & ~np.isnan(results), results, 0.0)
    unknown = np.argwhere(applies & np.isnan(results))
    block = max(1, _AT_ONCE // max(n, 1))
    for start in range(0, draws, block):
        size = min(block, draws - start)
        drawn = random.dirichlet(settings.concentration.value * weights / weights.sum(), size)
        score = drawn @ known.T
        for column in range(k):
            rows = unknown[unknown[:, 1] == column, 0]
            if len(rows):
                score[:, rows] += drawn[:, [column]] * random.random((size, len(rows)))
        whole = drawn @ counted.T
        score = np.divide(score, whole, out=np.zeros_like(score), where=whole > 0)
        order = np.argsort(-score, axis=1, kind="stable")
        places = np.arange(n)
        np.add.at(counts, (order.ravel(), np.tile(places, size)), 1)
    ranks = counts / draws
    return Acceptability(ranks[:, :top_k].sum(axis=1), ranks, ranks @ np.arange(1, n + 1))


def weight_bounds(weights: Floats, spread: float) -> tuple[Floats, Floats]:
    """The bounds of each weight as a share of 1: the policy's times 1 − spread and 1 + spread, at most 1."""
    shares = weights / weights.sum()
    return shares * (1 - spread), np.minimum(shares * (1 + spread), 1.0)


def settled_pairs(results: Floats, applies: Mask, weights: Floats, spread: float) -> Mask:
    """(n, n): whether row a stands before row b whatever the weights within their bounds, and whatever is unknown.

    The weights are shares of 1 among the criteria that count for both.  a stands before b for all w with low ≤ w ≤ high and
    Σ w = 1 if the least of Σ wᵢ (aᵢ − bᵢ) is above 0, a at its lowest and b at its highest where they are unknown.  That least
    is a fractional knapsack: every weight at its lower bound, and what is left of 1 given where a − b is smallest first, up
    to the upper bounds.  Rows in which different criteria count are not compared: false.
    """
    n, k = results.shape
    settled = np.zeros((n, n), dtype=bool)
    if not k:
        return settled
    worst, best = np.nan_to_num(results, nan=0.0), np.nan_to_num(results, nan=1.0)
    patterns, group = np.unique(applies, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(group.reshape(-1) == number)
        if not pattern.any():
            continue
        low, high = weight_bounds(weights[pattern], spread)
        a, b = worst[np.ix_(rows, pattern)], best[np.ix_(rows, pattern)]
        for place, row in enumerate(rows):
            least = _least(a[place] - b, low, high)
            settled[row, rows] = (least > 0) & (rows != row)
    return settled


def _least(gains: Floats, low: Floats, high: Floats) -> Floats:
    """The least of gains · w over low ≤ w ≤ high, Σ w = 1; ``gains`` (m, k)."""
    left = 1.0 - low.sum()
    order = np.argsort(gains, axis=1)
    room = (high - low)[order]
    before = np.cumsum(room, axis=1) - room
    given = np.clip(left - before, 0.0, room)
    found: Floats = gains @ low + (np.take_along_axis(gains, order, axis=1) * given).sum(axis=1)
    return found


def robustness(judged: pd.DataFrame, rule: Rule, settings: Robustness, *, seed: int) -> pd.DataFrame:
    """One row for each candidate of a judged frame, by rank: how far its place hangs on weights and unknowns.

    Columns: ``parcel_code``, ``rank``, ``score``, ``top_share`` (share of draws among the first ``top_k``), ``rank_share``
    (share of draws at its own rank), ``expected_rank``, ``rank_low`` and ``rank_high`` (between which 90 % of the draws lie),
    ``n_behind`` (candidates that stand behind it whatever the weights within the bounds).

    Raises
    ------
    SettingsError
        The rule has no criteria, so that there are no weights to vary.
    """
    if not rule.criteria:
        raise SettingsError("The rule has no criteria: there is no ranking by weights.", "Choose another rule.")
    chosen = judged[judged["verdict"] == "candidate"].sort_values("rank")
    ways = ways_of(rule)
    place = {name: number for number, name in enumerate(ways.names)}
    routes = np.array([place[route if isinstance(route, str) else None] for route in chosen["route"]], dtype=np.intp)
    results, applies = value_results(chosen, rule.criteria), ways.criteria[routes]
    weights = np.array([criterion.weight for criterion in rule.criteria])
    found = acceptability(results, applies, weights, settings, seed)
    behind = settled_pairs(results, applies, weights, settings.weight_spread.share).sum(axis=1)
    n = len(chosen)
    along = np.cumsum(found.ranks, axis=1)
    return pd.DataFrame(
        {
            "parcel_code": chosen["parcel_code"].to_numpy(),
            "rank": chosen["rank"].to_numpy(),
            "score": chosen["score"].to_numpy(),
            "top_share": found.top,
            "rank_share": found.ranks[np.arange(n), np.arange(n)],
            "expected_rank": found.expected,
            "rank_low": _first(along, 0.05),
            "rank_high": _first(along, 0.95),
            "n_behind": behind,
        }
    )


def _first(along: Floats, share: float) -> npt.NDArray[np.int64]:
    """The first rank by which so large a share of the draws is counted."""
    found: npt.NDArray[np.int64] = (along < share - 1e-12).sum(axis=1) + 1
    return found
