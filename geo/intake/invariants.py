"""Is the registry sound?  What must hold of every state that an import, an undo or a killed one of them leaves."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import sql

from geo.database import Database
from geo.fields import KINDS, Kind
from geo.tables import REGISTRY

#: rule → the SQL that counts what breaks it, asked of every table of facts
_OF_FACTS: dict[str, LiteralString] = {
    "live versions of one key overlap": (
        "SELECT count(*) FROM (SELECT valid_from, lag(coalesce(valid_to, 'infinity'::date)) "
        "OVER (PARTITION BY {key} ORDER BY valid_from, id) AS earlier FROM {table} WHERE recorded_to IS NULL) t "
        "WHERE earlier > valid_from"
    ),
    "one key has several current versions": (
        "SELECT count(*) FROM (SELECT FROM {table} WHERE recorded_to IS NULL AND valid_to IS NULL "
        "GROUP BY {key} HAVING count(*) > 1) t"
    ),
    "a version is known for no time": "SELECT count(*) FROM {table} WHERE recorded_to <= recorded_from",
    "a version was ended by nobody": ("SELECT count(*) FROM {table} WHERE (recorded_to IS NULL) <> (ended_by IS NULL)"),
    "a version does not have its import's time": (
        "SELECT count(*) FROM {table} t JOIN registry.imports i ON i.id = t.import_id "
        "WHERE t.recorded_from <> i.recorded_at"
    ),
    "a version was not ended at the time of the import that ended it": (
        "SELECT count(*) FROM {table} t JOIN registry.imports i ON i.id = t.ended_by "
        "WHERE t.recorded_to <> i.recorded_at"
    ),
    "an import wrote fewer or more rows than it counted": (
        "SELECT count(*) FROM registry.imports i LEFT JOIN (SELECT t.import_id, count(*) AS n FROM {table} t "
        "JOIN registry.imports w ON w.id = t.import_id WHERE t.valid_from = w.effective_from "
        "AND t.valid_to IS NULL GROUP BY 1) w ON w.import_id = i.id "
        "WHERE i.kind = {kind} AND i.undoes IS NULL "
        "AND coalesce(w.n, 0) <> (i.counts->>'added')::int + (i.counts->>'changed')::int"
    ),
}
_OF_BOOKS: dict[str, LiteralString] = {
    "an import has no entry in the audit": (
        "SELECT count(*) FROM registry.imports i WHERE NOT EXISTS (SELECT FROM registry.audit a "
        "WHERE a.action IN ('import', 'undo') AND (a.detail->>'import_id')::bigint = i.id)"
    ),
    "imports are not recorded in their order": (
        "SELECT count(*) FROM (SELECT recorded_at, lag(recorded_at) OVER (ORDER BY id) AS earlier "
        "FROM registry.imports) t WHERE earlier >= recorded_at"
    ),
    "an import kept more rejected rows than it counted": (
        "SELECT count(*) FROM (SELECT import_id, count(*) AS n FROM registry.rejected_rows GROUP BY 1) r "
        "JOIN registry.imports i ON i.id = r.import_id WHERE r.n > (i.counts->>'rejected')::int"
    ),
    "a rejected row was closed by an import that is no later one of its kind": (
        "SELECT count(*) FROM registry.rejected_outcomes o JOIN registry.rejected_rows r ON r.id = o.rejected_id "
        "JOIN registry.imports i ON i.id = r.import_id JOIN registry.imports b ON b.id = o.import_id "
        "WHERE b.id <= i.id OR b.kind <> i.kind"
    ),
    "a rejected row was not closed at the time of the import that closed it": (
        "SELECT count(*) FROM registry.rejected_outcomes o JOIN registry.imports i ON i.id = o.import_id "
        "WHERE o.at <> i.recorded_at"
    ),
    "a rejected row was superseded by a row that the import did not bring": (
        "SELECT count(*) FROM registry.rejected_outcomes o JOIN registry.rejected_rows n ON n.id = o.by_row "
        "WHERE n.import_id <> o.import_id"
    ),
    "an import settled fewer rejected rows than it counted": (
        "SELECT count(*) FROM registry.imports i LEFT JOIN (SELECT import_id, count(*) AS n "
        "FROM registry.rejected_outcomes WHERE outcome = 'settled' GROUP BY 1) o ON o.import_id = i.id "
        "WHERE i.counts ? 'settled' AND (i.counts->>'settled')::int > coalesce(o.n, 0)"
    ),
    "a rejected row was dismissed without an entry in the audit": (
        "SELECT count(*) FROM registry.rejected_outcomes o WHERE o.outcome = 'dismissed' AND NOT EXISTS ("
        "SELECT FROM registry.audit a WHERE a.action = 'dismiss_rejected' AND a.at = o.at AND a.actor = o.actor "
        "AND a.detail->'rejected' @> to_jsonb(o.rejected_id))"
    ),
}


def invariants(db: Database) -> list[str]:
    """What is wrong with the registry, one sentence each; empty where it is sound.

    Live versions of a key never overlap and at most one is current; every version was brought, and ended, by an import at
    that import's instant; every import wrote as many rows as it counted, stands in the audit, and follows the one before; a
    rejected row was closed by a later import of its kind, or by somebody who stands in the audit.
    """
    with db.read() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        with raw.cursor() as cursor:
            found = [told for kind in KINDS.values() for told in _of(cursor, kind)]
            for rule, query in _OF_BOOKS.items():
                found += _told("registry", rule, _count(cursor, sql.SQL(query)))
    return found


def _of(cursor: psycopg.Cursor[Any], kind: Kind) -> list[str]:
    names = {
        "table": sql.Identifier(REGISTRY, kind.name),
        "key": sql.SQL(", ").join(map(sql.Identifier, kind.key)),
        "kind": sql.Literal(kind.name),
    }
    return [
        told
        for rule, query in _OF_FACTS.items()
        for told in _told(kind.name, rule, _count(cursor, sql.SQL(query).format(**names)))
    ]


def _count(cursor: psycopg.Cursor[Any], query: sql.SQL | sql.Composed) -> int:
    row = cursor.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _told(where: str, rule: str, n: int) -> list[str]:
    return [f"{where}: {rule} ({n})"] if n else []
