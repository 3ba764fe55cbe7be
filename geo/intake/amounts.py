"""Numbers as offices write them in a column whose unit is known: ``≤2.5``, ``2.0~2.5``, ``现状``, ``3.2公顷``, ``12%``.

No number is invented: a limit is a number only where the column itself holds a limit, a range has an end only there, and
what says in words that nothing is known is not known, with a warning that names it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from geo import units
from geo.errors import UnitError
from geo.fields.columns import Column
from geo.intake import values

#: what stands in a number column and says that there is no number, or that it is to be looked up elsewhere
_NOT_KNOWN = re.compile(
    r"(按|为|维持|保持|保留|同)?现状(保留|不变|值)?|待定|未定|不详|未知|不明|待查|待核实?|待测|另行确定|见备注|详见图则|暂无|缺失"
)
_NUMBER = r"[+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_AMOUNT = re.compile(rf"({_NUMBER})\s*(.*)", re.DOTALL)
_AT_MOST = re.compile(r"(?:<=?|≤|≦|⩽|不大于|不超过|不高于|小于等于|小于|至多|上限:?)\s*(.+)")
_AT_LEAST = re.compile(r"(?:>=?|≥|≧|⩾|不小于|不低于|大于等于|大于|至少|下限:?)\s*(.+)")
_AT_MOST_AFTER = re.compile(r"(.+?)\s*(?:\(?含\)?)?(?:以下|以内|及以下)")
_AT_LEAST_AFTER = re.compile(r"(.+?)\s*(?:\(?含\)?)?(?:以上|及以上)")
_RANGE = re.compile(rf"({_NUMBER})\s*([^\d\s]*?)\s*(?:~|～|∼|〜|—|–|--|-|至|到)\s*({_NUMBER})\s*(.*)", re.DOTALL)
#: how a cell names the units that a mapping names otherwise
_SPELLINGS = {
    "年": "year",
    "层": "storeys",
    "个": "count",
    "户": "count",
    "人": "count",
    "家": "count",
    "平米": "m2",
    "平方": "m2",
    "万平": "万m2",
    "万平米": "万m2",
    "sqm": "m2",
    "hm2": "ha",
    "sqft": "ft2",
}
_UPPER, _LOWER = "upper", "lower"


@dataclass(frozen=True)
class Amount:
    """One number in the column's own unit, ``None`` where it is not known; ``rule`` and ``advice`` where that is doubtful."""

    value: float | None
    rule: str = ""
    advice: str = ""


class UnfitError(ValueError):
    """A cell that says something, but no number of this column; ``rule`` names what it is, ``advice`` what to do."""

    def __init__(self, rule: str, advice: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.advice = advice


def read_amount(text: str, target: Column, unit: str | None) -> Amount:
    """The number of a cell in the unit of ``target``; ``unit`` is that of the column in the file (``None``: the same).

    Raises
    ------
    UnfitError
        A limit or a range where one number is wanted, or a unit of another kind.
    ValueError
        The text is no number, with or without a unit.
    """
    scale = units.factor(unit, target.unit) if unit and target.unit else 1.0
    try:
        plain = values.number(text)
    except ValueError:
        return _said(unicodedata.normalize("NFKC", values.clean(text)).replace("−", "-"), target, unit)
    return Amount(None if plain is None else plain * scale)


def _said(text: str, target: Column, unit: str | None) -> Amount:
    if _NOT_KNOWN.fullmatch(text):
        return Amount(
            None, "not_known", f"{text} is no number: {target.zh} is kept as not known. Write it if it is known."
        )
    between = _RANGE.fullmatch(text)
    if between:
        return _range(between, text, target, unit)
    limits = (
        (_UPPER, _AT_MOST.fullmatch(text) or _AT_MOST_AFTER.fullmatch(text)),
        (_LOWER, _AT_LEAST.fullmatch(text) or _AT_LEAST_AFTER.fullmatch(text)),
    )
    for side, found in limits:
        if found:
            return _limit(side, found[1], text, target, unit)
    return _with_unit(text, target, unit)


def _limit(side: str, rest: str, text: str, target: Column, unit: str | None) -> Amount:
    amount = _with_unit(rest, target, unit)
    if target.limit == side:
        return amount
    if target.limit:
        advice = f"{text} bounds {target.zh} on the other side: it is kept as not known."
        return Amount(None, "other_limit", advice)
    raise UnfitError(
        "limit_not_value", f"{text} is a limit, and {target.zh} wants one number. Write it, or leave it empty."
    )


def _range(found: re.Match[str], text: str, target: Column, unit: str | None) -> Amount:
    low = _with_unit(found[1] + (found[2] or found[4]), target, unit)
    high = _with_unit(found[3] + found[4], target, unit)
    if low.value is None or high.value is None or low.value > high.value:
        raise ValueError("not a range")
    if not target.limit:
        raise UnfitError(
            "range_not_value", f"{text} is a range, and {target.zh} wants one number. Write it, or leave it empty."
        )
    end = high if target.limit == _UPPER else low
    which = "upper" if target.limit == _UPPER else "lower"
    return Amount(end.value, "range_end", f"Of the range {text} the {which} end is taken, for {target.zh} is a limit.")


def _with_unit(text: str, target: Column, unit: str | None) -> Amount:
    """A number and perhaps its unit; the unit that stands in the cell wins over the column's, with a warning."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise ValueError("not a number")
    plain = values.number(found[1])
    written = _SPELLINGS.get(found[2].strip(), found[2].strip())
    own = unit or target.unit
    if plain is None:
        raise ValueError("not a number")
    if not found[2].strip():
        return Amount(plain * (units.factor(unit, target.unit) if unit and target.unit else 1.0))
    try:
        kind = units.dimension(written)
    except UnitError:
        raise ValueError("not a number") from None
    if target.unit is None or kind != units.dimension(target.unit):
        raise UnfitError(
            "wrong_unit", f"{found[2].strip()} is no unit of {target.zh}. Write the number in {own or 'its unit'}."
        )
    value = plain * units.factor(written, target.unit)
    if written == "%" or own is None or units.factor(written, own) == 1.0:
        return Amount(value)
    advice = f"The cell says {found[2].strip()}, the column {own}: the cell's own unit is taken."
    return Amount(value, "unit_in_cell", advice)
