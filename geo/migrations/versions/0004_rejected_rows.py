"""A life for rows that were kept aside: what each was called, how its file was read, and what became of it.

Revision 0004, after 0003.  What became of a row is never written over: each outcome is a line of its own, and one that an
import brought counts as long as that import is not undone.  Rows kept before this revision get the outcomes that later
imports have brought them: settled where one wrote their code, superseded where one rejected it again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, identity, json, now, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "registry"
#: every kind with its key, as they were at this revision
KEYS = {
    "zones": ["zone"],
    "park": ["park_code"],
    "parcels": ["parcel_code"],
    "buildings": ["building_code"],
    "carriers": ["carrier_code"],
    "carrier_shares": ["carrier_code", "stands_on", "target_code"],
    "carrier_years": ["carrier_code", "year"],
    "streets": ["street_code"],
    "blocks": ["block_code"],
    "stations": ["station_code"],
    "transit_lines": ["line_code"],
    "barriers": ["barrier_code"],
    "heritage": ["heritage_code"],
    "services": ["service_code"],
}


def upgrade() -> None:
    op.add_column(
        "imports",
        json("reading"),
        schema=SCHEMA,
    )
    op.add_column("rejected_rows", text("key", comment="the row's own code, where it could be read"), schema=SCHEMA)
    op.execute("UPDATE registry.rejected_rows SET key = faults->0->>'key'")
    op.create_index("ix_rejected_rows_key", "rejected_rows", ["key"], schema=SCHEMA)
    op.create_table(
        "rejected_outcomes",
        identity(),
        big("rejected_id", required=True),
        text("outcome", comment="settled, superseded, dismissed", required=True),
        big("import_id", comment="the import that brought it"),
        big("by_row", comment="the rejected row that took its place"),
        now("at"),
        text("actor", required=True),
        text("why"),
        sa.PrimaryKeyConstraint("id", name="pk_rejected_outcomes"),
        sa.ForeignKeyConstraint(
            ["rejected_id"], [f"{SCHEMA}.rejected_rows.id"], name="fk_rejected_outcomes_rejected_id"
        ),
        sa.ForeignKeyConstraint(["import_id"], [f"{SCHEMA}.imports.id"], name="fk_rejected_outcomes_import_id"),
        sa.ForeignKeyConstraint(["by_row"], [f"{SCHEMA}.rejected_rows.id"], name="fk_rejected_outcomes_by_row"),
        sa.CheckConstraint(
            "(outcome = 'dismissed' AND import_id IS NULL AND by_row IS NULL AND why IS NOT NULL) "
            "OR (outcome = 'settled' AND import_id IS NOT NULL AND by_row IS NULL) "
            "OR (outcome = 'superseded' AND import_id IS NOT NULL AND by_row IS NOT NULL)",
            name=op.f("ck_rejected_outcomes_who"),
        ),
        schema=SCHEMA,
    )
    for column in ("rejected_id", "import_id"):
        op.create_index(f"ix_rejected_outcomes_{column}", "rejected_outcomes", [column], schema=SCHEMA)
    for kind, key in KEYS.items():
        _catch_up(kind, key)


def _catch_up(kind: str, key: list[str]) -> None:
    """Settle the rows of a kind that were kept before and whose code a later import has written."""
    code = f"concat_ws('/', {', '.join(f't.{name}' for name in key)})"
    op.execute(
        f"""
        INSERT INTO registry.rejected_outcomes (rejected_id, outcome, import_id, at, actor)
        SELECT DISTINCT ON (i.id, r.id) r.id, 'settled', i.id, i.recorded_at, i.actor
        FROM registry.rejected_rows r JOIN registry.imports o ON o.id = r.import_id AND o.kind = '{kind}'
        JOIN registry.{kind} t ON {code} = r.key AND t.import_id > r.import_id AND t.valid_to IS NULL
        JOIN registry.imports i ON i.id = t.import_id AND i.kind = '{kind}' AND i.undoes IS NULL
        ORDER BY i.id, r.id
        """
    )


def downgrade() -> None:
    op.drop_table("rejected_outcomes", schema=SCHEMA)
    op.drop_index("ix_rejected_rows_key", "rejected_rows", schema=SCHEMA)
    op.drop_column("rejected_rows", "key", schema=SCHEMA)
    op.drop_column("imports", "reading", schema=SCHEMA)
