"""Codes that point at other rows: do those stand in the registry?  Warnings, for files come in any order."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa

from geo.database import Database
from geo.intake.columns import Rows
from geo.intake.findings import Mask


def check_references(db: Database, rows: Rows) -> None:
    """Warn of codes that no live row of the registry has; the rows are stored all the same."""
    name = rows.kind.name
    everywhere = np.ones(len(rows), dtype=bool)
    if name == "buildings":
        _check(db, rows, everywhere, "parcel_code", "parcels", "parcel_code")
    elif name in ("carrier_shares", "carrier_years"):
        _check(db, rows, everywhere, "carrier_code", "carriers", "carrier_code")
    if name == "carrier_shares":
        on = rows.columns["stands_on"]
        _check(db, rows, on == "parcel", "target_code", "parcels", "parcel_code")
        _check(db, rows, on == "building", "target_code", "buildings", "building_code")


def _check(db: Database, rows: Rows, where: Mask, field: str, kind: str, key: str) -> None:
    codes = rows.columns[field]
    asked = sorted({str(code) for code in codes[where] if code is not None})
    if not asked:
        return
    table = db.table(f"registry.{kind}")
    found = sa.select(table.c[key]).where(
        table.c.recorded_to.is_(None), table.c.valid_to.is_(None), table.c[key] == sa.any_(sa.bindparam("codes"))
    )
    with db.read() as connection:
        known = set(connection.scalars(found, {"codes": asked}))
    unknown = np.array([code is not None and code not in known for code in codes], dtype=bool) & where
    advice = f"No {kind[:-1]} of this code is registered; import the {kind}, or mend the code."
    rows.findings.add(unknown, field, codes, "unknown_reference", advice)
