"""Pages from templates: every value escaped, the language and the run's stamp always at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.language import language_of, switched
from api.text import phrase
from maps import figures
from maps.text import label, verdict, word, zone_name

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
NAVIGATION = (
    ("/", "overview"),
    ("/candidates", "candidates"),
    ("/clusters", "clusters"),
    ("/sites", "sites"),
    ("/totals", "totals"),
    ("/way", "way"),
    ("/scenarios", "scenarios"),
    ("/carriers", "carriers"),
    ("/docs", "api"),
)


def page(request: Request, template: str, content: Mapping[str, Any], status_code: int = 200) -> HTMLResponse:
    """A page from a template; ``content`` without ``run`` (an error) has no stamp."""
    lang = language_of(request)
    text = _TEMPLATES.get_template(template).render(
        {"run": None}
        | dict(content)
        | {
            "lang": lang,
            "t": partial(_phrase, lang=lang),
            "label": partial(label, lang=lang),
            "verdict_name": partial(verdict, lang=lang),
            "zone_name": partial(zone_name, lang=lang),
            "word": partial(word, lang=lang),
            "number": figures.number,
            "site": partial(figures.site, lang=lang),
            "large": partial(figures.large_area, lang=lang),
            "mu": partial(figures.mu, lang=lang),
            "known": figures.known,
            "navigation": NAVIGATION,
            "path": request.url.path,
            "switched": switched(request, lang),
        }
    )
    return HTMLResponse(text, status_code=status_code)


def _phrase(key: str, *, lang: Any, **values: object) -> str:
    return phrase(key, lang, **values)
