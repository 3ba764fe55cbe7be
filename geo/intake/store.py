"""One file into the registry, in one transaction: all of it is kept, or nothing, whatever kills the process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
from psycopg import sql

from geo.database import Database
from geo.errors import DatabaseError
from geo.intake import quarantine
from geo.intake.batch import Batch
from geo.intake.beside import Work, beside, nothing
from geo.intake.lineage import recognise, recognise_together
from geo.intake.report import Progress, silent
from geo.intake.versions import Versions

#: one number for all that writes facts: "intake" in ASCII
IMPORT_LOCK = 0x696E_7461_6B65
#: how long a second importer waits for the first
LOCK_WAIT = "60s"


class WrittenError(KeyboardInterrupt):
    """Ctrl-C while the transaction ended, or after it had: what was to be written may be there."""


class Stored(NamedTuple):
    """What became of a batch: the number of its import (``None`` where nothing changed), how much was new, changed, and so on.

    ``emptied`` is in how many rows a registered value went, by column, since the file has none.
    """

    import_id: int | None
    counts: dict[str, int]
    emptied: dict[str, int]


def store(db: Database, batch: Batch, progress: Progress | None = None, meanwhile: Work = nothing) -> Stored:
    """Store a batch as versions.

    ``meanwhile`` is done while the database writes; the transaction ends when both are done.

    Raises
    ------
    DatabaseError
        Another import runs and did not end in time, or the database refused; nothing was written.
    """
    return store_all(db, [(batch, meanwhile)], progress)[0]


def store_all(db: Database, batches: Sequence[tuple[Batch, Work]], progress: Progress | None = None) -> list[Stored]:
    """Store several batches in one transaction, each as an import of its own, in their order; see :func:`store`."""
    with writing(db, batches[0][0].file_name) as (cursor, now):
        return write_all(cursor, now, batches, progress or silent)


def write_all(
    cursor: psycopg.Cursor[Any], now: datetime, batches: Sequence[tuple[Batch, Work]], progress: Progress
) -> list[Stored]:
    """The same within a transaction of :func:`writing`, the first import recorded at ``now``."""
    done: list[Stored] = []
    written: list[int] = []
    for batch, meanwhile in batches:
        if done:
            # The tables of the batch before bear the same names; and each import is later than the one before.
            cursor.execute("DISCARD TEMP")
            now = _take_turn(cursor)
        done.append(_store(cursor, batch, now, progress, meanwhile))
        if batch.kind.name == "parcels" and batch.beside is not None:
            written += [number for number in (done[-1].import_id,) if number is not None]
            if batch.last and written:
                cursor.execute("DISCARD TEMP")
                recognise_together(cursor, written, batch.effective, now)
    return done


@contextmanager
def once_written() -> Iterator[None]:
    """What follows a transaction that has ended: Ctrl-C is told apart from one before."""
    try:
        yield
    except KeyboardInterrupt:
        raise WrittenError from None


@contextmanager
def writing(db: Database, what: str) -> Iterator[tuple[psycopg.Cursor[Any], datetime]]:
    """One transaction in which nobody else writes facts: its cursor, and the instant at which it is recorded.

    Raises
    ------
    DatabaseError
        Another import runs and did not end in time, or the database refused; nothing was written.
    """
    ending = False
    try:
        with db.write() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, psycopg.Connection)
            try:
                with raw.cursor() as cursor:
                    yield cursor, _take_turn(cursor)
            except KeyboardInterrupt:
                # In the middle of a COPY the server takes no rollback; without its connection it drops all that was sent.
                connection.invalidate()
                raise
            ending = True
    except KeyboardInterrupt:
        if ending:
            raise WrittenError from None
        raise
    except psycopg.errors.LockNotAvailable:
        raise DatabaseError(
            "Another import is writing to this database and has not ended in time.", "Try again when it is done."
        ) from None
    except (psycopg.Error, sa.exc.DBAPIError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines() or ["no reason given"]
        raise DatabaseError(f"The database did not take {what}: {reason[0]}", "Nothing was written.") from error


def _store(cursor: psycopg.Cursor[Any], batch: Batch, now: datetime, progress: Progress, meanwhile: Work) -> Stored:
    versions = Versions(batch.kind)
    values: dict[str, Any] = {
        "day": batch.effective,
        "now": now,
        "source": batch.source,
        "synthetic": batch.synthetic,
        "retire": batch.retire,
    }
    # The rows go over first: that keeps a core of this machine busy by itself.
    stage(cursor, versions, batch, progress)
    with beside(meanwhile) as looked:
        counts = compare(cursor, versions, values, progress)
        emptied = find_emptied(cursor, versions, values) if counts["changed"] else {}
        import_id = _write(cursor, batch, versions, values | {"now": now}, counts, progress)
        looked()
    return Stored(import_id, counts, emptied)


def _write(
    cursor: psycopg.Cursor[Any],
    batch: Batch,
    versions: Versions,
    values: dict[str, Any],
    counts: dict[str, int],
    progress: Progress,
) -> int | None:
    """Write what changed as versions of a new import; ``None`` where the file says nothing new."""
    changed = counts["added"] or counts["changed"] or counts["gone"]
    aside = quarantine.compare(cursor, batch)
    if not changed and not aside.opened and not aside.news:
        return None
    counts |= {"settled": aside.opened} if aside.opened else {}
    progress("store", 0, 1)
    now = values["now"]
    import_id = values["import_id"] = _write_import(cursor, batch, now, counts)
    cursor.execute(versions.end(), values)
    cursor.execute(versions.keep_past(), values)
    cursor.execute(versions.insert(), values)
    # A rough sample, a sixth of the time: it is there for what is asked next, and autovacuum takes a finer one later.
    cursor.execute("SET LOCAL default_statistics_target = 20")
    cursor.execute(versions.analyze_table())
    if batch.kind.name == "parcels" and batch.beside is None and (counts["changed"] or counts["gone"]):
        recognise(cursor, import_id, batch.effective, now)
    quarantine.keep(cursor, batch, import_id, aside.news)
    quarantine.close(cursor, batch, aside, import_id, now)
    progress("store", 1, 1)
    return import_id


def _take_turn(cursor: psycopg.Cursor[Any]) -> datetime:
    """Wait for other imports to end, then the instant at which this one is recorded: later than every earlier one's.

    ``now()`` would be the transaction's beginning, which may lie before the end of the import that was waited for.
    """
    cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_WAIT)))
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (IMPORT_LOCK,))
    # What follows waits for nobody but the schema's own changes.
    row = cursor.execute(
        "SELECT greatest(clock_timestamp(), max(recorded_at) + interval '1 microsecond') FROM registry.imports"
    ).fetchone()
    assert row is not None
    now: datetime = row[0]
    return now


def stage(cursor: psycopg.Cursor[Any], versions: Versions, batch: Batch, progress: Progress) -> None:
    """Put a batch into tables of this transaction."""
    for statement in versions.create_stage():
        cursor.execute(statement)
    _copy(cursor, versions, batch, progress)
    cursor.execute(versions.analyze())


def compare(
    cursor: psycopg.Cursor[Any], versions: Versions, values: dict[str, Any], progress: Progress
) -> dict[str, int]:
    """Hold what is staged against what is registered; how much of it is new, changed, same, gone."""
    progress("compare", 0, 1)
    cursor.execute(versions.diff(), values)
    cursor.execute(versions.ended(), values)
    return {"added": 0, "changed": 0, "same": 0, "gone": 0} | dict(cursor.execute(versions.counts()).fetchall())


def find_emptied(cursor: psycopg.Cursor[Any], versions: Versions, values: dict[str, Any]) -> dict[str, int]:
    """In how many of the changed rows the file has no value where one is registered, by column, where there are any."""
    cursor.execute(versions.pairs(), values)
    found = cursor.execute(versions.emptied()).fetchone()
    assert found is not None
    return {name: int(n) for name, n in zip(versions.emptiable, found, strict=True) if n}


def _copy(cursor: psycopg.Cursor[Any], versions: Versions, batch: Batch, progress: Progress) -> None:
    done = 0
    with cursor.copy(versions.copy()) as copy:
        for n, lines in batch.good.lines(versions.facts):
            progress("copy", done, len(batch.good))
            copy.write(lines)
            done += n
    progress("copy", done, len(batch.good))
    with cursor.copy(versions.copy_rejected()) as copy:
        for (number, _, _), key in zip(batch.rejected, batch.rejected_keys, strict=True):
            copy.write_row((number, *key))
        for key in batch.beside or ():
            copy.write_row((0, *key))


def _write_import(cursor: psycopg.Cursor[Any], batch: Batch, now: datetime, counts: dict[str, int]) -> int:
    told = counts | {"rejected": len(batch.rejected)}
    row = cursor.execute(
        "INSERT INTO registry.imports (kind, file_name, sha256, mapping, crs, source, synthetic, effective_from, actor,"
        " recorded_at, counts, reading) VALUES (%s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb)"
        " RETURNING id",
        (
            batch.kind.name,
            batch.file_name,
            batch.sha256,
            json.dumps(batch.mapping, ensure_ascii=False),
            batch.crs,
            batch.source,
            batch.synthetic,
            batch.effective,
            batch.actor,
            now,
            json.dumps(told),
            json.dumps(batch.reading, ensure_ascii=False) if batch.rejected and batch.reading else None,
        ),
    ).fetchone()
    assert row is not None
    import_id = int(row[0])
    detail = {"import_id": import_id, "kind": batch.kind.name, "file_name": batch.file_name, "counts": told}
    detail |= {name: batch.mapping[name] for name in ("retry_of",) if name in batch.mapping}
    cursor.execute(
        "INSERT INTO registry.audit (at, actor, action, detail) VALUES (%s, %s, 'import', %s::jsonb)",
        (now, batch.actor, json.dumps(detail, ensure_ascii=False)),
    )
    return import_id
