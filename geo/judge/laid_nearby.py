"""What measures do to the figures of their neighbours: carriers that come, or go, within reach of other parcels.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.judge.laid_over import needed, told_one_by_one

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.policy import Policy

#: the status that ``measure.parcel_carriers_nearby`` counts
_ACTIVE = "active"
Numbers = npt.NDArray[np.intp]


class _Change(NamedTuple):
    """One carrier more (+1) or fewer (−1): where it is, the parcels that it stands on, whether its industry leads."""

    by: int
    place: Any
    on: frozenset[str]
    leads: bool | None


def laid_nearby(
    policy: Policy, land: gpd.GeoDataFrame, carriers: gpd.GeoDataFrame, measures: pd.DataFrame, ledger: pd.DataFrame
) -> gpd.GeoDataFrame:
    """The parcels with ``carriers_nearby`` and ``leading_carriers_nearby`` as they would be with these measures.

    A carrier that a measure makes, or makes active, is one more for every parcel within the policy's ``carriers_nearby``, but
    for those that it stands on; one that is delisted is one fewer; as ``measure.parcel_carriers_nearby`` counts.  Of a new
    carrier nobody has said the industries: within its reach how many leading ones there are is not known.  What was not known
    stays so.  ``land`` and ``carriers`` have geometry in metres, ``ledger`` says on which parcels a registered carrier is.
    """
    asked = policy.measures
    if asked is None or measures.empty or "carriers_nearby" not in land:
        return land
    changes = list(_changes(policy, land, carriers, measures, ledger))
    if not changes:
        return land
    codes = land["parcel_code"].to_numpy(dtype=object)
    tree = shapely.STRtree(land.geometry.to_numpy())
    n = land["carriers_nearby"].astype("float64").to_numpy(copy=True)
    leading = land["leading_carriers_nearby"].astype("float64").to_numpy(copy=True)
    for change in changes:
        near: Numbers = tree.query(change.place, predicate="dwithin", distance=asked.carriers_nearby.m)
        near = near[[code not in change.on for code in codes[near]]]
        n[near] += change.by
        leading[near] += np.nan if change.leads is None else change.by * change.leads
    told: gpd.GeoDataFrame = land.assign(carriers_nearby=n, leading_carriers_nearby=leading)
    return told


def _changes(
    policy: Policy, land: gpd.GeoDataFrame, carriers: gpd.GeoDataFrame, measures: pd.DataFrame, ledger: pd.DataFrame
) -> Any:
    outlines = dict(zip(land["parcel_code"], land.geometry, strict=True))
    known = {row["carrier_code"]: row for row in carriers.to_dict("records")}
    active = {code for code, row in known.items() if row["status"] == _ACTIVE}
    for measure in told_one_by_one(measures):
        code = measure["carrier_code"]
        if code not in known:  # a carrier of its own, on the parcels of the measure
            on = [one for one in needed(measure) if one in outlines]
            if on:
                yield _Change(1, shapely.union_all([outlines[one] for one in on]), frozenset(on), None)
            continue
        goes = measure["kind"] == "delisting"
        if goes != (code in active):  # it is counted already, or was not
            continue
        row = known[code]
        place = row["geometry"]
        if place is None or place.is_empty:
            continue
        (active.discard if goes else active.add)(code)
        held = frozenset(ledger.loc[ledger["carrier"] == code, "parcel_code"])
        middle = shapely.point_on_surface(place)
        under = frozenset(one for one, outline in outlines.items() if outline is not None and outline.covers(middle))
        yield _Change(-1 if goes else 1, place, held | under, _leads(policy, row.get("industries")))


def _leads(policy: Policy, industries: Any) -> bool | None:
    """Whether one of a carrier's industries is among the policy's leading ones; None: nobody has said."""
    leading = policy.measures.leading_industries if policy.measures else None
    if leading is None or not isinstance(industries, str) or not industries:
        return None
    return bool(set(industries.split("、")) & set(leading.value))
