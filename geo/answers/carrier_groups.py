"""Carriers within walking distance of each other: belts and patches at the scale of kilometres, apart from parcels."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.carriers import carriers_seen
from geo.answers.policies import given_policy, stamped
from geo.errors import SettingsError
from geo.judge.carrier_groups import find_carrier_groups
from geo.measure.cache import look
from geo.policy import Policy

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database


def carrier_groups(
    db: Database,
    policy: Policy | str | None = None,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> gpd.GeoDataFrame:
    """The groups into which the carriers fall that the policy counts (``carrier_groups.statuses``), the largest first.

    Walking distance is the straight line (an assumption).  Columns: ``group_id``, ``carrier_codes``, ``n_carriers``,
    ``gfa_m2`` (the known ones' sum, NaN where none is known) and ``n_gfa_unknown``, ``span_m``, ``reach_m2``, ``shape``
    (``belt`` or ``patch``), ``elongation``, ``compactness``, ``geometry`` (the ground within walking distance, work CRS): see
    :func:`geo.judge.carrier_groups.find_carrier_groups`.  Carriers whose place is not known
    are listed in ``attrs["stamp"]["not_placed"]``, those of which nobody knows whether they count in ``["status_unknown"]``:
    neither is in a group.  Clause 二(三)6.

    Raises
    ------
    NotFoundError
        There is no such policy.
    NotMigratedError
        The database has no schema yet.
    SettingsError
        The policy says nothing of groups of carriers.
    """
    asked = given_policy(policy)
    if asked.carrier_groups is None:
        raise SettingsError(
            f"Policy {asked.id!r} says nothing of groups of carriers.",
            "Give it a part [carrier_groups]; see hongkou-2025.",
        )
    with look(db, as_of, known_at) as seen:
        found, left_out = groups_of(carriers_seen(seen, asked), asked)
        return stamped(found, seen, asked, **left_out)


def groups_of(carriers: gpd.GeoDataFrame, policy: Policy) -> tuple[gpd.GeoDataFrame, dict[str, list[str]]]:
    """The groups of those of the carriers that count, and the codes of those that are in none for want of facts."""
    assert policy.carrier_groups is not None
    counted = carriers[carriers["status"].isin(list(policy.carrier_groups.statuses.value))]
    nowhere = counted.geometry.isna() | counted.geometry.is_empty
    left_out = {
        "not_placed": counted.loc[nowhere, "carrier_code"].astype(str).tolist(),
        "status_unknown": carriers.loc[carriers["status"].isna(), "carrier_code"].astype(str).tolist(),
    }
    return find_carrier_groups(counted, policy.carrier_groups), left_out
