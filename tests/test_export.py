"""Answers as files: every format opens again with the same rows, says where it comes from, and runs nothing."""

from __future__ import annotations

import html
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.errors import ReadError
from geo.export import export
from geo.intake.read import read

EVIL = '=HYPERLINK("x")'


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    reasons = [
        {"condition": "规划用途以商办为主", "outcome": "pass", "field": "office_share", "value": 0.6, "text": None,
         "threshold": ">= 0.5", "unit": "share", "clause": "二(三)7"},
        {"condition": "用地面积足够", "outcome": "unknown", "field": "site_area_m2", "value": None, "text": None,
         "threshold": ">= 3000", "unit": "m2", "clause": "assumption: x"},
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        {
            "parcel_code": ["演示-1", "03-12", EVIL],
            "name": [EVIL, "+1", "<img src=x onerror=alert(1)>"],
            "site_area_m2": [1234.5, np.nan, 3.0],
            "verdict": ["candidate", "unknown", "no"],
            "rank": pd.array([1, None, None], dtype="Int64"),
            "reasons": [reasons, [], []],
            "owner_kind": ["private", "state_owned", None],
            "synthetic": [True, False, False],
        },
        geometry=[shapely.box(641000 + i * 100, 3462000, 641050 + i * 100, 3462050) for i in range(3)],
        crs="EPSG:4549",
    )


STAMP = {"run_id": 3, "policy": "hongkou-2025 (abc)", "synthetic": True}


