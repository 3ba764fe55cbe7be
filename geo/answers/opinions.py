"""人工意见 as they stand on a day: what the office said of each parcel under one rule."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from geo.fields.opinions import OPINIONS
from geo.measure.cache import Look


def opinions_seen(seen: Look, rule: str) -> pd.DataFrame:
    """The opinions under a rule within a look that is open, one row a parcel, by ``parcel_code``."""
    table = seen.db.table("registry.opinions")
    known = sa.func.now() if seen.known_at is None else sa.literal(seen.known_at)
    names = [column.name for column in OPINIONS.columns]
    chosen = sa.select(*(table.c[name] for name in names)).where(
        table.c.rule == rule,
        table.c.recorded_from <= known,
        sa.or_(table.c.recorded_to.is_(None), table.c.recorded_to > known),
        table.c.valid_from <= seen.day,
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to > seen.day),
    )
    rows = seen.connection.execute(chosen.order_by(table.c.parcel_code)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=names, dtype=object)
