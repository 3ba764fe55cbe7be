"""``shuangbei replay``: a list made again from its stamp, and held against the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.terminal import console, note, working

if TYPE_CHECKING:
    from geo.export.replay import Replay

#: cells that differ which a terminal shows
SHOWN = 50


def register(app: typer.Typer) -> None:
    app.command()(replay)


def replay(
    file: Annotated[Path, typer.Argument(help="A list of candidates: xlsx, docx, csv, json, geojson, gpkg, parquet.")],
    now: Annotated[
        bool, typer.Option("--now", help="Against today's facts and policy, not those of the stamp.")
    ] = False,
    policy: Annotated[
        str | None, typer.Option(help="The policy as it is today, where it is not in data/policy.")
    ] = None,
) -> None:
    """Make a list again from its stamp and compare it row by row; exit code 0: the same, 1: not."""
    from geo.database import connect
    from geo.export.replay import replay as make_again

    db = connect()
    try:
        with working("Making it again …"):
            found = make_again(db, file, now=now, policy=policy)
    finally:
        db.engine.dispose()
    for line in found.changed:
        note(f"Changed since: {line}")
    if not found.same:
        _show(found)
    console().print(found.summary())
    raise typer.Exit(0 if found.same else 1)


def _show(found: Replay) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in found.rows.columns:
        table.add_column(heading, overflow="fold")
    for row in found.rows.head(SHOWN).itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))
    console().print(table)
    if len(found.rows) > SHOWN:
        note(f"{len(found.rows)} cells differ; the first {SHOWN} are shown.")
