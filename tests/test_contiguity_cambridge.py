"""Our contiguity on a real cadastre: Cambridge, Massachusetts, 13,034 parcels, dirt included."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from contiguity_report import LAYER, SETTINGS, Comparison, cambridge, compare

import geo
from geo.database import Database, upgrade
from geo.judge.clusters import find_clusters

FOLDER = os.environ.get("SHUANGBEI_REAL_DATA", "")
pytestmark = pytest.mark.skipif(
    not FOLDER or not (Path(FOLDER) / "cambridge_ma_parcels").is_dir(),
    reason="SHUANGBEI_REAL_DATA is not set, or has no cambridge_ma_parcels",
)


@pytest.fixture(scope="module")
def land() -> gpd.GeoDataFrame:
    return cambridge(FOLDER)


@pytest.fixture(scope="module")
def with_record(land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return land[land["has_record"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def whole(land: gpd.GeoDataFrame) -> Comparison:
    return compare(land)


def clusters(land: gpd.GeoDataFrame, edges: pd.DataFrame) -> gpd.GeoDataFrame:
    figures = land.assign(site_area_m2=land.area, gfa_m2=np.nan)
    return find_clusters(figures, edges, SETTINGS, over="all", gap_m=0.0)


def test_rook_on_all_rows_is_the_one_that_was_counted_before(whole: Comparison, land: gpd.GeoDataFrame) -> None:
    assert LAYER == "parcels_fy2014"
    assert len(land) == 13_034
    assert whole.rook_components == 10
    assert whole.rook_mean_neighbours == pytest.approx(5.44, abs=0.005)


def test_every_pair_on_which_we_differ_from_rook_has_its_cause(whole: Comparison) -> None:
    differing = whole.differing
    assert (differing["cause"] != "").all(), differing[differing["cause"] == ""].to_string()
    assert len(differing) < 0.01 * len(whole.rook)


def test_what_rook_has_and_we_have_not_is_shorter_than_the_least_edge(whole: Comparison) -> None:
    theirs = whole.differing[whole.differing["found_by"] == "rook"]
    assert set(theirs["cause"]) == {"too short"}
    assert (theirs["coincident_m"] < SETTINGS.min_shared_edge.m).all()


def test_what_we_have_and_rook_has_not_is_a_contact_that_a_shorter_look_confirms(whole: Comparison) -> None:
    ours = whole.differing[whole.differing["found_by"] == "ours"]
    assert set(ours["cause"]) <= {"t-junction", "overlap", "tolerance"}
    assert (ours["gap_m"] <= SETTINGS.tolerance.m).all()
    assert (ours["within_tolerance_m"] >= SETTINGS.min_shared_edge.m).all()


def test_all_rows_fall_into_the_ten_components_of_rook(whole: Comparison, land: gpd.GeoDataFrame) -> None:
    found = clusters(land, whole.edges)
    assert len(found) == 10
    assert found["n_parcels"].sum() == len(land)
    assert found["area_m2"].sum() == pytest.approx(land.area.sum())


def test_parcels_with_a_record_fall_into_blocks_as_rook_has_them_but_for_listed_pairs(
    with_record: gpd.GeoDataFrame,
) -> None:
    result = compare(with_record)
    assert result.rook_components == 750
    assert (result.differing["cause"] != "").all()
    found = clusters(with_record, result.edges)
    block = {code: number for number, codes in enumerate(found["parcel_codes"]) for code in codes}
    # Blocks that only we join are joined by listed pairs, and those that only rook joins hang by listed pairs.
    assert 750 - len(found) == 1
    apart = [pair for pair in result.rook if block[pair[0]] != block[pair[1]]]
    listed = set(zip(result.differing["parcel_a"], result.differing["parcel_b"], strict=True))
    assert set(apart) <= listed


def test_what_the_database_answers_after_the_import_agrees_with_rook_but_for_listed_pairs(empty_db: Database) -> None:
    upgrade(empty_db, "EPSG:26986")
    file = Path(FOLDER) / "cambridge_ma_parcels" / "cambridge_parcels.gpkg"
    geo.load(empty_db, file, kind="parcels", mapping="cambridge-parcels-fy2014", accept_valid=True)
    pairs = geo.adjacency(empty_db, "hongkou-2025", over="all", gap_m=0)
    result = compare(geo.parcels(empty_db), pairs[pairs["type"] == "shared_edge"])
    assert (result.differing["cause"] != "").all(), result.differing[result.differing["cause"] == ""].to_string()
    found = geo.clusters(empty_db, "hongkou-2025", over="all", gap_m=0)
    assert found["n_parcels"].sum() == len(geo.parcels(empty_db))
    block = {code: number for number, codes in enumerate(found["parcel_codes"]) for code in codes}
    apart = {pair for pair in result.rook if block[pair[0]] != block[pair[1]]}
    assert apart <= set(zip(result.differing["parcel_a"], result.differing["parcel_b"], strict=True))
    assert len(found) == result.rook_components == 10
