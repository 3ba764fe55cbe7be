"""The documentation of the JSON, drawn by Swagger UI from files of this server (FastAPI's own page asks a CDN)."""

from __future__ import annotations

import copy
import re
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.security import policy, require_reader
from api.templating import page
from api.text_api import API_FIELDS
from maps.text import label

router = APIRouter(dependencies=[Depends(require_reader)], include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Swagger UI."""
    answer = page(request, "docs.html", {})
    answer.headers["Content-Security-Policy"] = policy(inline_styles=True)
    return answer


@router.get("/openapi.json")
def openapi(request: Request) -> dict[str, Any]:
    """The description of the JSON (OpenAPI 3.1)."""
    return in_both(request.app.openapi())


def in_both(described: dict[str, Any]) -> dict[str, Any]:
    """The description with the Chinese name of every field before what is said of it in English, as the catalogue has it."""
    told = copy.deepcopy(described)
    for schema in told["components"]["schemas"].values():
        for name, one in schema.get("properties", {}).items():
            said = str(one.get("description", ""))
            title = label(name, "zh")
            if title == name:
                title = API_FIELDS.get(name, "")
            if title and title not in said and not _HAN.search(said):
                one["description"] = f"{title} · {said}" if said else title
    return told


_HAN = re.compile(r"[一-鿿]")
