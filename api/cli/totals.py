"""``shuangbei totals``: site area and floor area added up, a figure opened to its rows, and what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import AsOfOption, ForceOption, FormatOption, OutOption, PolicyOption
from api.cli.telling import tell
from api.cli.terminal import note
from geo.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: what a terminal shows of the rows that a figure is the sum of, and of faults
ROWS = (
    "books",
    "parcel_code",
    "building_code",
    "share",
    "site_area_m2",
    "gfa_m2",
    "gfa_source",
    "import_id",
    "file_name",
)
FAULTS = (
    *("fault", "carrier_code", "parcel_code", "building_code", "share", "total", "registered_m2", "shares_m2"),
    *("zones", "overlap_m2"),
)
TARGET = ("carrier_code", "zone", "stage", "year", "gfa_m2", "counts", "open", "import_id", "file_name")


def register(app: typer.Typer) -> None:
    app.command()(totals)


def totals(
    by: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="zone, park, street, land_use, supply_status, state, year, carrier, kind, operator, operator_role, cluster,"
            " by comma; or owners alone: by kind of owner, few parcels together; empty: one grand total.",
        ),
    ] = "zone,land_use",
    states: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="standing, approved, under_construction, demolished, by comma, or all.",
            show_default="standing",
        ),
    ] = None,
    trace: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=VALUE,…",
            help="Open the figure of this group, as zone=north_bund,carrier=none: its rows, and the import of each."
            " Empty: those of the grand total.",
        ),
    ] = None,
    faults: Annotated[
        bool,
        typer.Option(
            "--faults",
            help="What in the carriers' shares and figures, and in the zones, does not fit, instead of totals.",
        ),
    ] = False,
    target: Annotated[
        bool,
        typer.Option(
            "--target",
            help="What counts towards the target, carrier by carrier, with the import of each, instead of totals.",
        ),
    ] = False,
    subtotals: Annotated[bool, typer.Option("--subtotals", help="Add subtotals and the grand total.")] = False,
    unit: Annotated[str, typer.Option(help="Another unit to show beside m2: 万㎡, 公顷, 亩, km2, ft2.")] = "m2",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = None,
    out: OutOption = None,
    force: ForceOption = False,
) -> None:
    """Site area and floor area, every square metre once, with the number of unknown entries beside."""
    given = (("--faults", faults), ("--trace", trace is not None), ("--target", target))
    asked = [flag for flag, said in given if said]
    if len(asked) > 1:
        raise SettingsError(f"{' and '.join(asked)} are two questions.", "Ask one of them.")
    names = _names(by)
    if "owner_kind" in names:
        raise SettingsError(
            "Owners are not for everybody to read.",
            "--by owners tells them of many parcels together; or ask geo.floor_area in Python, and mind who sees it.",
        )
    wanted = None if states is None else "all" if states == "all" else _names(states)
    figure = None if trace is None else _figure(trace)

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        day = as_of.date() if as_of else None
        if faults:
            return geo.ledger_faults(db, chosen, as_of=day)
        if target:
            found = geo.target(db, chosen, as_of=day)
            _say(found.attrs["target"])
            return found
        if figure is not None:
            return geo.trace(db, figure, chosen, states=wanted, as_of=day)
        found = geo.floor_area(db, chosen, by=names, states=wanted, as_of=day, subtotals=subtotals, unit=unit)
        if found.empty and day is not None:
            note(f"Nothing holds on {day}: what is registered holds from a later day on, or no longer.")
        return found

    shown = FAULTS if faults else TARGET if target else ROWS if figure is not None else ()
    tell(answer, policy, format_, out, shown, force=force)


def _say(figures: dict[str, Any]) -> None:
    """How far the target is, above the carriers."""
    mark = "" if figures["park_boundary_known"] else " (非考核口径)"
    built, gap = (
        f"{figures[name]:,.0f} m²" if figures[name] is not None else "—" for name in ("carrier_gfa_m2", "gap_m2")
    )
    note(f"Built and counted: {built}{mark}; to the target of {figures['target_m2']:,.0f} m²: {gap}.")
    for name, words in (("n_carriers_undecided", "undecided"), ("n_carriers_unknown", "of unknown size")):
        if figures[name]:
            note(f"Not in it: {figures[name]} carriers {words}.")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _figure(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in _names(text)]
    broken = [name for name, sign, value in pairs if not sign or not value]
    if broken:
        raise SettingsError(f"--trace {text}: {broken[0]} has no value.", "Write NAME=VALUE, several by comma.")
    figure = {name.strip(): value.strip() for name, _, value in pairs}
    if "owner_kind" in figure:
        raise SettingsError("Owners are not for everybody to read.", "Ask geo.trace in Python, and mind who sees it.")
    return figure
