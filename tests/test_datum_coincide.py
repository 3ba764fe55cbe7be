"""The datum guard on lines and points without known codes: against registered lines and points, made up and real."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from intake_files import EAST, NORTH
from test_datum_guard import BARRIERS, moved, take

from geo import crs, demo
from geo.database import Database
from geo.fields import kind_named
from geo.intake.findings import Objects
from geo.intake.guard import examine
from geo.intake.outlines import Outlines

REAL = os.environ.get("SHUANGBEI_REAL_DATA")
STATIONS = 'kind = "stations"\n[source]\nname = "a test"\n[columns]\nstation_code = "code"\nname = "code"\n'
LINES = 'kind = "transit_lines"\n[source]\nname = "a test"\n[columns]\nline_code = "code"\nname = "code"\n'


def network(name: str = "R") -> gpd.GeoDataFrame:
    """A dozen crooked roads of 2 km, at no regular distance from each other."""
    rng = np.random.default_rng(7)
    lines = []
    for i, at in enumerate(np.cumsum(rng.uniform(150, 420, 12))):
        along = np.linspace(0, 2000, 9)
        across = at + np.cumsum(rng.uniform(-25, 25, 9))
        x, y = (along, across) if i % 2 else (across, along)
        lines.append(shapely.LineString(np.column_stack([EAST + 1000 + x, NORTH + 1000 + y])))
    cells = {"code": [f"{name}{i}" for i in range(12)], "class": ["支路"] * 12}
    return gpd.GeoDataFrame(cells, geometry=lines, crs="EPSG:4549")


def redrawn(frame: gpd.GeoDataFrame, name: str, metres: float = 5.0) -> gpd.GeoDataFrame:
    """The same things as another source draws them: some metres off, under other codes."""
    rng = np.random.default_rng(8)
    shapes = shapely.transform(frame.geometry.array, lambda xy: xy + rng.normal(0, metres, xy.shape))
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs)).assign(
        code=[f"{name}{i}" for i in range(len(frame))]
    )


def stops(name: str = "S") -> gpd.GeoDataFrame:
    """24 stations on those roads."""
    points = [line.interpolate(share, normalized=True) for line in network().geometry for share in (0.3, 0.8)]
    return gpd.GeoDataFrame({"code": [f"{name}{i}" for i in range(24)]}, geometry=points, crs="EPSG:4549")


@pytest.mark.parametrize("name", ["GCJ-02", "BD-09"])
def test_roads_that_coincide_with_registered_roads_only_otherwise_stop_the_file(
    db: Database, tmp_path: Path, name: str
) -> None:
    assert take(db, tmp_path, network(), BARRIERS) == ()
    new = redrawn(network(), "N")
    (fault,) = take(db, tmp_path, moved(new, name), BARRIERS)
    assert fault.severity == "error"
    assert f"looks like {name}" in fault.advice
    assert "registered roads" in fault.advice
    assert take(db, tmp_path, new, BARRIERS) == ()
    assert take(db, tmp_path, moved(redrawn(network(), "M"), name), BARRIERS, crs=name) == ()


def test_roads_beside_registered_roads_are_no_shift(db: Database, tmp_path: Path) -> None:
    take(db, tmp_path, network(), BARRIERS)
    beside = redrawn(network(), "N")
    beside.geometry = beside.geometry.translate(90, 60)
    assert take(db, tmp_path, beside, BARRIERS) == ()


def test_a_few_roads_prove_nothing(db: Database, tmp_path: Path) -> None:
    take(db, tmp_path, network(), BARRIERS)
    assert take(db, tmp_path, moved(redrawn(network(), "N")[:9], "GCJ-02"), BARRIERS) == ()


def test_stations_are_held_against_registered_stations(db: Database, tmp_path: Path) -> None:
    take(db, tmp_path, stops(), STATIONS)
    new = redrawn(stops(), "N")
    (fault,) = take(db, tmp_path, moved(new, "BD-09"), STATIONS)
    assert fault.severity == "error"
    assert "looks like BD-09" in fault.advice
    assert "registered stations" in fault.advice
    assert take(db, tmp_path, new, STATIONS) == ()


def test_stations_and_transit_lines_are_held_against_each_other(db: Database, tmp_path: Path) -> None:
    assert take(db, tmp_path, network("L")[["code", "geometry"]], LINES) == ()
    (fault,) = take(db, tmp_path, moved(stops(), "GCJ-02"), STATIONS)
    assert "its points lie within 50 m of registered transit_lines" in fault.advice
    assert take(db, tmp_path, stops(), STATIONS) == ()


def test_transit_lines_are_held_against_registered_stations(db: Database, tmp_path: Path) -> None:
    take(db, tmp_path, stops(), STATIONS)
    lines = network("L")[["code", "geometry"]][:9]
    (fault,) = take(db, tmp_path, moved(lines, "GCJ-02"), LINES)
    assert "the registered stations near it lie within 50 m of it" in fault.advice
    assert take(db, tmp_path, lines, LINES) == ()


def test_stations_of_which_none_is_registered_are_left_alone(db: Database, tmp_path: Path) -> None:
    take(db, tmp_path, stops(), STATIONS)
    other = stops("N")
    other.geometry = other.geometry.translate(170, -230)
    assert take(db, tmp_path, other, STATIONS) == ()


# --- real layers of Hongkou, where the margins come from ---------------------------------------------------------

TRANSPORT = "hongkou_transport/hongkou_transport.gpkg"
SERVICES = "hongkou_services/poi_ni1o1.gpkg"
HERITAGE, POI = "hongkou_heritage/hongkou_heritage_points.gpkg", "hongkou_poi/dabaishu_quyang_poi.gpkg"
ROADS = "hongkou_osm_roads/hongkou_roads.gpkg"
#: layers that others drew than those that are registered, their kind, and whether a shift of them can be told
CASES = [
    (TRANSPORT, "metro_stations_osm", "stations", True),
    (TRANSPORT, "metro_lines_schematic_mit", "transit_lines", True),
    (SERVICES, "metro_station", "stations", True),
    (ROADS, "roads_osm_wgs84", "barriers", True),  # drawn anew, see below
    (TRANSPORT, "elevated_expressways_osm", "barriers", False),
    (HERITAGE, "youxiu_lishi_jianzhu_wgs84", "heritage", False),
    (SERVICES, "bus_stop", "services", False),
    (SERVICES, "hospital_clinic", "services", False),
    (SERVICES, "university", "services", False),
]


@pytest.fixture(scope="module")
def registered(server_url: str, template: str) -> Iterator[Database]:
    """Registered: roads, metro lines and stations, each from one source."""
    from conftest import _of_its_own

    from geo.intake import load

    root = Path(REAL or "")
    with _of_its_own(server_url, template) as db:
        for file, kind, name in demo.REAL_FILES:
            if name in ("hongkou-roads", "hongkou-metro-lines", "hongkou-stations"):
                load(db, root / file, kind=kind, mapping=name)
        yield db


def shapes(file: str, layer: str) -> gpd.GeoDataFrame:
    frame = gpd.read_file(Path(REAL or "") / file, layer=layer)[["geometry"]]
    return redrawn(frame.to_crs(4549).assign(code=""), "N", 8.0) if layer == "roads_osm_wgs84" else frame


def told(db: Database, kind: str, frame: gpd.GeoDataFrame) -> str | None:
    found: Objects = np.asarray(frame.to_crs(4326).geometry.array, dtype=object)
    finding = examine(db, kind_named(kind), Outlines.of(found), crs.parse("EPSG:4326"))
    return None if finding is None or not finding.strong else finding.hypothesis


@pytest.mark.skipif(not REAL, reason="SHUANGBEI_REAL_DATA is not set: the real layers are not here")
@pytest.mark.parametrize(("file", "layer", "kind", "found"), CASES, ids=[layer for _, layer, _, _ in CASES])
def test_real_layers_that_lie_right_pass_and_those_that_are_shifted_are_found_where_that_can_be_told(
    registered: Database, file: str, layer: str, kind: str, found: bool
) -> None:
    frame = shapes(file, layer)
    assert told(registered, kind, frame) is None
    for name in ("GCJ-02", "BD-09"):
        assert told(registered, kind, moved(frame, name)) == (name if found else None)


@pytest.mark.skipif(not REAL, reason="SHUANGBEI_REAL_DATA is not set: the real layers are not here")
def test_new_real_roads_among_registered_ones_are_no_shift(db: Database, tmp_path: Path) -> None:
    """Every second road is registered; the others, which touch them everywhere, come later."""
    frame = gpd.read_file(Path(REAL or "") / ROADS, layer="roads_osm_wgs84")
    cells = frame.assign(code=[f"R{i}" for i in range(len(frame))], **{"class": "支路"})[["code", "class", "geometry"]]
    take(db, tmp_path, cells[::2], BARRIERS)
    assert told(db, "barriers", cells[1::2]) is None
