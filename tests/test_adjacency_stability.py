"""Typed adjacency held as a whole: noise of drawing, turned and shuffled maps, and lengths that are known."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from drawn_land import adjacency, lane_city, noisy, only, parcels, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box
from shapely.affinity import rotate, translate

from geo.fields.places import BARRIER_CLASS
from geo.settings import data_dir


@pytest.mark.parametrize("seed", range(10))
def test_noise_of_three_centimetres_moves_no_pair_of_the_city(seed: int) -> None:
    land, lines = lane_city()
    plain, shaken = run(land, lines), run(noisy(land, seed, 0.03), noisy(lines, 100 + seed, 0.03))
    columns = ["parcel_a", "parcel_b", "type", "barrier"]
    pd.testing.assert_frame_equal(plain[columns], shaken[columns])
    assert set(plain["type"]) == {"shared_edge", "lane", "corner", "barrier"}


def demo() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Parcels and barriers that ship with the program, in metres."""
    folder = data_dir() / "demo"
    land = gpd.read_file(folder / "parcels.geojson").to_crs(4549).rename(columns={"地块编号": "parcel_code"})
    lines = gpd.read_file(folder / "barriers.geojson").to_crs(4549).rename(columns={"名称": "name"})
    classes = {word: code for code, words in BARRIER_CLASS.items() for word in (code, *words)}
    return land, lines.assign(barrier_class=lines["阻隔类型"].map(classes))


def test_noise_of_three_centimetres_moves_a_thousandth_of_the_demo_at_most() -> None:
    land, lines = demo()
    assert lines["barrier_class"].notna().all()
    plain = run(land, lines)
    assert set(plain["type"]) == {"shared_edge", "lane", "corner", "barrier"}
    seeds, moved = range(5), 0
    for seed in seeds:
        shaken = run(noisy(land, seed, 0.03), noisy(lines, 100 + seed, 0.03))
        both = plain.merge(shaken, on=["parcel_a", "parcel_b"], how="outer", suffixes=("", "_shaken"))
        moved += int((both["type"] != both["type_shaken"]).sum())
    assert moved / len(seeds) <= 0.001 * len(plain)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    turn=st.floats(0, 360),
    x=st.floats(-5e5, 5e5),
    y=st.floats(0, 4e6),
    seed=st.integers(0, 2**16),
)
def test_turning_moving_and_shuffling_the_map_changes_nothing(turn: float, x: float, y: float, seed: int) -> None:
    land, lines = lane_city(2)
    plain = run(land, lines)
    moved = [
        frame.set_geometry([translate(rotate(s, turn, origin=(0, 0)), x, y) for s in frame.geometry])
        for frame in (land, lines)
    ]
    found = run(moved[0].sample(frac=1, random_state=seed), moved[1].sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(plain, found, rtol=1e-4, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(
    width=st.floats(0.5, 23.5),
    overlap=st.floats(-30, 45),
    turn=st.floats(0, 90),
)
def test_two_rectangles_over_a_lane_face_each_other_by_their_overlap(width: float, overlap: float, turn: float) -> None:
    west, east = box(0, 0, 40, 50), box(40 + width, 50 - overlap, 80 + width, 110 - overlap)
    found = adjacency(parcels(rotate(west, turn, origin=(0, 0)), rotate(east, turn, origin=(0, 0))))
    if overlap >= 11:
        assert only(found).length_m == pytest.approx(overlap, abs=1)
        assert only(found).gap_m == pytest.approx(width)
    elif overlap <= 9:
        assert found.empty


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(1, 20), st.floats(0, 20)), min_size=2, max_size=6))
def test_the_length_of_a_shared_edge_is_what_exact_geometry_says(steps: list[tuple[float, float]]) -> None:
    """Two parcels on a common broken line: the length is that of the line, whatever vertices each has on it."""
    x, line = 0.0, [(0.0, 0.0)]
    for right, rise in steps:
        x += right
        line.append((x, rise))
    shared = LineString(line)
    north, south = Polygon([*line, (x, 80), (0, 80)]), Polygon([*line, (x, -60), (0, -60)])
    dense = shapely.segmentize(south, 3.7)
    pair = only(adjacency(parcels(north, dense), lane_width_m=0.0))
    assert pair.length_m == pytest.approx(shared.length, abs=1e-6)
