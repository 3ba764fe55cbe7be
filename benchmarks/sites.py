"""``python -m benchmarks.sites [CASE …]``: sites of over 100 mu, ours beside a greedy growth, a flow model and max-p.

Three made-up pieces of land a case, one after another in one process, compiled beforehand; the table has their median and,
in brackets, each.  *gap* is (found − bound)/found, the bound being the way's own where it has one, and *over the best* how
much more difficult what was found is than the best of all ways.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.side_by_side import add, each, heading, options, table
from benchmarks.site_land import Case, land
from benchmarks.site_peers import Peer, flow, greedy, max_p
from geo.judge.sites.clock import Clock
from geo.judge.sites.difficulty import parcel_difficulty
from geo.judge.sites.graph import PER_POINT, Graph, build_graph
from geo.judge.sites.search import Bounds, find_best, list_minimal, reduced
from geo.policy import policy
from geo.units import mu

LISTED = Case("400 of 15–45 mu", 400, 15, 45)
CASES = (
    Case("100 of 3–10 mu, as many of each size", 100, 3, 10),
    Case("100 of 3–10 mu, mostly small", 100, 3, 10, 6.0),
    Case("300 of 3–10 mu, as many of each size", 300, 3, 10),
    Case("300 of 3–10 mu, mostly small", 300, 3, 10, 6.0),
    Case("1,000 of 3–10 mu, as many of each size", 1000, 3, 10),
)
SEEDS = (1, 2, 3)
FLOOR_M2 = mu(100)
LIMIT_S = 60.0
#: from here on a peer that takes hours is not waited for
PEERS_UP_TO = 300


def main() -> None:
    """Measure, and add what was found."""
    parser = options(__doc__, sizes=False, times=None)
    parser.add_argument("cases", nargs="*", help="words of the cases wanted; default: all")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for each way that proves")
    asked = parser.parse_args()
    graph_of(Case("warm", 40, 3, 10), 0)
    find_best(graph_of(Case("warm", 60, 3, 10), 0), k=1, min_different=1, bounds=Bounds(0, 0), clock=Clock(60))
    list_minimal(reduced(graph_of(Case("warm", 40, 15, 45), 0)), Bounds(1_000_000, 10_000_000))
    lines = listing() if not asked.cases or any(word in LISTED.name for word in asked.cases) else []
    chosen = [case for case in CASES if not asked.cases or any(word in case.name for word in asked.cases)]
    if chosen:
        lines.append(table("land", "way", "seconds (all)", "parcels", "gap", "over the best", "proven"))
    for case in chosen:
        lines += compared(case, asked.limit)
    what = f"median of {len(SEEDS)} pieces of land, limit {asked.limit:.0f} s"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    head = heading("Sites of over 100 mu", ("highspy", "numba"), what, asked.note)
    add([*head, *lines, f"\nPeak memory of the process: {peak:,.0f} MiB."], dry=asked.dry)


def listing() -> list[str]:
    """All minimal sites of land where few parcels make one."""
    seconds, counts = [], []
    for seed in SEEDS:
        graph = reduced(graph_of(LISTED, seed))
        start = time.perf_counter()
        listed, _ = list_minimal(graph, Bounds(1_000_000, 100_000_000))
        seconds.append(time.perf_counter() - start)
        counts.append(len(listed or ()))
    return [
        f"\nAll minimal sites of {LISTED.name}: {each(seconds, 2)} s, {', '.join(f'{count:,}' for count in counts)} sites.",
    ]


def compared(case: Case, limit_s: float) -> list[str]:
    """The rows of one case."""
    told: dict[str, list[tuple[float, Peer, int | None]]] = {}
    for seed in SEEDS:
        graph = graph_of(case, seed)
        ways: dict[str, Callable[[Graph], tuple[Peer, int | None]]] = {
            "ours": lambda graph: ours(graph, limit_s),
            "greedy": lambda graph: (greedy(graph), None),
        }
        if case.n <= PEERS_UP_TO:
            ways["flow model, HiGHS"] = lambda graph: (flow(graph, limit_s), None)
            ways["max-p"] = lambda graph: (max_p(graph, 5 * limit_s), None)
        for name, way in ways.items():
            start = time.perf_counter()
            peer, size = way(graph)
            told.setdefault(name, []).append((time.perf_counter() - start, peer, size))
    best = [min(run[number][1].best or np.inf for run in told.values()) for number in range(len(SEEDS))]
    rows = []
    for name, runs in told.items():
        peers = [peer for _, peer, _ in runs]
        gaps = [(p.best - p.bound) / p.best for p in peers if p.best and p.bound is not None]
        over = [p.best / least - 1 for p, least in zip(peers, best, strict=True) if p.best]
        sizes = ", ".join(str(size) for _, _, size in runs if size)
        proven = f"{sum(gap < 1e-6 for gap in gaps)} of {len(runs)}" if gaps else "–"
        said = sorted({peer.said for peer in peers if peer.said})
        what = name + (f" ({'; '.join(said)})" if said else "")
        seconds = each([second for second, _, _ in runs], 2) if over else "–"
        rows.append(
            f"| {case.name} | {what} | {seconds} | {sizes or '–'} | {_shares(gaps)} | {_shares(over)} | {proven} |"
        )
    return rows


def ours(graph: Graph, limit_s: float) -> tuple[Peer, int]:
    """Our search, as ``geo.sites`` does it, without its listing of minimal sites."""
    found = find_best(graph, k=1, min_different=1, bounds=Bounds(0, 0), clock=Clock(limit_s)).answers[0]
    return Peer(found.cost / PER_POINT, found.bound / PER_POINT), len(found.rows)


def graph_of(case: Case, seed: int) -> Graph:
    """Land as a graph, weighed by Hongkou's policy."""
    parcels, pairs = land(case, seed)
    sites = policy("hongkou-2025").sites
    assert sites is not None
    assert sites.difficulty is not None
    points = parcel_difficulty(parcels, sites.difficulty)["difficulty"].to_numpy()
    return build_graph(parcels, pairs, np.rint(points * PER_POINT).astype(np.int64), floor_m2=FLOOR_M2)


def _shares(shares: list[float]) -> str:
    return f"{statistics.median(shares):.1%} ({', '.join(f'{share:.1%}' for share in shares)})" if shares else "–"


if __name__ == "__main__":
    main()
