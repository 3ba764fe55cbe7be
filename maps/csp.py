"""What a strict Content-Security-Policy must know of a page: the hashes of its inline scripts."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser


class _Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and not any(name == "src" for name, _ in attrs):
            self._open = []

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._open is not None:
            self.found.append("".join(self._open))
            self._open = None


def script_hashes(html: str) -> tuple[str, ...]:
    """The CSP sources (``'sha256-…'``, quotes included) of the inline scripts of a page, sorted, each once.

    A browser hashes the text between the tags as UTF-8 (CSP level 3, 6.7.3.3); line ends must be ``\\n`` already.
    """
    parser = _Scripts()
    parser.feed(html)
    parser.close()
    digests = {hashlib.sha256(text.encode()).digest() for text in parser.found}
    return tuple(sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))
