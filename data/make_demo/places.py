"""The made-up surroundings: barriers, stations, heritage and services."""

from __future__ import annotations

import math
import random
from typing import Any

from drawn import BUND_GRID, RING_GRID, XY, Grid, to_degrees
from lots import Lot
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from streets import Quarter

Feature = tuple[dict[str, Any], BaseGeometry]

_STATIONS: list[tuple[str, Grid, XY, str]] = [
    ("演示一站", BUND_GRID, (0.16, 0.46), "演示1号线"),
    ("演示二站", BUND_GRID, (0.44, 0.52), "演示1号线"),
    ("演示三站", BUND_GRID, (0.70, 0.47), "演示1号线,演示2号线"),
    ("演示四站", BUND_GRID, (0.97, 0.55), "演示1号线"),
    ("演示五站", BUND_GRID, (0.72, 0.98), "演示2号线"),
    ("演示六站", RING_GRID, (0.37, 0.55), "演示2号线,演示3号线"),
    ("演示七站", RING_GRID, (0.63, 0.30), "演示3号线"),
    ("演示八站", RING_GRID, (0.83, 0.80), "演示3号线"),
]
#: name, grid, centre, half sizes in metres, whether it is the statutory outline
_OUTLINES: list[tuple[str, Grid, XY, XY, bool]] = [
    ("演示历史风貌区甲", BUND_GRID, (0.36, 0.24), (170.0, 120.0), True),
    ("演示保护单位乙", BUND_GRID, (0.63, 0.72), (75.0, 55.0), True),
    ("演示工业遗存丙", RING_GRID, (0.48, 0.42), (95.0, 60.0), False),
]
_SERVICES = {
    "政务服务": ("演示政务服务站", 6), "医院": ("演示医院", 5), "学校": ("演示学校", 12), "公交站": ("演示公交站", 24),
    "人才公寓": ("演示人才公寓", 4), "创业服务": ("演示创业服务点", 5),
}  # fmt: skip
_CLASS = {
    "branch": "支路",
    "secondary": "次干路",
    "arterial": "主干路",
    "elevated": "高架",
    "rail": "铁路",
    "river": "河道",
}


def barriers(quarters: list[Quarter]) -> list[Feature]:
    """Every road, line and river; one river is drawn as its bed, the rest as centre lines with a width."""
    rows: list[Feature] = []
    for quarter in quarters:
        for way in quarter.ways:
            row = {"编号": way.code, "名称": way.name, "阻隔类型": _CLASS[way.kind], "宽度": way.width}
            shape: BaseGeometry = LineString([to_degrees((x, y)) for x, y in way.line.coords])
            if way.kind == "river" and quarter.letter == "B":
                bed = way.line.buffer(way.width / 2, cap_style="flat")
                shape = orient(Polygon([to_degrees((x, y)) for x, y in bed.exterior.coords]))
            rows.append((row, shape))
    return rows


def stations() -> list[Feature]:
    """Eight made-up stations of three made-up lines."""
    return [
        ({"编号": f"演示-站-{i:02d}", "名称": name, "线路": lines}, Point(to_degrees(grid(*at))))
        for i, (name, grid, at, lines) in enumerate(_STATIONS, 1)
    ]


def heritage(lots: list[Lot], rng: random.Random) -> list[Feature]:
    """Made-up protected buildings as points, two statutory outlines and one sketch."""
    rows: list[Feature] = []
    for i, (name, grid, at, (a, b), statutory) in enumerate(_OUTLINES, 1):
        x, y = grid(*at)
        turn = math.radians(24 if grid is BUND_GRID else -7)
        corners = [(-a, -b), (0, -b * 1.1), (a, -b), (a, b * 0.9), (0.2 * a, b), (-a, b)]
        ring = [
            to_degrees((x + p * math.cos(turn) - q * math.sin(turn), y + p * math.sin(turn) + q * math.cos(turn)))
            for p, q in corners
        ]
        rows.append((_heritage_row(f"面-{i:02d}", name, statutory, None, None), orient(Polygon(ring))))
    old = [lot for lot in lots if lot.main in ("old_housing", "culture", "industry") and lot.zone != "other"]
    for i, lot in enumerate(rng.sample(old, 36), 1):
        spot = lot.metres.representative_point()
        shape = Point(to_degrees((spot.x + rng.uniform(-8, 8), spot.y + rng.uniform(-8, 8))))
        built = str(rng.randint(1908, 1949)) if rng.random() > 0.2 else None
        address = f"演示旧里{rng.randint(1, 90)}弄{rng.randint(1, 40)}号" if rng.random() > 0.3 else None
        rows.append((_heritage_row(f"点-{i:03d}", f"演示旧宅{i}", False, built, address), shape))
    return rows


def _heritage_row(code: str, name: str, statutory: bool, built: str | None, address: str | None) -> dict[str, Any]:
    kind = "演示保护范围" if statutory else "演示一般线索"
    return {
        "编号": f"演示-保-{code}",
        "名称": name,
        "保护类别": kind,
        "是否法定范围": statutory,
        "地址": address,
        "建成年代": built,
    }


def services(lots: list[Lot], rng: random.Random) -> list[dict[str, Any]]:
    """Made-up services at the edges of lots in both zones, with their coordinates in two columns."""
    rows: list[dict[str, Any]] = []
    places = [lot for lot in lots if lot.zone != "other"]
    for category, (name, count) in _SERVICES.items():
        for lot in rng.sample(places, count):
            i = len(rows) + 1
            spot = lot.metres.exterior.interpolate(rng.random(), normalized=True)
            lon, lat = to_degrees((spot.x, spot.y))
            row = {"编号": f"演示-服-{i:03d}", "名称": f"{name}{i}", "类别": category, "经度": lon, "纬度": lat}
            rows.append(row)
    return rows
