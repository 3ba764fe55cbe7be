"""The datum guard: a layer that lies wrong is told of, one that lies right is left alone."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from intake_files import EAST, NORTH, current, gpkg, mapping, parcels, written
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei
from typer.testing import CliRunner

from geo import crs
from geo.database import Database
from geo.errors import IntakeError
from geo.fields import Fault
from geo.intake import load, retry

REAL = os.environ.get("SHUANGBEI_REAL_DATA")
STREETS = 'kind = "streets"\n[source]\nname = "a test"\n[columns]\nstreet_code = "code"\n'
PARCELS = 'kind = "parcels"\n[source]\nname = "a test"\n[columns]\nparcel_code = "DKBH"\n'
BARRIERS = """
kind = "barriers"
[source]
name = "a test"
[columns]
barrier_code = "code"
barrier_class = "class"
"""


def streets() -> gpd.GeoDataFrame:
    """Two streets of 1.5 km by 3 km, side by side."""
    areas = [shapely.box(EAST + x, NORTH, EAST + x + 1500, NORTH + 3000) for x in (0, 1500)]
    return gpd.GeoDataFrame({"code": ["S1", "S2"]}, geometry=areas, crs="EPSG:4549")


def plots() -> gpd.GeoDataFrame:
    """25 plots of 240 m inside those streets, 20 m of road between them (a shift is no multiple of their pitch)."""
    at = [(EAST + 1000 + 260 * i, NORTH + 1000 + 260 * j) for i in range(5) for j in range(5)]
    shapes = [shapely.box(x + 10, y + 10, x + 250, y + 250) for x, y in at]
    return gpd.GeoDataFrame({"DKBH": [f"P-{i}" for i in range(25)]}, geometry=shapes, crs="EPSG:4549")


def roads() -> gpd.GeoDataFrame:
    """The centre lines between the plots."""
    lines = [
        line
        for i in range(6)
        for line in (
            shapely.LineString([(EAST + 1000 + 260 * i, NORTH + 1000), (EAST + 1000 + 260 * i, NORTH + 2300)]),
            shapely.LineString([(EAST + 1000, NORTH + 1000 + 260 * i), (EAST + 2300, NORTH + 1000 + 260 * i)]),
        )
    ]
    cells = {"code": [f"R{i}" for i in range(12)], "class": ["支路"] * 12}
    return gpd.GeoDataFrame(cells, geometry=lines, crs="EPSG:4549")


def moved(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """The frame in a shifted datum that says that it is WGS84, as web layers come."""
    lonlat = frame.to_crs(4326)
    shapes = shapely.transform(lonlat.geometry.array, lambda xy: np.column_stack(crs.shift(xy[:, 0], xy[:, 1], name)))
    return lonlat.set_geometry(gpd.GeoSeries(shapes, index=lonlat.index, crs=4326))


def stated(frame: gpd.GeoDataFrame, code: str) -> gpd.GeoDataFrame:
    """The same numbers, said to be in another CRS."""
    return frame.set_crs(code, allow_override=True)


@pytest.fixture
def town(db: Database, tmp_path: Path) -> Database:
    """A database that holds the two streets."""
    load(db, gpkg(tmp_path, streets(), "streets.gpkg"), kind="streets", mapping=mapping(tmp_path, STREETS, "s.toml"))
    return db


def take(
    db: Database, folder: Path, frame: gpd.GeoDataFrame, text: str = PARCELS, **options: object
) -> tuple[Fault, ...]:
    """Import a frame; the guard's faults, whether they stopped it or not."""
    kind = text.split('"')[1]
    plan = mapping(folder, text, f"{kind}.toml")
    try:
        report = load(db, gpkg(folder, frame, f"{kind}.gpkg"), kind=kind, mapping=plan, **options)  # type: ignore[arg-type]
    except IntakeError as error:
        faults = error.faults
        assert any(fault.severity == "error" for fault in faults)
    else:
        faults = report.faults
        assert not [fault for fault in faults if fault.severity == "error"]
    return tuple(fault for fault in faults if fault.rule == "datum_suspect")


