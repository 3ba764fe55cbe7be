"""人工意见: what an office says of a parcel under a rule, in the registry and in each run.

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, day, identity, now, text, yes_no

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REGISTRY, PUBLISHED = "registry", "published"


def upgrade() -> None:
    op.create_table(
        "opinions",
        identity(),
        text("rule", required=True),
        text("parcel_code", required=True),
        *_said(),
        text("source", required=True),
        yes_no("synthetic", required=True),
        day("valid_from", required=True),
        day("valid_to"),
        now("recorded_from"),
        sa.Column("recorded_to", sa.DateTime(timezone=True)),
        big("import_id", required=True),
        big("ended_by"),
        sa.PrimaryKeyConstraint("id", name="pk_opinions"),
        sa.ForeignKeyConstraint(["import_id"], [f"{REGISTRY}.imports.id"], name="fk_opinions_import_id"),
        sa.ForeignKeyConstraint(["ended_by"], [f"{REGISTRY}.imports.id"], name="fk_opinions_ended_by"),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_opinions_valid_order")),
        schema=REGISTRY,
    )
    current = sa.text("recorded_to IS NULL AND valid_to IS NULL")
    key = ["rule", "parcel_code"]
    op.create_index("uq_opinions_current", "opinions", key, unique=True, schema=REGISTRY, postgresql_where=current)
    op.create_index("ix_opinions_key", "opinions", key, schema=REGISTRY)
    op.create_index("ix_opinions_import", "opinions", ["import_id"], schema=REGISTRY)
    op.create_table(
        "opinions",
        big("run_id", required=True),
        text("rule", required=True),
        text("parcel_code", required=True),
        *_said(),
        sa.PrimaryKeyConstraint("run_id", "rule", "parcel_code", name="pk_opinions"),
        sa.ForeignKeyConstraint(["run_id"], [f"{PUBLISHED}.runs.run_id"], name="fk_opinions_run_id"),
        schema=PUBLISHED,
        postgresql_partition_by="LIST (run_id)",
    )


def _said() -> list[sa.Column[object]]:
    names = ("opinion", "opinion_reason", "survey_result", "opinion_by")
    return [*(text(name) for name in names), day("opinion_on"), text("opinion_basis"), text("verdict_then")]


def downgrade() -> None:
    op.drop_table("opinions", schema=PUBLISHED)
    op.drop_table("opinions", schema=REGISTRY)
