"""The command ``shuangbei``: what every command has in common.  Each module beside this one registers its own.

Modules are imported at every start, so what is heavy (geopandas, FastAPI, Folium, SQLAlchemy) is imported inside the
commands that need it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from api.cli.terminal import show_error, show_unexpected
from geo.errors import SettingsError, ShuangbeiError

#: In the order of ``shuangbei --help``.
MODULES = (
    "demo",
    "serve",
    "inspect",
    "imports",
    "undo",
    "history",
    "rejected",
    "template",
    "policies",
    "results",
    "adjacency",
    "clusters",
    "sites",
    "scenarios",
    "totals",
    "way",
    "explain",
    "opinions",
    "replay",
    "publish",
    "db",
    "doctor",
)

app = typer.Typer(
    name="shuangbei",
    help="双北: what land may change use, what hangs together, and how much floor area that makes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help texts hold brackets of their own
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"shuangbei {version('shuangbei')}")
        raise typer.Exit


@app.callback()
def _common(
    database: Annotated[
        str | None,
        typer.Option(help="Database inside the embedded cluster, for another city or a trial.", metavar="NAME"),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback has answered before
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    if database and os.environ.get("DATABASE_URL"):
        raise SettingsError(
            f"DATABASE_URL is set, so --database {database} would name nothing.",
            "Leave one of the two out: --database names a database inside the embedded cluster.",
        )
    if database:
        # Read by geo.settings, here and in the processes that this one starts.
        os.environ["SHUANGBEI_DATABASE"] = database


for _name in MODULES:
    import_module(f"{__name__}.{_name}").register(app)


def main() -> None:
    """Run the command line and end the process: 0 done, 1 an error that is told, 2 wrong usage, 130 interrupted."""
    try:
        app(prog_name="shuangbei")
    except ShuangbeiError as error:
        show_error(error)
        sys.exit(1)
    except BrokenPipeError:
        _leave_quietly()
    except Exception as error:  # noqa: BLE001 - the last one: a user gets a line, the traceback goes to a file
        show_unexpected(error)
        sys.exit(1)
    finally:
        # Here and not at the interpreter's end, which would report a reader that has gone (`shuangbei … | head`).
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _leave_quietly()


def _leave_quietly() -> None:
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)
