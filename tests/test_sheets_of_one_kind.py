"""Workbooks that part a city by its areas: each sheet is read its own way, and together they are one table."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from intake_files import EAST, NORTH, current, gpkg, mapping, square, table, written
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import IntakeError, SettingsError
from geo.intake import load, rejected, retry, undo
from geo.intake.book_draft import draft_book, inspect_book
from geo.intake.invariants import invariants

DAY, LATER = date(2024, 1, 1), date(2025, 1, 1)
BUND, RING = "地块-北外滩", "地块-北中环"
#: the two sheets have other headings, other units and other datums
BOTH = f"""
[source]
name = "a workbook"

[[sheet]]
kind = "parcels"
layer = "{BUND}"
crs = "EPSG:4549"
[sheet.geometry]
wkt = "图形"
[sheet.columns]
parcel_code = "地块编号"
registered_area_m2 = {{ column = "用地面积", unit = "亩" }}

[[sheet]]
kind = "buildings"
layer = "建筑"
[sheet.columns]
building_code = "幢号"
parcel_code = "地块编号"
state = "状态"

[[sheet]]
kind = "parcels"
layer = "{RING}"
crs = "EPSG:4490"
[sheet.geometry]
wkt = "轮廓"
[sheet.columns]
parcel_code = "编号"
registered_area_m2 = "面积"
"""


def in_degrees(*shapes: shapely.Polygon) -> list[str]:
    return [shape.wkt for shape in gpd.GeoSeries(list(shapes), crs=4549).to_crs(4490)]


def workbook(folder: Path, **sheets: dict[str, list[Any]]) -> Path:
    """Two parcels on each of two sheets, and a building on one of each; ``sheets`` replace columns."""
    told: dict[str, dict[str, list[Any]]] = {
        BUND: {"地块编号": ["A-1", "A-2"], "用地面积": [15, 15], "图形": [square(0).wkt, square(1).wkt]},
        "建筑": {"幢号": ["B-1", "B-2"], "地块编号": ["A-1", "C-2"], "状态": ["现状", "现状"]},
        RING: {"编号": ["C-1", "C-2"], "面积": [10_000, 10_000], "轮廓": in_degrees(square(5), square(6))},
    }
    path = folder / "两片区.xlsx"
    with pd.ExcelWriter(path) as writer:
        for sheet, columns in (told | {name: told.get(name, {}) | own for name, own in sheets.items()}).items():
            pd.DataFrame(columns).to_excel(writer, sheet_name=sheet, index=False)
    return path


def plan(folder: Path, text: str = BOTH) -> Path:
    return mapping(folder, text, "both.toml")


def told(error: pytest.ExceptionInfo[IntakeError]) -> set[tuple[Any, ...]]:
    return {(f.where, f.row, f.key, f.rule) for f in error.value.faults if f.severity == "error"}


def test_each_sheet_is_read_its_own_way_and_all_come_in_one_transaction(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    path, how = workbook(tmp_path), plan(tmp_path)
    done = shuangbei("import", path, "--mapping", how)
    assert done.code == 0, done.err
    for line in (f"{BUND}: 2 rows of parcels → 2 added", f"{RING}: 2 rows of parcels → 2 added", "2 rows of buildings"):
        assert line in done.out
    assert "unknown_reference" not in done.err, "a building whose parcel is on the second sheet is not warned of"
    found = current(db).set_index("parcel_code")
    assert found.index.tolist() == ["A-1", "A-2", "C-1", "C-2"]
    assert found["registered_area_m2"].tolist() == [pytest.approx(10_000)] * 4
    for code, i in (("A-2", 1), ("C-2", 6)):
        assert shapely.hausdorff_distance(shapely.from_wkt(found.loc[code, "wkt"]), square(i)) < 0.01
    times = table(db, "SELECT DISTINCT xmin::text FROM registry.parcels")
    assert len(times) == 1, "one transaction"
    report = load(db, path, mapping=how)
    assert (report.import_id, report.counts["same"], report.kind) == (None, 6, "parcels, buildings")
    undo(db, 2)
    assert current(db)["parcel_code"].tolist() == ["A-1", "A-2"], "each sheet is an import of its own"
    assert invariants(db) == []


def test_a_code_on_two_sheets_is_an_error_at_each_that_names_the_other_and_nothing_is_written(
    db: Database, tmp_path: Path
) -> None:
    path = workbook(tmp_path, **{RING: {"编号": ["C-1", "A-1"]}})
    with pytest.raises(IntakeError) as caught:
        load(db, path, mapping=plan(tmp_path))
    assert told(caught) == {(BUND, 1, "A-1", "duplicate_key"), (RING, 2, "A-1", "duplicate_key")}
    advice = {f.where: f.advice for f in caught.value.faults if f.rule == "duplicate_key"}
    assert f"{RING}, row 2" in advice[BUND]
    assert f"{BUND}, row 1" in advice[RING]
    assert written(db) == 0


def test_faults_name_sheet_and_row_and_stand_in_the_workbook_of_faults(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    path = workbook(tmp_path, **{BUND: {"用地面积": [15, "约15"]}, RING: {"编号": ["C-1", None]}})
    done = shuangbei("import", path, "--mapping", plan(tmp_path), "--faults", tmp_path / "问题.xlsx")
    assert done.code == 1
    assert f"{BUND}: 1 of 2 rows" in done.err
    assert f"{RING}: 1 of 2 rows" in done.err
    assert written(db) == 0
    book = openpyxl.load_workbook(tmp_path / "问题.xlsx")
    assert book.sheetnames[:3] == [BUND, RING, "建筑"]
    listed = {tuple(cell.value for cell in row[:2]) for row in book["问题清单"].iter_rows(min_row=2)}
    assert {(BUND, 2), (RING, 2)} <= listed


def test_outlines_are_held_against_those_of_the_other_sheet(db: Database, tmp_path: Path) -> None:
    over = shapely.box(EAST + 250, NORTH, EAST + 350, NORTH + 100)  # half of A-2's
    path = workbook(tmp_path, **{RING: {"轮廓": in_degrees(over, square(0))}})
    report = load(db, path, mapping=plan(tmp_path))
    found = {(f.where, f.key, f.rule) for f in report.faults}
    assert {(BUND, "A-2", "overlap"), (RING, "C-1", "overlap")} <= found
    # Drawn in another datum, it is the same land all the same.
    assert {(BUND, "A-1"), (RING, "C-2")} == {
        (f.where, f.key) for f in report.faults if f.rule in ("duplicate_shape", "overlap") and f.key in ("A-1", "C-2")
    }


def test_what_one_sheet_has_is_not_gone_for_the_other(db: Database, tmp_path: Path) -> None:
    how = plan(tmp_path)
    load(db, workbook(tmp_path), mapping=how, effective=DAY)
    path = workbook(tmp_path, **{RING: {"编号": ["C-1", "C-3"]}, "建筑": {"地块编号": ["A-1", "A-2"]}})
    seen = load(db, path, mapping=how, effective=LATER, dry_run=True, gone="retire")
    assert seen.changes is not None
    kinds = seen.changes[seen.changes["sheet"] != "建筑"]
    assert set(kinds[["key", "change"]].itertuples(index=False, name=None)) == {("C-3", "added"), ("C-2", "gone")}
    kept = load(db, path, mapping=how, effective=LATER, dry_run=True)
    assert kept.changes is not None
    assert kept.changes[kept.changes["change"] == "not_in_file"]["key"].tolist() == ["C-2"]
    report = load(db, path, mapping=how, effective=LATER, gone="retire")
    assert (report.counts["gone"], current(db)["parcel_code"].tolist()) == (1, ["A-1", "A-2", "C-1", "C-3"])
    assert invariants(db) == []


def test_a_parcel_that_was_split_over_two_sheets_keeps_its_lineage(db: Database, tmp_path: Path) -> None:
    how = plan(tmp_path)
    load(db, workbook(tmp_path), mapping=how, effective=DAY)
    x = EAST + 200
    west, east = shapely.box(x, NORTH, x + 60, NORTH + 100), shapely.box(x + 60, NORTH, x + 100, NORTH + 100)
    path = workbook(
        tmp_path,
        **{
            BUND: {"地块编号": ["A-1", "A-2W"], "用地面积": [15, 9], "图形": [square(0).wkt, west.wkt]},
            RING: {
                "编号": ["C-1", "C-2", "A-2E"],
                "面积": [1e4, 1e4, 4e3],
                "轮廓": in_degrees(square(5), square(6), east),
            },
            "建筑": {"地块编号": ["A-1", "C-2"]},
        },
    )
    load(db, path, mapping=how, effective=LATER, gone="retire")
    found = table(db, "SELECT from_code, to_code, share_of_from FROM registry.parcel_lineage ORDER BY to_code")
    assert found.to_numpy().tolist() == [
        ["A-2", "A-2E", pytest.approx(0.4, abs=1e-3)],
        ["A-2", "A-2W", pytest.approx(0.6)],
    ]
    assert invariants(db) == []


def test_rows_kept_aside_of_both_sheets_stay_open_and_are_tried_again_by_their_own_sheet(
    db: Database, tmp_path: Path
) -> None:
    path, how = workbook(tmp_path, **{RING: {"编号": ["C-1", "A-1"]}}), plan(tmp_path)
    report = load(db, path, mapping=how, accept_valid=True)
    assert report.n_rejected == 2
    open_ = rejected(db)
    # Neither is a later file's, so that neither takes the other's place.
    assert open_[["key", "state"]].to_numpy().tolist() == [["A-1", "open"], ["A-1", "open"]]
    with pytest.raises(IntakeError):
        retry(db)
    assert current(db)["parcel_code"].tolist() == ["A-2", "C-1"]
    # Tried alone it is the one that was chosen; it is read in the datum and the unit of its own sheet.
    second = int(open_["rejected_id"].iloc[1])
    assert retry(db, rows=[second]).n_open == 0
    found = current(db).set_index("parcel_code").loc["A-1"]
    assert found["registered_area_m2"] == 10_000
    assert shapely.hausdorff_distance(shapely.from_wkt(found["wkt"]), square(6)) < 0.01
    load(db, path, mapping=how, accept_valid=True)
    assert invariants(db) == []


SHARED = f"""
[source]
name = "a workbook"

