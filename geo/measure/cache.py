"""One look at the registry: a day, an instant, one unchanging state; and the frames that were worked out of it, kept.

A frame is kept under a hash of its name, the data version, its arguments and the code that makes it, so that judging
again after a change of weights reads it instead of measuring again.  Keeping is a convenience: who may not write reads
as well, only slower.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
import pyarrow as pa
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, ProgrammingError

from geo.database import require_migrated
from geo.days import given_day, given_instant
from geo.measure.reading import read_table

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database

Frame = TypeVar("Frame", bound="pd.DataFrame")


#: an import that takes another back has the same kind
_MADE_UP = sa.text(
    "SELECT EXISTS (SELECT FROM registry.imports i WHERE i.synthetic AND i.undoes IS NULL"
    " AND i.kind IN ('parcels', 'buildings', 'carriers')"
    " AND NOT EXISTS (SELECT FROM registry.imports u WHERE u.undoes = i.id))"
)


def data_version(source: Database | sa.Connection, as_of: date) -> str:
    """What the answers rest on: ``<database id>:<number of the last import>:<day>``.

    Every change of the registry, an undo too, is an import; so equal versions mean equal facts.
    """
    if not isinstance(source, sa.Connection):
        with source.read() as connection:
            return data_version(connection, as_of)
    found = source.execute(
        sa.text("SELECT database_id, (SELECT coalesce(max(id), 0) FROM registry.imports) FROM registry.workspace")
    ).one()
    return f"{found[0]}:{found[1]}:{as_of.isoformat()}"


def is_made_up(connection: sa.Connection) -> bool:
    """Whether land, buildings or carriers that are made up were imported and not taken back, of whatever day."""
    return bool(connection.scalar(_MADE_UP))


@lru_cache
def code_hash() -> str:
    """SHA-256 over the files of this room, SQL and Python: a changed rule never meets a frame of the old one."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.suffix in (".sql", ".py"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


@dataclass
class Look:
    """One look at the registry; :func:`look` opens it.

    ``day`` is the valid time asked for and ``known_at`` the recorded time (``None``: now).  ``made_up``: figures may rest on
    rows that were imported as made up.
    """

    db: Database
    connection: sa.Connection
    day: date
    known_at: datetime | None
    version: str
    made_up: bool = False
    _fresh: list[dict[str, Any]] = field(default_factory=list)

    @property
    def times(self) -> dict[str, Any]:
        """The two times as arguments of a measure function; ``known_at`` is left to its default where it is now."""
        return {"day": self.day} | ({} if self.known_at is None else {"known_at": self.known_at})

    def call(self, function: str, arguments: Mapping[str, Any]) -> tuple[sql.Composed, dict[str, Any]]:
        """``SELECT * FROM measure.<function>(…)`` with named, bound arguments, the two times included."""
        values = self.times | dict(arguments)
        named = sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values
        )
        return sql.SQL("SELECT * FROM {}({})").format(sql.Identifier("measure", function), named), values

    def read(self, query: sql.Composable, values: Mapping[str, Any]) -> pa.Table:
        """The rows of a query, read now and not kept."""
        return read_table(self.connection, query, values)

    def _asked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return dict(arguments) | ({} if self.known_at is None else {"known_at": self.known_at.isoformat()})

    def _key(self, name: str, arguments: Mapping[str, Any]) -> str:
        asked = [name, self.version, self._asked(arguments), code_hash()]
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def kept(self, name: str, arguments: Mapping[str, Any], make: Callable[[], pa.Table]) -> pa.Table:
        """The table of that name and arguments as it was kept, else as ``make`` works it out; kept from then on."""
        key = self._key(name, arguments)
        frames = self.db.table("measured.frames")
        found = self.connection.scalar(sa.select(frames.c.arrow).where(frames.c.key == key))
        if found is not None:
            return pa.ipc.open_stream(pa.py_buffer(found)).read_all()
        table = make()
        self._fresh.append(
            {
                "key": key,
                "name": name,
                "data_version": self.version,
                "arguments": json.loads(json.dumps(self._asked(arguments), default=str)),
                "arrow": _stream(table),
            }
        )
        return table

    def recalled(self, name: str, arguments: Mapping[str, Any], make: Callable[[], Frame]) -> Frame:
        """The same for a whole frame, in this process alone and the last one only: who asks what if asks again at once.

        What is given may be written to: the frame that is kept stays as it is.
        """
        key = self._key(name, arguments)
        memory = self.db.recalled
        found: Frame | None = memory.get(key)
        if found is None:
            found = make()
            memory.clear()
            memory[key] = found
        return found.copy(deep=False)

    def keep(self) -> None:
        """Store what was worked out, and drop what nobody can ask for again; quietly nothing without the right."""
        if not self._fresh:
            return
        frames = self.db.table("measured.frames")
        # Frames of an earlier import are out of date for every day: their version is never asked for again.
        current = self.version.rsplit(":", 1)[0] + ":"
        try:
            with self.db.write() as connection:
                names = sorted({row["name"] for row in self._fresh})
                stale = frames.c.name.in_(names) & ~frames.c.data_version.startswith(current, autoescape=True)
                connection.execute(sa.delete(frames).where(stale))
                for row in self._fresh:
                    connection.execute(insert(frames).values(row).on_conflict_do_nothing())
        except DBAPIError:
            # A reader without the right to write, a read-only server, a full disk: the answer stands without it.
            return


@contextmanager
def look(db: Database, as_of: date | None = None, known_at: datetime | None = None) -> Iterator[Look]:
    """Look at the registry as it is on ``as_of`` (default: today) as known at ``known_at`` (default: now).

    All reads within see one state.  What was worked out is kept after the look is closed, not when it broke off.

    Raises
    ------
    NotMigratedError
        The database has no schema, or one of another version.
    """
    day = given_day(as_of, "as_of") or date.today()
    try:
        yield from _looking(db, day, given_instant(known_at, "known_at"))
    except (ProgrammingError, psycopg.ProgrammingError):
        # A table or a function that is not there: mostly it is the schema of another version, or none.
        require_migrated(db)
        raise


def _looking(db: Database, day: date, known_at: datetime | None) -> Iterator[Look]:
    with db.read() as connection:
        # Joins here are of whole sets.  A layer that was just imported has no statistics yet, and a planner that takes it
        # for a handful of rows loops over it for every row of another; without JIT, as loops that must be (nearest
        # neighbours) would otherwise look dear enough to compile.
        connection.execute(sa.text("SET LOCAL enable_nestloop = off; SET LOCAL jit = off"))
        seen = Look(db, connection, day, known_at, data_version(connection, day), is_made_up(connection))
        yield seen
    seen.keep()


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    # Numbers that mostly rise by one, or are nought, take a tenth of the room.
    packed = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=packed) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content
