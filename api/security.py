"""Who may read, and what a browser may do with a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: pages of ours have no inline script or style at all
_STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True)
class Reader:
    """Who reads: a name, and roles.  An anonymous reader has no role, so restricted columns stay shut."""

    name: str
    roles: frozenset[str] = frozenset()


def require_reader(request: Request) -> Reader:
    """Let a reader in, or answer 401; every route but ``/healthz`` and ``/static`` depends on this.

    Reading without signing in is the setting ``SHUANGBEI_ANONYMOUS_READ``, never a matter of the client's address.
    """
    if request.app.state.anonymous_read:
        return Reader("anonymous")
    raise HTTPException(401, "sign_in_first", headers={"WWW-Authenticate": 'Bearer realm="shuangbei"'})


CurrentReader = Annotated[Reader, Depends(require_reader)]


def policy(script_hashes: Sequence[str] = (), *, inline_styles: bool = False) -> str:
    """The Content-Security-Policy of a page: own files, the inline scripts of these hashes, never ``eval``.

    ``inline_styles`` is for pages of Folium and Swagger, which set styles in the markup.
    """
    rules = dict(_STRICT)
    rules["script-src"] = " ".join(("'self'", *script_hashes))
    if inline_styles:
        rules["style-src"] = "'self' 'unsafe-inline'"
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class SecurityHeaders:
    """ASGI middleware that puts the headers on every answer, errors too; a page's own policy is left as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", policy())
            await send(message)

        await self.app(scope, receive, with_headers)
