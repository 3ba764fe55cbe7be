"""Work that outlasts a request, over HTTP: how far it is, and ending it.

Asking for work writes a row and nothing of the registry; what it gives is shown by the page of its kind.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import jobs_shown, models
from api.jobs_shown import READ_AT, SHOWN_AT
from api.language import Language
from api.parameters import OnlyKnown
from api.security import require_reader
from api.templating import page
from geo import jobs
from geo.database import Database
from geo.errors import NotFoundError
from geo.said import Said, in_chinese

#: so many jobs are listed, the latest
LISTED = 50


class Desk:
    """Where requests ask for jobs: the database that holds them, and the keeper that is woken for them."""

    def __init__(self, db: Database, runner: jobs.Runner) -> None:
        self.db, self.runner = db, runner

    def ask(self, kind: str, arguments: dict[str, Any], *, run_id: int | None, actor: str) -> jobs.Job:
        """Ask for work on a published run, or of none.

        Raises
        ------
        BusyError
            Too many wait already.
        """
        asked = jobs.ask(self.db, kind, arguments, run_id=run_id, actor=actor)
        self.runner.wake()
        return asked

    def cancel(self, job_id: int) -> jobs.Job:
        """End a job.

        Raises
        ------
        NotFoundError
            There is no such job.
        """
        ended = jobs.cancel(self.db, job_id)
        self.runner.wake()
        return ended


def desk(request: Request) -> Desk:
    """The application's :class:`Desk`."""
    found: Desk | None = request.app.state.desk
    if found is None:
        raise NotFoundError(
            Said("This server takes no jobs.", "本服务器不受理作业。"),
            Said("Start it with `shuangbei serve`.", "请管理员以 shuangbei serve 启动。"),
        )
    return found


def require_own_page(request: Request) -> None:
    """Refuse what another site's page sends through a reader's browser; programs that name no origin are let through."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, _ELSEWHERE)
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, _ELSEWHERE)


_ELSEWHERE = Said("This was sent by a page of another site.", "请求来自其他网站的页面。")
AppDesk = Annotated[Desk, Depends(desk)]
Number = Annotated[int, Path(description="作业编号 · number of the job")]
Last = Annotated[int, Query(ge=1, le=LISTED, description="最多列几个 · how many at most")]
FromOwnPage = Depends(require_own_page)
pages = APIRouter(
    prefix="/jobs",
    dependencies=[Depends(require_reader)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)
router = APIRouter(
    prefix="/api/v1/jobs",
    tags=["作业 · jobs"],
    dependencies=[Depends(require_reader), OnlyKnown],
    responses={404: {"model": models.Problem, "content": {"application/problem+json": {}}}},
)


@router.get("", summary="最近的作业 · The latest jobs")
def latest(at: AppDesk, last: Last = LISTED) -> list[models.Job]:
    """本服务器上最近的作业，新者在前。

    The latest jobs of this server, newest first.
    """
    return [told(job) for job in jobs.jobs(at.db, last=last) if job.kind in SHOWN_AT]


@router.get("/{job_id}", summary="作业进度 · How far a job is")
def status(job_id: Number, at: AppDesk) -> models.Job:
    """作业的现状；完成后 ``result`` 为结果所在。

    One job as it stands; once it is done, ``result`` says where what it gave is.
    """
    return told(jobs.job(at.db, job_id))


@router.post("/{job_id}/cancel", summary="结束作业 · End a job", dependencies=[FromOwnPage])
def end(job_id: Number, at: AppDesk) -> models.Job:
    """结束排队或运行中的作业；已结束者不变。

    End a job that waits or runs; one that has ended stays as it is.
    """
    return told(at.cancel(job_id))


@pages.get("")
def listed(request: Request, at: AppDesk, lang: Language) -> HTMLResponse:
    """The latest jobs of this server: what each was asked, how it stands, and where its answer is."""
    return page(request, "jobs.html", {"rows": jobs_shown.rows(jobs.jobs(at.db, last=LISTED), lang), "listed": LISTED})


@pages.get("/{job_id}")
def progress(request: Request, job_id: int, at: AppDesk, lang: Language) -> Response:
    """How far a job is, moving; what it gave, once it is done."""
    found = jobs.job(at.db, job_id)
    if found.state == "done":
        return RedirectResponse(SHOWN_AT[found.kind].format(job=job_id), status_code=303)
    content = {
        "job": found,
        "said": jobs_shown.said(found, lang),
        "question": jobs_shown.question(found, lang),
        "error": jobs_shown.error(found, lang),
        "time": jobs_shown.time_told(found, lang),
        "limit": jobs_shown.limit_s(found),
        "again": jobs_shown.AGAIN_AT[found.kind].format(job=job_id),
    }
    return page(request, "job.html", content)


@pages.post("/{job_id}/cancel", dependencies=[FromOwnPage])
def end_from_page(job_id: int, at: AppDesk) -> Response:
    """End a job, and show that it has ended."""
    at.cancel(job_id)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


def told(found: jobs.Job) -> models.Job:
    """A job as JSON has it."""
    shown = READ_AT.get(found.kind, SHOWN_AT[found.kind])
    place = shown.format(job=found.job_id) if found.state == "done" else None
    names = models.Job.model_fields.keys() - {"result", "said_zh", "worked_s", "limit_s"}
    said_zh = None if found.said is None else in_chinese(found.said)
    return models.Job(
        **{name: getattr(found, name) for name in names},
        said_zh=said_zh,
        worked_s=jobs_shown.worked_s(found),
        limit_s=jobs_shown.limit_s(found),
        result=f"/api/v1{place}" if place else None,
    )
