"""The best site: the default question of the run, any other question as a job, and what it gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import geopandas as gpd
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api import models, views
from api.forms import nothing, sent_question, taken_apart
from api.jobs import AppDesk, FromOwnPage, desk, told
from api.language import Language
from api.runs import CurrentRun
from api.security import CurrentReader, require_reader
from api.templating import page
from api.text import phrase
from geo import jobs
from geo.errors import NotFoundError
from geo.fields.readers import for_all
from geo.fields.values import records
from geo.publish import Published
from geo.publish.sites import STAMP, stamp_of_sites
from geo.units import mu, to_mu
from maps.charts import Step, price
from maps.steps import barrier

#: the longest that a search may take, in s: others wait for their turn meanwhile
LONGEST_S = 600

#: of a curve: one row for each floor
CURVE = ("floor_mu", "area_mu", "n_parcels", "difficulty_open", "gap", "proven", "parcel_codes")
SITES = ("choice", "area_mu", "n_parcels", "difficulty_open", "gap", "proven", "parcel_codes")
#: what a question consists of, as an answer repeats it
QUESTION = ("min_area_m2", "max_area_m2", "over", "anchor", "require", "forbid", "allow")
Job = Annotated[int | None, Query(ge=1, description="the job that searched; without it the run's own sites")]
Codes = Annotated[list[Annotated[str, Field(min_length=1, max_length=120)]], Field(max_length=1000)]


class SiteQuestion(BaseModel):
    """Which sites are asked for; what is left out is as the policy has it."""

    model_config = ConfigDict(extra="forbid")

    min_area_mu: float | None = Field(None, gt=0, le=1e6, description="the floor in mu: a site is larger than it")
    max_area_mu: float | None = Field(None, gt=0, le=1e6, description="the ceiling in mu")
    over: str = Field(
        "all", pattern="^(all|candidates)$", description="the parcels that may be in it: all, or candidates of a rule"
    )
    rule: str = Field("", max_length=60, description="the rule whose candidates; the policy's first one")
    anchor: Codes = Field([], description="codes of the land that is there already: counted, at no difficulty")
    require: Codes = Field([], description="codes of parcels that have to be in it")
    forbid: Codes = Field([], description="codes of parcels that may not be in it")
    allow: Codes = Field([], description="barriers that may be crossed: a class, a name, or class:name")
    curve: bool = Field(False, description="instead, the best site over each of several floors: what more land costs")
    time_limit_s: int = Field(60, ge=1, le=LONGEST_S, description="how long the search may take")

    _empty = field_validator("min_area_mu", "max_area_mu", mode="before")(nothing)
    _codes = field_validator("anchor", "require", "forbid", "allow", mode="before")(taken_apart)

    def arguments(self) -> dict[str, Any]:
        """The question as :func:`geo.sites` takes it."""
        given: dict[str, Any] = {"over": self.over, "time_limit_s": self.time_limit_s}
        for name in ("min_area", "max_area"):
            asked = getattr(self, f"{name}_mu")
            if asked is not None:
                given[f"{name}_m2"] = mu(asked)
        for name in ("rule", "anchor", "require", "forbid", "allow", "curve"):
            if getattr(self, name):
                given[name] = getattr(self, name)
        return given


_UNSAID: dict[str, Any] = dict.fromkeys(STAMP)


@dataclass(frozen=True)
class Shown:
    """Sites that everybody may see, what is said of them, and whether the question was asked at all."""

    frame: gpd.GeoDataFrame
    told: dict[str, Any]
    asked: dict[str, Any] | None


def answer_of(request: Request, run: Published, job: int | None) -> Shown:
    """The sites of a run, or those that a job found.

    Raises
    ------
    NotFoundError
        There is no such job, it searched for no sites, or it has found nothing yet.
    """
    if job is None:
        told = run.run.figures.get("sites")
        return Shown(_open(run.findings["sites"]), _UNSAID | (told or {}), told)
    at = desk(request)
    found = jobs.job(at.db, job)
    if found.kind != "sites":
        raise NotFoundError(f"Job {job} searched for no sites.", "See /sites.")
    frame = jobs.result(at.db, job)
    return Shown(_open(frame), _UNSAID | stamp_of_sites(frame), found.arguments)


def question_told(shown: Shown) -> dict[str, Any]:
    """What a file of sites says of its question and of how firm its answer is, beside the stamp of the run."""
    told = {name: value for name in QUESTION if (value := shown.told.get(name)) not in (None, [], "")}
    if isinstance(told.get("anchor"), dict):
        told["anchor"] = told["anchor"].get("name")
    if "floor_mu" not in shown.frame:
        told |= {name: shown.told.get(name) for name in ("complete", "n_minimal")}
    return told


def _open(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What everybody may read: no part that tells of owners or leases, and no sum that has such a part in it."""
    kept = for_all(frame)
    if "choice" in kept and kept["choice"].notna().all():
        kept["choice"] = kept["choice"].astype("int64")
    return kept


