"""``shuangbei db``: the database and the private server that it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.terminal import check_out, console, note
from geo.settings import settings

if TYPE_CHECKING:
    from geo.database import Database
    from geo.embedded import Cluster

commands = typer.Typer(
    help="The database: start, stop, look, bring up to date, keep and bring back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Crs = Annotated[
    str | None,
    typer.Option(metavar="CRS", help="Work CRS of a new database: projected, in metres (default: EPSG:4549)."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, for scripts.")]


def register(app: typer.Typer) -> None:
    app.add_typer(commands, name="db")


@commands.command()
def start() -> None:
    """Start the private server; the first time, make it."""
    cluster = _own_cluster("start")
    cluster.start()
    cluster.ensure_database(settings().database)
    note(f"The database server of {cluster.home} runs. Its address, with the password: shuangbei db url")


@commands.command()
def stop() -> None:
    """Stop the private server; nothing is lost."""
    cluster = _own_cluster("stop")
    was_running = cluster.running()
    cluster.stop()
    note(f"The database server of {cluster.home} {'is stopped' if was_running else 'was not running'}.")


@commands.command()
def status() -> None:
    """Say which server is used, whether it runs, and how full each database is."""
    from geo.embedded import Cluster
    from geo.embedded.server import connection

    here = settings()
    if here.database_url:
        with _database() as db:
            address = db.engine.url.render_as_string(hide_password=False)
            console().print(f"server    {db.engine.url.render_as_string(hide_password=True)} (DATABASE_URL)")
    else:
        cluster = Cluster(here.home)
        console().print(f"home      {cluster.home}")
        if not cluster.running():
            console().print(f"server    {'stopped' if cluster.data.exists() else 'not made yet'}")
            raise typer.Exit(3)  # as `systemctl status` and pg_ctl do, for scripts
        address = cluster.url("postgres")
        console().print(f"server    running on 127.0.0.1:{cluster.port()}")
    databases = (
        "select datname,"
        " case when has_database_privilege(oid, 'connect') then pg_size_pretty(pg_database_size(oid)) end"
        " from pg_database where not datistemplate order by datname"
    )
    with connection(address) as server:
        console().print(f"version   PostgreSQL {server.info.server_version // 10_000}")
        for name, size in server.execute(databases):
            console().print(f"database  {name}  {size or ''}")


@commands.command()
def url() -> None:
    """Print the address of the database with its password, for psql, QGIS and the like."""
    with _database() as db:
        typer.echo(db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False))


@commands.command()
def upgrade(crs: Crs = None) -> None:
    """Bring the database to the schema of this version; nothing is lost."""
    from geo.database import upgrade as bring_up

    with _database(create=True) as db:
        bring_up(db, crs=crs)
        note(f"The database {db.engine.url.database} is up to date; its work CRS is {db.crs}.")


@commands.command()
def reset(crs: Crs = None, yes: Yes = False) -> None:
    """Throw away everything in the database and make it anew."""
    from geo.backup import reset as make_anew

    with _database() as db:
        _ask(f"Throw away everything in {db.engine.url.render_as_string(hide_password=True)}?", yes)
        make_anew(db, crs)
        note(f"The database {db.engine.url.database} is new and empty.")


@commands.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; by default a dated name in this folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file of that name.")] = False,
) -> None:
    """Write the whole database into one file."""
    from geo.backup import backup as write

    with _database() as db:
        target = file or Path(f"shuangbei-{db.engine.url.database}-{datetime.now():%Y%m%d-%H%M%S}.dump")
        check_out(target, force=force, ending="dump")
        write(db, target)
    note(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `shuangbei db backup` wrote.")], yes: Yes = False
) -> None:
    """Put the content of a backup in the place of the database; a broken file changes nothing."""
    from geo.backup import restore as bring_back

    with _database(create=True) as db:
        _ask(f"Put {file} in the place of everything in {db.engine.url.render_as_string(hide_password=True)}?", yes)
        bring_back(db, file)
        note(f"The database {db.engine.url.database} holds what {file} holds.")


@contextmanager
def _database(*, create: bool = False) -> Iterator[Database]:
    from geo.database import connect

    db = connect(create=create)
    try:
        yield db
    finally:
        db.engine.dispose()


def _own_cluster(what: str) -> Cluster:
    from geo.embedded import Cluster
    from geo.errors import SettingsError

    here = settings()
    if here.database_url:
        raise SettingsError(
            f"DATABASE_URL is set: its server is not ours to {what}.", "Unset DATABASE_URL to use the private server."
        )
    return Cluster(here.home)


def _ask(question: str, yes: bool) -> None:
    if not yes:
        typer.confirm(question, abort=True, err=True)
