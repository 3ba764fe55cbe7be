"""The made-up buildings: floor areas above, below and countable, storeys, vacancy; and the parcels' own floor areas."""

from __future__ import annotations

import math
import random
import zlib
from dataclasses import dataclass
from typing import Any

import shapely
from drawn import to_degrees
from lots import compactness
from parcels import OWNERS, Parcel, is_built_on
from shapely import Polygon

_HOW_MANY = {
    "Rr": (2, 5), "Rr1": (2, 4), "Rr2": (2, 5), "Rr3": (2, 4), "Rr4": (2, 3), "Rs": (1, 3), "C8": (1, 2), "C2": (1, 2),
    "M1": (1, 4), "M2": (2, 4), "M3": (1, 3), "M4": (1, 3), "C65": (1, 3), "C6": (2, 4), "W1": (1, 3),
}  # fmt: skip
#: uses in which vacancy is asked for, and how much of it there is on average
_VACANCY = {"C8": 0.30, "C2": 0.14, "M4": 0.18, "C65": 0.12, "M1": 0.35, "M2": 0.40, "W1": 0.25}
_STATES = {"standing": "现状", "under_construction": "在建", "approved": "已批未建", "demolished": "已拆除"}
_TALLEST = 55


@dataclass
class Building:
    """One made-up building; ``gfa`` is the floor area that it was made with, said or not."""

    parcel: Parcel
    shape: Polygon | None
    gfa: float
    state: str
    row: dict[str, Any]


def build(parcels: list[Parcel], rng: random.Random) -> list[Building]:
    """The buildings of every parcel; fills in the parcels' own floor areas on the way."""
    made: list[Building] = []
    for parcel in parcels:
        own = _buildings(parcel, rng)
        _parcel_figures(parcel, own, rng)
        made += own
    return made


def _buildings(parcel: Parcel, rng: random.Random) -> list[Building]:
    if not is_built_on(parcel) or parcel.permitted is None or parcel.status == "not_granted":
        return []
    if parcel.status == "granted_unbuilt":
        if rng.random() < 0.6:
            return []
        states = [rng.choice(("under_construction", "approved"))] * rng.randint(1, 2)
    else:
        if rng.random() < 0.09:
            return []  # the register knows the parcel is built and has no building of it
        states = ["standing"] * rng.randint(*_HOW_MANY.get(parcel.code, (1, 2)))
        if rng.random() < 0.05:
            states.append("demolished")
    reached = rng.uniform(0.45, 1.0) if rng.random() < 0.94 else rng.uniform(1.02, 1.2)
    floor = parcel.permitted * reached * parcel.lot.metres.area
    footprints = _footprints(parcel.lot.metres, len(states), rng)
    sizes = [rng.uniform(0.6, 1.4) for _ in states]
    return [
        _building(parcel, number, state, floor * size / sum(sizes), footprint, rng)
        for number, (state, size, footprint) in enumerate(zip(states, sizes, footprints, strict=True), 1)
    ]


def _building(
    parcel: Parcel, number: int, state: str, floor: float, footprint: Polygon | None, rng: random.Random
) -> Building:
    ground = footprint.area if footprint is not None else parcel.lot.metres.area * 0.25
    storeys = min(_TALLEST, max(1, math.ceil(floor / (0.92 * ground))))
    above = round(min(floor, storeys * ground), 1)
    deep = parcel.code in ("C8", "C2", "Rr3", "Rr4", "M4", "C65", "C5", "C3") and (parcel.year or 2020) > 1994
    below = round(above * rng.uniform(0.12, 0.35), 1) if deep else 0.0
    total = round(above + below, 1)
    countable = round(above * rng.uniform(0.94, 1.0), 1)
    year = min(2024, parcel.year + rng.randint(0, 3)) if parcel.year is not None else None
    said = rng.random()  # 6 % say nothing, 16 % only the total, 6 % only what is above ground
    tells_parts, tells_total = said >= 0.22, said >= 0.12
    office = parcel.code in ("C8", "M4", "C65")
    owner = rng.choices([o for o, _ in OWNERS], [w for _, w in OWNERS])[0] if rng.random() > 0.3 else None
    standing = state == "standing"
    tells_year = standing and year is not None and rng.random() > 0.12
    row = {
        "楼栋编号": f"{parcel.lot.code}-{number}",
        "地块编号": parcel.lot.code,
        "建筑名称": f"演示楼{parcel.lot.code.removeprefix('演示-')}-{number}"
        if office or rng.random() < 0.15
        else None,
        "建筑用途": parcel.code if rng.random() > 0.18 else None,
        "建设状态": _STATES[state],
        "地上建筑面积": above if tells_parts or 0.06 <= said < 0.12 else None,
        "地下建筑面积": below if tells_parts else None,
        "建筑面积": total if tells_total else None,
        "计容建筑面积": countable if said >= 0.06 and rng.random() > 0.16 else None,
        "地上层数": storeys if rng.random() > 0.08 else None,
        "建成年份": year if tells_year else None,
        "竣工日期": f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        if tells_year and year and year > 2000
        else None,
        "计划竣工日期": _planned(f"{parcel.lot.code}-{number}", state),
        "拆除日期": _pulled_down(f"{parcel.lot.code}-{number}") if state == "demolished" else None,
        "空置率": _vacancy(parcel.code, rng) if standing else None,
        "产权类型": owner,
        "产权人数": None if owner is None or rng.random() < 0.4 else 1 if owner != "混合" else rng.randint(2, 45),
    }
    return Building(parcel, _degrees(footprint), total, state, row)