[[sheet]]
kind = "parcels"
layer = "{BUND}"
[sheet.columns]
parcel_code = "地块编号"
[sheet.join]
file = "地块.gpkg"
on = {{ this = "地块编号", other = "DKBH" }}
[sheet.uses]
layer = "用地"
on = "地块编号"
code = "用地代码"
table = "shanghai_kg"

[[sheet]]
kind = "parcels"
layer = "{RING}"
[sheet.columns]
parcel_code = "编号"
[sheet.join]
file = "地块.gpkg"
on = {{ this = "编号", other = "DKBH" }}
[sheet.uses]
layer = "用地"
on = {{ this = "编号", other = "地块编号" }}
code = "用地代码"
table = "shanghai_kg"
"""


def test_sheets_share_one_file_of_outlines_and_one_sheet_of_uses(db: Database, tmp_path: Path) -> None:
    codes = ["A-1", "A-2", "C-1", "C-2", "Z-9"]
    gpkg(tmp_path, gpd.GeoDataFrame({"DKBH": codes}, geometry=[square(i) for i in range(5)], crs="EPSG:4549"))
    uses = {"地块编号": ["A-1", "C-1", "C-2", "A-2"], "用地代码": ["C2", "C8", "M4", "C65"]}
    path = workbook(tmp_path, 用地=uses)
    report = load(db, path, mapping=plan(tmp_path, SHARED))
    assert current(db)[["parcel_code", "land_use"]].to_numpy().tolist() == [
        ["A-1", "C2"],
        ["A-2", "C65"],
        ["C-1", "C8"],
        ["C-2", "M4"],
    ]
    # What no sheet asks for is told once, and what another sheet has is not told at all.
    assert [(f.rule, f.value) for f in report.faults] == [("left_over", "Z-9")]
    lost = workbook(
        tmp_path, 用地={key: [*cells, extra] for (key, cells), extra in zip(uses.items(), ("X-1", "C2"), strict=True)}
    )
    with pytest.raises(IntakeError) as caught:
        load(db, lost, mapping=plan(tmp_path, SHARED))
    assert told(caught) == {("用地", 5, "X-1", "no_parcel")}
    assert [f.rule for f in caught.value.faults].count("no_parcel") == 1


def test_shares_of_a_carrier_over_two_sheets_sum_together(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "份额.xlsx"
    with pd.ExcelWriter(path) as writer:
        for sheet, carrier in (("甲", "Z-1"), ("乙", "Z-2")):
            columns = {"carrier_code": [carrier], "stands_on": ["parcel"], "target_code": ["A-1"], "share": [0.7]}
            pd.DataFrame(columns).to_excel(writer, sheet_name=sheet, index=False)
    part = '[[sheet]]\nkind = "carrier_shares"\nlayer = "{}"\n[sheet.columns]\n'
    part += "".join(f'{name} = "{name}"\n' for name in ("carrier_code", "stands_on", "target_code", "share"))
    with pytest.raises(IntakeError) as caught:
        load(db, path, mapping=plan(tmp_path, part.format("甲") + part.format("乙")))
    assert {(f.where, f.row, f.rule) for f in caught.value.faults if f.severity == "error"} == {
        ("甲", 1, "shares_over_one"),
        ("乙", 1, "shares_over_one"),
    }


def test_kind_and_layer_choose_one_of_them(db: Database, tmp_path: Path) -> None:
    path, how = workbook(tmp_path), plan(tmp_path)
    with pytest.raises(SettingsError, match="--layer is for one"):
        load(db, path, mapping=how, layer=RING)
    report = load(db, path, mapping=how, kind="parcels", layer=RING)
    assert (report.counts["added"], current(db)["parcel_code"].tolist()) == (2, ["C-1", "C-2"])
    report = load(db, path, mapping=how, kind="parcels")
    assert [part.layer for part in report.parts] == [BUND, RING]


def test_a_draft_has_a_part_for_each_sheet_and_imports_unedited(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as writer:
        for sheet, codes, start in ((BUND, [f"A-{i}" for i in range(8)], 0), (RING, [f"C-{i}" for i in range(8)], 20)):
            columns = {
                "地块编号": codes,
                "用地面积（亩）": [15.0] * 8,
                "图形WKT（EPSG:4549）": [square(start + i).wkt for i in range(8)],
            }
            pd.DataFrame(columns).to_excel(writer, sheet_name=sheet, index=False)
            uses = {"地块编号": [codes[0], *codes], "用地代码": ["C65", *["C8"] * 8], "比例": [40, 60, *[100] * 7]}
            pd.DataFrame(uses).to_excel(writer, sheet_name=sheet.replace("地块", "用地"), index=False)
    text = draft_book(path, inspect_book(path))
    drafted = tomllib.loads(text)["sheet"]
    assert [(each["kind"], each["layer"], each["uses"]["layer"]) for each in drafted] == [
        ("parcels", BUND, "用地-北外滩"),
        ("parcels", RING, "用地-北中环"),
    ]
    load(db, path, mapping=plan(tmp_path, text))
    assert len(current(db)) == 16
    assert current(db)["land_use"].tolist().count("C65:0.4+C8:0.6") == 2
