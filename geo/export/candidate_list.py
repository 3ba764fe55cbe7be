"""What a list of candidates says: three lists by verdict, each with its columns, ready to be written as a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from geo.export.plain import DATA_MARK
from geo.export.wording import Wording, verdict_zh
from geo.fields.headings import LIST_SHEETS, OPINION_HEADS, SHOWN_UNITS
from geo.fields.measures import MEASURES
from geo.fields.results import heading
from geo.fields.values import jsonable
from geo.fields.words import in_words
from geo.judge.survey import needs_survey_recorded

#: what is said of a parcel that meets the rule's own conditions, and those of none of its routes
_NO_ROUTE = "各路径均不满足"

Kind = Literal["text", "number", "whole", "far", "score", "day", "choice", "differs"]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One column of a list: its heading, its width in characters, what its cells are, and how a row fills it."""

    name: str
    head: str
    width: float
    kind: Kind
    cell: Callable[[Row], Any]
    to_fill: bool = False


@dataclass(frozen=True)
class Listing:
    """One sheet: its name, a line of what is in it, its columns, and its rows as cells."""

    verdict: str
    sheet: str
    note: str
    fields: tuple[Field, ...]
    rows: tuple[Row, ...]


def is_candidate_list(frame: pd.DataFrame, stamp: Mapping[str, Any]) -> bool:
    """Whether a frame is a list of candidates: judged rows whose stamp names the rule."""
    return {"parcel_code", "verdict", "reasons"} <= set(frame.columns) and "rule" in stamp


