"""Door of the adjacency kernel: the parcels and barriers of one look at the registry, and what was found of them, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import shapely
from psycopg import sql

from geo.measure.adjacency import COLUMNS, typed_adjacency

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.measure.cache import Look
    from geo.measure.crossing import Crossing

_SCHEMA = pa.schema(
    [(name, pa.float64() if name in ("length_m", "gap_m") else pa.string()) for name in COLUMNS],
)


def neighbours(
    look: Look,
    *,
    tolerance_m: float,
    min_shared_edge_m: float,
    lane_width_m: float,
    min_frontage_m: float,
    crossing: Crossing,
) -> pd.DataFrame:
    """Every pair of parcels valid on the day with what they are to each other, as :func:`typed_adjacency` finds it.

    Barriers that ``crossing`` allows part nothing.  Worked out once for a data version and these arguments (lengths in m),
    then read.
    """
    lengths = {
        "tolerance_m": tolerance_m,
        "min_shared_edge_m": min_shared_edge_m,
        "lane_width_m": lane_width_m,
        "min_frontage_m": min_frontage_m,
    }

    def make() -> pa.Table:
        land = shapes_on(look, "parcels_on", ("parcel_code",))
        between = shapes_on(look, "barriers_on", ("barrier_class", "name"))
        named = zip(between["barrier_class"], between["name"], strict=True)
        parting = [not crossing.allows(of_class, name if isinstance(name, str) else None) for of_class, name in named]
        found = typed_adjacency(land, between[np.asarray(parting, dtype=bool)], **lengths, crossable={})
        columns = [found[name].astype(object).where(found[name].notna(), None).to_list() for name in COLUMNS]
        return pa.table(
            [pa.array(column, type=field.type) for column, field in zip(columns, _SCHEMA, strict=True)], _SCHEMA
        )

    table = look.kept(
        "adjacency", {**lengths, "crossable": dict(crossing.classes), "crossable_names": dict(crossing.names)}, make
    )
    frame: pd.DataFrame = table.to_pandas(strings_to_categorical=False)
    return frame.astype({"parcel_a": "str", "parcel_b": "str", "type": "str", "barrier": object}).assign(
        barrier=lambda kept: kept["barrier"].where(kept["barrier"].notna(), None)
    )


def barrier_names(look: Look) -> set[tuple[str, str | None]]:
    """Class and name of every barrier valid on the day; ``None`` where it has no name."""
    base, values = look.call("barriers_on", {})
    query = sql.SQL("SELECT DISTINCT barrier_class, nullif(name, '') AS name FROM ({}) v").format(base)
    table = look.read(query, values)
    return set(zip(*(table.column(name).to_pylist() for name in ("barrier_class", "name")), strict=True))


def shapes_on(look: Look, function: str, names: tuple[str, ...]) -> gpd.GeoDataFrame:
    """The rows of ``measure.<function>`` on the day with these columns and their shapes, in the work CRS."""
    import geopandas as gpd

    base, values = look.call(function, {})
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    query = sql.SQL("SELECT {}, encode(ST_AsBinary(geom), 'hex') AS geometry FROM ({}) v").format(columns, base)
    table = look.read(query, values)
    shapes = shapely.from_wkb(table.column("geometry").to_numpy(zero_copy_only=False).astype(object))
    frame = table.drop_columns(["geometry"]).to_pandas()
    return gpd.GeoDataFrame(frame, geometry=np.asarray(shapes, dtype=object), crs=look.db.crs)
