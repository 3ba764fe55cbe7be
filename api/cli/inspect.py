"""``shuangbei inspect``: what a file holds and what its columns probably are, before anything is imported."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import ForceOption
from api.cli.terminal import check_out, console, note
from geo.errors import ReadError, ShuangbeiError

if TYPE_CHECKING:
    from geo.database import Database
    from geo.intake.inspecting import Inspection


def register(app: typer.Typer) -> None:
    app.command()(inspect)


def inspect(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Any file that `shuangbei import` reads.")],
    layer: Annotated[str | None, typer.Option(help="Layer or sheet, where the file has several.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="What it holds, where the guess is wrong.")] = None,
    crs: Annotated[str | None, typer.Option(metavar="CRS", help="Datum, where the file does not say it.")] = None,
    join: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file with what this one lacks, joined by the code of both.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Write a mapping to edit; what is not sure is left blank.")
    ] = None,
    force: ForceOption = False,
    format: Annotated[Literal["table", "json"], typer.Option(help="How the result is written.")] = "table",  # noqa: A002
) -> None:
    """Look at a file: layers, columns, datum, and what each column probably is. Nothing is imported.

    With --database before the command the layer is also held against what is registered there. Of a workbook with several
    sheets --out writes a mapping for all that it recognises ([[sheet]]).
    """
    from geo.apart import warm

    warm()  # the reader imports its libraries while we import ours
    from geo.intake.draft import draft_mapping, left_blank
    from geo.intake.inspecting import inspect_file
    from geo.intake.sheets import WORKBOOKS

    check_out(out, file, join, force=force, ending="toml")
    db = _database(context)
    try:
        seen = inspect_file(file, layer=layer, kind=kind, crs=crs, db=db, join=join)
    finally:
        if db is not None:
            db.engine.dispose()
    if format == "json":
        typer.echo(json.dumps(asdict(seen), ensure_ascii=False, indent=2))
    else:
        _show(seen)
    if file.suffix.lower() in (".osm", ".pbf"):
        note(f"Roads, rails and water come from it by: shuangbei import {file} --kind barriers --mapping osm-barriers")
    if not seen.columns and file.suffix.lower() in WORKBOOKS:
        _book(file, out, told=format == "table")
        return
    if out is not None:
        text = draft_mapping(seen)
        _write(out, text)
        blank = left_blank(seen)
        note(f"{out} written." + (f" Left blank, for they are not sure: {', '.join(blank)}." if blank else ""))


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReadError(f"{out} cannot be written: {error.strerror}.", "Check the folder.") from None


def _book(file: Path, out: Path | None, *, told: bool) -> None:
    """What each sheet of a workbook probably holds, and a mapping for those where that is known."""
    from geo.intake.book_draft import draft_book, inspect_book

    sheets = inspect_book(file)
    for sheet in sheets if told else []:
        what = sheet.kind or f"left out: {sheet.why}"
        console().print("".join(c if c.isprintable() else "�" for c in f"{sheet.layer}: {what}"))
    if out is not None:
        _write(out, draft_book(file, sheets))
        note(f"{out} written: a mapping for all of its sheets at once.")


def _database(context: typer.Context) -> Database | None:
    """The database that the call or the environment names, if it can be reached; none is started for a look at a file."""
    from geo.database import connect, is_migrated
    from geo.settings import settings

    if not (context.find_root().params.get("database") or settings().database_url):
        return None
    try:
        db = connect()
        return db if is_migrated(db) else None
    except ShuangbeiError as error:
        note(f"Not compared with what is registered: {error.message}")
        return None


def _show(seen: Inspection) -> None:
    from rich.table import Table
    from rich.text import Text

    def table(*headings: str) -> Table:
        made = Table(box=None, header_style="bold", pad_edge=False)
        for heading in headings:
            made.add_column(heading, overflow="fold")
        return made

    def row(made: Table, *cells: object) -> None:
        plain = ("" if cell is None else str(cell) for cell in cells)
        made.add_row(*(Text("".join(c if c.isprintable() else "�" for c in cell)) for cell in plain))

    if len(seen.layers) > 1:
        layers = table("layer", "rows", "shape")
        for info in seen.layers:
            row(layers, info.name, info.n_rows, info.geometry)
        console().print(layers)
    if not seen.columns:
        note("Pass --layer to look into one.")
        return
    about = table("", "")
    row(about, "file", seen.file_name + (f", layer {seen.layer}" if seen.layer else ""))
    row(about, "rows", seen.n_rows)
    row(about, "kind", f"{seen.kind or 'not known: pass --kind'} ({seen.kind_confidence:.2f})")
    row(about, "encoding", seen.encoding or "as the format says")
    row(about, "shapes", seen.geometry or "none")
    if seen.geometry:
        said = "as the file says" if seen.datum_said and seen.datum else "as passed" if seen.datum else "pass --crs"
        row(about, "datum", f"{seen.datum or 'the file does not say it'} ({said})")
        row(about, "box", None if seen.bbox is None else ", ".join(f"{value:.8g}" for value in seen.bbox))
        row(about, "guard", seen.guard)
    console().print(about)
    if seen.drawing is not None and seen.drawing.several:
        drawn = table("drawn on layer", "areas", "with text inside", "lines", "points", "read")
        for each in seen.drawing.layers:
            read = "yes" if each.name in seen.drawing.chosen else None
            row(drawn, each.name, each.n_areas, each.n_labelled, each.n_lines, each.n_points, read)
        console().print(drawn)
    columns = table("column", "type", "sample", "empty", "is probably", "sure", "why")
    for column in seen.columns:
        guess = column.guess
        name = None if guess is None else guess.target + "".join(f" [{x}]" for x in (guess.unit, guess.table) if x)
        why = None if guess is None else "; ".join(guess.why)
        sure = None if guess is None else f"{guess.confidence:.2f}" + ("" if guess.sure else " ?")
        row(columns, column.name, column.type, (column.sample or "")[:24], column.n_empty, name, sure, why)
    console().print(columns)
