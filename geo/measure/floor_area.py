"""Door of ``measure.floor_area_entries``: every standing square metre once, under one source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from psycopg import sql

from geo.measure.reading import to_frame

if TYPE_CHECKING:
    from geo.measure.cache import Look


def floor_area_entries(look: Look) -> pd.DataFrame:
    """One row for each entry: parcel_id, parcel_code, building_id, building_code, land_use, gfa_m2, gfa_source.

    Sorted by parcel, then building; ``gfa_m2`` NaN is unknown.  The rule stands above the SQL function.
    """
    query, values = look.call("floor_area_entries", {})
    ordered = query + sql.SQL(' ORDER BY parcel_code COLLATE "C", building_code COLLATE "C"')
    return to_frame(look.kept("floor_area_entries", {}, lambda: look.read(ordered, values)))
