"""Attributes joined to outlines by the code that both hold, in either direction: nothing joined by accident, nothing lost."""

from __future__ import annotations

import warnings
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from intake_files import current, gpkg, mapping, square, table, written
from joined_files import BACK, BOTH, DAY, JOINED, attributes, faults, outlines, plan
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import IntakeError, MappingError, ReadError
from geo.intake import load


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
