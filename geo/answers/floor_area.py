"""Totals of site area and floor area by zone, land use and what else they are asked by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import pandas as pd

from geo.answers.hanging_together import adjacency_seen
from geo.answers.parcels import OTHER_ZONE, min_zone_share, parcels_seen
from geo.answers.policies import given_policy, stamped
from geo.errors import PolicyError
from geo.fields.ledger import HELD_GROUPS, OWNERS
from geo.judge.clusters import find_clusters
from geo.judge.few import told_together
from geo.judge.floor_area import checked_groups, checked_states, named_groups, totals
from geo.judge.rules import judge
from geo.measure.cache import Look, look
from geo.measure.floor_area import Booking, floor_area_rows, ledger_cells, site_rows
from geo.policy import Policy

if TYPE_CHECKING:
    from geo.database import Database


def floor_area(
    db: Database,
    policy: Policy | str | None = None,
    *,
    by: Sequence[str] = ("zone", "land_use"),
    states: Sequence[str] | str | None = None,
    as_of: date | None = None,
    subtotals: bool = False,
    unit: str = "m2",
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Site area (each parcel's once) and floor area on ``as_of`` (default: today), grouped by ``by``.

    Columns: those of ``by``, site_area_m2, gfa_m2 (known sum), n, n_unknown; see :func:`geo.judge.floor_area.totals` for them,
    ``subtotals`` and ``unit``.  ``by``: zone, park, street, land_use, supply_status, state, year, carrier, kind, operator,
    operator_role, owner_kind, cluster (of the policy's first rule); or ``owners`` alone: by kind of owner, those of few parcels
    (``ledger.fewest_owned``) told together, for everybody to read.  ``states``: of standing (the default), approved,
    under_construction and demolished those that are added up, or ``"all"``; gross is standing and demolished, net standing.
    ``year`` is that of completion, of planned completion, or of demolition.  The rules are the policy's (``[ledger]``).

    Raises
    ------
    NotFoundError
        There is no such policy, grouping or state; the message lists those there are.
    PolicyError
        The grouping asks for rules that the policy does not have.
    UnitError
        The unit is not known, or is not one of area.
    NotMigratedError
        The database has no schema yet.
    """
    wanted, chosen = checked_states(states), given_policy(policy)
    if named_groups(by) == [OWNERS]:
        with look(db, as_of, known_at) as seen:
            return stamped(_by_owners(seen, chosen, wanted, unit), seen, chosen, by=OWNERS, states=", ".join(wanted))
    columns = checked_groups(by)
    with look(db, as_of, known_at) as seen:
        found = totals_seen(seen, chosen, columns, wanted, subtotals=subtotals, unit=unit)
        return stamped(found, seen, chosen, by=", ".join(columns), states=", ".join(wanted))


def totals_seen(
    seen: Look, policy: Policy, by: Sequence[str], states: Sequence[str], *, subtotals: bool = False, unit: str = "m2"
) -> pd.DataFrame:
    """The same within a look that is open; groupings and states are checked already."""
    entries, sites = ledger_cells(seen, by, states, booking(seen, policy, by))
    return totals(entries, sites, by, subtotals=subtotals, unit=unit, divide_uses=divides_uses(policy))


def _by_owners(seen: Look, policy: Policy, states: Sequence[str], unit: str) -> pd.DataFrame:
    """Totals by kind of owner for everybody to read: kinds of few parcels together; the column is ``owners``."""
    fewest = policy.ledger.fewest_owned if policy.ledger else None
    if fewest is None:
        raise PolicyError(
            f"Policy {policy.id!r} does not say of how few parcels an owner's kind is not told.",
            "Add fewest_owned to its section [ledger], as data/policy/hongkou-2025.toml has it.",
        )
    rules = booking(seen, policy, ["owner_kind"])
    rows = [floor_area_rows(seen, ["owner_kind"], states, rules), site_rows(seen, ["owner_kind"], rules)]
    held = (
        pd.concat([part[["owner_kind", "parcel_code"]] for part in rows]).groupby("owner_kind")["parcel_code"].nunique()
    )
    found = totals_seen(seen, policy, ["owner_kind"], states, unit=unit).rename(columns={"owner_kind": OWNERS})
    return told_together(found, OWNERS, {str(kind): int(n) for kind, n in held.items()}, fewest.value)


def divides_uses(policy: Policy) -> bool:
    """Whether floor area under several uses is divided by their shares."""
    return policy.ledger is not None and policy.ledger.several_uses.value == "share"


def booking(seen: Look, policy: Policy, by: Sequence[str]) -> Booking:
    """The policy's rules as the ledger asks for them, for a grouping.

    Raises
    ------
    PolicyError
        The grouping asks for rules that the policy does not have.
    """
    rules = policy.ledger
    asked = [name for name in by if name in (*HELD_GROUPS, "park")]
    if rules is None and asked:
        raise PolicyError(
            f"Policy {policy.id!r} does not say how floor area is booked by {', '.join(asked)}.",
            "Add a section [ledger], as data/policy/hongkou-2025.toml has it.",
        )
    clusters = _clusters(seen, policy) if "cluster" in by else None
    if rules is None:
        return Booking(min_zone_share(policy), OTHER_ZONE, clusters=clusters)
    estimates = (rules.estimate_from_storeys, rules.estimate_from_far)
    return Booking(
        min_zone_share(policy),
        OTHER_ZONE,
        park_min_share=rules.park_min_share.share,
        divide_zone=rules.zone.value == "share",
        divide_park=rules.park.value == "share",
        not_holding=rules.not_holding.value,
        tolerance=rules.share_tolerance.share,
        storeys=estimates[0].value if estimates[0] else None,
        far=estimates[1].value if estimates[1] else None,
        clusters=clusters,
    )


def _clusters(seen: Look, policy: Policy) -> Mapping[str, str]:
    """The cluster of each candidate of the policy's first rule."""
    land = parcels_seen(seen, policy)
    judged = judge(land, next(iter(policy.rules_on(seen.day).values())))
    chosen = judged[judged["verdict"] == "candidate"].reset_index(drop=True)
    found = find_clusters(chosen, adjacency_seen(seen, policy), policy.clusters, over="candidates")
    return {
        code: name for name, codes in zip(found["cluster_id"], found["parcel_codes"], strict=True) for code in codes
    }
