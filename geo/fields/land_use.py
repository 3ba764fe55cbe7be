"""Land-use codes (用地性质): what each code of each table means, and how a cell with one or several is taken apart.

A code means what its *table* says: in one city C8 is 社会福利, in Shanghai 商务办公.  So the table is always named, and a
code that it does not list is reported, never guessed.  Tables stand in ``data/land_use``; every row says whether its code
and name were ``seen`` in public sources, are recalled (``memory``) or rest on our own judgement (``own``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Literal, TypedDict, cast

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


class PartDict(TypedDict):
    """A part as it is stored in a ``…_parts`` column."""

    code: str
    table: str
    use: str
    share: float | None


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


@dataclass(frozen=True)
class Part:
    """One use of a cell; ``share`` is of the parcel (0–1], ``None`` where it is not said."""

    code: str
    table: str
    use: str
    share: float | None


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

    def parts(self, text: str) -> tuple[Part, ...]:
        """Take a cell apart into its uses, in the order written: ``C2(60%)C8(40%)``, ``C2:0.6+C8:0.4``, ``C2C8``, ``Rr2、C2``.

        A share is kept only where it is written; a single use alone has share 1.  A code that stands for several uses gives
        one part for each, shares unknown.  Letter codes may be written together (the longest listed one is taken); a name
        counts where the table lists exactly that name, once.

        Raises
        ------
        UnknownCodeError
            A piece is neither a code nor a name of the table.
        LandUseError
            The cell is empty, names a code twice, or its shares are no shares or sum to more than 1.
        """
        from geo.fields.land_use_cell import read_cell

        items = read_cell(self, text)
        alone = len(items) == 1 and items[0][2] is None
        return tuple(
            # The share of a code that stands for several uses is not split among them.
            Part(
                code,
                self.name,
                use,
                None if len(row.uses) > 1 else 1.0 if alone else share,
            )
            for code, row, share in items
            for use in row.uses
        )

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


def parts_text(parts: Sequence[Part]) -> str:
    """The canonical text of parts: ``code:share`` joined by ``+``; its table takes it apart into the same parts again."""
    shares = {part.code: part.share for part in parts}
    if len(shares) == 1 and set(shares.values()) == {1.0}:
        return next(iter(shares))
    return "+".join(code if share is None else f"{code}:{_decimal(share)}" for code, share in shares.items())


def _decimal(number: float) -> str:
    return format(Decimal(repr(number)), "f")


def parse_land_use(text: str, table: str) -> list[PartDict]:
    """A cell taken apart as it is stored: a list of ``{code, table, use, share}``; see :meth:`CodeTable.parts`.

    Raises
    ------
    LandUseError
        The cell cannot be taken apart.
    NotFoundError
        There is no such table.
    """
    return [cast(PartDict, asdict(part)) for part in code_table(table).parts(text)]


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
    names = [code.name for code in codes]
    once = [code for code in codes if names.count(code.name) == 1]
    return CodeTable(
        name,
        row["title"],
        row["source"],
        row["hierarchical"] == "yes",
        int(row["max_length"]),
        MappingProxyType({code.code: code for code in codes}),
        MappingProxyType({c.code.casefold(): c for c in sorted(codes, key=lambda c: (-len(c.code), c.code))}),
        MappingProxyType({c.name: c for c in sorted(once, key=lambda c: (-len(c.name), c.name))}),
    )


def code_tables() -> tuple[str, ...]:
    """The names of the code tables there are."""
    return tuple(row["table"] for row in _rows("tables"))


def _rows(name: str) -> list[dict[str, str]]:
    with (data_dir() / "land_use" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


#: every canonical use, by its name in code, in the order in which lists show them
USES: Mapping[str, Use] = MappingProxyType({row["use"]: Use(row["use"], row["zh"], row["en"]) for row in _rows("uses")})
