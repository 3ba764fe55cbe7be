"""Whole columns of cells: as text, and from text to what a column of the registry holds."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from geo.fields.columns import Column
from geo.fields.land_use import CodeTable, LandUseError, UnknownCodeError, parse_land_use
from geo.intake import values
from geo.intake.amounts import UnfitError, read_amount
from geo.intake.findings import Mask, Objects
from geo.intake.specs import Spec

#: what a column of whole numbers holds in the database
INT_MAX = 2**31 - 1
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec"
_MONTH_DAY = re.compile(rf"\d{{1,2}}月\d{{1,2}}[日号]|\d{{1,2}}-({_MONTHS})|({_MONTHS})-\d{{1,2}}", re.IGNORECASE)
_SERIAL = (20_000, 60_000)
_SERIAL_EPOCH = date(1899, 12, 30)
_ADVICE = {
    "number": "Write one number, or leave the cell empty.",
    "integer": "Write one whole number, or leave the cell empty.",
    "date": "Write one day, as 2025-03-07.",
    "boolean": "Write 是 or 否, true or false.",
}


@dataclass(frozen=True)
class Converted:
    """One column of the registry: its values (``None`` where missing), and the cells that could not be read.

    ``wrong`` maps each position to the rule that it breaks and the advice for it, ``doubtful`` those that were read with a
    warning; ``parts`` are those of a land-use column.
    """

    cells: Objects
    wrong: dict[int, tuple[str, str]]
    doubtful: dict[int, tuple[str, str]]
    parts: Objects | None = None


def arrow_type(target: Column) -> pa.DataType:
    """The Arrow type of a column of the registry; parts of land uses are JSON text."""
    match target.type:
        case "number":
            return pa.float64()
        case "integer":
            return pa.int64()
        case "boolean":
            return pa.bool_()
        case "date":
            return pa.date32()
        case "list":
            return pa.list_(pa.string())
        case _:
            return pa.string()


def texts(column: pd.Series[Any]) -> Objects:
    """A column as text, cell by cell (see :func:`geo.intake.values.as_text`)."""
    found: Objects = np.empty(len(column), dtype=object)
    # A list first: reading an Arrow column cell by cell takes several times as long.
    found[:] = [values.as_text(cell) for cell in column.tolist()]
    return found


def looks_dated(written: Objects) -> Mask:
    """Which texts are what a spreadsheet shows for a code such as 03-12 that it took for a day: ``3月12日``, ``12-Mar``."""
    return np.array([text is not None and bool(_MONTH_DAY.fullmatch(text)) for text in written], dtype=bool)


def serial_days(column: pd.Series[Any], written: Objects) -> Mask:
    """Which numbers in a column of days are a spreadsheet's serial days; ``written`` is changed to the days they are.

    Serial day 1 is 1900-01-01, and 60 is a 29 February 1900 that never was, so that days count from 1899-12-30; only
    1954 to 2064 (20,000 to 60,000) are taken, where no year and no 20250307 can be meant.
    """
    found = np.zeros(len(column), dtype=bool)
    if column.dtype != object:
        return found
    for i, cell in enumerate(column.tolist()):
        if isinstance(cell, int | float) and not isinstance(cell, bool) and _SERIAL[0] <= cell < _SERIAL[1]:
            written[i] = (_SERIAL_EPOCH + timedelta(days=int(cell))).isoformat()
            found[i] = True
    return found


def dated(column: pd.Series[Any]) -> Mask:
    """Which cells of an untyped column are days or times: what a spreadsheet makes of a code such as 03-12."""
    if column.dtype != object:
        return np.zeros(len(column), dtype=bool)
    return np.array([isinstance(cell, date | datetime | time | timedelta) for cell in column.array], dtype=bool)


def convert(target: Column, spec: Spec, cells: Objects) -> Converted:
    """Cells of text as values of one column of the registry; equal texts are read once."""
    reader = _reader(target, spec)
    known: dict[str, Any] = {}
    out: Objects = np.full(len(cells), None, dtype=object)
    wrong: dict[int, tuple[str, str]] = {}
    doubtful: dict[int, tuple[str, str]] = {}
    for position, text in enumerate(cells):
        if text is None or text in spec.missing:
            continue
        if text not in known:
            known[text] = _attempt(reader, target, text)
        value = known[text]
        if isinstance(value, _Wrong):
            wrong[position] = (value.rule, value.advice)
        elif isinstance(value, _Doubtful):
            out[position] = value.value
            doubtful[position] = (value.rule, value.advice)
        else:
            out[position] = value
    if target.type != "land_use":
        return Converted(out, wrong, doubtful)
    parts: Objects = np.full(len(cells), None, dtype=object)
    for position, value in enumerate(out):
        if value is not None:
            out[position], parts[position] = value
    return Converted(out, wrong, doubtful, parts)


@dataclass(frozen=True)
class _Wrong:
    rule: str
    advice: str


@dataclass(frozen=True)
class _Doubtful:
    value: float | int | None
    rule: str
    advice: str


class _RefusedError(ValueError):
    """A value that is refused by a rule of its own."""

    def __init__(self, rule: str, advice: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.advice = advice


def _attempt(reader: Callable[[str], Any], target: Column, text: str) -> Any:
    if "\x00" in text or not _encodable(text):
        return _Wrong("not_text", "The cell holds a character that is no text; write it again.")
    try:
        return reader(text)
    except (_RefusedError, UnfitError) as error:
        return _Wrong(error.rule, error.advice)
    except LandUseError as error:
        rule = "unknown_code" if isinstance(error, UnknownCodeError) else "land_use_unreadable"
        return _Wrong(rule, error.hint or error.message)
    except ValueError:
        return _Wrong(f"not_a_{target.type}", _ADVICE.get(target.type, ""))


def _encodable(text: str) -> bool:
    """Whether a text can be stored: half a character (a lone surrogate, from a JSON escape) cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reader(target: Column, spec: Spec) -> Callable[[str], Any]:
    match target.type:
        case "number" | "integer":
            return lambda text: _number(text, target, spec.unit)
        case "date":
            return values.day
        case "boolean":
            return values.boolean
        case "choice":
            return _choice_reader(target)
        case "list":
            return lambda text: values.items(text, spec.separator)
        case "land_use":
            return lambda text: _land_use(text, spec.own or spec.table or "")
        case _:
            return lambda text: _text(text, target, spec.prefix)


