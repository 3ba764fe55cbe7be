"""Carriers (载体) within walking distance of each other, and whether that makes a belt or a patch.  Pure.

A question of its own, at the scale of kilometres: it says nothing of parcels, roads or barriers.  Distance is the straight
line, as long as there is no network of ways to walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.judge.cluster_figures import Members, known_sum, numbers
from geo.judge.clusters import cluster_id
from geo.judge.components import components
from geo.judge.dissolve import dissolved
from geo.judge.outline import compactnesses, elongations, shapes_of

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.policy import CarrierGroups

COLUMNS = (
    "group_id",
    "carrier_codes",
    "n_carriers",
    "gfa_m2",
    "n_gfa_unknown",
    "span_m",
    "reach_m2",
    "shape",
    "elongation",
    "compactness",
    "synthetic",
    "geometry",
)
#: straight pieces in a quarter of a circle round a carrier; a resolution
_ARC = 16


def find_carrier_groups(carriers: gpd.GeoDataFrame, policy: CarrierGroups) -> gpd.GeoDataFrame:
    """The groups into which carriers fall, each carrier with a place in one, single carriers too; the most carriers first.

    ``carriers`` has ``carrier_code``, ``gfa_m2`` and places in metres; those without a place are in no group.  Two are of one
    group where a chain of carriers leads from one to the other with no step longer than the policy's walking distance, from
    place to place (of an outline: its nearest edge).

    The ground of a group is all that lies within walking distance of one of its carriers: ``geometry``, ``reach_m2``.
    ``elongation`` is that of this ground, by the same formula as for land (:mod:`geo.judge.outline`), ``belt`` where it is
    over the policy's ``carrier_groups.belt_elongation``: carriers in a straight line of length s, w the walking distance,
    come to about (s + 2w)/2w, so that over 3 a belt is longer than four walking distances, if it is one carrier wide.
    ``span_m`` is the longest distance between two carriers of the group.  ``group_id`` is the hash of its codes.
    Clause 二(三)6.
    """
    import geopandas as gpd
    import pandas as pd

    placed = carriers[~(carriers.geometry.isna() | carriers.geometry.is_empty)].sort_values(
        "carrier_code", kind="stable"
    )
    codes = placed["carrier_code"].to_numpy(dtype=object).astype(str)
    places = np.asarray(placed.geometry.array, dtype=object)
    walk = policy.walking_distance.m
    a, b = (
        shapely.STRtree(places).query(places, predicate="dwithin", distance=walk)
        if len(places)
        else np.empty((2, 0), int)
    )
    members = Members.of(components(len(codes), a.astype(np.int64), b.astype(np.int64)))
    ground = dissolved(shapely.buffer(places, walk, quad_segs=_ARC), members.label, members.count)
    together = [
        places[rows] for rows in np.split(np.argsort(members.label, kind="stable"), np.cumsum(members.size)[:-1])
    ]
    gfa_m2, n_gfa_unknown = known_sum(members, numbers(placed, "gfa_m2"))
    elongation = elongations(ground)
    held = members.lists(codes)
    marked = placed["synthetic"].to_numpy(dtype=np.float64) if "synthetic" in placed else np.zeros(len(placed))
    frame = gpd.GeoDataFrame(
        {
            "group_id": pd.array([cluster_id("carriers", of) for of in held], dtype="str"),
            "carrier_codes": pd.Series(held, dtype=object),
            "n_carriers": members.size,
            "gfa_m2": gfa_m2,
            "n_gfa_unknown": n_gfa_unknown,
            "span_m": np.array([_span(each) for each in together[: members.count]], dtype=np.float64),
            "reach_m2": shapely.area(ground),
            "shape": pd.array(shapes_of(elongation, policy.belt_elongation.value), dtype="str"),
            "elongation": elongation,
            "compactness": compactnesses(ground),
            "synthetic": members.sum(marked) > 0,
        },
        geometry=ground,
        crs=carriers.crs,
    )
    frame = frame.sort_values(["n_carriers", "group_id"], ascending=[False, True], ignore_index=True)
    return frame[list(COLUMNS)]


def _span(places: np.ndarray) -> float:
    """The longest distance between the middles of two places: between two corners of their hull."""
    middles = shapely.point_on_surface(places)
    corners = shapely.points(shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(middles))))
    return float(shapely.distance(corners[:, None], corners[None, :]).max())
