"""The best site: the default question of the run, any other question as a job, and what it gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import geopandas as gpd
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api import lists, models, models_land
from api.faults import Fault, RefusedError, of_model
from api.forms import sent_fields
from api.jobs import AppDesk, FromOwnPage, desk, told
from api.land_form import form, one_name
from api.land_questions import arguments_of
from api.language import Language
from api.parameters import OnlyKnown, instead
from api.runs import CurrentRun
from api.security import CurrentReader, require_reader
from api.site_questions import SiteQuestion, fields_of
from api.sites_shown import shown_answer
from api.templating import page
from geo import jobs
from geo.errors import NotFoundError
from geo.fields.readers import for_all
from geo.fields.values import records
from geo.publish import Published
from geo.publish.sites import STAMP, stamp_of_sites
from geo.said import Said
from maps.text import Lang

#: what a question consists of, as an answer repeats it
QUESTION = ("min_area_m2", "max_area_m2", "over", "gap_m", "anchor", "require", "forbid", "allow", "k", "min_different",
            "as_of")  # fmt: skip
Job = Annotated[
    int | None,
    Query(
        ge=1,
        description="搜索作业的编号，空为本次运行自带的选址 · the job that searched; without it the run's own sites",
    ),
]
Again = Annotated[int | None, Query(ge=1, description="the job whose question fills the form")]

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
        raise NotFoundError(
            Said(f"Job {job} searched for no sites.", f"作业 {job} 不是选址搜索。"),
            Said("See the list of jobs.", "见作业列表。"),
        )
    frame = jobs.result(at.db, job)
    return Shown(_open(frame), _UNSAID | stamp_of_sites(frame), found.arguments)


def question_told(shown: Shown) -> dict[str, Any]:
    """What a file of sites says of its question and of how firm its answer is, beside the stamp of the run."""
    told = {name: value for name in QUESTION if (value := shown.told.get(name)) not in (None, [], "")}
    if isinstance(told.get("anchor"), dict):
        of = told.pop("anchor")
        told |= {name: text for name, text in (("anchor", of.get("name")), ("anchor_note", of.get("note_zh"))) if text}
    told |= {"done": shown.told["searched"].get("done")} if shown.told.get("searched") else {}
    told |= {"why_none": shown.told["why_none_zh"]} if shown.told.get("why_none_zh") else {}
    if "floor_mu" not in shown.frame:
        told |= {name: shown.told.get(name) for name in ("complete", "n_minimal")}
    return told


def _open(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What everybody may read: no part that tells of owners or leases, and no sum that has such a part in it."""
    kept = for_all(frame)
    if "choice" in kept and kept["choice"].notna().all():
        kept["choice"] = kept["choice"].astype("int64")
    return kept


router = APIRouter(prefix="/api/v1/sites", tags=["选址 · sites"], dependencies=[Depends(require_reader), OnlyKnown])
pages = APIRouter(
    prefix="/sites",
    dependencies=[Depends(require_reader)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)


@router.post("/jobs", status_code=202, summary="搜索选址 · Search for sites", dependencies=[FromOwnPage])
def ask(question: SiteQuestion, run: CurrentRun, at: AppDesk, reader: CurrentReader, response: Response) -> models.Job:
    """就本次运行的土地提问，返回作业编号，据以查询进度；不能提的问题当即拒绝（422），并列出全部原因。

    Ask for sites of the current run's land; the answer says where to look how far the search is.

    A question that cannot be asked is refused at once (422), with everything that is wrong with it.
    """
    job = at.ask("sites", arguments_of(question, run, at.db, of_sites=True), run_id=run.run.run_id, actor=reader.name)
    response.headers["Location"] = f"/api/v1/jobs/{job.job_id}"
    return told(job)


@router.get("", summary="最优方案及其证明 · The best sites, with their proof")
def sites(
    request: Request,
    run: CurrentRun,
    job: Job = None,
    page: lists.PageNumber = 1,
    size: lists.PageSize = lists.PAGE_SIZE_MOST,
) -> models_land.Sites:
    """政策规定问题的方案，或作业找到的方案，各附证明。

    The sites of the policy's own question, or those that a job found, each with what is proven of it.
    """
    shown = answer_of(request, run, job)
    found = lists.cut(shown.frame, page, size)
    return models_land.Sites(
        run_id=run.run.run_id,
        synthetic=run.run.synthetic,
        question={name: shown.told.get(name) for name in QUESTION},
        complete=bool(shown.told.get("complete")),
        n_minimal=shown.told.get("n_minimal"),
        why_none=shown.told.get("why_none"),
        why_none_zh=shown.told.get("why_none_zh"),
        **{name: (shown.told.get("searched") or {}).get(name) for name in ("done", "ended", "n_kept_out")},
        opened=shown.told.get("opened") or [],
        total=found.total,
        page=found.page,
        size=found.size,
        items=[models_land.Site(**row) for row in records(found.rows)],
    )


@pages.get("", dependencies=[OnlyKnown])
@instead(Said(" Ask with the form on /sites.", "请用 /sites 页上的表单提问。"))
def show(request: Request, run: CurrentRun, lang: Language, job: Job = None, again: Again = None) -> HTMLResponse:
    """The sites of the policy's own question or of a job: map, proof, list, and a form for another question.

    ``again`` fills the form with the question of a job, whatever became of it.
    """
    shown = answer_of(request, run, job)
    filled = _asked_of(request, again) if again else fields_of(shown.asked or {}) if job else {}
    content = shown_answer(run, lang, shown.frame, shown.told, job) | _form(request, run, lang, filled)
    content |= {"can_ask": shown.asked is not None, "again": again}
    return page(request, "sites.html", content)


@pages.post("", dependencies=[FromOwnPage])
async def ask_from_page(
    request: Request, run: CurrentRun, at: AppDesk, reader: CurrentReader, lang: Language
) -> Response:
    """Ask what the form says, and lead to how far the search is; what cannot be asked is told beside the form."""
    fields = await sent_fields(request)
    try:
        question = SiteQuestion.model_validate(one_name(fields, run))
        arguments = await run_in_threadpool(arguments_of, question, run, at.db, of_sites=True)
    except ValidationError as error:
        return _refused(request, run, lang, fields, of_model(error.errors()))
    except RefusedError as error:
        return _refused(request, run, lang, fields, error.faults)
    job = at.ask("sites", arguments, run_id=run.run.run_id, actor=reader.name)
    return RedirectResponse(f"/jobs/{job.job_id}", status_code=303)


def _asked_of(request: Request, job: int) -> dict[str, str]:
    found = jobs.job(desk(request).db, job)
    return fields_of(found.arguments) if found.kind == "sites" else {}


def _form(request: Request, run: Published, lang: Lang, values: Mapping[str, str]) -> dict[str, Any]:
    return {"asks": request.app.state.desk is not None, "faults": []} | form(run, lang, values)


def _refused(
    request: Request, run: Published, lang: Lang, fields: Mapping[str, str], faults: Sequence[Fault]
) -> HTMLResponse:
    content = _form(request, run, lang, fields) | {
        "faults": [{"field": fault.field, "text": fault.sentence(lang)} for fault in faults],
        "run": run.run,
        "job": None,
        "again": None,
        "best": None,
        "can_ask": True,
    }
    return page(request, "sites.html", content, status_code=422)
