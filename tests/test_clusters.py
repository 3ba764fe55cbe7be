"""Clusters: what hangs together, its figures, and whether a person would call it a belt or a patch."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from drawn_land import lane_city, parcels, run
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely import box

import geo
from geo.database import Database
from geo.errors import NotFoundError, SettingsError
from geo.judge.clusters import (
    COLUMNS,
    cluster_id,
    components,
    find_clusters,
)
from geo.policy import policy

POLICY = policy("hongkou-2025")
SETTINGS = POLICY.clusters


def clusters(land: gpd.GeoDataFrame, pairs: pd.DataFrame, **more: Any) -> gpd.GeoDataFrame:
    given = {"site_area_m2": land.area, "gfa_m2": np.nan}
    return find_clusters(
        land.assign(**{k: v for k, v in given.items() if k not in land}), pairs, SETTINGS, over="all", **more
    )


def partition(found: pd.DataFrame) -> set[frozenset[str]]:
    return {frozenset(codes) for codes in found["parcel_codes"]}


# --- components -------------------------------------------------------------------------------------------------------


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_that_scipy_finds(graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = graph
    a, b = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    ours = components(n, a, b)
    _, theirs = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
    assert len(set(zip(ours, theirs, strict=True))) == len(set(ours)) == len(set(theirs))


def test_a_long_chain_in_any_order_is_one_component() -> None:
    order = np.random.default_rng(5).permutation(50_000)
    assert set(components(50_000, order[:-1], order[1:])) == {0}


def test_clusters_over_the_lane_city_are_those_that_scipy_finds() -> None:
    land, lines = lane_city()
    pairs = run(land, lines)
    found = clusters(land, pairs)
    codes = sorted(land["parcel_code"])
    place = {code: n for n, code in enumerate(codes)}
    joins = pairs[pairs["type"].isin(["shared_edge", "lane"])]
    a, b = joins["parcel_a"].map(place), joins["parcel_b"].map(place)
    count, label = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(len(codes),) * 2), directed=False)
    theirs = {frozenset(np.array(codes)[label == n]) for n in range(count)}
    assert partition(found) == theirs
    assert found["n_parcels"].sum() == len(land)
    assert found["area_m2"].is_monotonic_decreasing


# --- figures ----------------------------------------------------------------------------------------------------------


def row_of_three(**more: Any) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    land = parcels(box(0, 0, 40, 50), box(40, 0, 80, 50), box(92, 0, 132, 50)).assign(**more)
    return land, run(land, land.iloc[:0].assign(barrier_class="", name=""))


def test_an_unknown_floor_area_is_counted_and_never_nought() -> None:
    land, pairs = row_of_three(site_area_m2=[2000.0, 2100.0, 1900.0], gfa_m2=[5000.0, np.nan, 7000.0])
    whole = clusters(land, pairs).iloc[0]
    assert (whole.n_parcels, whole.area_m2, whole.gfa_m2, whole.n_gfa_unknown) == (3, 6000.0, 12000.0, 1)
    blank = clusters(land.assign(gfa_m2=np.nan), pairs).iloc[0]
    assert np.isnan(blank.gfa_m2)
    assert blank.n_gfa_unknown == 3


def test_the_area_is_the_sum_of_site_areas_and_the_outline_leaves_the_lane_out() -> None:
    land, pairs = row_of_three(site_area_m2=[2000.0, 2100.0, 1900.0])
    whole = clusters(land, pairs).iloc[0]
    assert whole.area_m2 == 6000.0
    assert whole.geometry.area == pytest.approx(land.area.sum())
    assert whole.elongation == pytest.approx(132 / 50, abs=0.01)  # with the lane


def test_without_lanes_only_the_shared_edge_joins() -> None:
    land, pairs = row_of_three()
    assert partition(clusters(land, pairs, joins=("shared_edge",))) == {frozenset("AB"), frozenset("C")}


def test_a_pair_counts_only_if_both_parcels_are_asked_for() -> None:
    land, pairs = row_of_three()
    assert partition(clusters(land[land["parcel_code"] != "B"], pairs)) == {frozenset("A"), frozenset("C")}


def test_the_order_of_rows_changes_nothing_and_nothing_given_is_changed() -> None:
    land, pairs = row_of_three()
    before = land.to_wkb()
    once, again = clusters(land, pairs), clusters(land.iloc[::-1], pairs.iloc[::-1])
    assert once["cluster_id"].tolist() == again["cluster_id"].tolist()
    assert tuple(once.columns) == COLUMNS
    pd.testing.assert_frame_equal(land.to_wkb(), before)


def test_an_id_is_the_content_and_the_set_it_was_asked_over() -> None:
    assert cluster_id("all", ["B", "A"]) == cluster_id("all", ["A", "B"])
    assert len({cluster_id("all", ["A", "B"]), cluster_id("all", ["AB"]), cluster_id("chosen", ["A", "B"])}) == 3
    assert cluster_id("all", ["演示-1"]) == "4f4cc611a275"  # an id that stands in a report must be found again


def test_no_parcels_make_no_clusters() -> None:
    land, pairs = row_of_three()
    found = clusters(land.iloc[:0], pairs)
    assert found.empty
    assert tuple(found.columns) == COLUMNS


def test_a_cluster_with_one_made_up_parcel_says_so() -> None:
    land, pairs = row_of_three(synthetic=[False, True, False])
    assert clusters(land, pairs)["synthetic"].tolist() == [True]
    assert clusters(land.iloc[2:], pairs)["synthetic"].tolist() == [False]


@pytest.mark.parametrize("seed", range(3))
def test_splitting_a_parcel_in_two_changes_no_area_and_no_shape(seed: int) -> None:
    land, lines = lane_city(3)
    code = land["parcel_code"].iloc[seed * 7]
    whole = land.set_index("parcel_code").geometry[code]
    west, south, east, north = whole.bounds
    middle = (west + east) / 2
    halves = parcels(**{f"{code}-1": box(west, south, middle, north), f"{code}-2": box(middle, south, east, north)})
    split = pd.concat([land[land["parcel_code"] != code], halves], ignore_index=True)
    one, two = clusters(land, run(land, lines)), clusters(split, run(split, lines))
    figures = ["area_m2", "elongation", "compactness"]
    left, right = (frame[figures].sort_values(figures).to_numpy() for frame in (one, two))
    np.testing.assert_allclose(left, right, rtol=1e-6, atol=0.002)
    assert two["n_parcels"].sum() == one["n_parcels"].sum() + 1


# --- asked of a database ----------------------------------------------------------------------------------------------


def test_the_small_city_hangs_together_as_drawn(city: Database) -> None:
    found = geo.clusters(city, POLICY, over="all")
    together = {frozenset(codes) for codes in found["parcel_codes"]}
    # The branch road is crossed, the arterial and the river are not; S6 and S8 meet in a corner only.
    assert together == {
        frozenset({"S1", "S2", "S3", "S4", "S5"}),
        frozenset({"S6", "S7"}),
        frozenset({"S8"}),
        frozenset({"B1", "B2"}),
        frozenset({"O1"}),
        frozenset({"N1", "N2", "N3"}),
        frozenset({"N4", "N5"}),
    }
    largest = found.iloc[0]
    assert (largest.area_m2, largest.n_gfa_unknown, largest["shape"]) == (60_000.0, 2, "patch")
    assert found.crs.to_epsg() == 4549


def test_only_candidates_make_clusters_unless_all_are_asked_for(city: Database) -> None:
    judged = geo.candidates(city, POLICY)
    wanted = set(judged.loc[judged["verdict"] == "candidate", "parcel_code"])
    found = geo.clusters(city, POLICY)
    assert {code for codes in found["parcel_codes"] for code in codes} == wanted
    assert frozenset({"S1", "S4"}) in partition(found)


def test_a_gap_of_nought_leaves_shared_edges(city: Database) -> None:
    together = partition(geo.clusters(city, POLICY, over="all", gap_m=0))
    assert {frozenset({"S1", "S2", "S3"}), frozenset({"S4", "S5"}), frozenset({"N1", "N2", "N3"})} <= together
    assert len(together) == 11


def test_a_frame_or_a_list_of_codes_is_a_set_too(city: Database) -> None:
    frame = pd.DataFrame({"parcel_code": ["S1", "S4", "S3"]})
    found = geo.clusters(city, POLICY, over=frame)
    assert partition(found) == {frozenset({"S1", "S4"}), frozenset({"S3"})}
    assert found["cluster_id"].tolist() == geo.clusters(city, POLICY, over=["S3", "S4", "S1"])["cluster_id"].tolist()
    assert set(geo.adjacency(city, POLICY, over=frame)["type"]) == {"lane"}


def test_what_lies_between_is_told_with_its_class(city: Database) -> None:
    found = geo.adjacency(city, POLICY)
    river = found[found["type"] == "barrier"]
    assert set(river["barrier"]) == {"river:小河"}
    assert set(zip(river["parcel_a"], river["parcel_b"], strict=True)) == {("N1", "N4"), ("N1", "N5"), ("N3", "N5")}
    assert found.loc[found["type"] != "barrier", "barrier"].isna().all()


def test_a_barrier_that_the_policy_lets_one_cross_joins(city: Database) -> None:
    assert frozenset({"N1", "N2", "N3"}) in partition(geo.clusters(city, POLICY, over="all"))
    open_river = POLICY.with_changes({"clusters.crossable.river.value": True})
    together = partition(geo.clusters(city, open_river, over="all"))
    assert frozenset({"N1", "N2", "N3", "N4", "N5"}) in together


def test_adjacency_read_back_is_the_adjacency_that_was_worked_out(city: Database) -> None:
    first, kept = geo.adjacency(city, POLICY), geo.adjacency(city, POLICY)
    pd.testing.assert_frame_equal(first, kept)
    assert kept["barrier"].map(type).isin([str, type(None)]).all()


def test_what_cannot_be_asked_gets_a_clear_error(city: Database) -> None:
    with pytest.raises(NotFoundError, match="no set of parcels 'some'"):
        geo.clusters(city, POLICY, over="some")
    with pytest.raises(NotFoundError, match="X9"):
        geo.clusters(city, POLICY, over=["S1", "X9"])
    with pytest.raises(NotFoundError, match="parcel_code"):
        geo.clusters(city, POLICY, over=pd.DataFrame({"code": ["S1"]}))
    with pytest.raises(NotFoundError, match="rule"):
        geo.clusters(city, POLICY, rule="no_such_rule")
    for gap in (-1.0, float("nan")):
        with pytest.raises(SettingsError, match="gap"):
            geo.clusters(city, POLICY, gap_m=gap)


def test_what_hangs_together_if_a_river_could_be_crossed(city: Database) -> None:
    found = geo.clusters(city, POLICY, over="all", allow="小河")
    assert frozenset({"N1", "N2", "N3", "N4", "N5"}) in partition(found)
    assert found.attrs["stamp"]["allow"] == ["小河"]
