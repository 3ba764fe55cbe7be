"""Outlines against each other: drawn twice, overlapping, or parted by a gap that no land fills.

All of it is done set-wise.  Within a file the coverage of the outlines is looked at tile by tile (GEOS finds every edge that
is not matched by its neighbour in near-linear time); only what it points at is measured pair by pair.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from geo.database import Database
from geo.intake.columns import Rows
from geo.intake.findings import Mask, Objects
from geo.intake.outlines import Drawn, Floats, Positions
from geo.intake.report import Step, unheard
from geo.intake.shapes import FIELD
from geo.intake.tiles import tiles
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


def check_duplicate_shapes(rows: Rows, shapes: Drawn) -> None:
    """Warn of the same outline under several codes of one file, whatever corner it begins at."""
    here = _areas(shapes)
    by_outline: defaultdict[bytes, list[int]] = defaultdict(list)
    # Equal outlines have equal extents; only those that share one are brought into normal form, which is dear.
    shared = here[pd.DataFrame(shapes.bounds[here].round(3)).duplicated(keep=False).to_numpy()]
    for position, shape in zip(shared.tolist(), shapes.outlines.shapes(shared), strict=True):
        normal = shapely.normalize(shapely.set_precision(shape, _ON_EDGE))
        by_outline[shapely.to_wkb(normal)].append(position)
    keys = rows.codes
    for positions in by_outline.values():
        for position in positions:
            others = [str(keys[other]) for other in positions if other != position]
            if others:
                told = ", ".join(others[:SHOWN_NEIGHBOURS]) + (" …" if len(others) > SHOWN_NEIGHBOURS else "")
                advice = f"Has the very outline of {told}: is it the same land entered twice?"
                rows.findings.add([position], FIELD, {position: told}, "duplicate_shape", advice)


def check_neighbours(rows: Rows, shapes: Drawn, tolerances: Intake, step: Step = unheard) -> None:
    """Warn of outlines of one file that overlap, that are slivers, or that a sliver of no land parts.

    ``step(done, total)`` is told how many outlines are held against their neighbours.
    """
    here = _areas(shapes)
    large = (shapes.dimension == 2) & (shapes.points > MOST_POINTS)
    advice = (
        f"Its outline has over {MOST_POINTS:,} points: check by eye whether it overlaps others, or draw it in parts."
    )
    rows.findings.add(large, FIELD, rows.codes, "too_many_points", advice)
    width, least = tolerances.sliver_width.m, tolerances.overlap_area.m2
    thin = here[_width(shapes.area[here], shapes.length[here]) < width]
    advice = f"Its outline is narrower than {width:g} m: is it a leftover?"
    rows.findings.add(thin.tolist(), FIELD, rows.codes, "sliver", advice)
    found: dict[str, dict[tuple[int, int], float]] = {"overlap": {}, "sliver_overlap": {}, "sliver_gap": {}}
    done = 0
    for own, near in tiles(shapes.bounds, here, width):
        for rule, pairs in _pairs(shapes.outlines.shapes(near), np.isin(near, own), width, least).items():
            # A pair across the edge of two tiles is met in both, and is the same in both.
            found[rule] |= {(int(near[a]), int(near[b])): size for (a, b), size in pairs.items()}
        done += len(own)
        step(done, len(here))
    for rule, pairs in found.items():
        _tell_pairs(rows, pairs, rule)


def _pairs(areas: Objects, own: Mask, width: float, least: float) -> dict[str, dict[tuple[int, int], float]]:
    """Pairs of positions in ``areas`` and the m² by which they overlap or are parted, by rule; one of each pair is ``own``."""
    found: dict[str, dict[tuple[int, int], float]] = {}
    if len(areas) < 2:
        return found
    unmatched = np.flatnonzero(own & ~shapely.is_empty(shapely.coverage_invalid_edges(areas, gap_width=width)))
    if not len(unmatched):
        return found
    tree = shapely.STRtree(areas)
    one, other = tree.query(areas[unmatched], predicate="dwithin", distance=width)
    one = unmatched[one]
    pairs = np.unique(np.sort(np.column_stack([one, other])[one != other], axis=1), axis=0)
    if not len(pairs):
        return found
    a, b = pairs[:, 0], pairs[:, 1]
    shared = shapely.intersection(areas[a], areas[b])
    area = shapely.area(shared)
    large, narrow = area > least, _width(area, shapely.length(shared)) < width
    gap = _gaps(tree, areas, a, b, width, least)
    for rule, chosen, size in (
        ("overlap", large & ~narrow, area),
        ("sliver_overlap", large & narrow, area),
        ("sliver_gap", gap > least, gap),
    ):
        found[rule] = dict(zip(map(tuple, pairs[chosen].tolist()), size[chosen].tolist(), strict=True))
    return found


def check_registered(db: Database, rows: Rows, shapes: Drawn, tolerances: Intake, day: object) -> None:
    """Warn of outlines that overlap registered land of other codes than the file's, as it holds on ``day`` and after."""
    here = _areas(shapes)
    if not len(here):
        return
    low, high = shapes.bounds[here, :2].min(axis=0), shapes.bounds[here, 2:].max(axis=0)
    # By code: one code may hold in several versions from that day on.
    found: defaultdict[int, dict[str, float]] = defaultdict(dict)
    # As bytes: a cast of every outline to text would cost more than the check.  In the order of the plane, so that what comes
    # together lies together, and few of the file's outlines are near it.
    query = sa.text(
        f"SELECT parcel_code, ST_AsBinary(geom) AS shape FROM registry.{rows.kind.name} "
        "WHERE recorded_to IS NULL AND (valid_to IS NULL OR valid_to > :day) "
        "AND geom && ST_MakeEnvelope(:x0, :y0, :x1, :y1, :srid) "
        "AND NOT EXISTS (SELECT FROM unnest(CAST(:codes AS text[])) AS own(code) WHERE own.code = parcel_code) "
        "ORDER BY geom"
    )
    values = {"day": day, "x0": low[0], "y0": low[1], "x1": high[0], "y1": high[1], "srid": db.srid}
    with db.read() as connection:
        if not connection.execute(sa.text(f"SELECT EXISTS (SELECT FROM registry.{rows.kind.name})")).scalar_one():
            return
        codes = rows.codes.drop_null().to_pylist()
        result = connection.execution_options(yield_per=_CHUNK).execute(query, values | {"codes": codes})
        for chunk in result.partitions():
            theirs = shapely.from_wkb([bytes(row.shape) for row in chunk])
            x0, y0, x1, y1 = shapely.total_bounds(theirs)
            box = shapes.bounds[here]
            near = here[(box[:, 0] <= x1) & (box[:, 2] >= x0) & (box[:, 1] <= y1) & (box[:, 3] >= y0)]
            areas = shapes.outlines.shapes(near)
            there, ours = shapely.STRtree(areas).query(theirs, predicate="intersects")
            area = shapely.area(shapely.intersection(theirs[there], areas[ours]))
            for i in np.flatnonzero(area > tolerances.overlap_area.m2).tolist():
                position, code = int(near[ours[i]]), str(chunk[there[i]].parcel_code)
                found[position][code] = max(float(area[i]), found[position].get(code, 0.0))
    told = {position: list(codes.items()) for position, codes in found.items()}
    _tell(rows, told, "overlap_registered")


