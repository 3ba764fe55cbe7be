"""Work that outlasts a request, over HTTP: how far it is, and ending it.

Asking for work writes a row and nothing of the registry; what it gives is shown by the page of its kind.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import models
from api.security import require_reader
from api.templating import page
from geo import jobs
from geo.database import Database
from geo.errors import NotFoundError
from geo.said import in_chinese

#: where what a kind of job gave is shown: ``{job}`` stands for its number
SHOWN_AT = {"sites": "/sites?job={job}", "way": "/way?job={job}"}


class Desk:
    """Where requests ask for jobs: the database that holds them, and the keeper that is woken for them."""

    def __init__(self, db: Database, runner: jobs.Runner) -> None:
        self.db, self.runner = db, runner

    def ask(self, kind: str, arguments: dict[str, Any], *, run_id: int, actor: str) -> jobs.Job:
        """Ask for work on a published run.

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
        raise NotFoundError("This server takes no jobs.", "Start it with `shuangbei serve`.")
    return found


def require_own_page(request: Request) -> None:
    """Refuse what another site's page sends through a reader's browser; programs that name no origin are let through."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "This was sent by a page of another site.")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "This was sent by a page of another site.")


AppDesk = Annotated[Desk, Depends(desk)]
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
    dependencies=[Depends(require_reader)],
    responses={404: {"model": models.Problem, "content": {"application/problem+json": {}}}},
)


@router.get("/{job_id}", summary="How far a job is")
def status(job_id: int, at: AppDesk) -> models.Job:
    """One job as it stands; once it is done, ``result`` says where what it gave is."""
    return told(jobs.job(at.db, job_id))


@router.post("/{job_id}/cancel", summary="End a job", dependencies=[FromOwnPage])
def end(job_id: int, at: AppDesk) -> models.Job:
    """End a job that waits or runs; one that has ended stays as it is."""
    return told(at.cancel(job_id))


@pages.get("/{job_id}")
def progress(request: Request, job_id: int, at: AppDesk) -> Response:
    """How far a job is, moving; what it gave, once it is done."""
    found = jobs.job(at.db, job_id)
    if found.state == "done":
        return RedirectResponse(SHOWN_AT[found.kind].format(job=job_id), status_code=303)
    return page(request, "job.html", {"job": found, "said_zh": in_chinese(found.said or "")})


@pages.post("/{job_id}/cancel", dependencies=[FromOwnPage])
def end_from_page(job_id: int, at: AppDesk) -> Response:
    """End a job, and show that it has ended."""
    at.cancel(job_id)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


def told(found: jobs.Job) -> models.Job:
    """A job as JSON has it."""
    place = SHOWN_AT[found.kind].format(job=found.job_id) if found.state == "done" else None
    names = models.Job.model_fields.keys() - {"result", "said_zh"}
    said_zh = None if found.said is None else in_chinese(found.said)
    return models.Job(
        **{name: getattr(found, name) for name in names}, said_zh=said_zh, result=f"/api/v1{place}" if place else None
    )
