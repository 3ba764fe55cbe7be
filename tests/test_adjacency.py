"""Typed adjacency on hand-drawn parcels whose answer is plain to the eye.  Distances in metres."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from drawn_land import CENTRE, EAST, ROADS, WEST, adjacency, barriers, only, parcels, run, types
from shapely import LineString, MultiPolygon, Polygon, box
from shapely.affinity import translate

from geo.measure.adjacency import COLUMNS, barrier_parts, joined

# --- touching ---------------------------------------------------------------------------------------------------------


def test_two_parcels_on_one_edge_share_it() -> None:
    pair = only(adjacency(parcels(WEST, box(40, 0, 80, 50))))
    assert (pair.parcel_a, pair.parcel_b, pair.type, pair.barrier) == ("A", "B", "shared_edge", None)
    assert pair.length_m == pytest.approx(50)
    assert pair.gap_m == 0


def test_an_edge_is_shared_though_no_vertex_is() -> None:
    found = adjacency(parcels(WEST, box(40, 30, 80, 90), box(40, -40, 80, 30)))
    assert types(found) == {"AB": "shared_edge", "AC": "shared_edge", "BC": "shared_edge"}
    assert found["length_m"].to_list() == pytest.approx([20, 30, 40])


@pytest.mark.parametrize("shift", [0.05, -0.05, 0.19, -0.19])
def test_a_gap_or_an_overlap_within_the_tolerance_changes_nothing(shift: float) -> None:
    pair = only(adjacency(parcels(WEST, box(40 + shift, 0, 80, 50))))
    assert pair.type == "shared_edge"
    assert pair.length_m == pytest.approx(50, abs=0.5)
    assert pair.gap_m == pytest.approx(max(shift, 0.0))


def test_a_gap_beyond_the_tolerance_is_no_edge_but_a_narrow_lane() -> None:
    pair = only(adjacency(parcels(WEST, box(40.3, 0, 80, 50))))
    assert pair.type == "lane"
    assert pair.length_m == pytest.approx(50, abs=0.1)
    assert pair.gap_m == pytest.approx(0.3)


def test_with_a_gap_of_nought_only_edges_within_the_tolerance_are_left() -> None:
    row = parcels(WEST, box(40.1, 0, 80, 50), box(80.3, 0, 120, 50), box(130, 0, 150, 50))
    assert types(adjacency(row, lane_width_m=0.0)) == {"AB": "shared_edge"}


def test_parcels_that_meet_in_a_point_are_a_corner_without_length() -> None:
    pair = only(adjacency(parcels(WEST, box(40, 50, 80, 100))))
    assert (pair.type, pair.gap_m) == ("corner", 0)
    assert pair.length_m == pytest.approx(0)


def test_a_contact_shorter_than_the_least_edge_is_a_corner() -> None:
    pair = only(adjacency(parcels(WEST, box(40, 49.2, 80, 100))))
    assert pair.type == "corner"
    assert pair.length_m == pytest.approx(0.8)
    assert only(adjacency(parcels(WEST, box(40, 48.8, 80, 100)))).type == "shared_edge"


def test_corners_that_overlap_by_centimetres_are_still_a_corner() -> None:
    assert only(adjacency(parcels(WEST, box(39.95, 49.95, 80, 100)))).type == "corner"


def test_four_parcels_round_a_point_have_four_edges_and_two_corners() -> None:
    four = parcels(box(0, 0, 30, 30), box(30, 0, 60, 30), box(0, 30, 30, 60), box(30, 30, 60, 60))
    found = types(adjacency(four))
    assert found == {pair: "corner" if pair in ("AD", "BC") else "shared_edge" for pair in found}
    assert len(found) == 6


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(box(30, 0, 80, 50), id="ten metres over each other"),
        pytest.param(box(15, -20, 25, 70), id="a cross"),
        pytest.param(box(10, 10, 30, 40), id="one inside the other"),
        pytest.param(WEST, id="the same outline twice"),
        pytest.param(box(0, 0, 20, 50), id="half of it"),
    ],
)
def test_parcels_drawn_across_each_other_touch(other: Polygon) -> None:
    pair = only(adjacency(parcels(WEST, other), lane_width_m=0.0))
    assert (pair.type, pair.gap_m) == ("shared_edge", 0)
    assert pair.length_m >= 10


def test_an_enclave_shares_the_whole_of_its_outline_with_what_surrounds_it() -> None:
    hole = box(10, 10, 30, 40)
    pair = only(adjacency(parcels(WEST.difference(hole), hole)))
    assert pair.type == "shared_edge"
    assert pair.length_m == pytest.approx(hole.length)


def test_a_parcel_within_a_hole_across_a_lane_is_joined_over_the_lane() -> None:
    ring = box(0, 0, 100, 100).difference(box(20, 20, 80, 80))
    pair = only(adjacency(parcels(ring, box(28, 28, 72, 72))))
    assert (pair.type, pair.gap_m) == ("lane", 8)
    assert pair.length_m == pytest.approx(4 * 44, rel=0.02)


def test_each_part_of_a_multipolygon_counts() -> None:
    scattered = MultiPolygon([box(40, 0, 60, 20), box(40, 30, 60, 50), box(500, 0, 520, 20)])
    pair = only(adjacency(parcels(WEST, scattered)))
    assert pair.type == "shared_edge"
    assert pair.length_m == pytest.approx(40)


def test_a_parcel_that_touches_nothing_is_in_no_pair() -> None:
    assert adjacency(parcels(WEST, box(100, 0, 140, 50))).empty


# --- over a lane ------------------------------------------------------------------------------------------------------


def test_parcels_that_face_each_other_over_a_lane_are_joined_by_it() -> None:
    pair = only(adjacency(parcels(WEST, EAST)))
    assert (pair.type, pair.barrier) == ("lane", None)
    assert pair.length_m == pytest.approx(50, abs=0.5)
    assert pair.gap_m == pytest.approx(12)


def test_only_the_part_that_is_opposite_counts_as_frontage() -> None:
    pair = only(adjacency(parcels(WEST, translate(EAST, 0, 30))))
    assert pair.length_m == pytest.approx(20, abs=1)


def test_a_lane_wider_than_allowed_joins_nothing() -> None:
    assert adjacency(parcels(WEST, translate(EAST, 12.5))).empty
    assert only(adjacency(parcels(WEST, translate(EAST, 11.5)))).type == "lane"


def test_a_lane_of_just_the_widest_width_joins_whatever_its_last_centimetre() -> None:
    for centimetres in (-3, 0, 3):
        assert only(adjacency(parcels(WEST, translate(EAST, 12 + centimetres / 100)))).type == "lane"


def test_a_frontage_shorter_than_allowed_joins_nothing() -> None:
    assert adjacency(parcels(WEST, translate(EAST, 0, 42))).empty
    assert only(adjacency(parcels(WEST, translate(EAST, 0, 38)))).type == "lane"


def test_parcels_across_a_crossing_from_each_other_do_not_face_each_other() -> None:
    crossing = parcels(WEST, EAST, box(0, 62, 40, 100), box(52, 62, 90, 100))
    assert types(adjacency(crossing)) == {"AB": "lane", "AC": "lane", "BD": "lane", "CD": "lane"}


def test_a_third_parcel_in_between_parts_two_others() -> None:
    row = parcels(WEST, box(40, 0, 52, 50), EAST)
    assert types(adjacency(row)) == {"AB": "shared_edge", "BC": "shared_edge"}


def test_a_third_parcel_leaves_the_frontage_beside_it_free() -> None:
    found = adjacency(parcels(WEST, box(41, 0, 51, 30), EAST))
    assert types(found)["AC"] == "lane"
    assert found["length_m"].to_list()[1] == pytest.approx(20, abs=1)


def test_a_bay_does_not_face_over_its_own_land() -> None:
    shallow = Polygon([(0, 0), (8, 0), (8, 50), (0, 50)])
    pair = only(adjacency(parcels(shallow, box(18, 0, 60, 50))))
    assert pair.length_m == pytest.approx(50, abs=0.5)  # the far side, 18 m off, looks the other way


def test_parcels_that_meet_in_a_point_and_face_each_other_over_a_wedge_are_joined_by_it() -> None:
    wedge = parcels(Polygon([(0, 0), (60, 20), (60, 60), (0, 60)]), box(0, -40, 60, 0))
    pair = only(adjacency(wedge))
    assert (pair.type, pair.gap_m) == ("lane", 0)
    assert pair.length_m == pytest.approx(60, abs=3)
    assert only(adjacency(wedge, lane_width_m=0.0)).type == "corner"


@pytest.mark.parametrize(("road_class", "joins"), ROADS.items())
def test_a_road_in_the_lane_parts_unless_its_class_may_be_crossed(road_class: str, joins: bool) -> None:
    pair = only(adjacency(parcels(WEST, EAST), (road_class, "某路", CENTRE)))
    assert pair.type == ("lane" if joins else "barrier")
    assert pair.barrier == (None if joins else f"{road_class}:某路")
    assert pair.length_m == pytest.approx(50, abs=0.5)


def test_a_class_of_which_the_policy_says_nothing_parts() -> None:
    assert only(adjacency(parcels(WEST, EAST), ("canal", None, CENTRE))).barrier == "canal"


def test_a_barrier_that_ends_between_two_parcels_leaves_the_rest_free() -> None:
    half = LineString([(46, -30), (46, 25)])
    pair = only(adjacency(parcels(WEST, EAST), ("rail", None, half)))
    assert (pair.type, pair.barrier) == ("lane", None)
    assert pair.length_m == pytest.approx(25, abs=1)
    nearly = LineString([(46, -30), (46, 42)])
    assert only(adjacency(parcels(WEST, EAST), ("rail", None, nearly))).type == "barrier"


def test_a_gate_in_a_wall_joins_only_if_it_is_wide_enough() -> None:
    def gate(width: float) -> tuple[tuple[str, None, LineString], tuple[str, None, LineString]]:
        south, north = 25 - width / 2, 25 + width / 2
        return ("wall", None, LineString([(46, -9), (46, south)])), ("wall", None, LineString([(46, north), (46, 59)]))

    assert only(adjacency(parcels(WEST, EAST), *gate(12))).type == "lane"
    assert only(adjacency(parcels(WEST, EAST), *gate(8))).type == "barrier"


def test_a_river_drawn_as_a_polygon_parts_its_banks() -> None:
    pair = only(adjacency(parcels(WEST, EAST), ("river", "虹口港", box(42, -100, 50, 200))))
    assert (pair.type, pair.barrier) == ("barrier", "river:虹口港")


def test_a_river_up_to_both_outlines_parts_its_banks() -> None:
    assert only(adjacency(parcels(WEST, EAST), ("river", None, box(40, -100, 52, 200)))).type == "barrier"


def test_a_river_under_parcels_drawn_to_its_middle_parts_them() -> None:
    pair = only(adjacency(parcels(WEST, box(40, 0, 80, 50)), ("river", None, box(35, -100, 45, 200))))
    assert (pair.type, pair.barrier) == ("barrier", "river")


@pytest.mark.parametrize("shift", [0.0, 0.03, -0.03, 0.1, -0.1])
def test_a_railway_on_the_shared_edge_parts_it(shift: float) -> None:
    rail = LineString([(40 + shift, -50), (40 + shift, 100)])
    pair = only(adjacency(parcels(WEST, box(40, 0, 80, 50)), ("rail", "淞沪铁路", rail)))
    assert (pair.type, pair.barrier) == ("barrier", "rail:淞沪铁路")
    assert pair.length_m == pytest.approx(50)


def test_a_railway_along_most_of_the_shared_edge_parts_it() -> None:
    rail = LineString([(40, 0), (40, 44)])
    assert only(adjacency(parcels(WEST, box(40, 0, 80, 50)), ("rail", None, rail))).type == "barrier"


def test_a_wall_along_part_of_the_shared_edge_leaves_the_rest() -> None:
    wall = LineString([(40, 0), (40, 30)])
    pair = only(adjacency(parcels(WEST, box(40, 0, 80, 50)), ("wall", None, wall)))
    assert (pair.type, pair.barrier) == ("shared_edge", None)


def test_a_railway_across_the_shared_edge_leaves_it_shared() -> None:
    across = LineString([(-50, 25), (150, 25)])
    assert only(adjacency(parcels(WEST, box(40, 0, 80, 50)), ("rail", None, across))).type == "shared_edge"


@pytest.mark.parametrize("shift", [0.0, 0.03, -0.03])
def test_a_wall_on_the_outline_parts_what_lies_over_the_lane(shift: float) -> None:
    wall = LineString([(40 + shift, -5), (40 + shift, 55)])
    assert only(adjacency(parcels(WEST, EAST), ("wall", None, wall))).type == "barrier"


def test_a_barrier_beside_the_lane_cuts_nothing() -> None:
    beside = LineString([(-20, -10), (120, -10)])
    assert only(adjacency(parcels(WEST, EAST), ("rail", None, beside))).type == "lane"


def test_of_two_barriers_the_one_that_cuts_more_is_named() -> None:
    found = adjacency(
        parcels(WEST, EAST),
        ("wall", "短墙", LineString([(44, 40), (44, 60)])),
        ("river", "长河", LineString([(46, -10), (46, 60)])),
    )
    assert only(found).barrier == "river:长河"


def test_what_a_barrier_is_called_can_be_taken_apart() -> None:
    assert barrier_parts("rail:3号线: 高架段") == ("rail", "3号线: 高架段")
    assert barrier_parts("river") == ("river", None)


# --- the whole --------------------------------------------------------------------------------------------------------


def test_no_land_gives_an_empty_frame_with_all_columns() -> None:
    for land in (parcels(), parcels(WEST)):
        found = adjacency(land)
        assert found.empty
        assert tuple(found.columns) == COLUMNS


def test_a_code_that_stands_twice_is_refused() -> None:
    twice = gpd.GeoDataFrame({"parcel_code": ["A", "A"]}, geometry=[WEST, EAST])
    with pytest.raises(ValueError, match="twice"):
        adjacency(twice)


def test_nothing_that_is_given_is_changed() -> None:
    land, lines = parcels(EAST, WEST), barriers(("rail", None, CENTRE))
    before = land.to_wkb(), lines.to_wkb()
    run(land, lines)
    pd.testing.assert_frame_equal(land.to_wkb(), before[0])
    pd.testing.assert_frame_equal(lines.to_wkb(), before[1])


def test_only_edges_and_lanes_join() -> None:
    found = adjacency(
        parcels(WEST, box(40, 0, 80, 50), box(80, 50, 120, 90), box(0, 60, 30, 90)),
    )
    assert set(joined(found)["type"]) == {"shared_edge", "lane"}


def test_a_parcel_without_an_outline_is_in_no_pair_and_changes_no_other() -> None:
    land = parcels(box(0, 0, 40, 50), Polygon(), box(40, 0, 80, 50), None)
    found = adjacency(land)
    assert found[["parcel_a", "parcel_b", "type"]].to_numpy().tolist() == [["A", "C", "shared_edge"]]
    assert adjacency(parcels(Polygon(), None)).empty
