"""Figures as people read them: thousands apart, the unit beside, unknown said and never shown as zero."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from geo.fields.values import grouped
from geo.units import to_mu
from maps.text import Lang, phrase, word, zone_name

#: units that are said after a number; what is not here is said as it is
_UNITS = {
    "m2": ("㎡", "m²"),
    "m": ("m", "m"),
    "year": ("", ""),
    "years": ("年", "years"),
    "年": ("年", "years"),
    "far": ("", ""),
    "count": ("", ""),
    "storeys": ("层", ""),
    "亩": ("亩", "mu"),
}
_DECIMALS = {
    "m2": 0,
    "m": 0,
    "far": 2,
    "year": 0,
    "years": 1,
    "年": 1,
    "count": 0,
    "storeys": 0,
    "亩": 1,
    "公顷": 2,
    "万㎡": 2,
}


def known(value: Any) -> bool:
    """Whether a value of a frame is known: not ``None``, NaN, NaT, NA, or an empty text."""
    if value is None or value is pd.NA or value is pd.NaT:
        return False
    if isinstance(value, float | np.floating):
        return bool(np.isfinite(value))
    return not (isinstance(value, str) and value == "")


def number(value: float, decimals: int = 0) -> str:
    """A number with its thousands apart: ``1,234.5``; a half goes up, as in lists."""
    return grouped(value, decimals)


def quantity(value: Any, unit: str | None, lang: Lang) -> str:
    """A number with its unit; a share as per cent; ``未知`` / ``unknown`` where it is not known."""
    if not known(value):
        return phrase("unknown_value", lang)
    if unit == "year":
        return str(int(value))
    if unit in ("share", "%"):
        return f"{number(float(value) * (100 if unit == 'share' else 1), 1)}%"
    decimals = _DECIMALS.get(unit or "", 2)
    shown = _UNITS.get(unit or "", (unit or "", unit or ""))[0 if lang == "zh" else 1]
    return f"{number(float(value), decimals)} {shown}".rstrip()


def site(value: Any, lang: Lang) -> str:
    """An area of land in m², and in mu beside it."""
    if not known(value):
        return phrase("unknown_value", lang)
    area = quantity(value, "m2", lang)
    return f"{area}（{mu(value, lang)}）" if lang == "zh" else f"{area} ({mu(value, lang)})"


def mu(value: Any, lang: Lang) -> str:
    """An area in m² as mu (亩), one decimal."""
    if not known(value):
        return phrase("unknown_value", lang)
    return f"{number(to_mu(float(value)), 1)} {phrase('mu', lang)}"


def large_area(value: Any, lang: Lang) -> str:
    """An area in m² as 万㎡ (none, one or two decimals by size) in Chinese, plainly in m² in English."""
    if not known(value):
        return phrase("unknown_value", lang)
    if lang == "en":
        return quantity(value, "m2", lang)
    tens = float(value) / 1e4
    decimals = 0 if tens.is_integer() else 1 if abs(tens) >= 100 else 2
    return f"{number(tens, decimals)} {phrase('sqm_10k', lang)}"


def text(value: Any, lang: Lang, *, unit: str | None = None, zones: dict[str, str] | None = None) -> str:
    """Any value as text: numbers with their unit, codes in words, lists with commas, days as ISO, unknown said."""
    if isinstance(value, list | tuple | np.ndarray):
        joint = "、" if lang == "zh" else ", "
        return joint.join(text(item, lang, unit=unit, zones=zones) for item in value) or phrase("unknown_value", lang)
    if not known(value):
        return phrase("unknown_value", lang)
    if isinstance(value, bool | np.bool_):
        return phrase("yes" if value else "no_word", lang)
    if isinstance(value, int | float | np.number):
        return quantity(value, unit, lang)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if zones and value in zones:
        return zone_name(str(value), zones, lang)
    return word(str(value), lang)


def score(low: Any, value: Any, high: Any, lang: Lang) -> str:
    """A score with its span: ``68 分（68–82）``; the span is left out where both ends round alike."""
    if not known(value):
        return phrase("score_unknown", lang)
    points = phrase("points", lang) if lang == "zh" else ""
    shown = f"{number(float(value), 0)} {points}".rstrip()
    ends = [number(float(end), 0) if known(end) else None for end in (low, high)]
    if None not in ends and ends[0] != ends[1]:
        shown += f"（{ends[0]}–{ends[1]}）" if lang == "zh" else f" ({ends[0]}–{ends[1]})"
    return shown


def span(low: Any, high: Any, lang: Lang) -> str:
    """A score from its cautious end to its upper one, as lists have it: ``68.2–82.0 分``; one figure where both look alike."""
    if not known(low):
        return phrase("score_unknown", lang)
    ends = [number(float(end), 1) for end in (low, high) if known(end)]
    points = phrase("points", lang) if lang == "zh" else ""
    return f"{'–'.join(dict.fromkeys(ends))} {points}".rstrip()
