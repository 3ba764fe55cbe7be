"""Odd cells: limits, ranges, words for numbers, units inside cells, serial days, codes that became dates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.fields import KINDS
from geo.intake.cells import Converted, convert
from geo.intake.columns import Rows, map_columns
from geo.intake.mapping import parse_mapping
from geo.intake.read import read
from geo.intake.specs import Spec

MU = 10_000 / 15


def told(kind: str, column: str, text: str, **spec: str) -> tuple[object, str | None, str | None]:
    """The value of one cell, the rule that refuses it, the rule that doubts it."""
    cells = np.array([text], dtype=object)
    found: Converted = convert(KINDS[kind].column(column), Spec(column="x", **spec), cells)  # type: ignore[arg-type]
    return found.cells[0], found.wrong.get(0, (None,))[0], found.doubtful.get(0, (None,))[0]


@pytest.mark.parametrize(
    ("text", "value", "doubt"),
    [
        ("2.5", 2.5, None),
        ("２．５", 2.5, None),
        ("≤2.5", 2.5, None),
        ("<=2.5", 2.5, None),
        ("＜＝2.5", 2.5, None),
        ("不大于 2.5", 2.5, None),
        ("不超过2.5", 2.5, None),
        ("2.5以下", 2.5, None),
        ("2.0~2.5", 2.5, "range_end"),
        ("2.0～2.5", 2.5, "range_end"),
        ("2.0-2.5", 2.5, "range_end"),
        ("2.0至2.5", 2.5, "range_end"),
        ("≥1.0", None, "other_limit"),
        ("1.0以上", None, "other_limit"),
        ("现状", None, "not_known"),
        ("按现状", None, "not_known"),
        ("待定", None, "not_known"),
        ("—", None, None),
        ("/", None, None),
    ],
)
def test_an_upper_limit_is_read_from_a_limit_and_from_the_upper_end_of_a_range(
    text: str, value: float | None, doubt: str | None
) -> None:
    assert told("parcels", "max_far", text) == (value, None, doubt)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("≤20000", "limit_not_value"),
        (">100", "limit_not_value"),
        ("2000~2500", "range_not_value"),
        ("约2000", "not_a_number"),
        ("2000左右", "not_a_number"),
        ("2000/3000", "not_a_number"),
        ("1.5万", "not_a_number"),
        ("12米", "wrong_unit"),
        ("3层", "wrong_unit"),
        ("12%", "wrong_unit"),
        ("3.2斤", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("1,23㎡", "not_a_number"),
        ("无", "not_a_number"),
    ],
)
def test_a_column_that_wants_one_number_takes_no_limit_no_range_and_no_guess(text: str, rule: str) -> None:
    assert told("parcels", "gfa_m2", text) == (None, rule, None)


@pytest.mark.parametrize("text", ["2.5~2.0", "≤", "~2.5", "≤2.5~3", "2.5≤", "≤现状", "2.0~", "≤≤2"])
def test_half_a_limit_and_a_range_that_runs_backwards_are_refused(text: str) -> None:
    value, rule, _ = told("parcels", "max_far", text)
    assert value is None
    assert rule is not None


@pytest.mark.parametrize(
    ("text", "unit", "value", "doubt"),
    [
        ("3.2公顷", "亩", 32_000.0, "unit_in_cell"),
        ("12亩", "公顷", 12 * MU, "unit_in_cell"),
        ("1.5万㎡", "亩", 15_000.0, "unit_in_cell"),
        ("1.5 万平方米", "亩", 15_000.0, "unit_in_cell"),
        ("1,500㎡", "亩", 1_500.0, "unit_in_cell"),
        ("１２亩", "亩", 12 * MU, None),
        ("12", "亩", 12 * MU, None),
        ("3.2hm²", "公顷", 32_000.0, None),
    ],
)
def test_the_unit_that_stands_in_a_cell_wins_over_the_columns_with_a_warning(
    text: str, unit: str, value: float, doubt: str | None
) -> None:
    found, rule, doubted = told("parcels", "registered_area_m2", text, unit=unit)
    assert found == pytest.approx(value, rel=1e-12)
    assert (rule, doubted) == (None, doubt)


@pytest.mark.parametrize(("text", "unit"), [("12%", "%"), ("12%", None), ("12", "%"), ("0.12", None), ("１２％", None)])
def test_a_per_cent_sign_means_per_cent_whatever_the_column_says(text: str, unit: str | None) -> None:
    spec = {"unit": unit} if unit else {}
    value, rule, doubt = told("buildings", "vacancy_share", text, **spec)
    assert value == pytest.approx(0.12)
    assert (rule, doubt) == (None, None)


def test_a_share_of_120_per_cent_is_beyond_what_is_possible() -> None:
    assert told("buildings", "vacancy_share", "120%") == (None, "above_limit", None)


@pytest.mark.parametrize(("column", "text", "value"), [("year_built", "1998年", 1998), ("storeys", "12层", 12)])
def test_years_and_storeys_are_read_with_their_word(column: str, text: str, value: int) -> None:
    assert told("buildings", column, text) == (value, None, None)


@given(st.text(alphabet="0123456789.,~-≤≥<>%亩公顷万㎡m现状以上下 —／至年", max_size=12))
def test_any_cell_is_a_number_or_missing_or_told_and_every_doubt_has_its_words(text: str) -> None:
    for column in ("max_far", "registered_area_m2", "year_built"):
        value, rule, doubt = told("parcels", column, text)
        assert value is None or (isinstance(value, float | int) and np.isfinite(value))
        assert rule is None or value is None
        assert rule is None or doubt is None


def workbook(folder: Path, rows: list[list[object]], epoch_1904: bool = False) -> Path:
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def buildings(path: Path) -> Rows:
    columns = {"building_code": "幢号", "parcel_code": "地块", "state": {"constant": "现状"}, "completed_on": "竣工"}
    mapping = parse_mapping({"kind": "buildings", "columns": columns}, "m", KINDS["buildings"])
    return map_columns(read(path), mapping)


def test_a_serial_day_in_a_column_of_days_is_read_with_a_warning(tmp_path: Path) -> None:
    rows = [["幢号", "地块", "竣工"], ["a", "p", 45723], ["b", "p", date(2025, 3, 7)], ["c", "p", "2025年3月7日"]]
    found = buildings(workbook(tmp_path, rows))
    assert found.columns["completed_on"].tolist() == [date(2025, 3, 7)] * 3
    assert [(f.position, f.rule, f.severity) for f in found.findings.items] == [(0, "serial_date", "warning")]


def test_a_number_that_is_a_year_or_has_another_epoch_is_no_serial_day(tmp_path: Path) -> None:
    heads: list[object] = ["幢号", "地块", "竣工"]
    found = buildings(workbook(tmp_path, [heads, ["a", "p", 2025], ["b", "p", 20250307]]))
    assert found.columns["completed_on"].tolist() == [None, date(2025, 3, 7)]
    assert [f.rule for f in found.findings.items] == ["not_a_date"]
    found = buildings(workbook(tmp_path, [heads, ["a", "p", 45723]], epoch_1904=True))
    assert [f.rule for f in found.findings.items] == ["not_a_date"]


@pytest.mark.parametrize("written", [date(2025, 3, 12), "3月12日", "12-Mar", "Mar-12"])
def test_a_code_that_a_spreadsheet_turned_into_a_date_is_told_as_cell_and_as_text(
    tmp_path: Path, written: object
) -> None:
    found = buildings(workbook(tmp_path, [["幢号", "地块", "竣工"], [written, "03-12", None]]))
    assert [(f.field, f.rule) for f in found.findings.items] == [("building_code", "date_in_text")]


def test_the_code_03_12_itself_is_kept(tmp_path: Path) -> None:
    found = buildings(workbook(tmp_path, [["幢号", "地块", "竣工"], ["03-12", "2025-03-12", None]]))
    assert found.columns["building_code"].tolist() == ["03-12"]
    assert not found.findings.items
