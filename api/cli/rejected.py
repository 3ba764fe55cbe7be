"""``shuangbei rejected``: rows that imports kept aside, listed, given out to be mended, tried again, dismissed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from api.cli.imports import SHOWN, show_changes, show_faults, tell_emptied, visible
from api.cli.options import ForceOption
from api.cli.progress import progress_bar
from api.cli.row_numbers import numbers_in, row_numbers
from api.cli.terminal import check_out, console, format_of, note, stoppable, working
from geo.errors import IntakeError, SettingsError

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.fields.faults import ToMend

Format = Literal["table", "json", "csv", "xlsx"]


def register(app: typer.Typer) -> None:
    app.command()(rejected)


def rejected(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE | ID…]",
            help="With --retry: a mended workbook or CSV, or rows by number; with --dismiss: rows (12 14 20-25).",
            show_default=False,
        ),
    ] = None,
    import_id: Annotated[
        int | None, typer.Option("--import", metavar="IMPORT", help="Rows of this import only.")
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Rows of this kind only.")] = None,
    every: Annotated[bool, typer.Option("--all", help="List those that are settled or dismissed, too.")] = False,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="table and json list; xlsx and csv are to be mended.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The workbook (xlsx, csv) to mend, or the list (json); with --retry: what still fails."
        ),
    ] = None,
    force: ForceOption = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try them again: as they were kept, or as FILE has them.")
    ] = False,
    accept_valid: Annotated[
        bool, typer.Option("--accept-valid", help="With --retry: take the good rows, the others stay open.")
    ] = False,
    effective: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="With --retry: from when they hold (default: as their import)."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --retry: write nothing; show what would change.")
    ] = False,
    trust_crs: Annotated[
        bool, typer.Option("--trust-crs", help="With --retry: take the datum as declared, whatever speaks against it.")
    ] = False,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="Close rows that nobody will mend; wants --why.")] = False,
    why: Annotated[str | None, typer.Option(help="With --dismiss: the reason.", show_default=False)] = None,
) -> None:
    """List the rows that imports kept aside (--accept-valid); mend them in a workbook, try them again, dismiss them."""
    from geo.database import connect

    given = list(what or ())
    _fits(
        given,
        retry,
        dismiss,
        why,
        every or format_ is not None,
        accept_valid or dry_run or trust_crs or bool(effective),
    )
    check_out(out, *given, force=force)
    db = connect()
    try:
        if dismiss:
            _dismiss(db, given, str(why))
        elif retry:
            day = effective.date() if effective else None
            options = {"accept_valid": accept_valid, "effective": day, "dry_run": dry_run, "trust_crs": trust_crs}
            _retry(db, given, {"kind": kind, "import_id": import_id}, options, out)
        else:
            _list(db, kind, import_id, every, format_, out)
    finally:
        db.engine.dispose()


def _fits(given: Sequence[str], retry: bool, dismiss: bool, why: str | None, listing: bool, retrying: bool) -> None:
    wrong = (
        "Rows are listed, tried again or dismissed: one at a time."
        if retry and dismiss
        else "A file or numbers of rows go with --retry or --dismiss."
        if given and not (retry or dismiss)
        else "--dismiss wants the numbers of rows, and --why."
        if dismiss and not (given and why)
        else "--why goes with --dismiss."
        if why is not None and not dismiss
        else "--all and --format go with the list."
        if listing and (retry or dismiss)
        else "--accept-valid, --effective, --dry-run and --trust-crs go with --retry."
        if retrying and not retry
        else None
    )
    if wrong:
        raise SettingsError(
            wrong, 'For example: shuangbei rejected --retry 退回.xlsx; shuangbei rejected --dismiss 12 --why "…"'
        )


def _list(
    db: Database, kind: str | None, import_id: int | None, every: bool, wanted: Format | None, out: Path | None
) -> None:
    from geo.export import mend_csv, mend_workbook, write_mend_csv
    from geo.intake import rejected as kept
    from geo.intake.retry_rows import to_mend

    chosen = format_of(wanted, out, get_args(Format))
    if chosen in ("xlsx", "csv"):
        with working("Writing the rows …"):
            groups = to_mend(db, kind=kind, import_id=import_id, closed=every)
            if out is not None:
                (mend_workbook if chosen == "xlsx" else write_mend_csv)(groups, out)
        if out is None:
            typer.echo(mend_csv(groups), nl=False)
            return
        note(f"{sum(len(each.ids) for each in groups)} rows: {out}. Mend them, then: shuangbei rejected --retry {out}")
        return
    with working("Looking through the rows …"):
        frame = kept(db, kind=kind, import_id=import_id, closed=every)
    if chosen == "table":
        _table(frame, every)
        return
    from geo.fields.values import records

    told = json.dumps(records(frame), ensure_ascii=False, indent=2, default=str)
    if out is None:
        typer.echo(told)
    else:
        from geo.export.files import whole_or_not_at_all

        whole_or_not_at_all(out, lambda temporary: temporary.write_text(told + "\n", encoding="utf-8"))
        note(f"{len(frame)} rows written to {out}.")


def _table(frame: pd.DataFrame, every: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    if frame.empty:
        console().print("No row is kept aside." if every else "No row that was kept aside is open.")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    heads = (
        "id",
        "import",
        "kind",
        "file",
        "row",
        "code",
        "registered",
        *(("state",) if every else ()),
        "what is wrong",
    )
    for heading in heads:
        table.add_column(heading, overflow="fold")
    for row in frame.head(SHOWN).to_dict("records"):
        cells = (
            *(row["rejected_id"], row["import_id"], row["kind"], row["file_name"], row["row"], row["key"]),
            None if row["registered_by"] is None else f"by import {row['registered_by']}",
            *((_state(row),) if every else ()),
            "; ".join(_fault(fault) for fault in row["faults"] if fault["severity"] == "error"),
        )
        table.add_row(*(Text("—" if cell is None else visible(str(cell))) for cell in cells))
    console().print(table)
    more = f"; the first {SHOWN} are shown, --out 退回.xlsx and --format json give all" if len(frame) > SHOWN else ""
    note(f"{len(frame)} rows{more}.")


def _fault(fault: dict[str, Any]) -> str:
    value = "" if fault["value"] is None else f" {fault['value']}"
    return f"{fault['field']}{value}: {fault['rule']}"


def _state(row: dict[Any, Any]) -> str:
    match row["state"]:
        case "settled":
            return f"settled by import {row['closed_by_import']}"
        case "superseded":
            return f"superseded by row {row['closed_by_row']}"
        case "dismissed":
            return f"dismissed by {row['closed_by']}: {row['why']}"
        case "undone":
            return "its import is undone"
        case _:
            return "open"


def _retry(db: Database, given: list[str], chosen: dict[str, Any], options: dict[str, Any], out: Path | None) -> None:
    from geo.intake import retry

    which: dict[str, Any] = {"path": None}
    if given and all(numbers_in(text) is not None for text in given):
        which["rows"] = row_numbers(given)
    elif len(given) == 1:
        which["path"] = Path(given[0])
    elif given:
        raise SettingsError(
            "--retry takes one file, or numbers of rows.", "For example: shuangbei rejected --retry 退回.xlsx"
        )
    try:
        with stoppable(), progress_bar() as progress:
            report = retry(db, **which, **chosen, **options, progress=progress)
    except IntakeError as error:
        show_faults(error.faults, told=error.hint)
        _give(error.failing, out)
        raise
    show_faults(report.faults)
    for each in report.reports:
        if each.changes is not None:
            show_changes(each.changes, None)
    for told in report.left_out:
        note(f"Left out: {visible(told)}.")
    _give(report.failing, out)
    console().print(report.summary(), markup=False)
    for each in report.reports:
        tell_emptied(each)


def _give(failing: Sequence[ToMend], out: Path | None) -> None:
    if out is None:
        return
    if not failing:
        note(f"No row fails, so {out} was not written.")
        return
    from geo.export import mend_workbook

    mend_workbook(failing, out)
    note(f"What still fails, as it is now: {out}")


def _dismiss(db: Database, given: list[str], why: str) -> None:
    from geo.intake import dismiss

    n = dismiss(db, row_numbers(given), why=why)
    console().print(f"{n} rows dismissed.")
