"""What is given back comes in again as the same rows: every kind, every format that can hold it, any values."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from intake_files import EAST, NORTH, table

import geo
from geo.database import Database
from geo.fields import KINDS, Column, Kind
from geo.intake.specs import Mapping, Spec

FORMATS = ("xlsx", "csv", "gpkg", "parquet", "geojson")
#: text that one program or another takes for something else
TRAPS = (
    *(
        "=1+1",
        "'=1+1",
        "''@x",
        "+86 21",
        "-5",
        "@a",
        "007",
        "1e5",
        "true",
        "是",
        "2024-01-01",
        "2024/1/2",
        "3/4",
        "1.50",
    ),
    *("a\nb", 'say "x"', "a,b", "甲、乙", '["a"]', "<b>", "C8", "NaN1", "𠮷田", "12345678901234567890", "&amp;", "{a}"),
)
LAND_USE = (
    *(("C8", "shanghai_kg"), ("C2C8", "shanghai_kg"), ("C2(60%)C8(40%)", "shanghai_kg"), ("0901", "national_2023")),
    *(("B1", "gb50137_2011"), (None, None)),
)
_ODD = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=12)
TEXT = st.sampled_from(TRAPS) | _ODD.map(lambda text: "文" + text + "字")


def cells(column: Column, kind: Kind, n: int) -> st.SearchStrategy[list[Any]]:
    """``n`` values of one column that the catalogue allows."""
    low, high = column.low, column.high
    each: st.SearchStrategy[Any]
    match column.type:
        case "text":
            each = TEXT
        case "number":
            each = st.floats(
                0.5 if low is None else max(low, 0.0), 1e5 if high is None else high, allow_subnormal=False
            )
        case "integer":
            each = st.integers(int(low or 0), 2024 if column.unit == "year" else int(high or 2**31 - 1))
        case "boolean":
            each = st.booleans()
        case "date":
            each = st.dates(date(1850, 1, 1), date(2024, 12, 31))
        case "choice":
            each = st.sampled_from(sorted(column.choices))
        case "list":
            each = st.lists(TEXT | st.sampled_from(["-", "n/a"]), min_size=1, max_size=3)
        case _:
            each = st.sampled_from(LAND_USE)
    if not column.required and column.type != "land_use":
        each = st.none() | each
    return st.lists(each, min_size=n, max_size=n, unique=column.type == "text" and column.name in kind.key)


def shape(wanted: str | None, i: int, x: float, which: int) -> shapely.Geometry | None:
    """A shape of the type, somewhere in Hongkou; areas with a hole, of two pieces, drawn either way round."""
    left, low = EAST + 200 * i + x, NORTH + x
    box = shapely.box(left, low, left + 100, low + 100, ccw=which % 2 == 0)
    if wanted == "Point" or (wanted == "Geometry" and which == 0):
        return shapely.Point(left, low)
    if wanted == "MultiLineString" or (wanted == "Geometry" and which == 1):
        return shapely.LineString([(left, low), (left + 30.1, low + 0.3), (left + 60, low + 70)])
    holed = shapely.Polygon(
        box.exterior.coords, [shapely.box(left + 10, low + 10, left + 20, low + 20).exterior.coords]
    )
    pair = shapely.MultiPolygon([box, shapely.box(left + 110, low, left + 120, low + 1 / 3)])
    return (box, holed, pair)[which % 3]


@st.composite
def registered(draw: st.DrawFn, kind: Kind) -> pd.DataFrame:
    """Rows of a kind under the names of the catalogue, each land use with its table beside it."""
    n = draw(st.integers(1, 5))
    frame: dict[str, list[Any]] = {}
    for column in kind.columns:
        found = draw(cells(column, kind, n))
        if column.type == "land_use":
            frame[column.name], frame[f"{column.name}_table"] = (list(pair) for pair in zip(*found, strict=True))
        else:
            frame[column.name] = found
    rows = pd.DataFrame(frame, dtype=object)
    if kind.name == "carrier_shares":
        rows = rows.drop_duplicates("target_code", ignore_index=True)
    if kind.geometry is None:
        return rows
    shifts = draw(st.lists(st.floats(0, 50), min_size=n, max_size=n))
    kinds = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    outlines = [shape(kind.geometry, i, *pair) for i, pair in enumerate(zip(shifts, kinds, strict=True))]
    if not kind.geometry_required and draw(st.booleans()):
        outlines[0] = None
    return gpd.GeoDataFrame(rows, geometry=outlines, crs="EPSG:4549")


def held(db: Database, kind: Kind) -> list[dict[str, Any]]:
    """The current rows as the database holds them, in SQL of the test's own."""
    outline = ", ST_AsText(ST_Normalize(geom), 6) AS outline" if kind.geometry else ""
    found = table(
        db, f"SELECT *{outline} FROM registry.{kind.name} WHERE recorded_to IS NULL ORDER BY {', '.join(kind.key)}"
    )
    life = ["id", "geom", "source", "valid_from", "valid_to", "recorded_from", "recorded_to", "import_id", "ended_by"]
    return found.drop(columns=[*life, "measured_area_m2"], errors="ignore").to_dict("records")


