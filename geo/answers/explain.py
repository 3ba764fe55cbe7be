"""Why a parcel has its verdict, and what would give it another."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.parcels import parcels_seen
from geo.answers.policies import given_policy
from geo.judge.explain import Explanation
from geo.judge.explain import explain as explained
from geo.measure.cache import look
from geo.policy import Policy

if TYPE_CHECKING:
    from geo.database import Database


def explain(
    db: Database,
    policy: Policy | str | None,
    parcel: str,
    *,
    rule: str = "office_to_rnd",
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Explanation:
    """What one rule says of one parcel: every reason, and the smallest change that flips the verdict.

    Raises
    ------
    NotFoundError
        There is no such parcel on that day, no such policy, or the policy has no such rule.
    """
    chosen = given_policy(policy)
    wanted = chosen.rule(rule)
    with look(db, as_of, known_at) as seen:
        return explained(parcels_seen(seen, chosen), wanted, parcel, rule)
