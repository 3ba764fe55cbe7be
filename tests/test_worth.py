"""What one parcel or one barrier is worth: bridges against networkx, near misses as one sees them by eye."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from drawn_land import adjacency, parcels
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

import geo
from geo.database import Database
from geo.errors import SettingsError
from geo.judge.bridges import articulation_points, find_bridges
from geo.judge.clusters import find_clusters
from geo.judge.near_misses import barriers_worth_opening, find_near_misses
from geo.policy import policy
from geo.units import mu

POLICY = policy("hongkou-2025")
RULES = POLICY.clusters

# --- bridges ----------------------------------------------------------------------------------------------------------

GRAPHS = st.integers(1, 14).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2), max_size=40))
)


@settings(max_examples=300, deadline=None)
@given(GRAPHS, st.integers(0, 1000))
def test_bridges_are_the_articulation_points_of_networkx_and_the_parts_what_it_falls_into(
    drawn: tuple[int, list[tuple[int, int]]], seed: int
) -> None:
    n, edges = drawn
    weight = np.random.default_rng(seed).integers(1, 100, n).astype(float)
    a, b = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    found = articulation_points(n, a, b, weight)
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((one, two) for one, two in edges if one != two)
    assert set(found) == set(nx.articulation_points(graph))
    for node, parts in found.items():
        own = graph.subgraph(nx.node_connected_component(graph, node)).copy()
        own.remove_node(node)
        theirs = [sum(weight[list(part)]) for part in nx.connected_components(own)]
        assert sorted(parts) == pytest.approx(sorted(theirs))


def test_a_chain_of_a_hundred_thousand_falls_into_two_at_each_link() -> None:
    n = 100_000
    order = np.random.default_rng(2).permutation(n)
    found = articulation_points(n, order[:-1], order[1:], np.ones(n))
    assert len(found) == n - 2
    assert sorted(found[int(order[3])]) == [3.0, n - 4.0]


def clusters_of(land: gpd.GeoDataFrame, pairs: pd.DataFrame, over: str = "all") -> gpd.GeoDataFrame:
    return find_clusters(land.assign(site_area_m2=land.area, gfa_m2=np.nan), pairs, RULES, over=over)


def bridges_of(land: gpd.GeoDataFrame, *between: Any) -> gpd.GeoDataFrame:
    land, pairs = land.assign(site_area_m2=land.area, gfa_m2=np.nan), adjacency(land, *between)
    return find_bridges(land, find_clusters(land, pairs, RULES, over="all"), pairs)


def test_the_middle_one_of_three_is_a_bridge_and_the_parts_are_told() -> None:
    found = bridges_of(parcels(box(0, 0, 40, 50), box(40, 0, 80, 50), box(92, 0, 132, 50), alone=box(900, 0, 940, 50)))
    assert found["parcel_code"].tolist() == ["B"]
    assert found["parts_m2"].tolist() == [[2000.0, 2000.0]]
    assert (found["area_m2"][0], found["n_parts"][0], found["largest_part_m2"][0]) == (6000.0, 2, 2000.0)


def test_a_block_has_no_bridge() -> None:
    assert bridges_of(parcels(*[box(40 * x, 40 * y, 40 * x + 40, 40 * y + 40) for x in (0, 1) for y in (0, 1)])).empty


def test_what_costs_its_cluster_most_stands_first() -> None:
    row = [box(40 * x, 0, 40 * x + 40, 40) for x in range(5)]
    assert bridges_of(parcels(*row))["parcel_code"].tolist() == ["C", "B", "D"]


def test_the_order_of_rows_changes_no_bridge() -> None:
    land = parcels(*[box(40 * x + x**2, 0, 40 * x + 40 + (x + 1) ** 2, 50) for x in range(8)])
    land = land.assign(site_area_m2=land.area, gfa_m2=np.nan)
    pairs = adjacency(land)
    found = find_clusters(land, pairs, RULES, over="all")
    one = find_bridges(land, found, pairs)
    two = find_bridges(land.iloc[::-1], found, pairs.iloc[::-1])
    pd.testing.assert_frame_equal(one.drop(columns="geometry"), two.drop(columns="geometry"))
    assert len(one) == 6


# --- near misses ------------------------------------------------------------------------------------------------------


def misses(
    land: gpd.GeoDataFrame, chosen: str, *between: Any, wanted: float, share: float = 0.0, opened: Any = None
) -> list[tuple[Any, ...]]:
    """(kind, what, outcome, area after, lacks) of each; ``chosen`` are the letters of the parcels in the set."""
    land, pairs = land.assign(site_area_m2=land.area, gfa_m2=np.nan), adjacency(land, *between)
    found = find_clusters(land[land["parcel_code"].isin(list(chosen))], pairs, RULES, over="chosen")
    told = find_near_misses(found, land, pairs, min_area_m2=wanted, near_share=share, opened=opened)
    return [(row.kind, row.what, row.outcome, row.area_after_m2, row.lacks_m2) for row in told.itertuples()]


#: five of 2,000 m² in a row, edge to edge
ROW = parcels(*[box(40 * x, 0, 40 * x + 40, 50) for x in range(5)])


def test_two_clusters_join_if_the_parcel_between_is_added() -> None:
    assert misses(ROW, "ABDE", wanted=9_000, share=0.9) == [("parcel", "C", "reaches", 10_000.0, 0.0)]


def test_a_parcel_that_lifts_one_cluster_over_the_wanted_area_is_told_and_one_that_does_not_is_not() -> None:
    assert misses(ROW, "AB", wanted=5_000) == [
        ("parcel", "C", "reaches", 6_000.0, 0.0),
        ("lacks", None, "short", 4_000.0, 1_000.0),
    ]
    assert misses(ROW, "AB", wanted=6_000) == [("lacks", None, "short", 4_000.0, 2_000.0)], "strictly more is wanted"


def test_what_joins_and_still_lacks_is_told_with_what_it_lacks() -> None:
    assert ("parcel", "B", "short", 6_000.0, 4_000.0) in misses(ROW, "AC", wanted=10_000)


def test_what_comes_to_just_the_wanted_area_does_not_reach_it() -> None:
    assert ("parcel", "B", "short", 6_000.0, 0.0) in misses(ROW, "AC", wanted=6_000)


def test_a_cluster_that_is_over_already_is_no_miss_but_what_it_would_grow_by_is_told() -> None:
    assert misses(ROW, "ABDE", wanted=3_000) == [("parcel", "C", "grows", 10_000.0, 0.0)]


def test_what_is_far_off_is_not_told() -> None:
    assert misses(ROW, "A", wanted=mu(100), share=0.5) == []
    assert len(misses(ROW, "A", wanted=mu(100), share=0.02)) == 1


def test_a_barrier_is_worth_opening_only_between_clusters_that_come_near() -> None:
    land = parcels(box(0, 0, 40, 50), box(52, 0, 92, 50)).assign(site_area_m2=2000.0, gfa_m2=np.nan)
    pairs = adjacency(land, ("rail", "铁路", LineString([(46, -50), (46, 90)])))
    found = find_clusters(land, pairs, RULES, over="all")
    assert set(barriers_worth_opening(found, pairs, min_area_m2=5_000, near_share=0.5)) == {"rail:铁路"}
    assert not barriers_worth_opening(found, pairs, min_area_m2=50_000, near_share=0.5)


# --- asked of a database ----------------------------------------------------------------------------------------------


def test_the_small_city_misses_as_one_sees_by_eye(city: Database) -> None:
    found = geo.near_misses(city, POLICY, over="all", min_area_m2=59_000)
    (river,) = [row for row in found.itertuples() if row.kind == "barrier"]
    assert (river.what, river.outcome, river.area_after_m2) == ("river:小河", "reaches", 59_500.0)
    assert river.geometry.length == pytest.approx(3 * 12, abs=0.5)
    by_default = geo.near_misses(city, POLICY, over="all")
    (short,) = [row for row in by_default.itertuples() if row.kind == "lacks" and row.area_after_m2 == 60_000]
    assert short.min_area_m2 == pytest.approx(mu(100))
    assert short.lacks_mu == pytest.approx(10.0)


def test_a_parcel_that_is_no_candidate_joins_two_that_are(city: Database) -> None:
    found = geo.near_misses(city, POLICY, over=["S1", "S3"], min_area_m2=25_000)
    assert [(row.what, row.outcome) for row in found.itertuples()] == [
        ("S2", "reaches"),
        ("S5", "reaches"),
    ]


def test_what_a_barrier_would_join_is_what_hangs_together_once_it_is_open(city: Database) -> None:
    land = geo.clusters(city, POLICY, over="all").set_index("cluster_id")
    found = geo.near_misses(city, POLICY, over="all", min_area_m2=30_000)
    for row in found[found["kind"] == "barrier"].itertuples():
        opened = geo.clusters(city, POLICY, over="all", allow=row.what)
        together = {code for each in row.cluster_ids for code in land.loc[each, "parcel_codes"]}
        assert together in [set(codes) for codes in opened["parcel_codes"]]


def test_a_second_barrier_at_the_same_place_still_parts(city: Database, tmp_path: Any) -> None:
    from small_city import CITY, line, load_rows

    wall = {
        "barrier_code": "W2",
        "name": "围墙",
        "barrier_class": "wall",
        "width_m": 1,
        "geom": line((-50, 629), (420, 629)),
    }
    load_rows(city, "barriers", [*CITY["barriers"], wall], tmp_path)
    found = geo.near_misses(city, POLICY, over="all", min_area_m2=59_000)
    assert "barrier" not in set(found["kind"])


def test_bridges_of_the_small_city(city: Database) -> None:
    found = geo.bridges(city, POLICY, over="all")
    assert found["parcel_code"].tolist() == []
    chain = geo.bridges(city, POLICY, over=["S1", "S2", "S3", "N1"])
    assert chain["parcel_code"].tolist() == ["S2"]
    assert chain["parts_m2"].tolist() == [[10_000.0, 10_000.0]]


def test_an_area_that_cannot_be_wanted_gets_a_clear_error(city: Database) -> None:
    for area in (0.0, -5.0, float("nan")):
        with pytest.raises(SettingsError, match="cannot be wanted"):
            geo.near_misses(city, POLICY, min_area_m2=area)
    with pytest.raises(SettingsError, match="which area is wanted"):
        geo.near_misses(city, "cambridge-ma")


def test_the_demo_has_land_that_lacks_little_and_land_that_one_road_keeps_under_100_mu(demo_db: Database) -> None:
    near = geo.near_misses(demo_db, POLICY, over="all")
    lacking = near[near["kind"] == "lacks"]
    assert lacking["lacks_mu"].min() < 5
    opened = near[near["what"] == "secondary:演示次干路13"].iloc[0]
    assert (opened["kind"], opened["outcome"], opened["n_clusters"]) == ("barrier", "reaches", 2)
    assert opened["area_after_m2"] > mu(100)
    # The same by another way: with the road open the clusters' own search finds that land in one piece.
    joined = geo.clusters(demo_db, POLICY, over="all", allow="演示次干路13")
    assert joined["area_m2"].sub(opened["area_after_m2"]).abs().min() < 1
