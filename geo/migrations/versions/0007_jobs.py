"""Jobs: work that outlasts a request.

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, identity, json, now, number, text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JOBS = "jobs"


def upgrade() -> None:
    op.create_table(
        "jobs",
        identity("job_id"),
        text("key", required=True, comment="hash of kind, arguments and run"),
        text("kind", required=True),
        json("arguments", required=True),
        big("run_id", comment="the run that is asked about; it may have been dropped since"),
        text("actor", required=True),
        text("state", required=True),
        now("made_at"),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in ("started_at", "heartbeat_at", "ended_at")),
        number("done"),
        text("said", comment="what it is at"),
        json("stamp"),
        sa.Column("result", sa.LargeBinary(), comment="the frame as GeoParquet"),
        json("error"),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'lost')", name=op.f("ck_jobs_state")
        ),
        schema=JOBS,
    )
    op.create_index("ix_jobs_key", "jobs", ["key"], schema=JOBS)
    op.create_index("ix_jobs_state", "jobs", ["state"], schema=JOBS)


def downgrade() -> None:
    op.drop_table("jobs", schema=JOBS)
