"""Scripts and styles written into a page, with the pictures and fonts that they name."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from pathlib import Path

from geo.errors import SetupError

_URL = re.compile(r"""url\(\s*(['"]?)([^'")]+)\1\s*\)""")
_MEDIA = {
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".gif": "image/gif",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
}


@lru_cache(maxsize=64)
def script(path: Path) -> str:
    """A script file as an inline script; ``</script`` in it cannot end the element early."""
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    return "<script>" + re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE) + "</script>"


@lru_cache(maxsize=64)
def style(path: Path) -> str:
    """A style sheet as an inline style, each file that it names beside it written in as ``data:``.

    Raises
    ------
    SetupError
        It names a file that is not there, or one on another host.
    """

    def data(match: re.Match[str]) -> str:
        name = match[2]
        if name.startswith(("data:", "#")):
            return match[0]
        file = (path.parent / re.split(r"[?#]", name)[0]).resolve()
        if file.suffix == ".ttf" and not file.is_file() and file.with_suffix(".woff2").is_file():
            return "url(data:,)"  # the older format of a font whose newer one stands before it
        if "//" in name or not file.is_file() or file.suffix not in _MEDIA:
            raise SetupError(
                f"The style sheet {path.name} names {name}, which is not kept here.", "Run `make install`."
            )
        return f"url(data:{_MEDIA[file.suffix]};base64,{base64.b64encode(file.read_bytes()).decode()})"

    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    return "<style>" + _URL.sub(data, text).replace("</style", "<\\/style") + "</style>"
