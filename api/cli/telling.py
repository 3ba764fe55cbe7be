"""An answer told: a table on the terminal, text into a pipe, or a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from api.cli.options import FORMATS, Format
from api.cli.terminal import check_out, console, format_of, note, working

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy

#: rows of a table that a terminal shows; files and pipes get all
SHOWN = 50


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
    kind: str = "parcels",
) -> None:
    """Work an answer out and give it as a table, as text, or into a file; ``columns`` are those of the table.

    ``kind`` is what has to be registered for there to be an answer.

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
            _say_if_nothing_is_there(db, kind)
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
