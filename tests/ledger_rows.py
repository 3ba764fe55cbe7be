"""Made-up rows put straight into the registry, for properties of the ledger over many small cities."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from small_city import EAST, NORTH

from geo.database import Database

KINDS = ("parcels", "buildings", "carriers", "carrier_shares", "zones", "park")
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def fill(db: Database, rows: Rows) -> None:
    """Empty the registry and put these rows into it, valid since 2024; a ``box`` becomes an outline in metres."""
    with db.write() as connection:
        connection.execute(sa.text("TRUNCATE registry.imports, measured.frames CASCADE"))
        connection.execute(
            sa.text(
                "INSERT INTO registry.imports (id, kind, file_name, sha256, mapping, source, synthetic, effective_from,"
                " actor, counts) OVERRIDING SYSTEM VALUE VALUES (1, 'parcels', 'rows', '-', '{}', 'tests', true,"
                " '2024-01-01', 'tests', '{}')"
            )
        )
        for kind, several in rows.items():
            for row in several:
                _insert(connection, kind, dict(row))


def _insert(connection: sa.Connection, kind: str, row: dict[str, Any]) -> None:
    box = row.pop("box", None)
    values = {name: json.dumps(value) if name.endswith("_parts") and value else value for name, value in row.items()}
    names = [*values, "source", "synthetic", "valid_from", "import_id"]
    marks = [f"CAST(:{name} AS jsonb)" if name.endswith("_parts") else f":{name}" for name in values]
    marks += ["'tests'", "true", "'2024-01-01'", "1"]
    if box is not None:
        left, bottom, right, top = box
        outline = f"ST_MakeEnvelope({EAST + left}, {NORTH + bottom}, {EAST + right}, {NORTH + top}, 4549)"
        names.append("geom")
        marks.append(f"ST_Multi({outline})")
        if kind == "parcels":
            names.append("measured_area_m2")
            marks.append(f"ST_Area({outline})")
    connection.execute(sa.text(f"INSERT INTO registry.{kind} ({', '.join(names)}) VALUES ({', '.join(marks)})"), values)


def parts(*uses: tuple[str, float | None]) -> list[dict[str, Any]]:
    """A land use taken apart, as an import writes it."""
    return [{"code": use, "table": "made_up", "use": use, "share": share} for use, share in uses]
