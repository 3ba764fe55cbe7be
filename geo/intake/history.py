"""The life of one code, version by version, who brought each and what was different; and the imports themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONPATH

from geo.database import Database
from geo.errors import NotFoundError
from geo.fields import Kind, kind_named
from geo.intake.undone import in_force
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
    "undoes",
    "undone_by",
)


def history(db: Database, code: str, *, kind: str = "parcels") -> pd.DataFrame:
    """Every version of one code, in the order in which they were recorded.

    Columns: those of :data:`LIFE` (``undoes``: what the import that brought the version takes back; ``undone_by``: the undo
    in force of that import), ``source``, ``synthetic``, every fact (restricted ones left out), for kinds with shapes
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
        imports.c.undoes,
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
        undone = _undone(connection, imports)
    if not rows:
        raise NotFoundError(f"No {kind} with the code {code!r} were ever registered.", "Check the code and --kind.")
    rows = [_with_undo(row, undone) for row in rows]
    compared = [*facts, "source", *(["outline", "drawn_area_m2"] if wanted.geometry is not None else [])]
    frame = pd.DataFrame(rows, dtype=object)
    frame["changes"] = pd.Series([[], *(_changes(old, new, compared) for old, new in pairwise(rows))], dtype=object)
    return frame


def imports(db: Database) -> pd.DataFrame:
    """Every import and undo, newest first.

    Columns: ``import_id``, ``kind``, ``file_name``, ``source``, ``synthetic``, ``effective_from``, ``recorded_at``,
    ``actor``, ``counts`` (what it did, by name), ``undoes`` and ``undone_by`` (the undo in force, else None), and ``tables``:
    the names of the office's own code tables by which it was read.
    """
    table = db.table("registry.imports")
    names = (
        *("kind", "file_name", "source", "synthetic", "effective_from"),
        "recorded_at",
        "actor",
        "counts",
        "undoes",
    )
    brought = sa.func.jsonb_path_query_array(table.c.mapping, sa.cast("$.tables[*].file", JSONPATH)).label("tables")
    chosen = sa.select(table.c.id.label("import_id"), *(table.c[name] for name in names), brought)
    chosen = chosen.order_by(table.c.id.desc())
    with db.read() as connection:
        rows = [dict(row) for row in connection.execute(chosen).mappings()]
        undone = _undone(connection, table)
    return pd.DataFrame(
        [_with_undo(row, undone) for row in rows], columns=["import_id", *names, "undone_by", "tables"], dtype=object
    )


def shown_facts(kind: Kind) -> list[str]:
    """The facts of a kind that anybody may read, but its shape and the parts of its land uses."""
    readable = {column.name for column in kind.columns if column.readers == "all"}
    return [name for name in fact_columns(kind) if name in readable]


def _undone(connection: sa.Connection, imports: sa.Table) -> dict[int, int]:
    found = connection.execute(sa.select(imports.c.id, imports.c.undoes).where(imports.c.undoes.is_not(None)))
    return in_force((row.id, row.undoes) for row in found)


def _with_undo(row: dict[str, Any], undone: dict[int, int]) -> dict[str, Any]:
    return row | {"undone_by": undone.get(row["import_id"])}


def _changes(old: dict[str, Any], new: dict[str, Any], fields: list[str]) -> list[dict[str, Any]]:
    return [{"field": f, "old": old[f], "new": new[f]} for f in fields if old[f] != new[f]]
