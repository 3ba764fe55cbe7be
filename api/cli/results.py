"""``shuangbei candidates`` and ``carriers``: the answers, to look at or into a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from api.cli import ranking
from api.cli.terminal import check_out, console, format_of, note, working
from geo.errors import SettingsError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: rows of a table that a terminal shows; files and pipes get all
SHOWN = 50

Format = Literal["table", "json", "csv", "geojson", "xlsx", "gpkg", "parquet", "docx"]
#: those of every answer: a report is made of a list of candidates alone
FORMATS = tuple(name for name in get_args(Format) if name != "docx")
#: those that are printed
PRINTED = ("xlsx", "docx")
#: those of rows that have no place on a map
PLAIN_FORMATS = tuple(name for name in FORMATS if name not in ("geojson", "gpkg"))
#: what a terminal shows of a judged frame
CANDIDATES = ("rank", "parcel_code", "verdict", "score", "score_high", "zone", "land_use", "site_area_m2", "gfa_m2")

CARRIERS = ("carrier_code", "name", "carrier_kind", "status", "zone", "gfa_m2", "gfa_source", "n_parcels")
GROUPS = ("group_id", "n_carriers", "gfa_m2", "n_gfa_unknown", "span_m", "shape", "elongation", "carrier_codes")

FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Default: what --out ends in, else a table.", show_default=False)
]
#: of answers of which no report is made
RowsFormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar=f"<{'|'.join(FORMATS)}>",
        help="Default: what --out ends in, else a table.",
        show_default=False,
    ),
]
OutOption = Annotated[Path | None, typer.Option(help="The file to write; without it the answer goes to stdout.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there already.")]
PolicyOption = Annotated[str | None, typer.Option(help="A name in data/policy, or the path of a file.")]
AsOfOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that is asked about; default today.")
]
RuleOption = Annotated[str, typer.Option(help="A rule of the policy.")]


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

    tell(answer, policy, format_, out, GROUPS if groups else CARRIERS, force=force)


def tell(
    answer: Callable[[Database, Policy], pd.DataFrame],
    policy: str | None,
    wanted: Format | None,
    out: Path | None,
    columns: Sequence[str] = (),
    formats: Sequence[str] = FORMATS,
    *,
    force: bool,
    first: str | None = None,
    unit: str | None = None,
    secrecy: str | None = None,
    as_of: datetime | None = None,
    top: int | None = None,
) -> None:
    """Work an answer out and give it as a table, as text, or into a file; ``columns`` are those of the table.

    Raises
    ------
    SettingsError
        The file is there already and ``force`` is false, or the format, or the file's ending, is none of ``formats``.
    """
    check_out(out, force=force)
    chosen = format_of(wanted, out, formats)
    with _database() as db:
        import geo
        from geo.settings import settings

        rules = geo.policy(policy or settings().policy)
        with working("Working it out …"):
            frame = answer(db, rules)
            if first:
                frame = frame.sort_values(first, na_position="last", kind="stable")
        if frame.empty:
            _say_if_nothing_is_there(db, "carriers" if columns in (CARRIERS, GROUPS) else "parcels")
        if out is not None:
            with working("Writing it …"):
                around = _layers(db, as_of) if chosen == "docx" else None
                asked = settings()
                whose = asked.unit if unit is None else unit
                closed = asked.secrecy if secrecy is None else secrecy
                geo.export(frame, out, unit=whose, secrecy=closed, layers=around, top=top, overwrite=force)
            note(f"{len(frame)} rows written to {out}.")
        elif chosen == "table":
            _table(frame, columns)
        elif chosen == "json":
            _json(frame)
        else:
            _through_a_file(frame, chosen)


def say_if_no_land_then(db: Database, found: pd.DataFrame, as_of: datetime | None) -> None:
    """Say of an answer without rows where no parcel is registered for the day that was asked about."""
    if found.empty and as_of is not None:
        from geo.answers.parcels import any_parcel

        if not any_parcel(db, as_of.date()):
            note(f"No parcel is registered for {as_of.date()}: ask for another day, or import parcels that hold then.")


def _say_if_nothing_is_there(db: Database, kind: str) -> None:
    """Where nothing of that kind was ever imported an empty answer is no answer: say what to do first."""
    import sqlalchemy as sa

    table = db.table(f"registry.{kind}")
    with db.read() as connection:
        there = connection.scalar(sa.select(sa.exists().where(table.c.recorded_to.is_(None))))
    if not there:
        note(
            f"There are no {kind} yet: `shuangbei import FILE --kind {kind}` brings them in, and `shuangbei inspect FILE` "
            "tells beforehand what of a file is understood."
        )


def _layers(db: Database, as_of: datetime | None) -> dict[str, gpd.GeoDataFrame]:
    """What lies round the land, for the small maps of a report."""
    from geo.answers.layers import layers

    return layers(db, as_of=as_of.date() if as_of else None)


@contextmanager
def _database() -> Iterator[Database]:
    from geo.database import connect, require_migrated

    db = connect()
    try:
        require_migrated(db)
        yield db
    finally:
        db.engine.dispose()


def _table(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from geo.fields.values import records

    shown = list(columns) or [str(name) for name in frame.columns]
    numbers = {name for name in shown if frame[name].dtype.kind in "iuf"}
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in shown:
        # A code that is broken over two lines cannot be copied.
        table.add_column(
            name,
            justify="right" if name in numbers else "left",
            overflow="fold",
            no_wrap=name.endswith(("_code", "_id")),
        )
    for row in records(frame[shown].head(SHOWN)):
        table.add_row(*(_cell(row[name]) for name in shown))
    console().print(table)
    if len(frame) > SHOWN:
        note(f"{SHOWN} of {len(frame)} rows; --format json or --out FILE gives all.")


def _cell(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, float):
        from geo.fields.values import grouped

        return grouped(value, 0 if abs(value) >= 1000 else 2)
    if isinstance(value, list):
        from geo.export.plain import records_text

        if value and all(isinstance(one, float) for one in value):
            return "、".join(map(_cell, value))

        return records_text(value)
    return str(value)


def _json(frame: pd.DataFrame) -> None:
    from geo.fields.readers import for_all
    from geo.fields.values import records

    typer.echo(json.dumps(records(for_all(frame)), ensure_ascii=False, indent=1, allow_nan=False))


def _through_a_file(frame: pd.DataFrame, ending: str) -> None:
    # What goes through a pipe is what a file would hold, to the letter, but for the mark that Excel wants before CSV.
    import geo

    with TemporaryDirectory() as folder:
        file = geo.export(frame, Path(folder) / f"answer.{ending}")
        typer.echo(file.read_text(encoding="utf-8-sig"), nl=ending != "csv")
