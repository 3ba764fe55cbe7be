"""Frames as plain values: what JSON, CSV and cells can hold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from geo.export.wording import UNKNOWN, Wording
from geo.fields.land_use import USES
from geo.fields.measures import MEASURES
from geo.fields.results import WORDS
from geo.fields.values import FORMULA, jsonable

#: what stands in the place of a planned use where there is not one
_NO_ONE_USE = {"unknown": "用途未知", "mixed": "混合（比例未知）"}
#: words for records whose rule and zones nobody has told
_PLAIN = Wording(None, {})
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


def plain_text(frame: pd.DataFrame, wording: Wording = _PLAIN, *, codes: bool = False) -> pd.DataFrame:
    """The rows with lists and reasons as text and, unless ``codes``, no text that a spreadsheet takes for a formula."""
    flat: dict[Any, Any] = {
        # A whole number stays one beside an unknown: rank 1, not 1.0.
        name: frame[name]
        if not codes and pd.api.types.is_integer_dtype(frame[name].dtype)
        else [_flat(value, wording, codes) for value in frame[name].astype(object)]
        for name in frame
        if name != "geometry"
    }
    if not codes and "geometry" in frame:
        flat["wkt"] = [None if shape is None else shape.wkt for shape in frame["geometry"]]
    return pd.DataFrame(flat, index=frame.index)


def _flat(value: Any, wording: Wording, codes: bool) -> Any:
    simple = jsonable(value)
    if isinstance(simple, list):
        return records_text(simple, wording)
    if isinstance(simple, str) and not codes:
        return "'" + simple if FORMULA.match(simple) else simple
    return simple


def records_text(records: list[Any], wording: Wording = _PLAIN) -> str:
    """A list as one line of text: reasons and contributions in words, codes by comma.

    Of criteria those that do not count on the row's route are left out: what they would add is not unknown, it is nothing.
    """
    if records and isinstance(records[0], dict):
        # After one weight has changed all others are another share of the sum: who reads why need not read each of them.
        scaled = [record for record in records if record.get("scaled")]
        counted = [record for record in records if not record.get("scaled") and record.get("applies", True)]
        told = [_record_text(record, wording) for record in counted]
        if scaled:
            cause = WORDS.get(str(scaled[0]["cause"]), scaled[0]["cause"])
            told.append(f"{'另 ' if told else ''}{len(scaled)} 项评分仅因权重总和不同而折算（{cause}）")
        return "；".join(told)
    return "、".join(str(record) for record in records)


def _record_text(record: dict[str, Any], wording: Wording) -> str:
    if "use" in record:
        use = str(record["use"])
        share = UNKNOWN if record["share"] is None else f"{record['share'] * 100:.1f}%"
        return f"{USES[use].zh if use in USES else _NO_ONE_USE.get(use, use)} {share}"
    if "condition" in record:
        return wording.reason_whole(record)
    if "cause" in record:
        field = str(record.get("field") or "")
        ends = [_moved(record[side]) for side in ("before", "after")]
        kind, called = str(record["kind"]), record.get("title")
        title = called or (MEASURES[field].zh if field in MEASURES else field)
        what = {"route": "路径", "others": "本地块未变", "parcel": "地块"}.get(kind, title)
        change = "" if kind == "others" else f" {called if kind == 'route' and called else ' → '.join(ends)}"
        return f"{what}{change}（{WORDS.get(str(record['cause']), record['cause'])}）"
    if "criterion" in record:
        return wording.contribution_whole(record)
    return json.dumps(record, ensure_ascii=False)


def _moved(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value:.1f}" if isinstance(value, float) else WORDS.get(str(value), str(value))