def _text(text: str, target: Column, prefix: str) -> str | None:
    # A required column holds codes and names, and real codes are as odd as "--" (Cambridge): there only an empty cell is
    # missing.  In the others a dash says that there is nothing to say.
    if not target.required and values.is_missing(text):
        return None
    return prefix + text


def _number(text: str, target: Column, unit: str | None) -> float | int | _Doubtful | None:
    amount = read_amount(text, target, unit)
    value = None if amount.value is None else _possible(amount.value, target)
    return _Doubtful(value, amount.rule, amount.advice) if amount.rule else value


def _possible(value: float, target: Column) -> float | int:
    if target.low is not None and value < target.low:
        raise _RefusedError("below_limit", f"{target.zh} of less than {_limit(target, target.low)} is not possible.")
    if target.high is not None and value > target.high:
        raise _RefusedError("above_limit", f"{target.zh} of more than {_limit(target, target.high)} is not possible.")
    if not math.isfinite(value):
        raise _RefusedError("above_limit", "No number is as large as that; check it, and its unit.")
    if not math.isfinite(value):
        raise _RefusedError("above_limit", "No number is as large as that; check it, and its unit.")
    if target.type == "number":
        return value
    if not value.is_integer():
        raise ValueError("not whole")
    if abs(value) > INT_MAX:
        raise _RefusedError("above_limit", f"A number beyond {INT_MAX} is not possible.")
    return int(value)


def _limit(target: Column, limit: float) -> str:
    unit = f" {target.unit}" if target.unit and target.unit not in ("year", "count", "share", "far") else ""
    return f"{limit:g}{unit}"


def _choice_reader(target: Column) -> Callable[[str], str | None]:
    spelled: dict[str, str] = {}
    for choice, labels in target.choices.items():
        for spelling in (choice, *labels):
            spelled.setdefault(spelling.casefold(), choice)
    listed = ", ".join(f"{choice} ({labels[0]})" for choice, labels in target.choices.items())

    def read(text: str) -> str | None:
        if values.is_missing(text):
            return None
        found = spelled.get(text.casefold())
        if found is None:
            raise _RefusedError("unknown_choice", f"Write one of {listed}, or translate it in the mapping (values).")
        return found

    return read


def _land_use(text: str, table: str | CodeTable) -> tuple[str, list[dict[str, Any]]] | None:
    if values.is_missing(text):
        return None
    return text, [dict(part) for part in parse_land_use(text, table)]
