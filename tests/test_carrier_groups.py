"""Carriers within walking distance of each other: groups, belts and patches at the scale of kilometres."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

import geo
from geo.database import Database
from geo.errors import SettingsError
from geo.judge.carrier_groups import COLUMNS, find_carrier_groups
from geo.policy import policy

POLICY = policy("hongkou-2025")
assert POLICY.carrier_groups is not None
RULES = POLICY.carrier_groups


def carriers(*places: Any, **facts: Any) -> gpd.GeoDataFrame:
    codes = [f"C{n:03d}" for n in range(len(places))]
    return gpd.GeoDataFrame({"carrier_code": codes, "gfa_m2": 1000.0} | facts, geometry=list(places), crs=4549)


def groups(*places: Any, **facts: Any) -> gpd.GeoDataFrame:
    return find_carrier_groups(carriers(*places, **facts), RULES)


def row(n: int, step: float) -> list[Any]:
    return [Point(step * k, 0) for k in range(n)]


def test_a_step_of_the_walking_distance_joins_and_a_longer_one_does_not() -> None:
    assert RULES.walking_distance.m == 500
    assert groups(*row(3, 500))["carrier_codes"].tolist() == [["C000", "C001", "C002"]]
    assert len(groups(*row(3, 501))) == 3


def test_a_long_row_is_a_belt_and_a_square_is_a_patch() -> None:
    long = groups(*row(8, 450)).iloc[0]
    assert (long["shape"], long.span_m) == ("belt", pytest.approx(7 * 450))
    assert long.elongation == pytest.approx((7 * 450 + 1000) / 1000, rel=0.15)
    square = groups(*[Point(400 * x, 400 * y) for x in range(4) for y in range(4)]).iloc[0]
    assert (square["shape"], square.n_carriers) == ("patch", 16)
    assert groups(Point(0, 0)).iloc[0]["shape"] == "patch"


def test_a_belt_that_bends_is_a_belt() -> None:
    bent = [*row(5, 450), *[Point(4 * 450, 450 * k) for k in range(1, 5)]]
    assert groups(*bent).iloc[0]["shape"] == "belt"


def test_an_outline_is_as_near_as_its_nearest_edge() -> None:
    assert len(groups(box(0, 0, 300, 100), Point(790, 50))) == 1
    assert len(groups(box(0, 0, 300, 100), Point(810, 50))) == 2


def test_sums_count_what_is_unknown_and_who_has_no_place_is_in_no_group() -> None:
    found = groups(Point(0, 0), Point(9, 9), None, Point(20_000, 0), gfa_m2=[5.0, np.nan, 7.0, np.nan])
    assert found["carrier_codes"].tolist() == [["C000", "C001"], ["C003"]]
    assert (found["gfa_m2"][0], found["n_gfa_unknown"][0]) == (5.0, 1)
    assert np.isnan(found["gfa_m2"][1])


def test_nobody_makes_no_group() -> None:
    found = groups()
    assert tuple(found.columns) == COLUMNS
    assert found.empty
    assert groups(None).empty


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=1, max_size=25))
def test_groups_are_the_components_that_networkx_finds(spots: list[tuple[int, int]]) -> None:
    found = groups(*map(Point, spots))
    graph = nx.Graph()
    graph.add_nodes_from(range(len(spots)))
    near = [(a, b) for a in range(len(spots)) for b in range(a) if Point(spots[a]).distance(Point(spots[b])) <= 500]
    graph.add_edges_from(near)
    theirs = {frozenset(f"C{n:03d}" for n in each) for each in nx.connected_components(graph)}
    assert {frozenset(codes) for codes in found["carrier_codes"]} == theirs


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 360))
def test_order_place_and_turn_change_nothing(seed: int, turn: float) -> None:
    random = np.random.default_rng(seed)
    spots = [Point(*xy) for xy in random.uniform(0, 2500, (12, 2))]
    one = carriers(*spots)
    moved = one.set_geometry([translate(rotate(s, turn, origin=(0, 0)), 5e5, 3e6) for s in spots], crs=4549)
    two = find_carrier_groups(moved.iloc[random.permutation(12)], RULES)
    first = find_carrier_groups(one, RULES)
    assert first["group_id"].tolist() == two["group_id"].tolist()
    for name in ("span_m", "reach_m2", "elongation", "compactness"):
        np.testing.assert_allclose(first[name], two[name], rtol=0.02)


def test_the_carriers_of_the_small_city(city: Database) -> None:
    found = geo.carrier_groups(city, POLICY)
    # C4 is delisted and has no place; the others stand within 500 m of one another in a chain.
    assert [sorted(codes) for codes in found["carrier_codes"]] == [["C1", "C2", "C3", "C5", "C6"]]
    assert found.attrs["stamp"]["not_placed"] == []
    assert found.crs.to_epsg() == 4549


def test_what_nobody_knows_is_told_and_not_dropped(city: Database, tmp_path: Any) -> None:
    from small_city import load_rows, point

    names = ("carrier_code", "name", "carrier_kind", "status", "industries", "gfa_m2", "geom")
    rows = [dict(zip(names, values, strict=True)) for values in (
        ("X1", "无位置", "park", "active", None, None, None),
        ("X2", "状态未知", "park", None, None, None, point(0, 0)),
    )]  # fmt: skip
    load_rows(city, "carriers", rows, tmp_path)
    stamp = geo.carrier_groups(city, POLICY).attrs["stamp"]
    assert "X1" in stamp["not_placed"]
    assert stamp["status_unknown"] == ["X2"]


def test_a_policy_that_says_nothing_of_groups_is_told(city: Database) -> None:
    with pytest.raises(SettingsError, match="groups of carriers"):
        geo.carrier_groups(city, "cambridge-ma")


def test_the_ground_of_a_group_is_what_lies_within_walking_distance() -> None:
    found = groups(*row(3, 400)).iloc[0]
    assert found.geometry.covers(Point(400, 490))
    assert not found.geometry.covers(Point(400, 510))
    assert found.reach_m2 == pytest.approx(shapely.area(LineString([(0, 0), (800, 0)]).buffer(500)), rel=0.03)


def test_the_demo_has_a_belt_of_carriers_and_patches(demo_db: Database) -> None:
    found = geo.carrier_groups(demo_db)
    belts = found[found["shape"] == "belt"]
    assert len(belts) == 1
    # Along the quay: over two kilometres from one end to the other, and nobody further than 500 m from the next.
    assert belts["span_m"].iloc[0] > 2_000
    assert {"演示-载体-033", "演示-载体-034", "演示-载体-035"} < set(belts["carrier_codes"].iloc[0])
    assert (found["shape"] == "patch").sum() > 3
