"""Errors as answers: one table from our errors to HTTP, told as a problem (RFC 9457) under ``/api``, else as a page."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from api.faults import Fault, RefusedError, of_model
from api.language import language_of
from api.runs import NothingPublishedError
from api.security import policy
from api.templating import page
from api.text import phrase
from geo import errors
from geo.said import in_chinese
from maps.text import Lang

#: the nearest class in an error's line of descent decides
STATUS: dict[type[Exception], int] = {
    NothingPublishedError: 503,
    errors.NotFoundError: 404,
    errors.NotMigratedError: 503,
    errors.DatabaseError: 503,
    errors.SetupError: 503,
    errors.BusyError: 429,
    errors.UnitError: 422,
    errors.CrsError: 422,
    errors.PolicyError: 422,
    errors.MappingError: 422,
    errors.ReadError: 422,
    errors.IntakeError: 422,
    errors.UndoError: 409,
    errors.ScenarioError: 409,
    errors.SettingsError: 500,
    errors.ShuangbeiError: 500,
    DataError: 422,
    OperationalError: 503,
    PoolTimeoutError: 503,
}


def install(app: FastAPI) -> None:
    """Tell every error of the application in one way."""
    app.add_exception_handler(errors.ShuangbeiError, _ours)
    app.add_exception_handler(OperationalError, _database_gone)
    app.add_exception_handler(PoolTimeoutError, _database_gone)
    app.add_exception_handler(DataError, _no_value)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(Exception, _unexpected)


def status_of(error: Exception) -> int:
    """The HTTP status of an error; 500 for one that the table does not have."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ShuangbeiError)
    lang = language_of(request)
    if isinstance(error, NothingPublishedError):
        return answer(request, 503, phrase("nothing_published", lang), phrase("nothing_published_hint", lang))
    return answer(request, status_of(error), in_language(error.message, lang), in_language(error.hint, lang))


async def _database_gone(request: Request, _: Exception) -> Response:
    # The driver's own words name hosts and users: they are for the log.
    lang = language_of(request)
    return answer(request, 503, phrase("database_gone", lang), phrase("database_gone_hint", lang))


async def _no_value(request: Request, _: Exception) -> Response:
    # What no column can hold: a number beyond 64 bits, a text with a zero byte.
    lang = language_of(request)
    return answer(request, 422, phrase("no_value", lang), phrase("no_value_hint", lang))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    lang = language_of(request)
    if error.status_code == 401:
        told = answer(request, 401, phrase("sign_in_first", lang), phrase("sign_in_hint", lang))
    elif error.status_code == 404:
        what = "no_address" if request.url.path.startswith("/api/") else "no_page"
        told = answer(request, 404, phrase(what, lang), phrase(f"{what}_hint", lang))
    elif error.status_code == 405:
        told = answer(request, 405, phrase("no_method", lang), phrase("no_page_hint", lang))
    else:
        told = answer(request, error.status_code, in_language(error.detail, lang))
    told.headers.update(error.headers or {})
    return told


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _faulty(request, of_model(error.errors()))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return _faulty(request, error.faults)


def _faulty(request: Request, faults: Sequence[Fault]) -> Response:
    lang = language_of(request)
    told = ("；" if lang == "zh" else "; ").join(fault.sentence(lang).rstrip("。.") for fault in faults)
    return answer(request, 422, told, errors=[fault.told(lang) for fault in faults])


async def _unexpected(request: Request, _: Exception) -> Response:
    told = answer(request, 500, phrase("unexpected", language_of(request)))
    # This answer is made outside of all middleware.
    told.headers.setdefault("Content-Security-Policy", policy())
    told.headers.setdefault("X-Content-Type-Options", "nosniff")
    return told


def in_language(text: str, lang: Lang) -> str:
    """A message in the language of the answer, where it is told in both."""
    return in_chinese(text) if lang == "zh" else str(text)


def answer(request: Request, status: int, detail: str, hint: str = "", **more: Any) -> Response:
    """An error as a problem document under ``/api``, as a page elsewhere."""
    if request.url.path.startswith("/api/"):
        title = HTTPStatus(status).phrase
        content: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        if hint:
            content["hint"] = hint
        content |= {"instance": request.url.path} | more
        return JSONResponse(content, status_code=status, media_type="application/problem+json")
    return page(request, "error.html", {"status": status, "detail": detail, "hint": hint}, status_code=status)
