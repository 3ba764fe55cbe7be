"""The page of scenarios: those that are saved, and two of them side by side in figures, row by row and on the map."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import models_scenarios as models
from api import views
from api.jobs import Desk
from api.language import Language
from api.parameters import OnlyKnown
from api.runs import AppReading, CurrentRun, Reading
from api.security import require_reader
from api.templating import page
from api.text import phrase
from api.totals import OFFERED, By, States, opened_target
from geo import jobs
from geo.database import Database
from geo.errors import NotFoundError
from geo.fields.ledger import OPEN_GROUPS, OWNERS
from geo.fields.values import records
from geo.fields.ways import WAYS
from geo.judge.floor_area import named_groups, not_grouped
from geo.publish import Published
from geo.publish.laid import Laid, pair, side_by_side
from geo.publish.scenarios import open_of_run
from geo.publish.scenarios import scenarios as saved_scenarios
from geo.said import Said
from maps.text import Lang, label, word

First = Annotated[
    str, Query(max_length=60, description="情景方案，空为登记现状 · a scenario; empty: the registry as it is")
]
Second = Annotated[
    str, Query(max_length=60, description="另一方案，空为登记现状 · another one; empty: the registry as it is")
]
Until = Annotated[
    str,
    Query(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        description="只计至该日可计入的措施 · only measures that can count by this day; empty: all",
    ),
]
Job = Annotated[int | None, Query(ge=1, description="a job that found a way, to be saved")]
#: what the table of measures shows; no difficulty, which would tell of owners and leases
MEASURES = ("measure_id", "kind", "zone", "gfa_m2", "ready_on")

router = APIRouter(
    prefix="/api/v1/scenarios", tags=["情景方案 · scenarios"], dependencies=[Depends(require_reader), OnlyKnown]
)
pages = APIRouter(
    prefix="/scenarios",
    dependencies=[Depends(require_reader)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)


def laid_pair(request: Request, now: Reading, first: str, second: str, until: str = "") -> tuple[Laid, Laid]:
    """Two scenarios laid over their run, kept while nobody saves them anew.

    Raises
    ------
    NotFoundError
        There is no such scenario, no such day, or the server has no database.
    ScenarioError
        Neither is named, or they lie over different runs.
    """
    one, other = pair(_database(request), first, second, _day(until))
    numbers = [0 if each.scenario is None else each.scenario.scenario_id for each in (one, other)]
    return now.made(one.run, ("scenarios", *numbers, until), lambda: (one, other))


def compared(one: Laid, other: Laid, by: str, states: str = "") -> pd.DataFrame:
    """Their totals row by row, by columns such as ``zone,land_use``.

    Raises
    ------
    NotFoundError
        One cannot group by that here, or there is no such state.
    """
    names = named_groups(by)
    for name in names:
        if name not in OPEN_GROUPS:
            raise NotFoundError(*not_grouped(name, OPEN_GROUPS, "here"))
    wanted = None if not states else states if states == "all" else states.split(",")
    return side_by_side(one, other, names, wanted)


@router.get("", summary="已存情景方案 · The scenarios that are saved")
def listed(request: Request) -> list[models.Scenario]:
    """已保存的各组措施，按名称。

    Saved sets of measures over a run, by name.
    """
    return [models.Scenario(**row) for row in records(saved_scenarios(_database(request)))]


@router.get("/compare", summary="两方案对比 · Two scenarios side by side, row by row")
def compare(
    request: Request,
    now: AppReading,
    first: First = "",
    second: Second = "",
    by: By = "zone,land_use",
    states: States = "",
    until: Until = "",
) -> models.Comparison:
    """两方案的汇总及各自的达标路径；名称空为登记现状。

    The totals of two scenarios, and the way of each to the target; an empty name is the registry as it is.
    """
    sides = laid_pair(request, now, first, second, until)
    return models.Comparison(
        run_id=sides[0].run.run.run_id,
        synthetic=sides[0].run.run.synthetic,
        sides=[
            models.ScenarioSide(
                name=side.name,
                n_measures=len(side.measures),
                n_left_out=len(side.left_out),
                **{name: side.figures.get(name) for name in ("day", "carrier_gfa_m2", "target_m2", "gap_m2")},
                park_boundary_known=side.figures["park_boundary_known"],
            )
            for side in sides
        ],
        items=records(compared(*sides, by, states)),
    )


@pages.get("")
def show(
    request: Request,
    run: CurrentRun,
    now: AppReading,
    lang: Language,
    first: First = "",
    second: Second = "",
    by: By = "zone,land_use",
    until: Until = "",
    job: Job = None,
    gone: Annotated[str, Query(max_length=2000)] = "",
    saved: Annotated[int | None, Query(ge=1, description="the job that has kept a scenario")] = None,
    choose: Annotated[bool, Query(description="with the open measures of the run, to be ticked")] = False,
) -> Response:
    """The saved scenarios; with one or two named, what they would make of the registry, side by side."""
    desk: Desk | None = request.app.state.desk
    if saved is not None:
        return _kept_by(_database(request), saved)
    frame = pd.DataFrame() if desk is None else saved_scenarios(desk.db)
    named = [
        row | {"href": "/scenarios?" + urlencode({"second": row["name"]}), "made_at": row["made_at"].to_pydatetime()}
        for row in views.rows(frame)
    ]
    content: dict[str, Any] = {
        "run": run.run,
        "saved": named,
        "first": first,
        "second": second,
        "by": by,
        "until": until,
        "groups": {
            group: " · ".join(label(name, lang) for name in group.split(","))
            for group in OFFERED
            if group not in ("cluster", OWNERS)
        },
        "sides": [],
        "job": job,
        "gone": gone,
        "choice": _choice(run, now, desk, lang) if choose and desk is not None else None,
        "measure_columns": MEASURES,
        "can_save": desk is not None and bool((run.run.policy.get("target") or {}).get("measures")),
    }
    if first or second:
        sides = laid_pair(request, now, first, second, until)
        content |= {"run": sides[0].run.run} | _side_by_side(sides, by, until, lang)
        query = {"first": first, "second": second, "until": until}
        content |= {
            "query": urlencode(query | {"by": by}),
            "land": "/scenarios/land?" + urlencode({name: value for name, value in query.items() if value}),
            "map": "/maps/scenarios?"
            + urlencode({"lang": lang} | {name: value for name, value in query.items() if value}),
        }
    return page(request, "scenarios.html", content)


def _kept_by(db: Database, job: int) -> Response:
    """The scenario that a job has kept, beside the registry as it is."""
    found = jobs.job(db, job)
    if found.kind != "scenario" or found.stamp is None:
        raise NotFoundError(
            Said(f"Job {job} has kept no scenario.", f"作业 {job} 没有保存情景方案。"),
            Said("See /jobs.", "见“作业”页。"),
        )
    asked = {"second": found.stamp["name"], "gone": ", ".join(found.stamp["gone"])[:2000]}
    return RedirectResponse("/scenarios?" + urlencode({k: v for k, v in asked.items() if v}), status_code=303)


def _side_by_side(sides: tuple[Laid, Laid], by: str, until: str, lang: Lang) -> dict[str, Any]:
    words = views.wording(sides[0].run, lang)
    frame = compared(*sides, by)
    changed = frame[~_same(frame)]
    columns = [
        str(name) for name in frame if name in OPEN_GROUPS or str(name).startswith(("gfa_", "site_area_", "n_unknown"))
    ]
    return {
        "sides": [
            {
                "name": side_name(side, lang),
                "note": "" if side.scenario is None else side.scenario.note,
                "figures": side.figures,
                "opened": opened_target(stage="built", scenario=side.name, until=until),
                "n": len(side.measures),
                "n_left_out": len(side.left_out),
            }
            for side in sides
        ],
        "unofficial": not sides[0].figures["park_boundary_known"],
        "columns": columns,
        "rows": views.table(changed, columns, words),
        "measures": _measures(sides, words),
    }


def _choice(run: Published, now: Reading, desk: Desk, lang: Lang) -> dict[str, Any]:
    """The measures of the run that may be counted on, and of how many others something is not known."""
    found = now.made(run, "open-measures", lambda: open_of_run(desk.db, run))
    known = found[found["open"].map(len) == 0]
    rows = views.table(known, MEASURES, views.wording(run, lang))
    for row, kind in zip(rows, known["kind"], strict=True):
        row["kind"] = views.Cell(word(str(kind), lang))
    return {"rows": rows, "n_unknown": len(found) - len(known)}


def side_name(side: Laid, lang: Lang) -> str:
    """What a side is called on a page and on the map."""
    return side.name or phrase("scenario_registry", lang)


def _same(frame: pd.DataFrame) -> pd.Series[bool]:
    """Rows in which the two do not differ: known alike and the same to the last m², or unknown alike."""
    one, other = frame["gfa_m2_first"], frame["gfa_m2_second"]
    gfa = (one - other).abs().lt(0.5) | (one.isna() & other.isna())
    site = (frame["site_area_m2_first"] - frame["site_area_m2_second"]).abs().lt(0.5)
    return gfa & site & (frame["n_unknown_first"] == frame["n_unknown_second"])


def _measures(sides: Sequence[Laid], words: views.Wording) -> list[dict[str, Any]]:
    """Every measure of either, and in which it is."""
    order = {kind: number for number, kind in enumerate(WAYS)}
    saved = [pd.DataFrame() if side.scenario is None else side.scenario.measures for side in sides]
    together = pd.concat([frame for frame in saved if len(frame)] or [pd.DataFrame(columns=list(MEASURES))])
    frame = together.drop_duplicates("measure_id")
    frame = frame.iloc[
        sorted(range(len(frame)), key=lambda i: (order[frame["kind"].iloc[i]], frame["measure_id"].iloc[i]))
    ]
    laid = [set(side.measures["measure_id"]) if len(side.measures) else set() for side in sides]
    held = [set(one["measure_id"]) if len(one) else set() for one in saved]
    told = []
    for row, values in zip(views.table(frame, MEASURES, words), views.rows(frame), strict=True):
        name = values["measure_id"]
        row["kind"] = views.Cell(word(str(values["kind"]), words.lang))
        within = [
            "scenario_in" if name in laid[i] else "scenario_not_laid" if name in held[i] else "scenario_not_in"
            for i in range(len(sides))
        ]
        told.append(
            {"cells": [row[column] for column in MEASURES], "within": [phrase(key, words.lang) for key in within]}
        )
    return told


def _day(until: str) -> date | None:
    if not until:
        return None
    try:
        return date.fromisoformat(until)
    except ValueError:
        raise NotFoundError(
            Said(f"{until} is no day.", f"“{until}”不是日期。"), Said("Write it as 2028-12-31.", "请写作 2028-12-31。")
        ) from None


def _database(request: Request) -> Any:
    found: Desk | None = request.app.state.desk
    if found is None:
        raise NotFoundError("This server keeps no scenarios.", "Start it with `shuangbei serve`.")
    return found.db
