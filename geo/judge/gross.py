"""The ground of the lanes that a cluster encloses: what its gross area has beyond its parcels.  Pure; metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from geo.judge.components import places_of_pairs
from geo.judge.dissolve import Floats, Ints, Shapes, as_shapes, dissolved
from geo.judge.outline import close_lanes

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

#: a difference that is off by more than this share of its ground is GEOS's mistake and not a matter of rounding
_UNSOUND = 1e-9
#: the grid on which it is taken then, in m
_GRID_M = 1e-6


def enclosed_areas(
    outlines: Shapes,
    ground: Shapes,
    polygons: Shapes,
    codes: npt.NDArray[np.str_],
    label: Ints,
    adjacency: pd.DataFrame,
    *,
    width_m: float,
    tolerance_m: float,
    land: gpd.GeoDataFrame | None = None,
) -> Floats:
    """The m² between the parcels of each cluster that are lanes: area(lanes closed − its parcels − other land − barriers).

    ``ground`` (k,) is ``outlines`` with lanes closed; ``polygons``, ``codes`` (sorted) and ``label`` (n,) are the parcels.
    Other land is every parcel of ``land`` (default: the given ones) that is not of the cluster.  Where two parcels of a
    cluster have a barrier between them, the strip from one to the other is no lane.  A single parcel encloses nothing.
    """
    enclosed = np.zeros(len(outlines))
    size = np.bincount(label, minlength=len(outlines))
    several = np.flatnonzero(size > 1)
    several = several[shapely.area(ground[several]) > shapely.area(outlines[several])]
    if not len(several):
        return enclosed
    added = _without(ground[several], outlines[several])
    of = np.full(len(outlines), -1, dtype=np.int64)
    of[several] = np.arange(len(several))
    strip_cluster, strips = _barrier_strips(polygons, codes, label, adjacency, width_m, tolerance_m)
    parted = of[strip_cluster] >= 0
    others, other_cluster = _other_land(polygons, codes, label, land)
    # Its own parcels touch what was added, too; they are told apart by their cluster.
    at, hit = shapely.STRtree(others).query(added, predicate="intersects")
    foreign = other_cluster[hit] != several[at]
    in_the_way = as_shapes([*others[hit[foreign]], *strips[parted]])
    number = np.concatenate([at[foreign], of[strip_cluster[parted]]])
    taken = dissolved(in_the_way, number, len(several))
    cut = np.unique(number)
    added[cut] = _without(added[cut], taken[cut])
    enclosed[several] = shapely.area(added)
    return enclosed


def _without(shapes: Shapes, others: Shapes) -> Shapes:
    """The difference of each pair, held against their symmetric difference: |A − B| = (|A| − |B| + |A △ B|) / 2.

    Where edges coincide but for the last bit, GEOS's overlay may leave a whole parcel that it should have taken away, and is
    at one with itself on what the two have in common; laid on a grid of a micrometre it takes it away.
    """
    left: Shapes = shapely.difference(shapes, others)
    area = shapely.area(shapes)
    due = (area - shapely.area(others) + shapely.area(shapely.symmetric_difference(shapes, others))) / 2
    wrong = np.abs(shapely.area(left) - due) > _UNSOUND * area
    left[wrong] = shapely.difference(shapes[wrong], others[wrong], grid_size=_GRID_M)
    return left


def _other_land(
    polygons: Shapes, codes: npt.NDArray[np.str_], label: Ints, land: gpd.GeoDataFrame | None
) -> tuple[Shapes, Ints]:
    """All parcels, and the cluster of each; −1 for one that is not among those given."""
    if land is None:
        return polygons, label
    asked = land["parcel_code"].to_numpy(dtype=object).astype(str)
    place = np.minimum(np.searchsorted(codes, asked), len(codes) - 1)
    return np.asarray(land.geometry.array, dtype=object), np.where(codes[place] == asked, label[place], -1)


def _barrier_strips(
    polygons: Shapes,
    codes: npt.NDArray[np.str_],
    label: Ints,
    adjacency: pd.DataFrame,
    width_m: float,
    tolerance_m: float,
) -> tuple[Ints, Shapes]:
    """The cluster and the ground from one parcel to the other of each pair of one cluster that a barrier parts."""
    a, b, (there_a, there_b) = places_of_pairs(codes, adjacency[adjacency["type"] == "barrier"])
    own = there_a & there_b
    own[own] = label[a[own]] == label[b[own]]
    both = shapely.union(polygons[a[own]], polygons[b[own]])
    strips: Shapes = shapely.difference(close_lanes(both, width_m, tolerance_m), both)
    return label[a[own]], strips
