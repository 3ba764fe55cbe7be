"""``python -m benchmarks.robustness [N] [--criteria K] [--draws D]``: SMAA of N candidates, ours and a plain one.

The plain way is what one writes first with NumPy and SciPy: draw, multiply, ``scipy.stats.rankdata`` of each draw, count.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
from scipy.stats import rankdata

from benchmarks.__main__ import RESULTS
from geo.judge.dominance import settled_pairs
from geo.judge.robustness import acceptability
from geo.policy import policy

SEED = 20250307
#: the share of results that are unknown, and of candidates of a route in which the first criterion does not count
UNKNOWN, OTHER_ROUTE = 0.15, 0.4


def main() -> None:
    """Measure, and add what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", nargs="?", type=int, default=500)
    parser.add_argument("--criteria", type=int, default=8)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--note", default="", help="what else ran on the machine")
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
    lines = [
        f"\n## Robustness of a ranking, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"\n{n:,} candidates, {k} criteria, {asked.draws:,} draws, {UNKNOWN:.0%} of the results unknown; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python {platform.python_version()}, "
        f"numpy {np.__version__}; median of {asked.times}. {asked.note}",
        "\n| way | seconds (all) |\n| --- | --- |",
    ]
    for name, way in ways.items():
        seconds = [_timed(way) for _ in range(asked.times if name != "plain" else 3)]
        each = ", ".join(f"{s:.3f}" for s in seconds)
        lines.append(f"| {name} | {statistics.median(seconds):.3f} ({each}) |")
        if name == "ours":
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
            lines.append(f"| peak memory of the process by then | {peak:,.0f} MiB |")
    text = "\n".join(lines) + "\n"
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(text)
    sys.stdout.write(text)


def _timed(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
