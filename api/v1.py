"""JSON of the current run under ``/api/v1``; columns that only some may read are not in it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, Request
from fastapi import Path as PathParameter

from api import lists, models, models_land
from api.pages import BEST_FIRST, CANDIDATES, CARRIERS
from api.parameters import OnlyKnown, takes_any
from api.runs import CurrentRun
from api.security import require_reader
from api.totals import By, States, asked_figure, grouped, opened
from geo.fields.kept import keep
from geo.fields.values import jsonable, records
from geo.policy.schema import policy_schema
from geo.publish import Published, explain_published
from maps.uses import parts_of
from maps.ways import ways_of

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": models.Problem, "content": {"application/problem+json": {}}} for status in (404, 422, 503)
}
Code = Annotated[str, PathParameter(description="地块编号 · code of the parcel")]
router = APIRouter(
    prefix="/api/v1",
    tags=["当前运行 · current run"],
    dependencies=[Depends(require_reader), OnlyKnown],
    responses=PROBLEMS,
)


@router.get("/run", summary="当前运行 · The current run and its main figures")
def run(now: CurrentRun) -> models.Stamp:
    """本次运行依据的政策、数据、程序版本及主要数字。

    The stamp of the current run.
    """
    names = models.Stamp.model_fields
    return models.Stamp.model_validate({name: jsonable(getattr(now.run, name)) for name in names})


@router.get("/candidates", summary="全部地块及研判 · Every parcel with its verdict, score and reasons")
def candidates(
    now: CurrentRun,
    verdict: lists.Verdict = "",
    zone: lists.Zone = "",
    find: lists.Find = "",
    rule: lists.Rule = "",
    sort: lists.Sort = "",
    page: lists.PageNumber = 1,
    size: lists.PageSize = lists.PAGE_SIZE,
) -> models.Page[models.Candidate]:
    """按规则研判的地块，默认按排名；``sort`` 可另定次序。

    Parcels as the rule judged them, by rank unless ``sort`` says otherwise.
    """
    name, frame = lists.of_rule(now, rule)
    chosen = keep(frame, lists.wanted(now, verdict, zone, find))
    found = lists.cut(lists.in_order(chosen, sort, CANDIDATES, BEST_FIRST), page, size)
    return models.Page[models.Candidate](
        **page_of(now, found), items=[models.Candidate(**row) for row in _judged(now, found.rows, name)]
    )


@router.get("/policy/schema", summary="政策文件的 JSON Schema · JSON Schema of policy files")
def schema() -> dict[str, Any]:
    """供编辑器核对政策文件，与运行无关。

    What a policy file looks like, for editors; of no run.
    """
    return policy_schema()


# Before the parcel itself, whose code may hold a slash.
@router.get(
    "/parcels/{code:path}/explain",
    summary="判定缘由及改变条件 · Why a verdict, and what would give another",
)
def explain(now: CurrentRun, code: Code, rule: lists.Rule = "") -> models.Explanation:
    """某规则的判定依据，以及能改变判定的最小改变（均已重新研判）。

    The reasons of one rule, and the smallest changes that flip the verdict, each judged again on the run's facts.
    """
    lists.parcel(now, code, rule)
    found = explain_published(now, code, rule)
    mark = {"run_id": now.run.run_id, "synthetic": now.run.synthetic}
    return models.Explanation.model_validate(mark | jsonable(asdict(found)))


@router.get("/parcels/{code:path}", summary="单个地块 · One parcel")
def parcel(now: CurrentRun, code: Code, rule: lists.Rule = "") -> models.Candidate:
    """单个地块的全部公开数据及按规则的判定，默认政策的第一条规则。

    One parcel with all its open figures, judged by a rule (default: the policy's first).
    """
    name, _ = lists.of_rule(now, rule)
    return models.Candidate(**_judged(now, lists.parcel(now, code, rule), name)[0])


@router.get("/carriers/groups", summary="步行距离内的载体 · Carriers within walking distance of each other")
def carrier_groups(
    now: CurrentRun, page: lists.PageNumber = 1, size: lists.PageSize = lists.PAGE_SIZE
) -> models.Page[models_land.CarrierGroup]:
    """按步行距离成组的载体，大者在前；与地块是否连片无关。

    Groups of carriers, the largest first: a question apart from contiguous land.
    """
    found = lists.cut(lists.finding(now, "carrier_groups", "")[1], page, size)
    items = [models_land.CarrierGroup(**row) for row in rows_of(found.rows)]
    return models.Page[models_land.CarrierGroup](**page_of(now, found), items=items)


@router.get("/carriers", summary="载体 · Carriers")
def carriers(
    now: CurrentRun, sort: lists.Sort = "", page: lists.PageNumber = 1, size: lists.PageSize = lists.PAGE_SIZE
) -> models.Page[models.Carrier]:
    """载体清单，面积大者在前，面积未知者在后；``sort`` 可另定次序。

    Carriers, the largest first unless ``sort`` says otherwise; unknown sizes last.
    """
    frame = lists.open_columns(now.carriers)
    found = lists.cut(lists.in_order(frame, sort or "-gfa_m2", CARRIERS, ()), page, size)
    return models.Page[models.Carrier](
        **page_of(now, found), items=[models.Carrier(**row) for row in rows_of(found.rows)]
    )


@router.get("/totals", summary="面积汇总 · Site area and floor area by any grouping")
def totals(now: CurrentRun, by: By = "zone,land_use", states: States = "") -> models.Page[models.Total]:
    """按所选列汇总；建筑面积默认只计已建成者，``states`` 可放宽。

    Totals by the grouping, all rows on one page; floor area of what stands unless ``states`` widens it.
    """
    frame = grouped(now, by, states)
    found = lists.cut(frame, 1, max(1, len(frame)))
    return models.Page[models.Total](**page_of(now, found), items=[models.Total(**row) for row in rows_of(found.rows)])


@router.get("/totals/rows", summary="汇总数的明细 · One figure of the totals, opened to its rows and their imports")
@takes_any
def totals_rows(
    request: Request,
    now: CurrentRun,
    states: States = "",
    page: lists.PageNumber = 1,
    size: lists.PageSize = lists.PAGE_SIZE,
) -> models.Page[models.LedgerRow]:
    """面积账中与所给列值相符的条目，如 ``?zone=north_bund&carrier=none``。

    The rows of the ledger whose columns have the values that the address gives: ``?zone=north_bund&carrier=none``.
    """
    found = lists.cut(opened(now, asked_figure(request), states), page, size)
    items = [models.LedgerRow(**row) for row in rows_of(found.rows)]
    return models.Page[models.LedgerRow](**page_of(now, found), items=items)


def page_of(now: Published, found: lists.Slice[Any]) -> dict[str, Any]:
    """What every page of a list says of itself."""
    return {
        "run_id": now.run.run_id,
        "synthetic": now.run.synthetic,
        "total": found.total,
        "page": found.page,
        "size": found.size,
    }


def _judged(now: Published, frame: pd.DataFrame, rule: str) -> list[dict[str, Any]]:
    """Rows as a rule judged them, each with the procedure of its route in Chinese."""
    ways = ways_of(now.run.policy, rule, "zh")
    found = rows_of(frame)
    for row in found:
        way = ways.get(str(row.get("route")))
        row |= {"rule": rule, "procedure": way.procedure if way else None, "flags": row.get("flags") or []}
    return found


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as JSON has them."""
    found = records(frame)
    for row in found:
        # A count that stands beside unknown ones comes out of the frame as a float.
        if isinstance(row.get("rank"), float):
            row["rank"] = int(row["rank"])
        for name in ("land_use_parts", "current_use_parts"):
            if name in row:
                row[name] = parts_of(row[name]) or None
    return found
