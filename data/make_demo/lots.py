"""The made-up lots: street blocks cut by oblique lines, with lanes, T-junctions, crossings and one lot alone."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import shapely
from drawn import NORTH_BUND, NORTH_MIDDLE_RING, to_degrees
from shapely import LineString, Polygon
from shapely.affinity import scale
from shapely.ops import unary_union
from streets import Block, Quarter, cut_apart, cutting_line

#: per quarter: main use of a street block → weight; the names are those of ``parcels.py``
_BUND_USES = {"office": 30, "shops": 12, "office_shops": 14, "housing": 24, "old_housing": 9, "culture": 5, "green": 6}
_RING_USES = {
    "housing": 28, "rnd": 16, "industry": 13, "office": 15, "science": 9, "shops": 7, "office_shops": 5, "green": 5,
    "storage": 2,
}  # fmt: skip
#: how large lots of a main use are, m²
_LOT_SIZE = {
    "office": 7_500, "shops": 3_400, "office_shops": 6_500, "housing": 9_500, "old_housing": 2_200, "culture": 4_500,
    "green": 11_000, "rnd": 9_500, "industry": 8_000, "science": 10_500, "storage": 9_000, "biotech": 10_500,
}  # fmt: skip


@dataclass
class Lot:
    """One made-up lot: outline in degrees (rounded) and in metres (as cut), block, main use of the block, zone."""

    code: str
    shape: Polygon
    metres: Polygon
    main: str
    zone: str
    block: Block
    lane: bool = False


def build(quarters: list[Quarter], rng: random.Random) -> list[Lot]:
    """Every lot of both quarters, in the order of their codes."""
    lots: list[Lot] = []
    for quarter in quarters:
        for block in quarter.blocks:
            main = _main_use(quarter, block, rng)
            pieces, lane = _cut(block, main, rng)
            for number, piece in enumerate(pieces, 1):
                shape = _in_degrees(piece)
                zone = _zone(piece)
                code = f"演示-{quarter.letter}{block.number:03d}-{number:02d}"
                lots.append(Lot(code, shape, piece, main, zone, block, lane))
    return lots


def _main_use(quarter: Quarter, block: Block, rng: random.Random) -> str:
    if block.special == "biotech":
        return "biotech"
    weights = dict(_BUND_USES if quarter.letter == "B" else _RING_USES)
    if quarter.letter == "B":
        # Offices gather by the water and in the middle, houses in the north.
        near = max(0.2, 1.6 - 1.2 * block.v)
        for use in ("office", "office_shops", "culture"):
            weights[use] = round(weights[use] * near)
        weights["old_housing"] = round(weights["old_housing"] * (0.4 + block.v))
    elif 0.2 < block.v < 0.8:
        weights["rnd"] += 8
        weights["office"] += 6
    return rng.choices(list(weights), list(weights.values()))[0]


def _cut(block: Block, main: str, rng: random.Random) -> tuple[list[Polygon], bool]:
    if block.special == "isolated":
        return [scale(block.area, 0.35, 0.35, origin=block.area.representative_point())], False
    if block.special == "crossed" or (block.area.area > 20_000 and rng.random() < 0.04):
        return _crossed(block.area, rng), False
    size = _LOT_SIZE[main] * rng.uniform(0.7, 1.35)
    lane = block.special == "" and block.area.area > 3 * size and rng.random() < 0.38
    return _divide(block.area, size, rng, 1 if lane else 0), lane


def _crossed(area: Polygon, rng: random.Random) -> list[Polygon]:
    """Four lots that meet in one point: two of each pair touch at the corner only."""
    first = cutting_line(area, rng, tilt=6)
    middle = first.intersection(area).interpolate(rng.uniform(0.42, 0.58), normalized=True)
    (ax, ay), (bx, by) = first.coords[0], first.coords[-1]
    length = math.dist((ax, ay), (bx, by))
    # Skewed by a few degrees from square, so that the four are no rectangles.
    dx, dy = -(by - ay) / length, (bx - ax) / length
    skew = rng.uniform(-0.12, 0.12)
    dx, dy = dx + skew * (bx - ax) / length, dy + skew * (by - ay) / length
    second = LineString(
        [(middle.x - 400 * dx, middle.y - 400 * dy), (middle.x, middle.y), (middle.x + 400 * dx, middle.y + 400 * dy)]
    )
    split = LineString([first.coords[0], (middle.x, middle.y), first.coords[-1]])
    parts = cut_apart(area, [split, second])
    return parts if min(p.area for p in parts) > 300 else [area]


def _divide(area: Polygon, size: float, rng: random.Random, lanes: int) -> list[Polygon]:
    if area.area < size * 1.45:
        return [area]
    for _ in range(10):
        line = cutting_line(area, rng, tilt=7)
        width = rng.uniform(4.0, 8.0) if lanes else 0.0
        if width:
            strip = line.buffer(width / 2, cap_style="flat")
            rest = area.difference(strip)
            parts = sorted(
                getattr(rest, "geoms", [rest]), key=lambda p: (round(p.centroid.x, 3), round(p.centroid.y, 3))
            )
        else:
            parts = cut_apart(area, [line])
        if len(parts) == 2 and min(p.area for p in parts) > 0.25 * area.area and min(map(compactness, parts)) > 0.33:
            return [piece for part in parts for piece in _divide(part, size, rng, max(0, lanes - 1))]
    return [area]


def compactness(area: Polygon) -> float:
    """4π · area / perimeter²: 1 for a circle, 0.785 for a square."""
    return 4 * math.pi * float(area.area) / float(area.length) ** 2


def _in_degrees(area: Polygon) -> Polygon:
    shape = shapely.geometry.polygon.orient(Polygon([to_degrees((x, y)) for x, y in area.exterior.coords]))
    assert shape.is_valid
    return shape


def _zone(area: Polygon) -> str:
    for name, outline in (("north_bund", NORTH_BUND), ("north_middle_ring", NORTH_MIDDLE_RING)):
        if area.intersection(outline).area >= 0.5 * area.area:
            return name
    return "other"


def neighbours(lots: list[Lot], reach: float) -> dict[str, list[str]]:
    """For each lot the codes of those within ``reach`` metres, nearest first."""
    tree = shapely.STRtree([lot.metres for lot in lots])
    found: dict[str, list[str]] = {}
    for lot in lots:
        near = [lots[int(i)] for i in tree.query(lot.metres, predicate="dwithin", distance=reach)]
        near = [other for other in near if other is not lot]
        near.sort(key=lambda other: (round(lot.metres.centroid.distance(other.metres.centroid), 3), other.code))
        found[lot.code] = [other.code for other in near]
    return found


def outline(lots: list[Lot]) -> Polygon:
    """One polygon round several lots, in degrees."""
    joined = unary_union([lot.metres.buffer(12) for lot in lots]).buffer(-11)
    hull = joined if isinstance(joined, Polygon) else joined.convex_hull
    return _in_degrees(Polygon(hull.simplify(1.0).exterior))
