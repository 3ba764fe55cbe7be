"""Outlines against each other: drawn twice, overlapping, or parted by a gap that no land fills.

All of it is done set-wise.  Within a file the coverage of all outlines is looked at once (GEOS finds every edge that is not
matched by its neighbour in near-linear time); only what it points at is measured pair by pair.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt
import shapely
import sqlalchemy as sa

from geo.database import Database
from geo.intake.columns import Rows
from geo.intake.findings import Objects
from geo.intake.shapes import FIELD
from geo.policy import Intake

#: of so many neighbours at most is told in one row, the largest first
SHOWN_NEIGHBOURS = 3
#: points beyond which an outline is not held against its neighbours: Cambridge's streets of 2014 are one that touches
#: thirteen thousand parcels
MOST_POINTS = 5_000
#: outlines of registered land that are looked at together
_CHUNK = 20_000
#: an edge of a gap lies on an outline if it is nearer than this (m)
_ON_EDGE = 1e-3

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


def check_duplicate_shapes(rows: Rows, shapes: Objects) -> None:
    """Warn of the same outline under several codes of one file, whatever corner it begins at."""
    here = _areas(shapes)
    by_outline: defaultdict[bytes, list[int]] = defaultdict(list)
    # Equal outlines have equal extents; only those that share one are brought into normal form, which is dear.
    extents = shapely.bounds(shapes[here]).round(3)
    _, inverse, count = np.unique(extents, axis=0, return_inverse=True, return_counts=True)
    for position in here[count[inverse.reshape(-1)] > 1].tolist():
        normal = shapely.normalize(shapely.set_precision(shapes[position], _ON_EDGE))
        by_outline[shapely.to_wkb(normal)].append(position)
    keys = rows.keys()
    for positions in by_outline.values():
        for position in positions:
            others = [str(keys[other]) for other in positions if other != position]
            if others:
                told = ", ".join(others[:SHOWN_NEIGHBOURS]) + (" …" if len(others) > SHOWN_NEIGHBOURS else "")
                advice = f"Has the very outline of {told}: is it the same land entered twice?"
                rows.findings.add([position], FIELD, {position: told}, "duplicate_shape", advice)


def check_neighbours(rows: Rows, shapes: Objects, tolerances: Intake) -> None:
    """Warn of outlines of one file that overlap, that are slivers, or that a sliver of no land parts."""
    here = _areas(shapes)
    areas = shapes[here]
    keys = rows.keys()
    width, least = tolerances.sliver_width.m, tolerances.overlap_area.m2
    thin = np.zeros(len(shapes), dtype=bool)
    thin[here] = _width(areas) < width
    rows.findings.add(thin, FIELD, keys, "sliver", f"Its outline is narrower than {width:g} m: is it a leftover?")
    if len(areas) < 2:
        return
    unmatched = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(areas, gap_width=width)))
    if not len(unmatched):
        return
    tree = shapely.STRtree(areas)
    one, other = tree.query(areas[unmatched], predicate="dwithin", distance=width)
    one = unmatched[one]
    pairs = np.unique(np.sort(np.column_stack([one, other])[one != other], axis=1), axis=0)
    if not len(pairs):
        return
    a, b = pairs[:, 0], pairs[:, 1]
    shared = shapely.intersection(areas[a], areas[b])
    area = shapely.area(shared)
    for rule, chosen in _by_width(shared, area, width, least, "overlap").items():
        _tell_pairs(rows, keys, here[a[chosen]], here[b[chosen]], area[chosen], rule)
    gap = _gaps(tree, areas, a, b, width)
    chosen = np.flatnonzero(gap > least)
    _tell_pairs(rows, keys, here[a[chosen]], here[b[chosen]], gap[chosen], "sliver_gap")


def check_registered(db: Database, rows: Rows, shapes: Objects, tolerances: Intake, day: object) -> None:
    """Warn of outlines that overlap registered land of other codes than the file's, as it holds on ``day`` and after."""
    here = _areas(shapes)
    if not len(here):
        return
    areas, keys = shapes[here], rows.keys()
    tree = shapely.STRtree(areas)
    low, high = shapely.bounds(areas).min(axis=0)[:2], shapely.bounds(areas).max(axis=0)[2:]
    # By code: one code may hold in several versions from that day on.
    found: defaultdict[int, dict[str, float]] = defaultdict(dict)
    # As bytes: a cast of every outline to text would cost more than the check.
    query = sa.text(
        f"SELECT parcel_code, ST_AsBinary(geom) AS shape FROM registry.{rows.kind.name} "
        "WHERE recorded_to IS NULL AND (valid_to IS NULL OR valid_to > :day) "
        "AND geom && ST_MakeEnvelope(:x0, :y0, :x1, :y1, :srid) "
        "AND NOT EXISTS (SELECT FROM unnest(CAST(:codes AS text[])) AS own(code) WHERE own.code = parcel_code)"
    )
    values = {"day": day, "x0": low[0], "y0": low[1], "x1": high[0], "y1": high[1], "srid": db.srid}
    codes = [str(key) for key in keys if key is not None]
    with db.read() as connection:
        result = connection.execution_options(yield_per=_CHUNK).execute(query, values | {"codes": codes})
        for chunk in result.partitions():
            theirs = shapely.from_wkb([bytes(row.shape) for row in chunk])
            there, ours = tree.query(theirs, predicate="intersects")
            area = shapely.area(shapely.intersection(theirs[there], areas[ours]))
            for i in np.flatnonzero(area > tolerances.overlap_area.m2).tolist():
                position, code = int(here[ours[i]]), str(chunk[there[i]].parcel_code)
                found[position][code] = max(float(area[i]), found[position].get(code, 0.0))
    told = {position: list(codes.items()) for position, codes in found.items()}
    _tell(rows, keys, told, "overlap_registered")


