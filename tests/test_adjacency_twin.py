"""The compiled kernel against its plain twin (numpy and shapely, another way of getting there) on all kinds of land."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import plain_adjacency
import pytest
import shapely
from contiguity_report import cambridge
from drawn_land import ROADS, lane_city, noisy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon
from shapely.affinity import rotate
from test_adjacency_stability import demo

from geo.measure.adjacency import typed_adjacency
from geo.settings import settings as environment

WIDTHS: dict[str, Any] = {
    "tolerance_m": 0.2,
    "min_shared_edge_m": 1.0,
    "lane_width_m": 24.0,
    "min_frontage_m": 10.0,
    "crossable": ROADS,
}


def differences(land: gpd.GeoDataFrame, lines: gpd.GeoDataFrame | None, **widths: Any) -> pd.DataFrame:
    """The pairs that the two tell otherwise, lengths and gaps to the millimetre."""
    asked = WIDTHS | widths
    ours, plain = typed_adjacency(land, lines, **asked), plain_adjacency.typed_adjacency(land, lines, **asked)
    both = ours.merge(plain, on=["parcel_a", "parcel_b"], how="outer", suffixes=("", "_plain"))
    same = (
        (both["type"] == both["type_plain"])
        & (both["barrier"].fillna("") == both["barrier_plain"].fillna(""))
        & np.isclose(both["length_m"], both["length_m_plain"], atol=1e-3, rtol=1e-6)
        & np.isclose(both["gap_m"], both["gap_m_plain"], atol=1e-6)
    )
    return both[~same]


def frame(shapes: list[Any], **columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4549)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Rows of parcels with lanes of all widths between, drawn over each other, with bays, holes and several parts."""
    shapes: list[Any] = []
    x = 0.0
    for _ in range(draw(st.integers(2, 4))):
        y, wide = draw(st.floats(-20, 20)), draw(st.floats(8, 50))
        for _ in range(draw(st.integers(1, 3))):
            high = draw(st.floats(8, 60))
            lean = draw(st.floats(-8, 8))
            shape = Polygon([(x, y), (x + wide, y + lean), (x + wide, y + high + lean), (x, y + high)])
            if draw(st.booleans()):
                shape = shape.difference(shapely.box(x + wide / 3, y + high / 2, x + wide / 2, y + high * 0.9))
            if draw(st.integers(0, 5)) == 0:
                shape = shapely.union(shape, shapely.box(x, y + high + 90, x + wide, y + high + 110))
            shapes.append(shape)
            y += high + draw(st.sampled_from([0.0, 0.1, -0.1, 6.0, 20.0, -7.0]))
        x += wide + draw(st.sampled_from([0.0, 0.05, -0.15, 0.5, 9.0, 18.0, 24.1, -5.0]))
    turn = draw(st.floats(0, 360))
    shapes = [rotate(shape, turn, origin=(0, 0)) for shape in shapes]
    lines: list[Any] = []
    for _ in range(draw(st.integers(0, 3))):
        ends = [(draw(st.floats(-60, 160)), draw(st.floats(-60, 160))) for _ in range(draw(st.integers(2, 4)))]
        line = LineString(ends)
        lines.append(line.buffer(draw(st.floats(1, 6))) if draw(st.booleans()) else line)
    kinds = [draw(st.sampled_from(["arterial", "branch", "river", "rail"])) for _ in lines]
    names: list[Any] = [draw(st.sampled_from(["甲", "乙", None])) for _ in lines]
    return (
        frame(shapes, parcel_code=[f"P{number}" for number in range(len(shapes))]),
        frame(lines, barrier_class=kinds, name=names),
    )


def test_the_two_agree_on_the_city_and_on_the_demo() -> None:
    for land, lines in (lane_city(), demo()):
        assert differences(land, lines).empty
        assert differences(land, None, lane_width_m=0.0).empty
        for seed in range(2):
            assert differences(noisy(land, seed, 0.03), noisy(lines, seed + 9, 0.03)).empty


