"""Datums: what is read, what is refused, and how near the shifted ones come back."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from geo import crs
from geo.errors import CrsError

#: 人民广场-like points of Hongkou, lon/lat
LON, LAT = 121.4876, 31.2565


def points(*xy: tuple[float, float], of: str = "EPSG:4326") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"n": range(len(xy))}, geometry=[Point(*p) for p in xy], crs=of)


@given(st.floats(100, 125), st.floats(20, 45), st.sampled_from(["GCJ-02", "BD-09"]))
def test_the_inverse_of_a_shifted_datum_is_true_to_a_centimetre(lon: float, lat: float, name: str) -> None:
    there = crs.shift(np.array([lon]), np.array([lat]), name)
    back = crs.unshift(*there, name)
    assert abs(back[0][0] - lon) * 111_320 < 0.01
    assert abs(back[1][0] - lat) * 111_320 < 0.01


def test_gcj02_lies_some_450_metres_off_in_hongkou() -> None:
    lon, lat = crs.shift(np.array([LON]), np.array([LAT]), "GCJ-02")
    # facts.md, CRS: about +0.0045° E and -0.0019° N, measured on real outlines
    assert lon[0] - LON == pytest.approx(0.0045, abs=3e-4)
    assert lat[0] - LAT == pytest.approx(-0.0019, abs=3e-4)


def test_a_shifted_layer_comes_into_the_work_crs_where_it_belongs() -> None:
    lon, lat = crs.shift(np.array([LON]), np.array([LAT]), "BD-09")
    shifted = points((lon[0], lat[0]))
    right = crs.to_work(points((LON, LAT)), crs.parse("EPSG:4326"), 4549)
    ours = crs.to_work(shifted, crs.parse("BD-09"), 4549)
    assert ours.geometry[0].distance(right.geometry[0]) < 0.01


def test_the_given_frame_is_not_changed() -> None:
    frame = points((LON, LAT))
    before = frame.copy()
    crs.to_work(frame, crs.parse("EPSG:4326"), 4549)
    assert frame.equals(before)
    assert frame.crs == before.crs


def test_cgcs2000_and_wgs84_are_one_to_some_decimetres() -> None:
    a = crs.to_work(points((LON, LAT)), crs.parse("EPSG:4326"), 4549)
    b = crs.to_work(points((LON, LAT)), crs.parse("CGCS2000"), 4549)
    assert a.geometry[0].distance(b.geometry[0]) < 0.5
    # EPSG:4549 in Hongkou: E about 641,9xx and N about 3,46x,xxx (facts.md, CRS)
    assert 640_000 < a.geometry[0].x < 645_000
    assert 3_455_000 < a.geometry[0].y < 3_470_000


@pytest.mark.parametrize("old", ["EPSG:2385", "EPSG:2437"])
def test_an_old_chinese_datum_without_parameters_is_refused_and_never_passed_through(old: str) -> None:
    with pytest.raises(CrsError, match="parameters"):
        crs.to_work(points((500_000, 3_460_000), of=old), crs.parse(old), 4549)


def test_a_proj_string_with_parameters_is_taken() -> None:
    grid = (
        "+proj=tmerc +lat_0=31.2357 +lon_0=121.4664 +k=1 +x_0=0 +y_0=0 +ellps=krass +towgs84=10,20,30,0,0,0,0 +units=m"
    )
    moved = crs.to_work(points((1000, 2000), of=grid), crs.parse(grid), 4549)
    assert 3_450_000 < moved.geometry[0].y < 3_470_000


def test_what_was_done_to_coordinates_is_said_before_their_crs() -> None:
    for text in (
        "swapped:EPSG:4549",
        "feet:EPSG:4549",
        "us-feet:EPSG:26986",
        "GCJ-02:EPSG:4549",
        "swapped:feet:BD-09:EPSG:4549",
    ):
        assert str(crs.parse(text)) == text
    assert str(crs.parse(" Swapped:gcj02")) == "swapped:GCJ-02"
    assert crs.parse("GCJ-02:EPSG:4326") == crs.parse("GCJ-02")


def test_coordinates_that_were_swapped_scaled_shifted_and_projected_come_back_to_where_they_were() -> None:
    there = crs.to_work(points((LON, LAT)), crs.parse("EPSG:4326"), 4549).geometry[0]
    lon, lat = crs.shift(np.array([LON]), np.array([LAT]), "BD-09")
    projected = points((lon[0], lat[0])).to_crs(4549).geometry[0]
    odd = points((projected.y / 0.3048, projected.x / 0.3048))
    assert crs.to_work(odd, crs.parse("swapped:feet:BD-09:EPSG:4549"), 4549).geometry[0].distance(there) < 0.01


def test_feet_of_a_grid_that_is_itself_in_feet_are_left_alone_and_metres_are_not() -> None:
    # Massachusetts Mainland: EPSG:26986 in metres, EPSG:2249 in US survey feet
    boston = points((235_000, 900_000))
    for text in ("EPSG:26986", "metres:EPSG:2249", "metres:EPSG:26986"):
        assert crs.to_work(boston, crs.parse(text), 26986).geometry[0].distance(boston.geometry[0]) < 0.01, text


@pytest.mark.parametrize("text", ["feet:EPSG:4490", "feet:GCJ-02"])
def test_degrees_are_in_no_unit_of_length(text: str) -> None:
    with pytest.raises(CrsError, match="degrees"):
        crs.parse(text)


@pytest.mark.parametrize("text", ["", "swapped:", "GCJ-02:GCJ-02", "EPSG:99999999", "Shanghai", "+proj=nonsense"])
def test_a_datum_that_is_not_known_says_what_to_pass(text: str) -> None:
    with pytest.raises(CrsError, match="EPSG:4490"):
        crs.parse(text)


def test_an_empty_frame_stays_empty_and_gets_the_work_crs() -> None:
    empty = gpd.GeoDataFrame({"n": []}, geometry=gpd.GeoSeries([], crs=4326), crs=4326)
    moved = crs.to_work(empty, crs.parse("GCJ-02"), 4549)
    assert moved.empty
    assert moved.crs.to_epsg() == 4549


def test_an_area_is_the_area_on_the_ground() -> None:
    # 1″ × 1″ at 31.25° N on GRS80: 26.47 m × 30.80 m by the radii of curvature of the ellipsoid
    second = 1 / 3600
    square = gpd.GeoDataFrame(geometry=[shapely.box(LON, 31.25, LON + second, 31.25 + second)], crs="EPSG:4490")
    area = crs.to_work(square, crs.parse("EPSG:4490"), 4549).geometry.area[0]
    a, e2, phi = 6_378_137.0, 0.00669438002290, np.radians(31.25)
    n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    m = a * (1 - e2) / (1 - e2 * np.sin(phi) ** 2) ** 1.5
    # The grid stretches by some 2.5e-4 at 1.5° from its meridian: twice that in area.
    assert area == pytest.approx(n * np.cos(phi) * np.radians(second) * m * np.radians(second), rel=1e-3)
