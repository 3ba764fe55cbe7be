"""``shuangbei way``: the best way to the plan's floor area, with its proof, or why the target cannot be met."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.clusters import area_typed
from api.cli.options import AsOfOption, ForceOption, FormatOption, OutOption, PolicyOption
from api.cli.telling import tell
from api.cli.terminal import note, now_at
from geo.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: what a terminal shows; what a single measure is made of tells of owners and leases, and is left out
WAY = ("measure_id", "kind", "zone", "gfa_m2", "counts_from", "part")
OPEN = ("measure_id", "kind", "zone", "gfa_m2", "gfa_basis", "ready_on", "open")
ALL = (*OPEN[:-2], "ready_on", "chosen", "counts_from", "part", "open")


def register(app: typer.Typer) -> None:
    app.command()(way)


def way(
    by: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day by which it has to count; default: the target's."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="AREA", help="Another target, as 90万㎡ or 900000; default: the policy's.")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE,…",
            help="A limit beside those of the policy, as kind=admit,zone=each,year=each,gfa=5万㎡ or year=2027,count=3; "
            "again for more.",
        ),
    ] = None,
    no_limits: Annotated[bool, typer.Option("--no-limits", help="Without the limits of the policy.")] = False,
    require: Annotated[
        list[str] | None, typer.Option(metavar="MEASURE", help="A measure that has to be taken; again for more.")
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option(metavar="MEASURE", help="A measure that must not be; again for more.")
    ] = None,
    sites: Annotated[
        bool, typer.Option("--sites", help="Search for sites first: each is a measure too (shuangbei sites).")
    ] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="The measures that are open, and what of them is not known; none is chosen.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="All open measures, and not only those that are chosen.")
    ] = False,
    time_limit: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="How long to search; default: the policy's.")
    ] = None,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = None,
    out: OutOption = None,
    force: ForceOption = False,
) -> None:
    """The best way to the target: which measures close the gap at the least difficulty, proven, or why none do."""
    asked = [by, target, limit, require, forbid, time_limit, *(name for name in (no_limits, every) if name)]
    if list_ and any(one is not None for one in asked):
        raise SettingsError("--list chooses nothing.", "Leave out the other options of the choice.")
    wanted = None if target is None else area_typed(target)
    more = [limit_typed(text) for text in limit or ()]

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        day = as_of.date() if as_of else None
        found_sites = geo.sites(db, chosen, as_of=day, tell=lambda _, said: now_at(said)) if sites else None
        if list_:
            listed: pd.DataFrame = geo.open_measures(db, chosen, sites=found_sites, as_of=day)
            unsure = int((listed["open"].map(len) > 0).sum())
            note(f"{len(listed)} measures are open; something of {unsure} is not known: those are never counted on.")
            return listed
        held = chosen.target.measures.limits if chosen.target and chosen.target.measures else ()
        found: pd.DataFrame = geo.best_way(
            db,
            chosen,
            by=by.date() if by else None,
            target_m2=wanted,
            limits=None if not more and not no_limits else [*(() if no_limits else held), *more],
            require=require or (),
            forbid=forbid or (),
            sites=found_sites,
            time_limit_s=time_limit,
            as_of=day,
            tell=lambda _, said: now_at(said),
        )
        for line in sentences(found):
            note(line)
        return found if every else found[found["chosen"]].sort_values("counts_from", kind="stable")

    tell(answer, policy, format_, out, OPEN if list_ else ALL if every else WAY, force=force)


def limit_typed(text: str) -> dict[str, Any]:
    """A limit as somebody types it: ``kind=admit,zone=each,year=each,gfa=5万㎡``; what is wrong in it the search tells.

    Raises
    ------
    SettingsError
        A part of it has no value, or no number where one is wanted.
    """
    limit: dict[str, Any] = {}
    for part in text.split(","):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or not value:
            raise SettingsError(f"--limit {text}: {name} has no value.", "Write NAME=VALUE, several by comma.")
        try:
            number = int(value) if name == "count" or (name == "year" and value != "each") else None
        except ValueError:
            raise SettingsError(f"--limit {text}: {name} is no whole number.", "Write count=3, or year=2027.") from None
        if name == "gfa":
            limit |= {"gfa": area_typed(value), "unit": "m2"}
        else:
            limit[name] = value if number is None else number
    return limit


def sentences(found: pd.DataFrame) -> list[str]:
    """What an answer says beside its rows."""
    told = found.attrs["way"]
    lines = [f"{told['counted_m2']:,.0f} m² count by {told['by']}; {told['need_m2']:,.0f} m² more are needed."]
    lines += _unsure(told)
    if told["is_possible"] is False:
        return [*lines, *_impossible(told)]
    if told["is_possible"] is None:
        return [*lines, "The time was up before any choice was found that is enough: give it more (--time-limit)."]
    proof = "proven: no other choice is easier" if told["proven"] else "not proven"
    if not told["proven"] and told["lower_bound"] is not None:
        proof = f"not proven: none is below {told['lower_bound']:,.1f} (gap {told['gap']:.1%}; --time-limit gives it more time)"
    lines.append(
        f"{told['n_chosen']} measures gain {told['gained_m2']:,.0f} m² at a difficulty of {told['difficulty']:,.1f}, {proof}."
    )
    parts = found["part"].value_counts()
    if told["proven"] and parts.reindex(["every", "some", "none"]).notna().any():
        every, some, none = (int(parts.get(part, 0)) for part in ("every", "some", "none"))
        lines.append(f"{every} measures are in every best choice, {some} in some, {none} in none.")
    return [*lines, *_left_out(told)]


def _unsure(told: dict[str, Any]) -> list[str]:
    lines = []
    if told["n_undecided"] or told["n_counted_unknown"]:
        lines.append(
            f"Not in it: {told['n_undecided']} carriers of which it is not known whether they count, and "
            f"{told['n_counted_unknown']} whose floor area is not known."
        )
    if not told["official"]:
        lines.append("非考核口径: the park's boundary is not registered, both zones are counted instead.")
    return lines


def _left_out(told: dict[str, Any]) -> list[str]:
    if not told["n_open"]:
        return []
    return [f"{told['n_open']} measures are left out, for something of them is not known (--list says what)."]


def _impossible(told: dict[str, Any]) -> list[str]:
    short = told["shortfall"]
    if short["most_m2"] is None:
        return ["What is required breaks a limit by itself."]
    lines = [
        f"The target cannot be met by {told['by']}: at most {short['most_m2']:,.0f} m² can be gained, "
        f"{short['short_m2']:,.0f} m² are missing."
    ]
    if short["limits"]:
        for one in short["limits"]:
            unit = " m²" if one["unit"] == "m2" else ""
            lines.append(
                f"It could with one limit wider: {one['title_en']}, {one['needed']:,.0f}{unit} instead of "
                f"{one['allowed']:,.0f}{unit}."
            )
    elif (without := short["without_limits_m2"]) is not None:
        several = without >= told["need_m2"]
        why = (
            "No single limit makes it so"
            if several
            else "No limit makes it so, the measures take too long or are too few"
        )
        lines.append(f"{why}: without any {without:,.0f} m² could be gained.")
    if short["earliest"] is None:
        lines.append(f"No day until the end of {told['looked_to']} is late enough.")
    else:
        lines.append(f"It can be met from {short['earliest']} on.")
    return [*lines, *_left_out(told)]
