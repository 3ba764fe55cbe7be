"""Parcels without which their cluster falls apart.  Pure.

In the graph of parcels and the pairs that join them these are the articulation points: found in one walk through each
cluster (Hopcroft, J. and Tarjan, R. (1973), Communications of the ACM 16(6)), with the land that hangs on each alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.judge.cluster_figures import numbers
from geo.judge.clusters import sorted_by_code
from geo.judge.components import JOINS, pairs_among

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS = (
    "parcel_code",
    "cluster_id",
    "site_area_m2",
    "area_m2",
    "n_parts",
    "parts_m2",
    "largest_part_m2",
    "synthetic",
    "geometry",
)


def find_bridges(
    parcels: gpd.GeoDataFrame, clusters: gpd.GeoDataFrame, adjacency: pd.DataFrame, *, joins: Iterable[str] = JOINS
) -> gpd.GeoDataFrame:
    """Every parcel whose going leaves its cluster in several parts; what costs its cluster most stands first.

    ``parcels`` are those that ``clusters`` (:func:`geo.judge.clusters.find_clusters`) were made of; pairs of ``adjacency``
    count where their type is in ``joins``.  ``area_m2`` is the cluster's site area; ``parts_m2`` are the site areas of the
    ``n_parts`` that it would fall into, the largest first, the parcel itself in none.  Sorted by what the largest part lacks
    of the cluster without it, then by code.
    """
    import geopandas as gpd
    import pandas as pd

    parcels, codes = sorted_by_code(parcels)
    area = numbers(parcels, "site_area_m2")
    found = articulation_points(len(codes), *pairs_among(codes, adjacency, joins), area)
    rows = np.array(list(found), dtype=np.int64)
    of = {code: number for number, held in enumerate(clusters["parcel_codes"]) for code in held}
    cluster = np.array([of[codes[row]] for row in rows], dtype=np.int64)
    parts = [sorted(found[row], reverse=True) for row in rows.tolist()]
    chosen = parcels.iloc[rows]
    frame = gpd.GeoDataFrame(
        {
            "parcel_code": pd.array(codes[rows].astype(object), dtype="str"),
            "cluster_id": clusters["cluster_id"].to_numpy()[cluster],
            "site_area_m2": area[rows],
            "area_m2": clusters["area_m2"].to_numpy(dtype=np.float64)[cluster],
            "n_parts": np.array([len(each) for each in parts], dtype=np.int64),
            "parts_m2": pd.Series(parts, dtype=object),
            "largest_part_m2": np.array([each[0] for each in parts], dtype=np.float64),
            "synthetic": chosen["synthetic"].to_numpy(dtype=bool) if "synthetic" in chosen else False,
        },
        geometry=np.asarray(chosen.geometry.array, dtype=object),
        crs=parcels.crs,
    ).astype({"cluster_id": "str"})
    cost = frame["area_m2"] - frame["site_area_m2"] - frame["largest_part_m2"]
    order = np.lexsort((frame["parcel_code"].to_numpy(dtype=object).astype(str), -cost.to_numpy()))
    return frame[list(COLUMNS)].iloc[order].reset_index(drop=True)


def articulation_points(n: int, a: Ints, b: Ints, weight: Floats) -> dict[int, list[float]]:
    """The nodes of the graph of n nodes and edges (a, b) without which their component falls apart.

    Each with the sums of ``weight`` (n,) of the parts that are left, one for every part.
    """
    start, ends = _neighbours(n, a, b)
    place = [-1] * n  # in the order of the walk
    low = [0] * n  # the earliest place that a node's branch reaches past its root
    total = weight.tolist()  # of a node and all that was walked to from it
    hanging: dict[int, list[tuple[int, float]]] = {}
    parent = [-1] * n
    following = start[:-1].tolist()
    last = start[1:].tolist()
    ends_list = ends.tolist()
    seen = 0
    found: dict[int, list[float]] = {}
    for root in range(n):
        if place[root] >= 0:
            continue
        place[root] = low[root] = seen
        seen += 1
        path, walked = [root], [root]
        cut: list[int] = []
        while path:
            node = path[-1]
            if following[node] < last[node]:
                other = ends_list[following[node]]
                following[node] += 1
                if place[other] < 0:
                    parent[other] = node
                    place[other] = low[other] = seen
                    seen += 1
                    path.append(other)
                    walked.append(other)
                elif other != parent[node]:
                    low[node] = min(low[node], place[other])
                continue
            path.pop()
            if path:
                up = path[-1]
                low[up] = min(low[up], low[node])
                total[up] += total[node]
                if low[node] >= place[up]:
                    hanging.setdefault(up, []).append((node, total[node]))
                    cut.append(up)
        for node in dict.fromkeys(cut):
            parts = [size for _, size in hanging[node]]
            if node == root:
                if len(parts) > 1:
                    found[node] = parts
            else:
                found[node] = [*parts, total[root] - float(weight[node]) - sum(parts)]
    return found


def _neighbours(n: int, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """The ends of the edges of each node: those of node i stand from ``start[i]`` to ``start[i + 1]``."""
    # An edge that is given twice is one, for the way back to where one came from is left out by node, not by edge.
    pairs = np.unique(np.stack([np.minimum(a, b), np.maximum(a, b)]), axis=1)
    pairs = pairs[:, pairs[0] != pairs[1]]
    here, there = np.concatenate([pairs[0], pairs[1]]), np.concatenate([pairs[1], pairs[0]])
    order = np.argsort(here, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=n))]).astype(np.int64)
    return start, there[order].astype(np.int64)
