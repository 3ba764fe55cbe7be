"""Lists of a run: which rows, in which order, which page of them.  Frames in, frames out; unknown sorts last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import pandas as pd
from fastapi import Query
from pydantic import BeforeValidator, Field

from geo.errors import NotFoundError
from geo.fields.kept import FIND
from geo.fields.results import is_restricted
from geo.publish import Published
from geo.said import Said
from maps.drawing import of_rule as clusters_of_rule

Frame = TypeVar("Frame", bound=pd.DataFrame)

PAGE_SIZE = 50
_VERDICTS = {"candidate": 0, "unknown": 1, "no": 2}
PAGE_SIZE_MOST = 500

PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="页码，从 1 起 · page, from 1")]
PageSize = Annotated[int, Query(ge=1, le=PAGE_SIZE_MOST, description="每页行数 · rows on a page")]
Sort = Annotated[
    str,
    Query(
        max_length=60,
        description="排序的列，前加负号为倒序 · column to sort by; a minus before it turns the order round",
    ),
]
#: an empty text is what an HTML form sends for "all"
Verdict = Annotated[str, Query(pattern="^(candidate|no|unknown)?$", description="只取此判定 · only this verdict")]
Zone = Annotated[str, Query(max_length=60, description="只取此片区 · only this zone")]
Find = Annotated[str, Query(max_length=60, description="编号或名称中含有的字 · a part of the code or the name")]
#: how many of the first a workbook prints, or a report has; an empty field of a form is all of them
Top = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000)] | None,
    BeforeValidator(lambda text: text or None),
    Query(description="清单打印、报告列出的前几名 · how many of the first are printed"),
]
Rule = Annotated[
    str,
    Query(max_length=60, description="政策规则，空为第一条 · rule of the policy; its first one where none is named"),
]


@dataclass(frozen=True)
class Slice(Generic[Frame]):
    """One page of a list: its rows, and where it stands in the whole."""

    rows: Frame
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))


def open_columns(frame: Frame) -> Frame:
    """The frame without the columns that only some may read (owners, tax, output, leases)."""
    return frame.drop(columns=[name for name in frame if is_restricted(str(name))])


def of_rule(run: Published, rule: str) -> tuple[str, pd.DataFrame]:
    """The candidates of a rule (the policy's first one for an empty name), and the rule's name.

    Raises
    ------
    NotFoundError
        The run was not judged by that rule.
    """
    name = rule or run.rule
    return name, open_columns(run.judged_by(name))


def wanted(run: Published, verdict: str, zone: str, find: str) -> dict[str, str]:
    """The filters of a list of candidates, each empty for all.

    Raises
    ------
    NotFoundError
        Neither the run nor its policy has that zone.
    """
    zones = dict(run.run.policy.get("zones", {}).get("names", {})) | dict(run.run.figures.get("zones", {}))
    if zone and zone not in zones:
        raise NotFoundError(
            Said(f"There is no zone {zone}.", f"没有片区 {zone}。"),
            Said(f"Zones are {', '.join(zones)}.", f"片区有 {'、'.join(zones)}。"),
        )
    return {"verdict": verdict, "zone": zone, FIND: find}


def clusters(run: Published, rule: str) -> tuple[str, pd.DataFrame]:
    """The clusters of a rule's candidates (the policy's first one for an empty name), and the rule's name.

    Raises
    ------
    NotFoundError
        The run was not judged by that rule.
    """
    name, _ = of_rule(run, rule)
    return name, clusters_of_rule(run.clusters, name)


def finding(run: Published, topic: str, rule: str) -> tuple[str, pd.DataFrame]:
    """What the run found of a topic for a rule's candidates (the policy's first one for an empty name), and that rule.

    Raises
    ------
    NotFoundError
        The run was not judged by that rule.
    """
    name, _ = of_rule(run, rule)
    frame = run.lineage if topic == "lineage" else run.findings[topic]
    return name, open_columns(clusters_of_rule(frame, name)).reset_index(drop=True)


def parcel(run: Published, code: str, rule: str = "") -> pd.DataFrame:
    """The one row of a parcel, as a rule judged it (the policy's first one for an empty name).

    Raises
    ------
    NotFoundError
        The run has no parcel of that code, or was not judged by that rule.
    """
    _, judged = of_rule(run, rule)
    found: pd.DataFrame = judged[judged["parcel_code"] == code]
    if found.empty:
        raise NotFoundError(
            Said(f"There is no parcel {code!r} in run {run.run.run_id}.", f"运行 {run.run.run_id} 中没有地块 {code}。"),
            Said("See the list of candidates.", "地块编号见候选清单。"),
        )
    return found


def in_order(frame: Frame, sort: str, sortable: Sequence[str], default: Sequence[str]) -> Frame:
    """The rows by a column (``-`` before it: from the largest), ties by the frame's own order, unknown last.

    Raises
    ------
    NotFoundError
        It is not a column that one can sort by; the message lists those.
    """
    name = sort.removeprefix("-")
    if not sort:
        by = [column for column in default if column in frame]
        return frame.sort_values(by, kind="stable", na_position="last", key=_places) if by else frame
    if name not in sortable or name not in frame:
        raise NotFoundError(
            Said(f"Lists are not sorted by {name!r}.", f"不能按“{name}”排序。"),
            Said("Columns: " + ", ".join(sortable) + ".", "可用的列：" + "、".join(sortable) + "。"),
        )
    rising = not sort.startswith("-")
    return frame.sort_values(name, ascending=rising, kind="stable", na_position="last", key=_places)


def _places(values: pd.Series[Any]) -> pd.Series[Any]:
    """Verdicts by what wants attention first; all else by itself."""
    return values.map(_VERDICTS) if values.name == "verdict" else values


def cut(frame: Frame, page: int, size: int) -> Slice[Frame]:
    """One page of the rows; a page beyond the last is the last."""
    total = len(frame)
    page = min(page, max(1, -(-total // size)))
    return Slice(frame.iloc[(page - 1) * size : page * size], total, page, size)
