"""Schema ``registry``: one table for each kind of fact, made from the catalogue, and the books that are kept of imports."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from geo.fields import Column as Field
from geo.fields import Kind

REGISTRY = "registry"


def column_type(field: Field) -> TypeEngine[Any]:
    """The database type of a catalogue column; numbers are double precision, in the column's unit."""
    match field.type:
        case "number":
            return Double()
        case "integer":
            return Integer()
        case "boolean":
            return Boolean()
        case "date":
            return Date()
        case "list":
            return ARRAY(Text())
        case _:
            return Text()


def parts_name(field: str) -> str:
    """The column that holds a land-use column taken apart: a list of ``{code, table, use, share}``."""
    return f"{field}_parts"


def fact_columns(kind: Kind) -> list[str]:
    """The names of the columns of a kind that hold facts, in table order, geometry and parts included."""
    names: list[str] = []
    for field in kind.columns:
        names.append(field.name)
        if field.type == "land_use":
            names.append(parts_name(field.name))
    if kind.geometry:
        names.append("geom")
    return names


def add_facts(metadata: MetaData, kind: Kind, srid: int) -> Table:
    """Add the table of one kind: its facts, who says so, when they hold, and since when we know them."""
    columns: list[Any] = [Column("id", BigInteger, Identity(), primary_key=True)]
    for field in kind.columns:
        columns.append(Column(field.name, column_type(field), nullable=not field.required))
        if field.type == "land_use":
            columns.append(Column(parts_name(field.name), JSONB(none_as_null=True)))
    if kind.geometry:
        columns.append(
            Column(
                "geom",
                Geometry(kind.geometry.upper(), srid=srid, spatial_index=False),
                nullable=not kind.geometry_required,
            )
        )
        columns.append(Index(f"ix_{kind.name}_geom", "geom", postgresql_using="gist"))
    if kind.name == "parcels":
        # Written by the store with ST_Area, so that every reader sees the same figure and no page works it out anew.
        columns.append(Column("measured_area_m2", Double, nullable=False))
    columns += [
        Column("source", Text, nullable=False),
        Column("synthetic", Boolean, nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("valid_to", Date),
        Column(
            "recorded_from",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.now(),
        ),
        Column("recorded_to", DateTime(timezone=True)),
        Column(
            "import_id",
            BigInteger,
            ForeignKey(f"{REGISTRY}.imports.id"),
            nullable=False,
        ),
        Column("ended_by", BigInteger, ForeignKey(f"{REGISTRY}.imports.id")),
        CheckConstraint("valid_to > valid_from", name="valid_order"),
        Index(
            f"uq_{kind.name}_current",
            *kind.key,
            unique=True,
            postgresql_where=text("recorded_to IS NULL AND valid_to IS NULL"),
        ),
        Index(f"ix_{kind.name}_key", *kind.key),
        Index(f"ix_{kind.name}_import", "import_id"),
    ]
    return Table(kind.name, metadata, *columns, schema=REGISTRY)


def add_books(metadata: MetaData) -> None:
    """Add the workspace, imports, the lineage of parcels, rejected rows and the audit."""
    Table(
        "workspace",
        metadata,
        Column("single", Boolean, primary_key=True, server_default=text("true")),
        Column("srid", Integer, nullable=False),
        Column("database_id", Text, nullable=False, comment="a backup and its copy keep it"),
        Column(
            "created_at",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.now(),
        ),
        CheckConstraint("single", name="one_row"),
        schema=REGISTRY,
    )
    Table(
        "imports",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("kind", Text, nullable=False),
        Column("file_name", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("mapping", JSONB, nullable=False),
        Column("crs", Text),
        Column("source", Text, nullable=False),
        Column("synthetic", Boolean, nullable=False),
        Column("effective_from", Date, nullable=False),
        Column("actor", Text, nullable=False),
        Column(
            "recorded_at",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.now(),
        ),
        Column("counts", JSONB, nullable=False),
        Column(
            "undoes", BigInteger, ForeignKey(f"{REGISTRY}.imports.id"), comment="the import that this one takes back"
        ),
        # What a retry of its rejected rows needs beyond the mapping; only where there are any.
        Column("reading", JSONB(none_as_null=True)),
        schema=REGISTRY,
    )
    Table(
        "parcel_lineage",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("from_code", Text, nullable=False, index=True),
        Column("to_code", Text, nullable=False, index=True),
        Column("share_of_from", Double, nullable=False),
        Column("share_of_to", Double, nullable=False),
        Column("import_id", BigInteger, ForeignKey(f"{REGISTRY}.imports.id"), nullable=False, index=True),
        Column("confirmed", Boolean, nullable=False, server_default=text("false")),
        schema=REGISTRY,
    )
    Table(
        "rejected_rows",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column(
            "import_id",
            BigInteger,
            ForeignKey(f"{REGISTRY}.imports.id"),
            nullable=False,
            index=True,
        ),
        Column("row", Integer, nullable=False),
        Column("values", JSONB, nullable=False),
        Column("faults", JSONB, nullable=False),
        Column("key", Text, index=True, comment="the row's own code, where it could be read"),
        schema=REGISTRY,
    )
    Table(
        "rejected_outcomes",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("rejected_id", BigInteger, ForeignKey(f"{REGISTRY}.rejected_rows.id"), nullable=False, index=True),
        Column("outcome", Text, nullable=False, comment="settled, superseded, dismissed"),
        Column(
            "import_id",
            BigInteger,
            ForeignKey(f"{REGISTRY}.imports.id"),
            index=True,
            comment="the import that brought it",
        ),
        Column(
            "by_row",
            BigInteger,
            ForeignKey(f"{REGISTRY}.rejected_rows.id"),
            comment="the rejected row that took its place",
        ),
        Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("actor", Text, nullable=False),
        Column("why", Text),
        CheckConstraint(
            "(outcome = 'dismissed' AND import_id IS NULL AND by_row IS NULL AND why IS NOT NULL) "
            "OR (outcome = 'settled' AND import_id IS NOT NULL AND by_row IS NULL) "
            "OR (outcome = 'superseded' AND import_id IS NOT NULL AND by_row IS NOT NULL)",
            name="who",
        ),
        schema=REGISTRY,
    )
    Table(
        "audit",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("actor", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("detail", JSONB, nullable=False),
        schema=REGISTRY,
    )
