"""Alembic's door: always on a connection that `geo.database` opened, in its transaction."""

from __future__ import annotations

import re
from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers

from geo.tables import SCHEMAS, make_metadata

config = context.config

#: partitions of the published tables come and go with runs; they are no part of the schema
_PARTITION = re.compile(r"_run_\d+$")


def include_name(name: str | None, type_: str, _: Any) -> bool:
    """Only our schemas, and no partition."""
    if type_ == "schema":
        return name in SCHEMAS
    if type_ == "table":
        return not _PARTITION.search(name or "") and name != "alembic_version"
    return True


context.configure(
    connection=config.attributes["connection"],
    target_metadata=make_metadata(config.attributes["srid"]),
    version_table_schema="registry",
    include_schemas=True,
    include_name=include_name,
    include_object=alembic_helpers.include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
