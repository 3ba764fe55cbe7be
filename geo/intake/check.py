"""The rules that a row must keep, beyond what one cell can say: each a function that adds to the findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import numpy as np
import numpy.typing as npt
import shapely

from geo.fields.headings import SYNTHETIC
from geo.fields.land import FAR_LIMIT
from geo.intake.cells import texts
from geo.intake.columns import Rows
from geo.intake.findings import Objects, missing
from geo.intake.values import boolean

SYNTHETIC_PREFIX = "演示-"
#: days that tell of something that has happened: they cannot lie ahead
_PAST = {"completed_on": "竣工日期", "recognised_on": "认定日期", "delisted_on": "摘牌日期"}
#: kinds whose codes are given by the policy (zones) or by a count (years) and cannot bear the mark of invented data
_UNMARKED = {"zone", "year", "stands_on"}
#: rounding of shares written with some decimals
_SUM_TOLERANCE = 1e-6


def check_rows(rows: Rows, shapes: Objects | None, *, synthetic: bool, today: date) -> None:
    """Hold every row against the rules; what is found is added to ``rows.findings``.

    ``shapes`` are in the work CRS, so that their area is area on the ground.
    """
    _duplicates(rows)
    _synthetic_codes(rows, synthetic)
    _past_only(rows, today)
    if rows.kind.name == "parcels" and shapes is not None:
        _floor_area(rows, shapes)
    if rows.kind.name == "carrier_shares":
        _share_sums(rows)


def looks_synthetic(rows: Rows) -> bool:
    """Whether every code of a file bears the mark of invented data (for files without a mapping, which do not say)."""
    marked = [name for name in rows.kind.key if name not in _UNMARKED]
    codes = [code for name in marked for code in rows.columns[name] if code is not None]
    return bool(codes) and all(str(code).startswith(SYNTHETIC_PREFIX) for code in codes)


def says_synthetic(rows: Rows) -> bool | None:
    """Whether a file that we gave back says itself that its rows are invented; ``None`` where it does not, or not of all."""
    name = next((name for name in SYNTHETIC if name in rows.raw.columns), None)
    if name is None:
        return None
    said = set()
    for text in texts(rows.raw[name]):
        try:
            said.add(boolean(text or ""))
        except ValueError:
            return None
    return said.pop() if len(said) == 1 else None


def numbers(column: Objects) -> npt.NDArray[np.float64]:
    """A column of numbers as floats, NaN where it is missing."""
    return np.array([np.nan if value is None else value for value in column], dtype=np.float64)


def _duplicates(rows: Rows) -> None:
    keys = rows.keys()
    count = Counter(key for key in keys if key is not None)
    twice = np.array([key is not None and count[key] > 1 for key in keys], dtype=bool)
    advice = "The same code stands in several rows; which one holds cannot be told. Keep one."
    rows.findings.add(twice, rows.kind.key[0], keys, "duplicate_key", advice)


def _synthetic_codes(rows: Rows, synthetic: bool) -> None:
    for name in rows.kind.key:
        if name in _UNMARKED:
            continue
        codes = rows.columns[name]
        marked = np.array([str(code).startswith(SYNTHETIC_PREFIX) for code in codes], dtype=bool)
        present = ~missing(codes)
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
            ahead = np.array([value is not None and value > today for value in days], dtype=bool)
            rows.findings.add(ahead, name, days, "future_date", f"{zh} cannot lie after {today}.")
    if "year_built" in rows.columns:
        years = rows.columns["year_built"]
        with np.errstate(invalid="ignore"):
            ahead = numbers(years) > today.year
        rows.findings.add(ahead, "year_built", years, "future_date", f"建成年份 cannot lie after {today.year}.")


def _floor_area(rows: Rows, shapes: Objects) -> None:
    drawn = shapely.area(shapes)
    for name in ("gfa_m2", "countable_gfa_m2"):
        column = rows.columns[name]
        with np.errstate(invalid="ignore", divide="ignore"):
            far = np.where(drawn > 0, numbers(column) / drawn, np.nan)
        advice = f"Over {FAR_LIMIT:g} times the drawn area: check the unit, and that the code and the outline belong together."
        rows.findings.add(far > FAR_LIMIT, name, column, "far_impossible", advice)


def _share_sums(rows: Rows) -> None:
    share = numbers(rows.columns["share"])
    targets = list(zip(rows.columns["stands_on"], rows.columns["target_code"], strict=True))
    total: defaultdict[tuple[object, object], float] = defaultdict(float)
    for target, value in zip(targets, share, strict=True):
        total[target] += 0.0 if np.isnan(value) else float(value)
    over = np.array([total[target] > 1 + _SUM_TOLERANCE for target in targets], dtype=bool) & ~np.isnan(share)
    advice = "The shares of this target sum to more than the whole of it."
    rows.findings.add(over, "share", rows.columns["share"], "shares_over_one", advice)
