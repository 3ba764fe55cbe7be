"""What became of parcels that were split or merged: listed, and confirmed by somebody who knows."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import sqlalchemy as sa

from geo.database import Database, require_migrated
from geo.errors import NotFoundError
from geo.intake.store import writing
from geo.intake.undone import in_force
from geo.settings import settings


def lineage(db: Database, code: str | None = None, *, unconfirmed: bool = False) -> pd.DataFrame:
    """What became of parcels, one row for each pair, in the order of the imports; undone imports are left out.

    Columns: ``id``, ``from_code``, ``to_code``, ``share_of_from`` and ``share_of_to`` (0–1, by area), ``change``
    (``split``, ``merged``, ``split and merged``, ``renamed``, ``goes on``), ``import_id``, ``effective``, ``confirmed`` and
    ``carriers``: a list of ``{carrier_code, share}`` that followed to ``to_code`` by area.  ``code`` keeps the pairs that
    it is part of, ``unconfirmed`` those that nobody has confirmed.
    """
    require_migrated(db)
    pairs, imports = db.table("registry.parcel_lineage"), db.table("registry.imports")
    shares = db.table("registry.carrier_shares")
    columns = [pairs.c[n] for n in ("id", "from_code", "to_code", "share_of_from", "share_of_to", "import_id")]
    with db.read() as connection:
        gone = in_force(
            [
                tuple(r)
                for r in connection.execute(
                    sa.select(imports.c.id, imports.c.undoes).where(imports.c.undoes.is_not(None))
                )
            ]
        )
        rows = (
            connection.execute(
                sa.select(*columns, imports.c.effective_from.label("effective"), pairs.c.confirmed)
                .join(imports, imports.c.id == pairs.c.import_id)
                .where(pairs.c.import_id.not_in(list(gone)))
                .order_by(pairs.c.import_id, pairs.c.from_code, pairs.c.to_code)
            )
            .mappings()
            .all()
        )
        followed = connection.execute(
            sa.select(shares.c.import_id, shares.c.target_code, shares.c.carrier_code, shares.c.share)
            .where(
                shares.c.import_id.in_({row["import_id"] for row in rows}),
                shares.c.stands_on == "parcel",
                shares.c.recorded_to.is_(None),
                shares.c.valid_to.is_(None),
            )
            .order_by(shares.c.carrier_code)
        ).all()
    found = [dict(row) for row in rows]
    for row in found:
        row["change"] = _change(row, found)
        row["carriers"] = [
            {"carrier_code": f.carrier_code, "share": f.share}
            for f in followed
            if (f.import_id, f.target_code) == (row["import_id"], row["to_code"])
        ]
    kept = [
        row
        for row in found
        if (code is None or code in (row["from_code"], row["to_code"])) and not (unconfirmed and row["confirmed"])
    ]
    names = [
        "id",
        "from_code",
        "to_code",
        "share_of_from",
        "share_of_to",
        "change",
        "import_id",
        "effective",
        "confirmed",
        "carriers",
    ]
    return pd.DataFrame(kept, columns=names, dtype=object)


def confirm(db: Database, code: str, *, actor: str | None = None) -> int:
    """Say that what is kept of a parcel's splits and merges holds, and the carrier shares with it; how many pairs it was.

    Raises
    ------
    NotFoundError
        The parcel has nothing that is unconfirmed.
    DatabaseError
        The database is not migrated, busy or refuses.
    """
    open_pairs = lineage(db, code, unconfirmed=True)
    if open_pairs.empty:
        raise NotFoundError(f"Parcel {code!r} has nothing to confirm.", "See `shuangbei history --unconfirmed`.")
    numbers = [int(number) for number in open_pairs["id"]]
    with writing(db, f"the confirmation of {code}") as (cursor, now):
        n = cursor.execute(
            "UPDATE registry.parcel_lineage SET confirmed = true WHERE id = ANY(%s) AND NOT confirmed", (numbers,)
        ).rowcount
        cursor.execute(
            "INSERT INTO registry.audit (at, actor, action, detail) VALUES (%s, %s, 'confirm_lineage', %s::jsonb)",
            (now, actor or settings().actor, json.dumps({"parcel_code": code, "pairs": numbers}, ensure_ascii=False)),
        )
    return n


def _change(row: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    if row["from_code"] == row["to_code"]:
        return "goes on"
    same = [other for other in rows if other["import_id"] == row["import_id"]]
    split = sum(other["from_code"] == row["from_code"] for other in same) > 1
    merged = sum(other["to_code"] == row["to_code"] for other in same) > 1
    return "split and merged" if split and merged else "split" if split else "merged" if merged else "renamed"