def rows_by_verdict(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The rows of each verdict as plain values: candidates by rank, what is to be surveyed by score, the rest by code."""
    plain = frame.drop(columns="geometry", errors="ignore")
    names = [str(name) for name in plain]
    columns = [[_plain(value) for value in plain[name].astype(object)] for name in names]
    found: dict[str, list[dict[str, Any]]] = {verdict: [] for verdict in LIST_SHEETS}
    for cells in zip(*columns, strict=True):
        row = dict(zip(names, cells, strict=True))
        found.setdefault(row["verdict"], []).append(row)
    found["candidate"].sort(key=lambda row: (row.get("rank") or 0, str(row["parcel_code"])))
    found["unknown"].sort(key=lambda row: (-(row.get("score_high") or 0), str(row["parcel_code"])))
    found["no"].sort(key=lambda row: str(row["parcel_code"]))
    return found


def _plain(value: Any) -> Any:
    return value if hasattr(value, "isoformat") and value is not pd.NaT else jsonable(value)


def listings(frame: pd.DataFrame, wording: Wording) -> list[Listing]:
    """The three lists of a frame of candidates."""
    rows = rows_by_verdict(frame)
    notes = {
        "candidate": "候选地块按得分排名；得分为保守值，存在未知项时得分区间以上限表示。",
        "unknown": _survey_note(rows["unknown"], wording),
        "no": _causes_note(rows["no"], wording),
    }
    return [
        Listing(verdict, sheet, notes[verdict], _fields(verdict, rows[verdict], wording), tuple(rows[verdict]))
        for verdict, sheet in LIST_SHEETS.items()
    ]


def _survey_note(rows: list[dict[str, Any]], wording: Wording) -> str:
    note = "缺少数据、暂不能判定；缺项补齐后重新研判。"
    if wording.rule is None:
        return note
    # By the outcomes on record: a list holds no owners and leases any more, and that they are not known is no secret.
    fields = needs_survey_recorded([row.get("reasons") or () for row in rows], wording.rule)
    told = "、".join(
        f"{MEASURES[str(field)].zh}（{count}）"
        for field, count in zip(fields["field"], fields["n_unknown"], strict=True)
    )
    return f"{note}建议查明次序（缺该项的地块数）：{told}。" if told else note


def _causes_note(rows: list[dict[str, Any]], wording: Wording) -> str:
    """How many parcels each of the rule's own conditions puts out, and how many fail in every route alone."""
    counts: Counter[str] = Counter()
    for row in rows:
        failed = {
            wording.title(str(reason["condition"]), str(reason.get("field") or ""))
            for reason in row.get("reasons") or ()
            if reason["outcome"] == "fail" and reason.get("route") is None
        }
        counts.update(failed or {_NO_ROUTE})
    told = "、".join(f"{title}（{count}）" for title, count in counts.most_common())
    note = "任一硬性条件不满足即为不符合；每条均列出不满足的条件、现状值与要求。"
    return f"{note}主要原因（不满足该项的地块数，可重复）：{told}。" if told else note


def _fields(verdict: str, rows: list[dict[str, Any]], wording: Wording) -> tuple[Field, ...]:
    own = {"candidate": _of_candidates, "unknown": _of_unknown, "no": _of_no}[verdict](wording)
    # What nothing is known of in any row would be an empty column on paper.
    spare = {"data_mark", "name", "far", "max_far", "flags"}
    kept = [field for field in own if field.name not in spare or any(field.cell(row) is not None for row in rows)]
    # Where all is made up the title says so; a column tells which rows are where not all are.
    if all(row.get("synthetic") for row in rows):
        kept = [field for field in kept if field.name != "data_mark"]
    return (*kept, *_to_fill())


def _of_candidates(wording: Wording) -> list[Field]:
    return [
        _as_it_is("rank", 6, "whole"),
        *_land(wording),
        _as_it_is("score", 7, "score"),
        _as_it_is("score_high", 7, "score"),
        *_way(wording),
        Field("grounds", "判定依据", 34, "text", lambda row: _reasons(row, wording, "pass")),
        _flags(wording),
        Field("points", "得分构成", 17, "text", lambda row: _points(row, wording)),
    ]


def _of_unknown(wording: Wording) -> list[Field]:
    return [
        *_land(wording),
        _as_it_is("score", 7, "score"),
        _as_it_is("score_high", 7, "score"),
        *_way(wording),
        Field("lacking", "缺什么", 29, "text", lambda row: _reasons(row, wording, "unknown")),
        Field("grounds", "已符合", 29, "text", lambda row: _reasons(row, wording, "pass")),
        _flags(wording),
    ]


def _of_no(wording: Wording) -> list[Field]:
    return [
        *_land(wording),
        Field("failed", "不符合的条件", 50, "text", lambda row: _reasons(row, wording, "fail", every=True)),
        Field("lacking", "另缺数据", 24, "text", lambda row: _reasons(row, wording, "unknown", every=True)),
    ]


def _flags(wording: Wording) -> Field:
    return Field("flags", _head("flags"), 15, "text", lambda row: "\n".join(wording.flags(row.get("flags"))) or None)


def _land(wording: Wording) -> list[Field]:
    def mark(row: Row) -> str | None:
        return DATA_MARK if row.get("synthetic") else None

    def worded(name: str, width: float) -> Field:
        def cell(row: Row) -> Any:
            value = row.get(name)
            return in_words(name, value, wording.zones) if isinstance(value, str) else value

        return Field(name, _head(name), width, "text", cell)

    return [
        Field("data_mark", "数据标记", 9, "text", mark),
        _as_it_is("parcel_code", 14, "text"),
        _as_it_is("name", 11, "text"),
        worded("zone", 9),
        worded("land_use", 14),
        worded("supply_status", 8),
        _as_it_is("site_area_m2", 9, "number"),
        _as_it_is("gfa_m2", 9, "number"),
        _as_it_is("far", 7, "far"),
        _as_it_is("max_far", 7, "far"),
    ]


def _way(wording: Wording) -> list[Field]:
    if wording.rule is None or not wording.rule.routes:
        return []
    return [
        Field("route", "路径", 10, "text", lambda row: wording.route(row.get("route"))[0] or None),
        Field("procedure", "程序", 18, "text", lambda row: wording.route(row.get("route"))[1] or None),
        Field(
            "target_codes",
            _head("target_codes"),
            12,
            "text",
            lambda row: wording.targets(row.get("route"), row.get("target_codes")) or None,
        ),
    ]


def _to_fill() -> list[Field]:
    kinds: dict[str, tuple[float, Kind]] = {
        "opinion": (8, "choice"),
        "opinion_reason": (16, "text"),
        "survey_result": (16, "text"),
        "opinion_by": (8, "text"),
        "opinion_on": (11, "day"),
    }

    def worded(name: str) -> Callable[[Row], Any]:
        def cell(row: Row) -> Any:
            value = row.get(name)
            return in_words(name, value, {}) if isinstance(value, str) else value

        return cell

    filled = [
        Field(name, head, kinds[name][0], kinds[name][1], worded(name), to_fill=True)
        for name, head in OPINION_HEADS.items()
    ]
    return [*filled, Field("opinion_differs", _head("opinion_differs"), 9, "differs", worded("opinion_differs"))]


def _as_it_is(name: str, width: float, kind: Kind) -> Field:
    return Field(name, _head(name), width, kind, lambda row: row.get(name))


def _head(name: str) -> str:
    head = heading(name)
    return head.zh + (f"\n（{SHOWN_UNITS[head.unit]}）" if head.unit in SHOWN_UNITS else "")


def told_reasons(row: Row, outcome: str, *, every: bool = False) -> list[Row]:
    """The conditions of a row with that outcome: those of the rule and of the route taken, or of every route."""
    return [
        reason
        for reason in row.get("reasons") or ()
        if reason["outcome"] == outcome and (every or reason.get("route") in (None, row.get("route")))
    ]


def _reasons(row: Row, wording: Wording, outcome: str, *, every: bool = False) -> str | None:
    lines = []
    for reason in told_reasons(row, outcome, every=every):
        way = wording.route(reason.get("route"))[0] if every else ""
        lines.append(f"{f'［{way}］' if way else ''}{wording.reason(reason)}")
    return "\n".join(lines) or None


def _points(row: Row, wording: Wording) -> str | None:
    counted = [part for part in row.get("contributions") or () if part.get("applies", True)]
    return "\n".join(wording.contribution(part) for part in counted) or None


def summary(rows: Mapping[str, list[dict[str, Any]]]) -> str:
    """How many rows there are of each verdict."""
    return "、".join(f"{verdict_zh(verdict)} {len(found)}" for verdict, found in rows.items())
