"""``shuangbei adjacency``: how parcels lie to each other, pair by pair, to look at or into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.clusters import AllowOption, GapOption, say_what_is_opened
from api.cli.options import (
    PLAIN_FORMATS,
    AsOfOption,
    ForceOption,
    OutOption,
    PolicyOption,
    RowsFormatOption,
    RuleOption,
)
from api.cli.telling import say_if_no_land_then, tell
from api.cli.terminal import note
from geo.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy


#: what a terminal shows
ADJACENCY = ("parcel_a", "parcel_b", "type", "length_m", "gap_m", "barrier")


def register(app: typer.Typer) -> None:
    app.command()(adjacency)


def adjacency(
    type_: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            help="Only pairs of this type: shared_edge 共边, lane 隔街相邻, corner 角点相接, barrier 阻隔; again for more.",
        ),
    ] = None,
    over: Annotated[
        str,
        typer.Option(
            help="Which parcels are asked about: all, candidates, carriers (their land), or an outline as FILE.geojson."
        ),
    ] = "all",
    gap: GapOption = None,
    allow: AllowOption = None,
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: RowsFormatOption = None,
    out: OutOption = None,
    force: ForceOption = False,
) -> None:
    """How parcels lie to each other: every pair that touches or faces each other over a gap, and what lies between."""
    wanted = _types(type_ or [])

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo
        from geo.measure.adjacency import joined

        day = as_of.date() if as_of else None
        pairs: pd.DataFrame = geo.adjacency(db, chosen, over=over, rule=rule, gap_m=gap, allow=allow or (), as_of=day)
        say_what_is_opened(pairs)
        say_if_no_land_then(db, pairs, as_of)
        if len(pairs):
            count = pairs["type"].value_counts()
            note(f"{len(pairs):,} pairs: {', '.join(f'{n:,} {name}' for name, n in count.items())}.")
        stamp = pairs.attrs["stamp"]
        if stamp.get("synthetic"):
            pairs = pairs.assign(synthetic=True)
        if wanted:
            pairs = joined(pairs, wanted).reset_index(drop=True)
            pairs.attrs["stamp"] = stamp | {"types": wanted}
        return pairs

    tell(answer, policy, format_, out, ADJACENCY, PLAIN_FORMATS, force=force)


def _types(given: list[str]) -> list[str]:
    from geo.fields.results import WORDS
    from geo.measure.pairs import TYPES

    known = {word: name for name in TYPES for word in (name, WORDS[name])}
    unknown = [word for word in given if word not in known]
    if unknown:
        raise SettingsError(
            f"{unknown[0]!r} is no type of adjacency.",
            f"Types: {', '.join(f'{name} {WORDS[name]}' for name in TYPES)}.",
        )
    return sorted({known[word] for word in given})
