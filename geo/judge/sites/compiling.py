"""Compiles what the search for sites calls."""

from __future__ import annotations

import numpy as np

from geo.judge.sites.clock import Clock
from geo.judge.sites.graph import NO_CEILING, Graph
from geo.judge.sites.search import Bounds, find_best


def warm() -> None:
    """Compile all of it now, or read what is kept: nothing of it then comes off the time that a search is given."""
    # A ring of six: with and without a node that is fixed, all sets walked or none, and a next best.
    near = np.array([[5, 1], [0, 2], [1, 3], [2, 4], [3, 5], [4, 0]], dtype=np.int64).ravel()
    start = np.arange(0, 13, 2, dtype=np.int64)
    area, cost = np.full(6, 10, dtype=np.int64), np.array([7, 1, 6, 2, 5, 3], dtype=np.int64)
    for root in (-1, 0):
        fixed = np.arange(6) == root
        ring = Graph(start, near, area, cost, fixed, 25, NO_CEILING, tuple((v,) for v in range(6)))
        for walked in (0, 1000):
            find_best(ring, k=2, min_different=1, bounds=Bounds(1000, walked), clock=Clock(60.0))
