"""What later imports have said of codes since a file was imported: a row of that file must not silently take its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from geo.fields import Kind
from geo.intake.quarantine import OPEN, key_of
from geo.intake.rejections import Origin
from geo.intake.undo import same_content
from geo.intake.undone import undone
from geo.tables import REGISTRY


@dataclass(frozen=True)
class Newer:
    """The latest that is known of a code: which import said it, and from which day it holds (or ended)."""

    import_id: int
    file_name: str
    since: date

    def __str__(self) -> str:
        return f"import {self.import_id} ({self.file_name}, from {self.since})"


def newer(cursor: psycopg.Cursor[Any], origin: Origin, keys: Sequence[str], own: Sequence[int]) -> dict[str, Newer]:
    """Of these codes, those that the registry holds otherwise than when ``origin``'s file was imported, or of which a later
    file has a row that is kept aside.

    What an import changed and its undo changed back is as it was, and to take back an import that is older than the file is
    nothing newer.  ``own`` are the rejected rows that are being tried.
    """
    (at,) = cursor.execute("SELECT recorded_at FROM registry.imports WHERE id = %s", (origin.root,)).fetchone() or (
        None,
    )
    undoes = dict(cursor.execute("SELECT id, undoes FROM registry.imports WHERE undoes IS NOT NULL").fetchall())
    values = {
        "keys": list(keys),
        "at": at,
        "root": origin.root,
        "own": list(own),
        "undone": list(undone(cursor)),
        "kind": origin.kind.name,
    }
    moved = cursor.execute(_registered(origin.kind), values).fetchall()
    moved += cursor.execute(_kept_aside(), values).fetchall()
    found: dict[str, tuple[int, date]] = {}
    for key, by, since in moved:
        # An undo brings nothing of its own: it is as new as the import that it, or what it undoes, takes back.
        brought = by
        while brought in undoes:
            brought = undoes[brought]
        if brought > origin.root:
            known = found.get(key, (by, since))
            found[key] = (max(by, known[0]), max(since, known[1]))
    names = dict(
        cursor.execute(
            "SELECT id, file_name FROM registry.imports WHERE id = ANY(%s)", ([by for by, _ in found.values()],)
        ).fetchall()
    )
    return {key: Newer(by, names[by], since) for key, (by, since) in found.items()}


def _registered(kind: Kind) -> sql.Composed:
    """Versions ``l`` that are live now and were not so at that instant, and versions ``b`` that were and are no longer."""
    both = sql.SQL("b.key_text = l.key_text AND b.valid_from = l.valid_from AND {}").format(same_content(kind))
    return sql.SQL(
        "WITH l AS (SELECT {key} AS key_text, t.* FROM {table} t WHERE {key} = ANY(%(keys)s) AND t.recorded_to IS NULL), "
        "b AS (SELECT {key} AS key_text, t.* FROM {table} t WHERE {key} = ANY(%(keys)s) AND t.recorded_from <= %(at)s "
        "AND (t.recorded_to IS NULL OR t.recorded_to > %(at)s)), "
        "moved AS (SELECT l.key_text, l.import_id AS by, coalesce(l.valid_to, l.valid_from) AS since FROM l "
        "WHERE NOT EXISTS (SELECT FROM b WHERE {both}) "
        "UNION ALL SELECT b.key_text, b.ended_by, b.valid_from FROM b WHERE NOT EXISTS (SELECT FROM l WHERE {both})) "
        "SELECT key_text, by, since FROM moved"
    ).format(key=key_of(kind, "t"), table=sql.Identifier(REGISTRY, kind.name), both=both)


def _kept_aside() -> sql.SQL:
    return sql.SQL(
        "SELECT r.key, i.id, i.effective_from FROM registry.rejected_rows r "
        "JOIN registry.imports i ON i.id = r.import_id WHERE i.kind = %(kind)s AND r.key = ANY(%(keys)s) "
        "AND i.id > %(root)s AND coalesce((i.mapping->>'retry_of')::bigint, i.id) <> %(root)s "
        f"AND NOT r.id = ANY(%(own)s) AND {OPEN}"
    )
