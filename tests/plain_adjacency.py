"""How parcels lie to each other: along a shared edge, over a lane, at a corner, or with a barrier between.

The kernel.  It takes every width and length as an argument and knows no policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import shapely
from plain_frontage import TOUCH, Ground, frontage, sum_by
from plain_segments import Contacts, Floats, Ints, Shapes, contacts

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

SHARED_EDGE, LANE, CORNER, BARRIER = TYPES = ("shared_edge", "lane", "corner", "barrier")
COLUMNS = ("parcel_a", "parcel_b", "type", "length_m", "gap_m", "barrier")

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
    step_m = max(min_frontage_m / _STEPS, tolerance_m)
    # What is drawn just as wide as it may be, or just as long as it must be, is so whatever its last bit.
    tolerance_m, reach_m = tolerance_m + TOUCH, lane_width_m + tolerance_m + TOUCH
    min_shared_edge_m, min_frontage_m = min_shared_edge_m - TOUCH, min_frontage_m - TOUCH
    codes = parcels["parcel_code"].to_numpy(dtype=object)
    order = np.argsort(codes.astype(str), kind="stable")
    codes = codes[order]
    if len(set(codes)) < len(codes):
        raise ValueError("a parcel code stands twice")
    polygons: Shapes = shapely.force_2d(np.asarray(parcels.geometry.array, dtype=object)[order])
    names, shapes = _blocking(barriers, crossable)

    ground = Ground.of(polygons, shapes)
    a, b, gap = _near_pairs(polygons, reach_m)

    touching = np.flatnonzero(gap <= tolerance_m)
    contact = _contact(ground, a[touching], b[touching], tolerance_m)
    lengths = contact.lengths(len(touching))
    free, by = _free_contact(contact, lengths, ground.barriers, shapes, tolerance_m)
    edge = lengths >= min_shared_edge_m
    parted = edge & ((free < min_shared_edge_m) | ((free < lengths - free - TOUCH) & (free < min_frontage_m)))

    kind = np.full(len(a), "", dtype=object)
    length, between = np.zeros(len(a)), np.full(len(a), -1, dtype=np.int64)
    kind[touching] = np.where(parted, BARRIER, np.where(edge, SHARED_EDGE, CORNER))
    length[touching], between[touching] = lengths, np.where(parted, by, -1)

    apart = np.flatnonzero(((kind == "") | (kind == CORNER)) & (lane_width_m > 0))
    front = frontage(ground, a[apart], b[apart], width_m=reach_m, step_m=step_m, slack_m=tolerance_m)
    lane = (front.free_m >= min_frontage_m) & (front.free_m > 0)
    cut = ~lane & (kind[apart] == "") & (front.facing_m >= min_frontage_m) & (front.free_m < front.facing_m)
    most = _most(len(apart), front.cut_pair, front.cut_barrier, front.cut_m)
    kind[apart[lane]], kind[apart[cut]] = LANE, BARRIER
    length[apart[lane]], length[apart[cut]] = front.free_m[lane], front.facing_m[cut]
    between[apart[cut]] = most[cut]

    kept = kind != ""
    return _frame(codes[a[kept]], codes[b[kept]], kind[kept], length[kept], gap[kept], _named(names, between[kept]))


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


def _near_pairs(polygons: Shapes, distance_m: float) -> tuple[Ints, Ints, Floats]:
    """The pairs (a < b, in rising order) no farther apart than that, and how far each is."""
    xmin, ymin, xmax, ymax = shapely.bounds(polygons).T
    reach = shapely.box(xmin - distance_m, ymin - distance_m, xmax + distance_m, ymax + distance_m)
    a, b = shapely.STRtree(polygons).query(reach)
    a, b = a[a < b].astype(np.int64), b[a < b].astype(np.int64)
    near = shapely.dwithin(*_prepared(polygons, a, b), distance_m)
    a, b = a[near], b[near]
    order = np.lexsort((b, a))
    a, b = a[order], b[order]
    apart = ~shapely.intersects(*_prepared(polygons, a, b))
    gap = np.zeros(len(a))
    gap[apart] = shapely.distance(polygons[a[apart]], polygons[b[apart]])
    return a, b, gap


def _prepared(polygons: Shapes, a: Ints, b: Ints) -> tuple[Shapes, Shapes]:
    """The two of each pair, that of more corners first and prepared: one street polygon may border thousands of parcels."""
    size = shapely.get_num_coordinates(polygons)
    first = size[a] >= size[b]
    one, other = polygons[np.where(first, a, b)], polygons[np.where(first, b, a)]
    shapely.prepare(one)
    return one, other


def _contact(ground: Ground, a: Ints, b: Ints, tolerance_m: float) -> Contacts:
    """The longest of three for each pair: b's outline along a's, a's along b's, and a's or b's outline inside the other."""
    ways = list(contacts(ground.segments, a, b, tolerance_m))
    across = _drawn_across(ground.polygons, a, b, tolerance_m)
    for one, other in ((a, b), (b, a)):
        outline = shapely.boundary(ground.polygons[one[across]])
        inside = shapely.intersection(outline, ground.polygons[other[across]])
        ways.append(Contacts(across, inside))
    length = np.stack([way.lengths(len(a)) for way in ways])
    length -= TOUCH * np.arange(len(ways))[:, None]  # of two as long it is the first, whatever the last bit
    best = np.argmax(length, axis=0) if len(a) else np.empty(0, dtype=np.int64)
    kept = [(way.pair[best[way.pair] == n], way.lines[best[way.pair] == n]) for n, way in enumerate(ways)]
    return Contacts(np.concatenate([pair for pair, _ in kept]), np.concatenate([lines for _, lines in kept]))


def _drawn_across(polygons: Shapes, a: Ints, b: Ints, tolerance_m: float) -> Ints:
    """The numbers of the pairs that cover the same ground over more than the tolerance's width."""
    larger, smaller = _prepared(polygons, a, b)
    rows = np.flatnonzero(shapely.intersects(larger, smaller) & ~shapely.touches(larger, smaller))
    common = shapely.intersection(larger[rows], smaller[rows])
    # An overlap within the tolerance is drawing noise: the outlines run along one another, and that is measured.
    deep: Ints = rows[~shapely.is_empty(shapely.buffer(common, -tolerance_m / 2))]
    return deep