def alike(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    """The same facts, and outlines that nowhere lie more than a tenth of a millimetre apart."""
    assert len(old) == len(new)
    for before, after in zip(old, new, strict=True):
        first, second = before.get("outline"), after.get("outline")
        assert before | {"outline": None} == after | {"outline": None}
        assert (first is None) == (second is None)
        if first is not None:
            one, two = shapely.from_wkt(first), shapely.from_wkt(second)
            assert shapely.hausdorff_distance(one, two) < 1e-4


def empty(db: Database, kind: Kind) -> None:
    from sqlalchemy import text

    with db.write() as connection:
        connection.execute(text(f"TRUNCATE registry.{kind.name}"))


@pytest.mark.parametrize("name", KINDS)
def test_rows_given_back_come_in_again_as_they_were(db: Database, name: str) -> None:
    kind = KINDS[name]
    specs = {
        c.name: Spec(column=c.name, table_column=f"{c.name}_table" if c.type == "land_use" else None)
        for c in kind.columns
    }

    # No shrinking: each step loads ten files.
    phases = (Phase.explicit, Phase.generate)

    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=phases)
    @given(rows=registered(kind))
    def holds(rows: pd.DataFrame) -> None:
        empty(db, kind)
        with tempfile.TemporaryDirectory() as folder:
            first = Path(folder) / "first.parquet"
            rows.to_parquet(first)
            geo.load(db, first, kind=name, mapping=Mapping("test", kind, specs, synthetic=False))
            known = geo.facts(db, name)
            for ending in FORMATS if kind.geometry else ("xlsx", "csv", "parquet"):
                before = held(db, kind)
                path = geo.export(known, Path(folder) / f"还.{ending}", restricted=True)
                again = geo.load(db, path, kind=name)
                alike(before, held(db, kind))
                assert (again.import_id, again.counts["same"]) == (None, len(rows)), ending
                assert not again.unused
                empty(db, kind)
                assert geo.load(db, path, kind=name).counts["added"] == len(rows), ending
                alike(before, held(db, kind))

    holds()


def test_an_outline_longer_than_a_cell_comes_back_from_a_workbook(db: Database, tmp_path: Path) -> None:
    ring = shapely.Point(EAST, NORTH).buffer(500, quad_segs=1000)
    assert len(ring.wkt) > 3 * 32_767
    frame = gpd.GeoDataFrame({"parcel_code": ["a"]}, geometry=[ring], crs="EPSG:4549")
    frame.to_file(tmp_path / "a.gpkg")
    geo.load(db, tmp_path / "a.gpkg", kind="parcels")
    path = geo.export(geo.facts(db, "parcels"), tmp_path / "b.xlsx")
    assert geo.load(db, path, kind="parcels").import_id is None


@pytest.mark.parametrize("ending", FORMATS)
def test_invented_rows_come_back_as_invented_though_their_codes_cannot_say_so(
    db: Database, tmp_path: Path, ending: str
) -> None:
    kind = KINDS["zones"]
    frame = gpd.GeoDataFrame(
        {"zone": ["north_bund"], "name": ["北外滩"], "indicative": [True]},
        geometry=[shapely.box(EAST, NORTH, EAST + 9, NORTH + 9)],
        crs="EPSG:4549",
    )
    frame.to_file(tmp_path / "a.gpkg")
    specs = {name: Spec(column=name) for name in ("zone", "name", "indicative")}
    geo.load(db, tmp_path / "a.gpkg", kind="zones", mapping=Mapping("test", kind, specs, synthetic=True))
    path = geo.export(geo.facts(db, "zones"), tmp_path / f"b.{ending}")
    assert geo.load(db, path, kind="zones").import_id is None
