"""Figures of a parcel against its outline: registered area, floor-area ratio, and the unit that a column is said to be in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo import units
from geo.intake.columns import Rows
from geo.intake.findings import numbers
from geo.intake.outlines import Drawn
from geo.intake.specs import Mapping
from geo.policy import Intake

Floats = npt.NDArray[np.float64]

#: units that offices write areas in, by the name that the advice gives them
_AREA_UNITS = ("m2", "亩", "公顷", "ft2")
#: of fewer rows than this a median says nothing about a unit
_ENOUGH = 5


def check_figures(rows: Rows, shapes: Drawn, mapping: Mapping, tolerances: Intake) -> None:
    """Warn of areas that do not fit their outline, of a built FAR that does not fit its floor area, of doubtful units."""
    drawn: Floats = np.where(shapes.area > 0, shapes.area, np.nan)
    registered = numbers(rows.columns["registered_area_m2"])
    fit = tolerances.unit_fit.share
    doubted = _check_unit(rows, mapping, "registered_area_m2", registered / drawn, (1 - fit, 1 + fit))
    for name in ("gfa_m2", "countable_gfa_m2"):
        low, high = tolerances.plausible_far.value
        _check_unit(rows, mapping, name, numbers(rows.columns[name]) / drawn, (low, high))
    if not doubted:
        # Under a wrong unit every row would differ, and say the same.
        _area(rows, registered, drawn, tolerances.area_tolerance.share)
    _uses_area(rows, registered, tolerances.area_tolerance.share)
    _built_far(rows, np.where(np.isnan(registered), drawn, registered), tolerances.far_tolerance.share)


def _area(rows: Rows, registered: Floats, drawn: Floats, tolerance: float) -> None:
    with np.errstate(invalid="ignore"):
        off = drawn / registered - 1
        beyond = np.flatnonzero(np.abs(off) > tolerance)
    for i in beyond.tolist():
        value = f"{registered[i]:,.1f} m²; drawn {drawn[i]:,.1f} m²"
        which = "larger" if off[i] > 0 else "smaller"
        advice = (
            f"The outline is {abs(off[i]):.1%} {which} than registered: check the figure, its unit and the outline."
        )
        rows.findings.add([i], "registered_area_m2", {i: value}, "area_differs", advice)


def _uses_area(rows: Rows, registered: Floats, tolerance: float) -> None:
    uses = numbers(rows.columns["uses_area_m2"])
    with np.errstate(invalid="ignore"):
        beyond = np.flatnonzero(np.abs(uses / registered - 1) > tolerance)
    for i in beyond.tolist():
        value = f"{uses[i]:,.1f} m²; registered {registered[i]:,.1f} m²"
        advice = "Shares were taken of the sum of the uses' areas: check the areas and their units."
        rows.findings.add([i], "uses_area_m2", {i: value}, "uses_area_differs", advice)


def _built_far(rows: Rows, site: Floats, tolerance: float) -> None:
    """Where countable floor area is not known, so is the built FAR, and nothing can be said of the file's."""
    said, countable = numbers(rows.columns["built_far"]), numbers(rows.columns["countable_gfa_m2"])
    with np.errstate(invalid="ignore", divide="ignore"):
        own = countable / site
        beyond = np.flatnonzero(np.abs(said - own) > tolerance * own)
    for i in beyond.tolist():
        advice = f"Countable floor area over site area is {own[i]:.2f}: check FAR, floor area and site area."
        rows.findings.add([i], "built_far", {i: f"{said[i]:g}"}, "far_differs", advice)


def _check_unit(rows: Rows, mapping: Mapping, name: str, ratio: Floats, fits: tuple[float, float]) -> bool:
    """Whether the unit of a column is doubtful: its median ratio to the drawn area lies outside, and fits by another."""
    known = ratio[np.isfinite(ratio) & (ratio > 0)]
    spec = mapping.columns.get(name)
    if len(known) < _ENOUGH or spec is None:
        return False
    median = float(np.median(known))
    if fits[0] <= median <= fits[1]:
        return False
    said = spec.unit or "m2"
    others = [*_AREA_UNITS, *(["万㎡"] if name != "registered_area_m2" else [])]
    # A hectare is ten thousand square metres: the two name one and the same size, and offices write floor area in 万㎡.
    others = [unit for unit in others if not (unit == "公顷" and "万㎡" in others)]
    better = [unit for unit in others if fits[0] <= median * units.factor(unit, said) <= fits[1]]
    if not better:
        return False
    fitting = " or ".join(better)
    advice = f"As {said} its median is {median:.4g} of the drawn area; {fitting} would fit. Mend the mapping's unit."
    rows.findings.add_whole(name, f"{spec.column}: {said}", "unit_suspicious", advice)
    return True
