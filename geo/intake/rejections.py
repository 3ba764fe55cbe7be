"""The rows that were kept aside, listed; and those that nobody will mend, dismissed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

import pandas as pd
import psycopg
from psycopg import sql

from geo.database import Database, require_migrated
from geo.errors import NotFoundError, SettingsError
from geo.fields import Fault, Kind, kind_named
from geo.intake.quarantine import COUNTS, LATER, key_of
from geo.intake.store import writing
from geo.intake.undone import undone
from geo.settings import settings
from geo.tables import REGISTRY

#: columns of the frame of :func:`rejected`
LISTED = (
    *("rejected_id", "import_id", "kind", "file_name", "row", "key", "state", "faults", "registered_by", "source"),
    *("effective", "recorded_at", "closed_by_import", "closed_by_row", "closed_at", "closed_by", "why"),
)
_CHOSEN: LiteralString = (
    "SELECT r.id, r.import_id, r.row, r.key, {values} AS values, r.faults, o.outcome, o.import_id AS by_import, o.by_row, "
    "o.at, o.actor, o.why, again.by_import, again.by_row, again.at, again.actor "
    "FROM registry.rejected_rows r JOIN registry.imports i ON i.id = r.import_id "
    "LEFT JOIN LATERAL (SELECT * FROM registry.rejected_outcomes o WHERE o.rejected_id = r.id "
    f"AND {COUNTS} ORDER BY o.id DESC LIMIT 1) o ON true "
    "LEFT JOIN LATERAL (SELECT m.id AS by_import, n.id AS by_row, m.recorded_at AS at, m.actor "
    f"FROM {LATER} ORDER BY m.id DESC, n.id LIMIT 1) again ON o.id IS NULL AND NOT r.import_id = ANY(%(undone)s) "
    "WHERE (%(ids)s::bigint[] IS NULL OR r.id = ANY(%(ids)s)) AND (%(kind)s::text IS NULL OR i.kind = %(kind)s) "
    "AND (%(import_id)s::bigint IS NULL OR r.import_id = %(import_id)s) ORDER BY r.import_id, r.row, r.id"
)


@dataclass(frozen=True)
class Kept:
    """One rejected row and what became of it: ``state`` is open, settled, superseded, dismissed or undone (its import)."""

    id: int
    import_id: int
    row: int
    key: str | None
    values: dict[str, Any]
    faults: tuple[Fault, ...]
    state: str
    by_import: int | None
    by_row: int | None
    at: datetime | None
    actor: str | None
    why: str | None

    def has(self, rule: str) -> bool:
        """Whether it was rejected, or warned of, by that rule."""
        return any(fault.rule == rule for fault in self.faults)

    def told(self) -> str:
        """What became of it, in words."""
        match self.state:
            case "settled":
                return f"row {self.id} is settled, by import {self.by_import}"
            case "superseded":
                return f"row {self.id} is superseded by row {self.by_row} of import {self.by_import}"
            case "dismissed":
                return f"row {self.id} was dismissed by {self.actor}: {self.why}"
            case "undone":
                return f"row {self.id} is of import {self.import_id}, which is undone"
            case _:
                return f"row {self.id} is open"


@dataclass(frozen=True)
class Origin:
    """The import that rejected a row; ``root`` is the import of the file itself, where this one was a trial of its rows."""

    id: int
    kind: Kind
    file_name: str
    mapping: dict[str, Any]
    crs: str | None
    source: str
    synthetic: bool
    effective: date
    recorded_at: datetime
    reading: dict[str, Any] | None

    @property
    def root(self) -> int:
        """The import of the file that the rows come from."""
        return int(self.mapping.get("retry_of", self.id))


def rejected(
    db: Database, *, kind: str | None = None, import_id: int | None = None, closed: bool = False
) -> pd.DataFrame:
    """The rows that imports kept aside for their errors, by import and row: those that are open, with ``closed`` all.

    Columns: those of :data:`LISTED`.  ``state`` is ``open``, ``settled`` (a later import brought the code good),
    ``superseded`` (a later file rejected it again), ``dismissed``, or ``undone`` (its import is).  ``faults`` are lists of
    dicts, ``registered_by`` is the import that brought what is registered of that code now (``None``: nothing is), and
    ``closed_…`` and ``why`` tell what became of it.  What the rows themselves say stands in the workbook to mend
    (:func:`geo.export.mend_workbook`), for some columns are not for every reader.

    Raises
    ------
    NotFoundError
        There is no such kind, or no such import.
    """
    require_migrated(db)
    with cursor_of(db) as cursor:
        found = listed(cursor, kind, import_id, closed=closed, values=False)
        of = origins(cursor, sorted({row.import_id for row in found}))
        now = _registered(cursor, found, of)
    rows = [
        (
            *(
                row.id,
                row.import_id,
                of[row.import_id].kind.name,
                of[row.import_id].file_name,
                row.row,
                row.key,
                row.state,
            ),
            [vars(fault) for fault in row.faults],
            *(now.get(row.id), of[row.import_id].source, of[row.import_id].effective, of[row.import_id].recorded_at),
            *(row.by_import, row.by_row, row.at, row.actor, row.why),
        )
        for row in found
    ]
    return pd.DataFrame(rows, columns=list(LISTED), dtype=object)


def dismiss(db: Database, ids: Sequence[int], *, why: str, actor: str | None = None) -> int:
    """Say of open rows that nobody will mend them, and why; how many it was.

    Raises
    ------
    SettingsError
        No reason is given, or no row.
    NotFoundError
        There is no such row, or it is not open; nothing was written.
    DatabaseError
        The database is not migrated, busy or refuses.
    """
    require_migrated(db)
    if not why.strip() or not ids:
        raise SettingsError(
            "Dismissing wants the rows and a reason.", 'For example: shuangbei rejected --dismiss 12 --why "…"'
        )
    who = actor or settings().actor
    with writing(db, "what was dismissed") as (cursor, now):
        rows = select(cursor, ids=ids, values=False)
        closed = [row.told() for row in rows if row.state != "open"]
        if closed:
            raise NotFoundError(f"Not open: {'; '.join(closed)}.", "See `shuangbei rejected`.")
        numbers = [row.id for row in rows]
        cursor.execute(
            "INSERT INTO registry.rejected_outcomes (rejected_id, outcome, at, actor, why) "
            "SELECT id, 'dismissed', %s, %s, %s FROM unnest(%s::bigint[]) AS t(id)",
            (now, who, why.strip(), numbers),
        )
        cursor.execute(
            "INSERT INTO registry.audit (at, actor, action, detail) VALUES (%s, %s, 'dismiss_rejected', %s::jsonb)",
            (now, who, json.dumps({"rejected": numbers, "why": why.strip()}, ensure_ascii=False)),
        )
    return len(numbers)


@contextmanager
def cursor_of(db: Database) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor that sees one unchanging state of the database and cannot write."""
    with db.read() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        with raw.cursor() as cursor:
            yield cursor


