"""``shuangbei undo``: an import taken back."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.terminal import console, stoppable


def register(app: typer.Typer) -> None:
    app.command()(undo)


def undo(
    number: Annotated[
        int, typer.Argument(metavar="IMPORT", help="The import's number: `history --imports` lists them.")
    ],
) -> None:
    """Take an import back: the registry as it was without it, nothing deleted. An undo can itself be undone."""
    from geo.database import connect
    from geo.intake import undo as take_back

    db = connect()
    try:
        with stoppable():
            report = take_back(db, number)
    finally:
        db.engine.dispose()
    console().print(report.summary(), markup=False)
