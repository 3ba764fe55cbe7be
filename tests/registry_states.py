"""What a registry says, told in SQL of the tests' own: live versions with their valid times and content."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from intake_files import EAST, NORTH

from geo.database import Database
from geo.fields import KINDS
from geo.intake import ImportReport, load

MAPPING = """
kind = "parcels"
crs = "EPSG:4549"
[geometry]
wkt = "wkt"
[source]
name = "a test"
[columns]
parcel_code = "code"
name = "name"
gfa_m2 = "gfa"
land_use = { column = "use", table = "shanghai_kg" }
"""
BOOKKEEPING = ("id", "recorded_from", "recorded_to", "import_id", "ended_by")

Row = tuple[str, str, float | None, tuple[float, float, float, float]]


def put_rows(db: Database, folder: Path, rows: list[Row], day: date, **options: Any) -> ImportReport:
    """Import parcels: code, name, floor area in m², and (left, bottom, right, top) in m from the tests' corner."""
    lines = ["code,name,gfa,use,wkt"]
    for code, name, gfa, (x0, y0, x1, y1) in rows:
        ring = ", ".join(f"{EAST + x} {NORTH + y}" for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)))
        lines.append(f'{code},{name},{"" if gfa is None else gfa},C2C8,"POLYGON (({ring}))"')
    file, plan = folder / "rows.csv", folder / "rows.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    plan.write_text(MAPPING, encoding="utf-8")
    return load(db, file, kind="parcels", mapping=plan, effective=day, **options)


def live(db: Database, kind: str = "parcels") -> list[tuple[Any, ...]]:
    """All live versions of a kind, valid times and content, without who brought them."""
    found = _all(db, f"SELECT * FROM registry.{kind} WHERE recorded_to IS NULL", kind)
    return sorted(found, key=repr)


def everything_live(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """The live versions of every kind."""
    return {kind: live(db, kind) for kind in KINDS}


def empty(db: Database) -> None:
    """Take everything out, for the next of many trials in one database."""
    with db.write() as connection:
        # Not TRUNCATE: on a few rows it costs ten times as much.
        books = ("parcel_lineage", "audit", "rejected_outcomes", "rejected_rows", "imports")
        for name in ("parcels", "carrier_shares", *books):
            connection.execute(sa.text(f"DELETE FROM registry.{name}"))


def _all(db: Database, query: str, kind: str) -> list[tuple[Any, ...]]:
    with db.read() as connection:
        rows = connection.execute(sa.text(query)).mappings().all()
    return [tuple((k, str(v)) for k, v in row.items() if k not in BOOKKEEPING) for row in rows]