def _own(code: str) -> random.Random:
    """A stream of chance of the building's own: what the others say stays as it was."""
    return random.Random(zlib.crc32(code.encode()))


def _planned(code: str, state: str) -> str | None:
    """The day on which it is to be completed: what is being built within two years, what is approved within four."""
    rng = _own(code)
    if state not in ("under_construction", "approved") or rng.random() < 0.2:
        return None
    years = (2026, 2027) if state == "under_construction" else (2027, 2028, 2029)
    return f"{rng.choice(years)}-{rng.choice((6, 9, 12)):02d}-30"


def _pulled_down(code: str) -> str | None:
    rng = _own(code)
    return (
        None if rng.random() < 0.3 else f"{rng.randint(2016, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    )


def _vacancy(code: str, rng: random.Random) -> float | None:
    """In per cent, as offices write it; unknown for a third of what is let, and for all that is not."""
    if code not in _VACANCY or rng.random() < 0.34:
        return None
    return round(100 * min(1.0, rng.betavariate(1.4, 1.4 / _VACANCY[code] - 1.4)), 1)


def _parcel_figures(parcel: Parcel, buildings: list[Building], rng: random.Random) -> None:
    row, standing = parcel.row, [b for b in buildings if b.state == "standing"]
    if parcel.code in ("G1", "G2", "E1", "S"):
        row["建筑面积"] = 0.0  # registered as without floor area: known to be none, not unknown
        row["计容建筑面积"] = 0.0
    elif parcel.status == "not_granted":
        if rng.random() < 0.4:
            row["建筑面积"] = 0.0
    elif parcel.status == "built" and parcel.permitted is not None:
        known = [b.row["建筑面积"] for b in standing]
        if not standing and rng.random() < 0.65:
            floor = round(parcel.permitted * rng.uniform(0.5, 0.95) * parcel.lot.metres.area, 1)
            row["建筑面积"] = floor
            row["计容建筑面积"] = round(floor * 0.93, 1) if rng.random() < 0.6 else None
        elif (None in known and rng.random() < 0.45) or (standing and rng.random() < 0.18):
            row["建筑面积"] = round(sum(b.gfa for b in standing), 1)


def _footprints(lot: Polygon, count: int, rng: random.Random) -> list[Polygon | None]:
    """``count`` blocks side by side along the lot's long axis, inside its boundary; ``None`` where no room is."""
    inner = lot.buffer(-max(3.5, 0.05 * math.sqrt(lot.area)), join_style="mitre")
    if not isinstance(inner, Polygon) or inner.is_empty:
        return [None] * count
    corners = list(shapely.minimum_rotated_rectangle(inner).exterior.coords)[:4]
    if math.dist(corners[0], corners[1]) < math.dist(corners[1], corners[2]):
        corners = corners[1:] + corners[:1]
    (ox, oy), (ax, ay), (bx, by) = corners[1], corners[0], corners[2]

    def at(s: float, t: float) -> tuple[float, float]:
        return ox + s * (ax - ox) + t * (bx - ox), oy + s * (ay - oy) + t * (by - oy)

    found: list[Polygon | None] = []
    for i in range(count):
        margin, depth = rng.uniform(0.08, 0.2), rng.uniform(0.05, 0.3)
        s0, s1, t0, t1 = (i + margin) / count, (i + 1 - margin) / count, depth, 1 - rng.uniform(0.05, 0.3)
        body = Polygon([at(s0, t0), at(s1, t0), at(s1, t1), at(s0, t1)]).intersection(inner)
        fits = isinstance(body, Polygon) and body.area > 60 and compactness(body) > 0.4 and rng.random() > 0.03
        found.append(body if fits and isinstance(body, Polygon) else None)
    return found


def _degrees(shape: Polygon | None) -> Polygon | None:
    if shape is None:
        return None
    return shapely.geometry.polygon.orient(Polygon([to_degrees((x, y)) for x, y in shape.exterior.coords]))
