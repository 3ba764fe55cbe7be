"""``shuangbei candidates`` and ``carriers``: the answers, to look at or into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from api.cli import ranking
from api.cli.options import (
    FORMATS,
    PRINTED,
    AsOfOption,
    ForceOption,
    Format,
    FormatOption,
    OutOption,
    PolicyOption,
    RowsFormatOption,
    RuleOption,
)
from api.cli.telling import tell
from api.cli.terminal import format_of, note
from geo.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: what a terminal shows of a judged frame
CANDIDATES = ("rank", "parcel_code", "verdict", "score", "score_high", "zone", "land_use", "site_area_m2", "gfa_m2")

CARRIERS = ("carrier_code", "name", "carrier_kind", "status", "zone", "gfa_m2", "gfa_source", "n_parcels")
GROUPS = ("group_id", "n_carriers", "gfa_m2", "n_gfa_unknown", "span_m", "shape", "elongation", "carrier_codes")


def register(app: typer.Typer) -> None:
    for command in (candidates, carriers):
        app.command()(command)


def candidates(
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    robustness: Annotated[
        bool,
        typer.Option("--robustness", help="How far the ranking hangs on weights and unknowns, instead of the list."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="With --robustness: the seed of its draws.")] = 0,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="With --robustness: the pairs whose order no weights within bounds turn.")
    ] = False,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|POLICY",
            help="What is otherwise than before: in a published run (its number) or by another policy (a name or a file).",
        ),
    ] = None,
    format_: FormatOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    unit: Annotated[
        str | None, typer.Option(help="编制单位 on the workbook and the report; default: SHUANGBEI_UNIT.")
    ] = None,
    secrecy: Annotated[str | None, typer.Option(help="密级 on them; default: SHUANGBEI_SECRECY.")] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Print so many of the first: a workbook holds all, a report no others.")
    ] = None,
) -> None:
    """Every parcel with verdict, score, rank and reasons: what may change use, what not, and what is not known."""

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        day = as_of.date() if as_of else None
        if robustness:
            return geo.robustness(db, chosen, rule=rule, as_of=day, seed=seed, pairs=pairs)
        found: pd.DataFrame = geo.candidates(db, chosen, rule=rule, as_of=day)
        if compare is not None:
            changed: pd.DataFrame = geo.compare(ranking.held_against(db, compare, rule, day), found)
            ranking.say_what_was_compared(changed)
            return changed
        ranking.say_of_the_day(found, chosen, day)
        ranking.say_what_to_survey(found, chosen.rule(rule))
        return found

    if robustness and compare is not None:
        raise SettingsError("--robustness and --compare are two questions.", "Ask one of them.")
    if pairs and not robustness:
        raise SettingsError("--pairs is a question of --robustness.", "Give both.")
    columns = () if compare is not None or pairs else ranking.ROBUSTNESS if robustness else CANDIDATES
    first = "rank" if columns else None
    formats = FORMATS if robustness or compare is not None else get_args(Format)
    if top is not None and (
        out is None or robustness or compare is not None or format_of(format_, out, formats) not in PRINTED
    ):
        raise SettingsError(
            "--top says how many of the first a workbook or a report of candidates prints.",
            "Name one: --out NAME.xlsx or --out NAME.docx.",
        )
    tell(
        answer,
        policy,
        format_,
        out,
        columns,
        formats,
        force=force,
        first=first,
        unit=unit,
        secrecy=secrecy,
        as_of=as_of,
        top=top,
    )


def carriers(
    groups: Annotated[
        bool, typer.Option("--groups", help="Carriers within walking distance of each other, as belts and patches.")
    ] = False,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: RowsFormatOption = None,
    out: OutOption = None,
    force: ForceOption = False,
) -> None:
    """The carriers (载体) on the register, with zone and floor area."""

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        day = as_of.date() if as_of else None
        if not groups:
            told: pd.DataFrame = geo.carriers(db, chosen, as_of=day)
            return told
        found: pd.DataFrame = geo.carrier_groups(db, chosen, as_of=day)
        for name, said in (("not_placed", "whose place is not known"), ("status_unknown", "whose status is not known")):
            if codes := found.attrs["stamp"][name]:
                note(f"{len(codes)} carriers {said} are in no group: {', '.join(codes)}.")
        return found

    tell(answer, policy, format_, out, GROUPS if groups else CARRIERS, force=force, kind="carriers")
