"""Saving, dropping and taking up scenarios from their page.  Nothing of the registry is written."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.forms import sent_question, taken_apart
from api.jobs import AppDesk, Desk, FromOwnPage
from api.security import CurrentReader, require_reader
from geo import jobs
from geo.database import Database
from geo.errors import NotFoundError, ScenarioError
from geo.publish.scenarios import LONGEST_NAME, check_free, drop_scenario, save_found, scenario_named, usable_name
from geo.said import Said

pages = APIRouter(prefix="/scenarios", dependencies=[Depends(require_reader), FromOwnPage], include_in_schema=False)
#: every measure that is ticked is a field
_MOST_FIELDS = 1100
Ids = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=1000)]


class Named(BaseModel):
    """Which scenario is meant."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME)


class ToSave(Named):
    """What is saved: ids of open measures, or what a job has chosen."""

    note: str = Field("", max_length=500)
    measures: Ids = []
    job: int | None = Field(None, ge=1)
    replace: bool = False

    _ids = field_validator("measures", mode="before")(taken_apart)


@pages.post("")
async def save(request: Request, at: AppDesk, reader: CurrentReader) -> Response:
    """Save what the form says: what a search has chosen at once, ids of measures by a job, for they have to be found."""
    asked = await sent_question(request, ToSave, most=_MOST_FIELDS)
    if asked.job is not None:
        return _shown(second=await run_in_threadpool(_save_found, at.db, asked, asked.job, reader.name))
    if not asked.measures:
        raise ScenarioError(
            Said("No measure is named or ticked.", "没有填写或勾选措施。"),
            Said("Name at least one.", "请至少填写或勾选一项。"),
        )
    if asked.replace:
        usable_name(asked.name)
    else:
        await run_in_threadpool(check_free, at.db, asked.name)
    arguments = {"name": asked.name, "measures": asked.measures, "note": asked.note, "replace": asked.replace}
    return await _work(at, arguments, reader.name)


@pages.post("/drop")
async def drop(request: Request, at: AppDesk, reader: CurrentReader) -> Response:
    """Drop a scenario; it stays on record."""
    asked = await sent_question(request, Named)
    await run_in_threadpool(drop_scenario, at.db, asked.name, actor=reader.name)
    return _shown()


@pages.post("/take-up")
async def take_up(request: Request, at: AppDesk, reader: CurrentReader) -> Response:
    """Lay a scenario over the current run, by a job; what is no longer open there is told with it."""
    asked = await sent_question(request, Named)
    await run_in_threadpool(scenario_named, at.db, asked.name)
    return await _work(at, {"name": asked.name, "take_up": True}, reader.name)


async def _work(at: Desk, arguments: dict[str, Any], actor: str) -> Response:
    """Ask for the work, of no run: to save the same again is no question that was answered before."""
    job = await run_in_threadpool(at.ask, "scenario", arguments | {"actor": actor}, run_id=None, actor=actor)
    return RedirectResponse(f"/jobs/{job.job_id}", status_code=303)


class _How(TypedDict):
    note: str
    replace: bool
    actor: str


def _save_found(db: Database, asked: ToSave, job: int, actor: str) -> str:
    how: _How = {"note": asked.note, "replace": asked.replace, "actor": actor}
    found = jobs.job(db, job)
    if found.kind != "way" or found.run_id is None:
        raise NotFoundError(
            Said(f"Job {job} looked for no way to the target.", f"作业 {job} 不是达标路径的计算。"),
            Said("See /way.", "见“达标路径”页。"),
        )
    return save_found(db, asked.name, jobs.result(db, job), found.run_id, **how).name


def _shown(**asked: str) -> Response:
    given = {name: value for name, value in asked.items() if value}
    return RedirectResponse("/scenarios" + (f"?{urlencode(given)}" if given else ""), status_code=303)
