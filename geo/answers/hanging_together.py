"""What hangs together by the policy's widths: pairs of parcels, and how much land each parcel is part of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from geo.errors import SettingsError
from geo.judge.clusters import contiguous_areas
from geo.measure.cache import Look
from geo.measure.neighbours import neighbours
from geo.policy import Policy

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def adjacency_seen(seen: Look, policy: Policy, gap_m: float | None = None) -> pd.DataFrame:
    """All pairs within a look that is open, so that several answers rest on one state of the registry."""
    rules = policy.clusters
    return neighbours(
        seen,
        tolerance_m=rules.tolerance.m,
        min_shared_edge_m=rules.min_shared_edge.m,
        lane_width_m=lane_width(policy, gap_m),
        min_frontage_m=rules.min_frontage.m,
        crossable={name: setting.value for name, setting in rules.crossable.items()},
    )


def lane_width(policy: Policy, gap_m: float | None) -> float:
    """The widest lane that joins, in m: what was asked for, else the policy's.

    Raises
    ------
    SettingsError
        It is negative or not a number.
    """
    if gap_m is None:
        return policy.clusters.lane_width.m
    if not math.isfinite(gap_m) or gap_m < 0:
        raise SettingsError(f"A gap of {gap_m} m cannot be used.", "Give metres, 0 or more; 0 joins shared edges only.")
    return float(gap_m)


def with_contiguous_area(seen: Look, policy: Policy, land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The parcels with ``contiguous_area_m2``: the site area of all that hang together with each, m²; 一(三), 二(三)6.

    All parcels count, whatever their use: what a cluster of candidates comes to is :func:`geo.clusters`.
    """
    areas = contiguous_areas(land, adjacency_seen(seen, policy)) if len(land) else np.empty(0)
    names = list(land.columns)
    names.insert(names.index("address"), "contiguous_area_m2")  # among the measures, before where the rows come from
    told: gpd.GeoDataFrame = land.assign(contiguous_area_m2=areas)[names]
    return told
