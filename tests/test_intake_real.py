"""Real files: Cambridge's parcels, dirt included, and Hongkou's layers, by mappings of the tests' own."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from intake_files import current, mapping, table

from geo.database import Database, upgrade
from geo.errors import IntakeError
from geo.fields import KINDS
from geo.fields.land import FAR_LIMIT
from geo.intake import load

REAL = os.environ.get("SHUANGBEI_REAL_DATA")
pytestmark = pytest.mark.skipif(not REAL, reason="SHUANGBEI_REAL_DATA is not set: the real layers are not here")

FT2 = 0.3048**2
CAMBRIDGE = """
kind = "parcels"
layer = "parcels_fy{year}"
[source]
name = "City of Cambridge GIS, Assessing FY{year} (PDDL 1.0)"
[columns]
parcel_code = "ML"
land_use = {{ column = "UseCode", table = "cambridge_ma" }}
registered_area_m2 = {{ column = "LandArea_sqft", unit = "ft2" }}
gfa_m2 = {{ column = "GrossArea_sqft", unit = "ft2" }}
year_built = "YearBuilt"
address = "Location"
"""


def real(name: str) -> Path:
    return Path(REAL or "") / name


@pytest.fixture
def cambridge(empty_db: Database) -> Database:
    upgrade(empty_db, "EPSG:26986")
    return empty_db


def expected_faults(frame: gpd.GeoDataFrame) -> set[tuple[int, str, str, str]]:
    """The rows that cannot be valid, worked out on the file itself: row, code, field, rule."""
    lowest_year = KINDS["parcels"].column("year_built").low
    assert lowest_year is not None
    gfa, land = frame["GrossArea_sqft"], frame["LandArea_sqft"] * FT2
    masks = {
        ("gfa_m2", "below_limit"): gfa < 0,
        ("gfa_m2", "far_impossible"): gfa * FT2 / frame.area > FAR_LIMIT,
        ("registered_area_m2", "below_limit"): land < 0.01,
        ("year_built", "below_limit"): frame["YearBuilt"] < lowest_year,
    }
    return {
        (int(i) + 1, str(frame["ML"].iloc[i]), field, rule)
        for (field, rule), mask in masks.items()
        for i in np.flatnonzero(mask)
    }


@pytest.mark.parametrize("year", [2013, 2014])
def test_cambridge_names_every_row_that_cannot_be_valid_and_loads_every_other(
    cambridge: Database, tmp_path: Path, year: int
) -> None:
    path = real("cambridge_ma_parcels/cambridge_parcels.gpkg")
    plan = mapping(tmp_path, CAMBRIDGE.format(year=year))
    frame = gpd.read_file(path, layer=f"parcels_fy{year}")
    expected = expected_faults(frame)
    with pytest.raises(IntakeError) as caught:
        load(cambridge, path, kind="parcels", mapping=plan)
    errors = [f for f in caught.value.faults if f.severity == "error"]
    assert {(f.row, f.key, f.field, f.rule) for f in errors} == expected
    assert all(f.value for f in errors)
    report = load(cambridge, path, kind="parcels", mapping=plan, accept_valid=True)
    bad = {row for row, _, _, _ in expected}
    assert (report.n_rows, report.n_rejected, report.counts["added"]) == (len(frame), len(bad), len(frame) - len(bad))
    good = frame[[i + 1 not in bad for i in range(len(frame))]].set_index("ML").sort_index()
    stored = current(cambridge).set_index("parcel_code").sort_index()
    assert stored.index.tolist() == good.index.tolist()
    assert stored["measured_area_m2"].astype(float).to_numpy() == pytest.approx(good.area.to_numpy())
    assert stored["gfa_m2"].astype(float).sum() == pytest.approx(good["GrossArea_sqft"].sum() * FT2)
    assert stored["gfa_m2"].isna().sum() == good["GrossArea_sqft"].isna().sum()
    kept = table(cambridge, 'SELECT "row" FROM registry.rejected_rows')
    assert set(kept["row"]) == bad


@pytest.mark.parametrize("year", [2013, 2014])
def test_cambridge_by_the_mapping_that_ships_reads_a_zero_as_not_known(cambridge: Database, year: int) -> None:
    path = real("cambridge_ma_parcels/cambridge_parcels.gpkg")
    frame = gpd.read_file(path, layer=f"parcels_fy{year}")
    known = frame.replace(dict.fromkeys(("YearBuilt", "LandArea_sqft", "GrossArea_sqft"), 0.0), np.nan)
    report = load(cambridge, path, kind="parcels", mapping=f"cambridge-parcels-fy{year}", accept_valid=True)
    expected = expected_faults(known)
    errors = [f for f in report.faults if f.severity == "error"]
    assert {(f.row, f.key, f.field, f.rule) for f in errors} == expected
    assert report.counts["added"] == len(frame) - len({row for row, _, _, _ in expected})
    stored = current(cambridge)
    assert (stored["gfa_m2"] == 0).sum() == 0
    assert stored["gfa_m2"].isna().sum() > 600


def test_the_next_year_opens_new_versions_and_the_year_before_can_still_be_asked_for(
    cambridge: Database, tmp_path: Path
) -> None:
    path = real("cambridge_ma_parcels/cambridge_parcels.gpkg")
    for year in (2013, 2014):
        plan = mapping(tmp_path, CAMBRIDGE.format(year=year))
        report = load(
            cambridge, path, kind="parcels", mapping=plan, accept_valid=True, effective=date(year, 7, 1), gone="retire"
        )
    count = (
        "SELECT count(*) FROM registry.parcels WHERE recorded_to IS NULL AND daterange(valid_from, valid_to) @> :day"
    )
    first, second = (int(table(cambridge, count, day=date(year, 12, 31)).iat[0, 0]) for year in (2013, 2014))
    assert first == second - report.counts["added"] + report.counts["gone"]
    overlap = (
        "SELECT count(*) FROM registry.parcels a JOIN registry.parcels b USING (parcel_code) WHERE a.id < b.id "
        "AND a.recorded_to IS NULL AND b.recorded_to IS NULL "
        "AND daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)"
    )
    assert table(cambridge, overlap).iat[0, 0] == 0


LAYERS = [
    (
        "streets",
        "hongkou_admin/hongkou_admin.gpkg",
        'layer = "hongkou_streets_osm_wgs84"\n[columns]\nstreet_code = "code"\nname = "name"\nemployment = "employment_2023"',
        8,
    ),
    (
        "barriers",
        "hongkou_osm_roads/hongkou_roads.gpkg",
        'layer = "roads_osm_wgs84"\n[columns]\nbarrier_code = { column = "osm_id", prefix = "osm-" }\nname = "name"\n'
        'barrier_class = { column = "highway", values = { primary = "主干路", secondary = "次干路", tertiary = "支路" }, '
        'otherwise = "skip" }',
        None,
    ),
    (
        "stations",
        "hongkou_transport/hongkou_transport.gpkg",
        'layer = "metro_stations_lines_mit"\n[columns]\nstation_code = "station"\nname = "name_zh"\nlines = "lines"',
        71,
    ),
    (
        "heritage",
        "hongkou_heritage/hongkou_heritage_points.gpkg",
        '[columns]\nheritage_code = "number"\nname = "name"\nstatutory = { constant = false }\naddress = "address"\n'
        'built = "built"\n[where]\nin_hongkou = [true]',
        95,
    ),
    (
        "services",
        "hongkou_services/poi_ni1o1.gpkg",
        'layer = "bus_stop"\n[columns]\nservice_code = { row_number = "bus-" }\nname = "name"\n'
        'category = { constant = "公交站" }\n[where]\nadname = ["虹口区"]',
        None,
    ),
]


@pytest.mark.parametrize(("kind", "file", "plan", "n"), LAYERS, ids=[layer[0] for layer in LAYERS])
def test_a_real_layer_of_hongkou_loads_with_only_a_mapping(
    db: Database, tmp_path: Path, kind: str, file: str, plan: str, n: int | None
) -> None:
    report = load(db, real(file), kind=kind, mapping=mapping(tmp_path, f'kind = "{kind}"\n{plan}\n'))
    stored = current(db, kind, KINDS[kind].key[0])
    assert len(stored) == report.counts["added"] == report.n_rows - report.n_skipped > 0
    assert n is None or len(stored) == n
    centre = shapely.box(*np.array(shapely.from_wkt(stored["wkt"].tolist()), dtype=object)[0].bounds).centroid
    assert 620_000 < centre.x < 660_000
    assert 3_440_000 < centre.y < 3_480_000


def test_the_amap_outline_falls_on_the_osm_one_only_when_its_datum_is_said(db: Database, tmp_path: Path) -> None:
    path = real("hongkou_admin/hongkou_admin.gpkg")
    outline = 'kind = "streets"\nlayer = "{}"\n[columns]\nstreet_code = {{ constant = "{}" }}\n'
    shapes = {}
    for code, layer, crs in (
        ("osm", "hongkou_district_osm_wgs84", None),
        ("raw", "hongkou_district_amap_gcj02", None),
        ("said", "hongkou_district_amap_gcj02", "GCJ-02"),
    ):
        # The guard would refuse the raw one, and rightly: see tests/test_datum_guard.py.
        told = mapping(tmp_path, outline.format(layer, code))
        load(db, path, kind="streets", mapping=told, crs=crs, trust_crs=code == "raw")
    stored = current(db, "streets", "street_code")
    for code, wkt in zip(stored["street_code"], stored["wkt"], strict=True):
        shapes[code] = shapely.from_wkt(wkt)

    def overlap(code: str) -> float:
        return float(shapes[code].intersection(shapes["osm"]).area / shapes[code].union(shapes["osm"]).area)

    # Its NOTE.md gives 0.729 raw and 0.993 converted.
    assert overlap("raw") == pytest.approx(0.729, abs=0.005)
    assert overlap("said") == pytest.approx(0.993, abs=0.002)
