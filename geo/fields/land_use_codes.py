"""Land-use codes (用地性质): what each code of each table means.

A code means what its *table* says: in one city C8 is 社会福利, in Shanghai 商务办公.  So the table is always named, and a
code that it does not list is reported, never guessed.  Tables stand in ``data/land_use``; every row says whether its code
and name were ``seen`` in public sources, are recalled (``memory``) or rest on our own judgement (``own``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

from geo.errors import NotFoundError, ShuangbeiError
from geo.settings import data_dir

Status = Literal["seen", "memory", "own"]


class LandUseError(ShuangbeiError, ValueError):
    """A land-use cell cannot be taken apart; ``piece`` is what could not be read."""

    def __init__(self, message: str, hint: str = "", piece: str = "") -> None:
        super().__init__(message, hint)
        self.piece = piece


class UnknownCodeError(LandUseError):
    """A piece of the cell is no code and no name of the table."""


@dataclass(frozen=True)
class Use:
    """One canonical use: its name in code, in Chinese and in English."""

    use: str
    zh: str
    en: str


@dataclass(frozen=True)
class Code:
    """One row of a code table; a code that stands for several uses (C6 教育科研设计) has each of them in ``uses``."""

    code: str
    name: str
    uses: tuple[str, ...]
    status: Status

    @property
    def use(self) -> str | None:
        """The one use, ``None`` where the code stands for several."""
        return self.uses[0] if len(self.uses) == 1 else None


@dataclass(frozen=True, eq=False)
class CodeTable:
    """One code table; :func:`code_table` reads it.

    In a *hierarchical* table digits added to a listed code make a sub-code of it (070104 is under 0701, C81 under C8), up
    to ``max_length`` characters; in the others a code is listed or unknown.  ``data/land_use/tables.csv`` says which.
    """

    name: str
    title: str
    source: str
    hierarchical: bool
    max_length: int
    codes: Mapping[str, Code]
    #: codes by their spelling without case, longest first
    spelled: Mapping[str, Code] = field(repr=False)
    #: names that the table lists once, longest first
    named: Mapping[str, Code] = field(repr=False)
    #: where its rows stand
    file: str = ""

    def find(self, code: str) -> Code | None:
        """The row of a code, or where the table is hierarchical that of the longest listed code above it, else ``None``."""
        wanted = code.casefold()
        if wanted in self.spelled:
            return self.spelled[wanted]
        if not self.hierarchical or len(wanted) > self.max_length:
            return None
        for end in range(len(wanted) - 1, 0, -1):
            if wanted[:end] in self.spelled:
                return self.spelled[wanted[:end]] if re.fullmatch("[0-9]+", wanted[end:]) else None
        return None


@cache
def code_table(name: str) -> CodeTable:
    """The code table of that name, read once.

    Raises
    ------
    NotFoundError
        There is no such table; the message lists those there are.
    """
    about = {row["table"]: row for row in _rows("tables")}
    if name not in about:
        raise NotFoundError(
            f"There is no land-use code table {name!r}.",
            "Tables: " + ", ".join(about) + ".",
        )
    row = about[name]
    codes = [
        Code(
            line["code"],
            line["name"],
            tuple(line["use"].split("|")),
            cast(Status, line["status"]),
        )
        for line in _rows(name)
    ]
    return table_of(
        name,
        row["title"],
        row["source"],
        codes,
        hierarchical=row["hierarchical"] == "yes",
        max_length=int(row["max_length"]),
    )


def table_of(
    name: str,
    title: str,
    source: str,
    codes: Sequence[Code],
    *,
    hierarchical: bool = False,
    max_length: int = 0,
    file: str = "",
) -> CodeTable:
    """A table of these codes."""
    names = [code.name for code in codes]
    once = [code for code in codes if names.count(code.name) == 1]
    return CodeTable(
        name,
        title,
        source,
        hierarchical,
        max_length,
        MappingProxyType({code.code: code for code in codes}),
        MappingProxyType({c.code.casefold(): c for c in sorted(codes, key=lambda c: (-len(c.code), c.code))}),
        MappingProxyType({c.name: c for c in sorted(once, key=lambda c: (-len(c.name), c.name))}),
        file or f"{name}.csv",
    )


def code_tables() -> tuple[str, ...]:
    """The names of the code tables there are."""
    return tuple(row["table"] for row in _rows("tables"))


def _rows(name: str) -> list[dict[str, str]]:
    with (data_dir() / "land_use" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


#: every canonical use, by its name in code, in the order in which lists show them
USES: Mapping[str, Use] = MappingProxyType({row["use"]: Use(row["use"], row["zh"], row["en"]) for row in _rows("uses")})
