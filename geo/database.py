"""One database: how it is reached, brought to the present schema, and what its work CRS is.

``DATABASE_URL`` always wins; else the embedded cluster is started and its database made.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, OperationalError

from geo import crs as crs_room
from geo.errors import CrsError, DatabaseError, NotMigratedError
from geo.said import Said
from geo.settings import DEFAULT_DATABASE, settings
from geo.tables import SCHEMAS, make_metadata

DEFAULT_CRS = "EPSG:4549"
MEASURE_SCHEMA = "measure"
#: one number for all that changes the schema, so that two deploys wait for each other ("shuangbei" in ASCII, cut)
_DEPLOY_LOCK = 0x7368_7561_6E67
_FUNCTIONS = Path(__file__).parent / "measure"


@dataclass(frozen=True)
class Database:
    """A reachable database; :func:`connect` makes it.  Its text never shows the password."""

    engine: sa.Engine

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one unchanging state of the database and cannot write."""
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction: all of it is kept, or nothing."""
        with self.engine.begin() as connection:
            yield connection

    @cached_property
    def srid(self) -> int:
        """The EPSG code of the work CRS, fixed when the database was made.

        Raises
        ------
        NotMigratedError
            The database has no schema of ours yet.
        """
        with self.engine.connect() as connection:
            found = connection.scalar(sa.text("SELECT to_regclass('registry.workspace')"))
            srid = connection.scalar(sa.text("SELECT srid FROM registry.workspace")) if found else None
        if srid is None:
            raise NotMigratedError(
                Said("This database is empty.", "数据库是空的。"),
                Said(
                    "Run `shuangbei db upgrade` (or `shuangbei demo`) first.",
                    "请管理员先运行 shuangbei db upgrade（或 shuangbei demo）。",
                ),
            )
        return int(srid)

    @cached_property
    def mark(self) -> str:
        """By which a file that was given out of this database is known when it comes back; a backup and its copy keep it.

        With a word before it, so that no spreadsheet takes it for a number.
        """
        with self.engine.connect() as connection:
            return f"库-{str(connection.scalar(sa.text('SELECT database_id FROM registry.workspace')))[:12]}"

    @cached_property
    def recalled(self) -> dict[str, Any]:
        """The frame that this process asked for last, by what it was asked by (:meth:`geo.measure.cache.Look.recalled`)."""
        return {}

    @property
    def crs(self) -> str:
        """The work CRS as ``EPSG:…``."""
        return f"EPSG:{self.srid}"

    @cached_property
    def metadata(self) -> sa.MetaData:
        """The tables of this database."""
        return make_metadata(self.srid)

    def table(self, name: str) -> sa.Table:
        """The table ``schema.name``."""
        return self.metadata.tables[name]

    def __repr__(self) -> str:
        return f"Database({self.engine.url.render_as_string(hide_password=True)})"


def connect(url: str | None = None, *, database: str | None = None, create: bool = False) -> Database:
    """Connect to ``url``, else ``DATABASE_URL``, else the database of that name in the embedded cluster.

    The default database of the embedded cluster is made if it is not there; one of another name only with ``create``,
    so that a slip of the pen makes no city.

    Raises
    ------
    DatabaseError
        The server cannot be reached, or has no database of that name.
    SetupError
        PostgreSQL with PostGIS is not on this machine; the message says what to install.
    """
    here = settings()
    address = url or here.database_url
    if address is None:
        from geo.embedded import Cluster
        from geo.embedded.server import database_exists

        cluster = Cluster(here.home).start()
        name = database or here.database
        if create or name == DEFAULT_DATABASE:
            cluster.ensure_database(name)
        elif not database_exists(cluster.url("postgres"), name):
            raise DatabaseError(
                f"There is no database {name!r} here.",
                f"`shuangbei db status` lists what is there; `shuangbei --database {name} db upgrade --crs EPSG:…` makes it.",
            )
        address = cluster.url(name)
    try:
        parsed = sa.make_url(address)
    except sa.exc.ArgumentError:
        raise DatabaseError(
            "DATABASE_URL is not an address of a database.",
            "Write it as postgresql://user:password@host:port/name.",
        ) from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseError(
            f"{parsed.drivername} is not PostgreSQL.",
            "双北 needs PostgreSQL with PostGIS.",
        )
    engine = sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=5,
        max_overflow=10,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "application_name": "shuangbei"},
    )
    try:
        with engine.connect():
            pass
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise DatabaseError(
            f"The database {parsed.render_as_string(hide_password=True)} cannot be reached: {reason}",
            "Check DATABASE_URL and that the server runs; without DATABASE_URL the embedded cluster is used.",
        ) from None
    return Database(engine)


def upgrade(db: Database, crs: str | None = None, *, revision: str = "head") -> None:
    """Bring a database to the present schema: functions dropped, tables migrated, functions made, in one transaction.

    ``crs`` is the work CRS of a new database (``EPSG:…``, projected, in metres; default ``EPSG:4549``); on one that
    exists it must be what it was made with.

    Raises
    ------
    CrsError
        The CRS is not projected in metres, or differs from the database's own.
    DatabaseError
        PostGIS is missing and may not be created by this user, or the schema is newer than this program.
    """
    _ensure_postgis(db)
    with db.engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _DEPLOY_LOCK})
        srid = _settle_srid(connection, crs)
        _drop_functions(connection)
        for schema in SCHEMAS:
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        _check_not_newer(connection)
        command.upgrade(alembic_config(connection, srid), revision)
        connection.execute(
            sa.text(
                "INSERT INTO registry.workspace (srid, database_id) VALUES (:srid, :id) ON CONFLICT (single) DO NOTHING"
            ),
            {"srid": srid, "id": uuid.uuid4().hex},
        )
        if revision == "head":
            _create_functions(connection)
    db.__dict__.pop("srid", None)


def is_migrated(db: Database) -> bool:
    """Whether the schema is the one that this program knows."""
    script = ScriptDirectory.from_config(_script_config())
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table_schema": "registry"})
        return context.get_current_revision() == script.get_current_head()


def require_migrated(db: Database) -> None:
    """Raise :class:`NotMigratedError` unless the schema is the one that this program knows."""
    if not is_migrated(db):
        raise NotMigratedError(
            Said("The database's schema is not the one of this version.", "数据库结构与本程序版本不符。"),
            Said(
                "Run `shuangbei db upgrade`; nothing is lost by it.",
                "请管理员运行 shuangbei db upgrade，数据不会丢失。",
            ),
        )


def alembic_config(connection: sa.Connection, srid: int) -> Config:
    """Alembic's configuration on a connection, for a database whose work CRS is ``EPSG:srid``."""
    config = _script_config()
    config.attributes["connection"] = connection
    config.attributes["srid"] = srid
    return config


