"""Chinese first, English with one switch: ``?lang=en`` is remembered in a cookie."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import MutableHeaders
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maps.text import Lang

COOKIE = "shuangbei_lang"
_YEAR = 365 * 24 * 3600


def language_of(request: StarletteRequest) -> Lang:
    """The language of an answer: what the address asks for, else what was asked for last, else Chinese."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in ("zh", "en"):
            return "en" if asked == "en" else "zh"
    return "zh"


def language(request: Request) -> Lang:
    """The language of an answer, as a dependency."""
    return language_of(request)


Language = Annotated[Lang, Depends(language)]


def switched(request: StarletteRequest, lang: Lang) -> str:
    """The address of this very page in the other language."""
    url = request.url.include_query_params(lang="zh" if lang == "en" else "en")
    return f"{url.path}?{url.query}"


class RememberLanguage:
    """ASGI middleware that keeps a language asked for by ``?lang=`` in a cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = StarletteRequest(scope).query_params.get("lang") if scope["type"] == "http" else None
        if asked not in ("zh", "en"):
            await self.app(scope, receive, send)
            return
        cookie = Response()
        cookie.set_cookie(COOKIE, asked, max_age=_YEAR, httponly=True, samesite="lax")

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie.headers["set-cookie"])
            await send(message)

        await self.app(scope, receive, with_cookie)
