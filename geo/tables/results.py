"""Schemas ``measured`` and ``published``: frames that were worked out, and the results of runs."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
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
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geo.fields.ledger import OPEN_GROUPS

MEASURED = "measured"
PUBLISHED = "published"


def add_measured(metadata: MetaData) -> None:
    """Add the frames that were worked out and are kept."""
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


def add_published(metadata: MetaData, srid: int) -> None:
    """Add the runs and what each of them holds."""
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

    Table(
        "scenarios",
        metadata,
        Column("scenario_id", BigInteger, Identity(), primary_key=True),
        Column("name", Text, nullable=False),
        Column("note", Text),
        Column(
            "run_id", BigInteger, ForeignKey(f"{PUBLISHED}.runs.run_id"), nullable=False, comment="what it is laid over"
        ),
        Column("measures", JSONB, nullable=False, comment="the open measures that were chosen, as they were then"),
        Column("actor", Text, nullable=False),
        Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("dropped_at", DateTime(timezone=True), comment="dropped, or saved anew under the same name"),
        Column("dropped_by", Text),
        # One of a name at a time; those before stay on record.
        Index("uq_scenarios_name", "name", unique=True, postgresql_where=text("dropped_at IS NULL")),
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
        Column("reasons", JSONB(none_as_null=True), comment="of runs before there were questions only"),
        Column("contributions", JSONB(none_as_null=True), comment="of runs before there were questions only"),
        Column("route", Text, comment="of the routes of the rule the one that the verdict is by"),
        Column("target_codes", Text, comment="the land-use codes that this route leads to"),
        Column("flags", JSONB(none_as_null=True), comment="of runs before there were questions only"),
        Column("way", SmallInteger, comment="place of the route whose criteria count, from 0; of a no the first"),
        Column(
            "outcomes", Text, comment="a letter a condition, in the order of the questions: p pass, f fail, u unknown"
        ),
        Column("flagged", Text, comment="a letter a flag: r raised, c clear, u unknown"),
        Column("results", ARRAY(Double), comment="what each criterion's value function gives, 0 to 1; null: unknown"),
    )
    of_run(
        "questions",
        Column("rule", Text, primary_key=True),
        Column("part", Text, primary_key=True, comment="reasons, flags, contributions"),
        Column("place", Integer, primary_key=True, comment="from 1"),
        Column("asked", JSONB, nullable=False, comment="what a record says of every parcel alike"),
        Column("factor", Double, comment="turns the parcel's fact into what is shown; null: a text"),
        Column("points", ARRAY(Double), comment="of a criterion, what it adds at most, by route; null: does not count"),
        Column("told", Boolean, nullable=False, comment="whether everybody may read what was found"),
    )
    of_run(
        "opinions",
        Column("rule", Text, primary_key=True),
        Column("parcel_code", Text, primary_key=True),
        Column("opinion", Text),
        Column("opinion_reason", Text),
        Column("survey_result", Text),
        Column("opinion_by", Text),
        Column("opinion_on", Date),
        Column("opinion_basis", Text),
        Column("verdict_then", Text),
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
        Column("facts", JSONB(none_as_null=True)),
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
        "ledger",
        Column("entry", Integer, primary_key=True, comment="order of the row in the published ledger"),
        Column("books", Text, nullable=False, comment="site_area or floor_area"),
        Column("parcel_code", Text),
        Column("building_code", Text),
        *(Column(name, Text, nullable=False) for name in OPEN_GROUPS),
        Column("share", Double),
        Column("site_area_m2", Double),
        Column("gfa_m2", Double),
        Column("gfa_source", Text),
        Column("since", Date),
        Column("import_id", BigInteger, nullable=False, comment="the import that the row rests on"),
        Column("share_import_id", BigInteger, comment="the import of the carriers' shares"),
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
    of_run(
        "findings",
        Column("topic", Text, primary_key=True, comment="near_misses, bridges, adjacency, carrier_groups"),
        Column("entry", Integer, primary_key=True, comment="order of the row in its topic"),
        Column("over", Text, comment="the rule whose candidates it is about"),
        Column("facts", JSONB(none_as_null=True), nullable=False),
        Column("geom", Geometry("GEOMETRY", srid=srid, spatial_index=False)),
    )
