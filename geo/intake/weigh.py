"""What the numbers and codes of a column say: the unit of areas against what is drawn, the table that knows the codes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo import units
from geo.fields.land_use import LandUseError, code_table, code_tables, parse_land_use
from geo.intake.findings import Objects
from geo.intake.values import number

Floats = npt.NDArray[np.float64]

#: Margins of the guess, not of a policy.
UNITS = ("m2", "亩", "公顷", "ft2", "km2")
MEDIAN_OFF, ROW_OFF, ROWS_FIT, ROWS_MIN = 0.1, 0.2, 0.8, 5
#: 亩 are written with two decimals, which is half a per cent of one 亩
SAME_OFF, SAME_ROWS = 0.01, 0.98
CODES_FIT, CODES_CLEAR = 0.98, 0.2
FAR_PLAUSIBLE = (0.05, 20.0)
DISTINCT = 300


@dataclass(frozen=True)
class AreaFit:
    """How a column's numbers stand to the drawn areas: the unit that fits (``None``: none does), and why."""

    unit: str | None
    why: str


def floats(cells: Objects) -> Floats:
    """Cells of text as numbers, NaN where there is none or it cannot be read."""
    out = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        if cell is not None:
            try:
                value = number(cell)
            except ValueError:
                continue
            out[i] = np.nan if value is None else value
    return out


def area_fit(values: Floats, drawn: Floats | None) -> AreaFit | None:
    """The unit in which numbers are the drawn areas (m²); ``None`` where too few rows have both.

    A unit fits where the median of number · unit / drawn is within 10 % of 1 and four rows of five are within 20 %.
    """
    if drawn is None:
        return None
    both = (values > 0) & (drawn > 0)
    if both.sum() < ROWS_MIN:
        return None
    ratio = values[both] / drawn[both]
    for unit in UNITS:
        each = ratio * units.factor(unit, "m2")
        median, fit = float(np.median(each)), float((np.abs(each - 1) <= ROW_OFF).mean())
        if abs(median - 1) <= MEDIAN_OFF and fit >= ROWS_FIT:
            return AreaFit(
                unit, f"in {unit} it is {median:.2f} of the drawn area in the median, {fit:.0%} of rows agree"
            )
    return AreaFit(None, f"it is {np.median(ratio):.3g} per drawn m² in the median, which no unit explains")


def floor_fit(values: Floats, drawn: Floats | None) -> AreaFit | None:
    """The unit, m² or 万㎡, in which floor areas over drawn areas make a floor-area ratio that can be."""
    if drawn is None:
        return None
    both = (values > 0) & (drawn > 0)
    if both.sum() < ROWS_MIN:
        return None
    low, high = FAR_PLAUSIBLE
    fars = {unit: float(np.median(values[both] * units.factor(unit, "m2") / drawn[both])) for unit in ("m2", "万㎡")}
    likely = [unit for unit, far in fars.items() if low <= far <= high]
    if len(likely) == 1:
        return AreaFit(likely[0], f"in {likely[0]} it makes a floor-area ratio of {fars[likely[0]]:.2f} in the median")
    return AreaFit(None, f"in m² it makes a floor-area ratio of {fars['m2']:.2g} in the median")


def same_areas(a: Objects, a_unit: str, b: Objects, b_unit: str) -> bool:
    """Whether two columns of areas say one thing in two units: row by row within what rounding makes of it."""
    one, other = floats(a) * units.factor(a_unit, "m2"), floats(b) * units.factor(b_unit, "m2")
    both = (one > 0) & (other > 0)
    if both.sum() < max(ROWS_MIN, SAME_ROWS * max((one > 0).sum(), (other > 0).sum())):
        return False
    return bool((np.abs(other[both] / one[both] - 1) <= SAME_OFF).mean() >= SAME_ROWS)


@dataclass(frozen=True)
class TableFit:
    """Which code tables know a column's values: ``table`` where it is one only, and the share that it knows."""

    table: str | None
    share: float
    fitting: tuple[str, ...]
    coded: float
    distinct: int

    @property
    def why(self) -> str:
        """In words."""
        if self.table:
            return f"{self.table} knows {self.share:.0%} of its values, no other table as many"
        if len(self.fitting) > 1:
            return f"{', '.join(self.fitting)} all know its values"
        return f"no table knows more than {self.share:.0%} of its values"


def table_fit(cells: Objects) -> TableFit:
    """Hold a column's values against every code table, each weighed by how often it stands there."""
    counts = Counter(str(cell) for cell in cells if cell is not None).most_common(DISTINCT)
    total = sum(n for _, n in counts)
    if not total:
        return TableFit(None, 0.0, (), 0.0, 0)
    shares = {t: sum(n for text, n in counts if _reads(text, t)) / total for t in code_tables()}
    ordered = sorted(shares, key=lambda t: -shares[t])
    best = ordered[0]
    fitting = tuple(t for t in ordered if shares[t] >= CODES_FIT)
    coded = sum(n for text, n in counts if any(code_table(t).find(text) for t in fitting or (best,))) / total
    alone = len(fitting) == 1 or (not fitting and shares[best] - shares[ordered[1]] >= CODES_CLEAR)
    return TableFit(best if alone else None, shares[best], fitting, coded, len(counts))


def _reads(text: str, table: str) -> bool:
    try:
        return bool(parse_land_use(text, table))
    except LandUseError:
        return False
