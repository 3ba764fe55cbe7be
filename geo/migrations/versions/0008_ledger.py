"""The days on which floor area comes and goes, and the ledger of floor area of each run.

Revision 0008, after 0007.  Runs made before have no ledger: there it is empty.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geo.migrations.columns import big, day, number, text, whole

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PUBLISHED = "published"


def upgrade() -> None:
    op.add_column("buildings", day("planned_completion_on"), schema="registry")
    op.add_column("buildings", day("demolished_on"), schema="registry")
    op.create_table(
        "ledger",
        big("run_id", required=True),
        whole("entry", required=True, comment="order of the row in the published ledger"),
        text("books", required=True, comment="site_area or floor_area"),
        *(text(name) for name in ("parcel_code", "building_code")),
        *(
            text(name, required=True)
            for name in ("zone", "park", "street", "land_use", "supply_status", "state", "year")
        ),
        *(text(name, required=True) for name in ("carrier", "kind", "operator", "operator_role")),
        number("share"),
        number("site_area_m2"),
        number("gfa_m2"),
        text("gfa_source"),
        day("since"),
        big("import_id", required=True, comment="the import that the row rests on"),
        big("share_import_id", comment="the import of the carriers' shares"),
        sa.PrimaryKeyConstraint("run_id", "entry", name="pk_ledger"),
        sa.ForeignKeyConstraint(["run_id"], [f"{PUBLISHED}.runs.run_id"], name="fk_ledger_run_id"),
        schema=PUBLISHED,
        postgresql_partition_by="LIST (run_id)",
    )
    op.execute(
        "CREATE VIEW published.current_ledger AS SELECT t.* FROM published.ledger t "
        "JOIN published.runs r USING (run_id) WHERE r.is_current"
    )


def downgrade() -> None:
    op.execute("DROP VIEW published.current_ledger")
    op.drop_table("ledger", schema=PUBLISHED)
    op.drop_column("buildings", "demolished_on", schema="registry")
    op.drop_column("buildings", "planned_completion_on", schema="registry")
