"""The ledger of a run: the rows that every total of it is the sum of, and the imports that they rest on."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg
import sqlalchemy as sa
from psycopg import sql

from geo.fields.ledger import OPEN_GROUPS
from geo.measure.reading import read_table, to_frame
from geo.publish.partitions import partition
from geo.publish.records import copy_columns

#: the columns of a published row
COLUMNS = (
    *("books", "parcel_code", "building_code"),
    *OPEN_GROUPS,
    *("share", "site_area_m2", "gfa_m2", "gfa_source", "since", "import_id", "share_import_id"),
)
_IMPORT = ("file_name", "import_source", "imported_at", "share_file_name")


def empty_ledger() -> pd.DataFrame:
    """The ledger of a run that has none: its policy says nothing of one, or it is older than the ledger."""
    return pd.DataFrame(columns=[*COLUMNS, *_IMPORT])


def copy_ledger(raw: psycopg.Connection[Any], run_id: int, ledger: pd.DataFrame) -> None:
    """Write the rows of :func:`geo.ledger` into the run's partition."""
    numbered = ledger.assign(entry=range(len(ledger)))
    columns = {"run_id": run_id} | {name: numbered[name] for name in ("entry", *COLUMNS)}
    copy_columns(raw, partition("ledger", run_id).name, columns, len(ledger))


def empty_books() -> pd.DataFrame:
    """No import."""
    return pd.DataFrame(columns=["import_id", *_IMPORT[:3]])


def read_books(connection: sa.Connection, carriers: pd.DataFrame) -> pd.DataFrame:
    """The imports that a run's carriers rest on: import_id, file_name, import_source, imported_at."""
    if "import_id" not in carriers:  # a run of before carriers told it
        return empty_books()
    query = sql.SQL(
        "SELECT i.id AS import_id, i.file_name, i.source AS import_source,"
        " to_char(i.recorded_at, 'YYYY-MM-DD HH24:MI') AS imported_at"
        " FROM registry.imports i WHERE i.id = ANY (%(numbers)s::bigint[]) ORDER BY i.id"
    )
    numbers = sorted({int(number) for number in carriers["import_id"].dropna()})
    return to_frame(read_table(connection, query, {"numbers": numbers}))


def read_ledger(connection: sa.Connection, run_id: int) -> pd.DataFrame:
    """The rows of a run with the imports that they rest on: file_name, import_source, imported_at."""
    names = sql.SQL(", ").join(sql.Identifier("l", name) for name in COLUMNS)
    query = sql.SQL(
        "SELECT {}, i.file_name, i.source AS import_source,"
        " to_char(i.recorded_at, 'YYYY-MM-DD HH24:MI') AS imported_at, s.file_name AS share_file_name"
        " FROM published.ledger l JOIN registry.imports i ON i.id = l.import_id"
        " LEFT JOIN registry.imports s ON s.id = l.share_import_id WHERE l.run_id = %(run_id)s ORDER BY l.entry"
    ).format(names)
    return to_frame(read_table(connection, query, {"run_id": run_id}))
