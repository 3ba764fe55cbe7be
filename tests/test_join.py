"""Attributes joined to outlines by the code that both hold, in either direction: nothing joined by accident, nothing lost."""

from __future__ import annotations

import warnings
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from intake_files import current, gpkg, mapping, square, table, written
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import IntakeError, MappingError, ReadError
from geo.intake import ImportReport, load, undo
from geo.intake.outlines import Outlines
from geo.intake.read import Source

DAY = date(2024, 1, 1)
JOINED = """
kind = "parcels"
[source]
name = "a test"
[join]
{join}
[columns]
parcel_code = "{code}"
land_use = {{ column = "用地代码", table = "shanghai_kg" }}
registered_area_m2 = {{ column = "面积", unit = "亩" }}
gfa_m2 = {{ column = "建筑面积", unit = "万㎡" }}
owner_kind = "权属"
"""
BOTH = 'on = { this = "DKBH", other = "地块编号" }'
BACK = 'on = { this = "地块编号", other = "DKBH" }'


def outlines(folder: Path, codes: list[Any], name: str = "地块.gpkg") -> Path:
    """Squares of 15 mu that have nothing but a code."""
    shapes = [square(i) for i in range(len(codes))]
    return gpkg(folder, gpd.GeoDataFrame({"DKBH": codes}, geometry=shapes, crs="EPSG:4549"), name)


def attributes(folder: Path, codes: list[Any], name: str = "地块表.xlsx", **more: list[Any]) -> Path:
    """A workbook with attributes by code and no shape."""
    n = len(codes)
    cells: dict[str, list[Any]] = {
        "地块编号": codes,
        "用地代码": ["C8"] * n,
        "面积": [15] * n,
        "建筑面积": [2 + i for i in range(n)],
        "权属": ["国有"] * n,
    }
    path = folder / name
    pd.DataFrame(cells | more).to_excel(path, index=False)
    return path


def plan(folder: Path, join: str = BOTH, code: str = "DKBH", name: str = "m.toml") -> Path:
    return mapping(folder, JOINED.format(join=join, code=code), name)


def faults(error: pytest.ExceptionInfo[IntakeError]) -> set[tuple[Any, ...]]:
    return {(f.where, f.row, f.key, f.field, f.rule) for f in error.value.faults if f.severity == "error"}


def test_attributes_and_outlines_make_the_same_parcels_whichever_file_is_imported(db: Database, tmp_path: Path) -> None:
    codes = ["HK-01", "HK-02", "HK-03"]
    shapes, sheet = outlines(tmp_path, codes), attributes(tmp_path, codes)
    there = plan(tmp_path)
    report = load(db, shapes, kind="parcels", mapping=there, join=sheet, effective=DAY)
    assert report.counts["added"] == 3
    found = current(db)
    assert found["parcel_code"].tolist() == codes
    assert found["gfa_m2"].tolist() == [20_000.0, 30_000.0, 40_000.0]
    assert found["registered_area_m2"].tolist() == [pytest.approx(10_000.0)] * 3
    assert [shapely.from_wkt(wkt).area for wkt in found["wkt"]] == [10_000.0] * 3
    assert report.unused == ()
    # The same mapping serves both ways; one that was written for the table says the same.
    for how in (there, plan(tmp_path, BACK, "地块编号", "back.toml")):
        again = load(db, sheet, kind="parcels", mapping=how, join=shapes, effective=DAY)
        assert (again.import_id, again.counts["same"]) == (None, 3)


def test_the_mapping_names_the_other_file_which_lies_beside_the_imported_one(db: Database, tmp_path: Path) -> None:
    codes = ["HK-01", "HK-02"]
    shapes = outlines(tmp_path, codes)
    attributes(tmp_path, codes)
    (tmp_path / "maps").mkdir()
    named = plan(tmp_path / "maps", f'file = "地块表.xlsx"\n{BOTH}')
    assert load(db, shapes, mapping=named).counts["added"] == 2
    (tmp_path / "地块表.xlsx").unlink()
    with pytest.raises(ReadError, match=r"There is no file 地块表.xlsx beside") as caught:
        load(db, shapes, mapping=named)
    assert "--join" in caught.value.hint


