"""Codes that point at other rows: do those stand in the registry?  Warnings, for files come in any order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from geo.database import Database
from geo.intake.columns import Rows
from geo.intake.findings import Mask, absent


def check_references(db: Database, rows: Rows, known: Mapping[str, set[str]]) -> None:
    """Warn of codes that no live row of the registry has; the rows are stored all the same.

    ``known`` are codes by kind that are not registered yet, but come in the same import.
    """
    name = rows.kind.name
    everywhere = np.ones(len(rows), dtype=bool)
    if name in ("buildings", "opinions"):
        _check(db, rows, known, everywhere, "parcel_code", "parcels", "parcel_code")
    elif name in ("carrier_shares", "carrier_years"):
        _check(db, rows, known, everywhere, "carrier_code", "carriers", "carrier_code")
    if name in ("carrier_shares", "leases"):
        on = rows.columns["stands_on"]
        for kind, key in (("parcel", "parcel_code"), ("building", "building_code")):
            here = pc.fill_null(pc.equal(on, kind), False).to_numpy(zero_copy_only=False)
            _check(db, rows, known, here, "target_code", f"{kind}s", key)


def _check(
    db: Database, rows: Rows, coming: Mapping[str, set[str]], where: Mask, field: str, kind: str, key: str
) -> None:
    codes = rows.columns[field]
    asked = codes.filter(pa.array(where)).drop_null().unique().to_pylist()
    if not asked:
        return
    table = db.table(f"registry.{kind}")
    found = sa.select(table.c[key]).where(
        table.c.recorded_to.is_(None), table.c.valid_to.is_(None), table.c[key] == sa.any_(sa.bindparam("codes"))
    )
    with db.read() as connection:
        known = set(connection.scalars(found, {"codes": asked})) | coming.get(kind, set())
    listed = pc.is_in(codes, pa.array(sorted(known), type=pa.string())).to_numpy(zero_copy_only=False)
    unknown = ~listed & ~absent(codes) & where
    advice = f"No {kind[:-1]} of this code is registered; import the {kind}, or mend the code."
    rows.findings.add(unknown, field, codes, "unknown_reference", advice)
