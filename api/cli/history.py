"""``shuangbei history``: what became of one code, which imports there were, and what waits for somebody's word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.imports import show_changes, visible
from api.cli.options import ForceOption
from api.cli.terminal import check_out, console, note, working
from geo.errors import SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database

#: the counts of an import, in the order in which they are told; an undo has more than these
_COUNTS = ("added", "changed", "same", "gone", "rejected")


def register(app: typer.Typer) -> None:
    app.command()(history)


def history(
    code: Annotated[
        str | None, typer.Argument(help="The code of a parcel, or of another kind with --kind.", show_default=False)
    ] = None,
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="What the code is of: parcels, buildings, carriers, zones …")
    ] = "parcels",
    imports: Annotated[bool, typer.Option("--imports", help="List the imports instead, newest first.")] = False,
    import_id: Annotated[
        int | None,
        typer.Option(
            "--import", metavar="IMPORT", help="What that import changed, field by field.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --import: all of its changes as xlsx, csv or json.")
    ] = None,
    force: ForceOption = False,
    unconfirmed: Annotated[
        bool, typer.Option("--unconfirmed", help="List the splits and merges that nobody has confirmed.")
    ] = False,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Say that the splits and merges of CODE hold, and its carrier shares.")
    ] = False,
    format: Annotated[Literal["table", "json"], typer.Option(help="How the result is written.")] = "table",  # noqa: A002
) -> None:
    """Show the life of one parcel: each version, from when it held, who brought it, what changed, splits and merges."""
    from geo.database import connect

    one = import_id is not None
    if imports + one + unconfirmed + confirm > 1 or (code is None) != (imports or one or unconfirmed):
        raise SettingsError(
            "history wants one thing: a code, a code with --confirm, --imports, --import N, or --unconfirmed.",
            "For example: shuangbei history HK-01",
        )
    if out is not None and not one:
        raise SettingsError("--out gives the changes of an import.", "Name it: --import N.")
    check_out(out, force=force)
    db = connect()
    try:
        if imports:
            _imports(db, format)
        elif import_id is not None:
            _changes(db, import_id, format, out)
        elif unconfirmed:
            _unconfirmed(db, format)
        elif confirm:
            _confirm(db, str(code))
        else:
            _life(db, str(code), kind, format)
    finally:
        db.engine.dispose()


def _life(db: Database, code: str, kind: str, form: str) -> None:
    from geo.intake.confirming import lineage
    from geo.intake.history import history as versions

    frame = versions(db, code, kind=kind)
    pairs = lineage(db, code) if kind == "parcels" else None
    if form == "json":
        told = [] if pairs is None else pairs.to_dict("records")
        # Beside the versions that an import brought or ended stands what it made of the parcel.
        _write_json(
            [
                row | {"lineage": [pair for pair in told if pair["import_id"] in (row["import_id"], row["ended_by"])]}
                for row in frame.to_dict("records")
            ]
        )
        return
    rows = (
        (
            row["version"],
            row["valid_from"],
            row["valid_to"],
            _minute(row["recorded_from"]),
            _minute(row["recorded_to"]),
            row["import_id"],
            f"{row['file_name']}{_undone(row)}",
            row["actor"],
            "; ".join(f"{c['field']}: {_brief(c['old'])} → {_brief(c['new'])}" for c in row["changes"]),
        )
        for row in frame.to_dict("records")
    )
    headings = ("version", "holds from", "to", "known from", "to", "import", "file", "by", "what changed")
    _write_table(headings, rows)
    _write_facts(frame, kind)
    if pairs is not None and not pairs.empty:
        _write_lineage(pairs)


def _write_facts(frame: pd.DataFrame, kind: str) -> None:
    """What the newest version says, and what it does not; its code and its days stand above."""
    from geo.fields import kind_named
    from geo.intake.history import shown_facts

    versions = frame.to_dict("records")
    now = [row for row in versions if row["recorded_to"] is None and row["valid_to"] is None]
    row = (now or versions)[-1]
    columns = {column.name: column.zh for column in kind_named(kind).columns if column.name not in kind_named(kind).key}
    facts = [(name, columns[name], row[name]) for name in shown_facts(kind_named(kind)) if name in columns]
    facts += [("drawn_area_m2", "图形面积", row["drawn_area_m2"])] if row.get("drawn_area_m2") else []
    facts += [("source", "数据来源", row["source"])]
    said = "as it is registered now" if now else "the last one, which is registered no more"
    console().print(f"\nVersion {row['version']}, {said}:")
    known = [(name, zh, _whole(value)) for name, zh, value in facts if value is not None]
    _write_table(("field", "字段", "value"), known)
    unknown = [name for name, _, value in facts if value is None]
    if unknown:
        note(f"Not known: {', '.join(unknown)}.")


def _imports(db: Database, form: str) -> None:
    from geo.intake.history import imports

    frame = imports(db)
    if form == "json":
        _write_json(frame.to_dict("records"))
        return
    rows = (
        (
            row["import_id"],
            row["kind"],
            f"{row['file_name']}{_undone(row)}",
            row["effective_from"],
            _minute(row["recorded_at"]),
            row["actor"],
            ", ".join(f"{row['counts'][name]} {name}" for name in _COUNTS if row["counts"].get(name))
            + (f"; codes by {', '.join(row['tables'])}" if row["tables"] else ""),
        )
        for row in frame.to_dict("records")
    )
    _write_table(("import", "kind", "file", "holds from", "recorded", "by", "what it did"), rows)


def _changes(db: Database, import_id: int, form: str, out: Path | None) -> None:
    from geo.intake.brought import changes_of

    with working("Looking through its rows …"):
        changes = changes_of(db, import_id)
    if form == "json":
        _write_json(changes.to_dict("records"))
    elif changes.empty:
        console().print("It changed nothing.")
    else:
        show_changes(changes, out)


def _unconfirmed(db: Database, form: str) -> None:
    from geo.intake.confirming import lineage

    pairs = lineage(db, unconfirmed=True)
    if form == "json":
        _write_json(pairs.to_dict("records"))
    elif pairs.empty:
        console().print("Nothing waits to be confirmed.")
    else:
        _write_lineage(pairs)
        note(
            "Shares follow by area. `shuangbei history CODE --confirm` says that they hold; else import the true ones."
        )


def _confirm(db: Database, code: str) -> None:
    from geo.intake.confirming import confirm

    n = confirm(db, code)
    console().print(f"{code}: {n} confirmed.", markup=False)


def _write_lineage(pairs: pd.DataFrame) -> None:
    rows = (
        (
            row["from_code"],
            row["to_code"],
            row["change"],
            f"{row['share_of_from']:.1%}",
            f"{row['share_of_to']:.1%}",
            row["effective"],
            row["import_id"],
            "; ".join(f"{c['carrier_code']} {_brief(c['share'])}" for c in row["carriers"]),
            "yes" if row["confirmed"] else "no",
        )
        for row in pairs.to_dict("records")
    )
    headings = (
        "from",
        "to",
        "what",
        "of the old",
        "of the new",
        "holds from",
        "import",
        "carriers' shares",
        "confirmed",
    )
    _write_table(headings, rows)


def _write_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for cells in rows:
        table.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in cells))
    console().print(table)


def _write_json(content: Any) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, default=_plain, indent=2))


def _undone(row: Mapping[Any, Any]) -> str:
    return "" if row["undone_by"] is None else f" (undone by import {row['undone_by']})"


def _brief(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value:g}" if isinstance(value, float) else str(value)[:40]


def _whole(value: Any) -> str:
    from geo.fields.values import list_text

    if isinstance(value, float):
        return f"{value:.10g}"
    return list_text(value) if isinstance(value, list) else str(value)


def _minute(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