def test_without_a_mapping_the_codes_are_found_by_their_names(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("宗地编号,地块名称,registered_area_m2\nHK-01,甲,9990\n", encoding="utf-8")
    load(db, path, kind="parcels", join=outlines(tmp_path, ["HK-01"]))
    assert current(db)[["parcel_code", "name", "registered_area_m2"]].iloc[0].tolist() == ["HK-01", "甲", 9990.0]
    path.write_text("a,b\nHK-01,甲\n", encoding="utf-8")
    with pytest.raises(MappingError, match=r"Which column of 表.csv holds the codes") as caught:
        load(db, path, kind="parcels", join=outlines(tmp_path, ["HK-01"]))
    assert "Columns of 表.csv: a, b" in caught.value.hint


def test_codes_are_compared_as_text_without_white_space_full_width_and_the_decimals_of_a_spreadsheet(
    db: Database, tmp_path: Path
) -> None:
    shapes = outlines(tmp_path, ["101", "102", "A-3"])
    sheet = attributes(tmp_path, [101.0, " 102\u3000", "Ａ－３"])
    report = load(db, shapes, kind="parcels", mapping=plan(tmp_path), join=sheet)
    assert report.counts["added"] == 3
    assert [f.rule for f in report.faults if f.rule == "spelled_differently"] == ["spelled_differently"]
    assert current(db)["parcel_code"].tolist() == ["101", "102", "A-3"]
    # As text, 12.0 is 12 only where the whole column went through numbers: beside 3.10 it is a code of its own.
    path = tmp_path / "t.csv"
    path.write_text("DKBH,地块名称\n12.0,甲\n13.0,乙\n", encoding="utf-8")
    load(db, outlines(tmp_path, ["12", "13"], "b.gpkg"), kind="parcels", join=path)
    path.write_text("DKBH,地块名称\n12.0,甲\n3.10,乙\n", encoding="utf-8")
    with pytest.raises(IntakeError) as caught:
        load(db, outlines(tmp_path, ["12", "3.10"], "c.gpkg"), kind="parcels", join=path)
    assert ("t.csv", 1, "12.0", "parcel_code", "no_outline") in faults(caught)


def test_long_numbers_as_codes_keep_all_their_digits_where_rows_are_missing(db: Database, tmp_path: Path) -> None:
    long = [310109000000000001, 310109000000000002]
    shapes = outlines(tmp_path, long)
    path = tmp_path / "t.csv"
    path.write_text(f"DKBH,地块名称\n{long[0]},甲\n{long[1]},乙\n310109000000000003,丙\n", encoding="utf-8")
    report = load(db, shapes, kind="parcels", join=path, accept_valid=True)
    assert (report.counts["added"], report.n_rejected) == (2, 1)
    assert current(db)["parcel_code"].tolist() == list(map(str, long))
    assert [f.key for f in report.faults if f.severity == "error"] == ["310109000000000003"]


def test_a_code_that_became_a_date_is_told_and_never_joined(db: Database, tmp_path: Path) -> None:
    shapes = outlines(tmp_path, ["2025-03-12", "HK-02"])
    sheet = attributes(tmp_path, [date(2025, 3, 12), "HK-02"])
    with pytest.raises(IntakeError) as caught:
        load(db, shapes, kind="parcels", mapping=plan(tmp_path), join=sheet)
    assert faults(caught) == {
        (None, 1, "2025-03-12", "parcel_code", "no_attributes"),
        ("地块表.xlsx", 1, None, "parcel_code", "date_in_text"),
    }
    assert written(db) == 0


@pytest.mark.parametrize("first", ["outlines", "table"])
def test_every_code_that_one_side_alone_has_is_told_with_the_file_and_its_row(
    db: Database, tmp_path: Path, first: str
) -> None:
    shapes, sheet = outlines(tmp_path, ["A", "B", "C"]), attributes(tmp_path, ["B", "X", "A"])
    if first == "outlines":
        given = {"path": shapes, "join": sheet, "mapping": plan(tmp_path)}
        expected = {
            (None, 3, "C", "parcel_code", "no_attributes"),
            ("地块表.xlsx", 2, "X", "parcel_code", "no_outline"),
        }
    else:
        given = {"path": sheet, "join": shapes, "mapping": plan(tmp_path, BACK, "地块编号")}
        expected = {(None, 2, "X", "parcel_code", "no_outline")}
    with pytest.raises(IntakeError) as caught:
        load(db, **given, kind="parcels")  # type: ignore[arg-type]
    assert faults(caught) == expected
    assert written(db) == 0
    report = load(db, **given, kind="parcels", accept_valid=True)  # type: ignore[arg-type]
    assert current(db)["parcel_code"].tolist() == ["A", "B"]
    assert report.n_rejected == len(expected)
    kept = table(db, "SELECT row, values, faults FROM registry.rejected_rows ORDER BY row")
    assert {(r, f["where"], f["rule"]) for r, fs in kept[["row", "faults"]].to_numpy() for f in fs} == {
        (row, where, rule) for where, row, _, _, rule in expected
    }
    assert "X" in {values["地块编号"] for values in kept["values"]}
    left = [f for f in report.faults if f.rule == "left_over"]
    # An outline that no row of the imported table asks for is no row of the import; it is told all the same.
    assert [(f.row, f.value) for f in left] == ([] if first == "outlines" else [(None, "C")])
    assert "1 of 3 outlines of 地块.gpkg" in left[0].advice if left else True


def test_a_code_that_stands_twice_on_either_side_names_its_rows(db: Database, tmp_path: Path) -> None:
    shapes, sheet = outlines(tmp_path, ["A", "B"]), attributes(tmp_path, ["A", "B", "A"])
    with pytest.raises(IntakeError) as caught:
        load(db, shapes, kind="parcels", mapping=plan(tmp_path), join=sheet)
    assert faults(caught) == {
        ("地块表.xlsx", 1, "A", "parcel_code", "duplicate_key"),
        ("地块表.xlsx", 3, "A", "parcel_code", "duplicate_key"),
    }
    with pytest.raises(IntakeError) as caught:
        load(db, sheet, kind="parcels", mapping=plan(tmp_path, BACK, "地块编号"), join=shapes)
    assert faults(caught) == {
        (None, 1, "A", "parcel_code", "duplicate_key"),
        (None, 3, "A", "parcel_code", "duplicate_key"),
    }
    twice = outlines(tmp_path, ["A", "A", "B"], "twice.gpkg")
    single = attributes(tmp_path, ["A", "B"], "single.xlsx")
    with pytest.raises(IntakeError) as caught:
        load(db, single, kind="parcels", mapping=plan(tmp_path, BACK, "地块编号"), join=twice)
    assert faults(caught) == {
        ("twice.gpkg", 1, "A", "parcel_code", "duplicate_key"),
        ("twice.gpkg", 2, "A", "parcel_code", "duplicate_key"),
    }


def test_faults_name_the_file_and_row_in_which_the_faulty_cell_stands(db: Database, tmp_path: Path) -> None:
    shapes = outlines(tmp_path, ["A", "B", "C"])
    sheet = attributes(tmp_path, ["C", "B", "A"], 用地代码=["C8", "没有", "C8"], 建筑面积=["约2", 1, 1])
    with pytest.raises(IntakeError) as caught:
        load(db, shapes, kind="parcels", mapping=plan(tmp_path), join=sheet)
    assert faults(caught) == {
        ("地块表.xlsx", 1, "C", "gfa_m2", "not_a_number"),
        ("地块表.xlsx", 2, "B", "land_use", "unknown_code"),
    }
    with pytest.raises(IntakeError) as caught:
        load(db, sheet, kind="parcels", mapping=plan(tmp_path, BACK, "地块编号"), join=shapes)
    assert faults(caught) == {(None, 1, "C", "gfa_m2", "not_a_number"), (None, 2, "B", "land_use", "unknown_code")}


def test_an_outline_that_is_broken_is_told_at_its_row_of_the_outlines(db: Database, tmp_path: Path) -> None:
    bow = shapely.Polygon([(641_000, 3_462_000), (641_100, 3_462_100), (641_100, 3_462_000), (641_000, 3_462_100)])
    frame = gpd.GeoDataFrame({"DKBH": ["B", "A"]}, geometry=[square(0), bow], crs="EPSG:4549")
    with pytest.raises(IntakeError) as caught:
        load(
            db,
            attributes(tmp_path, ["A", "B"]),
            kind="parcels",
            mapping=plan(tmp_path, BACK, "地块编号"),
            join=gpkg(tmp_path, frame),
        )
    assert faults(caught) == {("地块.gpkg", 2, "A", "geometry", "invalid_geometry")}


def test_the_workbook_of_faults_colours_the_cell_of_a_joined_row(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    shapes = outlines(tmp_path, ["A", "B"])
    sheet = attributes(tmp_path, ["X", "B", "A"], 建筑面积=[1, "约2", 1])
    done = shuangbei(
        *("import", shapes, "--kind", "parcels", "--mapping", plan(tmp_path), "--join", sheet),
        *("--faults", tmp_path / "问题.xlsx"),
    )
    assert done.code == 1
    assert "地块表.xlsx" in done.err
    book = openpyxl.load_workbook(tmp_path / "问题.xlsx")
    data = book["数据"]
    heads = [cell.value for cell in data[1]]
    red = {
        (row[heads.index("DKBH")].value, heads[i])
        for row in data.iter_rows(min_row=2)
        for i, cell in enumerate(row)
        if cell.fill.start_color.rgb == "00F4B6AE"
    }
    assert red == {("B", "建筑面积"), ("X", "DKBH")}
    listed = [[cell.value for cell in row] for row in book["问题清单"].iter_rows()]
    assert listed[0][:3] == ["表或文件", "行号", "编号"]
    assert ["地块表.xlsx", 2, "B"] in [line[:3] for line in listed]


def test_a_column_that_both_have_is_the_imported_files_and_a_difference_is_told(db: Database, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"DKBH": ["A", "B"], "面积": [15.0, 18.0]}, geometry=[square(0), square(1)], crs="EPSG:4549"
    )
    shapes, sheet = gpkg(tmp_path, frame), attributes(tmp_path, ["A", "B"])
    report = load(db, shapes, kind="parcels", mapping=plan(tmp_path), join=sheet)
    told = [(f.where, f.row, f.field, f.value) for f in report.faults if f.rule == "joined_differs"]
    assert told == [(None, 2, "registered_area_m2", "18")]
    assert current(db)["registered_area_m2"].tolist() == [pytest.approx(10_000), pytest.approx(12_000)]
    other = mapping(tmp_path, JOINED.format(join=BOTH, code="DKBH").replace('"面积"', '"join:面积"'), "o.toml")
    load(db, shapes, kind="parcels", mapping=other, join=sheet)
    assert current(db)["registered_area_m2"].tolist() == [pytest.approx(10_000), pytest.approx(10_000)]


def test_two_files_with_shapes_are_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="both have shapes"):
        load(db, outlines(tmp_path, ["A"]), kind="parcels", join=outlines(tmp_path, ["A"], "b.gpkg"))


