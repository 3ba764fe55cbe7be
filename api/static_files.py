"""Files of our own that pages load; the colours among them come from ``maps.colours``."""

from __future__ import annotations

from pathlib import Path

from fastapi import Response

from maps import colours

OWN = Path(__file__).parent / "static"


def colours_css() -> Response:
    """All colours as CSS custom properties."""
    return Response(colours.css(), media_type="text/css", headers={"Cache-Control": "no-cache"})
