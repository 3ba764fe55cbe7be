"""One value at a time: what offices write in cells, read without inventing anything.

Every reader returns the value, ``None`` where the cell says that there is none, or raises ``ValueError``.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import date, datetime
from typing import Any

from geo.fields.values import MISSING, list_text

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_TIME = r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?"
_DATE = re.compile(rf"(\d{{4}})([-/.年])(\d{{1,2}})([-/.月])(\d{{1,2}})(日?)({_TIME})?")
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TRUE = frozenset({"true", "t", "yes", "y", "1", "是", "真", "有"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "否", "假", "无"})
_SEPARATORS = re.compile(r"[、,，;；|]")
#: what stands round a text and says nothing: white space of every script, and marks that nobody sees
AROUND = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + "\ufeff\u200b\u200c\u200d\u2060"


def clean(text: str) -> str:
    """Without the white space and invisible marks round it."""
    return text.strip(AROUND)


def is_missing(text: str) -> bool:
    """Whether a cell says that it has no value: empty, a dash, a slash, ``null``."""
    return unicodedata.normalize("NFKC", clean(text)).lower() in MISSING


def number(text: str) -> float | None:
    """A number: ``12``, ``1,234.5``, full-width digits; anything else, ``≤2.5`` or ``12%`` say, is not one.

    Raises
    ------
    ValueError
        The text is not one finite number.
    """
    if is_missing(text):
        return None
    plain = unicodedata.normalize("NFKC", clean(text)).replace("−", "-")
    # ASCII only: `\d` and float() also read Arabic and Devanagari digits, which no office here writes on purpose.
    if not plain.isascii() or not (_PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain)):
        raise ValueError("not a number")
    value = float(plain.replace(",", ""))
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def day(text: str) -> date | None:
    """A day: ``2025-03-07``, ``2025/3/7``, ``2025.3.7``, ``2025年3月7日``, ``20250307``; a time of day is let go.

    Raises
    ------
    ValueError
        The text is not one day; a month or a year alone is not.
    """
    if is_missing(text):
        return None
    plain = unicodedata.normalize("NFKC", clean(text))
    match = _DAY.fullmatch(plain)
    if match and plain.isascii():
        year, month, of_month = match.groups()
        return date(int(year), int(month), int(of_month))
    match = _DATE.fullmatch(plain)
    if not match:
        raise ValueError("not a day")
    first, second, last = match.group(2), match.group(4), match.group(6)
    if (first == "年") != (second == "月") or (first != "年" and (first != second or last)):
        raise ValueError("not a day")
    return date(int(match.group(1)), int(match.group(3)), int(match.group(5)))


def boolean(text: str) -> bool | None:
    """Yes or no, in the ways that files say it: ``true``, ``1``, ``是``, ``无`` …

    Raises
    ------
    ValueError
        The text is neither.
    """
    lower = unicodedata.normalize("NFKC", clean(text)).lower()
    if lower in _TRUE:
        return True
    if lower in _FALSE:
        return False
    if is_missing(text):
        return None
    raise ValueError("neither yes nor no")


def items(text: str, separator: str | None = None) -> list[str] | None:
    """A list from text: parted by ``separator``, else by any of ``、 , ; |``; ``None`` where there is no item."""
    if is_missing(text):
        return None
    parts = _written_list(text) or (text.split(separator) if separator else _SEPARATORS.split(text))
    found = [clean(part) for part in parts if clean(part)]
    return found or None


def _written_list(text: str) -> list[str] | None:
    """The items of a list in JSON, as we write those whose items hold a separator themselves."""
    if not (text.startswith('["') and text.endswith('"]')):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if all(isinstance(item, str) for item in found) else None


def as_text(value: Any) -> str | None:
    """A cell as text: ``12.0`` as ``12``, a day as ``2025-03-07``, ``None`` where it is empty.

    Whole numbers lose their ``.0`` because a code column that a spreadsheet holds as numbers comes as floats.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value) or None
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        # NaT is a datetime that is not equal to itself.
        if value != value:
            return None
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(sep=" ")
    if getattr(value, "ndim", 0) == 1:
        value = value.tolist()
    if isinstance(value, list | tuple):
        return list_text([text for text in map(as_text, value) if text]) or None
    text = clean(str(value))
    return None if text in ("", "<NA>", "NaT") else text
