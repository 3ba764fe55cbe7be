"""Door of the functions ``measure.parcel_<name>``: every parcel with every measure, one row each.

A new measure is one ``.sql`` file and one entry in the catalogue: the functions are found in the database by their
name, and an argument beyond the two times is filled in by its name from :class:`Arguments`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
import sqlalchemy as sa
from psycopg import sql

from geo.fields.land_use import USE_SHARES
from geo.measure.reading import to_frame

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.measure.cache import Look

#: in which order the columns of facts and measures stand; what is not named comes behind, before the last four
ORDER = (
    "parcel_code",
    "name",
    "zone",
    "zone_share",
    "park_share",
    "centre_tier",
    "land_use",
    "land_use_parts",
    "main_use",
    "office_share",
    "industrial_share",
    "rnd_share",
    "supply_status",
    "approved_change_share",
    "site_area_m2",
    "site_area_source",
    "registered_area_m2",
    "measured_area_m2",
    "gfa_m2",
    "gfa_source",
    "countable_gfa_m2",
    "far",
    "max_far",
    "far_headroom",
    "far_used_share",
    "vacancy_share",
    "year_built",
    "owner_kind",
    "owner_count",
    "state_owned_share",
    "grant_years_left",
    "lease_years_left",
    "n_buildings",
    "n_buildings_unknown",
    "heritage_share",
    "heritage_distance_m",
    "station_distance_m",
    "open_space_distance_m",
    "carriers_nearby",
    "leading_carriers_nearby",
    "institutes_nearby",
    "delisted_carriers",
    "address",
)
LAST = ["synthetic", "source", "parcel_id", "geometry"]

_FACTS = sql.SQL(
    "SELECT p.id AS parcel_id, p.parcel_code, p.name, p.land_use, p.land_use_parts::text AS land_use_parts,"
    " p.supply_status, p.registered_area_m2, p.measured_area_m2, p.max_far, p.address, p.synthetic, p.source,"
    " encode(ST_AsBinary(p.geom), 'hex') AS geometry"
    " FROM ({}) p ORDER BY p.id"
)
_FUNCTIONS = sa.text(
    "SELECT proname, proargnames, proargmodes::text[] FROM pg_proc WHERE pronamespace = 'measure'::regnamespace"
    " AND proname LIKE 'parcel\\_%' AND proargmodes IS NOT NULL ORDER BY proname"
)


@dataclass(frozen=True)
class Arguments:
    """What the measures ask for beyond the two times; each is policy or catalogue, none is a constant of a measure.

    ``min_share`` a share; distances (``…_m``) in metres.  What hangs on a distance or a list that is ``None`` is unknown.
    """

    min_share: float
    other_zone: str
    office_uses: tuple[str, ...] = USE_SHARES["office_share"]
    industrial_uses: tuple[str, ...] = USE_SHARES["industrial_share"]
    rnd_uses: tuple[str, ...] = USE_SHARES["rnd_share"]
    nearby_m: float | None = None
    leading_industries: tuple[str, ...] | None = None
    institutes_m: float | None = None
    institute_categories: tuple[str, ...] | None = None


def functions(look: Look) -> dict[str, tuple[str, ...]]:
    """The functions that measure parcels, each with the names of its arguments beyond the two times."""
    found = {}
    for name, names, modes in look.connection.execute(_FUNCTIONS):
        given = tuple(n for n, mode in zip(names, modes, strict=True) if mode in ("i", "b"))
        given_out = [n for n, mode in zip(names, modes, strict=True) if mode == "t"]
        if given[:2] == ("day", "known_at") and given_out[:1] == ["parcel_id"]:
            found[name] = given[2:]
    return found


def parcels(look: Look, arguments: Arguments) -> gpd.GeoDataFrame:
    """Every parcel valid on the day, with facts and measures, sorted by ``parcel_code``; geometry in the work CRS.

    Areas in m², distances in m, shares 0–1; unknown is NaN, NA or None.  ``land_use_parts`` is JSON text.
    """
    import geopandas as gpd
    import pandas as pd

    base, values = look.call("parcels_on", {})
    facts = look.read(_FACTS.format(base), values)
    columns: dict[str, pa.ChunkedArray] = {name: facts.column(name) for name in facts.column_names}
    for name, wanted in functions(look).items():
        table = measured(look, name, {key: value for key, value in asdict(arguments).items() if key in wanted})
        if not table.column("parcel_id").equals(facts.column("parcel_id")):
            raise RuntimeError(f"measure.{name} does not give one row for each parcel")
        columns |= {column: table.column(column) for column in table.column_names[1:]}
    outlines = columns.pop("geometry")
    frame = to_frame(pa.table(columns))
    middle = [name for name in ORDER if name in columns]
    rest = [name for name in columns if name not in ORDER and name not in LAST]
    frame = frame[middle + rest + LAST[:-1]]
    frame["parcel_id"] = frame["parcel_id"].astype("int64")
    frame["synthetic"] = frame["synthetic"].astype(bool)
    order = np.argsort(frame["parcel_code"].to_numpy(dtype=str), kind="stable")
    geometry = shapely.from_wkb(outlines.to_numpy(zero_copy_only=False))
    return gpd.GeoDataFrame(
        frame.iloc[order].reset_index(drop=True), geometry=pd.Series(geometry[order], dtype=object), crs=look.db.crs
    )


def measured(look: Look, function: str, arguments: Mapping[str, Any]) -> pa.Table:
    """The rows of ``measure.<function>`` in the order of ``parcel_id``, as kept or worked out now."""

    def make() -> pa.Table:
        # A tuple would be bound as a row; the functions take arrays.
        bound = {name: list(value) if isinstance(value, tuple) else value for name, value in arguments.items()}
        query, values = look.call(function, bound)
        return look.read(query + sql.SQL(" ORDER BY parcel_id"), values)

    return look.kept(function, arguments, make)
