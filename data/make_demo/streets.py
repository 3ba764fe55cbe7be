"""The made-up streets: main lines along each zone's grid, branch roads cut into what lies between, and the street blocks."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from itertools import pairwise

import shapely
from drawn import BUND_GRID, RING_GRID, XY, Grid
from shapely import LineString, Point, Polygon
from shapely.ops import polygonize, unary_union

#: how roads are named: 演示 and a number of their class
_LABEL = {
    "branch": "支路", "secondary": "次干路", "arterial": "主干路", "elevated": "高架", "rail": "铁路", "river": "河",
}  # fmt: skip
#: Old streets no wider than a 支路 that the plan has as 次干路.  What they part is near enough to be one piece of land as soon
#: as they may be crossed: one through the ground round the made-up biotech park, one through land of just over 100 mu.
_NARROW = ("演示支路42", "演示支路159")


@dataclass
class Way:
    """One made-up road, line or river: class, width in metres, centre line in metres."""

    kind: str
    width: float
    line: LineString
    code: str = ""
    name: str = ""


@dataclass
class Block:
    """One street block without its roads; ``special`` marks what is laid out by hand."""

    area: Polygon
    u: float
    v: float
    special: str = ""
    number: int = 0


@dataclass
class Quarter:
    """One zone's made-up town: its ways and blocks."""

    letter: str
    grid: Grid
    ways: list[Way] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


# (direction, place, from, to, class, width): "u" is a line of one u running south–north, "v" of one v running west–east.
_BUND = [
    ("v", 0.00, 0.00, 1.00, "secondary", 28.0),
    ("v", 1.00, 0.00, 1.00, "arterial", 40.0),
    ("v", 1.22, 0.00, 1.00, "secondary", 28.0),
    ("v", 0.49, 0.00, 1.00, "secondary", 32.0),
    ("u", 0.00, 0.00, 1.22, "arterial", 40.0),
    ("u", 1.00, 0.00, 1.22, "arterial", 40.0),
    ("u", 0.15, 0.00, 1.22, "secondary", 28.0),
    ("u", 0.29, 0.00, 1.22, "arterial", 40.0),
    ("u", 0.42, 0.00, 1.22, "river", 26.0),
    ("u", 0.56, 0.00, 1.22, "secondary", 30.0),
    ("u", 0.71, 0.00, 1.22, "arterial", 40.0),
    ("u", 0.86, 0.00, 1.22, "secondary", 28.0),
]
_RING = [
    ("v", 0.00, 0.00, 1.00, "secondary", 28.0),
    ("v", 1.00, 0.00, 1.00, "secondary", 30.0),
    ("v", 0.27, 0.00, 1.00, "river", 24.0),
    ("v", 0.56, 0.00, 1.00, "arterial", 44.0),
    ("v", 0.78, 0.00, 0.62, "secondary", 28.0),
    ("u", 0.00, 0.00, 1.00, "secondary", 28.0),
    ("u", 1.00, 0.00, 1.00, "arterial", 40.0),
    ("u", 0.17, 0.00, 1.00, "secondary", 30.0),
    ("u", 0.36, 0.00, 1.00, "arterial", 40.0),
    ("u", 0.62, 0.00, 1.00, "rail", 32.0),
    ("u", 0.82, 0.00, 1.00, "secondary", 28.0),
]


def build(rng: random.Random) -> list[Quarter]:
    """Both quarters with numbered ways and blocks, in an order that depends on nothing but ``rng``."""
    bund, ring = Quarter("B", BUND_GRID), Quarter("Z", RING_GRID)
    _lay_out(bund, _BUND, rng, {"isolated": (0.93, 1.12)})
    _lay_out(ring, _RING, rng, {"biotech": (0.27, 0.66), "crossed": (0.72, 0.7)})
    # Viaducts stand over an arterial or along the rail; they are ways of their own and take no ground.
    bund.ways.append(Way("elevated", 25.0, _line(BUND_GRID, "u", 0.71, 0.0, 1.22)))
    ring.ways.append(Way("elevated", 25.0, _line(RING_GRID, "v", 0.56, 0.0, 1.0)))
    counts: dict[str, int] = {}
    for quarter in (bund, ring):
        for way in quarter.ways:
            n = counts[way.kind] = counts.get(way.kind, 0) + 1
            way.code = f"演示-{_LABEL[way.kind]}-{n:03d}"
            way.name = f"演示{_LABEL[way.kind]}{n}"
    _have_narrow_ones([*bund.ways, *ring.ways], counts)
    return [bund, ring]


def _have_narrow_ones(ways: list[Way], counts: dict[str, int]) -> None:
    """Some branch roads become 次干路, numbered after the others: all other roads keep their numbers."""
    for way in ways:
        if way.name in _NARROW:
            way.kind = "secondary"
            n = counts[way.kind] = counts[way.kind] + 1
            way.code = f"演示-{_LABEL[way.kind]}-{n:03d}"
            way.name = f"演示{_LABEL[way.kind]}{n}"


def _line(grid: Grid, direction: str, at: float, start: float, end: float) -> LineString:
    steps = max(2, round((end - start) * 26))
    along = [start + (end - start) * i / steps for i in range(steps + 1)]
    return LineString([grid(at, t) if direction == "u" else grid(t, at) for t in along])


