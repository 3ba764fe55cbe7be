"""``shuangbei scenarios``: saved sets of measures over a run, what they would make of it, and two of them side by side."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from api.cli.options import FORMATS, ForceOption, Format, FormatOption, OutOption
from api.cli.results import CANDIDATES
from api.cli.telling import tell
from api.cli.terminal import note
from geo.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: what a terminal shows of the list of scenarios, and of open measures
SCENARIOS = ("name", "run_id", "n_measures", "gfa_m2", "n_open", "actor", "note")
MEASURES = ("measure_id", "kind", "zone", "gfa_m2", "ready_on", "open")


def register(app: typer.Typer) -> None:
    app.command()(scenarios)


def scenarios(
    name: Annotated[str | None, typer.Argument(help="A scenario; without one all of them are listed.")] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Save the measures given by --measure over the current run under that name.")
    ] = False,
    measure: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="With --save: a measure of --open; again for more, or by comma."),
    ] = None,
    text: Annotated[str, typer.Option("--note", help="With --save: what it is for.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="With --save: in place of the one of that name.")] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="Drop it; who made it and who dropped it stays on record.")
    ] = False,
    take_up: Annotated[
        bool, typer.Option("--take-up", help="Lay it over the current run: its measures are found there again.")
    ] = False,
    open_: Annotated[
        bool, typer.Option("--open", help="The measures that are open in the current run, to be saved.")
    ] = False,
    measures: Annotated[
        bool, typer.Option("--measures", help="The measures that are in it, instead of totals.")
    ] = False,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Its totals beside those of another one; registry: beside the registry as it is."
        ),
    ] = None,
    candidates: Annotated[
        str | None,
        typer.Option(
            metavar="RULE", help="The parcels as this rule would judge them; with --compare: those it judges otherwise."
        ),
    ] = None,
    clusters: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="The clusters of the candidates of this rule; with --compare: those of either, side by side.",
        ),
    ] = None,
    by: Annotated[
        str, typer.Option(metavar="NAMES", help="Totals by these columns, as of shuangbei totals.")
    ] = "zone,land_use",
    states: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", help="standing, approved, under_construction, demolished, or all.", show_default="standing"
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only measures that can count by this day; default: all."),
    ] = None,
    format_: FormatOption = None,
    out: OutOption = None,
    force: ForceOption = False,
) -> None:
    """Scenarios: named sets of measures laid over a run. The registry is never touched by one."""
    asked = [
        flag for flag, given in (("--save", save), ("--drop", drop), ("--take-up", take_up), ("--open", open_)) if given
    ]
    if len(asked) > 1:
        raise SettingsError(f"{' and '.join(asked)} are two questions.", "Ask one of them.")
    if name is None and ((asked and not open_) or compare is not None or candidates or clusters or measures):
        raise SettingsError("No scenario is named.", "Name one: shuangbei scenarios NAME …")
    if (measure or text or replace) and not save:
        raise SettingsError("--measure, --note and --replace say what is saved.", "Give --save, too.")
    day = until.date() if until else None
    groups = [each.strip() for each in by.split(",") if each.strip()]
    wanted = None if states is None else "all" if states == "all" else [each.strip() for each in states.split(",")]

    def answer(db: Database, _: Policy) -> pd.DataFrame:
        import geo
        from geo.publish import read_run
        from geo.publish.laid import pair, side_by_side
        from geo.publish.laid_land import candidates_side_by_side, clusters_side_by_side
        from geo.publish.scenarios import REGISTRY, open_of_run

        if open_:
            return open_of_run(db, read_run(db))
        if name is None:
            return geo.scenarios(db)
        if save:
            ids = [each.strip() for given in measure or () for each in given.split(",") if each.strip()]
            _say_open(geo.save_scenario(db, name, ids, note=text, replace=replace).measures)
        elif drop:
            geo.drop_scenario(db, name)
            note(f"Scenario {name} is dropped.")
            return geo.scenarios(db)
        elif take_up:
            taken = geo.take_up_scenario(db, name)
            if taken.gone:
                note(f"No longer open, and left out: {', '.join(taken.gone)}.")
            _say_open(taken.measures)
        laid = geo.scenario(db, name, by=day)
        if measures:
            return laid.scenario.measures if laid.scenario is not None else laid.measures
        if compare is not None:
            one, other = pair(db, "" if compare == REGISTRY else compare, name, day)
            if candidates:
                return candidates_side_by_side(one, other, candidates)
            if clusters:
                return clusters_side_by_side(one, other, clusters)
            return side_by_side(one, other, groups, wanted)
        if candidates:
            judged: pd.DataFrame = laid.candidates(candidates)
            return judged
        if clusters:
            found: pd.DataFrame = laid.clusters(clusters)
            return found
        _say_figures(laid.figures, len(laid.measures), len(laid.left_out))
        return laid.totals(groups, states=wanted)

    shown: tuple[str, ...] = MEASURES if open_ or measures else SCENARIOS if name is None or drop else ()
    formats = FORMATS
    if candidates and compare is None:
        shown, formats = CANDIDATES, get_args(Format)
    tell(answer, None, format_, out, shown, formats, force=force)


def _say_open(measures: pd.DataFrame) -> None:
    lacking = [name for name, open_ in zip(measures["measure_id"], measures["open"], strict=True) if len(open_)]
    if lacking:
        note(
            f"{len(lacking)} measures are kept and not counted on, for something of each is not known: {', '.join(lacking)}."
        )


def _say_figures(figures: dict[str, object], n: int, n_left_out: int) -> None:
    left = f", {n_left_out} are left out (not known, or too late)" if n_left_out else ""
    note(f"{n} measures are laid over{left}.")
    if figures.get("target_m2") is not None:
        mark = "" if figures["park_boundary_known"] else " (非考核口径)"
        note(
            f"Counts on {figures['day']}: {_m2(figures['carrier_gfa_m2'])} m²; to the target {_m2(figures['gap_m2'])} m²{mark}."
        )


def _m2(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, float) else "—"
