"""Empty workbooks: what they ask for, and that they are imported as they are once rows stand in them."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
import shapely
from intake_files import table

import geo
from geo.database import Database
from geo.errors import CrsError, NotFoundError, ReadError
from geo.export.template import template
from geo.fields import KINDS, filling
from geo.fields.land_use import parse_land_use
from geo.fields.land_use_codes import code_tables

ROWS = {
    "parcels": {
        "地块编号": ["03-12", "007"],
        "用地性质（shanghai_kg）": ["C8", "C2(60%)C8(40%)"],
        "供地状态": ["已建", None],
        "用地面积（㎡）": [1234.5, None],
        "图形WKT（EPSG:4490）": ["POLYGON ((121.48 31.25, 121.481 31.25, 121.481 31.251, 121.48 31.25))"] * 2,
    },
    "buildings": {
        "楼栋编号": ["1", "2"],
        "地块编号": ["03-12", "007"],
        "建设状态": ["现状", "在建"],
        "地上层数": [5, None],
    },
    "carriers": {
        "载体编号": ["Z1", "Z2"],
        "载体名称": ["甲", "乙"],
        "主导产业": ["集成电路、人工智能", None],
        "经度（EPSG:4490）": [121.4875, None],
        "纬度（EPSG:4490）": [31.2589, None],
    },
    "services": {
        "设施编号": ["S1", "S2"],
        "类别": ["学校", "医院"],
        "经度（EPSG:4490）": [121.4875, 121.49],
        "纬度（EPSG:4490）": [31.2589, 31.26],
    },
}


def filled(path: Path, rows: dict[str, list[object]]) -> Path:
    """The workbook with rows in its first sheet, by the headings that stand there."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    for heading, cells in rows.items():
        for row, value in enumerate(cells, start=2):
            sheet.cell(row, places[heading], value)
    book.save(path)
    return path


@pytest.mark.parametrize("kind", ROWS)
def test_a_template_is_imported_as_it_is_once_it_is_filled(db: Database, tmp_path: Path, kind: str) -> None:
    path = filled(template(kind, tmp_path / "填.xlsx"), ROWS[kind])
    assert geo.load(db, path, kind=kind).counts["added"] == 2
    found = table(
        db, f"SELECT *, ST_AsText(ST_Transform(geom, 4490), 4) AS wkt FROM registry.{kind} ORDER BY id"
    ).to_dict("records")
    if kind == "parcels":
        assert [row["parcel_code"] for row in found] == ["03-12", "007"]
        assert [row["supply_status"] for row in found] == ["built", None]
        assert [row["registered_area_m2"] for row in found] == [1234.5, None]
        assert [[p["table"] for p in row["land_use_parts"]] for row in found] == [["shanghai_kg"], ["shanghai_kg"] * 2]
        assert shapely.from_wkt(found[0]["wkt"]).area == pytest.approx(0.001 * 0.001 / 2, rel=0.2)
    if kind == "buildings":
        assert [row["state"] for row in found] == ["standing", "under_construction"]
        assert [row["storeys"] for row in found] == [5, None]
    if kind == "carriers":
        assert found[0]["industries"] == ["集成电路", "人工智能"]
    if kind in ("carriers", "services"):
        assert found[0]["wkt"] == "POINT(121.4875 31.2589)"


def examples(path: Path) -> dict[str, list[object]]:
    """The example of each column as the workbook's own sheet of notes gives it."""
    told = list(openpyxl.load_workbook(path)["填写说明"].iter_rows(values_only=True))
    top = next(n for n, line in enumerate(told) if line[:3] == ("列", "填法", "例"))
    return {str(line[0]): [line[2]] for line in told[top + 1 :]}


def test_the_examples_of_every_template_are_a_row_that_is_imported_without_a_fault(
    db: Database, tmp_path: Path
) -> None:
    # In the order of the catalogue, so that what the later ones point to is there.
    for kind in KINDS:
        path = template(kind, tmp_path / f"{kind}.xlsx")
        shown = examples(path)
        assert list(shown) == [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]]
        report = geo.load(db, filled(path, shown), kind=kind)
        assert (kind, report.faults, report.unused, report.n_rows) == (kind, (), (), 1)
        (taken,) = table(db, f"SELECT * FROM registry.{kind}").to_dict("records")
        assert {name for name, cell in taken.items() if cell is None} <= {"valid_to", "recorded_to", "ended_by"}


