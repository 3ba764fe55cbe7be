"""Units of area and length; inside the program everything is square metres and metres.

1 亩 = 10000/15 m² (domain.md, the nouns); 1 ft = 0.3048 m exactly (international foot).
"""

from __future__ import annotations

from numbers import Real

from geo.errors import SettingsError, UnitError
from geo.said import Said

M2_PER_MU = 10_000 / 15

#: name → (dimension, size in m or m²); the first name of a size is the one that is shown
_UNITS: dict[str, tuple[str, float]] = {
    "m2": ("area", 1.0),
    "m²": ("area", 1.0),
    "㎡": ("area", 1.0),
    "平方米": ("area", 1.0),
    "万m2": ("area", 1e4),
    "万m²": ("area", 1e4),
    "万㎡": ("area", 1e4),
    "万平方米": ("area", 1e4),
    "mu": ("area", M2_PER_MU),
    "亩": ("area", M2_PER_MU),
    "ha": ("area", 1e4),
    "公顷": ("area", 1e4),
    "km2": ("area", 1e6),
    "km²": ("area", 1e6),
    "平方公里": ("area", 1e6),
    "ft2": ("area", 0.3048**2),
    "ft²": ("area", 0.3048**2),
    "m": ("length", 1.0),
    "米": ("length", 1.0),
    "km": ("length", 1e3),
    "公里": ("length", 1e3),
    "ft": ("length", 0.3048),
    "share": ("share", 1.0),
    "%": ("share", 0.01),
    "year": ("year", 1.0),
    "years": ("duration", 1.0),
    "年": ("duration", 1.0),
    "months": ("duration", 1 / 12),
    "月": ("duration", 1 / 12),
    "storeys": ("count", 1.0),
    "count": ("count", 1.0),
    "far": ("far", 1.0),
}


def units_of(wanted: str) -> tuple[str, ...]:
    """The units of a dimension, as somebody may write them."""
    return tuple(unit for unit, (kind, _) in _UNITS.items() if kind == wanted)


def dimension(unit: str) -> str:
    """The kind of a unit: ``area``, ``length``, ``share``, ``year`` (of the calendar), ``duration``, ``count`` or ``far``.

    Raises
    ------
    UnitError
        The unit is not known.
    """
    try:
        return _UNITS[unit][0]
    except KeyError:
        raise UnitError(f"Unknown unit {unit!r}.", "Known units: " + ", ".join(_UNITS) + ".") from None


def factor(unit: str, to: str) -> float:
    """How many ``to`` one ``unit`` is: ``size(unit) / size(to)``.

    Raises
    ------
    UnitError
        A unit is unknown, or the two are of different kinds.
    """
    if dimension(unit) != dimension(to):
        raise UnitError(
            f"{unit} is a unit of {dimension(unit)}, {to} of {dimension(to)}.",
            "Name a unit of the same kind.",
        )
    return _UNITS[unit][1] / _UNITS[to][1]


def number(given: object, what: Said, unit: Said) -> float:
    """A number that a call was given, and not a text that looks like one.

    Raises
    ------
    SettingsError
        It is no number; an area as text, such as ``"100mu"``, is told how to write it.
    """
    if not isinstance(given, bool) and isinstance(given, Real):
        return float(given)
    hint = Said(f"Give {unit} as a number.", f"请以数字给出{unit.zh}。")
    if unit == "m²":
        hint += Said(
            " mu(100), with mu from geo.units, is 100 mu in m².", "100 亩可写作 mu(100)（from geo.units import mu）。"
        )
    raise SettingsError(
        Said(f"A {what} of {given!r} cannot be used: it is no number.", f"{what.zh}不能是 {given!r}：不是数字。"), hint
    )


def mu(n: float) -> float:
    """``n`` mu (亩) in m²: n · 10000/15."""
    return n * M2_PER_MU


def to_mu(area_m2: float) -> float:
    """An area in m² as mu (亩): area / (10000/15)."""
    return area_m2 / M2_PER_MU
