"""Carriers (载体) with their floor area, zone and place."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.parcels import OTHER_ZONE, min_zone_share
from geo.answers.policies import given_policy, stamped
from geo.measure.cache import Look, look
from geo.measure.carriers import carriers as measured_carriers
from geo.policy import Policy

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database


def carriers(
    db: Database,
    policy: Policy | str | None = None,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> gpd.GeoDataFrame:
    """Every carrier on the register on ``as_of`` (default: today), sorted by ``carrier_code``; areas in m².

    ``gfa_m2`` is the carrier's own figure, else the sum over its shares where every one is known, else NaN
    (``gfa_source``: ``carrier``, ``shares`` or None).  ``zone`` is ``unknown`` where the place is.  ``geometry`` is the
    carrier's own point or outline, else the parcels that it stands on, else None (``place_source``).

    Raises
    ------
    NotFoundError
        There is no such policy.
    NotMigratedError
        The database has no schema yet.
    """
    chosen = given_policy(policy)
    with look(db, as_of, known_at) as seen:
        return stamped(carriers_seen(seen, chosen), seen, chosen)


def carriers_seen(seen: Look, policy: Policy) -> gpd.GeoDataFrame:
    """The same within a look that is open."""
    found = measured_carriers(seen, min_share=min_zone_share(policy), other_zone=OTHER_ZONE)
    zone = found["zone"].astype(object).where(found["zone"].notna(), "unknown").astype(str)
    return found.assign(zone=zone)