def test_a_workbook_has_chinese_headings_typed_cells_and_codes_as_text(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    sheet = openpyxl.load_workbook(export(frame, tmp_path / "候选.xlsx", stamp=STAMP, title="候选清单")).worksheets[0]
    head = [cell.value for cell in sheet[1]]
    assert head == ["数据标记", "排名", "地块编号", "名称", "判定", "用地面积（㎡）", "理由", "演示数据"]
    assert [cell.value for cell in sheet["C"]][1:] == ["演示-1", "03-12", EVIL]
    assert {cell.data_type for cell in sheet["C"]} == {"s"}
    assert sheet["F2"].value == 1234.5
    assert sheet["F3"].value is None, "unknown is an empty cell, not 0"
    assert sheet["B2"].value == 1
    assert sheet["E2"].value == "候选"
    assert "商办用地占比 符合" in sheet["G2"].value
    assert "未知" in sheet["G2"].value
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H4"
    assert "演示数据" in sheet.title
    assert "演示数据" in sheet.oddHeader.center.text


def test_a_workbook_holds_no_formula_and_no_link(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = export(frame, tmp_path / "a.xlsx", stamp=STAMP)
    with zipfile.ZipFile(path) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "<f>" not in text
    assert "externalLink" not in text


def test_a_workbook_says_where_it_comes_from(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    book = openpyxl.load_workbook(export(frame, tmp_path / "a.xlsx", stamp=STAMP))
    told = {row[0].value: row[1].value for row in book["运行信息"].iter_rows()}
    assert told["运行编号"] == 3
    assert told["含演示数据"] == "是"


def test_csv_opens_in_excel_as_chinese_and_runs_nothing(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = export(frame, tmp_path / "a.csv", stamp=STAMP)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(rows["parcel_code"]) == ["演示-1", "03-12", "'" + EVIL]
    assert list(rows["name"])[:2] == ["'" + EVIL, "'+1"]
    assert list(rows["site_area_m2"]) == ["1234.5", "", "3.0"]
    assert list(rows["data_mark"]) == ["演示数据", "", ""]
    assert json.loads((tmp_path / "a.csv.run.json").read_text(encoding="utf-8"))["run_id"] == 3


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#name?", "=见附件", "'#REF!"])
def test_no_text_of_an_office_becomes_an_error_or_a_formula_in_a_spreadsheet(
    tmp_path: Path, frame: gpd.GeoDataFrame, text: str
) -> None:
    said = frame.assign(name=text)
    book = openpyxl.load_workbook(export(said, tmp_path / "a.xlsx", stamp=STAMP))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == text]
    assert [cell.data_type for cell in cells] == ["s"] * len(frame)
    rows = pd.read_csv(export(said, tmp_path / "a.csv", stamp=STAMP), dtype=str, keep_default_na=False)
    assert set(rows["name"]) == {"'" + text}
    # The import, which reads it back, takes that one apostrophe away again.
    assert set(read(tmp_path / "a.csv").frame["name"]) == {text}


def test_a_number_sign_before_a_house_is_none(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    rows = pd.read_csv(export(frame.assign(name="#3楼"), tmp_path / "a.csv", stamp=STAMP), dtype=str)
    assert set(rows["name"]) == {"#3楼"}


def test_geojson_is_wgs84_with_outer_rings_anticlockwise(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    content = json.loads(export(frame, tmp_path / "a.geojson", stamp=STAMP).read_text(encoding="utf-8"))
    assert "crs" not in content
    ring = shapely.geometry.shape(content["features"][0]["geometry"]).exterior
    assert ring.is_ccw
    assert 121 < ring.coords[0][0] < 122
    assert content["features"][1]["properties"]["site_area_m2"] is None
    assert content["run"]["policy"] == STAMP["policy"]


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_gis_formats_keep_shapes_codes_and_crs(tmp_path: Path, frame: gpd.GeoDataFrame, ending: str) -> None:
    path = export(frame, tmp_path / f"a.{ending}", stamp=STAMP)
    back = gpd.read_parquet(path) if ending == "parquet" else gpd.read_file(path)
    assert list(back["parcel_code"]) == list(frame["parcel_code"])
    assert back.crs.to_epsg() == 4549
    assert back.geometry.geom_equals(frame.geometry).all()


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json", "geojson", "gpkg", "parquet"])
def test_restricted_columns_leave_the_house_only_when_asked_for(
    tmp_path: Path, frame: gpd.GeoDataFrame, ending: str
) -> None:
    for restricted in (False, True):
        path = export(frame, tmp_path / f"{restricted}.{ending}", stamp=STAMP, restricted=restricted)
        content = path.read_bytes()
        if ending == "xlsx":
            with zipfile.ZipFile(path) as book:
                # Where lxml is installed openpyxl writes &#22269; for 国.
                content = html.unescape("".join(book.read(name).decode() for name in book.namelist())).encode()
        told = "国有".encode() if ending == "xlsx" else b"state_owned"  # a workbook speaks Chinese
        assert (told in content) == restricted


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json", "geojson", "gpkg", "parquet", "docx"])
def test_what_a_condition_found_in_a_restricted_column_is_hidden_too(
    tmp_path: Path, frame: gpd.GeoDataFrame, ending: str
) -> None:
    record = {"condition": "owner", "outcome": "pass", "field": "owner_kind", "value": None, "text": "state_owned",
              "threshold": "is state_owned", "unit": None, "clause": "x", "route": None}  # fmt: skip
    asked = frame.drop(columns="owner_kind").assign(verdict="candidate")
    asked["reasons"] = pd.Series([[record | {"threshold": ">= 1"}] for _ in range(3)], dtype=object)
    for restricted in (False, True):
        path = export(asked, tmp_path / f"{restricted}.{ending}", stamp=STAMP | {"rule": "r"}, restricted=restricted)
        content = path.read_bytes()
        if ending in ("xlsx", "docx"):
            with zipfile.ZipFile(path) as book:
                texts = [html.unescape(book.read(name).decode()) for name in book.namelist() if name.endswith(".xml")]
            content = "".join(texts).encode()
        found = any(text in content for text in (b"state_owned", "国有".encode()))
        assert found == restricted


def test_a_frame_without_shapes_cannot_be_a_map_file(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    with pytest.raises(ReadError, match="no shapes"):
        export(pd.DataFrame({"n": [1]}), tmp_path / "a.geojson")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.doc", "a", "no/folder/a.csv"])
def test_a_file_that_cannot_be_written_gives_one_clear_error(
    tmp_path: Path, frame: gpd.GeoDataFrame, name: str
) -> None:
    with pytest.raises(ReadError):
        export(frame, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_written_over_only_on_demand(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = tmp_path / "a.csv"
    path.write_text("filled in by hand", encoding="utf-8")
    with pytest.raises(ReadError, match="is there already") as refused:
        export(frame, path, stamp=STAMP)
    assert "overwrite=True" in refused.value.hint
    assert path.read_text(encoding="utf-8") == "filled in by hand"
    export(frame, path, stamp=STAMP, overwrite=True)
    assert "filled in" not in path.read_text(encoding="utf-8-sig")
    with pytest.raises(ReadError, match="is a folder"):
        export(frame, tmp_path, stamp=STAMP, overwrite=True)


def test_the_given_frame_is_not_changed(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    before = frame.copy(deep=True)
    export(frame, tmp_path / "a.xlsx", stamp=STAMP)
    assert list(frame.columns) == list(before.columns)
    assert frame["name"].equals(before["name"])
