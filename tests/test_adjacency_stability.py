"""Typed adjacency held as a whole: noise of drawing, turned and shuffled maps, and lengths that are known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn_land import adjacency, lane_city, noisy, only, parcels, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_segments import merge_intervals
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
    seeds, moved = range(10), 0
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


@pytest.mark.parametrize("turn", range(0, 180, 9))
def test_a_lane_just_as_wide_and_just_as_long_as_one_must_be_is_one_however_the_map_lies(turn: int) -> None:
    west, east = box(0, 0, 40, 50), box(64.2, 40, 104.2, 90)
    found = adjacency(parcels(rotate(west, turn, origin=(0, 0)), rotate(east, turn, origin=(0, 0))))
    assert only(found).type == "lane"
    assert only(found).length_m == pytest.approx(10, abs=1e-6)


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


def test_overlapping_stretches_are_united_and_touching_groups_kept_apart() -> None:
    group, start, stop = np.array([7, 3, 3, 7, 3, 3]), np.array([0.0, 5, 0, 2, 1, 9]), np.array([4.0, 6, 9, 3, 2, 12])
    merged = merge_intervals(group, start, stop)
    assert [column.tolist() for column in merged] == [[3, 7], [0, 0], [12, 4]]


def test_which_of_two_parcels_comes_first_changes_nothing() -> None:
    bay = Polygon([(0, 0), (60, 0), (60, 40), (40, 40), (40, 12), (22, 18), (20, 40), (0, 40)])
    nose = Polygon([(24, 60), (28, 27), (31, 24), (35, 27), (37, 60)])
    one, two = only(adjacency(parcels(bay, nose))), only(adjacency(parcels(nose, bay)))
    assert (one.type, one.gap_m) == (two.type, two.gap_m) == ("lane", pytest.approx(two.gap_m))
    assert one.length_m == pytest.approx(two.length_m)


def test_a_lane_that_widens_counts_as_far_as_it_is_narrow_enough() -> None:
    wedge = parcels(box(0, 0, 100, 50), Polygon([(0, 60), (100, 100), (100, 150), (0, 150)]))
    # The upper outline rises by 0.4.  Looking up, square off it, 24.2 m reach from 4.0 to 40.2 m along the lower one, 33.6 m
    # of the upper; looking down, straight, they reach 35.5 m along the lower.  With 16.2 m it is 13.6 and 15.5 m.
    assert only(adjacency(wedge)).length_m == pytest.approx((33.6 + 35.5) / 2, abs=0.6)
    assert only(adjacency(wedge, lane_width_m=16)).length_m == pytest.approx((13.6 + 15.5) / 2, abs=0.6)


def test_the_order_of_barriers_that_cut_alike_changes_nothing() -> None:
    land = parcels(box(0, 0, 40, 50), box(52, 0, 90, 50))
    rows = [("wall", name, LineString([(46, -9), (46, 59)])) for name in ("乙", "甲", "丙")]
    names = {only(adjacency(land, *(rows[n:] + rows[:n]))).barrier for n in range(3)}
    assert len(names) == 1
