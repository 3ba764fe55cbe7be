"""How parcels lie to each other, as the policy's widths and classes have it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

import pandas as pd

from geo.answers.hanging_together import adjacency_seen, lane_width
from geo.answers.parcels import parcels_seen
from geo.answers.policies import given_policy, stamped
from geo.errors import NotFoundError
from geo.judge.rules import judge
from geo.measure.cache import Look, look
from geo.policy import Policy

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.database import Database

#: how many codes that do not exist an error names
_NAMED = 5


def adjacency(
    db: Database,
    policy: Policy | str | None = None,
    *,
    over: str | pd.DataFrame | Iterable[str] = "all",
    rule: str = "office_to_rnd",
    gap_m: float | None = None,
    allow: str | Iterable[str] = (),
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Every pair of parcels that touch or face each other over a gap, one row each, sorted by both codes.

    Columns: ``parcel_a`` < ``parcel_b``, ``type`` (``shared_edge``, ``lane``, ``corner``, ``barrier``), ``length_m`` and
    ``gap_m`` in m, ``barrier`` (``class`` or ``class:name`` of what lies between, else None): see
    :func:`geo.measure.adjacency.typed_adjacency`.  ``over`` is ``"all"``, ``"candidates"`` of ``rule``, or a frame or list of
    codes; a parcel that is not among them still lies between those that are.  ``gap_m`` is the widest lane in m (default:
    the policy's); 0 leaves shared edges and corners.  ``allow`` names barriers that may be crossed beyond what the policy
    says: a class (``"secondary"`` or ``"次干路"``), a name, or ``class:name`` as the column ``barrier`` has it.

    Raises
    ------
    NotFoundError
        There is no such policy, rule, set or parcel, or no barrier of that class or name.
    NotMigratedError
        The database has no schema yet.
    SettingsError
        ``gap_m`` is negative or not a number.
    """
    chosen = given_policy(policy)
    with look(db, as_of, known_at) as seen:
        allowed = [allow] if isinstance(allow, str) else list(allow)
        pairs = adjacency_seen(seen, chosen, gap_m, allowed)
        name = "all"
        if not (isinstance(over, str) and over == "all"):
            name, land = land_over(seen, chosen, over, rule)
            codes = set(land["parcel_code"])
            both = pairs["parcel_a"].isin(codes) & pairs["parcel_b"].isin(codes)
            pairs = pairs[both].reset_index(drop=True)
        more = {"allow": sorted(set(allowed))} if allowed else {}
        return stamped(pairs, seen, chosen, over=name, gap_m=lane_width(chosen, gap_m), **more)


def candidates_of(rule: str) -> str:
    """What the set of a rule's candidates is called; two rules may find the same parcels, their clusters are two."""
    return f"candidates:{rule}"


def land_over(
    seen: Look, policy: Policy, over: str | pd.DataFrame | Iterable[str], rule: str
) -> tuple[str, gpd.GeoDataFrame]:
    """The parcels that ``over`` names, with every measure, and the name of that set (part of a cluster's id).

    Raises
    ------
    NotFoundError
        There is no such set, rule or parcel.
    """
    if isinstance(over, str):
        if over == "all":
            return over, parcels_seen(seen, policy)
        if over == "candidates":
            judged = judge(parcels_seen(seen, policy), policy.rule(rule))
            return candidates_of(rule), judged[judged["verdict"] == "candidate"].reset_index(drop=True)
        raise NotFoundError(
            f"There is no set of parcels {over!r}.", "Sets: candidates, all; or a frame or list of parcel codes."
        )
    if isinstance(over, pd.DataFrame) and "parcel_code" not in over:
        raise NotFoundError("The frame has no column 'parcel_code'.", "Give a frame with it, or a list of codes.")
    codes = {str(code) for code in (over["parcel_code"] if isinstance(over, pd.DataFrame) else over)}
    land = parcels_seen(seen, policy)
    missing = sorted(codes - set(land["parcel_code"]))
    if missing:
        raise NotFoundError(
            f"{len(missing)} of {len(codes)} parcels do not exist on {seen.day}: {', '.join(missing[:_NAMED])}"
            + (" …" if len(missing) > _NAMED else "")
            + ".",
            "See `shuangbei candidates --format csv` for the codes there are.",
        )
    return "chosen", land[land["parcel_code"].isin(codes)].reset_index(drop=True)
