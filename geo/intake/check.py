"""The rules that a row must keep, beyond what one cell can say: each a function that adds to the findings."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.fields.headings import SYNTHETIC
from geo.fields.land import FAR_LIMIT
from geo.intake.cells import texts
from geo.intake.columns import Rows
from geo.intake.distinct import Distinct
from geo.intake.findings import Mask, absent, numbers
from geo.intake.outlines import Drawn
from geo.intake.values import boolean

SYNTHETIC_PREFIX = "演示-"
#: days that tell of something that has happened: they cannot lie ahead
_PAST = {
    "completed_on": "竣工日期",
    "demolished_on": "拆除日期",
    "recognised_on": "认定日期",
    "delisted_on": "摘牌日期",
    "opinion_on": "填写日期",
}
#: kinds whose codes are given by the policy (zones, rules) or by a count (years) and cannot bear the mark of invented data
_UNMARKED = {"zone", "year", "stands_on", "rule"}
#: rounding of shares written with some decimals
_SUM_TOLERANCE = 1e-6


def check_rows(rows: Rows, shapes: Drawn | None, *, synthetic: bool, today: date) -> None:
    """Hold every row against the rules; what is found is added to ``rows.findings``.

    ``shapes`` are in the work CRS, so that their area is area on the ground.
    """
    _synthetic_codes(rows, synthetic)
    _past_only(rows, today)
    if rows.kind.name == "parcels" and shapes is not None:
        _floor_area(rows, shapes)
    check_across(rows)


def check_across(rows: Rows) -> None:
    """Hold rows against each other: codes that stand twice, shares that sum to more than the whole."""
    _duplicates(rows)
    if rows.kind.name == "carrier_shares":
        _share_sums(rows)


def looks_synthetic(rows: Rows) -> bool:
    """Whether every code of a file bears the mark of invented data (for files without a mapping, which do not say)."""
    codes = [rows.columns[name].drop_null() for name in rows.kind.key if name not in _UNMARKED]
    return any(len(each) for each in codes) and all(_marked(each).all() for each in codes)


def _marked(codes: pa.Array) -> Mask:
    """Which codes begin as those of invented data do."""
    found: Mask = pc.fill_null(pc.starts_with(codes, SYNTHETIC_PREFIX), False).to_numpy(zero_copy_only=False)
    return found


def says_synthetic(rows: Rows) -> bool | None:
    """Whether a file that we gave back says itself that its rows are invented; ``None`` where it does not, or not of all."""
    name = next((name for name in SYNTHETIC if name in rows.raw.columns), None)
    if name is None:
        return None
    said = set()
    for text in texts(Distinct.of(rows.raw[name]).cells):
        try:
            said.add(boolean(text or ""))
        except ValueError:
            return None
    return said.pop() if len(said) == 1 else None


def _duplicates(rows: Rows) -> None:
    keys = pd.Series(rows.keys())
    twice = (keys.duplicated(keep=False) & keys.notna()).to_numpy(dtype=bool)
    advice = "The same code stands in several rows; which one holds cannot be told. Keep one."
    rows.findings.add(twice, rows.kind.key[0], rows.codes, "duplicate_key", advice)


def _synthetic_codes(rows: Rows, synthetic: bool) -> None:
    for name in rows.kind.key:
        if name in _UNMARKED:
            continue
        codes = rows.columns[name]
        marked, present = _marked(codes), ~absent(codes)
        if synthetic:
            advice = f"Codes of invented data begin {SYNTHETIC_PREFIX}."
            rows.findings.add(present & ~marked, name, codes, "synthetic_code", advice)
        else:
            advice = f"{SYNTHETIC_PREFIX} is kept for invented data: say synthetic = true, or give it another code."
            rows.findings.add(present & marked, name, codes, "synthetic_code", advice)


def _past_only(rows: Rows, today: date) -> None:
    for name, zh in _PAST.items():
        if name in rows.columns:
            days = rows.columns[name]
            later = pc.fill_null(pc.greater(days, pa.scalar(today, pa.date32())), False)
            ahead: Mask = later.to_numpy(zero_copy_only=False)
            rows.findings.add(ahead, name, days, "future_date", f"{zh} cannot lie after {today}.")
    if "year_built" in rows.columns:
        years = rows.columns["year_built"]
        with np.errstate(invalid="ignore"):
            ahead = numbers(years) > today.year
        rows.findings.add(ahead, "year_built", years, "future_date", f"建成年份 cannot lie after {today.year}.")


def _floor_area(rows: Rows, shapes: Drawn) -> None:
    for name in ("gfa_m2", "countable_gfa_m2"):
        column = rows.columns[name]
        with np.errstate(invalid="ignore", divide="ignore"):
            far = np.where(shapes.area > 0, numbers(column) / shapes.area, np.nan)
        advice = f"Over {FAR_LIMIT:g} times the drawn area: check the unit, and that the code and the outline belong together."
        rows.findings.add(far > FAR_LIMIT, name, column, "far_impossible", advice)


def _share_sums(rows: Rows) -> None:
    share = pd.Series(numbers(rows.columns["share"]))
    targets = [pd.Series(rows.columns[name].to_pylist(), dtype=object) for name in ("stands_on", "target_code")]
    total = share.groupby(targets, dropna=False).transform("sum")
    over = ((total > 1 + _SUM_TOLERANCE) & share.notna()).to_numpy(dtype=bool)
    advice = "The shares of this target sum to more than the whole of it."
    rows.findings.add(over, "share", rows.columns["share"], "shares_over_one", advice)
