"""The documentation of the JSON, drawn by Swagger UI from files of this server (FastAPI's own page asks a CDN)."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.security import policy, require_reader
from api.templating import page

router = APIRouter(dependencies=[Depends(require_reader)], include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Swagger UI."""
    answer = page(request, "docs.html", {})
    answer.headers["Content-Security-Policy"] = policy(inline_styles=True)
    return answer


@router.get("/openapi.json")
def openapi(request: Request) -> dict[str, object]:
    """The description of the JSON (OpenAPI 3.1)."""
    described: dict[str, object] = request.app.openapi()
    return described