def _lay_out(quarter: Quarter, plan: list[tuple[str, float, float, float, str, float]], rng: random.Random,
             specials: dict[str, XY]) -> None:  # fmt: skip
    quarter.ways = [
        Way(kind, width, _line(quarter.grid, direction, at, start, end))
        for direction, at, start, end, kind, width in plan
    ]
    # A line that ends on another may stop some metres short of its chords; a little more on both ends joins them.
    noded = unary_union([_longer(way.line, 12.0) for way in quarter.ways])
    cells = sorted((c for c in polygonize(noded) if c.area > 3000), key=_place)
    marked = {name: Point(quarter.grid(*at)) for name, at in specials.items()}
    parts: list[tuple[Polygon, str]] = []
    for cell in cells:
        special = next((name for name, point in marked.items() if cell.contains(point)), "")
        if special == "isolated":
            parts.append((cell, special))
            continue
        target = 26_000.0 if special == "biotech" else rng.uniform(17_000, 42_000)
        parts += [(part, special) for part in _branches(cell, target, quarter, rng)]
    beds = [(way, way.line.buffer(way.width / 2, cap_style="flat", join_style="mitre")) for way in quarter.ways]
    for cell, special in parts:
        ground = cell.difference(unary_union([bed for _, bed in beds if bed.intersects(cell)]))
        pieces = [p for p in getattr(ground, "geoms", [ground]) if not p.buffer(-9).is_empty]
        for piece in sorted(pieces, key=_place):
            u, v = _grid_place(quarter.grid, piece.centroid)
            quarter.blocks.append(Block(shapely.set_precision(piece, 0.001), u, v, special))
    for number, block in enumerate(quarter.blocks, 1):
        block.number = number


def _branches(cell: Polygon, target: float, quarter: Quarter, rng: random.Random) -> list[Polygon]:
    """Cut a cell by branch roads, now and then a curved one, until its parts are below ``target``."""
    if cell.area < target * 1.5:
        return [cell]
    for _ in range(12):
        cut = cutting_line(cell, rng, bend=0.10 if rng.random() < 0.3 else 0.0)
        parts = cut_apart(cell, [cut])
        if len(parts) == 2 and min(p.area for p in parts) > 0.28 * cell.area and min(map(_roundness, parts)) > 0.35:
            inside = cut.intersection(cell)
            if isinstance(inside, LineString):
                quarter.ways.append(Way("branch", float(rng.choice([14, 14, 16, 16, 18, 20])), inside))
                return [piece for part in parts for piece in _branches(part, target, quarter, rng)]
    return [cell]


def cutting_line(area: Polygon, rng: random.Random, *, tilt: float = 9.0, bend: float = 0.0) -> LineString:
    """A line across the long side of ``area`` near its middle, tilted (degrees) and bent (share of its length)."""
    corners = list(shapely.minimum_rotated_rectangle(area).exterior.coords)
    sides = sorted(pairwise(corners), key=lambda s: math.dist(*s))
    (ax, ay), (bx, by) = sides[-1]
    (cx, cy) = next(c for c in corners if min(math.dist(c, (ax, ay)), math.dist(c, (bx, by))) > 0.5)
    t = rng.uniform(0.38, 0.62)
    px, py = ax + t * (bx - ax), ay + t * (by - ay)
    # the point on the opposite side, then both ends well beyond the area
    nx, ny = -(by - ay), bx - ax
    if nx * (cx - ax) + ny * (cy - ay) < 0:
        nx, ny = -nx, -ny
    length = math.hypot(nx, ny)
    angle = math.radians(rng.uniform(-tilt, tilt))
    dx = (nx * math.cos(angle) - ny * math.sin(angle)) / length
    dy = (nx * math.sin(angle) + ny * math.cos(angle)) / length
    depth = math.dist(*sides[0])
    points = []
    for i in range(-1, 10):
        s = depth * i / 8
        sag = bend * depth * math.sin(math.pi * min(max(i / 8, 0.0), 1.0))
        points.append((px + dx * s - dy * sag, py + dy * s + dx * sag))
    return LineString(points if bend else [points[0], points[-1]])


def cut_apart(area: Polygon, lines: list[LineString]) -> list[Polygon]:
    """The parts of ``area`` between ``lines``; parts that touch share the cut's own vertices."""
    parts = polygonize(unary_union([area.boundary, *lines]))
    inside = [p for p in parts if area.contains(p.representative_point())]
    return sorted(inside, key=_place)


def _longer(line: LineString, by: float) -> LineString:
    points = list(line.coords)
    return LineString([_beyond(points[1], points[0], by), *points[1:-1], _beyond(points[-2], points[-1], by)])


def _beyond(a: XY, b: XY, by: float) -> XY:
    scale = by / math.dist(a, b)
    return b[0] + (b[0] - a[0]) * scale, b[1] + (b[1] - a[1]) * scale


def _roundness(area: Polygon) -> float:
    return 4 * math.pi * float(area.area) / float(area.length) ** 2


def _place(area: Polygon) -> tuple[float, float]:
    point = area.representative_point()
    return round(point.x, 3), round(point.y, 3)


def _grid_place(grid: Grid, point: Point) -> XY:
    places = [(i / 40, j / 40) for i in range(41) for j in range(48)]
    return min(places, key=lambda uv: math.dist(grid(*uv), (point.x, point.y)))
