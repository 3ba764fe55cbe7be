"""Rows of a COPY as they come: the driver's own, whole or not at all, and a connection that goes on."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import sql

from geo.database import Database
from geo.measure.copied import copied

ROWS = sql.SQL("COPY (SELECT i, repeat('地块', i % 50), 1.0 / (i - {}) FROM generate_series(1, 30000) i) TO STDOUT")
ENDLESS = sql.SQL("COPY (SELECT i FROM generate_series(1, {}) i) TO STDOUT").format(100_000_000)


def test_the_rows_are_those_of_the_drivers_own_copy(db: Database) -> None:
    statement = ROWS.format(sql.Literal(0))
    with db.read() as connection, raw_cursor(connection) as cursor:
        with cursor.copy(statement) as copy:
            asked = [bytes(row) for row in copy]
        assert list(copied(cursor, statement, {})) == asked
        assert list(copied(cursor, sql.SQL("COPY (SELECT {} WHERE false) TO STDOUT").format(1), {})) == []


def test_what_the_server_says_after_the_first_rows_is_raised(db: Database) -> None:
    with db.read() as connection, raw_cursor(connection) as cursor:
        rows = copied(cursor, ROWS.format(sql.Literal(29_000)), {})
        assert next(rows).startswith(b"1\t")
        with pytest.raises(psycopg.errors.DivisionByZero):
            list(rows)
        cursor.connection.rollback()
        assert cursor.execute("SELECT 1").fetchone() == (1,)


def test_a_reader_that_goes_away_leaves_a_connection_that_can_be_asked_again(db: Database) -> None:
    with db.read() as connection, raw_cursor(connection) as cursor:
        endless = copied(cursor, ENDLESS, {})
        next(endless)
        endless.close()
        cursor.connection.rollback()
        assert cursor.execute("SELECT 1").fetchone() == (1,)


def raw_cursor(connection: Any) -> psycopg.Cursor[Any]:
    cursor: psycopg.Cursor[Any] = connection.connection.driver_connection.cursor()
    return cursor
