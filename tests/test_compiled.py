"""Nobody waits for the compiler twice: what is warmed is all that is called, and it comes off no time limit."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from drawn_land import EAST, WEST, adjacency, parcels

import geo
from geo.answers import sites
from geo.database import Database
from geo.said import heard

#: Warms both rooms, then asks them; prints what was called and was not warm.
_ASKS = """
import gc, json
from numba.core.registry import CPUDispatcher
from geo.judge.sites import compiling as compiling_sites
from geo.judge.sites import kernels
from geo.measure import compiling

def called():
    return {
        f"{of.py_func.__module__}.{of.py_func.__qualname__}{signature}"
        for of in gc.get_objects()
        if isinstance(of, CPUDispatcher) and of.py_func.__module__.startswith("geo.")
        for signature in of.signatures
    }

compiling_sites.warm()
compiling.warm()
warm, ready = called(), kernels.is_ready()

import geopandas as gpd
import numpy as np
import shapely
from geo.judge.sites.clock import Clock
from geo.judge.sites.graph import build_graph
from geo.judge.sites.search import Bounds, find_best
from geo.measure.adjacency import Widths, contiguous, typed_adjacency
from geo.measure.outlines import Outlines

rng = np.random.default_rng(3)
west, south = [axis.ravel() * 50.0 for axis in np.meshgrid(np.arange(6), np.arange(6))]
shapes = shapely.box(west, south, west + rng.choice([38, 50], 36), south + 50)
land = gpd.GeoDataFrame({"parcel_code": [f"P{i:02d}" for i in range(36)], "site_area_m2": rng.integers(900, 2500, 36) * 1.0},
                        geometry=shapes, crs=4549)
walls = gpd.GeoDataFrame({"barrier_class": ["wall", "river"], "name": ["w", None]}, crs=4549,
                         geometry=[shapely.LineString([(0, 99), (90, 101)]), shapely.box(190, 40, 199, 160)])
widths = {"tolerance_m": 0.2, "min_shared_edge_m": 1.0, "lane_width_m": 24.0, "min_frontage_m": 10.0}
pairs = typed_adjacency(land, walls, crossable={}, **widths)
contiguous(Outlines.of(np.asarray(land.geometry)), np.asarray(walls.geometry), Widths(**widths))
for asked in ({}, {"anchor": ("P07", "P08")}, {"require": ("P20",)}):
    graph = build_graph(land, pairs, rng.integers(1, 4000, 36), floor_m2=9000.0, ceiling_m2=11000.0, **asked)
    for walked in (0, 2000):
        find_best(graph, k=3, min_different=2, bounds=Bounds(500, walked), clock=Clock(20))
print(json.dumps({"ready": ready, "warm": len(warm), "new": sorted(called() - warm)}))
"""


def test_what_is_warmed_is_all_that_is_called() -> None:
    done = subprocess.run([sys.executable, "-c", _ASKS], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["ready"]
    assert told["warm"] > 20
    assert told["new"] == []


def test_the_time_of_a_search_begins_after_it_is_compiled(city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    monkeypatch.setattr(sites, "is_ready", lambda: False)
    monkeypatch.setattr(sites, "warm", lambda: order.append("compiled"))
    began = sites.Clock
    monkeypatch.setattr(sites, "Clock", lambda *a, **k: order.append("clock") or began(*a, **k))
    geo.sites(city, min_area_m2=25_000, tell=lambda _, at: order.append(str(at)))
    assert order.index("compiling the search, once on this machine") < order.index("compiled") < order.index("clock")
    assert order[0] == "reading parcels and pairs"
    # Where nobody asked to be told, whoever listens is.
    listened: list[str] = []
    with heard(listened.append):
        geo.sites(city, min_area_m2=25_000)
    assert "compiling the search, once on this machine" in listened


def test_adjacency_says_what_it_is_at_and_that_it_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.measure.kernel.is_ready", lambda: False)
    told: list[str] = []
    with heard(told.append):
        adjacency(parcels(WEST, EAST))
    assert [text.split()[0] for text in told] == ["compiling", "finding", "measuring", "measuring"]
    assert "2 parcels" in told[1]
