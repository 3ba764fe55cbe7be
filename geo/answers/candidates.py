"""Parcels that may change use: every current parcel judged by one rule of the policy."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.opinions import opinions_seen
from geo.answers.parcels import parcels_seen
from geo.answers.policies import given_policy, stamped
from geo.judge.opinions import beside
from geo.judge.rules import judge
from geo.measure.cache import look
from geo.policy import Policy

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database


def candidates(
    db: Database,
    policy: Policy | str | None = None,
    *,
    rule: str = "office_to_rnd",
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> gpd.GeoDataFrame:
    """Every parcel valid on ``as_of`` (default: today) with the rule's verdict, score, rank, reasons and contributions.

    One row for each parcel, candidate or not, sorted by ``parcel_code``: the columns of :func:`geo.parcels`, those of
    :func:`geo.judge.rules.judge`, and what the office said of it (:func:`geo.judge.opinions.beside`).

    Raises
    ------
    NotFoundError
        There is no such policy, or it has no such rule (the message lists those there are), or the rule is not in force on
        that day.
    NotMigratedError
        The database has no schema yet.
    """
    chosen = given_policy(policy)
    with look(db, as_of, known_at) as seen:
        wanted = chosen.rule(rule, seen.day)
        judged = judge(parcels_seen(seen, chosen), wanted)
        return stamped(beside(judged, opinions_seen(seen, rule)), seen, chosen, rule=rule)
