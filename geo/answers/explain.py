"""Why a parcel has its verdict, and what would give it another."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.parcels import parcels_seen
from geo.answers.policies import given_policy
from geo.fields.measures import MEASURES
from geo.fields.results import is_restricted
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
    restricted: bool = True,
) -> Explanation:
    """What one rule says of one parcel: every reason, and the smallest change that flips the verdict, the easiest first.

    The figures are those that were judged, in the units of the policy; see :class:`geo.judge.explain.Explanation`, whose
    ``table()`` gives the changes as a frame.  With ``restricted`` false the values that only some may read (owners, leases)
    are judged by and kept back.

    Raises
    ------
    NotFoundError
        There is no such parcel on that day, no such policy, the policy has no such rule, or it is not in force then.
    """
    chosen = given_policy(policy)
    sealed = () if restricted else [name for name in MEASURES if is_restricted(name)]
    with look(db, as_of, known_at) as seen:
        wanted = chosen.rule(rule, seen.day)
        return explained(parcels_seen(seen, chosen), wanted, parcel, rule, sealed=sealed, order=chosen.levers)
