"""How parcels lie to each other: along a shared edge, over a lane, at a corner, or with a barrier between.

The kernel.  It takes every width and length as an argument and knows no policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from geo.measure.across import cut_lines, drawn_across

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.measure.kernel import Ground

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

SHARED_EDGE, LANE, CORNER, BARRIER = TYPES = ("shared_edge", "lane", "corner", "barrier")
COLUMNS = ("parcel_a", "parcel_b", "type", "length_m", "gap_m", "barrier")

_EDGE, _LANE, _CORNER, _BARRIER = range(4)
_NONE = -1

#: the shortest frontage that counts is sampled in so many steps: a resolution, not a threshold
_STEPS = 10


def typed_adjacency(
    parcels: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame | None = None,
    *,
    tolerance_m: float,
    min_shared_edge_m: float,
    lane_width_m: float,
    min_frontage_m: float,
    crossable: Mapping[str, bool],
) -> pd.DataFrame:
    """Every pair of parcels that touch, or face each other over a gap, with what they are to each other.

    ``parcels`` has ``parcel_code`` and polygons in metres, ``barriers`` lines or polygons with ``barrier_class`` and
    ``name``; a barrier whose class is ``True`` in ``crossable`` parts nothing, one whose class is not named there does.

    ``shared_edge``
        the outlines run along one another within ``tolerance_m`` (gap or overlap) for at least ``min_shared_edge_m``,
        or the parcels are drawn across each other; ``length_m`` is that length.
    ``lane``
        they face each other over a gap of at most ``lane_width_m`` (give or take the tolerance; with 0 there are no lanes),
        and at least ``min_frontage_m`` of that frontage is free of barriers and of other parcels; ``length_m`` is the free
        frontage (:func:`geo.measure.frontage.frontage`).
    ``corner``
        no farther apart than ``tolerance_m``, and neither of these; ``length_m`` is the contact.
    ``barrier``
        it would be one of the first two if nothing lay between; ``barrier`` says what cuts most of it, as
        ``class`` or ``class:name``, and ``length_m`` is the contact or frontage with the barrier thought away.  An edge is
        parted where less than ``min_shared_edge_m`` of it is free, or where more of it is cut than free and less than
        ``min_frontage_m`` is free.

    Returns a row for each pair: ``parcel_a`` < ``parcel_b`` by code, ``type``, ``length_m`` and ``gap_m`` (the shortest
    distance) in m, ``barrier`` (``None`` unless the type is ``barrier``); sorted by both codes, whatever the order of rows.
    Clause 一(三) 集中连片; the widths are the policy's.

    Raises
    ------
    ValueError
        A parcel code stands twice.
    """
    codes = parcels["parcel_code"].to_numpy(dtype=object)
    order = np.argsort(codes.astype(str), kind="stable")
    codes = codes[order]
    if len(set(codes)) < len(codes):
        raise ValueError("a parcel code stands twice")
    polygons: Shapes = shapely.force_2d(np.asarray(parcels.geometry.array, dtype=object)[order])
    names, shapes = _blocking(barriers, crossable)
    # Brought in here: whoever reads kept pairs waits for no compiler.
    from geo.measure.kernel import Ground

    ground = Ground.of(polygons, shapes)
    # A width is drawn no more exactly than an edge: a lane of just the widest width is one, whatever its last centimetre.
    reach_m = lane_width_m + tolerance_m
    a, b, gap = ground.near(reach_m)

    touching = np.flatnonzero(gap <= tolerance_m)
    lengths, cut, by = _contact(ground, polygons, shapes, a[touching], b[touching], tolerance_m)
    free = np.maximum(lengths - cut, 0.0)
    edge = lengths >= min_shared_edge_m
    parted = edge & ((free < min_shared_edge_m) | ((free < lengths - free) & (free < min_frontage_m)))

    kind = np.full(len(a), _NONE, dtype=np.int8)
    length, between = np.zeros(len(a)), np.full(len(a), -1, dtype=np.int64)
    kind[touching] = np.where(parted, _BARRIER, np.where(edge, _EDGE, _CORNER))
    length[touching], between[touching] = lengths, np.where(parted, by, -1)

    apart = np.flatnonzero(((kind == _NONE) | (kind == _CORNER)) & (lane_width_m > 0))
    step_m = max(min_frontage_m / _STEPS, tolerance_m)
    facing, open_, most = ground.frontages(
        (a, b), a[apart], b[apart], width_m=reach_m, step_m=step_m, slack_m=tolerance_m
    )
    lane = (open_ >= min_frontage_m) & (open_ > 0)
    cut_off = ~lane & (kind[apart] == _NONE) & (facing >= min_frontage_m) & (open_ < facing)
    kind[apart[lane]], kind[apart[cut_off]] = _LANE, _BARRIER
    length[apart[lane]], length[apart[cut_off]] = open_[lane], facing[cut_off]
    between[apart[cut_off]] = most[cut_off]

    kept = kind != _NONE
    return _frame(codes, a[kept], b[kept], kind[kept], length[kept], gap[kept], names, between[kept])


def joined(adjacency: pd.DataFrame, types: Iterable[str] = (SHARED_EDGE, LANE)) -> pd.DataFrame:
    """The pairs of these types only; by default those over which parcels hang together."""
    return adjacency[adjacency["type"].isin(list(types))]


def barrier_parts(text: str) -> tuple[str, str | None]:
    """What ``barrier`` says: the class, and the name where the barrier has one."""
    barrier_class, _, name = text.partition(":")
    return barrier_class, name or None


def _blocking(barriers: gpd.GeoDataFrame | None, crossable: Mapping[str, bool]) -> tuple[list[str], Shapes]:
    """Names and shapes of the barriers that part, in the order of their names, so that the order of rows tells nothing."""
    found: list[tuple[str, bytes, shapely.Geometry]] = []
    if barriers is not None:
        for of_class, name, shape in zip(barriers["barrier_class"], barriers["name"], barriers.geometry, strict=True):
            if shape is None or shape.is_empty or crossable.get(of_class, False):
                continue
            title = f"{of_class}:{name}" if isinstance(name, str) and name else str(of_class)
            found.append((title, shapely.to_wkb(shape), shapely.force_2d(shape)))
    found.sort(key=lambda barrier: barrier[:2])
    shapes: Shapes = np.empty(len(found), dtype=object)
    shapes[:] = [shape for _, _, shape in found]
    return [title for title, _, _ in found], shapes


def _contact(
    ground: Ground, polygons: Shapes, shapes: Shapes, a: Ints, b: Ints, tolerance_m: float
) -> tuple[Floats, Floats, Ints]:
    """Length of contact of each pair, how much of it barriers cut, and which of them most (-1: none), in m.

    The longest of three counts: b's outline along a's, a's along b's, and one's outline inside the other where they are
    drawn across each other.  The last are few, and GEOS measures them.
    """
    lengths, maybe = ground.contacts(a, b, tolerance_m)
    cut, by = ground.cuts(a, b, tolerance_m)
    rows, inner = drawn_across(polygons, a, b, np.flatnonzero(maybe), tolerance_m)
    inner_length = shapely.length(inner)
    longer = inner_length > lengths[rows]
    rows, inner = rows[longer], inner[longer]
    lengths[rows] = inner_length[longer]
    cut[rows], by[rows] = cut_lines(inner, shapes, tolerance_m)
    return lengths, cut, by


def _frame(
    codes: Shapes,
    a: Ints,
    b: Ints,
    kind: npt.NDArray[np.int8],
    length: Floats,
    gap: Floats,
    names: list[str],
    between: Ints,
) -> pd.DataFrame:
    import pandas as pd

    named = np.array([*names, None], dtype=object)  # -1 takes the last
    return pd.DataFrame(
        {
            "parcel_a": pd.array(codes[a], dtype="str"),
            "parcel_b": pd.array(codes[b], dtype="str"),
            "type": pd.array(np.array(TYPES, dtype=object)[kind], dtype="str"),
            "length_m": length,
            "gap_m": gap,
            "barrier": pd.Series(named[between], dtype=object),
        },
        columns=list(COLUMNS),
    )
