"""The registry: facts with history, and the imports that brought them.

Revision 0001.  Written out, not made from the catalogue of columns: a revision stays what it was when the catalogue
changes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, day, identity, json, now, number, shape, text, texts, whole, yes_no

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "registry"
FACTS = (
    *("zones", "park", "parcels", "buildings", "carriers", "carrier_shares", "carrier_years"),
    *("streets", "blocks", "stations", "transit_lines", "barriers", "heritage", "services"),
)


def make(name: str, *columns: Any) -> None:
    op.create_table(name, *columns, schema=SCHEMA)


def facts(name: str, key: list[str], *columns: sa.Column[Any]) -> None:
    """One table of facts: its own columns, then who says so, when it holds, and since when we know it."""
    make(
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
    )
    op.create_index(
        f"uq_{name}_current",
        name,
        key,
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("recorded_to IS NULL AND valid_to IS NULL"),
    )
    op.create_index(f"ix_{name}_key", name, key, schema=SCHEMA)
    op.create_index(f"ix_{name}_import", name, ["import_id"], schema=SCHEMA)
    if any(column.name == "geom" for column in columns):
        op.create_index(f"ix_{name}_geom", name, ["geom"], schema=SCHEMA, postgresql_using="gist")


def named(code: str) -> tuple[sa.Column[Any], ...]:
    return text(code, required=True), text("name")


def upgrade() -> None:
    _bookkeeping()
    _land()
    _carriers()
    _places()


def _bookkeeping() -> None:
    make(
        "workspace",
        sa.Column("single", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        whole("srid", required=True),
        sa.Column(
            "database_id",
            sa.Text(),
            nullable=False,
            comment="a backup and its copy keep it",
        ),
        now("created_at"),
        sa.PrimaryKeyConstraint("single", name="pk_workspace"),
        sa.CheckConstraint("single", name=op.f("ck_workspace_one_row")),
    )
    make(
        "imports",
        identity(),
        text("kind", required=True),
        text("file_name", required=True),
        text("sha256", required=True),
        json("mapping", required=True),
        text("crs"),
        text("source", required=True),
        yes_no("synthetic", required=True),
        day("effective_from", required=True),
        text("actor", required=True),
        now("recorded_at"),
        json("counts", required=True),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    make(
        "rejected_rows",
        identity(),
        big("import_id", required=True),
        whole("row", required=True),
        json("values", required=True),
        json("faults", required=True),
        sa.PrimaryKeyConstraint("id", name="pk_rejected_rows"),
        sa.ForeignKeyConstraint(["import_id"], [f"{SCHEMA}.imports.id"], name="fk_rejected_rows_import_id"),
    )
    op.create_index("ix_rejected_rows_import_id", "rejected_rows", ["import_id"], schema=SCHEMA)
    make(
        "audit",
        identity(),
        now("at"),
        text("actor", required=True),
        text("action", required=True),
        json("detail", required=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def _land() -> None:
    facts(
        "parcels",
        ["parcel_code"],
        *named("parcel_code"),
        text("land_use"),
        json("land_use_parts"),
        text("current_use"),
        json("current_use_parts"),
        text("supply_status"),
        number("registered_area_m2"),
        number("gfa_m2"),
        number("countable_gfa_m2"),
        number("max_far"),
        whole("year_built"),
        text("owner_kind"),
        whole("owner_count"),
        day("grant_ends_on"),
        text("address"),
        shape("MULTIPOLYGON"),
        number("measured_area_m2", required=True),
    )
    facts(
        "buildings",
        ["building_code"],
        text("building_code", required=True),
        text("parcel_code", required=True),
        text("name"),
        text("use"),
        json("use_parts"),
        text("state", required=True),
        number("gfa_above_m2"),
        number("gfa_below_m2"),
        number("gfa_m2"),
        number("countable_gfa_m2"),
        whole("storeys"),
        whole("year_built"),
        day("completed_on"),
        number("vacancy_share"),
        text("owner_kind"),
        whole("owner_count"),
        shape("MULTIPOLYGON", required=False),
    )


def _carriers() -> None:
    facts(
        "carriers",
        ["carrier_code"],
        text("carrier_code", required=True),
        text("name", required=True),
        text("carrier_kind"),
        text("status"),
        text("operator"),
        text("operator_role"),
        day("recognised_on"),
        day("delisted_on"),
        number("gfa_m2"),
        number("leasable_m2"),
        number("site_area_m2"),
        texts("industries"),
        text("address"),
        text("fact_source"),
        shape("GEOMETRY", required=False),
    )
    facts(
        "carrier_shares",
        ["carrier_code", "stands_on", "target_code"],
        text("carrier_code", required=True),
        text("stands_on", required=True),
        text("target_code", required=True),
        number("share"),
    )
    facts(
        "carrier_years",
        ["carrier_code", "year"],
        text("carrier_code", required=True),
        whole("year", required=True),
        number("occupied_m2"),
        whole("enterprises"),
        number("leading_share"),
        number("output_10k_yuan"),
        number("tax_10k_yuan"),
    )


def _places() -> None:
    facts(
        "zones",
        ["zone"],
        text("zone", required=True),
        text("name", required=True),
        yes_no("indicative", required=True),
        text("basis"),
        shape("MULTIPOLYGON"),
    )
    facts("park", ["park_code"], *named("park_code"), text("basis"), shape("MULTIPOLYGON"))
    facts(
        "streets",
        ["street_code"],
        *named("street_code"),
        whole("employment"),
        shape("MULTIPOLYGON"),
    )
    facts(
        "blocks",
        ["block_code"],
        *named("block_code"),
        number("net_area_m2"),
        shape("MULTIPOLYGON"),
    )
    facts(
        "stations",
        ["station_code"],
        *named("station_code"),
        texts("lines"),
        shape("POINT"),
    )
    facts("transit_lines", ["line_code"], *named("line_code"), shape("MULTILINESTRING"))
    facts(
        "barriers",
        ["barrier_code"],
        *named("barrier_code"),
        text("barrier_class", required=True),
        number("width_m"),
        shape("GEOMETRY"),
    )
    facts(
        "heritage",
        ["heritage_code"],
        *named("heritage_code"),
        text("protection"),
        yes_no("statutory"),
        text("address"),
        text("built"),
        shape("GEOMETRY"),
    )
    facts(
        "services",
        ["service_code"],
        *named("service_code"),
        text("category", required=True),
        text("address"),
        shape("POINT"),
    )


def downgrade() -> None:
    for name in (*reversed(FACTS), "rejected_rows", "audit", "imports", "workspace"):
        op.drop_table(name, schema=SCHEMA)
