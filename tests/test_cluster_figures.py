"""What a cluster comes to: gross area, capacity, uses, owners, carriers; unions that are quick and right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import small_city
from drawn_land import adjacency, lane_city, parcels, run
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

import geo
from geo.database import Database
from geo.errors import ReadError
from geo.fields.readers import for_all
from geo.judge.clusters import find_clusters
from geo.judge.convex import convex_ground, convex_mean_square_depths
from geo.judge.dissolve import as_shapes, dissolved
from geo.policy import policy

SETTINGS = policy("hongkou-2025").clusters


def whole(given: gpd.GeoDataFrame, *between: Any, land: gpd.GeoDataFrame | None = None, **facts: Any) -> pd.Series[Any]:
    """The largest cluster."""
    known = {"site_area_m2": given.area, "gfa_m2": np.nan} | facts
    return find_clusters(given.assign(**known), adjacency(given, *between), SETTINGS, over="all", land=land).iloc[0]


# --- gross area -------------------------------------------------------------------------------------------------------

WEST, MIDDLE, EAST = box(0, 0, 40, 50), box(52, 0, 90, 50), box(102, 0, 140, 50)


def test_the_gross_area_has_the_lane_in_it_and_the_net_area_has_not() -> None:
    found = whole(parcels(WEST, MIDDLE))
    assert found.area_m2 == 2000 + 1900
    assert found.gross_area_m2 == pytest.approx(2000 + 1900 + 12 * 50)
    assert found.area_mu == pytest.approx(3900 * 15 / 10_000)


def test_a_registered_area_stays_the_net_area_and_the_lane_comes_on_top() -> None:
    found = whole(parcels(WEST, MIDDLE), site_area_m2=[2100.0, 1900.0])
    assert (found.area_m2, found.gross_area_m2) == (4000.0, pytest.approx(4600))


def test_land_of_others_between_is_no_lane() -> None:
    # A C whose bay is as wide as a lane, and holds a parcel of somebody else.
    land = parcels(box(0, 0, 60, 20), box(0, 20, 20, 42), box(0, 42, 60, 62), bay=box(20, 20, 60, 42))
    chosen = land.iloc[:3]
    assert whole(chosen).gross_area_m2 == pytest.approx(60 * 62, abs=1)
    assert whole(chosen, land=land).gross_area_m2 == pytest.approx(whole(chosen).area_m2, abs=1)


def test_the_strip_of_a_barrier_between_two_parcels_of_one_cluster_is_no_lane() -> None:
    # A U round a railway: both arms hang together over the bottom.
    land = parcels(box(0, 0, 50, 100), box(62, 0, 112, 100), box(0, -40, 112, 0))
    open_ground = whole(land).gross_area_m2 - whole(land).area_m2
    assert open_ground == pytest.approx(12 * 100, rel=0.01)
    railway = ("rail", "铁路", LineString([(56, 0), (56, 150)]))
    parted = whole(land, railway)
    assert parted.n_parcels == 3
    assert parted.gross_area_m2 == pytest.approx(parted.area_m2, abs=1)


def test_a_single_parcel_encloses_nothing_whatever_its_form() -> None:
    comb = shapely.union_all([box(0, 0, 20, 200), *[box(20, y, 200, y + 28) for y in range(0, 200, 43)]])
    found = whole(parcels(comb))
    assert found.gross_area_m2 == found.area_m2


# --- sums, uses, owners -----------------------------------------------------------------------------------------------


def test_capacity_is_what_the_plan_permits_and_counts_what_is_unknown() -> None:
    found = whole(parcels(WEST, MIDDLE, EAST), max_far=[3.0, np.nan, 2.0])
    assert (found.capacity_m2, found.n_capacity_unknown) == (2000 * 3 + 1900 * 2, 1)
    blank = whole(parcels(WEST, MIDDLE))
    assert np.isnan(blank.capacity_m2)
    assert blank.n_capacity_unknown == 2


def cell(*uses: tuple[str, float | None]) -> str:
    return json.dumps([{"code": "x", "table": "t", "use": use, "share": share} for use, share in uses])


def test_uses_are_told_by_area_and_what_is_not_said_stays_unsaid() -> None:
    office, both = cell(("commercial_office", 1.0)), cell(("commercial_office", 0.25), ("residential", 0.75))
    unsaid = cell(("commercial_office", None), ("residential", None))
    land = parcels(WEST, MIDDLE, EAST, box(152, 0, 190, 50), box(202, 0, 240, 50))
    found = whole(
        land, land_use_parts=[office, both, unsaid, None, None], main_use=[None, None, "mixed", None, "industrial"]
    )
    told = {row["use"]: (row["area_m2"], row["share"]) for row in found.uses}
    assert told == {
        "commercial_office": (2000 + 475, pytest.approx(2475 / 9600)),
        "residential": (1425, pytest.approx(1425 / 9600)),
        "mixed": (1900, pytest.approx(1900 / 9600)),
        "unknown": (1900, pytest.approx(1900 / 9600)),
        "industrial": (1900, pytest.approx(1900 / 9600)),
    }
    assert found.uses[0]["use"] == "commercial_office", "the largest first"


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (["private", "private"], "private"),
        (["private", "state_owned"], "mixed"),
        (["private", "mixed"], "mixed"),
        (["private", None], None),
        (["mixed", None], "mixed"),
        ([None, None], None),
    ],
)
def test_the_kind_of_owner_is_told_only_where_it_is_known(kinds: list[str | None], told: str | None) -> None:
    found = whole(parcels(WEST, MIDDLE), owner_kind=kinds)
    assert (None if pd.isna(found.owner_kind) else found.owner_kind) == told


def test_owners_are_counted_and_state_land_is_told_over_what_is_known() -> None:
    found = whole(parcels(WEST, MIDDLE, EAST), owner_count=[3, np.nan, 40], state_owned_share=[1.0, np.nan, 0.0])
    assert (found.owner_count, found.n_owner_count_unknown) == (43, 1)
    assert found.state_owned_share == pytest.approx(2000 / 3900)
    assert found.n_state_owned_unknown == 1


def test_what_is_told_of_owners_is_not_for_everybody() -> None:
    land = parcels(WEST, MIDDLE).assign(site_area_m2=1.0, gfa_m2=1.0, owner_kind="private")
    shown = for_all(find_clusters(land, adjacency(land), SETTINGS, over="all"))
    assert not [name for name in shown if "owner" in name or "state" in name]
    assert "area_m2" in shown


# --- unions and depths ------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["tiled", "overlapping", "T-junctions", "multi"]), st.floats(0, 360))
def test_a_union_is_the_ground_that_shapely_finds_one_by_one(seed: int, kind: str, turn: float) -> None:
    random = np.random.default_rng(seed)
    cells = [(x, y) for x in range(8) for y in range(8) if random.random() < 0.7] or [(0, 0)]
    grown = {"overlapping": 0.3}.get(kind, 0.0)
    shapes = [box(10 * x, 10 * y, 10 * x + 10 + grown, 10 * y + 10) for x, y in cells]
    if kind == "T-junctions":
        shapes = [translate(s, 0, 5 if x % 2 else 0) for s, (x, _) in zip(shapes, cells, strict=True)]
    if kind == "multi":
        shapes[0] = shapely.MultiPolygon([shapes[0], box(500, 500, 510, 510)])
    shapes = [rotate(s, turn, origin=(0, 0)) for s in shapes] if kind != "tiled" else shapes
    label = random.integers(0, 3, len(shapes))
    found = dissolved(as_shapes(shapes), label, 3)
    for number in range(3):
        own = [shape for shape, of in zip(shapes, label, strict=True) if of == number]
        if not own:
            assert found[number] is None
            continue
        plain = shapely.union_all(own)
        assert found[number].is_valid
        assert found[number].symmetric_difference(plain).area <= 1e-6 * plain.area


def test_a_union_of_many_pieces_is_one_ground() -> None:
    shapes = as_shapes([box(10 * x, 10 * y, 10 * x + 10, 10 * y + 10) for x in range(40) for y in range(40)])
    order = np.random.default_rng(1).permutation(len(shapes))
    (found,) = dissolved(shapes[order], np.zeros(len(shapes), dtype=np.int64), 1)
    assert found.geom_type == "Polygon"
    assert found.equals(box(0, 0, 400, 400))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_depth_of_convex_ground_is_that_of_points_all_over_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    ground = shapely.MultiPoint(random.normal(size=(9, 2)) * [100, 40]).convex_hull
    west, south, east, north = ground.bounds
    x, y = np.meshgrid(np.linspace(west, east, 200), np.linspace(south, north, 200))
    points = shapely.points(x.ravel(), y.ravel())
    inside = points[shapely.contains(ground, points)]
    sampled = np.square(shapely.distance(inside, ground.exterior)).mean()
    assert convex_ground(as_shapes([ground]))[0]
    assert convex_mean_square_depths(as_shapes([ground]))[0] == pytest.approx(sampled, rel=0.05)


def test_what_is_convex_is_told_apart_from_what_is_not() -> None:
    star = shapely.Polygon([(np.cos(2 * a), np.sin(2 * a)) for a in np.arange(5) * 2 * np.pi / 5])
    ell = shapely.union(box(0, 0, 30, 10), box(0, 0, 10, 30))
    holed = box(0, 0, 30, 30).difference(box(10, 10, 20, 20))
    two = shapely.MultiPolygon([box(0, 0, 1, 1), box(5, 0, 6, 1)])
    straight = shapely.Polygon([(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)])
    found = convex_ground(
        as_shapes([box(0, 0, 1, 1), Point(0, 0).buffer(3, quad_segs=20), straight, star, ell, holed, two])
    )
    assert found.tolist() == [True, False, True, False, False, False, False]  # a fine disc has too many corners


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_and_where_the_city_lies_change_no_figure(seed: int) -> None:
    land, lines = lane_city(3)
    figures = ["area_m2", "gross_area_m2", "gfa_m2", "n_gfa_unknown", "capacity_m2", "elongation", "compactness"]
    random = np.random.default_rng(seed)
    facts = {"site_area_m2": land.area, "gfa_m2": random.choice([np.nan, 900.0], len(land)), "max_far": 2.5}
    land = land.assign(**facts)
    one = find_clusters(land, run(land, lines), SETTINGS, over="all")
    turn = random.uniform(0, 360)

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame.set_geometry([translate(rotate(s, turn, origin=(0, 0)), 6e5, 3e6) for s in frame.geometry])

    order = random.permutation(len(land))
    there = moved(land).iloc[order]
    two = find_clusters(there, run(there, moved(lines)), SETTINGS, over="all")
    left, right = (frame.sort_values("cluster_id")[figures].to_numpy(float) for frame in (one, two))
    np.testing.assert_allclose(left, right, rtol=2e-3, atol=2e-3)
    assert set(one["cluster_id"]) == set(two["cluster_id"])


# --- asked of a database ----------------------------------------------------------------------------------------------


def test_the_carriers_that_stand_on_a_cluster_are_told(city: Database) -> None:
    found = geo.clusters(city, "hongkou-2025", over="all").set_index("cluster_id")
    on = {frozenset(row.parcel_codes): row.carrier_codes for row in found.itertuples()}
    assert on[frozenset({"S1", "S2", "S3", "S4", "S5"})] == ["C1", "C2", "C5"]
    assert on[frozenset({"N1", "N2", "N3"})] == ["C3"]
    assert on[frozenset({"O1"})] == ["C6"]
    assert on[frozenset({"S8"})] == []
    assert (found["n_carriers"] == found["carrier_codes"].str.len()).all()


def test_the_branch_road_between_is_in_the_gross_area(city: Database) -> None:
    south = geo.clusters(city, "hongkou-2025", over="all").iloc[0]
    assert south.area_m2 == 60_000
    assert south.gross_area_m2 == pytest.approx(60_000 + 300 * 12)
    assert (south.capacity_m2, south.n_capacity_unknown) == (30_000 * 2 + 30_000 + 25_000 + 20_000 + 30_000, 0)


def sets(found: pd.DataFrame) -> set[frozenset[str]]:
    return {frozenset(codes) for codes in found["parcel_codes"]}


def test_the_parcels_of_carriers_that_count_are_a_set(city: Database) -> None:
    # C4 is delisted, and nobody knows where it stands.
    assert sets(geo.clusters(city, over="carriers")) == {
        frozenset({"S1", "S2", "S3"}),
        frozenset({"N1"}),
        frozenset({"O1"}),
    }


def test_a_drawn_outline_holds_the_parcels_that_lie_mostly_in_it(city: Database, tmp_path: Path) -> None:
    # All of S1, three quarters of S2, four tenths of S3 and S5.
    outline = shapely.union_all([small_city.box(-5, -5, 160, 105), small_city.box(220, 105, 310, 220)])
    outline = shapely.union(outline, small_city.box(160, 60, 310, 106))
    drawn = geo.clusters(city, over=outline)
    assert sets(drawn) == {frozenset({"S1", "S2"})}
    assert drawn.attrs["stamp"]["over"] == "outline"
    in_degrees = gpd.GeoSeries([outline], crs="EPSG:4549").to_crs(4326)
    assert sets(geo.clusters(city, over=in_degrees)) == sets(drawn)
    file = tmp_path / "范围.geojson"
    file.write_text(in_degrees.to_json(), encoding="utf-8")
    assert sets(geo.clusters(city, over=str(file))) == sets(drawn)
    old = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:4549"}}}
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(outline)}
    file.write_text(json.dumps(old | {"features": [feature]}), encoding="utf-8")
    assert sets(geo.clusters(city, over=file)) == sets(drawn)


def test_an_outline_that_cannot_be_used_gets_one_clear_error(city: Database, tmp_path: Path) -> None:
    file = tmp_path / "x.geojson"
    for content, told in (
        ("{", "no GeoJSON"),
        ("[]", "no GeoJSON"),
        ('{"type": "Point", "coordinates": [1, 2]}', "no polygon"),
    ):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(ReadError, match=told):
            geo.clusters(city, over=file)
    with pytest.raises(ReadError, match="cannot be read"):
        geo.clusters(city, over=tmp_path / "none.geojson")
    with pytest.raises(ReadError, match="degrees"):
        geo.clusters(city, over=box(121.4, 31.2, 121.5, 31.3))
    with pytest.raises(ReadError, match="no area"):
        geo.clusters(city, over=LineString([(641_000, 3_462_000), (641_100, 3_462_000)]))
    with pytest.raises(ReadError, match="CRS"):
        geo.clusters(city, over=gpd.GeoSeries([box(0, 0, 1, 1)]))
