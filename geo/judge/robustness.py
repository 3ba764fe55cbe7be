"""How far a ranking hangs on weights that nobody can know to a digit, and on figures that are unknown.

Stochastic multicriteria acceptability analysis (SMAA-2, Lahdelma & Salminen, Operations Research 49, 2001): weights are
drawn around the policy's and unknown results from their interval, and it is counted how often each candidate stands at
each rank.  Beside it stand the pairs of which no weighting turns the order round (:mod:`geo.judge.dominance`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.errors import SettingsError
from geo.judge.dominance import least_margins
from geo.judge.measures import Floats
from geo.judge.routes import Mask, ways_of
from geo.judge.scores import value_results
from geo.policy import Robustness, Rule

#: scores that are in memory at once: some 4 MB of float64, which stay near the processor
_AT_ONCE = 500_000
#: ranks that are counted one by one; of more candidates several ranks are counted together
RANKS = 1_000
#: candidates by rank of which all pairs are compared: two millions of them
PAIRED = 2_000
#: bits of a whole number that hold score and row together
_BITS = 62


@dataclass(frozen=True)
class Acceptability:
    """What n candidates come to under all draws, in the order in which they were given.

    ``top`` (n,) is the share of draws in the first ``top_k`` ranks, ``own`` (n,) the share at the place where it was given,
    ``ranks`` (n, r) the share at each rank, the first rank first, ``expected`` (n,) the mean rank.  Each row of ``ranks``
    sums to 1.  Of more than :data:`RANKS` candidates a column of ``ranks`` counts ``width`` ranks together.
    """

    top: Floats
    own: Floats
    ranks: Floats
    expected: Floats
    width: int


def acceptability(results: Floats, applies: Mask, weights: Floats, settings: Robustness, seed: int) -> Acceptability:
    """Draw weights w ~ Dirichlet(c · w̄), w̄ the policy's as shares of 1, and unknown results u ~ U(0, 1); rank each draw.

    ``results`` (n, k) in 0–1, NaN where unknown; ``applies`` (n, k) says what counts for a row; ``weights`` (k,).  The score
    is Σ w r / Σ w over what counts.  Equal scores keep the order of the rows.  Equal seeds give equal answers.
    """
    n, k = results.shape
    if not n or not k:
        return Acceptability(np.zeros(n), np.zeros(n), np.zeros((n, n)), np.full(n, np.nan), 1)
    draws, top_k = settings.draws.value, settings.top_k.value
    random = np.random.default_rng(seed)
    width = -(-n // RANKS)
    columns = -(-n // width)
    place = np.arange(n)
    counts = np.zeros(n * columns, dtype=np.int64)
    top, own, total = (np.zeros(n, dtype=np.int64) for _ in range(3))
    counted = applies.astype(np.float64)
    known = np.where(applies & ~np.isnan(results), results, 0.0)
    unknown = [np.flatnonzero((applies & np.isnan(results))[:, column]) for column in range(k)]
    block = max(1, _AT_ONCE // n)
    for start in range(0, draws, block):
        size = min(block, draws - start)
        drawn = random.dirichlet(settings.concentration.value * weights / weights.sum(), size)
        score = drawn @ known.T
        for column, rows in enumerate(unknown):
            if len(rows):
                score[:, rows] += drawn[:, [column]] * random.random((size, len(rows)))
        whole = drawn @ counted.T
        order = _best_first(np.divide(score, whole, out=np.zeros_like(score), where=whole > 0))
        top += np.bincount(order[:, :top_k].ravel(), minlength=n)
        own += (order == place).sum(axis=0)
        total += np.bincount(order.ravel(), weights=np.tile(place + 1.0, size), minlength=n).astype(np.int64)
        counts += np.bincount((order * columns + place // width).ravel(), minlength=n * columns)
    return Acceptability(top / draws, own / draws, counts.reshape(n, columns) / draws, total / draws, width)


def _best_first(score: Floats) -> npt.NDArray[np.int64]:
    """For each draw the rows by falling score, ties by row: whole numbers that hold both sort many times faster than places.

    The bits that the row does not need hold the score, to 2⁻⁵³ for 500 rows: what is nearer than that is a tie.
    """
    n = score.shape[1]
    bits = (n - 1).bit_length()
    keys: npt.NDArray[np.int64] = ((1.0 - score) * 2.0 ** (_BITS - bits)).astype(np.int64)
    keys <<= bits
    keys |= np.arange(n)
    keys.sort(axis=1)
    keys &= (1 << bits) - 1
    return keys


def robustness(judged: pd.DataFrame, rule: Rule, settings: Robustness, *, seed: int) -> pd.DataFrame:
    """One row for each candidate of a judged frame, by rank: how far its place hangs on weights and unknowns.

    Columns: ``parcel_code``, ``rank``, ``score``, ``top_share`` (share of draws among the first ``top_k``), ``rank_share``
    (share of draws at its own rank), ``expected_rank``, ``rank_low`` and ``rank_high`` (between which 90 % of the draws lie),
    ``n_behind`` (candidates that stand behind it whatever the weights within the bounds; of the first :data:`PAIRED` ones,
    NA for others), ``rank_shares`` (an Arrow list: the share of draws at each rank, from the first to the last that occurs).

    Raises
    ------
    SettingsError
        The rule has no criteria, so that there are no weights to vary.
    """
    chosen, results, applies, weights = _ranked(judged, rule)
    found = acceptability(results, applies, weights, settings, seed)
    n = len(chosen)
    margins = least_margins(results[:PAIRED], applies[:PAIRED], weights, settings.weight_spread.share)
    behind = pd.array([pd.NA] * n, dtype="Int64")
    behind[:PAIRED] = (margins > 0).sum(axis=1)
    along = np.cumsum(found.ranks, axis=1)
    return pd.DataFrame(
        {
            "parcel_code": chosen["parcel_code"].to_numpy(),
            "rank": chosen["rank"].to_numpy(),
            "score": chosen["score"].to_numpy(),
            "top_share": found.top,
            "rank_share": found.own,
            "expected_rank": found.expected,
            "rank_low": (_first(along, 0.05) - 1) * found.width + 1,
            "rank_high": np.minimum(_first(along, 0.95) * found.width, n),
            "n_behind": behind,
            "rank_shares": _lists(found.ranks),
        }
    )


def settled(judged: pd.DataFrame, rule: Rule, settings: Robustness) -> pd.DataFrame:
    """Every pair of candidates of which no weights within the bounds turn the order round, by both ranks.

    Columns: ``parcel_a`` (stands before), ``parcel_b``, ``margin`` (the least by which it does, in points of the score).  Of
    the first :data:`PAIRED` candidates; candidates of routes in which different criteria count are not compared.

    Raises
    ------
    SettingsError
        The rule has no criteria.
    """
    chosen, results, applies, weights = _ranked(judged, rule)
    margins = least_margins(results[:PAIRED], applies[:PAIRED], weights, settings.weight_spread.share)
    a, b = np.nonzero(margins > 0)
    codes = chosen["parcel_code"].to_numpy()
    return pd.DataFrame({"parcel_a": codes[a], "parcel_b": codes[b], "margin": 100 * margins[a, b]})


def _ranked(judged: pd.DataFrame, rule: Rule) -> tuple[pd.DataFrame, Floats, Mask, Floats]:
    """The candidates by rank, what their criteria came to, which of them count, and the weights."""
    if not rule.criteria:
        raise SettingsError("The rule has no criteria: there is no ranking by weights.", "Choose another rule.")
    chosen = pd.DataFrame(judged[judged["verdict"] == "candidate"]).sort_values("rank")
    ways = ways_of(rule)
    place = {name: number for number, name in enumerate(ways.names)}
    routes = np.array([place[route if isinstance(route, str) else None] for route in chosen["route"]], dtype=np.intp)
    weights = np.array([criterion.weight for criterion in rule.criteria])
    return chosen, value_results(chosen, rule.criteria), ways.criteria[routes], weights


def _first(along: Floats, share: float) -> npt.NDArray[np.int64]:
    """The first column by which so large a share of the draws is counted, from 1."""
    found: npt.NDArray[np.int64] = (along < share - 1e-12).sum(axis=1) + 1
    return found


def _lists(ranks: Floats) -> pd.api.extensions.ExtensionArray:
    """Each row up to its last share above 0, as an Arrow list."""
    n, columns = ranks.shape
    lengths = (columns - (ranks[:, ::-1] > 0).argmax(axis=1)) if columns else np.zeros(n, dtype=np.int64)
    kept = ranks[np.arange(columns) < lengths[:, None]]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.ListArray.from_arrays(offsets, pa.array(kept))]))
