"""Which parcels hang together, and what shape that makes.  Pure: frames in, frames out.

Shape is read off the *depth* of the ground: how far each place of a cluster lies from its outer edge.  A rectangle of sides
L ≥ W has area A = L·W and mean square depth m = W²/12 − W³/(24·L); ``elongation`` is L/W of the rectangle that has the
cluster's area and mean square depth.  It follows bends (an L or a winding belt is as long as it is when laid straight), and
since deep ground weighs most, teeth and notches of the outline move it little.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.policy import Clusters

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

#: the types of adjacency over which parcels hang together
JOINS = ("shared_edge", "lane")
BELT, PATCH = "belt", "patch"
COLUMNS = (
    "cluster_id",
    "parcel_codes",
    "n_parcels",
    "area_m2",
    "gfa_m2",
    "n_gfa_unknown",
    "shape",
    "elongation",
    "compactness",
    "synthetic",
    "geometry",
)

#: in how many layers ground is peeled off to find its depth: even, for Simpson's rule; a resolution
_LAYERS = 16
#: figures of shape are kept to three places, so that the last bit of a sum decides no threshold
_PLACES = 3
#: how far a mitred corner may stand out while lanes are closed; right angles come back exactly
_MITRE = 5.0


def find_clusters(
    parcels: gpd.GeoDataFrame,
    adjacency: pd.DataFrame,
    policy: Clusters,
    *,
    over: str,
    gap_m: float | None = None,
    joins: Iterable[str] = JOINS,
) -> gpd.GeoDataFrame:
    """The clusters into which ``parcels`` fall, each parcel in one, single parcels too; largest area first.

    ``parcels`` has ``parcel_code``, ``site_area_m2``, ``gfa_m2`` and polygons in metres; pairs of ``adjacency`` count where
    their type is in ``joins`` and both parcels are given.  ``over`` names the set and is part of the id; ``gap_m`` is the
    widest lane that joins, in m (default: the policy's).

    ``area_m2`` is the sum of site areas, net of lanes; ``gfa_m2`` the sum of the known floor areas, NaN where none is
    known, beside ``n_gfa_unknown``.  The geometry is the union of the parcels.  ``elongation`` and ``compactness`` are taken
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

    codes = parcels["parcel_code"].to_numpy(dtype=object).astype(str)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    if (codes[1:] == codes[:-1]).any():
        raise ValueError("a parcel code stands twice")
    label = components(len(codes), *_edges(codes, adjacency, joins))
    count = int(label.max()) + 1 if len(label) else 0
    area = _numbers(parcels["site_area_m2"])[order]
    gfa = _numbers(parcels["gfa_m2"])[order]
    unknown = np.isnan(gfa)
    size = np.bincount(label, minlength=count)
    n_unknown = np.bincount(label[unknown], minlength=count)
    known_gfa = np.bincount(label, weights=np.where(unknown, 0.0, gfa), minlength=count)

    members = np.split(np.argsort(label, kind="stable"), np.cumsum(size)[:-1]) if count else []
    polygons: Shapes = np.asarray(parcels.geometry.array, dtype=object)[order]
    outlines = as_shapes([shapely.union_all(polygons[rows]) for rows in members])
    width = policy.lane_width.m if gap_m is None else gap_m
    ground = close_lanes(outlines, width, policy.tolerance.m)
    elongation, compactness = elongations(ground), compactnesses(ground)
    member_codes = [codes[rows].tolist() for rows in members]
    frame = gpd.GeoDataFrame(
        {
            "cluster_id": pd.array([cluster_id(over, of) for of in member_codes], dtype="str"),
            "parcel_codes": pd.Series(member_codes, dtype=object),
            "n_parcels": size.astype(np.int64),
            "area_m2": np.bincount(label, weights=area, minlength=count).astype(np.float64),
            "gfa_m2": np.where(n_unknown == size, np.nan, known_gfa),
            "n_gfa_unknown": n_unknown.astype(np.int64),
            "shape": pd.array(np.where(elongation > policy.belt_elongation.value, BELT, PATCH), dtype="str"),
            "elongation": elongation,
            "compactness": compactness,
            "synthetic": np.bincount(label, weights=_synthetic(parcels)[order], minlength=count) > 0,
        },
        geometry=outlines,
        crs=parcels.crs,
    )
    return frame.sort_values(["area_m2", "cluster_id"], ascending=[False, True], ignore_index=True)


def contiguous_areas(parcels: pd.DataFrame, adjacency: pd.DataFrame, joins: Iterable[str] = JOINS) -> Floats:
    """The site area in m² of all parcels that hang together with each, its own included, in the order of rows; (n,).

    ``parcels`` has ``parcel_code`` and ``site_area_m2``; pairs of ``adjacency`` count where their type is in ``joins``.
    """
    codes = parcels["parcel_code"].to_numpy(dtype=object).astype(str)
    order = np.argsort(codes, kind="stable")
    label = components(len(codes), *_edges(codes[order], adjacency, joins))
    areas: Floats = np.empty(len(codes))
    areas[order] = np.bincount(label, weights=_numbers(parcels["site_area_m2"])[order])[label]
    return areas


def cluster_id(over: str, codes: Iterable[str]) -> str:
    """The id of a cluster by its content: first 12 hex digits of SHA-256 over ``over`` and the sorted codes."""
    content = json.dumps([over, sorted(codes)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def components(n: int, a: Ints, b: Ints) -> Ints:
    """Number the connected components of n nodes and the edges (a, b), in the order of each one's first node.

    Every node takes the least label across its edges, and labels are followed to their roots, until nothing moves.
    """
    label = np.arange(n, dtype=np.int64)
    while True:
        least = np.minimum(label[a], label[b])
        lower = label.copy()
        # The root of either side is hung below the least of both; then every node looks up to its root.
        np.minimum.at(lower, label[a], least)
        np.minimum.at(lower, label[b], least)
        while (lower[lower] != lower).any():
            lower = lower[lower]
        if (lower == label).all():
            return np.unique(label, return_inverse=True)[1].astype(np.int64)
        label = lower


def close_lanes(outlines: Shapes, width_m: float, tolerance_m: float) -> Shapes:
    """The outlines with gaps up to ``width_m`` closed (grown by half of it and shrunk again), in metres.

    Lanes between parcels are no part of a cluster's net area, but a block with lanes through it is not a comb.
    """
    # The tolerance on top, so that a lane of just that width closes too.
    reach = width_m / 2 + tolerance_m
    grown = shapely.buffer(outlines, reach, join_style="mitre", mitre_limit=_MITRE)
    closed = shapely.buffer(grown, -reach, join_style="mitre", mitre_limit=_MITRE)
    # A sharp corner may lose its tip on the way back; no parcel's ground is lost.
    united: Shapes = shapely.union(closed, outlines)
    return united


def elongations(ground: Shapes) -> Floats:
    """L/W, at least 1, of the rectangle with each ground's area A and mean square depth m, to three places.

    With y = W/L, m/A = y/12 − y²/24, so y = 1 − √(1 − 24·m/A).  What is rounder than a square is deeper still: there it is 1.
    """
    share = np.clip(24 * mean_square_depths(ground) / shapely.area(ground), 0.0, 1.0)
    # 1 − √(1 − s) written so that nothing cancels where a belt is very long.
    elongation: Floats = np.round((1 + np.sqrt(1 - share)) / share, _PLACES)
    return elongation


def mean_square_depths(ground: Shapes) -> Floats:
    """The mean over each ground of the squared distance to its outer edge, in the squared unit of its coordinates.

    ∫ 2t · area(what lies deeper than t) dt / area, by Simpson's rule over equal layers from the edge to the deepest point.
    A hole is no edge: a block with one parcel missing is no belt, and the ground of a ring lies near the outer edge anyway.
    """
    filled = fill_holes(ground)
    deepest = shapely.length(shapely.maximum_inscribed_circle(filled))
    holed = np.flatnonzero(shapely.area(filled) > shapely.area(ground))
    total = np.zeros(len(ground))
    for layer in range(1, _LAYERS + 1):
        depth = deepest * layer / _LAYERS
        core = shapely.buffer(filled, -depth)
        core[holed] = shapely.intersection(core[holed], ground[holed])
        weight = 1 if layer == _LAYERS else 4 if layer % 2 else 2
        total += weight * 2 * depth * shapely.area(core)
    mean: Floats = total * deepest / (3 * _LAYERS) / shapely.area(ground)
    return mean


def compactnesses(ground: Shapes) -> Floats:
    """Polsby and Popper's 4π·area/perimeter² of each ground with its holes filled, 0–1 (1 a disc), to three places.

    Polsby, D. D. and Popper, R. D. (1991), Yale Law & Policy Review 9(2).
    """
    filled = fill_holes(ground)
    compactness: Floats = np.round(4 * np.pi * shapely.area(filled) / np.square(shapely.length(filled)), _PLACES)
    return compactness


def fill_holes(shapes: Shapes) -> Shapes:
    """Each shape without its holes."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    whole = shapely.polygons(shapely.get_exterior_ring(parts)) if len(parts) else parts
    return as_shapes([shapely.union_all(whole[owner == number]) for number in range(len(shapes))])


def as_shapes(shapes: Iterable[Any]) -> Shapes:
    """Shapes as a one-dimensional array, multi-part ones as one entry each."""
    listed = list(shapes)
    array: Shapes = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _edges(codes: npt.NDArray[np.str_], adjacency: pd.DataFrame, joins: Iterable[str]) -> tuple[Ints, Ints]:
    joining = adjacency[adjacency["type"].isin(list(joins))]
    ends = []
    for column in ("parcel_a", "parcel_b"):
        asked = joining[column].to_numpy(dtype=object).astype(str)
        place = np.minimum(np.searchsorted(codes, asked), max(len(codes) - 1, 0))
        ends.append((place, codes[place] == asked if len(codes) else np.zeros(len(asked), dtype=bool)))
    both = ends[0][1] & ends[1][1]
    return ends[0][0][both].astype(np.int64), ends[1][0][both].astype(np.int64)


def _synthetic(parcels: pd.DataFrame) -> npt.NDArray[np.bool_]:
    if "synthetic" not in parcels:
        return np.zeros(len(parcels), dtype=bool)
    marked: npt.NDArray[np.bool_] = parcels["synthetic"].to_numpy(dtype=bool)
    return marked


def _numbers(column: pd.Series[Any]) -> Floats:
    numbers: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers
