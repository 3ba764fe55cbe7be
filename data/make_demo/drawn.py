"""What was drawn by hand for the demo: the outlines of the two zones, and the lines that the made-up streets follow.

Coordinates are CGCS2000 degrees, typed in to four decimals (about 10 m) from published road bounds; no geometry of another
map is copied.  北外滩: 东至大连路（秦皇岛路段）、南至黄浦江—苏州河、西至河南北路、北至海宁路—周家嘴路, the south side
drawn in the stream.  北中环 has no official bounds: ours lies roughly round 汶水东路 / 中环 – 大柏树 – 曲阳路 / 广粤路.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pyproj
from shapely import LineString, Polygon

XY = tuple[float, float]
#: point of a zone's street grid: u runs west to east, v south to north, both about 0–1
Grid = Callable[[float, float], XY]

_TO_M = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True)
_TO_DEGREES = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)

_NB_NORTH = [
    (121.4769, 31.2492), (121.4812, 31.2515), (121.4850, 31.2538), (121.4878, 31.2555),
    (121.4925, 31.2580), (121.4970, 31.2604), (121.5020, 31.2631), (121.5063, 31.2647),
]  # fmt: skip
_NB_EAST = [(121.5085, 31.2611), (121.5108, 31.2574), (121.5127, 31.2541)]
_NB_STREAM = [
    (121.4787, 31.2441), (121.4815, 31.2444), (121.4842, 31.2446), (121.4870, 31.2446), (121.4895, 31.2448),
    (121.4925, 31.2463), (121.4960, 31.2478), (121.5000, 31.2488), (121.5045, 31.2494), (121.5090, 31.2497),
    (121.5130, 31.2498),
]  # fmt: skip
#: the made-up quay road, inland of the bank
_NB_QUAY = [
    (121.4789, 31.2447), (121.4822, 31.2451), (121.4860, 31.2453), (121.4890, 31.2459), (121.4922, 31.2477),
    (121.4960, 31.2495), (121.5005, 31.2507), (121.5060, 31.2514), (121.5127, 31.2516),
]  # fmt: skip
_NM_OUTLINE = [
    (121.4596, 31.2992), (121.4688, 31.3006), (121.4775, 31.3010), (121.4862, 31.2988), (121.4903, 31.2942),
    (121.4893, 31.2884), (121.4832, 31.2846), (121.4757, 31.2851), (121.4688, 31.2866), (121.4612, 31.2887),
    (121.4583, 31.2936),
]  # fmt: skip
#: the made-up grid of 北中环 is skewed against its outline, so that some lots lie on both sides of it
_NM_SOUTH = [(121.4606, 31.2879), (121.4680, 31.2866), (121.4760, 31.2848), (121.4830, 31.2842), (121.4900, 31.2856)]
_NM_NORTH = [(121.4578, 31.2984), (121.4670, 31.3006), (121.4770, 31.3017), (121.4850, 31.3002), (121.4908, 31.2968)]


def to_metres(points: list[XY]) -> list[XY]:
    """Degrees (CGCS2000) to metres (EPSG:4549)."""
    return [_TO_M.transform(x, y) for x, y in points]


def to_degrees(point: XY) -> XY:
    """Metres (EPSG:4549) to degrees with eight decimals, about a millimetre."""
    lon, lat = _TO_DEGREES.transform(*point)
    return round(lon, 8), round(lat, 8)


def _ruled(south: list[XY], north: list[XY], sway: float, bulge: float = 0.0) -> Grid:
    """The ruled surface between two lines, swayed inside so that no street is quite straight; the east side bulges."""
    low, high = LineString(to_metres(south)), LineString(to_metres(north))

    def at(u: float, v: float) -> XY:
        inside = sway * math.sin(math.pi * min(v, 1.0)) * math.sin(math.pi * u)
        u2 = u + inside * math.sin(5.1 * u + 0.7)
        v2 = v + inside * math.sin(4.3 * u + 1.9)
        a, b = low.interpolate(u2, normalized=True), high.interpolate(u2, normalized=True)
        swell = bulge * u**4 * math.sin(math.pi * min(v, 1.0))
        return a.x + v2 * (b.x - a.x) + swell, a.y + v2 * (b.y - a.y)

    return at


NORTH_BUND = Polygon(to_metres(_NB_STREAM + _NB_EAST[::-1] + _NB_NORTH[::-1]))
NORTH_MIDDLE_RING = Polygon(to_metres(_NM_OUTLINE))
BUND_GRID = _ruled(_NB_QUAY, _NB_NORTH, 0.07, 85.0)
RING_GRID = _ruled(_NM_SOUTH, _NM_NORTH, 0.08)
