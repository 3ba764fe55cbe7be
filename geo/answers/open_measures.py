"""The measures that are open on the way to the target, out of the registry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from geo.answers.carriers import carriers_seen
from geo.answers.ledger import ledger_seen
from geo.answers.parcels import parcels_seen
from geo.answers.policies import given_policy, stamped
from geo.errors import PolicyError
from geo.judge.floor_area import checked_states
from geo.judge.open_given import Given
from geo.judge.open_measures import open_measures as find_open
from geo.judge.rules import judge
from geo.judge.target import target_rows
from geo.measure.cache import Look, look
from geo.policy.way import OfRoutes

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database
    from geo.policy import Policy, WaySearch

#: what of the ledger the measures are made of
_LEDGER = ("zone", "park", "land_use", "state", "carrier")


def open_measures(
    db: Database,
    policy: Policy | str | None = None,
    *,
    sites: pd.DataFrame | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Every measure that is open on ``as_of`` (default: today) on the way to the target, one row each.

    Columns and rules: :func:`geo.judge.open_measures.open_measures`.  ``sites`` is a frame of :func:`geo.sites`, each of which
    is a measure too; without it none is looked for.  Clause 一(三).

    Raises
    ------
    NotFoundError
        There is no such policy.
    PolicyError
        The policy has no target, or does not say which measures there are (``[target.measures]``), or has no ``[ledger]``.
    NotMigratedError
        The database has no schema yet.
    """
    chosen = given_policy(policy)
    measures_of(chosen)
    with look(db, as_of, known_at) as seen:
        return stamped(find_open(chosen, given_seen(seen, chosen, sites)), seen, chosen)


def measures_of(policy: Policy) -> WaySearch:
    """The policy's ``[target.measures]``.

    Raises
    ------
    PolicyError
        It has none.
    """
    found = policy.target.measures if policy.target else None
    if found is None:
        raise PolicyError(
            f"Policy {policy.id!r} does not say which measures lead to its target.",
            "Give it a section [target.measures], as data/policy/hongkou-2025.toml has it.",
        )
    return found


@dataclass(frozen=True)
class Counted:
    """What counts by a day, of what is built: the known sum in m², carriers of unknown size, carriers that are undecided."""

    known_m2: float
    n_unknown: int
    n_undecided: int


@dataclass(frozen=True)
class Seen(Given):
    """What the measures are made of, what counts already, and the CRS of the land."""

    counted: Counted = Counted(0.0, 0, 0)
    crs: str = ""


def given_seen(seen: Look, policy: Policy, sites: pd.DataFrame | None = None, *, by: date | None = None) -> Seen:
    """What the measures are made of, within a look that is open; what counts does so by ``by`` (default: the look's day)."""
    search = measures_of(policy)
    land = parcels_seen(seen, policy)
    rows = ledger_seen(seen, policy, _LEDGER, checked_states("all"))
    rows = rows[rows["books"] == "floor_area"].reset_index(drop=True)
    in_force = {name for name, rule in policy.rules.items() if rule.holds_on(seen.day)}
    named = {path.partition(".")[0] for kind in search.kinds.values() if isinstance(kind, OfRoutes)
             for path in kind.routes.value}  # fmt: skip
    judged = {name: judge(land, policy.rules[name]) for name in policy.rules if name in named & in_force}
    housed = carriers_seen(seen, policy)
    park_known = bool(land["park_share"].notna().any())
    stages = target_rows(policy, housed, rows, day=by or seen.day, park_known=park_known)
    stages = stages.merge(housed[["carrier_code", "status", "synthetic"]], on="carrier_code", how="left")
    built = stages[stages["stage"] == "built"]
    counts = built[built["counts"] == "yes"]["gfa_m2"].astype("float64")
    undecided = int((built["counts"] == "unknown").sum())
    more: dict[str, Any] = {
        "crs": seen.db.crs,
        "counted": Counted(float(counts.sum()), int(counts.isna().sum()), undecided),
    }
    if sites is not None:
        more |= {"sites": sites, "anchor": frozenset(sites.attrs["anchor"]["parcel_codes"])}
    return Seen(seen.day, rows, land, judged, stages, park_known, **more)
