"""The tables of one run: made alone, filled, then joined to those of all runs.

A table that is filled before it is joined has no index to keep up and no key to look up for each row: both are done once
for all.  Nor does joining hold up those who read other runs, as a table made in its place would until the end.
"""

from __future__ import annotations

from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from geo.database import Database

#: the published tables that are partitioned by run, children of a run first
OF_RUN = (
    "parcels",
    "candidates",
    "questions",
    "opinions",
    "clusters",
    "cluster_lineage",
    "carriers",
    "floor_area",
    "ledger",
    "layers",
    "findings",
)


def partition(name: str, run_id: int) -> sa.Table:
    """The partition of a published table that holds one run."""
    return sa.Table(f"{name}_run_{int(run_id)}", sa.MetaData(), schema="published")


def make(raw: psycopg.Connection[Any], run_id: int) -> None:
    """Make the empty tables of a run, which nobody else sees yet."""
    for name in OF_RUN:
        raw.execute(
            sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)").format(
                _child(name, run_id), sql.Identifier("published", name)
            )
        )


def join(raw: psycopg.Connection[Any], db: Database, run_id: int) -> None:
    """Give the tables of a run their keys, and make them parts of those of all runs."""
    for name in OF_RUN:
        key = sql.SQL(", ").join(sql.Identifier(column.name) for column in db.table(f"published.{name}").primary_key)
        child = _child(name, run_id)
        raw.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(child, key))
        raw.execute(
            sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})").format(
                sql.Identifier("published", name), child, sql.Literal(run_id)
            )
        )


def _child(name: str, run_id: int) -> sql.Identifier:
    return sql.Identifier("published", partition(name, run_id).name)
