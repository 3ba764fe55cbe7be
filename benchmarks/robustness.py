"""``python -m benchmarks.robustness [N] [--criteria K] [--draws D]``: SMAA of N candidates, ours and a plain one.

The plain way is what one writes first with NumPy and SciPy: draw, multiply, ``scipy.stats.rankdata`` of each draw, count.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

from benchmarks.side_by_side import add, each, heading, options, table
from geo.judge.dominance import settled_pairs
from geo.judge.robustness import acceptability
from geo.policy import policy

SEED = 20250307
#: the share of results that are unknown, and of candidates of a route in which the first criterion does not count
UNKNOWN, OTHER_ROUTE = 0.15, 0.4


def main() -> None:
    """Measure, and add what was found."""
    parser = options(__doc__, sizes=False, times=5)
    parser.add_argument("n", nargs="?", type=int, default=500)
    parser.add_argument("--criteria", type=int, default=8)
    parser.add_argument("--draws", type=int, default=10_000)
    asked = parser.parse_args()
    rng = np.random.default_rng(SEED)
    n, k = asked.n, asked.criteria
    results = np.where(rng.random((n, k)) < UNKNOWN, np.nan, rng.random((n, k)))
    applies = np.ones((n, k), dtype=bool)
    applies[rng.random(n) < OTHER_ROUTE, 0] = False
    weights = rng.uniform(1, 4, k)
    hongkou = policy("hongkou-2025").with_changes({"robustness.draws.value": asked.draws}).robustness
    assert hongkou is not None
    settings = hongkou

    def plain() -> None:
        random = np.random.default_rng(SEED)
        counts = np.zeros((n, n), dtype=np.int64)
        concentration = settings.concentration.value * weights / weights.sum()
        for _ in range(asked.draws):
            drawn = random.dirichlet(concentration)
            found = np.where(np.isnan(results), random.random((n, k)), results)
            score = (found * applies) @ drawn / (applies @ drawn)
            counts[np.arange(n), rankdata(-score, method="ordinal") - 1] += 1

    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: acceptability(results, applies, weights, settings, SEED),
        "plain": plain,
        "pairs that no weights turn": lambda: settled_pairs(results, applies, weights, settings.weight_spread.share),
    }
    what = f"{n:,} candidates, {k} criteria, {asked.draws:,} draws, {UNKNOWN:.0%} of the results unknown"
    lines = [table("way", "seconds (all)")]
    for name, way in ways.items():
        seconds = [_timed(way) for _ in range(asked.times if name != "plain" else 3)]
        lines.append(f"| {name} | {each(seconds, 3)} |")
        if name == "ours":
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
            lines.append(f"| peak memory of the process by then | {peak:,.0f} MiB |")
    head = heading("Robustness of a ranking", ("numpy",), f"{what}; median of {asked.times}", asked.note)
    add(head + lines, dry=asked.dry)


def _timed(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