def _free_contact(
    contact: Contacts, lengths: Floats, tree: shapely.STRtree, shapes: Shapes, tolerance_m: float
) -> tuple[Floats, Ints]:
    """How much of each pair's contact has no barrier within the tolerance, and which barrier takes most of it."""
    line, barrier = tree.query(contact.lines, predicate="dwithin", distance=tolerance_m)
    if not len(line):
        return lengths, np.full(len(lengths), -1, dtype=np.int64)
    # Only the piece of the barrier that is near is widened: a railway may be kilometres long.
    corners = shapely.bounds(contact.lines[line]) + 2 * tolerance_m * np.array([-1, -1, 1, 1])
    near = shapely.buffer(shapely.intersection(shapes[barrier], shapely.box(*corners.T)), tolerance_m)
    taken = shapely.length(shapely.intersection(contact.lines[line], near))
    met, row = np.unique(line, return_inverse=True)
    together = shapely.union_all(_rows(near, row, len(met)), axis=1)
    cut = shapely.length(shapely.intersection(contact.lines[met], together))
    free = np.maximum(lengths - np.bincount(contact.pair[met], weights=cut, minlength=len(lengths)), 0.0)
    return free, _most(len(lengths), *sum_by(contact.pair[line], barrier.astype(np.int64), taken))


def _rows(shapes: Shapes, row: Ints, n: int) -> Shapes:
    """Shapes of the same row side by side, ``None`` where a row has fewer: (n, the most of one row)."""
    order = np.argsort(row, kind="stable")
    count = np.bincount(row, minlength=n)
    column = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    table: Shapes = np.full((n, int(count.max())), None, dtype=object)
    table[row[order], column] = shapes[order]
    return table


def _most(n: int, pair: Ints, barrier: Ints, length: Floats) -> Ints:
    """The barrier with the greatest length of each pair, the first by name of equal ones; -1 where there is none.

    Lengths of the same metres are added up in another order here than there: equal is what differs by rounding alone.
    """
    longest = np.zeros(n)
    np.maximum.at(longest, pair, length)
    alike = (length > 0) & (length >= longest[pair] - TOUCH)
    most = np.full(n, len(barrier) and barrier.max() + 1, dtype=np.int64)
    np.minimum.at(most, pair[alike], barrier[alike])
    most[np.bincount(pair[alike], minlength=n) == 0] = -1
    return most


def _named(names: list[str], between: Ints) -> list[str | None]:
    return [names[number] if number >= 0 else None for number in between]


def _frame(a: Shapes, b: Shapes, kind: Shapes, length: Floats, gap: Floats, barrier: list[str | None]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "parcel_a": pd.array(a, dtype="str"),
            "parcel_b": pd.array(b, dtype="str"),
            "type": pd.array(kind, dtype="str"),
            "length_m": length,
            "gap_m": gap,
            "barrier": pd.Series(barrier, dtype=object),
        },
        columns=list(COLUMNS),
    )
