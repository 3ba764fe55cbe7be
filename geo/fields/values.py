"""Values of frames as JSON knows them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

#: what stands in a cell that has nothing to say, in lower case after NFKC
MISSING = frozenset({"", "-", "--", "–", "—", "——", "/", "\\", "null", "<null>", "none", "nan", "n/a", "#n/a", "<na>"})
#: text that a spreadsheet would take for a formula or for one of its errors, and text that looks like such a text kept from
#: being one by an apostrophe before it
FORMULA = re.compile(r"'*(?:[=+\-@\t\r]|#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!))", re.IGNORECASE)
_SEPARATED = re.compile(r"[、,，;；|]")


def grouped(value: float, decimals: int = 0) -> str:
    """A number with its thousands apart, to so many decimals: ``1,234.5``; a half goes up and minus zero is zero.

    Spreadsheets show a half so, too: 8530.5 is 8,531 in a cell, in the words beside it, on the page and in the report.
    """
    # By its digits as they are written: 84.25 is a half, though no binary number is.
    exact = Decimal(repr(float(value)))
    text = f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}" if exact.is_finite() else str(exact)
    return text.removeprefix("-") if not text.strip("-0.,") else text


def list_text(items: Sequence[str]) -> str:
    """A list as the text of one cell: joined by 、, or as JSON where that could not be taken apart again."""
    joined = "、".join(items)
    # One item that is a dash would read as "nothing to say".
    if any(_SEPARATED.search(item) for item in items) or joined.startswith('["') or _says_nothing(joined):
        return json.dumps(list(items), ensure_ascii=False)
    return joined


def _says_nothing(text: str) -> bool:
    return bool(text) and unicodedata.normalize("NFKC", text).lower() in MISSING


def jsonable(value: Any) -> Any:
    """A value of a frame as JSON knows it: every kind of unknown becomes ``None``, days are ISO."""
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [jsonable(item) for item in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value.isoformat() if isinstance(value, date) else value


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, geometry left out, as dictionaries of JSON values."""
    names = [name for name in frame if name != "geometry"]
    columns = [[jsonable(value) for value in frame[name].astype(object)] for name in names]
    return [dict(zip(map(str, names), row, strict=True)) for row in zip(*columns, strict=True)]