def test_so_are_those_of_other_code_tables_and_other_datums(db: Database, tmp_path: Path) -> None:
    others = [(codes, "EPSG:4490") for codes in code_tables()]
    others += [
        ("shanghai_kg", datum)
        for datum in ("EPSG:4549", "EPSG:4528", "GCJ-02", "BD-09", "swapped:EPSG:4549", "GCJ-02:EPSG:4549")
    ]
    for codes, datum in others:
        path = template("parcels", tmp_path / "填.xlsx", table=codes, datum=datum)
        report = geo.load(db, filled(path, examples(path)), kind="parcels")
        assert (codes, datum, report.faults, report.n_rows) == (codes, datum, (), 1)
    wkt = table(
        db, "SELECT ST_AsText(ST_Transform(geom, 4490), 4) AS wkt FROM registry.parcels WHERE recorded_to IS NULL"
    )
    assert "121.48 31.25" in wkt.iat[0, 0]


def test_the_outline_of_a_datum_for_another_part_of_the_world_lies_there(tmp_path: Path) -> None:
    (wkt,) = examples(template("parcels", tmp_path / "a.xlsx", datum="EPSG:26986"))["图形WKT（EPSG:26986）"]
    west, south, east, north = shapely.from_wkt(str(wkt)).bounds
    # Massachusetts in the metres of its state plane.
    assert 30_000 < west < east < 340_000
    assert 770_000 < south < north < 970_000


@pytest.mark.parametrize("codes", code_tables())
def test_the_example_of_several_uses_is_read_by_its_own_code_table(tmp_path: Path, codes: str) -> None:
    sheet = openpyxl.load_workbook(template("parcels", tmp_path / "填.xlsx", table=codes)).worksheets[0]
    (note,) = [cell.comment.text for cell in sheet[1] if str(cell.value).startswith("用地性质")]
    parts = parse_land_use(note.split("多种用途如 ")[1].splitlines()[0], codes)
    assert [part["share"] for part in parts] == [0.6, 0.4]


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_a_template_says_is_chinese(tmp_path: Path, kind: str) -> None:
    book = openpyxl.load_workbook(template(kind, tmp_path / "a.xlsx"))
    notes = [str(cell.comment.text) for cell in book.worksheets[0][1] if cell.comment]
    notes += [
        str(line[1] or "")
        for line in book["填写说明"].iter_rows(values_only=True)
        if line[0] not in ("导入", "用地代码")
    ]
    words = {word for text in notes for word in re.findall("[A-Za-z]{2,}", text)}
    assert words <= {"WKT", "EPSG"}
    for column in KINDS[kind].columns:
        assert bool(column.note) <= bool(filling.note(KINDS[kind], column))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_template_with_every_column_a_note_on_each_and_text_for_codes(
    tmp_path: Path, kind: str
) -> None:
    book = openpyxl.load_workbook(template(kind, tmp_path / "a.xlsx"))
    sheet = book.worksheets[0]
    heads = [str(cell.value) for cell in sheet[1]]
    for column in KINDS[kind].columns:
        place = next(i for i, head in enumerate(heads) if head.startswith(column.zh))
        assert sheet.cell(1, place + 1).comment is not None
        if column.type == "text":
            assert sheet.cell(2, place + 1).number_format == "@"
    assert book.sheetnames == [KINDS[kind].zh, "填写说明", "代码表"]


def test_choices_and_codes_are_drop_downs_and_several_uses_are_not_refused(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(template("parcels", tmp_path / "a.xlsx", table="national_2023")).worksheets[0]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    letters = {str(cell.value): cell.column_letter for cell in sheet[1]}
    assert rules[letters["供地状态"] + "2"].formula1 == '"未供地,已供未建,已建"'
    uses = rules[letters["用地性质（national_2023）"] + "2"]
    assert uses.formula1.startswith("代码表!$A$2:")
    assert not uses.showErrorMessage


def test_every_choice_of_a_drop_down_is_read_as_that_choice(db: Database) -> None:
    for kind in KINDS.values():
        for column in kind.columns:
            spelled: dict[str, str] = {}
            for choice, labels in column.choices.items():
                for text in (choice, *labels):
                    spelled.setdefault(text.casefold(), choice)
            assert [spelled[labels[0].casefold()] for labels in column.choices.values()] == list(column.choices)


def test_what_cannot_be_a_template_gives_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError):
        template("parcels", tmp_path / "a.csv")
    with pytest.raises(NotFoundError):
        template("cats", tmp_path / "a.xlsx")
    with pytest.raises(NotFoundError):
        template("parcels", tmp_path / "a.xlsx", table="none")
    with pytest.raises(CrsError):
        template("parcels", tmp_path / "a.xlsx", datum="nowhere")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_template_is_refused_with_a_clear_error(db: Database, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no rows"):
        geo.load(db, template("parcels", tmp_path / "a.xlsx"), kind="parcels")
