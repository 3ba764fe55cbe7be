"""On which line of a TOML file each key stands, so that a fault is told where it is.

``tomllib`` reads values and forgets places.  This scanner reads keys and skips values; it is asked only of text that
``tomllib`` has read already, so it judges nothing.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Any

Path = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
#: longest first: three quotes open a text of several lines
_TEXT = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'", re.DOTALL
)
_OTHER = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str) -> dict[Path, int]:
    """The line (from 1) of every key, table and array item of sound TOML, by its path; items are counted from 0."""
    return _Scanner(text).scan()


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """The line of a path, else of the nearest that holds it (a missing key is told where it is missing)."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.lines: dict[Path, int] = {}
        #: how many tables each array of tables has by now
        self.counts: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK):
            if self.text.startswith("[", self.place):
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _header(self) -> Path:
        line = self._line()
        double = self.text.startswith("[[", self.place)
        self.place += 2 if double else 1
        path: Path = ()
        keys = self._keys()
        for number, key in enumerate(keys):
            path += (key,)
            self.lines.setdefault(path, line)
            last = number == len(keys) - 1
            if double and last:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path += (self.counts[path] - 1,)
                self.lines.setdefault(path, line)
        # A table that was only a part of another's name so far stands here.
        self.lines[path] = line
        self.place += 2 if double else 1
        return path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._keys():
            path += (key,)
            self.lines.setdefault(path, line)
        self.place += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _keys(self) -> list[str]:
        """The parts of a dotted key; the place stands behind it and the blanks that follow."""
        keys = []
        while True:
            self._skip(_SPACE)
            if bare := _BARE_KEY.match(self.text, self.place):
                keys.append(bare[0])
                self.place = bare.end()
            else:
                quoted = self._match(_TEXT)
                keys.append(str(tomllib.loads(f"key = {quoted}")["key"]))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.place):
                return keys
            self.place += 1

    def _value(self, path: Path) -> None:
        opening = self.text[self.place]
        if opening == "[":
            self._items(path)
        elif opening == "{":
            self._pairs(path)
        else:
            self._match(_TEXT if opening in "\"'" else _OTHER)

    def _items(self, path: Path) -> None:
        self.place += 1
        number = 0
        while self._skip(_BLANK) and self.text[self.place] != "]":
            self.lines[(*path, number)] = self._line()
            self._value((*path, number))
            number += 1
            self._skip(_BLANK)
            self.place += self.text[self.place] == ","
        self.place += 1

    def _pairs(self, path: Path) -> None:
        self.place += 1
        while self._skip(_BLANK) and self.text[self.place] != "}":
            self._pair(path)
            self._skip(_BLANK)
            self.place += self.text[self.place] == ","
        self.place += 1

    def _line(self) -> int:
        return bisect_right(self.starts, self.place)

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Go past what the pattern takes; whether anything is left."""
        found = pattern.match(self.text, self.place)
        assert found is not None, "the patterns of blanks match nothing, too"
        self.place = found.end()
        return self.place < len(self.text)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.place)
        if found is None:
            raise ValueError(f"the scanner of policy files is lost on line {self._line()}")
        self.place = found.end()
        return found[0]


def dotted(path: Any) -> str:
    """A path as people write it: ``rules.office_to_rnd.conditions.1``."""
    return ".".join(map(str, path))
