"""The tables of one database, made from the catalogue of columns.

Four schemas: ``registry`` holds facts with history, ``measured`` what was worked out of them, ``published`` the results
of runs, ``jobs`` the work that was asked for.  Every table of facts has two times: *valid* (from when a row holds in the
world, a day) and *recorded* (since when we know it, an instant).  A row is current while neither has ended; a partial
unique index allows one current row for a key.  Nothing is deleted: a correction ends the recorded time of one version
and adds another.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import MetaData, Table

from geo.fields import KINDS, Kind
from geo.tables.facts import REGISTRY, add_books, add_facts, column_type, fact_columns, parts_name
from geo.tables.results import MEASURED, PUBLISHED, add_measured, add_published
from geo.tables.work import JOBS, add_jobs

__all__ = [
    "JOBS",
    "MEASURED",
    "PUBLISHED",
    "REGISTRY",
    "SCHEMAS",
    "column_type",
    "fact_columns",
    "fact_table",
    "make_metadata",
    "parts_name",
]

SCHEMAS = (REGISTRY, MEASURED, PUBLISHED, JOBS)

#: constraint names are stated, so that a migration made on one machine fits the database of another
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


@lru_cache
def make_metadata(srid: int) -> MetaData:
    """All tables of a database whose work CRS is ``EPSG:srid``."""
    metadata = MetaData(naming_convention=NAMING)
    add_books(metadata)
    for kind in KINDS.values():
        add_facts(metadata, kind, srid)
    add_measured(metadata)
    add_published(metadata, srid)
    add_jobs(metadata)
    return metadata


def fact_table(kind: Kind, srid: int) -> Table:
    """The table of one kind of fact."""
    return make_metadata(srid).tables[f"{REGISTRY}.{kind.name}"]
