"""What a run finds beside its lists: near misses, bridges, pairs of parcels, groups of carriers; more figures of clusters.

Revision 0010, after 0009.  Runs made before have none of these.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, json, shape, text, whole

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PUBLISHED = "published"


def upgrade() -> None:
    op.add_column("clusters", json("facts"), schema=PUBLISHED)
    _view("clusters")
    op.create_table(
        "findings",
        big("run_id", required=True),
        text("topic", required=True, comment="near_misses, bridges, adjacency, carrier_groups"),
        whole("entry", required=True, comment="order of the row in its topic"),
        text("over", comment="the rule whose candidates it is about"),
        json("facts", required=True),
        shape("GEOMETRY", required=False),
        sa.PrimaryKeyConstraint("run_id", "topic", "entry", name="pk_findings"),
        sa.ForeignKeyConstraint(["run_id"], [f"{PUBLISHED}.runs.run_id"], name="fk_findings_run_id"),
        schema=PUBLISHED,
        postgresql_partition_by="LIST (run_id)",
    )
    _view("findings")


def _view(name: str) -> None:
    """The view of a table's rows in the current run, with all columns that the table has now."""
    op.execute(f"DROP VIEW IF EXISTS {PUBLISHED}.current_{name}")
    op.execute(
        f"CREATE VIEW {PUBLISHED}.current_{name} AS SELECT t.* FROM {PUBLISHED}.{name} t "
        f"JOIN {PUBLISHED}.runs r USING (run_id) WHERE r.is_current"
    )


def downgrade() -> None:
    op.execute(f"DROP VIEW {PUBLISHED}.current_findings")
    op.drop_table("findings", schema=PUBLISHED)
    op.execute(f"DROP VIEW {PUBLISHED}.current_clusters")
    op.drop_column("clusters", "facts", schema=PUBLISHED)
    _view("clusters")
