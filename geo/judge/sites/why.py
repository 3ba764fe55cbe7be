"""Why there is no site: what stands in the way, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.judge.sites.graph import PER_M2, Graph

Reason = Literal["empty", "bounds", "fixed_apart", "fixed_too_large", "short", "none", "time"]


@dataclass(frozen=True)
class Nothing:
    """``reason``: ``empty`` (there is no parcel to search among), ``bounds`` (the ceiling is not over the floor),
    ``fixed_apart`` (what has to be in it does not hang together), ``fixed_too_large`` (that alone is over the ceiling),
    ``short`` (no cluster is over the floor, or not the one of what has to be in it), ``none`` (searched through: no set lies
    between floor and ceiling), ``time`` (none found in time).

    ``area_m2``: what the largest cluster, or what is fixed, comes to.
    """

    reason: Reason
    area_m2: float | None = None


def why_none(graph: Graph) -> Nothing | None:
    """What rules out any site at sight, else ``None``."""
    if not graph.n:
        return Nothing("empty")
    if graph.ceiling <= graph.floor:
        return Nothing("bounds")
    if graph.root >= 0:
        reached = graph.reached_from_root()
        if (graph.fixed & ~reached).any():
            return Nothing("fixed_apart")
        fixed = int(graph.area[graph.fixed].sum())
        if fixed > graph.ceiling:
            return Nothing("fixed_too_large", fixed / PER_M2)
        most = int(graph.area[reached].sum())
        return Nothing("short", most / PER_M2) if most <= graph.floor else None
    most = max((int(graph.area[cluster].sum()) for cluster in graph.clusters()), default=0)
    return Nothing("short", most / PER_M2) if most <= graph.floor else None
