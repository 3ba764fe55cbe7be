"""``shuangbei candidates``, ``clusters``, ``totals`` and ``carriers``: the answers, to look at or into a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.terminal import console, note, working
from geo.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy, Rule

#: rows of a table that a terminal shows; files and pipes get all
SHOWN = 50

Format = Literal["table", "json", "csv", "geojson", "xlsx", "gpkg", "parquet"]
_FILES_ONLY = ("xlsx", "gpkg", "parquet")

FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Default: what --out ends in, else a table.", show_default=False)
]
OutOption = Annotated[Path | None, typer.Option(help="The file to write; without it the answer goes to stdout.")]
PolicyOption = Annotated[str | None, typer.Option(help="A name in data/policy, or the path of a file.")]
AsOfOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that is asked about; default today.")
]
RuleOption = Annotated[str, typer.Option(help="A rule of the policy.")]


def register(app: typer.Typer) -> None:
    for command in (candidates, clusters, totals, carriers):
        app.command()(command)


def candidates(
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    robustness: Annotated[
        bool,
        typer.Option("--robustness", help="How far the ranking hangs on weights and unknowns, instead of the list."),
    ] = False,
    seed: Annotated[int, typer.Option(help="With --robustness: the seed of its draws.")] = 0,
    format_: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Every parcel with verdict, score, rank and reasons: what may change use, what not, and what is not known."""

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        day = as_of.date() if as_of else None
        if robustness:
            return geo.robustness(db, chosen, rule=rule, as_of=day, seed=seed)
        found: pd.DataFrame = geo.candidates(db, chosen, rule=rule, as_of=day)
        _say_what_to_survey(found, chosen.rule(rule))
        return found

    columns: tuple[str, ...] = ()
    if not robustness:
        columns = (
            "rank",
            "parcel_code",
            "verdict",
            "score",
            "score_high",
            "zone",
            "land_use",
            "site_area_m2",
            "gfa_m2",
        )
    _tell(answer, policy, format_, out, columns, first="rank")


def clusters(
    over: Annotated[str, typer.Option(help="The parcels that may hang together: candidates or all.")] = "candidates",
    gap: Annotated[
        float | None, typer.Option(min=0, metavar="METRES", help="Widest gap that still joins; default: the policy's.")
    ] = None,
    rule: RuleOption = "office_to_rnd",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Contiguous clusters: parcels that touch, or that a gap without a barrier parts."""

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        day = as_of.date() if as_of else None
        found: pd.DataFrame = geo.clusters(db, chosen, over=over, rule=rule, gap_m=gap, as_of=day)
        return found

    columns = ("cluster_id", "n_parcels", "area_m2", "gfa_m2", "n_gfa_unknown", "shape", "elongation", "compactness")
    _tell(answer, policy, format_, out, columns)


def totals(
    by: Annotated[
        str, typer.Option(metavar="NAMES", help="zone, land_use, supply_status, by comma; empty: one grand total.")
    ] = "zone,land_use",
    subtotals: Annotated[bool, typer.Option("--subtotals", help="Add subtotals and the grand total.")] = False,
    unit: Annotated[str, typer.Option(help="Another unit to show beside m2: 万㎡, 公顷, 亩, km2, ft2.")] = "m2",
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = None,
    out: OutOption = None,
) -> None:
    """Site area and standing floor area, every square metre once, with the number of unknown entries beside."""
    names = [name.strip() for name in by.split(",") if name.strip()]

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        day = as_of.date() if as_of else None
        return geo.floor_area(db, chosen, by=names, as_of=day, subtotals=subtotals, unit=unit)

    _tell(answer, policy, format_, out)


def carriers(
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = None,
    out: OutOption = None,
) -> None:
    """The carriers (载体) on the register, with zone and floor area."""

    def answer(db: Database, chosen: Policy) -> pd.DataFrame:
        import geo

        found: pd.DataFrame = geo.carriers(db, chosen, as_of=as_of.date() if as_of else None)
        return found

    columns = ("carrier_code", "name", "carrier_kind", "status", "zone", "gfa_m2", "gfa_source", "n_parcels")
    _tell(answer, policy, format_, out, columns)


def _tell(
    answer: Callable[[Database, Policy], pd.DataFrame],
    policy: str | None,
    wanted: Format | None,
    out: Path | None,
    columns: Sequence[str] = (),
    *,
    first: str | None = None,
) -> None:
    chosen = _format(wanted, out)
    with _database() as db:
        import geo
        from geo.settings import settings

        rules = geo.policy(policy or settings().policy)
        with working("Working it out …"):
            frame = answer(db, rules)
            if first:
                frame = frame.sort_values(first, na_position="last", kind="stable")
        if out is not None:
            geo.export(frame, out)
            note(f"{len(frame)} rows written to {out}.")
        elif chosen == "table":
            _table(frame, columns)
        elif chosen == "json":
            _json(frame)
        else:
            _through_a_file(frame, chosen)


def _say_what_to_survey(frame: pd.DataFrame, rule: Rule) -> None:
    """Name what is missing most where parcels cannot be judged, so that a missing layer is not taken for an answer."""
    from geo.fields.measures import MEASURES
    from geo.judge.survey import needs_survey

    fields = needs_survey(frame, rule)
    n = int((frame["verdict"] == "unknown").sum())
    if n:
        counts = zip(fields["field"], fields["n_unknown"], strict=True)
        told = ", ".join(f"{MEASURES[str(field)].zh} {field} ({count})" for field, count in counts)
        note(f"{n} of {len(frame)} parcels cannot be judged for want of: {told}.")


def _format(wanted: Format | None, out: Path | None) -> str:
    """The format asked for, held against the file's ending.

    Raises
    ------
    SettingsError
        The two differ, or a format that is no text is to go to the terminal.
    """
    ending = out.suffix.lower().lstrip(".") if out else None
    chosen = wanted or ending or "table"
    if out is not None and chosen != ending:
        raise SettingsError(
            f"--format {chosen} and --out {out.name} differ.", f"Name the file NAME.{chosen}, or leave --format out."
        )
    if out is None and chosen in _FILES_ONLY:
        raise SettingsError(f"{chosen} is no text for a terminal.", f"Name a file: --out NAME.{chosen}.")
    return chosen


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
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"
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
