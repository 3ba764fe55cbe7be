"""The life of one code: each of its versions, who brought it, and what was different from the one before."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geo.database import Database
from geo.errors import NotFoundError
from geo.fields import Kind, kind_named
from geo.tables import fact_columns

#: columns of the frame that come before the facts
LIFE = (
    "version",
    "valid_from",
    "valid_to",
    "recorded_from",
    "recorded_to",
    "import_id",
    "ended_by",
    "file_name",
    "actor",
)


def history(db: Database, code: str, *, kind: str = "parcels") -> pd.DataFrame:
    """Every version of one code, in the order in which they were recorded.

    Columns: those of :data:`LIFE`, ``source``, ``synthetic``, every fact (restricted ones left out), for kinds with shapes
    ``outline`` (a fingerprint of the shape) and ``drawn_area_m2``, and ``changes``: a list of ``{field, old, new}`` against
    the version recorded before it.  The code of a kind whose key has several columns is those joined by ``/``.

    Raises
    ------
    NotFoundError
        Nothing of that code was ever registered.
    """
    wanted = kind_named(kind)
    table, imports = db.table(f"registry.{kind}"), db.table("registry.imports")
    facts = shown_facts(wanted)
    columns: list[Any] = [
        table.c.id.label("version"),
        *(
            table.c[name]
            for name in ("valid_from", "valid_to", "recorded_from", "recorded_to", "import_id", "ended_by")
        ),
        imports.c.file_name,
        imports.c.actor,
        table.c.source,
        table.c.synthetic,
        *(table.c[name] for name in facts),
    ]
    if wanted.geometry is not None:
        columns.append(sa.func.md5(sa.func.ST_AsBinary(table.c.geom, type_=sa.LargeBinary)).label("outline"))
        columns.append(sa.func.ST_Area(table.c.geom).label("drawn_area_m2"))
    key = sa.func.concat_ws("/", *(table.c[name] for name in wanted.key))
    chosen = sa.select(*columns).join(imports, imports.c.id == table.c.import_id)
    # A key of one column has an index; several joined have none, and need none.
    chosen = chosen.where(key == code if len(wanted.key) > 1 else table.c[wanted.key[0]] == code)
    with db.read() as connection:
        rows = [dict(row) for row in connection.execute(chosen.order_by(table.c.id)).mappings()]
    if not rows:
        raise NotFoundError(f"No {kind} with the code {code!r} were ever registered.", "Check the code and --kind.")
    compared = [*facts, "source", *(["outline", "drawn_area_m2"] if wanted.geometry is not None else [])]
    frame = pd.DataFrame(rows, dtype=object)
    frame["changes"] = pd.Series([[], *(_changes(old, new, compared) for old, new in pairwise(rows))], dtype=object)
    return frame


def shown_facts(kind: Kind) -> list[str]:
    """The facts of a kind that anybody may read, but its shape and the parts of its land uses."""
    readable = {column.name for column in kind.columns if column.readers == "all"}
    return [name for name in fact_columns(kind) if name in readable]


def _changes(old: dict[str, Any], new: dict[str, Any], fields: list[str]) -> list[dict[str, Any]]:
    return [{"field": f, "old": old[f], "new": new[f]} for f in fields if old[f] != new[f]]