def test_rows_that_the_mapping_leaves_out_are_left_out_on_both_sides(db: Database, tmp_path: Path) -> None:
    shapes = outlines(tmp_path, ["A", "B", "C"])
    sheet = attributes(tmp_path, ["A", "B", "C"], 状态=["现行", "废止", "现行"])
    text = JOINED.format(join=BOTH, code="DKBH") + '[where]\n"状态" = ["现行"]\n'
    report = load(db, shapes, kind="parcels", mapping=mapping(tmp_path, text), join=sheet)
    assert (report.counts["added"], report.n_skipped, report.n_rejected) == (2, 1, 0)
    assert not [f for f in report.faults if f.severity == "error"]


def test_the_import_names_both_files_and_its_fingerprint_covers_both(db: Database, tmp_path: Path) -> None:
    shapes, sheet = outlines(tmp_path, ["A"]), attributes(tmp_path, ["A"])
    one = load(db, shapes, kind="parcels", mapping=plan(tmp_path), join=sheet)
    record = table(db, "SELECT file_name, sha256, mapping FROM registry.imports").iloc[0]
    assert record["file_name"] == "地块.gpkg + 地块表.xlsx"
    assert [other["file"] for other in record["mapping"]["joined"]] == ["地块表.xlsx"]
    assert str(tmp_path) not in str(record.to_dict())
    attributes(tmp_path, ["A"], 面积=[16])
    two = load(db, shapes, kind="parcels", mapping=plan(tmp_path), join=sheet)
    assert two.counts["changed"] == 1
    assert two.sha256 != one.sha256 == record["sha256"]


