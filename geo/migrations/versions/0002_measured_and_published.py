"""Frames that were measured, and runs that were published.

Revision 0002, after 0001.  Published tables are partitioned by run, so that an old run goes whole; a run's partitions
are made when it is published (``geo.publish``).  Pages read through the ``current_…`` views alone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, identity, json, now, number, shape, text, texts, whole

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "published"
OF_RUN = ["parcels", "candidates", "clusters", "cluster_lineage", "carriers", "floor_area", "layers"]


def of_run(name: str, key: list[str], *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        big("run_id", required=True),
        *columns,
        sa.PrimaryKeyConstraint("run_id", *key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["run_id"], [f"{SCHEMA}.runs.run_id"], name=f"fk_{name}_run_id"),
        schema=SCHEMA,
        postgresql_partition_by="LIST (run_id)",
    )


def upgrade() -> None:
    op.create_table(
        "frames",
        text("key", comment="hash of name, data version, arguments and code", required=True),
        text("name", required=True),
        text("data_version", required=True),
        json("arguments", required=True),
        now("made_at"),
        sa.Column(
            "arrow",
            sa.LargeBinary(),
            nullable=False,
            comment="the frame as an Arrow IPC stream",
        ),
        sa.PrimaryKeyConstraint("key", name="pk_frames"),
        schema="measured",
    )
    op.create_table(
        "runs",
        identity("run_id"),
        text("policy_id", required=True),
        text("policy_hash", required=True),
        json("policy", required=True),
        text("data_version", required=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        text("code_version", required=True),
        big("seed", required=True),
        text("actor", required=True),
        now("made_at"),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        json("figures", required=True),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_runs_current",
        "runs",
        ["is_current"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("is_current"),
    )
    _results()
    for name in OF_RUN:
        op.execute(
            f"CREATE VIEW {SCHEMA}.current_{name} AS SELECT t.* FROM {SCHEMA}.{name} t "
            f"JOIN {SCHEMA}.runs r USING (run_id) WHERE r.is_current"
        )


def _results() -> None:
    of_run(
        "parcels",
        ["parcel_code"],
        text("parcel_code", required=True),
        big("parcel_id", required=True, comment="the version in registry.parcels whose outline is drawn"),
        text("zone"),
        json("facts", required=True),
    )
    of_run(
        "candidates",
        ["rule", "parcel_code"],
        text("rule", required=True),
        text("parcel_code", required=True),
        text("verdict", required=True),
        number("score"),
        number("score_low"),
        number("score_high"),
        whole("rank"),
        json("reasons", required=True),
        json("contributions", required=True),
    )
    of_run(
        "clusters",
        ["cluster_id"],
        text("cluster_id", required=True),
        text("over", required=True),
        texts("parcel_codes", required=True),
        whole("n_parcels", required=True),
        number("area_m2", required=True),
        number("gfa_m2"),
        whole("n_gfa_unknown", required=True),
        text("shape", required=True),
        number("elongation", required=True),
        number("compactness", required=True),
        shape("MULTIPOLYGON", "outline"),
    )
    of_run(
        "cluster_lineage",
        ["cluster_id", "earlier_run_id", "earlier_cluster_id"],
        text("cluster_id", required=True),
        big("earlier_run_id", required=True),
        text("earlier_cluster_id", required=True),
        text("change", comment="continued, split, merged", required=True),
        number("shared_area_m2", required=True),
    )
    of_run(
        "carriers",
        ["carrier_code"],
        text("carrier_code", required=True),
        big("carrier_id", required=True, comment="the version in registry.carriers"),
        text("zone"),
        json("facts", required=True),
        shape("POINT", "point", required=False),
    )
    of_run(
        "floor_area",
        ["entry"],
        whole("entry", comment="order of the row in the published table", required=True),
        texts("grouping", required=True),
        json("values", required=True),
        number("site_area_m2"),
        number("gfa_m2"),
        whole("n", required=True),
        whole("n_unknown", required=True),
    )
    of_run(
        "layers",
        ["kind", "feature_id"],
        text("kind", required=True),
        big("feature_id", required=True, comment="the version in registry.<kind>"),
        json("facts", required=True),
        shape("GEOMETRY"),
    )


def downgrade() -> None:
    for name in reversed(OF_RUN):
        op.execute(f"DROP VIEW {SCHEMA}.current_{name}")
        op.drop_table(name, schema=SCHEMA)
    op.drop_table("runs", schema=SCHEMA)
    op.drop_table("frames", schema="measured")