def select(
    cursor: psycopg.Cursor[Any],
    *,
    ids: Sequence[int] | None = None,
    kind: str | None = None,
    import_id: int | None = None,
    values: bool = True,
) -> list[Kept]:
    """Rejected rows in every state, by import and row; without ``values`` what they say is left empty.

    Raises
    ------
    NotFoundError
        There is no such kind, or of ``ids`` one is no rejected row.
    """
    if kind is not None:
        kind_named(kind)
    gone = undone(cursor)
    query = sql.SQL(_CHOSEN).format(values=sql.SQL("r.values" if values else "'{}'::jsonb"))
    given = {"undone": list(gone), "ids": None if ids is None else list(ids), "kind": kind, "import_id": import_id}
    found = [_kept(row, gone) for row in cursor.execute(query, given).fetchall()]
    lacking = set(ids or ()) - {row.id for row in found}
    if lacking and kind is None and import_id is None:
        told = ", ".join(map(str, sorted(lacking)))
        raise NotFoundError(f"There is no rejected row {told}.", "See `shuangbei rejected --all`.")
    return found


def listed(
    cursor: psycopg.Cursor[Any], kind: str | None, import_id: int | None, *, closed: bool, values: bool = True
) -> list[Kept]:
    """Rejected rows of a kind or an import that are open, with ``closed`` all; as :func:`select`.

    Raises
    ------
    NotFoundError
        There is no such kind, or no such import.
    """
    if import_id is not None:
        origins(cursor, [import_id])
    found = select(cursor, kind=kind, import_id=import_id, values=values)
    return [row for row in found if closed or row.state == "open"]


def _kept(row: tuple[Any, ...], gone: dict[int, int]) -> Kept:
    number, import_id, at_row, key, values, faults, *rest = row
    outcome, became, again = rest[0], rest[1:6], rest[6:]
    if outcome is None and again[0] is not None:
        outcome, became = "superseded", [*again, None]
    state = outcome or ("undone" if import_id in gone else "open")
    return Kept(number, import_id, at_row, key, values, tuple(Fault(**fault) for fault in faults), state, *became)


def origins(cursor: psycopg.Cursor[Any], ids: Sequence[int]) -> dict[int, Origin]:
    """Imports by their number.

    Raises
    ------
    NotFoundError
        There is none of that number.
    """
    rows = cursor.execute(
        "SELECT id, kind, file_name, mapping, crs, source, synthetic, effective_from, recorded_at, reading "
        "FROM registry.imports WHERE id = ANY(%s)",
        (list(ids),),
    ).fetchall()
    found = {row[0]: Origin(row[0], kind_named(row[1]), *row[2:]) for row in rows}
    lacking = sorted(set(ids) - set(found))
    if lacking:
        raise NotFoundError(f"There is no import {lacking[0]}.", "See `shuangbei history --imports`.")
    return found


def _registered(cursor: psycopg.Cursor[Any], rows: list[Kept], of: dict[int, Origin]) -> dict[int, int]:
    """By rejected row, the import that brought the current version of its code."""
    found: dict[int, int] = {}
    for kind in {origin.kind.name: origin.kind for origin in of.values()}.values():
        here = [row for row in rows if row.key is not None and of[row.import_id].kind is kind]
        query = sql.SQL(
            "SELECT {key}, t.import_id FROM {table} t WHERE {key} = ANY(%s) AND t.recorded_to IS NULL AND t.valid_to IS NULL"
        ).format(key=key_of(kind, "t"), table=sql.Identifier(REGISTRY, kind.name))
        by_key = dict(cursor.execute(query, ([row.key for row in here],)).fetchall())
        found |= {row.id: by_key[row.key] for row in here if row.key in by_key}
    return found