def test_a_shapefile_of_outlines_and_a_drawing_are_joined_as_well(db: Database, tmp_path: Path) -> None:
    from odd_files import control_plan

    frame = gpd.GeoDataFrame({"DKBH": ["A1-01"]}, geometry=[square(0)], crs="EPSG:4549")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(tmp_path / "d.shp", engine="pyogrio", encoding="GB18030")
    sheet = attributes(tmp_path, ["A1-01", "A1-02", "A1-03"])
    load(
        db, sheet, kind="parcels", mapping=plan(tmp_path, BACK, "地块编号"), join=tmp_path / "d.shp", accept_valid=True
    )
    text = JOINED.format(join='on = { this = "地块编号", other = "Text:编号" }', code="地块编号")
    text = text.replace('kind = "parcels"', 'kind = "parcels"\ncrs = "EPSG:4549"') + '[where]\nLayer = ["地块"]\n'
    drawn = load(db, sheet, kind="parcels", mapping=mapping(tmp_path, text), join=control_plan(tmp_path / "控规.dxf"))
    # The mapping leaves the road out; the outline that nobody closed has no code inside it, and no row.
    left = [f.advice for f in drawn.faults if f.rule == "left_over"]
    assert len(left) == 1
    assert left[0].startswith("1 of 5 outlines of 控规.dxf have no row")
    assert (drawn.counts["added"], drawn.n_rejected) == (2, 0)
    assert [shapely.from_wkt(wkt).area for wkt in current(db)["wkt"]] == [10_000.0] * 3


