"""How parcels lie to each other, as the policy's widths and classes have it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.hanging_together import adjacency_seen, lane_width, wishes
from geo.answers.land_over import land_over
from geo.answers.opened import opened_by
from geo.answers.policies import given_policy, stamped
from geo.measure.cache import look
from geo.policy import Policy

if TYPE_CHECKING:
    import pandas as pd

    from geo.answers.land_over import Over
    from geo.database import Database


def adjacency(
    db: Database,
    policy: Policy | str | None = None,
    *,
    over: Over = "all",
    rule: str = "office_to_rnd",
    gap_m: float | None = None,
    allow: str | Iterable[str] = (),
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Every pair of parcels that touch or face each other over a gap, one row each, sorted by both codes.

    Columns: ``parcel_a`` < ``parcel_b``, ``type`` (``shared_edge``, ``lane``, ``corner``, ``barrier``), ``length_m`` and
    ``gap_m`` in m, ``barrier`` (``class`` or ``class:name`` of what lies between, else None): see
    :func:`geo.measure.adjacency.typed_adjacency`.  ``over`` names the parcels asked about
    (:func:`geo.answers.land_over.chosen_land`); a parcel that is not among them still lies between those that are.
    ``gap_m`` is the widest lane in m (default: the policy's); 0 leaves shared edges and corners.  ``allow`` names barriers
    that may be crossed beyond what the policy says: a class (``"secondary"`` or ``"次干路"``), a name, or ``class:name`` as the
    column ``barrier`` has it; ``attrs["opened"]`` says of each how many pairs join by it, and why none does.  A file of pairs
    bears 演示数据 where parcels are made up.

    Raises
    ------
    NotFoundError
        There is no such policy, rule, set or parcel, or no barrier of that class or name.
    NotMigratedError
        The database has no schema yet.
    SettingsError
        ``gap_m`` is negative, no number, or wider than the policy's widest lane.
    """
    chosen = given_policy(policy)
    with look(db, as_of, known_at) as seen:
        allowed = wishes(allow)
        pairs = adjacency_seen(seen, chosen, gap_m, allowed)
        opened = opened_by(seen, chosen, gap_m, allowed, pairs)
        name = "all"
        if not (isinstance(over, str) and over == "all"):
            name, land = land_over(seen, chosen, over, rule)
            codes = set(land["parcel_code"])
            both = pairs["parcel_a"].isin(codes) & pairs["parcel_b"].isin(codes)
            pairs = pairs[both].reset_index(drop=True)
        more = {"allow": allowed} if allowed else {}
        pairs.attrs |= opened
        return stamped(pairs, seen, chosen, over=name, gap_m=lane_width(chosen, gap_m), **more)
