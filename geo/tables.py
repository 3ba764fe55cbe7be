"""The tables of one database, made from the catalogue of columns.

Three schemas: ``registry`` holds facts with history, ``measured`` what was worked out of them, ``published`` the results
of runs.  Every table of facts has two times: *valid* (from when a row holds in the world, a day) and *recorded* (since
when we know it, an instant).  A row is current while neither has ended; a partial unique index allows one current row
for a key.  Nothing is deleted: a correction ends the recorded time of one version and adds another.
"""

from __future__ import annotations

from functools import lru_cache
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
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from geo.fields import KINDS, Kind
from geo.fields import Column as Field

REGISTRY = "registry"
MEASURED = "measured"
PUBLISHED = "published"
SCHEMAS = (REGISTRY, MEASURED, PUBLISHED)

#: constraint names are stated, so that a migration made on one machine fits the database of another
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


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


def _fact_table(metadata: MetaData, kind: Kind, srid: int) -> Table:
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


def _registry(metadata: MetaData) -> None:
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


def _measured(metadata: MetaData) -> None:
    Table(
        "frames",
        metadata,
        Column(
            "key",
            Text,
            primary_key=True,
            comment="hash of name, data version, arguments and code",
        ),
        Column("name", Text, nullable=False),
        Column("data_version", Text, nullable=False),
        Column("arguments", JSONB, nullable=False),
        Column(
            "made_at",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.now(),
        ),
        Column(
            "arrow",
            LargeBinary,
            nullable=False,
            comment="the frame as an Arrow IPC stream",
        ),
        schema=MEASURED,
    )


def _published(metadata: MetaData, srid: int) -> None:
    Table(
        "runs",
        metadata,
        Column("run_id", BigInteger, Identity(), primary_key=True),
        Column("policy_id", Text, nullable=False),
        Column("policy_hash", Text, nullable=False),
        Column("policy", JSONB, nullable=False),
        Column("data_version", Text, nullable=False),
        Column("as_of", Date, nullable=False),
        Column("code_version", Text, nullable=False),
        Column("seed", BigInteger, nullable=False),
        Column("actor", Text, nullable=False),
        Column(
            "made_at",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.now(),
        ),
        Column("synthetic", Boolean, nullable=False),
        Column("pinned", Boolean, nullable=False, server_default=text("false")),
        Column("is_current", Boolean, nullable=False),
        Column("figures", JSONB, nullable=False),
        Index(
            "uq_runs_current",
            "is_current",
            unique=True,
            postgresql_where=text("is_current"),
        ),
        schema=PUBLISHED,
    )

    def of_run(name: str, *columns: Any) -> None:
        # Partitioned by run: an old run is dropped whole, at once, without a scan.
        Table(
            name,
            metadata,
            Column(
                "run_id",
                BigInteger,
                ForeignKey(f"{PUBLISHED}.runs.run_id"),
                primary_key=True,
            ),
            *columns,
            schema=PUBLISHED,
            postgresql_partition_by="LIST (run_id)",
        )

    of_run(
        "parcels",
        Column("parcel_code", Text, primary_key=True),
        Column(
            "parcel_id",
            BigInteger,
            nullable=False,
            comment="the version in registry.parcels whose outline is drawn",
        ),
        Column("zone", Text),
        Column("facts", JSONB, nullable=False),
    )
    of_run(
        "candidates",
        Column("rule", Text, primary_key=True),
        Column("parcel_code", Text, primary_key=True),
        Column("verdict", Text, nullable=False),
        Column("score", Double),
        Column("score_low", Double),
        Column("score_high", Double),
        Column("rank", Integer),
        Column("reasons", JSONB, nullable=False),
        Column("contributions", JSONB, nullable=False),
    )
    of_run(
        "clusters",
        Column("cluster_id", Text, primary_key=True),
        Column("over", Text, nullable=False),
        Column("parcel_codes", ARRAY(Text()), nullable=False),
        Column("n_parcels", Integer, nullable=False),
        Column("area_m2", Double, nullable=False),
        Column("gfa_m2", Double),
        Column("n_gfa_unknown", Integer, nullable=False),
        Column("shape", Text, nullable=False),
        Column("elongation", Double, nullable=False),
        Column("compactness", Double, nullable=False),
        Column(
            "outline",
            Geometry("MULTIPOLYGON", srid=srid, spatial_index=False),
            nullable=False,
        ),
    )
    of_run(
        "cluster_lineage",
        Column("cluster_id", Text, primary_key=True),
        Column("earlier_run_id", BigInteger, primary_key=True),
        Column("earlier_cluster_id", Text, primary_key=True),
        Column("change", Text, nullable=False, comment="continued, split, merged"),
        Column("shared_area_m2", Double, nullable=False),
    )
    of_run(
        "carriers",
        Column("carrier_code", Text, primary_key=True),
        Column(
            "carrier_id",
            BigInteger,
            nullable=False,
            comment="the version in registry.carriers",
        ),
        Column("zone", Text),
        Column("facts", JSONB, nullable=False),
        Column("point", Geometry("POINT", srid=srid, spatial_index=False)),
    )
    of_run(
        "floor_area",
        Column(
            "entry",
            Integer,
            primary_key=True,
            comment="order of the row in the published table",
        ),
        Column("grouping", ARRAY(Text()), nullable=False),
        Column("values", JSONB, nullable=False),
        Column("site_area_m2", Double),
        Column("gfa_m2", Double),
        Column("n", Integer, nullable=False),
        Column("n_unknown", Integer, nullable=False),
    )
    of_run(
        "layers",
        Column("kind", Text, primary_key=True),
        Column(
            "feature_id",
            BigInteger,
            primary_key=True,
            comment="the version in registry.<kind>",
        ),
        Column("facts", JSONB, nullable=False),
        Column("geom", Geometry("GEOMETRY", srid=srid, spatial_index=False), nullable=False),
    )


@lru_cache
def make_metadata(srid: int) -> MetaData:
    """All tables of a database whose work CRS is ``EPSG:srid``."""
    metadata = MetaData(naming_convention=NAMING)
    _registry(metadata)
    for kind in KINDS.values():
        _fact_table(metadata, kind, srid)
    _measured(metadata)
    _published(metadata, srid)
    return metadata


def fact_table(kind: Kind, srid: int) -> Table:
    """The table of one kind of fact."""
    return make_metadata(srid).tables[f"{REGISTRY}.{kind.name}"]
