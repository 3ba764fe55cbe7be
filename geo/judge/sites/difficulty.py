"""How hard each parcel is to come by: points by what is known of it, and from which end to which where it is not.  Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import units
from geo.judge.sites.graph import PER_POINT

if TYPE_CHECKING:
    from geo.policy import Difficulty

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: what the columns of the parts are called
PART = "difficulty_{}"


@dataclass(frozen=True)
class _Amount:
    """What is counted of each parcel at the favourable and the cautious end, and where the two differ for want of a figure."""

    low: Floats
    high: Floats
    is_unknown: Bools


def part_names(weights: Difficulty) -> list[str]:
    """The columns of the parts, in the policy's order."""
    return [PART.format(name) for name in weights.weights]


def parcel_difficulty(parcels: pd.DataFrame, weights: Difficulty) -> pd.DataFrame:
    """The difficulty of each parcel, in points, on the index of ``parcels``; additive, so that a site's is its parcels' sum.

    difficulty = Σ over parts of points × amount, each part rounded to a thousandth: owners, floor area in use = GFA ×
    (1 − vacancy), ground inside statutory outlines, ground not state-owned, ground not planned for
    research, ground × years of leases.  Columns:
    ``difficulty_<part>`` at the cautious end, ``difficulty`` (their sum), ``difficulty_low`` (all unknowns at the favourable
    end) and ``n_unknown`` (parts of which a figure is not known).  Weights, units and ends are the policy's.
    """
    area = _numbers(parcels, "site_area_m2")
    spared = _spared(parcels, weights)
    told: dict[str, npt.NDArray[np.generic]] = {}
    high = np.zeros(len(parcels), dtype=np.int64)
    low = np.zeros(len(parcels), dtype=np.int64)
    n_unknown = np.zeros(len(parcels), dtype=np.int64)
    for name, weight in weights.weights.items():
        amount = _AMOUNTS[name](parcels, area, spared, weight.unknown)
        per = 1.0 if weight.per == "count" else units.factor(weight.per.removesuffix("·年"), "m2")
        most, least = (
            np.rint(weight.points * ends / per * PER_POINT).astype(np.int64) for ends in (amount.high, amount.low)
        )
        told[PART.format(name)] = most / PER_POINT
        high += most
        low += least
        n_unknown += amount.is_unknown
    told |= {"difficulty": high / PER_POINT, "difficulty_low": low / PER_POINT, "n_unknown": n_unknown}
    return pd.DataFrame(told, index=parcels.index)


def _owners(parcels: pd.DataFrame, area: Floats, spared: Bools, unknown: tuple[float, float]) -> _Amount:
    count = np.where(spared & np.isnan(found := _numbers(parcels, "owner_count")), 0.0, found)
    mu = area / units.M2_PER_MU
    return _between(count, unknown[0] * mu, unknown[1] * mu)


def _gfa_in_use(parcels: pd.DataFrame, area: Floats, _: Bools, unknown: tuple[float, float]) -> _Amount:
    gfa, vacancy = _numbers(parcels, "gfa_m2"), _numbers(parcels, "vacancy_share")
    standing = _between(gfa, unknown[0] * area, unknown[1] * area)
    used = _between(1 - vacancy, np.zeros(len(area)), np.ones(len(area)))
    # Where nothing stands there is no vacancy to ask for.
    is_unknown = standing.is_unknown | (used.is_unknown & (standing.high > 0))
    return _Amount(standing.low * used.low, standing.high * used.high, is_unknown)


def _heritage(parcels: pd.DataFrame, area: Floats, _: Bools, unknown: tuple[float, float]) -> _Amount:
    return _between(_numbers(parcels, "heritage_share") * area, unknown[0] * area, unknown[1] * area)


def _not_state(parcels: pd.DataFrame, area: Floats, spared: Bools, unknown: tuple[float, float]) -> _Amount:
    share = 1 - np.where(spared & np.isnan(found := _numbers(parcels, "state_owned_share")), 1.0, found)
    return _between(share * area, unknown[0] * area, unknown[1] * area)


def _plan_change(parcels: pd.DataFrame, area: Floats, _: Bools, unknown: tuple[float, float]) -> _Amount:
    return _between((1 - _numbers(parcels, "rnd_share")) * area, unknown[0] * area, unknown[1] * area)


def _leases(parcels: pd.DataFrame, area: Floats, spared: Bools, unknown: tuple[float, float]) -> _Amount:
    years = np.where(spared & np.isnan(found := _numbers(parcels, "lease_years_left")), 0.0, found)
    return _between(np.maximum(years, 0.0) * area, unknown[0] * area, unknown[1] * area)


_AMOUNTS: dict[str, Callable[[pd.DataFrame, Floats, Bools, tuple[float, float]], _Amount]] = {
    "owners": _owners,
    "gfa_in_use": _gfa_in_use,
    "heritage": _heritage,
    "not_state": _not_state,
    "plan_change": _plan_change,
    "leases": _leases,
}


def _spared(parcels: pd.DataFrame, weights: Difficulty) -> Bools:
    """Where owners, ownership and leases that are not registered are none."""
    statuses = weights.without_owners.value if weights.without_owners else ()
    if "supply_status" not in parcels:
        return np.zeros(len(parcels), dtype=np.bool_)
    return parcels["supply_status"].isin(list(statuses)).to_numpy(dtype=np.bool_)


def _between(known: Floats, low: Floats, high: Floats) -> _Amount:
    is_unknown = np.isnan(known)
    return _Amount(np.where(is_unknown, low, known), np.where(is_unknown, high, known), is_unknown)


def _numbers(parcels: pd.DataFrame, name: str) -> Floats:
    """A column as numbers, NaN where unknown; a measure that is not there at all is unknown of every parcel."""
    if name not in parcels:
        return np.full(len(parcels), np.nan)
    numbers: Floats = parcels[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers
