"""What others do where a site is wanted: a greedy growth, a flow model for a solver, and spopt's max-p."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from geo.judge.integer import quiet
from geo.judge.sites.graph import PER_POINT, Graph

#: the Python of an environment that has spopt: its own needs (matplotlib and more) are not ours
SPOPT = "SHUANGBEI_BENCH_SPOPT"


@dataclass(frozen=True)
class Peer:
    """The least difficulty that a peer found, and below which it says there is none, in points; ``None`` where it is silent."""

    best: float | None
    bound: float | None = None
    said: str = ""


def greedy(graph: Graph) -> Peer:
    """From every parcel: add the neighbour with the least difficulty for its area until it is enough."""
    neighbours = [set(graph.near[graph.start[v] : graph.start[v + 1]].tolist()) for v in range(graph.n)]
    best = None
    for seed in range(graph.n):
        inside, around, area = {seed}, set(neighbours[seed]), int(graph.area[seed])
        while area <= graph.floor and around:
            chosen = min(around, key=lambda v: (graph.cost[v] / graph.area[v], v))
            inside.add(chosen)
            area += int(graph.area[chosen])
            around = (around | neighbours[chosen]) - inside
        if area > graph.floor:
            cost = sum(int(graph.cost[v]) for v in inside)
            best = cost if best is None else min(best, cost)
    return Peer(None if best is None else best / PER_POINT)


def flow(graph: Graph, time_limit_s: float) -> Peer:
    """The plain model: one parcel is the source of a flow, each parcel taken uses one unit of it, none flows through others."""
    n = graph.n
    tail = np.repeat(np.arange(n), np.diff(graph.start))
    head = graph.near
    edges = len(tail)
    # Columns: taken (n), source (n), what the source gives (n), flow over each edge.
    cost = np.concatenate([graph.cost / PER_POINT, np.zeros(2 * n + edges)])
    upper = np.concatenate([np.ones(2 * n), np.full(n + edges, float(n))])
    rows: list[tuple[list[int], list[float], float, float]] = []
    every = list(range(n))
    scale = float(graph.floor)
    rows.append((every, (graph.area / scale).tolist(), (graph.floor + 1) / scale, np.inf))
    rows.append(([n + v for v in every], [1.0] * n, 1.0, 1.0))
    into: list[list[int]] = [[] for _ in every]
    out: list[list[int]] = [[] for _ in every]
    for e in range(edges):
        out[tail[e]].append(3 * n + e)
        into[head[e]].append(3 * n + e)
        rows.append(([3 * n + e, int(head[e])], [1.0, -float(n)], -np.inf, 0.0))
    for v in every:
        rows.append(([n + v, v], [1.0, -1.0], -np.inf, 0.0))
        rows.append(([2 * n + v, n + v], [1.0, -float(n)], -np.inf, 0.0))
        columns = [*into[v], *out[v], 2 * n + v, v]
        rows.append((columns, [*[1.0] * len(into[v]), *[-1.0] * len(out[v]), 1.0, -1.0], 0.0, 0.0))
    highs: Any = quiet()
    for name, value in {"time_limit": time_limit_s, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-6}.items():
        highs.setOptionValue(name, value)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(len(cost)), upper
    lp.row_lower_ = np.array([low if np.isfinite(low) else -highspy.kHighsInf for _, _, low, _ in rows])
    lp.row_upper_ = np.array([high if np.isfinite(high) else highspy.kHighsInf for _, _, _, high in rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = len(cost), len(rows)
    lp.a_matrix_.start_ = np.cumsum([0, *(len(columns) for columns, _, _, _ in rows)]).astype(np.int32)
    lp.a_matrix_.index_ = np.concatenate([columns for columns, _, _, _ in rows]).astype(np.int32)
    lp.a_matrix_.value_ = np.concatenate([values for _, values, _, _ in rows])
    whole = highspy.HighsVarType.kInteger
    lp.integrality_ = [whole] * (2 * n) + [highspy.HighsVarType.kContinuous] * (n + edges)
    highs.passModel(lp)
    highs.run()
    info = highs.getInfo()
    found = info.primal_solution_status == 2
    return Peer(float(info.objective_function_value) if found else None, float(info.mip_dual_bound))


def max_p(graph: Graph, time_limit_s: float) -> Peer:
    """spopt's max-p regions over the floor, all land divided, and of these the least difficult one."""
    python = os.environ.get(SPOPT)
    if not python:
        return Peer(None, said=f"left out: {SPOPT} names no Python that has spopt")
    given = {
        "neighbours": [graph.near[graph.start[v] : graph.start[v + 1]].tolist() for v in range(graph.n)],
        "area": (graph.area / graph.floor).tolist(),
        "cost": (graph.cost / PER_POINT).tolist(),
    }
    try:
        done = subprocess.run(
            [python, "-W", "ignore", "-c", _MAX_P],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=time_limit_s,
        )
    except subprocess.TimeoutExpired:
        return Peer(None, said=f"not done after {time_limit_s:.0f} s")
    if done.returncode:
        return Peer(None, said=done.stderr.strip().splitlines()[-1])
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return Peer(told["best"], said=f"spopt {told['version']}, {told['regions']} regions")


_MAX_P = """
import json, sys
import geopandas, numpy, pandas, shapely, spopt
from libpysal.weights import W
from spopt.region import MaxPHeuristic
numpy.random.seed(0)
given = json.load(sys.stdin)
n = len(given["area"])
frame = geopandas.GeoDataFrame({"area": given["area"], "cost": given["cost"]}, geometry=[shapely.Point(i, 0) for i in range(n)])
weights = W({v: given["neighbours"][v] for v in range(n)}, silence_warnings=True)
model = MaxPHeuristic(frame, weights, ["cost"], "area", 1.0 + 1e-9, top_n=2)
model.solve()
regions = frame.assign(label=model.labels_).groupby("label")[["area", "cost"]].sum()
large = regions[regions["area"] > 1.0]
print(json.dumps({"best": float(large["cost"].min()), "regions": len(regions), "version": spopt.__version__}))
"""
