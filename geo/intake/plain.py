"""Columns that are plain, converted whole: typed numbers, and text that needs no more than its white space taken off.

What is settled here is what :func:`geo.intake.cells.convert` would say of each cell; whatever is in doubt is left to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo import units
from geo.fields.columns import Column
from geo.fields.values import MISSING
from geo.intake.cells import INT_MAX, arrow_type
from geo.intake.findings import Mask
from geo.intake.specs import Spec
from geo.intake.values import AROUND, as_text

#: what a code that a spreadsheet took for a day has in it, and much else: those cells are looked at one by one
_MAY_BE_A_DAY = "月|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"


def plain(target: Column, spec: Spec, column: pd.Series[Any], *, code: bool) -> tuple[pa.Array, Mask] | None:
    """The values of a column and which of its cells are settled; ``None`` where the whole is to be read cell by cell."""
    if spec.values is not None:
        return None
    if target.type in ("number", "integer") and column.dtype.kind in "iuf":
        return _numbers(target, spec, column)
    if target.type == "text" and isinstance(column.dtype, pd.StringDtype):
        return _texts(target, spec, column, code=code)
    return None


def _numbers(target: Column, spec: Spec, column: pd.Series[Any]) -> tuple[pa.Array, Mask]:
    raw: npt.NDArray[np.float64] = column.to_numpy(dtype=np.float64, na_value=np.nan)
    none = np.isnan(raw) | np.isin(raw, _said_missing(spec))
    with np.errstate(invalid="ignore", over="ignore"):
        value = raw * units.factor(spec.unit, target.unit) if spec.unit and target.unit else raw
        good = np.isfinite(value)
        if target.low is not None:
            good &= value >= target.low
        if target.high is not None:
            good &= value <= target.high
        if target.type == "integer":
            good &= (value == np.floor(value)) & (np.abs(value) <= INT_MAX)
    whole = np.where(none | ~good, 0, value)
    kind = arrow_type(target)
    found = pa.array(whole.astype(np.int64) if target.type == "integer" else whole, mask=none | ~good)
    return found.cast(kind), none | good


def _said_missing(spec: Spec) -> list[float]:
    """The numbers that the mapping's ``missing`` names, as a cell of a typed column would write them."""
    found = []
    for text in spec.missing:
        try:
            number = float(text)
        except ValueError:
            continue
        if as_text(number) == text:
            found.append(number)
    return found


def _texts(target: Column, spec: Spec, column: pd.Series[Any], *, code: bool) -> tuple[pa.Array, Mask]:
    cells = pa.array(column, type=pa.large_string(), from_pandas=True)
    cells = pc.utf8_trim(cells, characters=AROUND)
    nothing = pc.equal(cells, "")
    if not target.required:
        lower = pc.utf8_lower(pc.utf8_normalize(cells, form="NFKC"))
        nothing = pc.or_(nothing, pc.is_in(lower, pa.array(sorted(MISSING), type=pa.large_string())))
    if spec.missing:
        nothing = pc.or_(nothing, pc.is_in(cells, pa.array(sorted(spec.missing), type=pa.large_string())))
    doubtful = pc.match_substring(cells, "\x00")
    if code:
        doubtful = pc.or_(doubtful, pc.match_substring_regex(cells, _MAY_BE_A_DAY))
    settled: Mask = ~_mask(doubtful)
    cells = pc.if_else(pc.fill_null(pc.or_(nothing, doubtful), True), None, cells)
    if spec.prefix:
        prefix = pa.scalar(spec.prefix, pa.large_string())
        cells = pc.binary_join_element_wise(prefix, cells, pa.scalar("", pa.large_string()))
    return cells.cast(pa.string()), settled


def _mask(found: pa.Array) -> Mask:
    """An array of yes and no as numpy has it, unknown as no."""
    out: Mask = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return out
