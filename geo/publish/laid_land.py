"""Candidates and clusters of two scenarios side by side: what is judged otherwise, and what hangs together otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from geo.judge.compare import compare

if TYPE_CHECKING:
    from geo.publish.laid import Laid

#: what of a cluster is told; ``side``: first, second, or both
CLUSTERS = ("side", "n_parcels", "area_m2", "gfa_m2", "shape", "parcel_codes")
_ORDER = {"first": 0, "second": 1, "both": 2}


def candidates_side_by_side(one: Laid, other: Laid, rule: str = "") -> pd.DataFrame:
    """One row for each parcel that a rule (default: the policy's first) judges otherwise in the second than in the first.

    Columns: :data:`geo.judge.compare.COLUMNS`.

    Raises
    ------
    NotFoundError
        The run was not judged by that rule.
    """
    found: pd.DataFrame = compare(one.candidates(rule), other.candidates(rule))
    return found


def clusters_side_by_side(one: Laid, other: Laid, rule: str = "") -> pd.DataFrame:
    """The clusters of a rule's candidates in either, those of one alone first, the largest first: :data:`CLUSTERS`; m².

    A cluster of both has the same parcels in both; its figures are those of the second.

    Raises
    ------
    NotFoundError
        The run was not judged by that rule.
    """
    left, right = (each.clusters(rule) for each in (one, other))
    theirs = [{frozenset(codes) for codes in frame["parcel_codes"]} for frame in (left, right)]
    alone = [frozenset(codes) not in theirs[1] for codes in left["parcel_codes"]]
    sides = ["both" if frozenset(codes) in theirs[0] else "second" for codes in right["parcel_codes"]]
    parts = [pd.DataFrame(left[alone]).assign(side="first"), pd.DataFrame(right).assign(side=sides)]
    together = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    order = pd.DataFrame({"side": together["side"].map(_ORDER), "area": -together["area_m2"].astype("float64")})
    found = together.loc[order.sort_values(["side", "area"], kind="stable").index, list(CLUSTERS)]
    found.attrs["stamp"] = one.run.run.stamp | {"first": one.name, "second": other.name}
    return found.reset_index(drop=True)
