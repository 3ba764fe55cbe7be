"""Which encoding a text file is in: looked for by reading it through, a block at a time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Text:
    """What a file is as text: its encoding, how many line feeds it has, and whether a NUL is in it, as in no text."""

    encoding: str
    n_lines: int
    has_nul: bool


def text_of(file: Path, encodings: Sequence[str], start: int = 0) -> Text | None:
    """A file under the first of these encodings in which all of it, from byte ``start`` on, can be read; ``None``: in none.

    Raises
    ------
    LookupError
        An encoding is not known.
    OSError
        The file cannot be read.
    """
    for encoding in encodings:
        n_lines, has_nul = 0, False
        try:
            with file.open("rb") as data:
                data.seek(start)
                stream = io.TextIOWrapper(data, encoding, newline="")
                while block := stream.read(_BLOCK):
                    n_lines += block.count("\n")
                    has_nul = has_nul or "\x00" in block
        except UnicodeError:
            continue
        return Text(encoding, n_lines, has_nul)
    return None
