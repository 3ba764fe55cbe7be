"""``shuangbei demo``: from nothing to a map of both zones, with one command."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.serve import Port, listen, run
from api.cli.terminal import note


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Load and publish only.")] = False, port: Port = 8000
) -> None:
    """Load the demo data of both zones, publish the answers and serve the map; what is there already is kept."""
    # Before minutes of loading, so that a taken port is told at once.
    listener = None if no_serve else listen("127.0.0.1", port)
    try:
        _prepare()
        if listener is not None:
            run(listener)
    finally:
        if listener is not None:
            listener.close()


def _prepare() -> None:
    from geo.database import connect, upgrade
    from geo.demo import is_loaded, load
    from geo.policy import policy
    from geo.publish import is_current, publish
    from geo.settings import settings

    db = connect()
    try:
        upgrade(db)
        if not is_loaded(db):  # loading again would undo an office's own corrections to these rows
            load(db, note)
        chosen = policy(settings().policy)
        if not is_current(db, chosen):
            note("Publishing …")
            publish(db, chosen)
    finally:
        db.engine.dispose()
