"""Door of ``measure.carrier_floor_area``, ``carrier_zone`` and ``carrier_standing``: floor area, zone and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from psycopg import sql

from geo.measure.reading import to_frame

if TYPE_CHECKING:
    import geopandas as gpd
    import pyarrow as pa

    from geo.measure.cache import Look

_QUERY = sql.SQL(
    "SELECT c.id AS carrier_id, c.carrier_code, c.name, c.carrier_kind, c.status, c.operator, c.operator_role,"
    " c.recognised_on, c.delisted_on, f.gfa_m2, f.gfa_source, c.leasable_m2, c.site_area_m2, f.n_parcels,"
    " array_to_string(c.industries, '、') AS industries, z.zone, c.address, c.fact_source, c.synthetic, c.source, c.import_id,"
    " z.place_source, encode(ST_AsBinary(z.geom), 'hex') AS geometry"
    " FROM ({carriers}) c JOIN ({areas}) f ON f.carrier_id = c.id JOIN ({zones}) z ON z.carrier_id = c.id"
    " ORDER BY c.id"
)


def carriers(look: Look, *, min_share: float, other_zone: str) -> gpd.GeoDataFrame:
    """Every carrier valid on the day, sorted by ``carrier_code``; areas in m², geometry in the work CRS or None.

    ``zone`` is None where it is unknown; ``gfa_source`` is ``carrier``, ``shares`` or None.
    """
    import geopandas as gpd

    base, values = look.call("carriers_on", {})
    areas, _ = look.call("carrier_floor_area", {})
    zones, more = look.call("carrier_zone", {"min_share": min_share, "other_zone": other_zone})
    table = look.read(_QUERY.format(carriers=base, areas=areas, zones=zones), values | more)
    places = shapely.from_wkb(table.column("geometry").to_numpy(zero_copy_only=False))
    frame = to_frame(table.drop_columns(["geometry"]))
    frame["carrier_id"] = frame["carrier_id"].astype("int64")
    frame["synthetic"] = frame["synthetic"].astype(bool)
    order = np.argsort(frame["carrier_code"].to_numpy(dtype=str), kind="stable")
    return gpd.GeoDataFrame(
        frame.iloc[order].reset_index(drop=True), geometry=pd.Series(places[order], dtype=object), crs=look.db.crs
    )


def standing(look: Look) -> pd.DataFrame:
    """Which carriers stand on which parcels: ``parcel_code``, ``carrier_code``, ``status`` (``NA`` where unknown), sorted."""

    def make() -> pa.Table:
        base, values = look.call("carrier_standing", {})
        query = sql.SQL("SELECT s.parcel_code, s.carrier_code, s.status FROM ({}) s ORDER BY 1, 2").format(base)
        return look.read(query, values)

    return to_frame(look.kept("carrier_standing", {}, make))
