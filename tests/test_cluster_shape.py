"""Belt or patch: what a person sees, and what the formula of docs/clusters.md says."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box
from shapely.affinity import rotate, scale, translate

from geo.judge.clusters import as_shapes, close_lanes, compactnesses, elongations, find_clusters
from geo.judge.outline import mean_square_depths
from geo.policy import policy

SETTINGS = policy("hongkou-2025").clusters


def cells(*rows: str) -> Any:
    """A shape of squares of 60 m, drawn with ``#``."""
    squares = [(x, y) for y, row in enumerate(rows) for x, mark in enumerate(row) if mark == "#"]
    return shapely.union_all([box(60 * x, -60 * y, 60 * x + 60, -60 * y - 60) for x, y in squares])


BELTS = {
    "a strip": cells("######"),
    "an L": cells("######", "#.....", "#.....", "#....."),
    "a U": cells("#....#", "#....#", "######"),
    "a winding strip": cells("######", ".....#", "######", "#.....", "######"),
    "a strip with a bulge": cells("......###......", "###############", "......###......"),
    "a bend of a river bank": Point(0, 0)
    .buffer(300)
    .difference(Point(0, 0).buffer(220))
    .intersection(box(0, 0, 400, 400)),
    "a ring one lot deep": cells("########", *["#......#"] * 6, "########"),
    "a narrow triangle": Polygon([(0, 0), (600, 0), (600, 80)]),
}
PATCHES = {
    "a square": cells("###", "###", "###"),
    "two squares": cells("##"),
    "a bent domino": cells("##", "#."),
    "a disc": Point(0, 0).buffer(100),
    "a triangle": Polygon([(0, 0), (100, 0), (50, 87)]),
    "a block with one parcel missing": cells("#####", "#####", "##.##", "#####", "#####"),
    "a block with a bay": cells("#####", "#####", "####.", "#####", "#####"),
    "a fat L": cells("####", "####", "##..", "##.."),
}


def shape_of(ground: Any) -> str:
    facts = {"parcel_code": ["A"], "site_area_m2": [ground.area], "gfa_m2": [np.nan]}
    land = gpd.GeoDataFrame(facts, geometry=[ground])
    none = pd.DataFrame({"parcel_a": [], "parcel_b": [], "type": []}, dtype=object)
    return str(find_clusters(land, none, SETTINGS, over="all")["shape"].iloc[0])


@pytest.mark.parametrize("name", BELTS)
def test_what_one_calls_a_belt_is_a_belt(name: str) -> None:
    assert shape_of(BELTS[name]) == "belt"


@pytest.mark.parametrize("name", PATCHES)
def test_what_one_calls_a_patch_is_a_patch(name: str) -> None:
    assert shape_of(PATCHES[name]) == "patch"


def test_a_comb_of_lots_with_lanes_between_is_the_block_that_one_sees() -> None:
    comb = shapely.union_all([box(0, 0, 20, 200), *[box(20, y, 200, y + 28) for y in range(0, 200, 43)]])
    assert shape_of(comb) == "patch"
    assert elongations(as_shapes([comb]))[0] > SETTINGS.belt_elongation.value  # were the lanes not closed


@given(st.floats(1, 60), st.floats(10, 200), st.floats(0, 360))
def test_a_rectangle_is_as_long_as_it_is(ratio: float, width: float, turn: float) -> None:
    ground = as_shapes([rotate(box(0, 0, ratio * width, width), turn)])
    assert elongations(ground)[0] == pytest.approx(ratio, rel=2e-3, abs=2e-3)
    assert compactnesses(ground)[0] == pytest.approx(np.pi * ratio / (ratio + 1) ** 2, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(BELTS | PATCHES)), st.floats(0, 360), st.floats(0.3, 5), st.floats(-1e6, 1e6))
def test_turning_moving_and_scaling_change_no_shape(name: str, turn: float, size: float, away: float) -> None:
    shape = (BELTS | PATCHES)[name]
    moved = translate(scale(rotate(shape, turn), size, size), away, 2 * away)
    one, two = as_shapes([shape]), as_shapes([moved])
    assert elongations(two)[0] == pytest.approx(elongations(one)[0], rel=1e-3)
    assert compactnesses(two)[0] == pytest.approx(compactnesses(one)[0], abs=2e-3)


def test_exactly_three_to_one_is_a_patch_since_a_belt_is_longer() -> None:
    assert SETTINGS.belt_elongation.value == 3
    assert shape_of(box(0, 0, 300, 100)) == "patch"
    assert shape_of(box(0, 0, 301, 100)) == "belt"


def test_the_elongation_agrees_with_depths_sampled_on_a_grid() -> None:
    for ground in (cells("######", "#.....", "#....."), cells(".#.", "###", ".#."), PATCHES["a triangle"]):
        west, south, east, north = ground.bounds
        x, y = np.meshgrid(np.arange(west + 0.5, east, 1.0), np.arange(south + 0.5, north, 1.0))
        points = shapely.points(x.ravel(), y.ravel())
        inside = points[shapely.contains(ground, points)]
        mean = np.square(shapely.distance(inside, ground.exterior)).mean()
        expected = 1 / (1 - np.sqrt(1 - 24 * mean / ground.area))
        assert elongations(as_shapes([ground]))[0] == pytest.approx(expected, rel=0.02)


def test_closing_lanes_gives_a_rectangle_back_as_it_was() -> None:
    block = box(0, 0, 100, 60)
    assert shapely.equals_exact(close_lanes(as_shapes([block]), 24, 0.2)[0].normalize(), block.normalize(), 1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_ragged_ground_is_as_deep_as_points_all_over_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    spots = {(int(x), int(y)) for x, y in random.integers(0, 6, (14, 2))}
    jagged = [
        Polygon(np.array([(0, 0), (61, 0), (61, 61), (0, 61)]) + random.uniform(-8, 0, (4, 2)) + (60 * x, 60 * y))
        for x, y in spots
    ]
    ground = max(shapely.get_parts(shapely.union_all(jagged).buffer(2).buffer(-2)), key=shapely.area)
    west, south, east, north = ground.bounds
    x, y = np.meshgrid(np.arange(west + 1, east, 2.0), np.arange(south + 1, north, 2.0))
    points = shapely.points(x.ravel(), y.ravel())
    shapely.prepare(ground)
    inside = points[shapely.contains(ground, points)]
    outer = Polygon(ground.exterior)
    sampled = np.square(shapely.distance(inside, outer.exterior)).mean()
    assert mean_square_depths(as_shapes([ground]))[0] == pytest.approx(sampled, rel=0.04)
