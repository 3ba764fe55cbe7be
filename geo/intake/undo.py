"""Taking an import back by adding versions: what it wrote is ended, what it ended is written again.

For every key that the import touched, the live versions become what they were in the instant before it was recorded.
Versions that are the same then and now are left alone; nothing is deleted.  An undo is an import of its own (column
``undoes``), so that it can be undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from geo.database import Database, require_migrated
from geo.errors import NotFoundError, UndoError
from geo.fields import KINDS, Kind
from geo.intake.quarantine import OPEN
from geo.intake.store import writing
from geo.intake.undone import undone
from geo.settings import settings
from geo.tables import REGISTRY, fact_columns

#: how many blocking imports an error names
_NAMED = 5


@dataclass(frozen=True)
class UndoReport:
    """What one call of :func:`undo` did.

    ``counts`` has, by key of the import's own kind, ``added`` (current again), ``gone`` (current no more), ``changed`` and
    ``same`` (touched, but as before), and ``ended`` and ``written``, the versions of all kinds; ``reopened`` where rejected
    rows that the import had closed are open again (:mod:`geo.intake.quarantine`).
    """

    import_id: int
    undoes: int
    kind: str
    file_name: str
    effective: date
    actor: str
    counts: dict[str, int]

    def summary(self) -> str:
        """One line: what was taken back."""
        done = ", ".join(f"{self.counts[name]} {name}" for name in ("added", "changed", "same", "gone"))
        again = f"; {n} rows kept aside are open again" if (n := self.counts.get("reopened")) else ""
        return f"{self.file_name}: {self.kind} → {done}{again} (import {self.import_id})"


def undo(db: Database, import_id: int, *, actor: str | None = None) -> UndoReport:
    """Bring the current registry back to what it was without that import, by adding compensating versions.

    Raises
    ------
    NotFoundError
        There is no import of that number.
    UndoError
        It is undone already, or later imports touched the same rows; they are named, nothing was written.
    DatabaseError
        The database is not migrated, busy or refuses; nothing was written.
    """
    require_migrated(db)
    with writing(db, f"the undo of import {import_id}") as (cursor, now):
        return _undo(cursor, import_id, now, actor or settings().actor)


def _undo(cursor: psycopg.Cursor[Any], target: int, now: datetime, actor: str) -> UndoReport:
    row = cursor.execute(
        "SELECT kind, crs, source, synthetic, effective_from, recorded_at, sha256 FROM registry.imports WHERE id = %s",
        (target,),
    ).fetchone()
    if row is None:
        raise NotFoundError(f"There is no import {target}.", "See `shuangbei history --imports`.")
    kind, crs, source, synthetic, effective, at, sha256 = row
    state = undone(cursor)
    if target in state:
        raise UndoError(
            f"Import {target} is undone already, by import {state[target]}.",
            f"`shuangbei undo {state[target]}` brings it back.",
            (state[target],),
        )
    touched = [part for part in map(_Part, KINDS.values()) if part.find(cursor, target)]
    _refuse_blocked(cursor, target, touched, state)
    name = f"undo of import {target}"
    found = cursor.execute(
        "INSERT INTO registry.imports (kind, file_name, sha256, mapping, crs, source, synthetic, effective_from, actor,"
        " recorded_at, counts, undoes) VALUES (%s, %s, %s, '{}', %s, %s, %s, %s, %s, %s, '{}', %s) RETURNING id",
        (kind, name, sha256, crs, source, synthetic, effective, actor, now, target),
    ).fetchone()
    assert found is not None
    number = int(found[0])
    counts = {"added": 0, "changed": 0, "same": 0, "gone": 0, "ended": 0, "written": 0}
    for part in touched:
        ended, written = part.bring_back(cursor, at, now, number)
        counts["ended"] += ended
        counts["written"] += written
        if part.kind.name == kind:
            counts |= part.counts(cursor, number)
    again = _opened(cursor, target, kind)
    counts |= {"reopened": again} if again else {}
    told = counts | {"rejected": 0}
    cursor.execute("UPDATE registry.imports SET counts = %s::jsonb WHERE id = %s", (json.dumps(told), number))
    detail = {"import_id": number, "undoes": target, "kind": kind, "counts": told}
    cursor.execute(
        "INSERT INTO registry.audit (at, actor, action, detail) VALUES (%s, %s, 'undo', %s::jsonb)",
        (now, actor, json.dumps(detail)),
    )
    return UndoReport(number, target, kind, name, effective, actor, counts)


def _opened(cursor: psycopg.Cursor[Any], target: int, kind: str) -> int:
    """How many rejected rows that import had closed are open now that it is undone."""
    row = cursor.execute(
        "SELECT count(*) FROM registry.rejected_rows r JOIN registry.imports i ON i.id = r.import_id "
        "WHERE (EXISTS (SELECT FROM registry.rejected_outcomes c WHERE c.rejected_id = r.id AND c.import_id = %(target)s) "
        "OR EXISTS (SELECT FROM registry.rejected_rows n WHERE n.key = r.key AND n.import_id = %(target)s "
        f"AND n.import_id > r.import_id AND i.kind = %(kind)s)) AND {OPEN}",
        {"target": target, "kind": kind, "undone": list(undone(cursor))},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _refuse_blocked(cursor: psycopg.Cursor[Any], target: int, parts: list[_Part], state: dict[int, int]) -> None:
    later = {number for part in parts for number in part.later(cursor, target)}
    # An import since then that is undone, and the undo of it, cancel out: together they touched nothing.
    cancelled = {number for pair in state.items() if pair[0] > target for number in pair}
    blocking = sorted(later - cancelled)
    if not blocking:
        return
    rows = cursor.execute(
        "SELECT id, file_name, recorded_at::date FROM registry.imports WHERE id = ANY(%s) ORDER BY id", (blocking,)
    ).fetchall()
    named = ", ".join(f"{number} ({file}, {day})" for number, file, day in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    raise UndoError(
        f"Import {target} cannot be undone: later imports touched the same rows: {named}{more}.",
        f"Undo those first, newest first: shuangbei undo {blocking[-1]}.",
        blocking,
    )


def version_content(kind: Kind) -> list[str]:
    """The columns of a version that say something, but the day from which it holds."""
    return [
        *fact_columns(kind),
        *(["measured_area_m2"] if kind.name == "parcels" else []),
        "source",
        "synthetic",
        "valid_to",
    ]


def same_content(kind: Kind) -> sql.Composed:
    """That two versions ``b`` and ``l`` of one key and one first day say the same."""
    return sql.SQL(" AND ").join(
        # An outline is the same when its bytes are: `=` on geometries would compare boxes in older versions.
        sql.SQL("ST_AsBinary(b.geom) IS NOT DISTINCT FROM ST_AsBinary(l.geom)")
        if name == "geom"
        else sql.SQL("b.{0} IS NOT DISTINCT FROM l.{0}").format(sql.Identifier(name))
        for name in version_content(kind)
    )


class _Part:
    """What an import touched of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        content = version_content(kind)
        self._names = {
            "table": sql.Identifier(REGISTRY, kind.name),
            "keys": sql.Identifier(f"undo_keys_{kind.name}"),
            "before": sql.Identifier(f"undo_before_{kind.name}"),
            "key": _joined(kind.key),
            "content": _joined((*content, "valid_from")),
            "content_b": _joined((*content, "valid_from"), "b"),
            "same": same_content(kind),
            "both": sql.SQL(" AND ").join(
                sql.SQL("b.{0} = l.{0}").format(sql.Identifier(name)) for name in (*kind.key, "valid_from")
            ),
        }

    def find(self, cursor: psycopg.Cursor[Any], target: int) -> bool:
        """Note the keys that the import touched; whether there are any."""
        self._run(
            cursor,
            "CREATE TEMP TABLE {keys} ON COMMIT DROP AS "
            "SELECT DISTINCT {key} FROM {table} WHERE import_id = %(of)s OR ended_by = %(of)s",
            of=target,
        )
        self._run(cursor, "ANALYZE {keys}")
        row = self._run(cursor, "SELECT EXISTS (SELECT FROM {keys})").fetchone()
        assert row is not None
        return bool(row[0])

    def later(self, cursor: psycopg.Cursor[Any], target: int) -> set[int]:
        """The imports since then that touched any of those keys."""
        rows = self._run(
            cursor,
            "SELECT import_id FROM {table} JOIN {keys} USING ({key}) WHERE import_id > %(of)s "
            "UNION SELECT ended_by FROM {table} JOIN {keys} USING ({key}) WHERE ended_by > %(of)s",
            of=target,
        )
        return {int(row[0]) for row in rows.fetchall()}

    def bring_back(self, cursor: psycopg.Cursor[Any], at: datetime, now: datetime, number: int) -> tuple[int, int]:
        """Make the live versions of those keys what they were just before ``at``; how many were ended and written."""
        self._run(
            cursor,
            # `now` is the live version that is the same, where there is one: those of one key never begin on the same day.
            "CREATE TEMP TABLE {before} ON COMMIT DROP AS SELECT b.id, l.id AS now FROM {table} b "
            "JOIN {keys} USING ({key}) LEFT JOIN {table} l ON {both} AND l.recorded_to IS NULL AND {same} "
            "WHERE b.recorded_from < %(at)s AND (b.recorded_to IS NULL OR b.recorded_to >= %(at)s)",
            at=at,
        )
        ended = self._run(
            cursor,
            "UPDATE {table} t SET recorded_to = %(now)s, ended_by = %(number)s WHERE t.recorded_to IS NULL "
            "AND ({key}) IN (SELECT {key} FROM {keys}) AND NOT EXISTS (SELECT FROM {before} s WHERE s.now = t.id)",
            now=now,
            number=number,
        ).rowcount
        written = self._run(
            cursor,
            "INSERT INTO {table} ({content}, recorded_from, import_id) SELECT {content_b}, %(now)s, %(number)s "
            "FROM {table} b JOIN {before} s USING (id) WHERE s.now IS NULL ORDER BY b.id",
            now=now,
            number=number,
        ).rowcount
        return ended, written

    def counts(self, cursor: psycopg.Cursor[Any], number: int) -> dict[str, int]:
        """Of the touched keys, how many are current again, current no more, otherwise changed, or as they were."""
        row = self._run(
            cursor,
            "SELECT count(*) FILTER (WHERE came AND NOT went), count(*) FILTER (WHERE went AND NOT came), "
            "count(*) FILTER (WHERE came = went AND touched), count(*) FILTER (WHERE NOT touched) FROM ("
            "SELECT coalesce(bool_or(import_id = %(n)s AND valid_to IS NULL), false) AS came, "
            "coalesce(bool_or(ended_by = %(n)s AND valid_to IS NULL), false) AS went, "
            "coalesce(bool_or(import_id = %(n)s OR ended_by = %(n)s), false) AS touched "
            "FROM {keys} JOIN {table} USING ({key}) GROUP BY {key}) k",
            n=number,
        ).fetchone()
        assert row is not None
        return dict(zip(("added", "gone", "changed", "same"), row, strict=True))

    def _run(self, cursor: psycopg.Cursor[Any], text: LiteralString, **values: Any) -> psycopg.Cursor[Any]:
        return cursor.execute(sql.SQL(text).format(**self._names), values or None)


def _joined(names: Iterable[str], alias: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names)
