"""``shuangbei import``: files into the registry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import ForceOption
from api.cli.progress import progress_bar
from api.cli.terminal import check_out, console, note, stoppable
from geo.errors import IntakeError, SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.fields.faults import Fault, FileRows
    from geo.intake import ImportReport

#: faults that a terminal shows; all of them are in the error for those who call from Python
SHOWN = 50


def register(app: typer.Typer) -> None:
    app.command("import")(import_file)


def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            help="GeoPackage, Shapefile (also zipped), GeoJSON, GeoParquet, DXF, OpenStreetMap, CSV or workbook."
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="What the file holds: parcels, buildings, carriers, zones …; the mapping may say it. Of a mapping with "
            "several sheets it chooses one.",
        ),
    ] = None,
    mapping: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="A name in data/mappings, or the path of a TOML file.")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(metavar="CRS", help="Datum of the file: EPSG:…, WKT, a PROJ string, GCJ-02 or BD-09.")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Layer or sheet, where the file has several.")] = None,
    join: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|registered",
            help="A file with what this one lacks (attributes, or outlines), joined by the code that both hold; or "
            "`registered`: keep the outlines that are registered, and every column that this file does not name.",
        ),
    ] = None,
    effective: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day from which the rows hold (default: today).")
    ] = None,
    accept_valid: Annotated[
        bool, typer.Option("--accept-valid", help="Take the good rows, keep the others aside with their faults.")
    ] = False,
    gone: Annotated[
        Literal["keep", "retire"], typer.Option(help="What happens to registered rows that are not in the file.")
    ] = "keep",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; show what would change.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --dry-run: all changes as xlsx, csv or json.")
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE.xlsx", help="The rows with their faulty cells coloured, as a workbook.")
    ] = None,
    force: ForceOption = False,
    trust_crs: Annotated[
        bool,
        typer.Option("--trust-crs", help="Take the datum as declared, though what is registered speaks against it."),
    ] = False,
) -> None:
    """Import a file: read, checked row by row, stored with history. One error stops the whole file.

    With a mapping of several sheets ([[sheet]]) all of them are imported in one transaction, without --kind.
    """
    from geo.apart import warm

    warm()  # the reader imports its libraries while we import ours
    from geo.database import connect
    from geo.intake import load

    if out is not None and not dry_run:
        raise SettingsError("--out gives the changes of a dry run.", "Pass --dry-run, too.")
    for written in (out, faults):
        check_out(written, file, join, mapping, force=force)
    db = connect()
    try:
        with stoppable(), progress_bar() as progress:
            report = load(
                db,
                file,
                kind=kind,
                mapping=mapping,
                crs=crs,
                layer=layer,
                join=join,
                effective=effective.date() if effective else None,
                accept_valid=accept_valid,
                progress=progress,
                gone=gone,
                trust_crs=trust_crs,
                dry_run=dry_run,
            )
    except IntakeError as error:
        show_faults(error.faults, told=error.hint)
        _give_faults(faults, error.faults, error.read)
        raise
    finally:
        db.engine.dispose()
    show_faults(report.faults)
    _give_faults(faults, report.faults, report.read)
    if report.changes is not None:
        show_changes(report.changes, out)
    if report.unused:
        note(f"Columns that were not used: {', '.join(report.unused)}")
    console().print(report.summary())
    tell_emptied(report)
    if report.effective > date.today():
        note(f"It holds from {report.effective} on, which is yet to come: until then answers stay as they are.")
    if report.n_rejected and not dry_run:
        note("`shuangbei rejected` lists the rows that were kept aside; --out 退回.xlsx gives them to be mended.")


def show_faults(faults: Sequence[Fault], told: str = "") -> None:
    """The first faults as a table on stderr, errors before warnings, with how many there are in all.

    A fault whose advice is ``told`` beside the table already is not told in it again.
    """
    from rich.table import Table
    from rich.text import Text

    if not faults:
        return
    ordered = sorted(
        (fault for fault in faults if fault.row is not None or fault.advice != told),
        key=lambda f: f.severity != "error",
    )
    table = Table(box=None, header_style="bold", pad_edge=False)
    # Where all rows are of one sheet there is nothing to tell apart.
    several = any(fault.where for fault in faults)
    headings = ("row", "code", "field", "value", "rule", "severity", "what to do")
    for heading in (*(["in"] if several else []), *headings):
        table.add_column(heading, overflow="fold")
    for fault in ordered[:SHOWN]:
        where = (fault.where,) if several else ()
        cells = (*where, fault.row, fault.key, fault.field, fault.value, fault.rule, fault.severity, fault.advice)
        # Text, and control characters marked: a value may hold markup, or codes that rewrite the terminal.
        table.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in cells))
    if ordered:
        console(stderr=True).print(table)
    errors = sum(fault.severity == "error" for fault in faults)
    more = f"; the first {SHOWN} are shown" if len(ordered) > SHOWN else ""
    warnings = len(faults) - errors
    note(f"{errors} error{'s' * (errors != 1)} and {warnings} warning{'s' * (warnings != 1)}{more}.")


def _give_faults(path: Path | None, faults: Sequence[Fault], read: FileRows | None) -> None:
    if path is not None and read is not None:
        from geo.export import fault_workbook

        fault_workbook(faults, read, path)
        note(f"Faults: {path}")


def tell_emptied(report: ImportReport) -> None:
    """Where to see which registered values an import took away, if it did."""
    for part in report.parts or (report,):
        if part.emptied and part.import_id is not None:
            note(f"`shuangbei history --import {part.import_id}` shows which values went.")


def show_changes(changes: pd.DataFrame, out: Path | None) -> None:
    """The first changes as a table on stdout, all of them in ``out``."""
    from rich.table import Table
    from rich.text import Text

    from geo.export import export

    if len(changes):
        table = Table(box=None, header_style="bold", pad_edge=False)
        for heading in changes.columns:
            table.add_column(heading, overflow="fold")
        for row in changes.head(SHOWN).itertuples(index=False):
            table.add_row(*(Text("" if cell is None else visible(str(cell)[:80])) for cell in row))
        console().print(table)
    if len(changes) > SHOWN:
        more = "" if out else "; --out gives all of them"
        note(f"{len(changes)} changes; the first {SHOWN} are shown{more}.")
    if out is not None:
        export(changes, out, title="变更清单", overwrite=True)
        note(f"Changes: {out}")


def visible(text: str) -> str:
    """The text with control characters marked: they would rewrite the terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)
