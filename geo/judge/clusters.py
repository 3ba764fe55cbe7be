"""Which parcels hang together, and what that comes to.  Pure: frames in, frames out.

The shape of a cluster is told in :mod:`geo.judge.outline`, its other figures in :mod:`geo.judge.cluster_figures`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from geo import units
from geo.judge.cluster_figures import Members, capacity, known_sum, land_uses, numbers, owners
from geo.judge.components import JOINS, components, pairs_among
from geo.judge.dissolve import Floats, as_shapes, dissolved
from geo.judge.gross import enclosed_areas
from geo.judge.outline import close_lanes, compactnesses, elongations, ground_figures, shapes_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.policy import Clusters

__all__ = [
    "COLUMNS",
    "JOINS",
    "as_shapes",
    "close_lanes",
    "cluster_id",
    "compactnesses",
    "components",
    "contiguous_areas",
    "elongations",
    "find_clusters",
]

COLUMNS = (
    "cluster_id",
    "parcel_codes",
    "n_parcels",
    "area_m2",
    "area_mu",
    "gross_area_m2",
    "gfa_m2",
    "n_gfa_unknown",
    "capacity_m2",
    "n_capacity_unknown",
    "uses",
    "owner_kind",
    "owner_count",
    "n_owner_count_unknown",
    "state_owned_share",
    "n_state_owned_unknown",
    "shape",
    "elongation",
    "compactness",
    "synthetic",
    "geometry",
)


def find_clusters(
    parcels: gpd.GeoDataFrame,
    adjacency: pd.DataFrame,
    policy: Clusters,
    *,
    over: str,
    gap_m: float | None = None,
    joins: Iterable[str] = JOINS,
    land: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """The clusters into which ``parcels`` fall, each parcel in one, single parcels too; largest area first.

    ``parcels`` has ``parcel_code``, ``site_area_m2``, ``gfa_m2`` and polygons in metres; pairs of ``adjacency`` count where
    their type is in ``joins`` and both parcels are given.  ``over`` names the set and is part of the id; ``gap_m`` is the
    widest lane that joins, in m (default: the policy's).  ``land`` is all land there is (default: ``parcels``), of which
    nothing is counted as a lane.

    ``area_m2`` (``area_mu`` in mu) is the sum of site areas, net of lanes; ``gross_area_m2`` adds the ground of the lanes
    that a cluster encloses (:func:`geo.judge.gross.enclosed_areas`); ``gfa_m2`` is the sum of the known floor areas, NaN where
    none is known, beside ``n_gfa_unknown``; ``capacity_m2`` the sum of permitted FAR × site area, likewise.  ``uses`` tells
    the planned uses by area, the owner columns what is known of owners (:mod:`geo.judge.cluster_figures`).
    The geometry is the union of the parcels.  ``elongation`` and ``compactness`` are taken
    on the outline with lanes closed; ``belt`` is an elongation over the policy's.  ``cluster_id`` is the first 12 hex digits
    of SHA-256 over ``over`` and the sorted codes.  ``synthetic`` where one parcel is (``False`` without that column).
    Clauses 一(三), 二(三)6.

    Raises
    ------
    ValueError
        A parcel code stands twice.
    """
    import geopandas as gpd
    import pandas as pd

    parcels, codes = sorted_by_code(parcels)
    label = components(len(codes), *pairs_among(codes, adjacency, joins))
    members = Members.of(label)
    area = numbers(parcels, "site_area_m2")
    gfa_m2, n_gfa_unknown = known_sum(members, numbers(parcels, "gfa_m2"))
    capacity_m2, n_capacity_unknown = capacity(members, parcels)

    polygons = np.asarray(parcels.geometry.array, dtype=object)
    outlines = dissolved(polygons, label, members.count)
    width = policy.lane_width.m if gap_m is None else gap_m
    ground, elongation, compactness = ground_figures(outlines, width, policy.tolerance.m)
    area_m2 = members.sum(area)
    enclosed = enclosed_areas(
        outlines, ground, polygons, codes, label, adjacency, width_m=width, tolerance_m=policy.tolerance.m, land=land
    )
    member_codes = members.lists(codes)
    frame = gpd.GeoDataFrame(
        {
            "cluster_id": pd.array([cluster_id(over, of) for of in member_codes], dtype="str"),
            "parcel_codes": pd.Series(member_codes, dtype=object),
            "n_parcels": members.size,
            "area_m2": area_m2,
            "area_mu": area_m2 * units.factor("m2", "亩"),
            "gross_area_m2": area_m2 + enclosed,
            "gfa_m2": gfa_m2,
            "n_gfa_unknown": n_gfa_unknown,
            "capacity_m2": capacity_m2,
            "n_capacity_unknown": n_capacity_unknown,
            "uses": land_uses(members, parcels, area),
            **owners(members, parcels, area),
            "shape": pd.array(shapes_of(elongation, policy.belt_elongation.value), dtype="str"),
            "elongation": elongation,
            "compactness": compactness,
            "synthetic": members.sum(_synthetic(parcels)) > 0,
        },
        geometry=outlines,
        crs=parcels.crs,
    )
    return frame[list(COLUMNS)].sort_values(["area_m2", "cluster_id"], ascending=[False, True], ignore_index=True)


def contiguous_areas(parcels: pd.DataFrame, together: pd.DataFrame) -> Floats:
    """The site area in m² of all parcels that hang together with each, its own included, in the order of rows; (n,).

    ``parcels`` has ``parcel_code`` and ``site_area_m2``; ``together`` has every parcel's code and a number ``together`` that
    is the same for those that hang together.
    """
    number = together.set_index("parcel_code")["together"].loc[parcels["parcel_code"]].to_numpy()
    label = np.unique(number, return_inverse=True)[1]
    areas: Floats = np.bincount(label, weights=numbers(parcels, "site_area_m2")).astype(np.float64)[label]
    return areas


def cluster_id(over: str, codes: Iterable[str]) -> str:
    """The id of a cluster by its content: first 12 hex digits of SHA-256 over ``over`` and the sorted codes."""
    content = json.dumps([over, sorted(codes)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def sorted_by_code(parcels: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """The rows by parcel code, and the codes as an array of texts.

    Raises
    ------
    ValueError
        A parcel code stands twice.
    """
    codes = parcels["parcel_code"].to_numpy(dtype=object).astype(str)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    if (codes[1:] == codes[:-1]).any():
        raise ValueError("a parcel code stands twice")
    return parcels.iloc[order], codes


def _synthetic(parcels: pd.DataFrame) -> Floats:
    if "synthetic" not in parcels:
        return np.zeros(len(parcels))
    marked: Floats = parcels["synthetic"].to_numpy(dtype=np.float64)
    return marked
