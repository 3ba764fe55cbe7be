"""Which import undoes which, and what became of parcels that were split or merged.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, identity, number, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "registry"


def upgrade() -> None:
    op.add_column("imports", big("undoes", comment="the import that this one takes back"), schema=SCHEMA)
    op.create_foreign_key(
        "fk_imports_undoes",
        "imports",
        "imports",
        ["undoes"],
        ["id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    op.create_table(
        "parcel_lineage",
        identity(),
        text("from_code", required=True),
        text("to_code", required=True),
        number("share_of_from", required=True),
        number("share_of_to", required=True),
        big("import_id", required=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("id", name="pk_parcel_lineage"),
        sa.ForeignKeyConstraint(["import_id"], [f"{SCHEMA}.imports.id"], name="fk_parcel_lineage_import_id"),
        schema=SCHEMA,
    )
    for column in ("from_code", "to_code", "import_id"):
        op.create_index(f"ix_parcel_lineage_{column}", "parcel_lineage", [column], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("parcel_lineage", schema=SCHEMA)
    op.drop_constraint("fk_imports_undoes", "imports", schema=SCHEMA, type_="foreignkey")
    op.drop_column("imports", "undoes", schema=SCHEMA)
