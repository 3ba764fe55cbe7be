"""What is planned round the made-up land and promised on it: centres, open spaces, plan changes, leases, institutes."""

from __future__ import annotations

import math
import random
from typing import Any

from buildings import Building
from drawn import BUND_GRID, RING_GRID, XY, Grid, to_degrees
from lots import Lot, outline
from parcels import Parcel
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

Feature = tuple[dict[str, Any], BaseGeometry]

#: name, tier, grid, centre, half sizes in metres
_CENTRES: list[tuple[str, str, Grid, XY, XY]] = [
    ("演示主中心", "主中心", BUND_GRID, (0.55, 0.40), (620.0, 330.0)),
    ("演示社区中心甲", "社区中心", BUND_GRID, (0.14, 0.55), (190.0, 150.0)),
    ("演示地区中心", "地区中心", RING_GRID, (0.40, 0.50), (430.0, 330.0)),
    ("演示社区中心乙", "社区中心", RING_GRID, (0.84, 0.70), (230.0, 190.0)),
]
#: name, stage, grid, centre, half sizes; an empty stage is not known
_CHANGES: list[tuple[str, str | None, Grid, XY, XY]] = [
    ("演示规划调整一", "已批准", BUND_GRID, (0.72, 0.38), (120.0, 90.0)),
    ("演示规划调整二", "公示", BUND_GRID, (0.30, 0.66), (110.0, 90.0)),
    ("演示规划调整三", None, RING_GRID, (0.55, 0.62), (90.0, 80.0)),
    ("演示规划调整四", "已批准", RING_GRID, (0.24, 0.34), (110.0, 100.0)),
]
#: of the buildings in which firms sit, by the use of their parcel
_LET = ("C8", "C2", "M1", "M2", "W1", "M4")
_INSTITUTES = 7


def centres() -> list[Feature]:
    """Public centres of three tiers, some of them across the edge of a zone."""
    return [
        (
            {"编号": f"演示-中-{i:02d}", "名称": name, "中心等级": tier, "依据": "演示数据，本项目虚构"},
            _patch(grid, at, half),
        )
        for i, (name, tier, grid, at, half) in enumerate(_CENTRES, 1)
    ]


def changes() -> list[Feature]:
    """Plan changes that are approved, on show, and of unknown stage."""
    return [
        (
            {
                "编号": f"演示-调-{i:02d}",
                "名称": name,
                "调整阶段": stage,
                "调整后用地性质": "C65" if i % 2 else "M4",
                "批准日期": "2025-01-15" if stage == "已批准" else None,
            },
            _patch(grid, at, half),
        )
        for i, (name, stage, grid, at, half) in enumerate(_CHANGES, 1)
    ]


def open_spaces(lots: list[Lot], parcels: list[Parcel]) -> list[Feature]:
    """Every lot of public green or water, as a park or a square."""
    green = [lot for lot, parcel in zip(lots, parcels, strict=True) if parcel.code in ("G1", "E1")]
    rows: list[Feature] = []
    for i, lot in enumerate(green, 1):
        row = {"编号": f"演示-绿-{i:03d}", "名称": f"演示绿地{i}", "类别": "公园" if i % 3 else "广场"}
        rows.append((row, outline([lot])))
    return rows


def leases(buildings: list[Building], rng: random.Random) -> list[dict[str, Any]]:
    """Leases of some buildings and of a few whole parcels: soon over, long to run, and without an end on record."""
    rows: list[dict[str, Any]] = []
    let = [b for b in buildings if b.state == "standing" and b.parcel.code in _LET and b.parcel.lot.zone != "other"]
    for building in let:
        if rng.random() > 0.4:
            continue
        whole = rng.random() < 0.1
        ends = rng.choice((2025, 2026, 2026, 2027, 2027, 2028, 2031, 2035))
        rows.append(
            {
                "编号": f"演示-租-{len(rows) + 1:03d}",
                "占用对象": "地块" if whole else "建筑",
                "对象编号": building.parcel.lot.code if whole else building.row["楼栋编号"],
                "承租面积": round(building.gfa * rng.uniform(0.1, 0.8), 1) if rng.random() > 0.2 else None,
                "到期日": f"{ends}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}" if rng.random() > 0.1 else None,
            }
        )
    return rows


def institutes(lots: list[Lot], first: int, rng: random.Random) -> list[dict[str, Any]]:
    """Made-up research institutes, numbered on from the services that there are."""
    rows = []
    for i, lot in enumerate(rng.sample([lot for lot in lots if lot.zone != "other"], _INSTITUTES), first):
        spot = lot.metres.exterior.interpolate(rng.random(), normalized=True)
        lon, lat = to_degrees((spot.x, spot.y))
        rows.append(
            {"编号": f"演示-服-{i:03d}", "名称": f"演示研究院{i}", "类别": "科研机构", "经度": lon, "纬度": lat}
        )
    return rows


def _patch(grid: Grid, at: XY, half: XY) -> Polygon:
    """An eight-cornered patch of ground, turned as its quarter is."""
    x, y = grid(*at)
    turn = math.radians(24 if grid is BUND_GRID else -7)
    a, b = half
    corners = [
        *((-a, -0.7 * b), (-0.7 * a, -b), (0.8 * a, -b), (a, -0.6 * b)),
        *((a, 0.8 * b), (0.7 * a, b), (-0.8 * a, b), (-a, 0.6 * b)),
    ]
    ring = [
        to_degrees((x + p * math.cos(turn) - q * math.sin(turn), y + p * math.sin(turn) + q * math.cos(turn)))
        for p, q in corners
    ]
    return orient(Polygon(ring))
