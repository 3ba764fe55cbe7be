"""Frames as plain values: what JSON, CSV and cells can hold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from geo.fields.results import WORDS
from geo.fields.values import jsonable

#: a cell that begins so is taken for a formula by spreadsheet programs
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: the mark that made-up rows bear in every list
DATA_MARK = "演示数据"


def marked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a column ``data_mark`` in front where some rows are made up."""
    if "synthetic" not in frame or not frame["synthetic"].fillna(False).any():
        return frame
    copy = frame.copy()
    copy.insert(
        0,
        "data_mark",
        np.where(copy["synthetic"].fillna(False).astype(bool), DATA_MARK, ""),
    )
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
        return "'" + simple if simple.startswith(_FORMULA) else simple
    return simple


def records_text(records: list[Any]) -> str:
    """A list as one line of text: reasons and contributions in words, codes by comma."""
    if records and isinstance(records[0], dict):
        return "；".join(_record_text(record) for record in records)
    return "、".join(str(record) for record in records)


def _record_text(record: dict[str, Any]) -> str:
    if "condition" in record:
        found = record.get("text") if record.get("value") is None else record.get("value")
        said = WORDS.get(str(record["outcome"]), record["outcome"])
        shown = "未知" if found is None else _number(found)
        unit = record.get("unit") or ""
        return f"{record['condition']} {said}（{shown}{unit}，要求 {record['threshold']}{unit}，{_ground(record['clause'])}）"
    if "criterion" in record:
        value = record.get("contribution")
        return f"{record['criterion']} {'未知' if value is None else _number(value)}"
    return json.dumps(record, ensure_ascii=False)


def _ground(clause: Any) -> str:
    return str(clause or "").replace("assumption: ", "假设：")


def _number(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
