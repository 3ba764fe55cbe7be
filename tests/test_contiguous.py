"""What hangs together, found without typing every pair, against the pairs themselves; and outlines as they are read."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import networkx as nx
import numba
import numpy as np
import pyarrow as pa
import pytest
import shapely
from contiguity_report import cambridge
from drawn_land import ROADS, barriers, lane_city, noisy, parcels
from hypothesis import HealthCheck, given, settings
from psycopg import sql
from shapely import LineString, MultiPolygon, Polygon, box
from test_adjacency_stability import demo
from test_adjacency_twin import layouts

from geo.database import Database
from geo.measure import streamed
from geo.measure.adjacency import Widths, barriers_that_part, contiguous, joined, typed_adjacency
from geo.measure.cache import look
from geo.measure.outlines import Outlines
from geo.measure.streamed import read_outlines
from geo.settings import settings as environment

WIDTHS = Widths(0.2, 1.0, 24.0, 10.0)
EDGES_ONLY = Widths(0.2, 1.0, 0.0, 10.0)
Partition = set[frozenset[str]]


def by_pairs(land: gpd.GeoDataFrame, lines: gpd.GeoDataFrame | None, widths: Widths) -> Partition:
    """The components of the graph of all pairs that join."""
    w = widths
    pairs = typed_adjacency(
        land,
        lines,
        tolerance_m=w.tolerance_m,
        min_shared_edge_m=w.min_shared_edge_m,
        lane_width_m=w.lane_width_m,
        min_frontage_m=w.min_frontage_m,
        crossable=ROADS,
    )
    graph = nx.Graph()
    graph.add_nodes_from(land["parcel_code"])
    graph.add_edges_from(zip(*(joined(pairs)[column] for column in ("parcel_a", "parcel_b")), strict=True))
    return {frozenset(found) for found in nx.connected_components(graph)}


def by_joining(land: gpd.GeoDataFrame, lines: gpd.GeoDataFrame | None, widths: Widths) -> Partition:
    _, shapes = barriers_that_part(lines, ROADS)
    numbers = contiguous(Outlines.of(np.asarray(land.geometry.array, dtype=object)), shapes, widths)
    codes = land["parcel_code"].to_numpy(dtype=object)
    return {frozenset(codes[numbers == number]) for number in np.unique(numbers)}


def test_how_many_processors_there_are_changes_no_number() -> None:
    land, lines = demo()
    _, shapes = barriers_that_part(lines, ROADS)
    outlines, hands = Outlines.of(np.asarray(land.geometry.array, dtype=object)), numba.get_num_threads()
    numbers = contiguous(outlines, shapes, WIDTHS)
    numba.set_num_threads(1)
    try:
        assert (contiguous(outlines, shapes, WIDTHS) == numbers).all()
    finally:
        numba.set_num_threads(hands)


@pytest.mark.parametrize("widths", [WIDTHS, EDGES_ONLY], ids=["lanes", "edges only"])
def test_it_is_what_the_pairs_join_on_the_city_and_on_the_demo(widths: Widths) -> None:
    for land, lines in (lane_city(), demo()):
        shaken = noisy(land, 3, 0.03), noisy(lines, 4, 0.03)
        for ground, barrier in ((land, lines), (land, None), shaken):
            found = by_joining(ground, barrier, widths)
            assert found == by_pairs(ground, barrier, widths)
            assert (barrier is None) or 1 < len(found) < len(ground)


def test_the_order_of_rows_changes_nothing() -> None:
    land, lines = lane_city()
    plain = by_joining(land, lines, WIDTHS)
    for seed in range(3):
        assert by_joining(land.sample(frac=1, random_state=seed), lines, WIDTHS) == plain


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(layouts())
def test_it_is_what_the_pairs_join_on_land_that_nobody_would_draw(
    layout: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> None:
    for widths in (WIDTHS, EDGES_ONLY):
        assert by_joining(*layout, widths) == by_pairs(*layout, widths)


@pytest.mark.skipif(environment().real_data is None, reason="SHUANGBEI_REAL_DATA names no folder of real layers")
def test_it_is_what_the_pairs_join_on_a_real_cadastre() -> None:
    folder = environment().real_data
    assert folder is not None
    land = cambridge(folder).drop_duplicates("parcel_code")
    for ground in (land, land[land["has_record"]]):
        found = by_joining(ground, None, EDGES_ONLY)
        assert found == by_pairs(ground, None, EDGES_ONLY)


@pytest.mark.parametrize(
    ("wall", "sets"),
    [
        pytest.param(LineString([(40, -9), (40, 59)]), 2, id="along the edge"),
        pytest.param(LineString([(40, -9), (40, 20)]), 1, id="along less than half of it"),
        pytest.param(LineString([(200, 0), (200, 50)]), 1, id="elsewhere"),
    ],
)
def test_a_wall_on_an_edge_parts_what_no_lane_joins_again(wall: LineString, sets: int) -> None:
    land = parcels(box(0, 0, 40, 50), box(40, 0, 80, 50))
    assert len(by_joining(land, barriers(("wall", None, wall)), WIDTHS)) == sets


def test_a_wall_along_what_is_drawn_across_each_other_parts_it() -> None:
    land = parcels(box(0, 0, 50, 50), box(40, 0, 90, 50))
    river = barriers(("river", None, box(39, -9, 51, 59)))
    assert len(by_joining(land, None, WIDTHS)) == 1
    assert by_joining(land, river, WIDTHS) == by_pairs(land, river, WIDTHS) == {frozenset("A"), frozenset("B")}


# --- outlines ---------------------------------------------------------------------------------------------------------

RING = box(0, 0, 30, 30).difference(box(10, 10, 20, 20))
SHAPES: list[Any] = [
    box(0, 0, 10, 10),
    RING,
    MultiPolygon([box(40, 0, 50, 10), RING]),
    Polygon([(0, 0), (0, 9), (9, 9), (9, 9), (0, 0)]),
]


def same(one: Any, other: Any) -> bool:
    """Equal rings of points; a single polygon and the multipolygon of it are one."""
    return all(
        [part.exterior.coords[:] for part in a] == [part.exterior.coords[:] for part in b]
        and [ring.coords[:] for part in a for ring in part.interiors]
        == [ring.coords[:] for part in b for ring in part.interiors]
        for a, b in zip(map(shapely.get_parts, one), map(shapely.get_parts, other), strict=True)
    )


def test_outlines_give_back_the_shapes_that_they_were_made_of() -> None:
    shapes = np.array([*SHAPES, None, Polygon(), LineString([(0, 0), (1, 1)])], dtype=object)
    found = Outlines.of(shapes)
    assert len(found) == len(shapes)
    assert same(found.shapes(np.array([2, 0, 2, 1, 3])), [SHAPES[n] for n in (2, 0, 2, 1, 3)])
    assert shapely.is_empty(found.shapes(np.array([4, 5, 6]))).all()


@pytest.mark.parametrize("block", [1, 300, 1 << 25])
def test_outlines_are_read_as_they_stand_in_the_database(
    city: Database, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(streamed, "_BLOCK", block)
    codes = ["甲", "", "b", "长" * 90, "nowhere", "empty"]
    shapes = [*SHAPES, None, MultiPolygon()]
    rows = [
        sql.SQL("({}, {}::geometry)").format(sql.Literal(code), sql.Literal(None if shape is None else shape.wkb_hex))
        for code, shape in zip(codes, shapes, strict=True)
    ]
    query = sql.SQL("SELECT * FROM (VALUES {}) v (parcel_code, geom)").format(sql.SQL(", ").join(rows))
    with look(city) as seen:
        named, found = read_outlines(seen.connection, query, {})
        none, nothing = read_outlines(seen.connection, sql.SQL("SELECT * FROM ({}) v LIMIT 0").format(query), {})
    assert named.equals(pa.array(codes, pa.large_string()))
    assert same(found.shapes(np.arange(4)), SHAPES)
    assert shapely.is_empty(found.shapes(np.array([4, 5]))).all()
    assert (len(none), len(nothing)) == (0, 0)


def test_what_is_no_polygon_is_refused(city: Database) -> None:
    for text in ("LINESTRING (0 0, 1 1)", "POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))"):
        query = sql.SQL("SELECT 'A'::text AS parcel_code, {}::geometry AS geom").format(sql.Literal(text))
        with look(city) as seen, pytest.raises(TypeError, match="no polygon"):
            read_outlines(seen.connection, query, {})
