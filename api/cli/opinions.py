"""``shuangbei opinions``: what the office filled in on a list of candidates, into the registry."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.imports import show_faults
from api.cli.terminal import console, note, stoppable, working
from geo.errors import IntakeError


def register(app: typer.Typer) -> None:
    app.command()(opinions)


def opinions(
    file: Annotated[Path, typer.Argument(help="The workbook of candidates, filled in.", metavar="FILE.xlsx")],
    effective: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day from which they hold (default: today).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would change.")] = False,
) -> None:
    """Take 人工意见, 理由 and 踏勘结果 out of a filled-in list; they stand beside the verdicts and never alter them."""
    from geo.database import connect
    from geo.intake.opinions import opinions as take

    db = connect()
    try:
        with stoppable(), working("Reading it …"):
            report = take(db, file, effective=effective.date() if effective else None, dry_run=dry_run)
    except IntakeError as error:
        show_faults(error.faults)
        raise
    finally:
        db.engine.dispose()
    if report.imported is not None:
        show_faults(report.imported.faults)
    if report.differs:
        note(f"{len(report.differs)} part from the list's verdict (rule {report.rule}): {', '.join(report.differs)}.")
    console().print(report.summary())
    if report.imported is not None and report.imported.import_id is not None:
        note("Pages show them from the next `shuangbei publish` on.")
