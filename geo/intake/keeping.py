"""New attributes for what is registered already: a table without outlines, joined to the registry by the code.

Not given is not the same as not known.  A column that the mapping does not name was not given: the registered value stays,
the outline too.  An empty cell in a column that it names says that the value is not known: it becomes so, with a warning
where something is registered.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
import sqlalchemy as sa

from geo.database import Database
from geo.intake.columns import Rows
from geo.intake.findings import Objects
from geo.intake.matching import plain_code
from geo.intake.outlines import Drawn
from geo.intake.specs import Mapping
from geo.tables import fact_columns, parts_name

#: code without white space and full width → each spelling → its versions by time
Registered = dict[tuple[str, ...], dict[tuple[str, ...], list[dict[str, Any]]]]

#: codes that are asked for at once
_CHUNK = 20_000


def keep_registered(db: Database, rows: Rows, plan: Mapping, day: date) -> tuple[Rows, Drawn | None]:
    """The rows with what is registered on ``day`` where the mapping names nothing, and the registered shapes.

    Codes get their registered spelling.  Those that are not registered on the day, and those of which a later version is
    known (which would be lost), are errors.
    """
    registered = _registered(db, rows, day)
    facts = [name for name in fact_columns(rows.kind) if name != "geom"]
    given = {each for name in plan.columns for each in (name, parts_name(name))}
    cells = {name: rows.columns[name].to_pylist() for name in facts}
    shapes: Objects = np.full(len(rows), None, dtype=object)
    key, keys = rows.kind.key[0], rows.keys()
    told = {(item.position, item.field) for item in rows.findings.items}
    for position, code in enumerate(zip(*(cells[name] for name in rows.kind.key), strict=True)):
        if any(part is None for part in code):
            continue  # told already
        found = _chosen(registered, tuple(map(str, code)))
        if not found or found[0]["valid_from"] > day:
            advice = f"No {rows.kind.name} of this code are registered on {day}: mend the code, or import it with its outline."
            rows.findings.add([position], key, keys, "not_registered", advice)
            continue
        if len(found) > 1 or found[0]["valid_to"] is not None:
            until = found[0]["valid_to"] or found[1]["valid_from"]
            advice = f"What is registered changes on {until}, and this would take its place: pass --effective {until}."
            rows.findings.add([position], key, keys, "registered_later", advice)
            continue
        version = found[0]
        for name in facts:
            own = cells[name][position]
            if name in rows.kind.key or (name not in given and own is None):
                cells[name][position] = version[name]
            elif own is None and version[name] is not None and name in plan.columns and (position, name) not in told:
                advice = (
                    f"The cell is empty, and what is registered becomes unknown: fill it in, or do not name {name}."
                )
                rows.findings.add([position], name, None, "becomes_unknown", advice)
        shape = version.get("shape")
        shapes[position] = None if shape is None else shapely.from_wkb(bytes(shape))
    columns = {name: pa.array(values, type=rows.columns[name].type) for name, values in cells.items()}
    kept = replace(rows, columns=rows.columns | columns)
    return kept, None if rows.kind.geometry is None else Drawn.of(shapes, db.srid, several=False)


def _chosen(registered: Registered, code: tuple[str, ...]) -> list[dict[str, Any]]:
    """The versions of a code: of the very spelling, else of the only one that differs by white space or full width."""
    spelled = registered.get(_plain(code), {})
    return spelled.get(code) or (next(iter(spelled.values())) if len(spelled) == 1 else [])


def _plain(code: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(plain_code, code))


def _registered(db: Database, rows: Rows, day: date) -> Registered:
    """The live versions of each code that hold on the day or after, by time."""
    table = db.table(f"registry.{rows.kind.name}")
    columns: list[Any] = [table.c[name] for name in fact_columns(rows.kind) if name != "geom"]
    columns += [table.c.id, table.c.valid_from, table.c.valid_to]
    if rows.kind.geometry is not None:
        columns.append(sa.func.ST_AsBinary(table.c.geom, type_=sa.LargeBinary).label("shape"))
    first = table.c[rows.kind.key[0]]
    # White space and full width are let go, as in a join of two files; the database folds them in the same way.
    folded = sa.func.normalize(first, sa.text("NFKC"))
    query = (
        sa.select(*columns)
        .where(
            table.c.recorded_to.is_(None),
            sa.or_(table.c.valid_to.is_(None), table.c.valid_to > day),
            sa.or_(first == sa.any_(sa.bindparam("codes")), folded == sa.any_(sa.bindparam("codes"))),
        )
        .order_by(table.c.valid_from)
    )
    written = rows.columns[rows.kind.key[0]].drop_null().to_pylist()
    asked = sorted({each for code in written for each in (str(code), plain_code(str(code)))})
    parts = [parts_name(column.name) for column in rows.kind.columns if column.type == "land_use"]
    found: Registered = defaultdict(lambda: defaultdict(list))
    seen: set[int] = set()
    with db.read() as connection:
        for start in range(0, len(asked), _CHUNK):
            for row in connection.execute(query, {"codes": asked[start : start + _CHUNK]}).mappings():
                if row["id"] not in seen:
                    seen.add(row["id"])
                    code = tuple(str(row[name]) for name in rows.kind.key)
                    found[_plain(code)][code].append(dict(row) | {name: _json(row[name]) for name in parts})
    return found


def _json(parts: Any) -> str | None:
    return None if parts is None else json.dumps(parts, ensure_ascii=False)