def _areas(shapes: Drawn) -> Positions:
    """The positions of the shapes that are areas, but those of so many points that each neighbour would cost seconds."""
    return np.flatnonzero((shapes.dimension == 2) & (shapes.points <= MOST_POINTS))


def _width(area: Floats, edge: Floats) -> Floats:
    """The mean width of each area in m: that of a strip with the same area and the same edge, 2 · area / edge."""
    found: Floats = np.divide(2 * area, edge, out=np.full(len(area), np.inf), where=edge > 0)
    return found


def _gaps(tree: shapely.STRtree, areas: Objects, a: Positions, b: Positions, width: float, least: float) -> Floats:
    """The area in m² between each pair that is nowhere wider than ``width`` and that no outline of the file covers.

    0 where it cannot be more than ``least``.
    """
    both = shapely.union(areas[a], areas[b])
    half = width / 2
    closed = shapely.buffer(shapely.buffer(both, half, join_style="mitre"), -half, join_style="mitre")
    # No gap is larger than what closing adds; most pairs are told by that, and nearly equal outlines are slow to subtract.
    wide = np.flatnonzero(shapely.area(closed) - shapely.area(both) > least)
    parts, of_wide = shapely.get_parts(shapely.difference(closed[wide], both[wide]), return_index=True)
    of_pair = wide[of_wide]
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


def _tell_pairs(rows: Rows, pairs: dict[tuple[int, int], float], rule: str) -> None:
    told: defaultdict[int, list[tuple[str, float]]] = defaultdict(list)
    for (one, other), size in pairs.items():
        told[one].append((str(rows.codes[other]), size))
        told[other].append((str(rows.codes[one]), size))
    _tell(rows, told, rule)


_SAID = {
    "overlap": "overlaps",
    "overlap_registered": "overlaps the registered",
    "sliver_overlap": "overlaps, in a sliver,",
    "sliver_gap": "is parted by a sliver of no land from",
}


def _tell(rows: Rows, told: dict[int, list[tuple[str, float]]], rule: str) -> None:
    """One finding a neighbour, the largest first; how many more there are stands in the last."""
    for position in sorted(told):
        ordered = sorted(told[position], key=lambda item: (-item[1], item[0]))
        for number, (code, size) in enumerate(ordered[:SHOWN_NEIGHBOURS], start=1):
            rest = len(ordered) - SHOWN_NEIGHBOURS
            more = f" And {rest} more such." if number == SHOWN_NEIGHBOURS and rest > 0 else ""
            own = rows.codes[position].as_py() or "This outline"
            advice = f"{own} {_SAID[rule]} {code} by {size:,.1f} m²: mend one of the outlines.{more}"
            rows.findings.add([position], FIELD, {position: f"{code}: {size:,.1f} m²"}, rule, advice)
