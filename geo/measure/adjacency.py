"""How parcels lie to each other: along a shared edge, over a lane, at a corner, or with a barrier between.

The kernel.  It takes every width and length as an argument and knows no policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.measure.across import cut_lines, drawn_across
from geo.measure.crossing import title
from geo.measure.outlines import Outlines
from geo.measure.pairs import BARRIER, COLUMNS, CORNER, LANE, SHARED_EDGE, TYPES, Pairs
from geo.said import Said, say

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.measure.kernel import Ground

__all__ = [
    "BARRIER",
    "COLUMNS",
    "CORNER",
    "LANE",
    "SHARED_EDGE",
    "TYPES",
    "Widths",
    "barrier_parts",
    "barriers_that_part",
    "contiguous",
    "joined",
    "typed_adjacency",
    "typed_pairs",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

_EDGE, _LANE, _CORNER, _BARRIER = range(4)
_NONE = -1

#: the shortest frontage that counts is sampled in so many steps: a resolution, not a threshold
_STEPS = 10


@dataclass(frozen=True)
class Widths:
    """What joins two parcels, in m; :func:`typed_adjacency` says how."""

    tolerance_m: float
    min_shared_edge_m: float
    lane_width_m: float
    min_frontage_m: float

    @property
    def reach_m(self) -> float:
        """How far apart two parcels may be over a lane.

        A width is drawn no more exactly than an edge: a lane of just the widest width is one, whatever its last centimetre.
        """
        return self.lane_width_m + self.tolerance_m

    @property
    def step_m(self) -> float:
        """How far apart the places are at which a frontage is sampled."""
        return max(self.min_frontage_m / _STEPS, self.tolerance_m)


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

    ``parcels`` has ``parcel_code`` and polygons in metres (one without an outline is in no pair), ``barriers`` lines or
    polygons with ``barrier_class`` and ``name``; a barrier whose class is ``True`` in ``crossable`` parts nothing, one whose
    class is not named there does.

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
    names, shapes = barriers_that_part(barriers, crossable)
    # What has no outline has no neighbour.
    drawn = parcels[~(parcels.geometry.is_empty | parcels.geometry.isna())]
    codes = pa.array(drawn["parcel_code"].astype("str"), pa.large_string(), from_pandas=True)
    outlines = Outlines.of(np.asarray(drawn.geometry.array, dtype=object))
    widths = Widths(tolerance_m, min_shared_edge_m, lane_width_m, min_frontage_m)
    return typed_pairs(codes, outlines, names, shapes, widths).frame()


def typed_pairs(codes: pa.Array, outlines: Outlines, names: list[str], shapes: Shapes, widths: Widths) -> Pairs:
    """The same of codes (n,) and outlines in metres, and of barriers that part with what they are called.

    Raises
    ------
    ValueError
        A parcel code stands twice.
    """
    # Brought in here: whoever reads kept pairs waits for no compiler.
    from geo.measure.kernel import TOUCH, Ground, is_parted

    if pc.count_distinct(codes).as_py() < len(codes):
        raise ValueError("a parcel code stands twice")
    _say_what_is_compiled()
    say(Said(f"finding which of {len(codes):,} parcels are near each other", f"查找 {len(codes):,} 个地块中相近者"))
    order = pc.sort_indices(codes).to_numpy().astype(np.int64)  # by UTF-8 bytes, which is by code points
    ground = Ground.of(outlines, order, shapes)
    # What is drawn just as wide as it may be, or just as long as it must be, is so whatever its last bit.
    tolerance, reach = widths.tolerance_m + TOUCH, widths.reach_m + TOUCH
    least_edge, least_front = widths.min_shared_edge_m - TOUCH, widths.min_frontage_m - TOUCH
    a, b, gap = ground.near(reach)
    touching = np.flatnonzero(gap <= tolerance)
    say(Said(f"measuring how {len(touching):,} pairs touch", f"量算 {len(touching):,} 对地块的相接"))
    lengths, cut, by = _contact(ground, outlines, order, shapes, a[touching], b[touching], tolerance)
    free = np.maximum(lengths - cut, 0.0)
    edge = lengths >= least_edge
    parted = edge & is_parted(lengths, free, least_edge, least_front)

    kind = np.full(len(a), _NONE, dtype=np.int8)
    length, between = np.zeros(len(a)), np.full(len(a), -1, dtype=np.int64)
    kind[touching] = np.where(parted, _BARRIER, np.where(edge, _EDGE, _CORNER))
    length[touching], between[touching] = lengths, np.where(parted, by, -1)

    apart = np.flatnonzero(((kind == _NONE) | (kind == _CORNER)) & (widths.lane_width_m > 0))
    say(Said(f"measuring how {len(apart):,} pairs face each other", f"量算 {len(apart):,} 对地块的临街面"))
    facing, open_, most = ground.frontages(
        (a, b), a[apart], b[apart], width_m=reach, step_m=widths.step_m, slack_m=tolerance
    )
    lane = (open_ >= least_front) & (open_ > 0)
    cut_off = ~lane & (kind[apart] == _NONE) & (facing >= least_front) & (open_ < facing)
    kind[apart[lane]], kind[apart[cut_off]] = _LANE, _BARRIER
    length[apart[lane]], length[apart[cut_off]] = open_[lane], facing[cut_off]
    between[apart[cut_off]] = most[cut_off]

    kept = kind != _NONE
    return Pairs(codes.take(order), a[kept], b[kept], kind[kept], length[kept], gap[kept], names, between[kept])


def contiguous(outlines: Outlines, shapes: Shapes, widths: Widths) -> Ints:
    """Which parcels hang together over shared edges and lanes: a number for each (n,), the same as its set's.

    It is what comes of :func:`typed_pairs`, but most pairs are never looked at: those whose two hang together already.
    """
    from geo.measure.kernel import TOUCH, Ground, Joining, by_place, is_parted

    _say_what_is_compiled()
    say(Said(f"joining {len(outlines):,} parcels", f"将 {len(outlines):,} 个地块连片"))
    order = by_place(outlines)
    ground = Ground.of(outlines, order, shapes)
    tolerance, reach = widths.tolerance_m + TOUCH, widths.reach_m + TOUCH
    least_edge, least_front = widths.min_shared_edge_m - TOUCH, widths.min_frontage_m - TOUCH
    joining = Joining.of(ground, reach)
    a, b = joining.over_edges(tolerance, least_edge, least_front)
    lengths, cut, _ = _contact(ground, outlines, order, shapes, a, b, tolerance)
    edge = lengths >= least_edge
    parted = edge & is_parted(lengths, np.maximum(lengths - cut, 0.0), least_edge, least_front)
    joining.pairs(a[edge & ~parted], b[edge & ~parted])
    if widths.lane_width_m > 0:
        joining.over_lanes((a[parted], b[parted]), tolerance, least_edge, least_front, widths.step_m)
    return joining.labels(order)


def joined(adjacency: pd.DataFrame, types: Iterable[str] = (SHARED_EDGE, LANE)) -> pd.DataFrame:
    """The pairs of these types only; by default those over which parcels hang together."""
    return adjacency[adjacency["type"].isin(list(types))]


def barrier_parts(text: str) -> tuple[str, str | None]:
    """What ``barrier`` says: the class, and the name where the barrier has one."""
    barrier_class, _, name = text.partition(":")
    return barrier_class, name or None


def barriers_that_part(barriers: gpd.GeoDataFrame | None, crossable: Mapping[str, bool]) -> tuple[list[str], Shapes]:
    """Names and shapes of the barriers that part, in the order of their names, so that the order of rows tells nothing."""
    found: list[tuple[str, bytes, shapely.Geometry]] = []
    if barriers is not None:
        for of_class, name, shape in zip(barriers["barrier_class"], barriers["name"], barriers.geometry, strict=True):
            if shape is None or shape.is_empty or crossable.get(of_class, False):
                continue
            named = title(str(of_class), name if isinstance(name, str) else None)
            found.append((named, shapely.to_wkb(shape), shapely.force_2d(shape)))
    found.sort(key=lambda barrier: barrier[:2])
    shapes: Shapes = np.empty(len(found), dtype=object)
    shapes[:] = [shape for _, _, shape in found]
    return [named for named, _, _ in found], shapes


def _say_what_is_compiled() -> None:
    from geo.measure.kernel import is_ready

    if not is_ready():
        say(Said("compiling how adjacency is measured, once on this machine", "首次运行，正在编译邻接量算程序"))


def _contact(
    ground: Ground, outlines: Outlines, order: Ints, shapes: Shapes, a: Ints, b: Ints, tolerance_m: float
) -> tuple[Floats, Floats, Ints]:
    """Length of contact of each pair, how much of it barriers cut, and which of them most (-1: none), in m.

    The longest of three counts: b's outline along a's, a's along b's, and one's outline inside the other where they are
    drawn across each other.  The last are few, and GEOS measures them.
    """
    from geo.measure.kernel import TOUCH

    lengths, maybe = ground.contacts(a, b, tolerance_m)
    cut, by = ground.cuts(a, b, tolerance_m)
    rows = np.flatnonzero(maybe)
    deep, inner = drawn_across(outlines.shapes(order[a[rows]]), outlines.shapes(order[b[rows]]), tolerance_m)
    rows, inner_length = rows[deep], shapely.length(inner)
    longer = inner_length > lengths[rows] + TOUCH
    rows, inner = rows[longer], inner[longer]
    lengths[rows] = inner_length[longer]
    cut[rows], by[rows] = cut_lines(inner, shapes, tolerance_m)
    return lengths, cut, by
