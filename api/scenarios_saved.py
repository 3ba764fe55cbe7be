"""Saving, dropping and taking up scenarios from their page.  Nothing of the registry is written."""

from __future__ import annotations

from typing import Annotated, TypedDict
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.forms import sent_question, taken_apart
from api.jobs import AppDesk, FromOwnPage
from api.security import CurrentReader, require_reader
from geo import jobs
from geo.database import Database
from geo.errors import NotFoundError
from geo.publish.scenarios import LONGEST_NAME, drop_scenario, save_found, save_scenario, take_up_scenario

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
    """Save what the form says, and show it beside the registry as it is."""
    asked = await sent_question(request, ToSave, most=_MOST_FIELDS)
    saved = await run_in_threadpool(_save, at.db, asked, reader.name)
    return _shown(second=saved)


@pages.post("/drop")
async def drop(request: Request, at: AppDesk, reader: CurrentReader) -> Response:
    """Drop a scenario; it stays on record."""
    asked = await sent_question(request, Named)
    await run_in_threadpool(drop_scenario, at.db, asked.name, actor=reader.name)
    return _shown()


@pages.post("/take-up")
async def take_up(request: Request, at: AppDesk, reader: CurrentReader) -> Response:
    """Lay a scenario over the current run, and say what is no longer open there."""
    asked = await sent_question(request, Named)
    taken = await run_in_threadpool(take_up_scenario, at.db, asked.name, actor=reader.name)
    return _shown(second=taken.name, gone=", ".join(taken.gone)[:2000])


class _How(TypedDict):
    note: str
    replace: bool
    actor: str


def _save(db: Database, asked: ToSave, actor: str) -> str:
    how: _How = {"note": asked.note, "replace": asked.replace, "actor": actor}
    if asked.job is None:
        return save_scenario(db, asked.name, asked.measures, **how).name
    found = jobs.job(db, asked.job)
    if found.kind != "way" or found.run_id is None:
        raise NotFoundError(f"Job {asked.job} looked for no way to the target.", "See /way.")
    return save_found(db, asked.name, jobs.result(db, asked.job), found.run_id, **how).name


def _shown(**asked: str) -> Response:
    given = {name: value for name, value in asked.items() if value}
    return RedirectResponse("/scenarios" + (f"?{urlencode(given)}" if given else ""), status_code=303)
