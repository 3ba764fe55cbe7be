"""Cells: numbers, days, yes and no, lists.  Nothing is invented."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.intake import values


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_python_writes_is_read_back_exactly(number: float) -> None:
    assert values.number(repr(number)) == number


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_a_number_with_commas_between_thousands_is_read(whole: int, hundredths: int) -> None:
    assert values.number(f"{whole:,}.{hundredths:02d}") == float(f"{whole}.{hundredths:02d}")


@given(st.text())
def test_any_text_is_a_finite_number_or_missing_or_refused(text: str) -> None:
    try:
        number = values.number(text)
    except ValueError:
        return
    assert number is None or math.isfinite(number)


@pytest.mark.parametrize("text", ["", "  ", "—", "——", "-", "/", "null", "NULL", "<Null>", "\u3000", "N/A"])
def test_a_dash_a_slash_or_null_says_that_there_is_no_number(text: str) -> None:
    assert values.number(text) is None
    assert values.day(text) is None


@pytest.mark.parametrize(("text", "number"), [("１２３．５", 123.5), ("−5", -5.0), ("+1,234.5", 1234.5), (".5", 0.5)])
def test_full_width_digits_and_signs_are_read(text: str, number: float) -> None:
    assert values.number(text) == number


@pytest.mark.parametrize(
    "text", ["≤2.5", "2.0~2.5", "现状", "12%", "1,23", "12,3456", "1 234", "1e999", "0x10", "inf", "12亩", "1_000", "٣"]
)
def test_what_is_not_one_number_is_refused_and_not_guessed(text: str) -> None:
    with pytest.raises(ValueError):
        values.number(text)


@given(st.dates(date(1000, 1, 1)))
def test_a_day_is_read_in_each_way_that_offices_write_it(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    for text in (f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日", f"{y}{m:02}{d:02}"):
        assert values.day(text) == day


@given(st.text())
def test_any_text_is_a_day_or_missing_or_refused(text: str) -> None:
    try:
        day = values.day(text)
    except ValueError:
        return
    assert day is None or isinstance(day, date)


@pytest.mark.parametrize(
    "text", ["2025-02-30", "2025-03", "2025", "7/3/2025", "45000", "2025-3/7", "2025年3-7", "3月7日"]
)
def test_what_is_not_one_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        values.day(text)


@pytest.mark.parametrize(
    ("text", "meant"), [("是", True), ("TRUE", True), ("1", True), ("否", False), ("无", False), ("/", None)]
)
def test_yes_and_no_are_read_in_both_languages(text: str, meant: bool | None) -> None:
    assert values.boolean(text) is meant


def test_a_list_is_parted_by_any_usual_mark_or_by_the_one_that_is_named() -> None:
    assert values.items("3号线、4号线，10号线;; ") == ["3号线", "4号线", "10号线"]
    assert values.items("A, B/C", "/") == ["A, B", "C"]
    assert values.items(" ; ") is None


def test_a_code_that_a_file_holds_as_a_number_keeps_its_digits() -> None:
    assert values.as_text(101.0) == "101"
    assert values.as_text(101.5) == "101.5"
    assert values.as_text(float("nan")) is None
    assert values.as_text(True) == "true"
