"""Frames as plain values: what JSON, CSV and cells can hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.fields.land_use import USES
from geo.fields.measures import MEASURES
from geo.fields.results import WORDS, is_restricted
from geo.fields.values import FORMULA, grouped, jsonable
from geo.fields.words import in_words

_UNKNOWN = "未知"
#: what stands in the place of a planned use where there is not one
_NO_ONE_USE = {"unknown": "用途未知", "mixed": "混合（比例未知）"}
#: what stands in the place of a value that only some may read
WITHHELD = "不公开"
#: units as an office writes them
UNITS = {"m2": "㎡", "share": "", "far": "", "count": "", "year": "", "years": "年"}
#: the mark that made-up rows bear in every list
DATA_MARK = "演示数据"


def marked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a column ``data_mark`` in front where some rows are made up.

    A frame that has no column to tell which, and whose stamp says that some are, bears it on every row.
    """
    if "synthetic" in frame:
        made_up = frame["synthetic"].fillna(False).to_numpy(dtype=bool)
    else:
        made_up = np.full(len(frame), bool(frame.attrs.get("stamp", {}).get("synthetic")))
    if not made_up.any():
        return frame
    copy = frame.copy()
    copy.insert(0, "data_mark", np.where(made_up, DATA_MARK, ""))
    return copy


def plain_text(frame: pd.DataFrame, *, codes: bool = False) -> pd.DataFrame:
    """The rows with lists and reasons as text and, unless ``codes``, no text that a spreadsheet takes for a formula."""
    flat = {name: [_flat(value, codes) for value in frame[name].astype(object)] for name in frame if name != "geometry"}
    if not codes and "geometry" in frame:
        flat["wkt"] = [None if shape is None else shape.wkt for shape in frame["geometry"]]
    return pd.DataFrame(flat, index=frame.index)


def _flat(value: Any, codes: bool) -> Any:
    simple = jsonable(value)
    if isinstance(simple, list):
        return records_text(simple)
    if isinstance(simple, str) and not codes:
        return "'" + simple if FORMULA.match(simple) else simple
    return simple


def records_text(records: list[Any], zones: Mapping[str, str] | None = None) -> str:
    """A list as one line of text: reasons and contributions in words, codes by comma; ``zones`` names zones by code."""
    if records and isinstance(records[0], dict):
        # After one weight has changed all others are another share of the sum: who reads why need not read each of them.
        scaled = [record for record in records if record.get("scaled")]
        told = [_record_text(record, zones or {}) for record in records if not record.get("scaled")]
        if scaled:
            cause = WORDS.get(str(scaled[0]["cause"]), scaled[0]["cause"])
            told.append(f"{'另 ' if told else ''}{len(scaled)} 项评分仅因权重总和不同而折算（{cause}）")
        return "；".join(told)
    return "、".join(str(record) for record in records)


def _record_text(record: dict[str, Any], zones: Mapping[str, str]) -> str:
    if "use" in record:
        use = str(record["use"])
        share = _UNKNOWN if record["share"] is None else f"{record['share'] * 100:.1f}%"
        return f"{USES[use].zh if use in USES else _NO_ONE_USE.get(use, use)} {share}"
    field = str(record.get("field") or "")
    title = MEASURES[field].zh if field in MEASURES else field
    unit = UNITS.get(str(record.get("unit") or ""), str(record.get("unit") or ""))
    if "condition" in record:
        said = WORDS.get(str(record["outcome"]), record["outcome"])
        asked = ", ".join(in_words(field, part, zones) for part in str(record["threshold"]).split(", "))
        if asked.startswith("in "):
            first, _, rest = asked.removeprefix("in ").partition(", ")
            asked = "属于 " + "、".join([in_words(field, first, zones), *([rest] if rest else [])])
        found = WITHHELD if is_withheld(record) else _found(record, field, zones)
        shown = found if found in (_UNKNOWN, WITHHELD) else found + unit
        return f"{title} {said}（{shown}，要求 {asked}{unit}，{_ground(record['clause'])}）"
    if "cause" in record:
        ends = [_moved(record[side]) for side in ("before", "after")]
        kind, called = str(record["kind"]), record.get("title")
        what = {"route": "路径", "others": "本地块未变", "parcel": "地块"}.get(kind, called or title)
        change = "" if kind == "others" else f" {called if kind == 'route' and called else ' → '.join(ends)}"
        return f"{what}{change}（{WORDS.get(str(record['cause']), record['cause'])}）"
    if "criterion" in record:
        value = record.get("contribution")
        return f"{title} {_UNKNOWN if value is None else _number(value)}"
    return json.dumps(record, ensure_ascii=False)


def is_withheld(record: Mapping[str, Any]) -> bool:
    """Whether a value was found that not everybody may read, and was left out (:func:`geo.fields.readers.for_all`)."""
    silent = record.get("value") is None and record.get("text") is None
    return silent and record["outcome"] != "unknown" and is_restricted(str(record.get("field")))


def _moved(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value:.1f}" if isinstance(value, float) else WORDS.get(str(value), str(value))


def _found(record: dict[str, Any], field: str, zones: Mapping[str, str]) -> str:
    if record.get("value") is not None:
        return _number(record["value"])
    return in_words(field, str(record["text"]), zones) if record.get("text") is not None else _UNKNOWN


def _ground(clause: Any) -> str:
    return str(clause or "").replace("assumption: ", "假设：")


def _number(value: Any) -> str:
    # A run gives 1 where the answer itself gave 1.0: a list shows them alike.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.4g}" if abs(value) < 1000 else grouped(value)
