"""Land-use cells (用地性质) taken apart into their uses; what a code means says ``geo.fields.land_use_codes``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TypedDict, cast

from geo.fields.land_use_cell import read_cell
from geo.fields.land_use_codes import USES, CodeTable, LandUseError, UnknownCodeError, Use, code_table, code_tables

__all__ = [
    "USES",
    "USE_SHARES",
    "CodeTable",
    "LandUseError",
    "Part",
    "PartDict",
    "UnknownCodeError",
    "Use",
    "code_table",
    "code_tables",
    "parse_land_use",
    "parts",
    "parts_text",
]


#: measure of a parcel → the uses whose shares of it are added up
USE_SHARES: dict[str, tuple[str, ...]] = {
    "office_share": ("commercial_office", "commercial_service"),
    "industrial_share": ("industrial", "storage"),
    "rnd_share": ("research_design", "industrial_rnd"),
}


class PartDict(TypedDict):
    """A part as it is stored in a ``…_parts`` column."""

    code: str
    table: str
    use: str
    share: float | None


@dataclass(frozen=True)
class Part:
    """One use of a cell; ``share`` is of the parcel (0–1], ``None`` where it is not said."""

    code: str
    table: str
    use: str
    share: float | None


def parts(text: str, table: CodeTable) -> tuple[Part, ...]:
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
    items = read_cell(table, text)
    alone = len(items) == 1 and items[0][2] is None
    return tuple(
        # The share of a code that stands for several uses is not split among them.
        Part(
            code,
            table.name,
            use,
            None if len(row.uses) > 1 else 1.0 if alone else share,
        )
        for code, row, share in items
        for use in row.uses
    )


def parts_text(parts: Sequence[Part]) -> str:
    """The canonical text of parts: ``code:share`` joined by ``+``; its table takes it apart into the same parts again."""
    shares = {part.code: part.share for part in parts}
    if len(shares) == 1 and set(shares.values()) == {1.0}:
        return next(iter(shares))
    return "+".join(code if share is None else f"{code}:{_decimal(share)}" for code, share in shares.items())


def _decimal(number: float) -> str:
    return format(Decimal(repr(number)), "f")


def parse_land_use(text: str, table: str | CodeTable) -> list[PartDict]:
    """A cell taken apart as it is stored: a list of ``{code, table, use, share}``; see :func:`parts`.

    ``table`` is the name of one that comes with the program, or a table itself.

    Raises
    ------
    LandUseError
        The cell cannot be taken apart.
    NotFoundError
        There is no such table.
    """
    return [
        cast(PartDict, asdict(part)) for part in parts(text, code_table(table) if isinstance(table, str) else table)
    ]
