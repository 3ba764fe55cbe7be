"""Parcels with everything that is known and measured of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING

from psycopg import sql

from geo.answers.hanging_together import with_contiguous_area
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


def parcels_seen(
    seen: Look, policy: Policy, nearby_m: float | None = None, *, contiguous: bool = True
) -> gpd.GeoDataFrame:
    """The same within a look that is open, so that several answers rest on one state of the registry.

    ``contiguous`` false leaves out what hangs together: all pairs of neighbours have to be found for that.
    """
    asked = _arguments(policy, nearby_m)

    def make() -> gpd.GeoDataFrame:
        found = measured_parcels(seen, asked)
        return with_contiguous_area(seen, policy, found) if contiguous else found

    # All that the frame hangs on: a policy with other weights or thresholds asks for the very same.
    hanging = asdict(asked) | {"clusters": policy.clusters.model_dump(mode="json") if contiguous else None}
    return stamped(seen.recalled("parcels", hanging, make), seen, policy)


def any_parcel(db: Database, day: date) -> bool:
    """Whether any parcel is registered for that day."""
    with look(db, day) as seen:
        rows, values = seen.call("parcels_on", {})
        found = seen.read(sql.SQL("SELECT EXISTS (SELECT FROM ({}) p) AS there").format(rows), values)
        return bool(found.column("there")[0].as_py())


def _arguments(policy: Policy, nearby_m: float | None) -> Arguments:
    asked = policy.measures
    if asked is None:
        return Arguments(min_zone_share(policy), OTHER_ZONE, nearby_m=nearby_m)
    return Arguments(
        min_zone_share(policy),
        OTHER_ZONE,
        nearby_m=asked.carriers_nearby.m if nearby_m is None else nearby_m,
        leading_industries=asked.leading_industries.value if asked.leading_industries else None,
        institutes_m=asked.institutes_nearby.m if asked.institutes_nearby else None,
        institute_categories=asked.institute_categories.value if asked.institute_categories else None,
    )


def min_zone_share(policy: Policy) -> float:
    """The share of a parcel, 0–1, from which it belongs to a zone."""
    return policy.zones.min_share.share
