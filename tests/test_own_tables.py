"""A city's own table of land-use codes: a file beside the mapping, checked line by line, named wherever it was used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from intake_files import current, gpkg, mapping, parcels, square, table, written
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

import geo
from geo.database import Database
from geo.errors import IntakeError, MappingError
from geo.intake import load, retry
from geo.intake.invariants import invariants

#: C8 is 商务办公 in Shanghai, and something else here
CODES = "代码,名称,用途\nC8,社会福利设施用地,社会福利\nB29a,科研,research_design\nMX,混合,商业服务、商务办公\n"
PLAN = """
kind = "parcels"
[source]
name = "a test"
[columns]
parcel_code = "DKBH"
land_use = { column = "YDXZ", table = "宁波控规.csv" }
"""


def beside(folder: Path, text: str = CODES, encoding: str = "utf-8") -> Path:
    """A mapping, and a table beside it."""
    (folder / "宁波控规.csv").write_text(text, encoding=encoding)
    return mapping(folder, PLAN)


def parts(db: Database) -> list[list[tuple[str, str, str]]]:
    found = current(db)["land_use_parts"]
    return [[(part["code"], part["table"], part["use"]) for part in each] for each in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_codes_mean_what_the_offices_own_table_says(db: Database, tmp_path: Path, encoding: str) -> None:
    frame = parcels(3, YDXZ=["C8", "B29a", "MX"])
    report = load(db, gpkg(tmp_path, frame), mapping=beside(tmp_path, encoding=encoding))
    assert parts(db) == [
        [("C8", "宁波控规", "welfare")],
        [("B29a", "宁波控规", "research_design")],
        [("MX", "宁波控规", "commercial_service"), ("MX", "宁波控规", "commercial_office")],
    ]
    assert report.tables == ("宁波控规.csv",)


def test_a_workbook_serves_as_well_and_its_path_is_counted_from_the_mapping(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plans" / "codes").mkdir(parents=True)
    cells = {"code": ["0701"], "name": ["城镇住宅用地"], "use": ["residential"]}
    pd.DataFrame(cells).to_excel(tmp_path / "plans/codes/ours.xlsx", index=False)
    plan = mapping(tmp_path / "plans", PLAN.replace("宁波控规.csv", "codes/ours.xlsx"))
    monkeypatch.chdir("/")
    load(db, gpkg(tmp_path, parcels(1, YDXZ=["0701"])), mapping=plan)
    assert parts(db) == [[("0701", "ours", "residential")]]


def test_an_unknown_code_is_reported_and_the_advice_names_the_offices_file(db: Database, tmp_path: Path) -> None:
    # C81 is C8 with a digit more: in this table a code is listed, or unknown.
    with pytest.raises(IntakeError) as caught:
        load(db, gpkg(tmp_path, parcels(3, YDXZ=["C8", "C81", "M4"])), mapping=beside(tmp_path))
    assert {(f.row, f.rule) for f in caught.value.faults} == {(2, "unknown_code"), (3, "unknown_code")}
    assert all("宁波控规.csv" in f.advice for f in caught.value.faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("代码,名称,用途\nA1,甲,教育\n,乙,教育\n", "line 3: the code is empty"),
        ("代码,名称,用途\nA1,甲,教育\na1,乙,教育\n", "line 3: the code a1 stands in line 2 already"),
        ("代码,名称,用途\nA1,甲,\n", "line 2: the use of A1 is empty"),
        ("代码,名称,用途\nA1,甲,飞行\n", "line 2: '飞行' is none of our uses"),
        ("代码,名称,用途\nA1/B2,甲,教育\n", "line 2: the code 'A1/B2' holds a blank or a sign"),
        ("代码,名称,用途\n3月12日,甲,教育\n", "line 2: a spreadsheet made a date of the code"),
        ("代码,名称\nA1,甲\n", "has no column use (用途)"),
        ("代码,名称,用途\n\nA1,甲,教育\n\nA2,乙,x\n", "line 5: 'x' is none of our uses"),
    ],
)
def test_a_table_that_is_at_fault_is_one_error_that_names_the_line(
    db: Database, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(MappingError) as caught:
        load(db, gpkg(tmp_path, parcels()), mapping=beside(tmp_path, text))
    assert "宁波控规.csv" in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint
    assert written(db) == 0


def test_all_lines_that_are_at_fault_are_named_at_once_and_the_uses_are_listed(db: Database, tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        load(db, gpkg(tmp_path, parcels()), mapping=beside(tmp_path, "code,name,use\nA,甲,x\nB,乙,教育\nC,丙,y\n"))
    assert "line 2: 'x'" in caught.value.message
    assert "line 4: 'y'" in caught.value.message
    assert "line 3" not in caught.value.message
    assert "research_design (科研设计)" in caught.value.hint


def test_codes_that_a_workbook_holds_as_numbers_are_refused_for_their_leading_zeros(
    db: Database, tmp_path: Path
) -> None:
    pd.DataFrame({"code": [701], "name": ["x"], "use": ["residential"]}).to_excel(tmp_path / "ours.xlsx", index=False)
    with pytest.raises(MappingError, match="line 2: the code 701 is a number"):
        load(db, gpkg(tmp_path, parcels()), mapping=mapping(tmp_path, PLAN.replace("宁波控规.csv", "ours.xlsx")))


@pytest.mark.parametrize(
    ("name", "said"),
    [("nowhere.csv", "no file nowhere.csv beside the mapping"), ("shanghai_kg.csv", "comes with the program")],
)
def test_a_table_that_is_not_there_or_bears_a_name_of_ours_is_refused(
    db: Database, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "shanghai_kg.csv").write_text(CODES, encoding="utf-8")
    with pytest.raises(MappingError, match=said):
        load(db, gpkg(tmp_path, parcels()), mapping=mapping(tmp_path, PLAN.replace("宁波控规.csv", name)))


def test_report_and_history_name_the_table(shuangbei: Command, db: Database, tmp_path: Path) -> None:
    plan = beside(tmp_path)
    done = shuangbei("import", gpkg(tmp_path, parcels()), "--mapping", plan)
    assert done.code == 0, done.err
    assert "codes by 宁波控规.csv" in done.out
    assert "codes by 宁波控规.csv" in shuangbei("history", "--imports").out
    listed = json.loads(shuangbei("history", "--imports", "--format", "json").out)
    assert [each["tables"] for each in listed] == [["宁波控规.csv"]]


def test_what_was_given_back_is_read_again_without_the_file(db: Database, tmp_path: Path) -> None:
    load(db, gpkg(tmp_path, parcels(3, YDXZ=["C8", "B29a", "MX"])), mapping=beside(tmp_path))
    before = parts(db)
    (tmp_path / "宁波控规.csv").unlink()
    for ending in ("xlsx", "csv", "gpkg"):
        path = tmp_path / f"back.{ending}"
        geo.export(geo.facts(db, "parcels"), path)
        report = load(db, path, kind="parcels")
        assert (report.import_id, report.counts["same"]) == (None, 3), ending
    assert parts(db) == before


def test_rejected_rows_are_tried_again_by_the_table_they_came_with(db: Database, tmp_path: Path) -> None:
    frame = parcels(2, YDXZ=["C8", "B29a"], JCNF=["1990", "often"])
    plan = beside(tmp_path)
    plan.write_text(plan.read_text(encoding="utf-8") + 'year_built = "JCNF"\n', encoding="utf-8")
    load(db, gpkg(tmp_path, frame), mapping=plan, accept_valid=True)
    (tmp_path / "宁波控规.csv").unlink()
    table(db, "SELECT 1")
    with db.write() as connection:
        connection.exec_driver_sql("UPDATE registry.rejected_rows SET values = jsonb_set(values, '{JCNF}', '\"1991\"')")
    assert retry(db).n_open == 0
    assert parts(db) == [[("C8", "宁波控规", "welfare")], [("B29a", "宁波控规", "research_design")]]
    assert invariants(db) == []


def test_a_sheet_of_uses_is_read_by_it_as_well(db: Database, tmp_path: Path) -> None:
    beside(tmp_path)
    told: dict[str, dict[str, list[Any]]] = {
        "地块": {"地块编号": ["A"], "图形": [square(0).wkt]},
        "用地": {"地块编号": ["A", "A"], "用地代码": ["C8", "B29a"], "比例": [0.4, 0.6]},
    }
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as writer:
        for sheet, columns in told.items():
            pd.DataFrame(columns).to_excel(writer, sheet_name=sheet, index=False)
    text = """
kind = "parcels"
layer = "地块"
crs = "EPSG:4549"
[geometry]
wkt = "图形"
[columns]
parcel_code = "地块编号"
[uses]
layer = "用地"
code = "用地代码"
table = "宁波控规.csv"
share = "比例"
"""
    report = load(db, path, mapping=mapping(tmp_path, text))
    assert parts(db) == [[("C8", "宁波控规", "welfare"), ("B29a", "宁波控规", "research_design")]]
    assert report.tables == ("宁波控规.csv",)
