"""Totals of site area and standing floor area by zone, land use and what else they are asked by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.parcels import parcels_seen
from geo.answers.policies import given_policy, stamped
from geo.judge.floor_area import totals
from geo.measure.cache import look
from geo.measure.floor_area import floor_area_entries
from geo.policy import Policy

if TYPE_CHECKING:
    import pandas as pd

    from geo.database import Database


def floor_area(
    db: Database,
    policy: Policy | str | None = None,
    *,
    by: Sequence[str] = ("zone", "land_use"),
    as_of: date | None = None,
    subtotals: bool = False,
    unit: str = "m2",
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Site area (each parcel's once) and standing floor area on ``as_of`` (default: today), grouped by ``by``.

    Columns: those of ``by`` (zone, land_use, supply_status), site_area_m2, gfa_m2 (known sum), n, n_unknown; see
    :func:`geo.judge.floor_area.totals` for ``subtotals`` and ``unit``.

    Raises
    ------
    NotFoundError
        There is no such policy or grouping; the message lists those there are.
    UnitError
        The unit is not known, or is not one of area.
    NotMigratedError
        The database has no schema yet.
    """
    with look(db, as_of, known_at) as seen:
        chosen = given_policy(policy)
        entries, parcels = floor_area_entries(seen), parcels_seen(seen, chosen, contiguous=False)
        found = totals(entries, parcels, by, subtotals=subtotals, unit=unit)
        return stamped(found, seen, chosen, by=", ".join(by))
