"""What is done to whole databases of a server: create, drop, and replace one by another in one step.

Addresses are SQLAlchemy's (``postgresql+psycopg://…``).  Each function opens its own connection and closes it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL, make_url

from geo.errors import DatabaseError, SettingsError, SetupError

_OWN = ("postgres", "template0", "template1")
_SWAP_SECONDS = 15


def connection(url: str | URL, *, database: str | None = None, timeout_s: int = 10) -> psycopg.Connection:
    """An autocommitting connection to the server of ``url``, to another of its databases if named.

    Raises
    ------
    DatabaseError
        The server cannot be reached or refuses.
    """
    target = make_url(url)
    if database is not None:
        target = target.set(database=database)
    try:
        return psycopg.connect(libpq(target), autocommit=True, connect_timeout=timeout_s)
    except psycopg.OperationalError as error:
        raise DatabaseError(
            f"The database {target.database} on {target.host or 'this machine'} cannot be reached: {said(error)}",
            "See: shuangbei doctor",
        ) from error


def libpq(url: str | URL, *, password: bool = True) -> str:
    """The libpq connection string of an SQLAlchemy address; without its password it may stand on a command line."""
    target = make_url(url)
    parts: dict[str, Any] = {
        "host": target.host,
        "port": target.port,
        "user": target.username,
        "dbname": target.database,
    }
    for key, value in target.query.items():
        parts[key] = value if isinstance(value, str) else ",".join(value)  # several hosts, as libpq writes them
    parts.pop("password", None)
    if password:
        parts["password"] = password_of(target)
    return make_conninfo("", **{key: value for key, value in parts.items() if value is not None})


def password_of(url: str | URL) -> str | None:
    """The password in an SQLAlchemy address, None if there is none."""
    target = make_url(url)
    given = target.password or target.query.get("password")
    return given if isinstance(given, str) else None


def said(error: psycopg.Error) -> str:
    """The server's own words in one line."""
    return (error.diag.message_primary or str(error).strip().splitlines()[0]).rstrip(".") + "."


def database_exists(url: str | URL, name: str) -> bool:
    """Whether the server of ``url`` has a database ``name``."""
    with connection(url) as server:
        return server.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None


def create_database(url: str | URL, name: str) -> None:
    """Create the database ``name`` with PostGIS on the server of ``url``; it is whole or not there.

    Raises
    ------
    SettingsError
        The name is one of PostgreSQL's own, or longer than 63 bytes.
    SetupError
        The server has no PostGIS.
    DatabaseError
        The server refuses.
    """
    if name in _OWN or not 0 < len(name.encode()) <= 63 or "\0" in name:
        raise SettingsError(f"A database cannot be named {name!r}.", "Choose another name, of at most 63 bytes.")
    with connection(url) as server:
        try:
            server.execute(
                sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(name))
            )
        except errors.InsufficientPrivilege as error:
            raise DatabaseError(
                f"The user {make_url(url).username} may not create databases on this server.",
                f"Ask its administrator to run: create database {name}; alter role … createdb;",
            ) from error
        except psycopg.Error as error:
            raise DatabaseError(f"The database {name} cannot be created: {said(error)}") from error
    try:
        add_postgis(make_url(url).set(database=name))
    except BaseException:
        drop_database(url, name)
        raise


def add_postgis(url: str | URL) -> None:
    """Make PostGIS usable in the database of ``url``; no change where it is.

    Raises
    ------
    SetupError
        The server has no PostGIS.
    DatabaseError
        The user may not create the extension.
    """
    with connection(url) as database:
        if database.execute("select 1 from pg_extension where extname = 'postgis'").fetchone():
            return
        try:
            database.execute("create extension if not exists postgis")
        except errors.InsufficientPrivilege as error:
            raise DatabaseError(
                f"The user {make_url(url).username} may not add PostGIS to the database {make_url(url).database}.",
                "Ask the administrator of the server to run in it: create extension postgis;",
            ) from error
        except (errors.UndefinedFile, errors.FeatureNotSupported) as error:
            raise SetupError(
                f"The database server has no PostGIS: {said(error)}", "Install PostGIS for it, on the server's machine."
            ) from error


def drop_database(url: str | URL, name: str) -> None:
    """Drop the database ``name`` if it is there, ending whoever is connected to it."""
    with connection(url) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def replace_database(url: str | URL, fill: Callable[[str], None]) -> None:
    """Put a new database, filled by ``fill(its address)``, in the place of the one of ``url``.

    The new one is made and filled beside the old one, which changes nothing if that fails; then the two change names in
    one transaction.  Whoever is connected to the old one is disconnected and finds the new one when they come back.

    Raises
    ------
    DatabaseError
        The user may not create databases, or others hold on to the old one.
    """
    target = make_url(url)
    name = target.database or ""
    beside = target.set(database="postgres")
    mark = secrets.token_hex(4)
    new, old = f"{name[:40]}_new_{mark}", f"{name[:40]}_old_{mark}"
    create_database(beside, new)
    try:
        fill(target.set(database=new).render_as_string(hide_password=False))
        _swap(beside, name, new, old)
    finally:
        drop_database(beside, new)
    drop_database(beside, old)


def _swap(url: URL, name: str, new: str, old: str) -> None:
    rename = sql.SQL("alter database {} rename to {}")
    end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = any(%s) and pid <> pg_backend_pid()"
    deadline = time.monotonic() + _SWAP_SECONDS
    with connection(url) as server:
        exists = server.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        while True:
            try:
                server.execute(end, [[name, new]])
                with server.transaction():
                    if exists:
                        server.execute(rename.format(sql.Identifier(name), sql.Identifier(old)))
                    server.execute(rename.format(sql.Identifier(new), sql.Identifier(name)))
                return
            except errors.ObjectInUse as error:  # somebody came back in between
                if time.monotonic() > deadline:
                    raise DatabaseError(
                        f"Others keep connecting to the database {name}, so it was left as it is.",
                        "Stop the servers and notebooks that use it, then try again.",
                    ) from error
                time.sleep(0.1)
            except psycopg.Error as error:
                raise DatabaseError(f"The database {name} cannot be replaced: {said(error)}") from error
