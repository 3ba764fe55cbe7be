"""``shuangbei sites``: the best site over an area, with its proof, the next best, and what more land would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.clusters import AllowOption, GapOption, area_typed, say_what_is_opened
from api.cli.options import AsOfOption, ForceOption, OutOption, PolicyOption, RowsFormatOption, RuleOption
from api.cli.telling import say_if_no_land_then, tell
from api.cli.terminal import note, now_at
from geo.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: what a terminal shows
SITES = (
    "choice",
    "area_mu",
    "n_parcels",
    "difficulty",
    "lower_bound",
    "gap",
    "proven",
    "n_unknown",
    "site_id",
    "parcel_codes",
)
CURVE = (
    "floor_mu",
    "area_mu",
    "n_parcels",
    "difficulty",
    "lower_bound",
    "gap",
    "proven",
    "per_mu",
    "site_id",
    "parcel_codes",
)


def register(app: typer.Typer) -> None:
    app.command()(sites)


def sites(
    min_area: Annotated[
        str | None,
        typer.Option(metavar="AREA", help="Strictly more than this, as 100mu, 6.5ha or 66667; default: the policy's."),
    ] = None,
    max_area: Annotated[str | None, typer.Option(metavar="AREA", help="At most this; default: no limit.")] = None,
    over: Annotated[
        str, typer.Option(help="Which parcels may be in it: all, candidates, carriers, or an outline as FILE.geojson.")
    ] = "all",
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE|NAME",
            help="Land that the site has already: a parcel, park or carrier, again for more; none: without. "
            "Default: the policy's.",
        ),
    ] = None,
    require: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A parcel that has to be in it; again for more.")
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A parcel that must not be in it; again for more.")
    ] = None,
    allow: AllowOption = None,
    gap: GapOption = None,
    alternatives: Annotated[
        int | None, typer.Option(min=1, help="How many sites, the best one counted; default: the policy's.")
    ] = None,
    different: Annotated[
        int | None,
        typer.Option(min=1, help="How many parcels of each better site another does without; default: the policy's."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--every", help="All minimal sites, where they are not too many, instead of a few.")
    ] = False,
    curve: Annotated[
        bool, typer.Option("--curve", help="What each further mu costs: the best site over several areas.")
    ] = False,
    time_limit: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="How long to search; default: the policy's.")
    ] = None,
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: RowsFormatOption = None,
    out: OutOption = None,
    force: ForceOption = False,
) -> None:
    """The best contiguous site over an area: the least difficulty, proven or with its gap, and the next best."""
    if every and curve:
        raise SettingsError("--every and --curve are two questions.", "Ask one of them.")
    if curve and (alternatives is not None or different is not None):
        raise SettingsError(
            "--curve has one site for each area: --alternatives and --different have no say in it.",
            "Leave them out, or leave out --curve.",
        )
    if anchor and "none" in anchor and len(anchor) > 1:
        raise SettingsError(
            "--anchor none is given beside another anchor.", "Leave one out: none founds the site on nothing."
        )
    founded = "policy" if not anchor else anchor[0] if len(anchor) == 1 else anchor
    floor = None if min_area is None else area_typed(min_area)
    ceiling = None if max_area is None else area_typed(max_area)

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        found: pd.DataFrame = geo.sites(
            db,
            chosen,
            min_area_m2=floor,
            max_area_m2=ceiling,
            over=over,
            rule=rule,
            anchor=None if founded == "none" else founded,
            require=require or (),
            forbid=forbid or (),
            allow=allow or (),
            gap_m=gap,
            k=alternatives,
            min_different=different,
            every=every,
            curve=curve,
            time_limit_s=time_limit,
            as_of=as_of.date() if as_of else None,
            tell=lambda _, said: now_at(said),
        )
        _say(found, every)
        say_if_no_land_then(db, found, as_of)
        return found

    tell(answer, policy, format_, out, CURVE if curve else SITES, force=force)


def _say(found: pd.DataFrame, every: bool) -> None:
    """What a list of sites does not say of itself."""
    told = found.attrs
    if told["anchor"]["note"]:
        note(told["anchor"]["note"])
    say_what_is_opened(found)
    if told["searched"]["n_kept_out"]:
        note(f"{told['searched']['n_kept_out']} parcels are kept out by their planned use (kept_out in the policy).")
    if "why_none" in told:
        note(told["why_none"])
        return
    asked_for = found[found["choice"].notna()] if "choice" in found else found
    proven = bool(asked_for["proven"].all())
    if not proven:
        note("Not all of this is proven: a smaller gap takes more time (--time-limit).")
    if "complete" not in told:
        return
    if told["complete"]:
        several = "s" if told["n_minimal"] != 1 else ""
        note(f"{told['n_minimal']} minimal site{several} in all; each of them was looked at.")
    elif every:
        note("The minimal sites are too many to list them all: these are the best, and the list is not complete.")
    if proven and not told["searched"]["done"]:
        note("The time was up before it was known whether there are more that differ as much.")
