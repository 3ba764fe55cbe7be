"""Frames that were measured, and runs that were published.

Revision 0002, after 0001.  Published tables are partitioned by run, so that an old run goes whole; a run's partitions
are made when it is published (``geo.publish``).  Pages read through the ``current_…`` views alone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql as pg

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "published"
OF_RUN = ["parcels", "candidates", "clusters", "cluster_lineage", "carriers", "floor_area", "layers"]


def text(name: str, *, required: bool = True, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=not required, comment=comment)


def number(name: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Double(), nullable=not required)


def whole(name: str, *, required: bool = True, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=not required, comment=comment)


def big(name: str, comment: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=False, comment=comment)


def json(name: str) -> sa.Column[Any]:
    return sa.Column(name, pg.JSONB(), nullable=False)


def texts(name: str) -> sa.Column[Any]:
    return sa.Column(name, pg.ARRAY(sa.Text()), nullable=False)


def now(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def shape(name: str, kind: str, *, required: bool = True) -> sa.Column[Any]:
    srid = context.config.attributes["srid"]
    return sa.Column(name, Geometry(kind, srid=srid, spatial_index=False), nullable=not required)


def of_run(name: str, key: list[str], *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        big("run_id"),
        *columns,
        sa.PrimaryKeyConstraint("run_id", *key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["run_id"], [f"{SCHEMA}.runs.run_id"], name=f"fk_{name}_run_id"),
        schema=SCHEMA,
        postgresql_partition_by="LIST (run_id)",
    )


def upgrade() -> None:
    op.create_table(
        "frames",
        text("key", comment="hash of name, data version, arguments and code"),
        text("name"),
        text("data_version"),
        json("arguments"),
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
        sa.Column("run_id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("policy_id"),
        text("policy_hash"),
        json("policy"),
        text("data_version"),
        sa.Column("as_of", sa.Date(), nullable=False),
        text("code_version"),
        big("seed"),
        text("actor"),
        now("made_at"),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        json("figures"),
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
        text("parcel_code"),
        big("parcel_id", "the version in registry.parcels whose outline is drawn"),
        text("zone", required=False),
        json("facts"),
    )
    of_run(
        "candidates",
        ["rule", "parcel_code"],
        text("rule"),
        text("parcel_code"),
        text("verdict"),
        number("score"),
        number("score_low"),
        number("score_high"),
        whole("rank", required=False),
        json("reasons"),
        json("contributions"),
    )
    of_run(
        "clusters",
        ["cluster_id"],
        text("cluster_id"),
        text("over"),
        texts("parcel_codes"),
        whole("n_parcels"),
        number("area_m2", required=True),
        number("gfa_m2"),
        whole("n_gfa_unknown"),
        text("shape"),
        number("elongation", required=True),
        number("compactness", required=True),
        shape("outline", "MULTIPOLYGON"),
    )
    of_run(
        "cluster_lineage",
        ["cluster_id", "earlier_run_id", "earlier_cluster_id"],
        text("cluster_id"),
        big("earlier_run_id"),
        text("earlier_cluster_id"),
        text("change", comment="continued, split, merged"),
        number("shared_area_m2", required=True),
    )
    of_run(
        "carriers",
        ["carrier_code"],
        text("carrier_code"),
        big("carrier_id", "the version in registry.carriers"),
        text("zone", required=False),
        json("facts"),
        shape("point", "POINT", required=False),
    )
    of_run(
        "floor_area",
        ["entry"],
        whole("entry", comment="order of the row in the published table"),
        texts("grouping"),
        json("values"),
        number("site_area_m2"),
        number("gfa_m2"),
        whole("n"),
        whole("n_unknown"),
    )
    of_run(
        "layers",
        ["kind", "feature_id"],
        text("kind"),
        big("feature_id", "the version in registry.<kind>"),
        json("facts"),
        shape("geom", "GEOMETRY"),
    )


def downgrade() -> None:
    for name in reversed(OF_RUN):
        op.execute(f"DROP VIEW {SCHEMA}.current_{name}")
        op.drop_table(name, schema=SCHEMA)
    op.drop_table("runs", schema=SCHEMA)
    op.drop_table("frames", schema="measured")
