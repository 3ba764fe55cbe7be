"""The way to the target: the question as a job, and what it gave, as a page and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api import models, views
from api.forms import codes_typed, nothing, sent_fields
from api.jobs import AppDesk, FromOwnPage, desk, told
from api.language import Language
from api.models_way import Measure, Way
from api.parameters import OnlyKnown
from api.runs import CurrentRun
from api.security import CurrentReader, require_reader
from api.templating import page
from api.way_limits import FIELDS, ROWS, AskedLimit, in_words, of_form
from api.way_shown import CHOSEN, by_kind, cells, limits_used, picture, why_not
from geo import jobs
from geo.errors import NotFoundError
from geo.fields.readers import for_all, rounded_gap
from geo.fields.values import records
from geo.fields.ways import WAYS
from geo.publish import Published
from geo.said import Said
from maps.text import Lang, word, zone_name

#: the longest that a search may take, in s: others wait for their turn meanwhile
LONGEST_S = 600
#: what owners and leases are part of: the difference of two such sums would tell a single parcel's, so they are kept back
SUMS = ("difficulty", "lower_bound")
#: so many earlier answers of a run are named
_EARLIER = 20
AnsweredJob = Annotated[int, Query(ge=1, description="计算作业的编号 · the job that looked for it")]
Job = Annotated[int | None, Query(ge=1, description="计算作业的编号 · the job that looked for it")]
Ids = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=1000)]


class WayQuestion(BaseModel):
    """Which way is asked for; what is left out is as the policy has it."""

    model_config = ConfigDict(extra="forbid")

    by: date | None = Field(None, description="the day by which it has to count")
    target_10k_m2: float | None = Field(None, gt=0, le=1e6, description="the target, in 10,000 m² (万㎡)")
    no_limits: bool = Field(False, description="without the limits of the policy")
    limits: Annotated[list[AskedLimit], Field(max_length=100)] = Field([], description="limits beside them")
    require: Ids = Field([], description="measures that are taken, by measure_id")
    forbid: Ids = Field([], description="measures that are not")
    sites: bool = Field(False, description="search for sites first: each is a measure too")
    time_limit_s: int = Field(60, ge=1, le=LONGEST_S, description="how long the search may take")

    _empty = field_validator("by", "target_10k_m2", mode="before")(nothing)
    _ids = field_validator("require", "forbid", mode="before")(codes_typed)

    def arguments(self) -> dict[str, Any]:
        """The question as the job takes it: what is asked for, and nothing else."""
        given: dict[str, Any] = {"time_limit_s": self.time_limit_s}
        given |= {"by": self.by.isoformat()} if self.by else {}
        given |= {"target_m2": self.target_10k_m2 * 1e4} if self.target_10k_m2 else {}
        given |= {"limits": [one.model_dump(exclude_none=True) for one in self.limits]} if self.limits else {}
        given |= {
            name: getattr(self, name) for name in ("require", "forbid", "no_limits", "sites") if getattr(self, name)
        }
        return given


@dataclass(frozen=True)
class Shown:
    """Measures with what everybody may see of them, and what is said of the choice."""

    frame: pd.DataFrame
    told: dict[str, Any]
    asked: dict[str, Any]


def answer_of(request: Request, job: int) -> Shown:
    """What a job found.

    Raises
    ------
    NotFoundError
        There is no such job, it looked for no way, or it has found nothing yet.
    """
    at = desk(request)
    found = jobs.job(at.db, job)
    if found.kind != "way":
        raise NotFoundError(
            Said(f"Job {job} looked for no way to the target.", f"作业 {job} 不是达标路径的计算。"),
            Said("See the list of jobs.", "见作业列表。"),
        )
    frame = jobs.result(at.db, job)
    told = {name: value for name, value in frame.attrs["way"].items() if name not in SUMS}
    if told["gap"] is not None:
        told["gap"] = rounded_gap(pd.Series([told["gap"]])).iloc[0]
    return Shown(for_all(frame), told, found.arguments)


def stamp_of_way(shown: Shown) -> dict[str, Any]:
    """What a file of an answer says of it: the question, and how firm the choice is."""
    told = shown.told
    stamp = {"target_day": told["by"]} | {name: told[name] for name in ("target_m2", "counted_m2", "gained_m2")}
    if told.get("shortfall"):
        return stamp | {"short_m2": told["shortfall"]["short_m2"]}
    return stamp | {"way_proven": told["proven"]}


router = APIRouter(prefix="/api/v1/way", tags=["达标路径 · way"], dependencies=[Depends(require_reader), OnlyKnown])
pages = APIRouter(
    prefix="/way",
    dependencies=[Depends(require_reader)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)


@router.post(
    "/jobs", status_code=202, summary="计算达标路径 · Look for the best way to the target", dependencies=[FromOwnPage]
)
def ask(question: WayQuestion, run: CurrentRun, at: AppDesk, reader: CurrentReader, response: Response) -> models.Job:
    """就本次运行提问：哪些措施能补足缺口；返回作业编号，据以查询进度。

    Ask which measures close the gap, on the current run's facts; the answer says where to look how far it is.
    """
    job = at.ask("way", question.arguments(), run_id=run.run.run_id, actor=reader.name)
    response.headers["Location"] = f"/api/v1/jobs/{job.job_id}"
    return told(job)


@router.get("", summary="达标路径及其证明 · The best way to the target, with its proof")
def way(request: Request, run: CurrentRun, job: AnsweredJob) -> Way:
    """作业的结果：全部可采取的措施、所选措施及其证明。

    What a job found: every open measure, which of them are chosen, and the proof.
    """
    shown = answer_of(request, job)
    return Way(
        run_id=run.run.run_id,
        synthetic=bool(shown.frame["synthetic"].any()),
        question=shown.asked,
        **{name: shown.told[name] for name in Way.model_fields if name in shown.told},
        items=[Measure(**row) for row in records(shown.frame.drop(columns="geometry"))],
    )


@pages.get("")
def show(request: Request, run: CurrentRun, lang: Language, job: Job = None) -> HTMLResponse:
    """The way that a job found, what else is open, and a form for a question."""
    target = run.run.policy.get("target") or {}
    asks = request.app.state.desk is not None
    names = dict((run.run.policy.get("zones") or {}).get("names") or {})
    content: dict[str, Any] = {
        "run": run.run,
        "job": job,
        "told": None,
        "asks": asks and bool(target.get("measures")),
        "can_ask": bool(target.get("measures")),
        "days": [day for day in (target.get("by"), (target.get("horizon") or {}).get("value")) if day],
        "earlier": _earlier(request, run) if asks else [],
        "longest": LONGEST_S,
        "limit_rows": range(1, ROWS + 1),
        "limit_fields": FIELDS,
        "limit_kinds": [(kind, word(kind, lang)) for kind in WAYS if (target.get("measures") or {}).get(kind)],
        "limit_zones": [(zone, zone_name(zone, names, lang)) for zone in names],
    }
    if job is not None:
        content |= _answer(answer_of(request, job), job, run, lang)
    return page(request, "way.html", content)


@pages.post("", dependencies=[FromOwnPage])
async def ask_from_page(request: Request, run: CurrentRun, at: AppDesk, reader: CurrentReader) -> Response:
    """Ask what the form says, and lead to how far it is."""
    try:
        question = WayQuestion.model_validate(of_form(await sent_fields(request)))
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
    job = at.ask("way", question.arguments(), run_id=run.run.run_id, actor=reader.name)
    return RedirectResponse(f"/jobs/{job.job_id}", status_code=303)


def _answer(shown: Shown, job: int, run: Published, lang: Lang) -> dict[str, Any]:
    """What the page shows of an answer."""
    words = views.wording(run, lang)
    frame, told = shown.frame, shown.told
    chosen = frame[frame["chosen"]].sort_values(["counts_from", "kind", "measure_id"], kind="stable")
    parts = Counter(frame["part"].dropna())
    return {
        "told": told,
        "asked": dict.fromkeys(WayQuestion.model_fields) | shown.asked,
        "asked_limits": in_words(shown.asked.get("limits", ()), words.zones, lang),
        "columns": CHOSEN,
        "map": f"/maps/way?lang={lang}&job={job}",
        "rows": cells(chosen, words),
        "parts": {part: parts.get(part, 0) for part in ("every", "some", "none")},
        "kinds": by_kind(frame, lang),
        "limits": limits_used(told["limits"], words),
        "reasons": why_not(told, lang),
        "picture": picture(chosen, told, lang) if told["is_possible"] and told["n_chosen"] else None,
    }


def _earlier(request: Request, run: Published) -> list[dict[str, Any]]:
    """Answers that were found of this run before, the newest first."""
    found = [
        one
        for one in jobs.jobs(desk(request).db)
        if one.kind == "way" and one.run_id == run.run.run_id and one.state == "done"
    ]
    target = (run.run.policy.get("target") or {}).get("by")
    return [{"job": one.job_id, "by": one.arguments.get("by") or target} for one in found[:_EARLIER]]
