"""Kinds that the rules ask about, and what a run keeps of the way that a candidate would go.

Revision 0005, after 0004.  Centre tiers, open spaces, plan changes and leases become kinds of the registry; a published
candidate keeps its route, its target codes and its flags.  Runs made before have none: there the columns are empty.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, day, identity, json, now, number, shape, text, yes_no

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "registry"
NEW = ("centre_tiers", "open_spaces", "plan_changes", "leases")
VIEW = (
    "CREATE VIEW published.current_candidates AS SELECT t.* FROM published.candidates t "
    "JOIN published.runs r USING (run_id) WHERE r.is_current"
)


def facts(name: str, key: str, *columns: sa.Column[object]) -> None:
    """One table of facts: its own columns, then who says so, when it holds, and since when we know it."""
    op.create_table(
        name,
        identity(),
        *columns,
        text("source", required=True),
        yes_no("synthetic", required=True),
        day("valid_from", required=True),
        day("valid_to"),
        now("recorded_from"),
        sa.Column("recorded_to", sa.DateTime(timezone=True)),
        big("import_id", required=True),
        big("ended_by"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["import_id"], [f"{SCHEMA}.imports.id"], name=f"fk_{name}_import_id"),
        sa.ForeignKeyConstraint(["ended_by"], [f"{SCHEMA}.imports.id"], name=f"fk_{name}_ended_by"),
        sa.CheckConstraint("valid_to > valid_from", name=op.f(f"ck_{name}_valid_order")),
        schema=SCHEMA,
    )
    op.create_index(
        f"uq_{name}_current",
        name,
        [key],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("recorded_to IS NULL AND valid_to IS NULL"),
    )
    op.create_index(f"ix_{name}_key", name, [key], schema=SCHEMA)
    op.create_index(f"ix_{name}_import", name, ["import_id"], schema=SCHEMA)
    if any(column.name == "geom" for column in columns):
        op.create_index(f"ix_{name}_geom", name, ["geom"], schema=SCHEMA, postgresql_using="gist")


def upgrade() -> None:
    facts(
        "centre_tiers",
        "centre_code",
        text("centre_code", required=True),
        text("name"),
        text("centre_tier", required=True),
        text("basis"),
        shape("MULTIPOLYGON"),
    )
    facts(
        "open_spaces",
        "open_space_code",
        text("open_space_code", required=True),
        text("name"),
        text("open_space_kind"),
        shape("MULTIPOLYGON"),
    )
    facts(
        "plan_changes",
        "change_code",
        text("change_code", required=True),
        text("name"),
        text("change_status"),
        text("new_use"),
        json("new_use_parts"),
        day("approved_on"),
        text("basis"),
        shape("MULTIPOLYGON"),
    )
    facts(
        "leases",
        "lease_code",
        text("lease_code", required=True),
        text("stands_on", required=True),
        text("target_code", required=True),
        number("leased_m2"),
        day("lease_ends_on"),
    )
    # A view knows the columns that there were when it was made.
    op.execute("DROP VIEW published.current_candidates")
    for column in (
        text("route", comment="of the routes of the rule the one that the verdict is by"),
        text("target_codes", comment="the land-use codes that this route leads to"),
        sa.Column("flags", json("flags").type, comment="what is told beside the verdict and never changes it"),
    ):
        op.add_column("candidates", column, schema="published")
    op.execute(VIEW)


def downgrade() -> None:
    op.execute("DROP VIEW published.current_candidates")
    for column in ("flags", "target_codes", "route"):
        op.drop_column("candidates", column, schema="published")
    op.execute(VIEW)
    for name in reversed(NEW):
        op.drop_table(name, schema=SCHEMA)