def _script_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _ensure_postgis(db: Database) -> None:
    try:
        with db.engine.begin() as connection:
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS postgis"))
    except DBAPIError as error:
        raise DatabaseError(
            f"PostGIS is not in this database and could not be added: {str(error.orig).splitlines()[0]}",
            "Ask the server's administrator to run `CREATE EXTENSION postgis;` in this database.",
        ) from None


def _settle_srid(connection: sa.Connection, crs: str | None) -> int:
    exists = connection.scalar(sa.text("SELECT to_regclass('registry.workspace')"))
    stored = connection.scalar(sa.text("SELECT srid FROM registry.workspace")) if exists else None
    if stored is None:
        return crs_room.work_srid(crs or DEFAULT_CRS)
    if crs is not None and crs_room.work_srid(crs) != stored:
        raise CrsError(
            f"This database was made with EPSG:{stored} and cannot be changed to {crs}.",
            "One database has one work CRS; make another database (--database NAME) for another city.",
        )
    return int(stored)


def _check_not_newer(connection: sa.Connection) -> None:
    context = MigrationContext.configure(connection, opts={"version_table_schema": "registry"})
    current = context.get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_script_config()).walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseError(
            f"The database's schema ({current}) is newer than this program.",
            "Use the newer program, or a backup.",
        )


def _drop_functions(connection: sa.Connection) -> None:
    # No table, view or index depends on a measure function, so the whole schema can go and come again.
    connection.execute(sa.schema.DropSchema(MEASURE_SCHEMA, cascade=True, if_exists=True))
    connection.execute(sa.schema.CreateSchema(MEASURE_SCHEMA))


def _create_functions(connection: sa.Connection) -> None:
    # Files are named in order (10_…, 20_…): a later function may call an earlier one.  They go through the driver's own
    # cursor, which reads no placeholders when it is given none, so that `%` stands for itself.
    raw = connection.connection.driver_connection
    assert raw is not None
    for file in sorted(_FUNCTIONS.glob("*.sql")):
        raw.execute(file.read_bytes())
