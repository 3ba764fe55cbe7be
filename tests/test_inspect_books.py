"""A look at several sheets, or at a table with its outlines: the mapping that it drafts imports as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from intake_files import current, gpkg, square
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import MappingError
from geo.intake import load
from geo.intake.book_draft import draft_book, inspect_book

N = 8
CODES = [f"HK-{i:02d}" for i in range(N)]


def workbook(folder: Path, **sheets: dict[str, list[Any]]) -> Path:
    told: dict[str, dict[str, list[Any]]] = {
        "说明": {"填表说明": ["由各街道填写"], "日期": ["2025-03"]},
        "地块": {
            "地块编号": CODES,
            "用地面积（亩）": [15.0] * N,
            "图形WKT（EPSG:4549）": [square(i).wkt for i in range(N)],
        },
        "用地": {"地块编号": [CODES[0], *CODES], "用地代码": ["C65", *["C8"] * N], "比例": [40, 60, *[100] * (N - 1)]},
        "建筑": {"楼栋编号": [f"B-{i}" for i in range(N)], "地块编号": CODES, "状态": ["现状"] * N},
    }
    path = folder / "工作簿.xlsx"
    with pd.ExcelWriter(path) as writer:
        for sheet, columns in (told | sheets).items():
            pd.DataFrame(columns).to_excel(writer, sheet_name=sheet, index=False)
    return path


def test_a_workbook_is_looked_at_sheet_by_sheet_and_its_draft_imports_unedited(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    path, plan = workbook(tmp_path), tmp_path / "draft.toml"
    done = shuangbei("inspect", path, "--out", plan)
    assert done.code == 0, done.err
    for told in ("地块: parcels", "用地: uses", "建筑: buildings", "说明: left out: what it holds cannot be told"):
        assert told in done.out
    drafted = tomllib.loads(plan.read_text(encoding="utf-8"))
    assert [(sheet["kind"], sheet["layer"]) for sheet in drafted["sheet"]] == [
        ("parcels", "地块"),
        ("buildings", "建筑"),
    ]
    assert drafted["sheet"][0]["columns"]["registered_area_m2"] == {"column": "用地面积（亩）", "unit": "亩"}
    assert shuangbei("import", path, "--mapping", plan).code == 0
    found = current(db).set_index("parcel_code")
    assert found.loc["HK-00", "land_use"] == "C65:0.4+C8:0.6"
    assert found["registered_area_m2"].tolist() == [pytest.approx(10_000)] * N
    assert len(current(db, "buildings", "building_code")) == N


def test_what_is_not_sure_in_a_sheet_of_uses_is_left_blank_and_refused(db: Database, tmp_path: Path) -> None:
    uses = {"地块编号": [CODES[0], *CODES], "用地代码": ["C8"] * (N + 1), "面积": [5.0] * (N + 1)}
    path = workbook(tmp_path, 用地=uses)
    text = draft_book(path, inspect_book(path))
    assert 'area = { column = "面积", unit = "" }' in text
    (tmp_path / "d.toml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=r"uses\.area\.unit|uses\.table"):
        load(db, path, mapping=tmp_path / "d.toml")


def test_a_workbook_of_which_nothing_can_be_told_says_so_sheet_by_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as writer:
        for name in ("甲", "乙"):
            pd.DataFrame({"x": [1], "y": [2]}).to_excel(writer, sheet_name=name, index=False)
    with pytest.raises(MappingError, match=r"甲: .*乙: ") as caught:
        draft_book(path, inspect_book(path))
    assert "--layer" in caught.value.hint


def test_a_table_without_shapes_is_looked_at_with_its_outlines_and_the_draft_joins_them(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    shapes = gpkg(tmp_path, gpd.GeoDataFrame({"DKBH": CODES}, geometry=[square(i) for i in range(N)], crs="EPSG:4549"))
    path, plan = tmp_path / "属性.xlsx", tmp_path / "draft.toml"
    pd.DataFrame({"宗地编号": CODES[::-1], "YDMJ": [15.0] * N}).to_excel(path, index=False)
    shuangbei("inspect", path, "--kind", "parcels", "--out", plan)
    assert tomllib.loads(plan.read_text(encoding="utf-8"))["columns"]["registered_area_m2"]["unit"] == ""
    done = shuangbei("inspect", path, "--kind", "parcels", "--join", shapes, "--out", plan, "--force")
    assert done.code == 0, done.err
    drafted = tomllib.loads(plan.read_text(encoding="utf-8"))
    assert drafted["join"] == {"file": "地块.gpkg", "on": {"this": "宗地编号", "other": "DKBH"}}
    # Only beside the outlines do its numbers say that they are 亩.
    assert drafted["columns"]["registered_area_m2"] == {"column": "YDMJ", "unit": "亩"}
    assert shuangbei("import", path, "--mapping", plan).code == 0
    assert current(db)["registered_area_m2"].tolist() == [pytest.approx(10_000)] * N