def _areas(shapes: Objects) -> Positions:
    """The positions of the shapes that are areas, but those of so many points that each neighbour would cost seconds."""
    return np.flatnonzero((shapely.get_dimensions(shapes) == 2) & (shapely.get_num_coordinates(shapes) <= MOST_POINTS))


def _width(shapes: Objects) -> Floats:
    """The mean width of each area in m: that of a strip with the same area and the same edge, 2 · area / edge."""
    edge = shapely.length(shapes)
    found: Floats = np.divide(2 * shapely.area(shapes), edge, out=np.full(len(shapes), np.inf), where=edge > 0)
    return found


def _by_width(shared: Objects, area: Floats, width: float, least: float, name: str) -> dict[str, Positions]:
    large, narrow = area > least, _width(shared) < width
    return {name: np.flatnonzero(large & ~narrow), f"sliver_{name}": np.flatnonzero(large & narrow)}


def _gaps(tree: shapely.STRtree, areas: Objects, a: Positions, b: Positions, width: float) -> Floats:
    """The area in m² between each pair that is nowhere wider than ``width`` and that no outline of the file covers."""
    both = shapely.union(areas[a], areas[b])
    half = width / 2
    closed = shapely.buffer(shapely.buffer(both, half, join_style="mitre"), -half, join_style="mitre")
    parts, of_pair = shapely.get_parts(shapely.difference(closed, both), return_index=True)
    # What touches one of the two alone is a slot of its own; the corners of a mitre are no gap either.
    between = (shapely.distance(parts, areas[a[of_pair]]) < _ON_EDGE) & (
        shapely.distance(parts, areas[b[of_pair]]) < _ON_EDGE
    )
    parts, of_pair = parts[between], of_pair[between]
    found: Floats = np.zeros(len(a))
    if not len(parts):
        return found
    part, covering = tree.query(parts, predicate="intersects")
    filled = shapely.area(shapely.intersection(parts[part], areas[covering]))
    free = shapely.area(parts) - np.bincount(part, weights=filled, minlength=len(parts))
    np.add.at(found, of_pair, np.clip(free, 0, None))
    return found


def _tell_pairs(rows: Rows, keys: Objects, a: Positions, b: Positions, area: Floats, rule: str) -> None:
    told: defaultdict[int, list[tuple[str, float]]] = defaultdict(list)
    for one, other, size in zip(a.tolist(), b.tolist(), area.tolist(), strict=True):
        told[one].append((str(keys[other]), size))
        told[other].append((str(keys[one]), size))
    _tell(rows, keys, told, rule)


_SAID = {
    "overlap": "overlaps",
    "overlap_registered": "overlaps the registered",
    "sliver_overlap": "overlaps, in a sliver,",
    "sliver_gap": "is parted by a sliver of no land from",
}


def _tell(rows: Rows, keys: Objects, told: dict[int, list[tuple[str, float]]], rule: str) -> None:
    """One finding a neighbour, the largest first; how many more there are stands in the last."""
    for position in sorted(told):
        ordered = sorted(told[position], key=lambda item: (-item[1], item[0]))
        for number, (code, size) in enumerate(ordered[:SHOWN_NEIGHBOURS], start=1):
            rest = len(ordered) - SHOWN_NEIGHBOURS
            more = f" And {rest} more such." if number == SHOWN_NEIGHBOURS and rest > 0 else ""
            advice = f"{keys[position]} {_SAID[rule]} {code} by {size:,.1f} m²: mend one of the outlines.{more}"
            rows.findings.add([position], FIELD, {position: f"{code}: {size:,.1f} m²"}, rule, advice)
