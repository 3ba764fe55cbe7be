"""What lies round the land, as it was on a day: the layers that maps draw beneath and above the parcels."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import shapely
import sqlalchemy as sa

from geo.database import Database
from geo.fields import KINDS
from geo.tables import fact_table

#: kinds that stand on their own as layers; parcels, buildings and carriers have answers of their own
LAYERS = (
    "zones",
    "park",
    "streets",
    "blocks",
    "stations",
    "transit_lines",
    "barriers",
    "heritage",
    "services",
    "centre_tiers",
    "open_spaces",
    "plan_changes",
)


def layers(db: Database, *, as_of: date | None = None) -> dict[str, gpd.GeoDataFrame]:
    """Each layer that has rows on that day (default: today), by kind, in the work CRS.

    Columns: those of the kind, ``feature_id`` (the version's id), ``source``, ``synthetic``, ``geometry``.
    """
    day = as_of or date.today()
    found: dict[str, gpd.GeoDataFrame] = {}
    with db.read() as connection:
        for name in LAYERS:
            frame = _layer(connection, db, name, day)
            if not frame.empty:
                found[name] = frame
    return found


def _layer(connection: sa.Connection, db: Database, name: str, day: date) -> gpd.GeoDataFrame:
    kind = KINDS[name]
    table = fact_table(kind, db.srid)
    facts = [table.c[column.name] for column in kind.columns]
    rows = connection.execute(
        sa.select(
            table.c.id.label("feature_id"),
            *facts,
            table.c.source,
            table.c.synthetic,
            sa.func.ST_AsBinary(table.c.geom).label("geometry"),
        )
        .where(
            table.c.recorded_to.is_(None),
            table.c.valid_from <= day,
            sa.or_(table.c.valid_to.is_(None), table.c.valid_to > day),
        )
        .order_by(*(table.c[key] for key in kind.key))
    ).mappings()
    columns = [
        "feature_id",
        *(c.name for c in facts),
        "source",
        "synthetic",
        "geometry",
    ]
    frame = pd.DataFrame(rows.all(), columns=columns)
    return gpd.GeoDataFrame(
        frame,
        geometry=shapely.from_wkb(frame["geometry"].to_numpy(dtype=object)),
        crs=db.crs,
    )
