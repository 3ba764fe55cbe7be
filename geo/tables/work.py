"""Schema ``jobs``: work that was asked for, and how it stands."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

JOBS = "jobs"


def add_jobs(metadata: MetaData) -> None:
    """Add the jobs."""
    Table(
        "jobs",
        metadata,
        Column("job_id", BigInteger, Identity(), primary_key=True),
        Column("key", Text, nullable=False, comment="hash of kind, arguments and run"),
        Column("kind", Text, nullable=False),
        Column("arguments", JSONB, nullable=False),
        Column("run_id", BigInteger, comment="the run that is asked about; it may have been dropped since"),
        Column("actor", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("started_at", DateTime(timezone=True)),
        Column("heartbeat_at", DateTime(timezone=True)),
        Column("ended_at", DateTime(timezone=True)),
        Column("done", Double),
        Column("said", Text, comment="what it is at"),
        Column("stamp", JSONB(none_as_null=True)),
        Column("result", LargeBinary, comment="the frame as GeoParquet"),
        Column("error", JSONB(none_as_null=True)),
        CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'lost')",
            name="state",
        ),
        Index("ix_jobs_key", "key"),
        Index("ix_jobs_state", "state"),
        schema=JOBS,
    )
