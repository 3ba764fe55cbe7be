"""``shuangbei demo``: from nothing to a map of both zones, with one command."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.imports import show_faults, visible
from api.cli.serve import Port, listen, run
from api.cli.terminal import note
from geo.errors import IntakeError

if TYPE_CHECKING:
    from geo.database import Database
    from geo.intake import ImportReport

#: the database of the embedded cluster that holds the real layers: real roads never lie across made-up land
REAL_DATABASE = "hongkou"


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Load and publish only.")] = False,
    port: Port = 8000,
    real: Annotated[
        bool,
        typer.Option(
            "--real",
            help="The real layers of Hongkou from SHUANGBEI_REAL_DATA instead, in a database of their own (hongkou).",
        ),
    ] = False,
) -> None:
    """Load the demo data of both zones, publish the answers and serve the map; what is there already is kept."""
    # Before minutes of loading, so that a taken port is told at once.
    listener = None if no_serve else listen("127.0.0.1", port)
    try:
        _prepare(real)
        if listener is not None:
            run(listener)
    finally:
        if listener is not None:
            listener.close()


def _prepare(real: bool) -> None:
    from geo.database import connect, upgrade
    from geo.policy import policy
    from geo.publish import is_current, publish
    from geo.said import heard
    from geo.settings import settings

    if real:
        _choose_real_database()
    db = connect(create=True)
    try:
        upgrade(db)
        _load(db, real)
        chosen = policy(settings().policy)
        if not is_current(db, chosen):
            note("Publishing …")
            # Compiling takes longer than all the rest, the first time on a machine.
            with heard(lambda what: note(f"  {what}")):
                publish(db, chosen)
    finally:
        db.engine.dispose()


def _load(db: Database, real: bool) -> None:
    from geo.demo import is_loaded, load, load_known, load_real
    from geo.settings import settings

    if real:
        folder = settings().real_data
        assert folder is not None  # _choose_real_database has asked
        try:
            load_real(db, folder, note, _tell)  # looks first whether all files are there
            load_known(db, note, _tell)
        except IntakeError as error:
            show_faults(error.faults)
            raise
    elif not is_loaded(db):  # loading again would undo an office's own corrections to these rows
        load(db, note)


def _tell(report: ImportReport) -> None:
    """What became of a layer: its rows, and how often each rule warned."""
    rules = Counter(fault.rule for fault in report.faults)
    n = sum(rules.values())
    told = ", ".join(f"{rule} {times}" for rule, times in sorted(rules.items()))
    note(f"  {visible(report.summary())}; {n or 'no'} warning{'s' * (n != 1)}{f': {told}' if told else ''}")


def _choose_real_database() -> None:
    import os

    from geo.errors import SettingsError
    from geo.settings import settings

    here = settings()
    if here.real_data is None:
        raise SettingsError(
            "SHUANGBEI_REAL_DATA is not set, so there are no real layers to load.",
            "Set it to the folder that holds them; data/README.md says which they are.",
        )
    if here.database_url is None and "SHUANGBEI_DATABASE" not in os.environ:
        # Read by geo.settings, here and by the server that this process becomes.
        os.environ["SHUANGBEI_DATABASE"] = REAL_DATABASE
