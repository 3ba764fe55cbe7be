"""What an import would change, worked out in a transaction that is rolled back: nothing of it stays."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg
import sqlalchemy as sa
from psycopg import sql

from geo.database import Database
from geo.errors import DatabaseError
from geo.intake.batch import Batch
from geo.intake.quarantine import key_of
from geo.intake.report import Progress
from geo.intake.store import Stored, compare, find_emptied, stage
from geo.intake.versions import DIFF, LIVE, PAIRS, REJECTED, STAGE, Versions
from geo.tables import parts_name

#: what stands instead of a value that only some may read
HIDDEN = "（restricted）"
CHANGES = ("key", "change", "field", "old", "new")


def preview(db: Database, batch: Batch, progress: Progress) -> tuple[Stored, pd.DataFrame]:
    """What an import would be stored as, and each of its changes: ``key``, ``change``, ``field``, ``old``, ``new``.

    ``change`` is ``added``, ``changed`` (a row for each field that differs), ``gone`` (ended by ``gone="retire"``) or
    ``not_in_file`` (registered, not in the file, and kept).  Rows that stay as they are stand in the counts alone.

    Raises
    ------
    DatabaseError
        The database refused.
    """
    try:
        with db.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, psycopg.Connection)
            try:
                with raw.cursor() as cursor:
                    return _preview(cursor, batch, progress)
            finally:
                raw.rollback()
    except (psycopg.Error, sa.exc.DBAPIError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines() or ["no reason given"]
        raise DatabaseError(
            f"The database did not take {batch.file_name}: {reason[0]}", "Nothing was written."
        ) from error


def _preview(cursor: psycopg.Cursor[Any], batch: Batch, progress: Progress) -> tuple[Stored, pd.DataFrame]:
    versions = Versions(batch.kind)
    values = {"day": batch.effective, "synthetic": batch.synthetic, "retire": batch.retire}
    stage(cursor, versions, batch, progress)
    counts = compare(cursor, versions, values, progress)
    emptied = find_emptied(cursor, versions, values)
    found: list[tuple[Any, ...]] = cursor.execute(_added(versions)).fetchall()
    found += cursor.execute(sql.SQL("WITH ") + changed(versions, PAIRS, STAGE), values).fetchall()
    if batch.last:
        found += cursor.execute(_absent(versions), values).fetchall()
    return Stored(None, counts, emptied), in_order(found)


def in_order(found: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Changes as a frame: what is added first, then what changed, then what is gone, each by key."""
    order = {"added": 0, "changed": 1, "gone": 2, "not_in_file": 3}
    found.sort(key=lambda row: (order[row[1]], str(row[0])))
    return pd.DataFrame(found, columns=list(CHANGES), dtype=object)


def _added(versions: Versions) -> sql.Composed:
    return sql.SQL(
        "SELECT {key}, 'added', NULL, NULL, NULL FROM {stage} s JOIN {diff} d USING (row_no) WHERE d.state = 'added'"
    ).format(key=key_of(versions.kind, "s"), stage=STAGE, diff=DIFF)


def changed(versions: Versions, pairs: sql.Composable, new: sql.Composable) -> sql.Composed:
    """A row for each field that differs; one without a field where only the days or the mark of invented data do.

    It goes after ``WITH``, or after other tables named there.  ``pairs`` has the ``id`` of a version and the ``row_no`` of
    the row in ``new`` that takes its place.
    """
    restricted = {column.name for column in versions.kind.columns if column.readers == "restricted"}
    parts = {parts_name(column.name): column.name for column in versions.kind.columns if column.type == "land_use"}
    fields = []
    for name in versions.facts:
        differs = sql.SQL("NOT ({})").format(versions.same(name))
        if name in parts:
            # Its parts follow from what is written; they are told of where that is the same (another code table).
            differs = sql.SQL("{} AND t.{base} IS NOT DISTINCT FROM s.{base}").format(
                differs, base=sql.Identifier(parts[name])
            )
        fields.append((name, differs, *_shown(name, hidden=name in restricted)))
    one = sql.SQL(
        "SELECT {key} AS key, 'changed' AS change, {name} AS field, {old} AS old, {new} AS new "
        "FROM {pairs} p JOIN {table} t ON t.id = p.id JOIN {stage} s ON s.row_no = p.row_no WHERE {differs}"
    )
    given = {"key": key_of(versions.kind, "s"), "pairs": pairs, "table": versions.table, "stage": new}
    each = sql.SQL(" UNION ALL ").join(
        one.format(name=sql.Literal(name), old=old, new=new, differs=differs, **given)
        for name, differs, old, new in fields
    )
    return sql.SQL(
        "told AS ({each}) SELECT * FROM told UNION ALL "
        "SELECT {key}, 'changed', 'valid_from', t.valid_from::text, %(day)s::date::text FROM {pairs} p "
        "JOIN {table} t ON t.id = p.id JOIN {stage} s ON s.row_no = p.row_no "
        "WHERE {key} NOT IN (SELECT told.key FROM told)"
    ).format(each=each, **given)


def _shown(name: str, *, hidden: bool) -> tuple[sql.Composable, sql.Composable]:
    if hidden:
        return sql.Literal(HIDDEN), sql.Literal(HIDDEN)
    if name != "geom":
        return sql.SQL("t.{}::text").format(sql.Identifier(name)), sql.SQL("s.{}::text").format(sql.Identifier(name))
    # An outline of megabytes says nothing on a screen: its area, or its length, or where the point lies.
    size = sql.SQL(
        "CASE ST_Dimension({g}) WHEN 2 THEN round(ST_Area({g})::numeric, 1)::text || ' m²' "
        "WHEN 1 THEN round(ST_Length({g})::numeric, 1)::text || ' m' ELSE ST_AsText({g}, 2) END"
    )
    moved = sql.SQL(
        " || coalesce(', moved by up to ' || round(ST_HausdorffDistance(t.geom, s.geom)::numeric, 2)::text || ' m', '')"
    )
    return size.format(g=sql.SQL("t.geom")), size.format(g=sql.SQL("s.geom")) + moved


def _absent(versions: Versions) -> sql.Composed:
    return sql.SQL(
        "SELECT DISTINCT {key}, CASE WHEN %(retire)s THEN 'gone' ELSE 'not_in_file' END, NULL, NULL, NULL FROM {table} t "
        "WHERE {live} AND NOT EXISTS (SELECT FROM {stage} s WHERE {own}) "
        "AND NOT EXISTS (SELECT FROM {rejected} r WHERE {own_r})"
    ).format(
        key=key_of(versions.kind, "t"),
        table=versions.table,
        live=LIVE,
        stage=STAGE,
        own=versions.key("s"),
        rejected=REJECTED,
        own_r=versions.key("r"),
    )
