"""Scenarios: named sets of measures that are laid over a run.

Revision 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, identity, json, now, text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PUBLISHED = "published"


def upgrade() -> None:
    op.create_table(
        "scenarios",
        identity("scenario_id"),
        text("name", required=True),
        text("note"),
        big("run_id", required=True, comment="what it is laid over"),
        json("measures", required=True, comment="the open measures that were chosen, as they were then"),
        text("actor", required=True),
        now("made_at"),
        sa.Column("dropped_at", sa.DateTime(timezone=True), comment="dropped, or saved anew under the same name"),
        text("dropped_by"),
        sa.PrimaryKeyConstraint("scenario_id", name="pk_scenarios"),
        sa.ForeignKeyConstraint(["run_id"], [f"{PUBLISHED}.runs.run_id"], name="fk_scenarios_run_id"),
        schema=PUBLISHED,
    )
    op.create_index(
        "uq_scenarios_name",
        "scenarios",
        ["name"],
        unique=True,
        schema=PUBLISHED,
        postgresql_where=sa.text("dropped_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("scenarios", schema=PUBLISHED)
