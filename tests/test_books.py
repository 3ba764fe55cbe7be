"""A workbook of parcels, their uses and their buildings: one mapping, one command, one transaction."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import shapely
from intake_files import current, gpkg, mapping, parcels, square, table, written
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import IntakeError, MappingError, SettingsError
from geo.intake import load, undo
from geo.intake.invariants import invariants

DAY = date(2024, 1, 1)
BOOK = """
crs = "EPSG:4549"
[source]
name = "a workbook"

[[sheet]]
kind = "buildings"
layer = "建筑"
[sheet.columns]
building_code = "幢号"
parcel_code = "地块编号"
state = "状态"
gfa_m2 = { column = "建筑面积", unit = "万㎡" }

[[sheet]]
kind = "parcels"
layer = "地块"
[sheet.geometry]
wkt = "图形"
[sheet.columns]
parcel_code = "地块编号"
registered_area_m2 = { column = "用地面积", unit = "亩" }
[sheet.uses]
layer = "用地"
code = "用地代码"
table = "shanghai_kg"
share = "比例"
"""


def workbook(folder: Path, name: str = "工作簿.xlsx", **sheets: dict[str, list[Any]]) -> Path:
    """Two parcels of 15 mu, one of them mixed, and two buildings; ``sheets`` replace columns of theirs, or whole sheets."""
    told: dict[str, dict[str, list[Any]]] = {
        "建筑": {"幢号": ["B-1", "B-2"], "地块编号": ["A-1", "A-2"], "状态": ["现状", "现状"], "建筑面积": [1.5, 2]},
        "地块": {"地块编号": ["A-1", "A-2"], "用地面积": [15, 15], "图形": [square(0).wkt, square(1).wkt]},
        "用地": {"地块编号": ["A-1", "A-1", "A-2"], "用地代码": ["C2", "C8", "M4"], "比例": [0.6, 0.4, 1]},
    }
    path = folder / name
    with pd.ExcelWriter(path) as writer:
        for sheet, columns in told.items():
            pd.DataFrame(columns | sheets.get(sheet, {})).to_excel(writer, sheet_name=sheet, index=False)
    return path


def plan(folder: Path, text: str = BOOK) -> Path:
    return mapping(folder, text, "office-workbook.toml")


def faults(error: pytest.ExceptionInfo[IntakeError]) -> set[tuple[Any, ...]]:
    return {(f.where, f.row, f.key, f.field, f.rule) for f in error.value.faults if f.severity == "error"}


def parts(db: Database) -> dict[str, list[tuple[str, float | None]]]:
    return {
        code: [(part["code"], part["share"]) for part in found or []]
        for code, found in current(db)[["parcel_code", "land_use_parts"]].to_numpy()
    }


def test_parcels_their_uses_and_their_buildings_come_by_one_command(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    done = shuangbei("import", workbook(tmp_path), "--mapping", plan(tmp_path))
    assert done.code == 0, done.err
    assert "工作簿.xlsx, 地块: 2 rows of parcels → 2 added" in done.out
    assert "工作簿.xlsx, 建筑: 2 rows of buildings → 2 added" in done.out
    # The buildings stand first in the workbook and in the mapping; their parcels are known all the same.
    assert "unknown_reference" not in done.err
    assert parts(db) == {"A-1": [("C2", 0.6), ("C8", 0.4)], "A-2": [("M4", 1.0)]}
    assert current(db)["land_use"].tolist() == ["C2:0.6+C8:0.4", "M4"]
    assert current(db, "buildings", "building_code")["gfa_m2"].tolist() == [15_000.0, 20_000.0]
    assert invariants(db) == []


def test_each_sheet_is_an_import_of_its_own_that_can_be_undone_and_the_same_workbook_changes_nothing(
    db: Database, tmp_path: Path
) -> None:
    path, how = workbook(tmp_path), plan(tmp_path)
    report = load(db, path, mapping=how, effective=DAY)
    assert [(part.kind, part.import_id) for part in report.parts] == [("parcels", 1), ("buildings", 2)]
    assert report.import_id == 2
    assert report.counts["added"] == 4
    found = table(db, "SELECT id, kind, file_name, sha256, recorded_at FROM registry.imports ORDER BY id")
    assert found["kind"].tolist() == ["parcels", "buildings"]
    assert found["file_name"].unique().tolist() == ["工作簿.xlsx"]
    assert found["recorded_at"].is_monotonic_increasing
    again = load(db, path, mapping=how, effective=date(2025, 1, 1))
    assert (again.import_id, again.counts["same"]) == (None, 4)
    undo(db, 2)
    assert (len(current(db)), len(current(db, "buildings", "building_code"))) == (2, 0)
    undo(db, 1)
    assert len(current(db)) == 0
    assert invariants(db) == []


def test_all_faults_of_all_sheets_are_told_at_once_each_with_its_sheet_and_nothing_is_written(
    db: Database, tmp_path: Path
) -> None:
    path = workbook(
        tmp_path,
        地块={"地块编号": ["A-1", "A-2"], "用地面积": [15, "约15"], "图形": [square(0).wkt, square(1).wkt]},
        用地={"地块编号": ["A-1", "A-1", "A-9"], "用地代码": ["C2", "没有", "M4"], "比例": [0.6, 0.4, 1]},
        建筑={"幢号": ["B-1", "B-1"], "地块编号": ["A-1", "A-2"], "状态": ["现状", None], "建筑面积": [-1, 2]},
    )
    with pytest.raises(IntakeError) as caught:
        load(db, path, mapping=plan(tmp_path))
    assert faults(caught) == {
        ("地块", 2, "A-2", "registered_area_m2", "not_a_number"),
        ("用地", 2, "A-1", "land_use", "unknown_code"),
        ("用地", 3, "A-9", "parcel_code", "no_parcel"),
        ("建筑", 1, "B-1", "building_code", "duplicate_key"),
        ("建筑", 2, "B-1", "building_code", "duplicate_key"),
        ("建筑", 2, "B-1", "state", "required"),
        ("建筑", 1, "B-1", "gfa_m2", "below_limit"),
    }
    assert "工作簿.xlsx, 地块: 3 of 3 rows" in caught.value.message
    assert "工作簿.xlsx, 建筑: 2 of 2 rows" in caught.value.message
    assert written(db) == 0


def test_one_bad_sheet_stops_the_good_ones_unless_valid_rows_are_accepted(db: Database, tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        用地={"地块编号": ["A-1", "A-1", "A-9"], "用地代码": ["C2", "没有", "M4"], "比例": [0.6, 0.4, 1]},
    )
    with pytest.raises(IntakeError):
        load(db, path, mapping=plan(tmp_path))
    assert written(db) == 0
    report = load(db, path, mapping=plan(tmp_path), accept_valid=True)
    # A parcel with half of its uses would be another parcel; A-2 has no use any more, and says so.
    assert current(db)["parcel_code"].tolist() == ["A-2"]
    assert parts(db) == {"A-2": []}
    assert [(f.where, f.key) for f in report.faults if f.rule == "no_uses"] == [("地块", "A-2")]
    kept = table(db, "SELECT import_id, row, values, faults FROM registry.rejected_rows ORDER BY row")
    assert [(row, fs[0]["where"], fs[0]["row"], fs[0]["rule"]) for row, fs in kept[["row", "faults"]].to_numpy()] == [
        (1, "用地", 2, "unknown_code"),
        (3, "用地", 3, "no_parcel"),
    ]
    assert kept["values"][1] == {"地块编号": "A-9", "用地代码": "M4", "比例": "1"}
    assert kept["import_id"].tolist() == [report.parts[0].import_id] * 2
    # Both buildings are taken; that the parcel of one was not is a warning.
    told = [(f.where, f.row) for f in report.faults if f.rule == "unknown_reference"]
    assert told == [("建筑", 1)]


def test_the_workbook_of_faults_has_each_sheet_with_its_faulty_cells(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    path = workbook(
        tmp_path,
        用地={"地块编号": ["A-1", "A-1", "A-2"], "用地代码": ["C2", "没有", "M4"], "比例": [0.6, 0.4, 1]},
        建筑={"幢号": ["B-1", "B-2"], "地块编号": ["A-1", "A-2"], "状态": ["现状", "现状"], "建筑面积": [-1, 2]},
    )
    done = shuangbei("import", path, "--mapping", plan(tmp_path), "--faults", tmp_path / "问题.xlsx")
    assert done.code == 1
    book = openpyxl.load_workbook(tmp_path / "问题.xlsx")
    assert book.sheetnames == ["地块", "建筑", "问题清单", "说明"]
    red = {
        (name, cell.row, str(book[name].cell(1, cell.column).value))
        for name in ("地块", "建筑")
        for row in book[name].iter_rows(min_row=2)
        for cell in row
        if cell.fill.start_color.rgb == "00F4B6AE"
    }
    assert red == {("地块", 2, "用地:用地代码"), ("建筑", 2, "建筑面积")}
    listed = {tuple(cell.value for cell in row[:3]) for row in book["问题清单"].iter_rows(min_row=2)}
    assert listed == {("用地", 2, "A-1"), ("建筑", 1, "B-1")}


def test_a_dry_run_of_a_workbook_tells_the_changes_of_each_sheet(db: Database, tmp_path: Path) -> None:
    how = plan(tmp_path)
    load(db, workbook(tmp_path), mapping=how, effective=DAY)
    before = written(db)
    path = workbook(
        tmp_path,
        用地={"地块编号": ["A-1", "A-1", "A-2"], "用地代码": ["C2", "C8", "M4"], "比例": [0.5, 0.5, 1]},
        建筑={"幢号": ["B-1", "B-2"], "地块编号": ["A-1", "A-2"], "状态": ["现状", "已拆"], "建筑面积": [1.5, 2]},
    )
    report = load(db, path, mapping=how, dry_run=True)
    assert report.changes is not None
    assert set(report.changes[["sheet", "key", "field", "old", "new"]].itertuples(index=False, name=None)) == {
        ("地块", "A-1", "land_use", "C2:0.6+C8:0.4", "C2:0.5+C8:0.5"),
        ("建筑", "B-2", "state", "standing", "demolished"),
    }
    assert report.summary().count("dry run: nothing was written") == 2
    assert written(db) == before


def test_kind_chooses_one_sheet_of_a_mapping_of_several(db: Database, tmp_path: Path) -> None:
    report = load(db, workbook(tmp_path), mapping=plan(tmp_path), kind="parcels")
    assert (report.kind, report.parts, report.counts["added"]) == ("parcels", (), 2)
    with pytest.raises(MappingError, match="has no sheet of zones"):
        load(db, workbook(tmp_path), mapping=plan(tmp_path), kind="zones")
    with pytest.raises(SettingsError, match="--layer is for one"):
        load(db, workbook(tmp_path), mapping=plan(tmp_path), layer="地块")


def test_a_mapping_says_the_kind_where_the_call_does_not(db: Database, tmp_path: Path) -> None:
    assert load(db, gpkg(tmp_path, parcels()), mapping=mapping(tmp_path)).kind == "parcels"
    with pytest.raises(SettingsError, match="not said") as caught:
        load(db, gpkg(tmp_path, parcels()))
    assert "--kind" in caught.value.hint
    assert "[[sheet]]" not in caught.value.hint


def test_a_workbook_of_several_sheets_without_a_mapping_says_how_one_is_drafted_and_that_advice_works(
    shuangbei: Command, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path)
    monkeypatch.chdir(tmp_path)
    for more in ((), ("--kind", "parcels")):
        done = shuangbei("import", path.name, *more)
        assert done.code == 1
        assert "`shuangbei inspect 工作簿.xlsx --out mapping.toml`" in " ".join(done.err.split())
        assert "[[sheet]]" in done.err
    assert shuangbei("inspect", "工作簿.xlsx", "--out", "mapping.toml").code == 0
    assert (tmp_path / "mapping.toml").read_text(encoding="utf-8").count("[[sheet]]") == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('[[sheet]]\nkind = "parcels"', '[[sheet]]\nkind = "houses"'), "sheet 2: kind: unknown kind 'houses'"),
        (('layer = "建筑"\n', ""), "sheet 1: layer: missing"),
        (
            (
                '[[sheet]]\nkind = "parcels"',
                '[[sheet]]\nkind = "buildings"\nlayer = "建筑"\n[sheet.columns]\nbuilding_code = "幢号"\n\n'
                '[[sheet]]\nkind = "parcels"',
            ),
            "has the sheet 建筑 twice as buildings",
        ),
        (('crs = "EPSG:4549"', 'crs = "EPSG:4549"\nkind = "parcels"'), "kind: unknown key beside"),
        (('share = "比例"', 'share = "比例"\narea = "面积"'), "share and area are both named"),
        (('layer = "用地"\n', ""), "uses.layer: missing"),
        (('table = "shanghai_kg"\n', ""), "uses.table: missing"),
        (('code = "用地代码"', 'code = "代码"'), "用地 has no such column"),
        (("[sheet.uses]", 'land_use = { column = "x", table = "shanghai_kg" }\n[sheet.uses]'), "is named as well"),
    ],
)
def test_a_mapping_of_several_sheets_that_is_broken_is_one_clear_error(
    db: Database, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    text = BOOK.replace(*change, 1)
    assert text != BOOK
    with pytest.raises(MappingError) as caught:
        load(db, workbook(tmp_path), mapping=plan(tmp_path, text))
    assert said in caught.value.message
    assert caught.value.hint
    assert written(db) == 0


def test_attributes_and_outlines_on_two_sheets_of_one_workbook_are_joined(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({"地块编号": ["A", "B"], "名称": ["甲", "乙"]}).to_excel(writer, sheet_name="地块", index=False)
        shapes = {"编号": ["B", "A"], "wkt": [square(1).wkt, square(0).wkt]}
        pd.DataFrame(shapes).to_excel(writer, sheet_name="图形", index=False)
    text = """
kind = "parcels"
layer = "地块"
crs = "EPSG:4549"
[columns]
parcel_code = "地块编号"
name = "名称"
[join]
layer = "图形"
on = { this = "地块编号", other = "编号" }
"""
    load(db, path, mapping=mapping(tmp_path, text))
    found = current(db)
    assert found["name"].tolist() == ["甲", "乙"]
    assert [shapely.from_wkt(wkt).equals(square(i)) for i, wkt in enumerate(found["wkt"])] == [True, True]