# ---- new attributes for what is registered already


def bring(db: Database, folder: Path, codes: list[Any], text: str, **more: Any) -> ImportReport:
    cells = more.pop("cells", {})
    path = attributes(folder, codes, "新属性.xlsx", **cells)
    return load(db, path, kind="parcels", mapping=mapping(folder, text, "new.toml"), **more)


NEW = """
kind = "parcels"
[source]
name = "new attributes"
[join]
registered = true
[columns]
parcel_code = "地块编号"
gfa_m2 = { column = "建筑面积", unit = "万㎡" }
"""


@pytest.fixture
def registered(db: Database, tmp_path: Path) -> Database:
    codes = ["A", "B", "C"]
    given = {"path": outlines(tmp_path, codes), "join": attributes(tmp_path, codes), "mapping": plan(tmp_path)}
    load(db, **given, kind="parcels", effective=DAY)  # type: ignore[arg-type]
    return db


def test_new_attributes_keep_the_registered_outline_and_all_that_the_mapping_does_not_name(
    registered: Database, tmp_path: Path
) -> None:
    before = current(registered)
    report = bring(registered, tmp_path, ["B", "A"], NEW, effective=date(2025, 1, 1), cells={"建筑面积": [9, 2]})
    assert report.counts == {"added": 0, "changed": 1, "same": 1, "gone": 0}
    after = current(registered)
    assert after["gfa_m2"].tolist() == [20_000.0, 90_000.0, 40_000.0]
    kept = ["parcel_code", "land_use", "land_use_parts", "registered_area_m2", "owner_kind", "wkt", "measured_area_m2"]
    assert after[kept].to_numpy().tolist() == before[kept].to_numpy().tolist()
    assert after["source"].tolist() == ["a test", "new attributes", "a test"]
    undo(registered, report.import_id)  # type: ignore[arg-type]
    assert current(registered)["gfa_m2"].tolist() == before["gfa_m2"].tolist()


def test_an_empty_cell_in_a_column_that_is_named_makes_it_unknown_and_says_so(
    registered: Database, tmp_path: Path
) -> None:
    report = bring(registered, tmp_path, ["A", "B"], NEW, cells={"建筑面积": [None, 3]})
    assert [(f.row, f.key, f.field) for f in report.faults if f.rule == "becomes_unknown"] == [(1, "A", "gfa_m2")]
    assert current(registered)["gfa_m2"].tolist() == [None, 30_000.0, 40_000.0]


