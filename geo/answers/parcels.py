"""Parcels with everything that is known and measured of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo import units
from geo.answers.policies import given_policy, stamped
from geo.measure.cache import Look, look
from geo.measure.parcels import Arguments
from geo.measure.parcels import parcels as measured_parcels
from geo.policy import Policy

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database

#: the zone of land outside all zones, as code; the policy holds its name (``zones.other``)
OTHER_ZONE = "other"


def parcels(
    db: Database,
    policy: Policy | str | None = None,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    nearby_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Every parcel valid on ``as_of`` (default: today), sorted by ``parcel_code``, with facts and measures.

    Areas in m², distances in m, shares 0–1, geometry in the work CRS; unknown is NaN, NA or None.  The policy says what
    share of a parcel makes it part of a zone, and how far ``carriers_nearby`` looks unless ``nearby_m`` does (unknown
    where neither says).

    Raises
    ------
    NotFoundError
        There is no such policy.
    NotMigratedError
        The database has no schema yet.
    """
    with look(db, as_of, known_at) as seen:
        return parcels_seen(seen, given_policy(policy), nearby_m)


def parcels_seen(seen: Look, policy: Policy, nearby_m: float | None = None) -> gpd.GeoDataFrame:
    """The same within a look that is open, so that several answers rest on one state of the registry."""
    if nearby_m is None and policy.measures is not None:
        nearby_m = policy.measures.carriers_nearby.m
    found = measured_parcels(seen, Arguments(min_zone_share(policy), OTHER_ZONE, nearby_m=nearby_m))
    return stamped(found, seen, policy)


def min_zone_share(policy: Policy) -> float:
    """The share of a parcel, 0–1, from which it belongs to a zone."""
    setting = policy.zones.min_share
    return setting.value * units.factor(setting.unit or "share", "share")
