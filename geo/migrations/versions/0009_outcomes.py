"""A run keeps outcomes as letters and what it asked once; the records of reasons are put together when they are read.

Revision 0009, after 0008.  Before, each parcel and rule held its records whole, some 5 kB of JSON.  Runs made before keep
theirs as they were written: in them the new columns are empty, in new ones the old.  The view shows both alike.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from geo.migrations.columns import big, json, number, text, whole, yes_no

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "published"
RECORDS = ("reasons", "contributions", "flags")
PLAIN_VIEW = (
    "CREATE VIEW published.current_candidates AS SELECT t.* FROM published.candidates t "
    "JOIN published.runs r USING (run_id) WHERE r.is_current"
)
_WORD = (
    "CASE substr(c.{letters}, q.place, 1) WHEN 'p' THEN 'pass' WHEN 'f' THEN 'fail' WHEN 'r' THEN 'raised'"
    " WHEN 'c' THEN 'clear' ELSE 'unknown' END"
)
_FOUND = (
    "'value', CASE WHEN q.factor IS NOT NULL THEN (p.facts ->> (q.asked ->> 'field'))::float8 * q.factor END,"
    " 'text', CASE WHEN q.factor IS NULL THEN p.facts ->> (q.asked ->> 'field') END"
)
_COUNTS = "(q.points[c.way + 1] IS NOT NULL)"
#: by list of records, what is added to what a question says of every parcel alike
_ADDED = {
    "reasons": f"'outcome', {_WORD.format(letters='outcomes')}, {_FOUND}",
    "flags": f"'outcome', {_WORD.format(letters='flagged')}, {_FOUND}",
    "contributions": (
        f"'applies', {_COUNTS}, {_FOUND}, 'weight', CASE WHEN {_COUNTS} THEN q.asked -> 'weight' END,"
        f" 'result', CASE WHEN q.told AND {_COUNTS} THEN c.results[q.place] END,"
        " 'contribution', c.results[q.place] * q.points[c.way + 1]"
    ),
}


def _records(part: str) -> str:
    """SQL of one list of records of a candidate ``c``: as an earlier run kept it, else put together."""
    return (
        f"CASE WHEN c.outcomes IS NULL THEN c.{part} ELSE coalesce((SELECT jsonb_agg(q.asked || jsonb_build_object("
        f"{_ADDED[part]}) ORDER BY q.place) FROM published.parcels p, published.questions q WHERE p.run_id = c.run_id"
        f" AND p.parcel_code = c.parcel_code AND q.run_id = c.run_id AND q.rule = c.rule AND q.part = '{part}'),"
        f" '[]'::jsonb) END AS {part}"
    )


def _candidates() -> str:
    """SQL of all candidates of all runs, with their records; the columns of the view before, in its order."""
    plain = "c.run_id, c.rule, c.parcel_code, c.verdict, c.score, c.score_low, c.score_high, c.rank"
    return (
        f"SELECT {plain}, {_records('reasons')}, {_records('contributions')}, c.route, c.target_codes,"
        f" {_records('flags')} FROM published.candidates c"
    )


def upgrade() -> None:
    op.execute("DROP VIEW published.current_candidates")
    for name in ("reasons", "contributions"):
        op.alter_column("candidates", name, nullable=True, schema=SCHEMA)
    for name in RECORDS:
        op.execute(f"COMMENT ON COLUMN published.candidates.{name} IS 'of runs before there were questions only'")
    numbers: postgresql.ARRAY[float] = postgresql.ARRAY(sa.Double())
    for column in (
        sa.Column(
            "way",
            sa.SmallInteger(),
            comment="place of the route whose criteria count, from 0; of a no the first",
        ),
        text("outcomes", comment="a letter a condition, in the order of the questions: p pass, f fail, u unknown"),
        text("flagged", comment="a letter a flag: r raised, c clear, u unknown"),
        sa.Column("results", numbers, comment="what each criterion's value function gives, 0 to 1; null: unknown"),
    ):
        op.add_column("candidates", column, schema=SCHEMA)
    op.create_table(
        "questions",
        big("run_id", required=True),
        text("rule", required=True),
        text("part", comment="reasons, flags, contributions", required=True),
        whole("place", comment="from 1", required=True),
        json("asked", comment="what a record says of every parcel alike", required=True),
        number("factor", comment="turns the parcel's fact into what is shown; null: a text"),
        sa.Column("points", numbers, comment="of a criterion, what it adds at most, by route; null: does not count"),
        yes_no("told", comment="whether everybody may read what was found", required=True),
        sa.PrimaryKeyConstraint("run_id", "rule", "part", "place", name="pk_questions"),
        sa.ForeignKeyConstraint(["run_id"], ["published.runs.run_id"], name="fk_questions_run_id"),
        schema=SCHEMA,
        postgresql_partition_by="LIST (run_id)",
    )
    op.execute(
        f"CREATE VIEW published.current_candidates AS SELECT t.* FROM ({_candidates()}) t "
        "JOIN published.runs r USING (run_id) WHERE r.is_current"
    )


def downgrade() -> None:
    # What newer runs hold is written out as the version before wants it.
    op.execute(
        f"UPDATE published.candidates old SET reasons = t.reasons, contributions = t.contributions, flags = t.flags"
        f" FROM ({_candidates()}) t WHERE old.outcomes IS NOT NULL AND (t.run_id, t.rule, t.parcel_code)"
        " = (old.run_id, old.rule, old.parcel_code)"
    )
    op.execute("DROP VIEW published.current_candidates")
    op.drop_table("questions", schema=SCHEMA)
    for name in ("results", "flagged", "outcomes", "way"):
        op.drop_column("candidates", name, schema=SCHEMA)
    for name in ("reasons", "contributions"):
        op.alter_column("candidates", name, nullable=False, schema=SCHEMA)
        op.execute(f"COMMENT ON COLUMN published.candidates.{name} IS NULL")
    op.execute("COMMENT ON COLUMN published.candidates.flags IS 'what is told beside the verdict and never changes it'")
    op.execute(PLAIN_VIEW)
