"""Rows kept aside: which of them are open, and what each import does to them, within its own transaction.

A rejected row is *open* until something becomes of it.  It is *settled* when a later import brings its kind and code good,
*superseded* when a later file rejects the same code again (the newer row is then the one to mend), and *dismissed* when
somebody says that it will not be mended.  What an import did counts as long as that import is not undone, and the last that
counts holds; so an undo opens again what the import had closed, and nothing is written over.  Rows of an import that is
undone are no longer open: their file is taken back with it.

That a later file has the code again is seen from its rows, and not written down: it would be once for each pair of files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql

from geo.fields import Fault, Kind
from geo.intake.undone import undone
from geo.intake.versions import STAGE

if TYPE_CHECKING:
    from geo.intake.batch import Batch

#: an outcome ``o`` that counts; parameter ``undone``: the imports that are undone
COUNTS: LiteralString = "(o.import_id IS NULL OR NOT o.import_id = ANY(%(undone)s))"
#: imports ``m`` and ``i`` are of sheets of one kind that came in one file: none is later than the other
TOGETHER: LiteralString = "coalesce(m.reading->>'together' = i.reading->>'together', false)"
#: rows ``n`` of later files (imports ``m``) that have the code of a rejected row ``r`` (of import ``i``) again; rows that
#: were tried again are as old as their file
LATER: LiteralString = (
    "registry.rejected_rows n JOIN registry.imports m ON m.id = n.import_id WHERE n.key = r.key AND m.kind = i.kind "
    "AND NOT m.id = ANY(%(undone)s) AND coalesce((m.mapping->>'retry_of')::bigint, m.id) "
    f"> coalesce((i.mapping->>'retry_of')::bigint, i.id) AND NOT {TOGETHER}"
)
#: a rejected row ``r`` of import ``i`` that is open
OPEN: LiteralString = (
    "NOT r.import_id = ANY(%(undone)s) AND NOT EXISTS (SELECT FROM registry.rejected_outcomes o "
    f"WHERE o.rejected_id = r.id AND {COUNTS}) AND NOT EXISTS (SELECT FROM {LATER})"
)


@dataclass(frozen=True)
class Aside:
    """What a batch means for the rows kept aside: those that it brings good, and its own that are news.

    ``opened`` is how many of the ``settled`` are open now; the others would be, were other imports undone.  ``news`` are
    positions in the batch's ``rejected``; the others are kept already.
    """

    settled: list[int]
    opened: int
    news: list[int]
    undone: list[int]


def compare(cursor: psycopg.Cursor[Any], batch: Batch) -> Aside:
    """Hold a staged batch against the rows kept aside."""
    gone = list(undone(cursor))
    found = _brought_good(cursor, batch, gone)
    return Aside(sorted(found), sum(found.values()), _news(cursor, batch, gone), gone)


def key_of(kind: Kind, alias: str) -> sql.Composable:
    """The code of a version or a staged row as the books hold it: its parts joined by ``/``."""
    names = [sql.Identifier(alias, name) for name in kind.key]
    return names[0] if len(names) == 1 else sql.SQL("concat_ws('/', {})").format(sql.SQL(", ").join(names))


def close(cursor: psycopg.Cursor[Any], batch: Batch, aside: Aside, import_id: int, now: datetime) -> None:
    """Write down what an import did to the rows kept aside; its own rejected rows stand in the books already."""
    values = {
        "settled": aside.settled,
        "undone": aside.undone,
        "import_id": import_id,
        "kind": batch.kind.name,
        "now": now,
        "actor": batch.actor,
    }
    cursor.execute(
        "INSERT INTO registry.rejected_outcomes (rejected_id, outcome, import_id, at, actor) "
        "SELECT id, 'settled', %(import_id)s, %(now)s, %(actor)s FROM unnest(%(settled)s::bigint[]) AS t(id)",
        values,
    )
    if not aside.news:
        return
    if batch.retried is None:
        cursor.execute(_NAMELESS, values)
        return
    # What was tried again is as old as its file: it takes the place of itself, and of no row of another file.
    written = cursor.execute(
        "SELECT id FROM registry.rejected_rows WHERE import_id = %s ORDER BY id", (import_id,)
    ).fetchall()
    pairs = {
        "olds": [batch.retried.bad[position] for position in aside.news],
        "news": [number for (number,) in written],
    }
    cursor.execute(
        "INSERT INTO registry.rejected_outcomes (rejected_id, outcome, import_id, by_row, at, actor) "
        "SELECT old, 'superseded', %(import_id)s, new, %(now)s, %(actor)s "
        "FROM unnest(%(olds)s::bigint[], %(news)s::bigint[]) AS t(old, new)",
        values | pairs,
    )


# Without a code, the same row to the letter.
_NAMELESS: LiteralString = (
    "INSERT INTO registry.rejected_outcomes (rejected_id, outcome, import_id, by_row, at, actor) "
    "SELECT r.id, 'superseded', %(import_id)s, min(n.id), %(now)s, %(actor)s FROM registry.rejected_rows r "
    "JOIN registry.imports i ON i.id = r.import_id AND i.kind = %(kind)s JOIN registry.rejected_rows n "
    "ON n.values = r.values AND n.key IS NULL AND r.key IS NULL AND n.import_id = %(import_id)s "
    f"JOIN registry.imports m ON m.id = n.import_id AND NOT {TOGETHER} "
    "WHERE r.import_id < %(import_id)s AND NOT EXISTS (SELECT FROM registry.rejected_outcomes o "
    f"WHERE o.rejected_id = r.id AND {COUNTS} AND o.outcome <> 'superseded') GROUP BY r.id ORDER BY r.id"
)


def _brought_good(cursor: psycopg.Cursor[Any], batch: Batch, gone: list[int]) -> dict[int, bool]:
    """The rows of the batch's kind whose code stands among its good rows, or that it tried again and that are good.

    By each, whether it is open.  Rows that are superseded, or of an undone import, are settled, too: they must not be open
    again when what closed them, or that undo, is undone.
    """
    # A row that somebody dismissed and somebody else mended after all is settled as well.
    found = dict.fromkeys(batch.retried.good if batch.retried else (), True)
    waiting: LiteralString = (
        "registry.rejected_rows r JOIN registry.imports i ON i.id = r.import_id WHERE i.kind = %(kind)s "
        "AND r.key IS NOT NULL AND NOT EXISTS (SELECT FROM registry.rejected_outcomes o "
        f"WHERE o.rejected_id = r.id AND {COUNTS} AND o.outcome <> 'superseded') "
        # New attributes whose code was not registered are not said by the import that registers it.
        """AND (%(attributes)s OR NOT r.faults @> '[{"rule": "not_registered"}]')"""
    )
    values = {"undone": gone, "kind": batch.kind.name, "attributes": bool(batch.mapping.get("registered"))}
    # The usual thing is that there is none, and then a million staged rows need not be looked at.
    if cursor.execute(f"SELECT 1 FROM {waiting} LIMIT 1", values).fetchone() is None:
        return found
    query = sql.SQL(
        f"SELECT r.id, ({OPEN}) FROM {waiting.replace('{', '{{').replace('}', '}}')} "
        "AND EXISTS (SELECT FROM {stage} s WHERE {key}::text = r.key)"
    ).format(stage=STAGE, key=key_of(batch.kind, "s"))
    return dict(cursor.execute(query, values).fetchall()) | found


def _news(cursor: psycopg.Cursor[Any], batch: Batch, gone: list[int]) -> list[int]:
    """Which of the batch's rejected rows are not kept already: by this very file with this mapping."""
    if not batch.rejected:
        return []
    if batch.retried is not None:
        # Rows that are tried again are news where they, or their faults, are other than they were.
        ids = batch.retried.bad
        query = "SELECT id, values, faults FROM registry.rejected_rows WHERE id = ANY(%s)"
        before = {
            number: (values, [Fault(**fault) for fault in faults])
            for number, values, faults in cursor.execute(query, (list(ids),)).fetchall()
        }
        return [
            position
            for position, (number, (_, values, faults)) in enumerate(zip(ids, batch.rejected, strict=True))
            if before[number] != (values, list(faults))
        ]
    kept = {
        (row, where)
        for row, where in cursor.execute(
            "SELECT r.row, r.faults->0->>'where' FROM registry.rejected_rows r "
            "JOIN registry.imports i ON i.id = r.import_id "
            "WHERE i.kind = %s AND i.sha256 = %s AND i.mapping = %s::jsonb AND NOT i.id = ANY(%s)",
            (batch.kind.name, batch.sha256, json.dumps(batch.mapping), gone),
        ).fetchall()
    }
    # A row of another sheet or file may bear the number of one of this.
    return [
        position
        for position, (number, _, faults) in enumerate(batch.rejected)
        if (number, faults[0].where if faults else None) not in kept
    ]


def keep(cursor: psycopg.Cursor[Any], batch: Batch, import_id: int, news: Sequence[int]) -> None:
    """Write the rows of these numbers among those that the import rejected, each with its faults."""
    with cursor.copy("COPY registry.rejected_rows (import_id, row, key, values, faults) FROM STDIN") as copy:
        for number, values, faults in (batch.rejected[i] for i in news):
            told = json.dumps([asdict(fault) for fault in faults], ensure_ascii=False)
            key = faults[0].key if faults else None
            copy.write_row((import_id, number, key, json.dumps(values, ensure_ascii=False), told))
