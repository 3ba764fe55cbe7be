"""The files that offices have, each imported with nothing but a mapping file: the list at the end of issue 3."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from intake_files import current, gpkg, mapping, parcels, square
from odd_files import control_plan, parts, shapefile, zipped
from test_datum_guard import moved
from test_inspect import CADASTRE, PLAN, PLOTS_2018, SURVEY_2018
from test_intake_formats import DRAWING

from geo.database import Database
from geo.intake import ImportReport, load
from geo.settings import data_dir

#: fields that come as a time of day
TIMES = {"rksj", "pzsj", "fzsj"}
#: of the survey of 2020 all fields are text; three of 2018 are gone, four are new
SURVEY_2020 = [name.rstrip("#") for name in SURVEY_2018.split() if name not in ("yd#", "ys#", "spba")]
SURVEY_2020 += ["xmmc", "xzytcode", "tsmj", "qxdm"]
N = 3
CODES = [f"演示-{i:02d}" for i in range(N)]


def layer(fields: str, times: set[str], **cells: list[Any]) -> gpd.GeoDataFrame:
    """A layer with exactly these fields (a trailing # marks numbers); what ``cells`` does not fill says nothing."""
    empty: dict[str, list[Any]] = {}
    for field in fields.split():
        name = field.rstrip("#")
        empty[name] = [1.0] * N if field.endswith("#") else [datetime(2018, 5, 1)] * N if name in times else ["甲"] * N
    assert set(cells) <= set(empty)
    return gpd.GeoDataFrame(empty | cells, geometry=[square(i) for i in range(N)], crs="EPSG:4549")


def shipped(folder: Path, name: str) -> Path:
    """A mapping that ships, but for the mark of invented data, which no office's file bears."""
    text = (data_dir() / "mappings" / f"{name}.toml").read_text(encoding="utf-8")
    assert text.count("synthetic = false") == 1
    return mapping(folder, text.replace("synthetic = false", "synthetic = true"), f"{name}.toml")


WENZHOU: dict[str, tuple[str, int, gpd.GeoDataFrame, dict[str, list[Any]]]] = {
    "控规_用地规划": (
        "wenzhou-control-plan",
        37,
        layer(
            PLAN,
            TIMES,
            dkbh=CODES,
            yddm=["B1", "B2", "M1"],
            ydmj=[9_990.0] * N,
            zjzmj=[20_000.0] * N,
            rjl=[2.5] * N,
        ),
        {
            "land_use": ["B1", "B2", "M1"],
            "registered_area_m2": [9_990.0] * N,
            "gfa_m2": [20_000.0] * N,
            "max_far": [2.5] * N,
        },
    ),
    "规划地块2018": (
        "wenzhou-plots-2018",
        26,
        layer(PLOTS_2018, TIMES, dkbh=CODES, ydxz=["B1B2", "商务", "M1"], ydmj=[9_990.0] * N, rjlsx=[1.5, 2.0, 3.0]),
        {"land_use": ["B1B2", "商务", "M1"], "registered_area_m2": [9_990.0] * N, "max_far": [1.5, 2.0, 3.0]},
    ),
    "低效调查单元图斑2018": (
        "wenzhou-survey-2018",
        40,
        # Of the times of this layer the field list says that they are texts.
        layer(
            SURVEY_2018,
            set(),
            dcdybh=CODES,
            xzyt=["0601", "0505", "工业用地"],
            djmj=[9_990.0] * N,
            qsxz=["国有", "集体", "国有"],
        ),
        {
            "current_use": ["0601", "0505", "工业用地"],
            "registered_area_m2": [9_990.0] * N,
            "owner_kind": ["state_owned", "collective", "state_owned"],
        },
    ),
    "低效调查单元图斑2020": (
        "wenzhou-survey-2020",
        41,
        layer(
            " ".join(SURVEY_2020),
            set(),
            dcdybh=CODES,
            xzytcode=["0601", "0505", "0604"],
            djmj=["9990", "9,990.5", "—"],
            rjl=["1.2", "现状", "0.8"],
            qsxz=["国有"] * N,
        ),
        {"current_use": ["0601", "0505", "0604"], "registered_area_m2": [9_990.0, 9_990.5, None]},
    ),
    "面状地籍数据": (
        "wenzhou-planning-permits",
        34,
        layer(
            CADASTRE,
            TIMES,
            slbh=CODES,
            yddm=["B1", "B2", "M1"],
            jydmj=[9_990.0] * N,
            jzmj=[20_000.0] * N,
            sfzf=["否"] * N,
            mjdw=["平方米"] * N,
        ),
        {"land_use": ["B1", "B2", "M1"], "registered_area_m2": [9_990.0] * N, "gfa_m2": [20_000.0] * N},
    ),
}


@pytest.mark.parametrize("name", WENZHOU)
def test_wenzhou_style_field_lists_import_with_only_a_mapping_file(db: Database, tmp_path: Path, name: str) -> None:
    plan, fields, frame, expected = WENZHOU[name]
    assert len(frame.columns) - 1 == fields
    report = load(db, gpkg(tmp_path, frame), mapping=shipped(tmp_path, plan))
    assert (report.counts["added"], report.n_rejected, report.n_skipped, report.synthetic) == (N, 0, 0, True)
    found = current(db)
    assert found["parcel_code"].tolist() == CODES
    for column, values in expected.items():
        assert [None if pd.isna(value) else value for value in found[column]] == values, column


def test_a_permit_that_is_void_or_in_another_unit_is_left_out_and_counted(db: Database, tmp_path: Path) -> None:
    frame = WENZHOU["面状地籍数据"][2].assign(sfzf=["是", "否", "否"], mjdw=["平方米", "亩", "平方米"])
    report = load(db, gpkg(tmp_path, frame), mapping=shipped(tmp_path, "wenzhou-planning-permits"))
    assert (report.counts["added"], report.n_skipped) == (1, 2)


def bring(db: Database, path: Path, folder: Path, text: str) -> ImportReport:
    """An import that says nothing but the file and its mapping."""
    return load(db, path, mapping=mapping(folder, text, "only.toml"))


def test_a_gbk_zipped_shapefile_imports_with_only_a_mapping_file(db: Database, tmp_path: Path) -> None:
    path = zipped(tmp_path / "地块.zip", parts(shapefile(tmp_path / "x", encoding="GB18030"), "成果/"))
    text = """
kind = "parcels"
[source]
name = "a test"
[columns]
parcel_code = "DKBH"
name = "地块名"
land_use = { column = "YDXZ", table = "shanghai_kg" }
registered_area_m2 = { column = "YDMJ", unit = "亩" }
"""
    assert bring(db, path, tmp_path, text).counts["added"] == 3
    found = current(db)
    assert found["name"].tolist() == ["地块0", "地块1", "地块2"]
    assert found["registered_area_m2"].tolist() == [pytest.approx(10_000)] * 3


def test_a_workbook_in_mu_joined_to_its_outlines_imports_with_only_a_mapping_file(db: Database, tmp_path: Path) -> None:
    shapes = shapefile(tmp_path, "地块")
    kept = gpd.read_file(shapes)[["DKBH", "geometry"]]
    kept.to_file(shapes, engine="pyogrio", encoding="GB18030")
    table = {"宗地编号": ["HK-02", "HK-00", "HK-01"], "用地面积": [15, 14.5, "15.3亩"], "总建筑面积": [2, 3, 4.5]}
    pd.DataFrame(table).to_excel(tmp_path / "属性表.xlsx", index=False)
    text = """
kind = "parcels"
[source]
name = "a test"
[join]
file = "地块.shp"
on = { this = "宗地编号", other = "DKBH" }
[columns]
parcel_code = "宗地编号"
registered_area_m2 = { column = "用地面积", unit = "亩" }
gfa_m2 = { column = "总建筑面积", unit = "万㎡" }
"""
    assert bring(db, tmp_path / "属性表.xlsx", tmp_path, text).counts["added"] == 3
    found = current(db)
    # 1 亩 is 10000/15 m².
    assert found["registered_area_m2"].tolist() == [pytest.approx(m2) for m2 in (9_666.67, 10_200.0, 10_000.0)]
    assert found["gfa_m2"].tolist() == [30_000.0, 45_000.0, 20_000.0]
    assert [shapely.from_wkt(wkt).equals(square(i)) for i, wkt in enumerate(found["wkt"])] == [True] * 3


def test_a_mixed_use_control_plan_table_imports_with_only_a_mapping_file(db: Database, tmp_path: Path) -> None:
    table = {
        "地块编号": ["A-1", "A-2", "A-3", "A-4"],
        "用地性质": ["C2C8", "C2（60%）C8（40%）", "Rr2、C2", "M4"],
        "容积率": ["≤2.5", "2.0~3.0", 2, "—"],
        "图形": [square(i).wkt for i in range(4)],
    }
    pd.DataFrame(table).to_excel(tmp_path / "控规表.xlsx", index=False)
    text = """
kind = "parcels"
crs = "EPSG:4549"
[source]
name = "a test"
[geometry]
wkt = "图形"
[columns]
parcel_code = "地块编号"
land_use = { column = "用地性质", table = "shanghai_kg" }
max_far = "容积率"
"""
    bring(db, tmp_path / "控规表.xlsx", tmp_path, text)
    found = current(db)
    assert [[(part["code"], part["share"]) for part in each] for each in found["land_use_parts"]] == [
        [("C2", None), ("C8", None)],
        [("C2", 0.6), ("C8", 0.4)],
        [("Rr2", None), ("C2", None)],
        [("M4", 1.0)],
    ]
    assert found["max_far"].tolist() == [2.5, 3.0, 2.0, None]


def test_a_drawing_imports_with_only_a_mapping_file(db: Database, tmp_path: Path) -> None:
    # Its fourth outline is open and has no code (an error of that row, see test_intake_formats): the mapping leaves it out.
    path, codes = control_plan(tmp_path / "控规.dxf"), '"Text:编号" = ["A1-01", "A1-02", "A1-03"]'
    report = bring(db, path, tmp_path, f"{DRAWING}{codes}\n")
    assert (report.counts["added"], report.n_skipped, report.n_rejected) == (3, 2, 0)
    assert current(db)["parcel_code"].tolist() == ["A1-01", "A1-02", "A1-03"]


def test_a_layer_in_gcj_02_imports_with_only_a_mapping_file(db: Database, tmp_path: Path) -> None:
    shifted = moved(parcels(), "GCJ-02")
    # What it says of itself is what such layers say: WGS 84, and they lie 450 m off.
    assert shifted.to_crs(4549).centroid.distance(parcels().centroid).min() > 400
    path = tmp_path / "web.geojson"
    shifted.to_file(path, driver="GeoJSON", engine="pyogrio")
    text = """
kind = "parcels"
crs = "GCJ-02"
[source]
name = "a web map"
[columns]
parcel_code = "DKBH"
"""
    assert bring(db, path, tmp_path, text).counts["added"] == 3
    there = gpd.GeoSeries.from_wkt(current(db)["wkt"].tolist(), crs=4549)
    assert there.centroid.distance(parcels().centroid).max() < 1