def test_with_nothing_registered_the_guard_is_silent(db: Database, tmp_path: Path) -> None:
    assert take(db, tmp_path, moved(plots(), "GCJ-02")) == ()


def test_a_layer_that_lies_right_is_left_alone(town: Database, tmp_path: Path) -> None:
    assert take(town, tmp_path, roads(), BARRIERS) == ()
    assert take(town, tmp_path, plots()) == ()


def test_land_beside_what_is_registered_is_no_fault(town: Database, tmp_path: Path) -> None:
    beside = plots()
    beside.geometry = beside.geometry.translate(3000, 0)
    assert take(town, tmp_path, beside) == ()


def test_a_layer_of_another_city_is_no_fault_where_no_reading_brings_it_here(town: Database, tmp_path: Path) -> None:
    far = plots()
    far.geometry = far.geometry.translate(60_000, -90_000)
    assert take(town, tmp_path, far) == ()


def swap(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(
        gpd.GeoSeries(shapely.transform(frame.geometry.array, lambda xy: xy[:, ::-1]), crs=frame.crs)
    )


def scaled(frame: gpd.GeoDataFrame, factor: float) -> gpd.GeoDataFrame:
    return frame.set_geometry(
        gpd.GeoSeries(shapely.transform(frame.geometry.array, lambda xy: xy * factor), crs=frame.crs)
    )


def test_slips_that_put_a_layer_elsewhere_are_named_and_stop_it(town: Database, tmp_path: Path) -> None:
    frame = plots()
    slips = {
        "axes look swapped": swap(frame),
        "axes look swapped ": swap(frame.to_crs(4326)),
        "look like degrees": stated(frame.to_crs(4490), "EPSG:4549"),
        "look like feet": scaled(frame, 1 / 0.3048),
        "CM 117E": stated(frame.to_crs(4548), "EPSG:4549"),
        "CM 123E": stated(frame.to_crs(4550), "EPSG:4549"),
        "CM 120E": stated(frame, "EPSG:4550"),
        "bear the zone's number 40": stated(frame.to_crs(4528), "EPSG:4549"),
        "lack the zone's number 40": stated(frame, "EPSG:4528"),
        "CM 120E ": stated(frame, "EPSG:4490"),
    }
    before = written(town)
    for words, slipped in slips.items():
        faults = take(town, tmp_path, slipped)
        assert [fault.severity for fault in faults] == ["error"], words
        assert words.strip() in faults[0].advice
        assert "--trust-crs" in faults[0].advice
        assert faults[0].row is None
    assert written(town) == before, "nothing of a suspect layer is stored"


SLIPS: dict[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
    "swapped": swap,
    "swapped degrees": lambda frame: swap(frame.to_crs(4326)),
    "degrees": lambda frame: stated(frame.to_crs(4490), "EPSG:4549"),
    "feet": lambda frame: scaled(frame, 1 / 0.3048),
    "meridian": lambda frame: stated(frame.to_crs(4550), "EPSG:4549"),
    "zone's number": lambda frame: stated(frame, "EPSG:4528"),
    "grid said to be degrees": lambda frame: stated(frame, "EPSG:4490"),
    "GCJ-02": lambda frame: moved(frame, "GCJ-02"),
    "BD-09, projected": lambda frame: moved(frame, "BD-09").to_crs(4549),
    "GCJ-02, axes swapped after": lambda frame: swap(moved(frame, "GCJ-02").to_crs(4549)),
    "own words": lambda frame: swap(stated(frame, OWN_GRID)),
}
#: the grid of EPSG:4549 in words for which PROJ finds no code, blanks among them
OWN_GRID = "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m"


def advised(fault: Fault) -> tuple[str, str]:
    """What the advice says to pass, and what to write in the mapping, each as a shell or TOML reads it."""
    found = re.search(r"Pass --crs (.*), or write (crs = .*) in the mapping\.", fault.advice)
    assert found, fault.advice
    (word,) = shlex.split(found[1])
    return word, found[2]


@pytest.mark.parametrize("by_mapping", [False, True])
@pytest.mark.parametrize("slip", SLIPS)
def test_who_follows_the_advice_has_the_layer_where_it_belongs(
    town: Database, tmp_path: Path, slip: str, by_mapping: bool
) -> None:
    right = plots()
    take(town, tmp_path, roads(), BARRIERS)
    layer = SLIPS[slip](right)
    for _ in range(2):  # two slips at once are told one after the other
        found = take(town, tmp_path, layer)
        if not found:
            break
        word, line = advised(found[0])
        options: dict[str, object] = {} if by_mapping else {"crs": word}
        text = f"{PARCELS.splitlines()[0]}\n{line}\n{PARCELS.partition(chr(10))[2]}" if by_mapping else PARCELS
        found = take(town, tmp_path, layer, text, **options)
        if not found:
            break
        word, line = advised(found[0])
        assert take(town, tmp_path, layer, crs=word) == ()
    stored = current(town).set_index("parcel_code")["wkt"]
    off = [
        shapely.hausdorff_distance(shapely.from_wkt(stored[code]), shape)
        for code, shape in right[["DKBH", "geometry"]].to_numpy()
    ]
    assert len(off) == 25
    assert max(off) < 0.01


def test_a_refused_datum_is_told_once_and_what_follows_from_it_is_counted(
    town: Database, tmp_path: Path, shuangbei: Command
) -> None:
    text = PARCELS + 'registered_area_m2 = "MJ"\n'
    frame = plots().assign(MJ=57_600.0)
    before = written(town)
    path, plan = gpkg(tmp_path, scaled(frame, 1 / 0.3048)), mapping(tmp_path, text)
    done = shuangbei("import", path, "--kind", "parcels", "--mapping", plan)
    assert done.code == 1
    said = " ".join(done.err.split())
    assert said.count("look like feet") == 1
    assert "--crs feet:EPSG:4549" in said
    # In feet every outline is larger than its figure.
    assert "area_differs" not in said
    assert "unit_suspicious" not in said
    found = re.search(r"Left out, for they only follow from it: (\d+) faults", said)
    assert found
    assert int(found[1]) > 0
    assert written(town) == before
    done = shuangbei("import", path, "--kind", "parcels", "--mapping", plan, "--crs", "feet:EPSG:4549")
    assert done.code == 0, done.err
    assert "Left out" not in done.err


def test_what_does_not_follow_from_the_datum_is_told_with_it(town: Database, tmp_path: Path) -> None:
    text = PARCELS + 'year_built = "JCNF"\n'
    layer = scaled(plots().assign(JCNF=["1990"] * 24 + ["often"]), 1 / 0.3048)
    with pytest.raises(IntakeError) as caught:
        load(town, gpkg(tmp_path, layer), kind="parcels", mapping=mapping(tmp_path, text))
    assert {(fault.rule, fault.key) for fault in caught.value.faults} == {
        ("datum_suspect", None),
        ("not_a_integer", "P-24"),
    }


def test_a_trusted_datum_hides_nothing(town: Database, tmp_path: Path) -> None:
    text = PARCELS + 'registered_area_m2 = "MJ"\n'
    layer = scaled(plots().assign(MJ=57_600.0), 1 / 0.3048)
    report = load(town, gpkg(tmp_path, layer), kind="parcels", mapping=mapping(tmp_path, text), trust_crs=True)
    assert {"datum_suspect", "area_differs"} <= {fault.rule for fault in report.faults}


def test_rows_kept_aside_of_a_swapped_file_are_tried_again_where_they_belong(town: Database, tmp_path: Path) -> None:
    text = PARCELS + 'year_built = "JCNF"\n'
    layer = swap(plots().assign(JCNF=["1990"] * 24 + ["often"]))
    path, plan = gpkg(tmp_path, layer), mapping(tmp_path, text)
    report = load(town, path, kind="parcels", mapping=plan, crs="swapped:EPSG:4549", accept_valid=True)
    assert report.n_rejected == 1
    with pytest.raises(IntakeError) as caught:
        retry(town)
    assert [(fault.rule, fault.key) for fault in caught.value.faults] == [("not_a_integer", "P-24")]


def test_a_look_at_a_file_says_the_datum_that_was_passed_and_drafts_it(
    town: Database, tmp_path: Path, shuangbei: Command
) -> None:
    plan = tmp_path / "draft.toml"
    path = gpkg(tmp_path, swap(plots()))
    assert "--crs swapped:EPSG:4549" in " ".join(shuangbei("inspect", path, "--kind", "parcels").out.split())
    done = shuangbei("inspect", path, "--kind", "parcels", "--crs", "swapped:EPSG:4549", "--out", plan)
    assert "nothing that is registered speaks against the datum" in done.out
    assert tomllib.loads(plan.read_text(encoding="utf-8"))["crs"] == "swapped:EPSG:4549"


@pytest.mark.parametrize("name", ["GCJ-02", "BD-09"])
def test_outlines_some_hundred_metres_off_are_held_against_registered_ones(
    town: Database, tmp_path: Path, name: str
) -> None:
    faults = take(town, tmp_path, moved(streets().assign(code=["S8", "S9"]), name), STREETS)
    assert [fault.severity for fault in faults] == ["error"]
    assert f"--crs {name}" in faults[0].advice


def test_what_is_not_shifted_but_said_to_be_is_found_too(town: Database, tmp_path: Path) -> None:
    faults = take(town, tmp_path, streets().assign(code=["S8", "S9"]).to_crs(4326), STREETS, crs="GCJ-02")
    assert [fault.severity for fault in faults] == ["error"]
    assert "plain WGS84" in faults[0].advice


def test_a_shifted_layer_that_was_projected_afterwards_is_found(town: Database, tmp_path: Path) -> None:
    late = moved(streets().assign(code=["S8", "S9"]), "GCJ-02").to_crs(4549)
    assert "looks like GCJ-02" in take(town, tmp_path, late, STREETS)[0].advice


def test_roads_that_would_run_through_plots_tell_of_a_shift_in_either_file(town: Database, tmp_path: Path) -> None:
    assert take(town, tmp_path, roads(), BARRIERS) == ()
    assert "run through plots" in take(town, tmp_path, moved(plots(), "GCJ-02"))[0].advice
    assert take(town, tmp_path, plots()) == ()
    new = moved(roads(), "BD-09").assign(code=[f"N{i}" for i in range(12)])
    assert "looks like BD-09" in take(town, tmp_path, new, BARRIERS)[0].advice.replace("It ", "it ")


def test_codes_that_lie_elsewhere_than_registered_tell_of_a_shift(town: Database, tmp_path: Path) -> None:
    take(town, tmp_path, parcels(5)[["DKBH", "geometry"]])
    faults = take(town, tmp_path, moved(parcels(5)[["DKBH", "geometry"]], "GCJ-02"))
    assert [fault.severity for fault in faults] == ["error"]
    assert "5 codes" in faults[0].advice


def test_a_parcel_that_was_drawn_anew_nearby_is_no_shift(town: Database, tmp_path: Path) -> None:
    take(town, tmp_path, plots())
    drawn = plots()
    drawn.geometry = drawn.geometry.translate(-300, 330)
    assert take(town, tmp_path, drawn[:3]) == (), "some 450 m, but in no direction that a datum moves it"


def test_trust_crs_makes_a_warning_of_it(town: Database, tmp_path: Path) -> None:
    faults = take(town, tmp_path, moved(streets().assign(code=["S8", "S9"]), "GCJ-02"), STREETS, trust_crs=True)
    assert [fault.severity for fault in faults] == ["warning"]


def test_accept_valid_does_not_take_a_suspect_layer(town: Database, tmp_path: Path) -> None:
    faults = take(town, tmp_path, swap(plots()), accept_valid=True)
    assert [fault.severity for fault in faults] == ["error"]


def test_shapes_that_are_missing_or_not_finite_do_not_disturb_the_guard(town: Database, tmp_path: Path) -> None:
    odd = plots()
    odd.loc[0, "geometry"] = None
    with np.errstate(invalid="ignore"):
        odd.loc[1, "geometry"] = shapely.Polygon([(0, 0), (1, np.nan), (2, 0), (0, 0)])
    with np.errstate(invalid="ignore"):
        assert [f.severity for f in take(town, tmp_path, swap(odd))] == ["error"]


def test_the_command_line_says_what_to_pass() -> None:
    from api.cli import app

    assert "--trust-crs" in CliRunner().invoke(app, ["import", "--help"], terminal_width=200).output


real = pytest.mark.skipif(not REAL, reason="SHUANGBEI_REAL_DATA is not set: the real layers are not here")


def layer(name: str, where: str | None = None) -> gpd.GeoDataFrame:
    frame = gpd.read_file(Path(REAL or "") / "hongkou_admin/hongkou_admin.gpkg", layer=name)[["name", "geometry"]]
    return frame if where is None else frame[frame["name"].str.contains(where)].reset_index(drop=True)


@pytest.fixture
def hongkou(db: Database) -> Database:
    load(db, Path(REAL or "") / "hongkou_admin/hongkou_admin.gpkg", kind="streets", mapping="hongkou-streets")
    return db


@real
def test_the_amap_outline_of_hongkou_is_found_and_lies_right_as_gcj02(hongkou: Database, tmp_path: Path) -> None:
    outline = layer("hongkou_district_amap_gcj02").rename(columns={"name": "code"})
    fault = take(hongkou, tmp_path, outline, STREETS)[0]
    assert fault.severity == "error"
    assert "GCJ-02" in fault.advice
    assert "0.729" in fault.advice
    assert "0.993" in fault.advice
    assert take(hongkou, tmp_path, outline, STREETS, crs="GCJ-02") == ()


@real
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("shanghai_districts_tianditu_cgcs2000", None),
        ("shanghai_districts_tianditu_cgcs2000", "虹口"),
        ("hongkou_district_amap_to_wgs84", None),
        ("neighbour_streets_osm_wgs84", None),
    ],
)
def test_layers_that_lie_right_but_are_drawn_otherwise_are_left_alone(
    hongkou: Database, tmp_path: Path, name: str, where: str | None
) -> None:
    frame = layer(name, where).drop(columns="name")
    frame["code"] = [f"X{i}" for i in range(len(frame))]
    assert take(hongkou, tmp_path, frame, STREETS) == ()


@real
def test_the_inverses_agree_with_published_points_to_under_a_metre() -> None:
    folder = Path(REAL or "")
    for file, columns, name in (
        ("hongkou_heritage/hongkou_heritage_points.gpkg", ("lon_gcj02", "lat_gcj02"), "GCJ-02"),
        ("hongkou_poi/dabaishu_quyang_poi.gpkg", ("lon_bd09", "lat_bd09"), "BD-09"),
    ):
        points = gpd.read_file(folder / file, layer=0)
        lon, lat = crs.unshift(*(points[c].to_numpy(dtype=float) for c in columns), name)
        ours = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(4549)
        off = ours.distance(points.geometry.to_crs(4549), align=False)
        assert off.max() < 1, f"{name}: {off.max():.3f} m"