def _parts(frame: gpd.GeoDataFrame, policy: dict[str, Any], lang: Language) -> list[dict[str, Any]]:
    """The open parts of the best site's difficulty."""
    if frame.empty:
        return []
    best = frame.iloc[0]
    weights = ((policy.get("sites") or {}).get("difficulty")) or {}
    return [
        {"title": weight["title" if lang == "zh" else "title_en"], "points": float(best[f"difficulty_{name}"])}
        for name, weight in weights.items()
        if weight and f"difficulty_{name}" in frame
    ]


def _steps(frame: gpd.GeoDataFrame) -> list[Step]:
    """The floors of a curve as its picture shows them to everybody."""
    return [
        Step(float(row["area_mu"]), float(row["difficulty_open"]), None, bool(row["proven"]))
        for row in frame.drop(columns="geometry").to_dict("records")
    ]


def _same_question(asked: dict[str, Any]) -> list[tuple[str, str]]:
    """What a job was asked as fields of the form, to ask the same once more in another way."""
    areas = [(f"{name}_mu", asked.get(f"{name}_m2")) for name in ("min_area", "max_area")]
    fields = [(name, f"{to_mu(area):.6g}") for name, area in areas if area]
    fields += [(name, str(asked[name])) for name in ("over", "rule", "time_limit_s") if asked.get(name)]
    return fields + [
        (name, ",".join(asked[name])) for name in ("anchor", "require", "forbid", "allow") if asked.get(name)
    ]


router = APIRouter(prefix="/api/v1/sites", tags=["选址 · sites"], dependencies=[Depends(require_reader)])
pages = APIRouter(
    prefix="/sites",
    dependencies=[Depends(require_reader)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)


@router.post("/jobs", status_code=202, summary="Search for sites", dependencies=[FromOwnPage])
def ask(question: SiteQuestion, run: CurrentRun, at: AppDesk, reader: CurrentReader, response: Response) -> models.Job:
    """Ask for sites of the current run's land; the answer says where to look how far the search is."""
    job = at.ask("sites", question.arguments(), run_id=run.run.run_id, actor=reader.name)
    response.headers["Location"] = f"/api/v1/jobs/{job.job_id}"
    return told(job)


@router.get("", summary="The best sites, with their proof")
def sites(request: Request, run: CurrentRun, job: Job = None) -> models.Sites:
    """The sites of the policy's own question, or those that a job found."""
    shown = answer_of(request, run, job)
    return models.Sites(
        run_id=run.run.run_id,
        synthetic=run.run.synthetic,
        question={name: shown.told.get(name) for name in QUESTION},
        complete=bool(shown.told.get("complete")),
        n_minimal=shown.told.get("n_minimal"),
        why_none=shown.told.get("why_none"),
        items=[models.Site(**row) for row in records(shown.frame)],
    )


@pages.get("")
def show(request: Request, run: CurrentRun, lang: Language, job: Job = None) -> HTMLResponse:
    """The sites of the policy's own question or of a job: map, proof, list, and a form for another question."""
    shown = answer_of(request, run, job)
    words = views.wording(run, lang)
    is_curve = "floor_mu" in shown.frame
    columns = [name for name in (CURVE if is_curve else SITES) if name in shown.frame]
    policy = run.run.policy
    rows = views.table(shown.frame, columns, words)
    content = {
        "run": run.run,
        "job": job,
        "told": shown.told,
        "anchor": shown.told.get("anchor") or {},
        "allowed": [barrier(name, lang) for name in shown.told.get("allow") or ()],
        "rows": rows,
        "columns": columns,
        "best": next(iter(records(shown.frame)), None),
        "curve": Markup(price(_steps(shown.frame), phrase("sites_curve", lang), lang)) if is_curve else None,
        "files": f"?job={job}" if job else "",
        "more": _same_question(shown.asked or {}) if job else [],
        "parts": _parts(shown.frame, policy, lang),
        "map": f"/maps/sites?lang={lang}" + (f"&job={job}" if job else ""),
        "classes": list((policy.get("clusters") or {}).get("crossable") or {}),
        "crossable": (policy.get("clusters") or {}).get("crossable") or {},
        "rules": views.rule_links(run, lang, "", lambda name: name),
        "why_none": (shown.told.get("why_none_zh") if lang == "zh" else None) or shown.told.get("why_none"),
        "asks": request.app.state.desk is not None,
        "can_ask": shown.asked is not None,
        "longest": LONGEST_S,
    }
    return page(request, "sites.html", content)


@pages.post("", dependencies=[FromOwnPage])
async def ask_from_page(request: Request, run: CurrentRun, at: AppDesk, reader: CurrentReader) -> Response:
    """Ask what the form says, and lead to how far the search is."""
    question = await sent_question(request, SiteQuestion)
    job = at.ask("sites", question.arguments(), run_id=run.run.run_id, actor=reader.name)
    return RedirectResponse(f"/jobs/{job.job_id}", status_code=303)
