"""``shuangbei clusters``: what hangs together, to look at or into a file."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import AsOfOption, ForceOption, OutOption, PolicyOption, RowsFormatOption, RuleOption
from api.cli.telling import say_if_no_land_then, tell
from api.cli.terminal import note
from geo import units
from geo.errors import SettingsError, UnitError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: what a terminal shows
CLUSTERS = ("cluster_id", "n_parcels", "area_mu", "area_m2", "gross_area_m2", "gfa_m2", "n_gfa_unknown", "n_carriers", "shape",
            "elongation", "compactness")  # fmt: skip
NEAR_MISSES = ("kind", "what", "outcome", "n_clusters", "area_after_mu", "lacks_mu", "added_m2", "cluster_ids")
CHANGES = ("over", "change", "earlier_cluster_id", "earlier_area_m2", "cluster_id", "area_m2", "shared_area_m2")
BRIDGES = ("parcel_code", "cluster_id", "site_area_m2", "area_m2", "n_parts", "parts_m2")
#: arguments of the command that say nothing of published runs
_NOT_OF_CHANGES = {"over", "gap", "allow", "policy", "as_of"}
_AREAS = "Write it as 100mu, 100亩, 6.5ha or 66667 (m²)."

OverOption = Annotated[
    str,
    typer.Option(
        help="Which parcels may hang together: candidates, all, carriers (their land), or an outline as FILE.geojson."
    ),
]
GapOption = Annotated[
    float | None, typer.Option(min=0, metavar="METRES", help="Widest gap that still joins; default: the policy's.")
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="BARRIER",
        help="A barrier that may be crossed after all: a class, a name, or class:name; again for more.",
    ),
]


def register(app: typer.Typer) -> None:
    app.command()(clusters)


def clusters(
    context: typer.Context,
    over: OverOption = "candidates",
    gap: GapOption = None,
    allow: AllowOption = None,
    near_misses: Annotated[
        bool,
        typer.Option(
            "--near-misses",
            help="What is near the wanted area: what clusters lack of it, and the parcel or barrier that would join them.",
        ),
    ] = False,
    bridges: Annotated[
        bool, typer.Option("--bridges", help="Parcels without which their cluster falls apart, and into what.")
    ] = False,
    changes: Annotated[
        bool,
        typer.Option("--changes", help="What became of the clusters of the run before, of every rule or of --rule."),
    ] = False,
    min_area: Annotated[
        str | None,
        typer.Option(
            metavar="AREA", help="With --near-misses: the wanted area, as 100mu, 6.5ha or 66667; default: the policy's."
        ),
    ] = None,
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: RowsFormatOption = None,
    out: OutOption = None,
    force: ForceOption = False,
) -> None:
    """Contiguous clusters: parcels that touch, or that a gap without a barrier parts."""
    if near_misses + bridges + changes > 1:
        raise SettingsError("--near-misses, --bridges and --changes are two questions or more.", "Ask one of them.")
    if min_area is not None and not near_misses:
        raise SettingsError("--min-area is a question of --near-misses.", "Give both.")
    named = {name for name in context.params if _is_typed(context, name)}
    if changes and named & _NOT_OF_CHANGES:
        told = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(named & _NOT_OF_CHANGES))
        raise SettingsError(
            f"--changes tells of the clusters that runs published: {told} cannot change them.",
            "Leave it out; --rule tells of one rule.",
        )
    wanted = None if min_area is None else area_typed(min_area)

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        if changes:
            return _changes(db, rule if "rule" in named else None)
        day = as_of.date() if as_of else None
        ask = partial(geo.near_misses, min_area_m2=wanted) if near_misses else geo.bridges if bridges else geo.clusters
        found: pd.DataFrame = ask(db, chosen, over=over, rule=rule, gap_m=gap, allow=allow or (), as_of=day)
        say_what_is_opened(found)
        say_if_no_land_then(db, found, as_of)
        if near_misses:
            _say_what_is_near(found)
        return found

    columns = NEAR_MISSES if near_misses else BRIDGES if bridges else CHANGES if changes else CLUSTERS
    tell(answer, policy, format_, out, columns, force=force)


def _is_typed(context: typer.Context, name: str) -> bool:
    """Whether an argument was named on the command line, and is not its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def say_what_is_opened(found: pd.DataFrame) -> None:
    """What each barrier opens that may be crossed after all: none is worth knowing, too."""
    for opened in found.attrs.get("opened", ()):
        note(opened["note"])


def _say_what_is_near(found: pd.DataFrame) -> None:
    """The nearest step of each kind in a sentence; the rows stand in the table, nearest first."""
    from maps import steps

    for told in found.drop_duplicates("kind").to_dict("records"):
        row = {str(name): value for name, value in told.items()}
        one = "one cluster " if row["kind"] == "lacks" else ""
        note(f"Nearest: {one}{steps.step(row, 'en')}: {steps.outcome(row, 'en')}.")
    if found.empty:
        note("Nothing is near the wanted area: no cluster has enough of it, and no single step makes one that has.")


def _changes(db: Database, rule: str | None) -> pd.DataFrame:
    """What became of each cluster: those that are otherwise first, those that go on as they were last."""
    from geo.publish import read_run

    run = read_run(db)
    found = run.lineage
    if found.empty:
        note(f"Run {run.run.run_id} is the first, or had no clusters and none before it: there is nothing to tell.")
    if rule is not None:
        run.judged_by(rule)
        found = found[found["over"] == rule]
    goes_on = found["change"] == "continued"
    if goes_on.any():
        note(f"{int(goes_on.sum())} clusters go on and stand last; {int((~goes_on).sum())} rows tell of others.")
    told = found.iloc[goes_on.to_numpy().argsort(kind="stable")].reset_index(drop=True)
    told.attrs["stamp"] = run.run.stamp
    return told


def area_typed(text: str) -> float:
    """An area as somebody types it, in m²: a number alone is in m².

    Raises
    ------
    SettingsError
        It is no area.
    """
    match = re.fullmatch(r"\s*([0-9][0-9,]*(?:\.[0-9]+)?)\s*([^\s0-9].*?)?\s*", text)
    if match is None:
        raise SettingsError(f"{text!r} is no area.", _AREAS)
    try:
        return float(match[1].replace(",", "")) * units.factor(match[2] or "m2", "m2")
    except UnitError:
        raise SettingsError(f"{text!r} is no area.", _AREAS) from None