def test_codes_that_are_not_registered_are_errors_with_their_rows(registered: Database, tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        bring(registered, tmp_path, ["A", "X"], NEW)
    assert faults(caught) == {(None, 2, "X", "parcel_code", "not_registered")}
    report = bring(registered, tmp_path, ["Ａ", "X"], NEW, accept_valid=True, cells={"建筑面积": [7, 7]})
    assert (report.counts["changed"], report.n_rejected) == (1, 1)
    assert current(registered)["parcel_code"].tolist() == ["A", "B", "C"]


def test_new_attributes_from_a_day_before_a_known_change_are_refused_for_they_would_undo_it(
    registered: Database, tmp_path: Path
) -> None:
    bring(registered, tmp_path, ["A"], NEW, effective=date(2025, 6, 1), cells={"建筑面积": [8]})
    with pytest.raises(IntakeError) as caught:
        bring(registered, tmp_path, ["A", "B"], NEW, effective=date(2025, 1, 1))
    assert faults(caught) == {(None, 1, "A", "parcel_code", "registered_later")}
    assert "--effective 2025-06-01" in caught.value.faults[0].advice


def test_the_command_line_keeps_registered_outlines_and_says_so_where_a_table_has_none(
    shuangbei: Command, registered: Database, tmp_path: Path
) -> None:
    path = tmp_path / "新.csv"
    path.write_text("地块编号,地块名称\nA,甲\n", encoding="utf-8")
    done = shuangbei("import", path, "--kind", "parcels")
    assert done.code == 1
    assert "--join registered" in done.err
    done = shuangbei("import", path, "--kind", "parcels", "--join", "registered", "--dry-run")
    assert "name" in done.out
    assert "geom" not in done.out
    assert shuangbei("import", path, "--kind", "parcels", "--join", "registered").code == 0
    assert current(registered)["name"].tolist() == ["甲", None, None]
    assert current(registered)["gfa_m2"].notna().all()


CODE = st.sampled_from(["A", "B", "C", "D", None])


@given(table_codes=st.lists(CODE, max_size=6), outline_codes=st.lists(CODE, max_size=6), first=st.booleans())
def test_every_row_of_both_files_is_joined_once_or_told_of(
    table_codes: list[str | None], outline_codes: list[str | None], first: bool
) -> None:
    """Pure: whichever file is imported, no row of a table is lost, no outline is given twice, and nothing is silent."""
    from geo.fields.land import PARCELS
    from geo.intake.joining import join_sources
    from geo.intake.joins import Join, On

    sheet = plain_source("t", table_codes, None)
    drawn = plain_source("o", outline_codes, [square(i) for i in range(len(outline_codes))])
    own, other = (drawn, sheet) if first else (sheet, drawn)
    made, _ = join_sources(own, other, Join(on=On("k", "k")), PARCELS, None, other.file_name)
    places = made.places
    assert places is not None
    rows = list(zip(places.own.tolist(), places.other.tolist(), strict=True))
    shapes = made.geometry.shapes() if made.geometry is not None else []
    for position, (here, there) in enumerate(rows):
        row_of_sheet, row_of_drawn = (there, here) if first else (here, there)
        expected = outline_codes[row_of_drawn - 1] if row_of_drawn else None
        if row_of_sheet and row_of_drawn:
            assert table_codes[row_of_sheet - 1] == expected is not None
        assert (shapes[position] is None) == (row_of_drawn == 0)
    # Each row of the table stands there once: that is what is to be imported.
    tabled = [there if first else here for here, there in rows]
    matched_twice = {code for code in table_codes if code is not None and table_codes.count(code) > 1}
    silent = {n for n in range(1, len(table_codes) + 1) if n not in tabled}
    assert all(table_codes[n - 1] in matched_twice and table_codes[n - 1] in outline_codes for n in silent)
    assert len(set(made.rows.tolist())) == len(rows)
    # A code that one side alone has is told, at its row or for the whole file.
    told = {item.rule for item in made.remarks.items}
    lone_rows = {code for code in table_codes if code is not None} - set(outline_codes)
    assert ("no_outline" in told) == bool(lone_rows)
    lone_outlines = [code for code in outline_codes if code is None or code not in table_codes]
    if first:
        assert ("no_attributes" in told) == any(code is not None for code in lone_outlines)
    else:
        assert ("left_over" in told) == bool(lone_outlines)


def plain_source(name: str, codes: list[Any], shapes: list[Any] | None) -> Source:
    frame = pd.DataFrame({"k": pd.Series(codes, dtype=object)})
    n = len(codes)
    outlines = None if shapes is None else Outlines.of(np.array([*shapes, None], dtype=object)[:n])
    return Source(name, "0", None, frame, np.arange(1, n + 1, dtype=np.int64), outlines, np.zeros(n, dtype=bool), None)
