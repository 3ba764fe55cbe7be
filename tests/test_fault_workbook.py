"""The workbook of faults: the file's own rows, faulty cells coloured, every fault with row, value, rule and what to do."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from intake_files import gpkg, mapping, parcels, square, written
from openpyxl.worksheet.worksheet import Worksheet
from test_intake_cli import Command
from test_intake_cli import shuangbei as shuangbei

from geo.database import Database
from geo.errors import IntakeError, ReadError
from geo.export import fault_workbook
from geo.export import faults as room
from geo.intake import load
from geo.intake.rules import RULES

RED, AMBER = "00F4B6AE", "00FFE3A3"


def colours(sheet: Worksheet) -> dict[tuple[int, str], str]:
    """Row of the sheet and heading → fill, of the cells that are red or amber."""
    heads = [cell.value for cell in sheet[1]]
    return {
        (cell.row, str(head)): cell.fill.start_color.rgb
        for row in sheet.iter_rows(min_row=2)
        for head, cell in zip(heads, row, strict=True)
        if cell.fill.start_color.rgb in (RED, AMBER)
    }


def test_the_workbook_has_the_rows_as_read_with_errors_red_and_warnings_amber(
    shuangbei: Command, db: Database, tmp_path: Path
) -> None:
    frame = parcels(
        4,
        JZMJ=["1,000.5", "现状楼", "=1+1", "20000"],
        YDMJ=[15.0, 15.0, 18.0, 15.0],
        geometry=[square(0), square(1), square(2), square(0)],
    )
    path = gpkg(tmp_path, frame)
    given = ["import", path, "--kind", "parcels", "--mapping", mapping(tmp_path), "--faults", tmp_path / "问题.xlsx"]
    done = shuangbei(*given)
    assert done.code == 1
    assert written(db) == 0
    book = openpyxl.load_workbook(tmp_path / "问题.xlsx")
    assert book.sheetnames == ["数据", "问题清单", "说明"]
    data = book["数据"]
    heads = [cell.value for cell in data[1]]
    assert heads == ["行号", "问题", "怎么改", "图形", "DKBH", "DKMC", "YDXZ", "YDMJ", "JZMJ", "JCNF"]
    assert data.max_row == 5
    assert colours(data) == {
        (3, "JZMJ"): RED,
        (4, "JZMJ"): RED,
        (4, "YDMJ"): AMBER,
        (2, "图形"): AMBER,
        (5, "图形"): AMBER,
    }
    formula = data.cell(4, heads.index("JZMJ") + 1)
    assert (formula.value, formula.data_type) == ("=1+1", "s")
    assert data.cell(3, heads.index("YDMJ") + 1).value == 15
    assert "建筑面积：不是数字" in str(data.cell(3, 2).value)
    listed = [[cell.value for cell in row] for row in book["问题清单"].iter_rows(min_row=2)]
    assert [2, "HK-01", "建筑面积", "现状楼", "不是数字", "not_a_number", "错误"] in [row[:7] for row in listed]
    assert {row[6] for row in listed} == {"错误", "警告"}
    assert all(row[7] for row in listed)
    explained = {row[0].value: row[2].value for row in book["说明"].iter_rows()}
    assert {name: explained[name] for name in RULES} == {
        name: {"error": "错误", "warning": "警告"}[rule.severity] for name, rule in RULES.items()
    }


def test_of_a_long_file_only_rows_with_faults_are_given_and_it_says_so(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_ROWS", 5)
    with pytest.raises(IntakeError) as caught:
        load(db, gpkg(tmp_path, parcels(9, JZMJ=["1"] * 8 + ["x"])), kind="parcels", mapping=mapping(tmp_path))
    assert caught.value.read is not None
    fault_workbook(caught.value.faults, caught.value.read, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [row[0].value for row in book["数据"].iter_rows(min_row=2)] == [9]
    assert "只列有问题的 1 行" in "".join(str(row[0].value) for row in book["说明"].iter_rows())


def test_a_report_with_warnings_only_makes_one_too_and_another_ending_is_refused(db: Database, tmp_path: Path) -> None:
    frame = parcels(2, JCNF=[1998, 1999], YDMJ=[18.0, 15.0], DKMC=["\x0b乱码", "@cmd"])
    report = load(db, gpkg(tmp_path, frame), kind="parcels", mapping=mapping(tmp_path))
    assert report.read is not None
    fault_workbook(report.faults, report.read, tmp_path / "a.xlsx")
    assert colours(openpyxl.load_workbook(tmp_path / "a.xlsx")["数据"]) == {(2, "YDMJ"): AMBER}
    with pytest.raises(ReadError):
        fault_workbook(report.faults, report.read, tmp_path / "a.csv")