@pytest.mark.parametrize("turn", [0, 33])
def test_the_two_agree_on_outlines_of_very_many_corners(turn: int) -> None:
    """Large outlines are sorted into bands: parcels with a corner every metre, then all streets, too, as one with holes."""
    land, lines = lane_city(3)
    streets = shapely.box(*land.total_bounds).buffer(15).difference(land.union_all().buffer(0.1, join_style="mitre"))
    shapes = [rotate(shape.segmentize(1.0), turn, origin=(0, 0)) for shape in (*land.geometry, streets)]
    assert min(shapely.get_num_coordinates(shapes)) > 48
    dense = noisy(frame(shapes, parcel_code=[*land["parcel_code"], "street"]), turn, 0.005)
    turned = lines.set_geometry(lines.rotate(turn, origin=(0, 0)))
    assert differences(dense, turned).empty
    assert differences(dense.iloc[:-1], turned).empty
    assert {"lane", "barrier"} <= set(typed_adjacency(dense.iloc[:-1], turned, **WIDTHS)["type"])
    edges = typed_adjacency(dense, turned, **WIDTHS).query("type == 'shared_edge'")
    assert set(land["parcel_code"]) <= set(edges["parcel_a"][edges["parcel_b"] == "street"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(layouts())
def test_the_two_agree_on_land_that_nobody_would_draw(layout: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]) -> None:
    land, lines = layout
    assert differences(land, lines).empty


@pytest.mark.parametrize("is_area", [False, True])
def test_of_two_barriers_that_cut_as_much_the_first_by_name_is_told_however_the_map_lies(is_area: bool) -> None:
    # 40 m of frontage, of which each river cuts as much from its own end: which sum is the larger hangs on the last bit.
    blocks = [shapely.box(0, 0, 40, 30), shapely.box(0, 42, 40, 72)]
    rivers = [LineString([(-1, 36), (15.3, 36)]), LineString([(24.7, 36), (41, 36)])]
    rivers = [river.buffer(1.0, cap_style="flat") if is_area else river for river in rivers]
    for turn in np.linspace(0, 360, 73):
        land = frame([rotate(block, turn, origin=(0, 0)) for block in blocks], parcel_code=["P0", "P1"])
        lines = frame(
            [rotate(river, turn, origin=(0, 0)) for river in rivers], barrier_class=["river"] * 2, name=["乙", "甲"]
        )
        assert differences(land, lines, min_frontage_m=15.0).empty
        found = typed_adjacency(land, lines, **WIDTHS | {"min_frontage_m": 15.0})
        assert found[["type", "barrier"]].to_numpy().tolist() == [["barrier", "river:乙"]]


@pytest.mark.parametrize("turn", [0, 1, 7, 30, 45, 61, 90, 133, 180, 271])
def test_the_two_agree_on_a_look_that_runs_along_an_edge_however_the_map_lies(turn: float) -> None:
    def parcel(x: float, y: float, lean: float) -> MultiPolygon:
        low = Polygon([(x, y), (x + 8, y + lean), (x + 8, y + 8 + lean), (x, y + 8)])
        return MultiPolygon([low, shapely.box(x, y + 98, x + 8, y + 118)])

    # The middle one leaves 5 m of frontage free in the south and 5 m in the north; there one look runs along its edge.
    shapes = [rotate(parcel(x, y, lean), turn, origin=(0, 0)) for x, y, lean in ((0, 0, 0), (8, 5, 1), (16, 0, 0))]
    land = frame(shapes, parcel_code=["P0", "P1", "P2"])
    assert differences(land, None).empty
    found = typed_adjacency(land, None, **WIDTHS).set_index(["parcel_a", "parcel_b"])
    assert found.loc[("P0", "P2"), "type"] == "lane"
    assert found.loc[("P0", "P2"), "length_m"] == pytest.approx(10, abs=1e-6)


@pytest.mark.skipif(environment().real_data is None, reason="SHUANGBEI_REAL_DATA names no folder of real layers")
def test_the_two_agree_on_a_real_cadastre() -> None:
    folder = environment().real_data
    assert folder is not None
    land = cambridge(folder)
    # A part of the town, its street polygons cut to it: the plain twin is slow.
    x, y = land.geometry.centroid.x.median(), land.geometry.centroid.y.median()
    part = shapely.box(x - 500, y - 500, x + 500, y + 500)
    near = land[land.intersects(part)]
    near = near.assign(geometry=near.intersection(part.buffer(50))).drop_duplicates("parcel_code")
    assert len(near) > 500
    assert differences(near, None).empty
