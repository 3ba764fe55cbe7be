"""``shuangbei template`` and ``shuangbei export``: an empty workbook to fill in, and the registry given back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import ForceOption
from api.cli.terminal import check_out, note

KindArgument = Annotated[str, typer.Argument(metavar="KIND", help="parcels, buildings, carriers, services, zones …")]


def register(app: typer.Typer) -> None:
    app.command()(template)
    app.command("export")(export_kind)


def template(
    kind: KindArgument,
    out: Annotated[Path, typer.Option(help="The workbook to write.", metavar="FILE.xlsx")],
    table: Annotated[str, typer.Option(help="The code table of its land-use columns.")] = "shanghai_kg",
    crs: Annotated[str, typer.Option(help="What its coordinates will mean.")] = "EPSG:4490",
    force: ForceOption = False,
) -> None:
    """An empty workbook with headings, units, drop-downs and notes; filled in, it is imported without a mapping."""
    from geo.export.template import template as write

    check_out(out, force=force)
    write(kind, out, table=table, datum=crs)
    note(f"{out}: fill in its first sheet, then: shuangbei import {out} --kind {kind}")


def export_kind(
    kind: KindArgument,
    out: Annotated[Path, typer.Option(help="The file to write: xlsx, csv, gpkg, parquet, geojson.", metavar="FILE")],
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that is asked about; default today.")
    ] = None,
    restricted: Annotated[
        bool, typer.Option("--restricted", help="With the columns that only some may read (owners, tax, leases).")
    ] = False,
    force: ForceOption = False,
) -> None:
    """The registry's rows of one kind as a file that the import reads back as it is."""
    import geo
    from geo.database import connect

    check_out(out, force=force)
    db = connect()
    try:
        frame = geo.facts(db, kind, as_of=as_of.date() if as_of else None)
        geo.export(frame, out, restricted=restricted, overwrite=force)
    finally:
        db.engine.dispose()
    note(f"{len(frame)} rows written to {out}.")
