"""What is read whole says what reading cell by cell, row by row or shape by shape says."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_files import EAST, MAPPING, NORTH, current, gpkg, mapping, parcels, written

from geo.database import Database
from geo.fields import KINDS
from geo.intake import load, neighbours, tiles
from geo.intake.columns import Rows, map_columns
from geo.intake.distinct import Distinct
from geo.intake.findings import Findings
from geo.intake.mapping import parse_mapping
from geo.intake.outlines import Drawn, Outlines
from geo.intake.read import Source
from geo.intake.stream import read_stream
from geo.intake.vector import read_vector
from geo.policy import policy as read_policy

PARCELS = KINDS["parcels"]
#: cells that are plain, and cells that only look so
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "-", "—", "－", "N/A", "null", "3月12日", "12-Mar", "0", "a\x00b", "　全角　", "\ufeff HK-1"]
    ),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=6),
)
NUMBERS = st.one_of(
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 1e16, 2.0**31, 2.0**53 + 2, 1599.0, 1998.0]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-3, 3000).map(float),
)


def mapped(columns: dict[str, pd.Series[Any]], spec: dict[str, Any]) -> Rows:
    """The rows of a table, by a mapping of these columns."""
    frame = pd.DataFrame(columns)
    n = len(frame)
    plan = parse_mapping({"kind": "parcels", "columns": spec}, "m.toml", PARCELS)
    source = Source("a.csv", "", None, frame, np.arange(1, n + 1), None, np.zeros(n, dtype=bool), None)
    return map_columns(source, plan)


def said(rows: Rows) -> tuple[dict[str, list[Any]], list[tuple[Any, ...]]]:
    """What rows say, and what was found in them."""
    found = sorted((i.position, i.field, i.value, i.rule, i.severity, i.advice) for i in rows.findings.items)
    return {name: column.to_pylist() for name, column in rows.columns.items()}, found


@given(st.lists(TEXTS, min_size=1, max_size=12), st.booleans())
def test_a_column_of_text_read_whole_is_what_its_cells_are(cells: list[str | None], missing: bool) -> None:
    spec: dict[str, Any] = {"parcel_code": {"column": "x", "prefix": "P-"}, "name": {"column": "x"}}
    if missing:
        spec["address"] = {"column": "x", "missing": ["0"]}
    whole = mapped({"x": pd.Series(cells, dtype="str")}, spec)
    by_cell = mapped({"x": pd.Series(cells, dtype=object)}, spec)
    assert said(whole) == said(by_cell)


@given(st.lists(NUMBERS, min_size=1, max_size=12))
def test_a_column_of_numbers_read_whole_is_what_its_cells_are(cells: list[float]) -> None:
    spec = {
        "parcel_code": {"row_number": "r"},
        "registered_area_m2": {"column": "x", "unit": "亩"},
        "gfa_m2": {"column": "x", "missing": [0, "x", "-1"]},
        "max_far": "x",
        "year_built": {"column": "x", "missing": [0]},
        "owner_count": "x",
    }
    whole = mapped({"x": pd.Series(cells, dtype="float64")}, spec)
    by_cell = mapped({"x": pd.Series(cells, dtype=object)}, spec)
    assert said(whole) == said(by_cell)


@given(
    st.lists(st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from([0.0, 1.0, "1", [1]])), max_size=9)
)
def test_each_row_has_the_cell_that_it_had(cells: list[Any]) -> None:
    found = Distinct.of(pd.Series(cells, dtype=object))
    again = [found.cells.tolist()[i] for i in found.index]
    assert [(type(a), a) for a in again] == [(type(c), c) for c in cells]
    for i in range(len(found.cells)):
        assert found.positions(i).tolist() == [row for row, cell in enumerate(found.index) if cell == i]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(0, 0, 1, 1),
        shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)]]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]]),
        shapely.Point(1, 2),
        None,
    ],
)
@pytest.mark.parametrize("several", [True, False])
def test_a_shape_goes_to_the_database_as_it_is_with_its_datum(shape: shapely.Geometry | None, several: bool) -> None:
    whole = np.array([shape, None, shape, shapely.Point(5, 5)], dtype=object)
    drawn = Drawn.of(whole, 4549, several=several)
    again = drawn.outlines.shapes()
    assert again[1] is None
    for found in (again[0], again[2]):
        if shape is None:
            assert found is None
            continue
        assert found.equals(shape)
        assert shapely.get_srid(found) == 4549
        assert found.geom_type.startswith("Multi") or not several or shape.geom_type == "Point"


def test_outlines_are_taken_as_an_array_is() -> None:
    shapes = np.array([shapely.Point(i, i) if i % 3 else None for i in range(50)], dtype=object)
    outlines = Outlines.of(shapes)
    assert outlines[4].equals(shapes[4])  # type: ignore[union-attr]
    assert outlines[3] is None
    chosen = np.array([7, 0, 7, 49])
    assert [s and s.wkt for s in outlines[chosen].shapes()] == [s and s.wkt for s in shapes[chosen]]
    mask = np.arange(50) % 2 == 0
    assert [s and s.wkt for s in outlines[mask].shapes()] == [s and s.wkt for s in shapes[mask]]
    parts = [(start, len(part)) for start, part in outlines.chunks(20)]
    assert parts == [(0, 20), (20, 20), (40, 10)]


@given(st.integers(1, 60), st.integers(0, 1000), st.integers(1, 9))
def test_each_outline_stands_in_one_tile_with_all_that_is_near_it(n: int, seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 100, (n, 2))
    bounds = np.hstack([low, low + rng.uniform(0, 30, (n, 2))])
    chosen = np.flatnonzero(rng.uniform(size=n) < 0.8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "TILE", size)
        found = list(tiles.tiles(bounds, chosen, 5.0))
    assert sorted(i for own, _ in found for i in own.tolist()) == chosen.tolist()
    boxes = shapely.box(*bounds.T)
    for own, near in found:
        assert len(own) <= size
        for i in own.tolist():
            beside = [j for j in chosen.tolist() if shapely.distance(boxes[i], boxes[j]) <= 5]
            assert set(beside) <= set(near.tolist())


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_neighbours_looked_at_by_tiles_are_those_looked_at_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = (grid.ravel() * 50.0 for grid in np.meshgrid(np.arange(6), np.arange(6)))
    size = rng.choice([49.9, 50.0, 50.02, 51.5, 20.0], 36)
    shapes = np.array([shapely.box(a, b, a + s, b + s) for a, b, s in zip(x, y, size, strict=True)], dtype=object)
    tolerances = read_policy("hongkou-2025").intake
    assert tolerances is not None

    def found(tile: int) -> list[tuple[Any, ...]]:
        rows = mapped({"x": pd.Series([f"P{i}" for i in range(36)], dtype="str")}, {"parcel_code": "x"})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tiles, "TILE", tile)
            neighbours.check_neighbours(rows, Drawn.of(shapes, 4549, several=True), tolerances)
        return sorted((i.position, i.rule, str(i.value), i.advice) for i in rows.findings.items)

    at_once = found(1000)
    assert at_once
    assert found(5) == at_once


def test_a_geopackage_read_as_a_stream_is_what_it_is_read_row_by_row(tmp_path: Path) -> None:
    frame = parcels(4, DKMC=["甲", None, "丙", "丁"], YDMJ=[1.5, math.nan, 3.0, -4.0])
    frame.loc[3, "geometry"] = None
    path = gpkg(tmp_path, frame)
    streamed = read_stream(path, None)
    assert streamed is not None
    plain, layer = read_vector(path, ".gpkg", None, None, "GeoPackage", Findings())
    assert streamed.layer == layer
    pd.testing.assert_frame_equal(streamed.frame, pd.DataFrame(plain.drop(columns="geometry")))
    assert shapely.to_wkb(streamed.outlines.shapes()).tolist() == shapely.to_wkb(plain.geometry.array).tolist()
    assert str(streamed.datum) == "EPSG:4549"


def test_a_geopackage_with_days_is_not_read_as_a_stream(tmp_path: Path) -> None:
    assert read_stream(gpkg(tmp_path, parcels(3).assign(d=pd.Timestamp("2025-03-07"))), None) is None


def test_a_ring_that_begins_at_another_corner_or_goes_the_other_way_is_no_change(db: Database, tmp_path: Path) -> None:
    ring = [(EAST, NORTH), (EAST + 90, NORTH + 3), (EAST + 80, NORTH + 99), (EAST - 2, NORTH + 70)]
    one = parcels(1, geometry=[shapely.Polygon(ring)])
    other = parcels(1, geometry=[shapely.Polygon([*ring[2:], *ring[:2]][::-1])])
    moved = parcels(1, geometry=[shapely.Polygon([*ring[:3], (EAST - 2, NORTH + 70.01)])])
    plan = mapping(tmp_path, MAPPING)
    load(db, gpkg(tmp_path, one), kind="parcels", mapping=plan)
    assert load(db, gpkg(tmp_path, other), kind="parcels", mapping=plan).import_id is None
    assert load(db, gpkg(tmp_path, moved), kind="parcels", mapping=plan).counts["changed"] == 1


def test_what_warns_is_worked_out_before_the_import_ends(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("a check that breaks")

    monkeypatch.setattr("geo.intake.around.check_neighbours", breaks)
    with pytest.raises(RuntimeError, match="a check that breaks"):
        load(db, gpkg(tmp_path, parcels(2)), kind="parcels", mapping=mapping(tmp_path, MAPPING))
    assert written(db) == 0


def test_lists_and_quotes_reach_the_database_as_they_are(db: Database, tmp_path: Path) -> None:
    name = 'a "quoted", \\. name\nof two lines, {braces} \\N'
    frame = parcels(2, DKMC=[name, "\\."])
    load(db, gpkg(tmp_path, gpd.GeoDataFrame(frame)), kind="parcels", mapping=mapping(tmp_path, MAPPING))
    assert current(db)["name"].tolist() == [name, "\\."]
