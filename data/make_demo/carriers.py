"""The made-up carriers (演示园区甲 …): what they stand on, by which shares, and their yearly figures."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from buildings import Building
from lots import Lot, neighbours, outline
from parcels import Parcel
from shapely import Point, Polygon

_STEMS = "甲乙丙丁戊己庚辛壬癸"
_INDUSTRIES = ("互联网服务", "绿色低碳", "合成生物", "数字出版", "智能网联汽车", "工业互联网", "碳资产管理", "检验检测")
_ROLES = ("自营", "股权合作", "轻资产运营", "联盟合作")
_KINDS = ("园区", "园区", "园区", "楼宇", "楼宇", "孵化器", "大学科技园", "楼宇")
#: what happened to each of the first ones; the rest are 在册
_FATES = {5: "通报", 8: "摘牌", 11: "规划", 14: "通报", 17: "已替换", 19: "规划", 21: None, 24: None}
#: how many carriers come with what is being built
_COMING = 6
#: between which two carriers platforms stand, each within walking distance of the next, and how many
_ENDS_OF_THE_QUAY, _PLATFORMS = ("演示-载体-006", "演示-载体-016"), 3


@dataclass
class Carrier:
    """One made-up carrier: its row, where it is drawn (or not), its shares and its years."""

    row: dict[str, Any]
    shape: Point | Polygon | None
    shares: list[dict[str, Any]] = field(default_factory=list)
    years: list[dict[str, Any]] = field(default_factory=list)


def build(parcels: list[Parcel], buildings: list[Building], rng: random.Random) -> list[Carrier]:
    """Some two dozen carriers; no target is taken up by more than the whole of it."""
    by_code = {p.lot.code: p for p in parcels}
    on = {code: [b for b in buildings if b.parcel.lot.code == code and b.state == "standing"] for code in by_code}
    near = neighbours([p.lot for p in parcels], 22.0)
    usable = [p for p in parcels if _suits(p, on[p.lot.code])]
    biotech = _first_phase([p for p in usable if p.lot.main == "biotech" and p.code in ("M4", "C65")])
    rng.shuffle(usable)
    taken: set[str] = set()
    made: list[Carrier] = []
    # The first is the made-up biotech park: its first phase, with room for more round it.
    made.append(_carrier(0, "演示生物技术园", "园区", biotech, on, rng))
    taken.update(p.lot.code for p in biotech)
    number = 1
    for parcel in usable:
        if number == 26:
            break
        if parcel.lot.code in taken or parcel.lot.main == "biotech":
            continue
        kind = _KINDS[number % len(_KINDS)]
        land = [parcel]
        if kind in ("园区", "大学科技园"):
            more = [by_code[c] for c in near[parcel.lot.code] if c not in taken and by_code[c] in usable]
            land += more[: rng.randint(0, 2)]
        taken.update(p.lot.code for p in land)
        noun = {"园区": "园区", "楼宇": "大厦", "孵化器": "孵化器", "大学科技园": "大学科技园"}[kind]
        name = f"演示{noun}{_STEMS[number % 10]}{'' if number < 10 else _STEMS[number // 10]}"
        made.append(_carrier(number, name, kind, land, on, rng))
        number += 1
    made += _coming(number, parcels, buildings)
    return made + _along_the_quay(made)


def _along_the_quay(made: list[Carrier]) -> list[Carrier]:
    """Service platforms in step between two carriers of 北外滩: with those they are one group, longer than wide (带状).

    They hold no floor area that anybody registered, and stand on no land of their own.
    """
    by_code = {carrier.row["carrier_code"]: carrier for carrier in made}
    first, last = (by_code[code].shape for code in _ENDS_OF_THE_QUAY)
    assert isinstance(first, Point)
    assert isinstance(last, Point)
    found = []
    for place in range(1, _PLATFORMS + 1):
        share = place / (_PLATFORMS + 1)
        row = dict.fromkeys(made[0].row) | {
            "carrier_code": f"演示-载体-{len(made) + place:03d}",
            "name": f"演示滨江服务平台{_STEMS[place - 1]}",
            "carrier_kind": "平台",
            "status": "在册",
            "fact_source": "演示数据，本项目虚构",
        }
        between = (a + share * (b - a) for a, b in ((first.x, last.x), (first.y, last.y)))
        found.append(Carrier(row, Point(*(round(value, 8) for value in between))))
    return found


def _coming(number: int, parcels: list[Parcel], buildings: list[Building]) -> list[Carrier]:
    """Planned carriers in buildings that are being built or approved: what the next years bring.  The last says no share."""
    zone = {p.lot.code: p.lot.zone for p in parcels}
    wanted = ("C8", "C65", "M4")
    found = [
        b
        for b in buildings
        if b.state in ("under_construction", "approved")
        and b.parcel.code in wanted
        and zone[b.parcel.lot.code] != "other"
    ][:_COMING]
    made = []
    for place, building in enumerate(found, number + 1):
        code, parcel = f"演示-载体-{place:03d}", building.parcel
        row = dict.fromkeys(("operator", "operator_role", "recognised_on", "delisted_on", "gfa_m2", "leasable_m2"))
        row = {
            "carrier_code": code,
            "name": f"演示在建大厦{_STEMS[place % 10]}{_STEMS[place // 10]}",
            "carrier_kind": "楼宇",
            "status": "规划",
            **row,
            "site_area_m2": None,
            "industries": None,
            "address": parcel.row["坐落"],
            "fact_source": "演示数据，本项目虚构",
        }
        share = {"carrier_code": code, "stands_on": "建筑", "target_code": building.row["楼栋编号"],
                 "share": None if place == number + _COMING else 1.0}  # fmt: skip
        made.append(Carrier(row, _shape(place, "楼宇", [parcel.lot]), [share]))
    return made


def _first_phase(lots: list[Parcel]) -> list[Parcel]:
    """The two lots that lie closest together: what the made-up park stands on today."""
    pairs = [(a, b) for i, a in enumerate(lots) for b in lots[i + 1 :]]
    first, second = min(
        pairs, key=lambda pair: round(float(pair[0].lot.metres.centroid.distance(pair[1].lot.metres.centroid)), 3)
    )
    return [first, second]


def _suits(parcel: Parcel, standing: list[Building]) -> bool:
    wanted = parcel.code in ("C8", "M4", "C65", "M1") and parcel.lot.zone != "other"
    return wanted and bool(standing) and parcel.lot.metres.area > 3000


def _carrier(
    number: int, name: str, kind: str, land: list[Parcel], on: dict[str, list[Building]], rng: random.Random
) -> Carrier:
    code = f"演示-载体-{number + 1:03d}"
    fate = _FATES.get(number, "在册")
    recognised = rng.randint(2012, 2023)
    shares: list[dict[str, Any]] = []
    floor: float | None = 0.0
    for parcel in land:
        stands = on[parcel.lot.code]
        if kind in ("园区", "大学科技园"):
            targets = [
                ("地块", parcel.lot.code, 1.0 if rng.random() < 0.7 else round(rng.uniform(0.4, 0.9), 2), stands)
            ]
        else:
            part = 1.0 if kind == "楼宇" else round(rng.uniform(0.12, 0.6), 2)
            targets = [("建筑", stands[0].row["楼栋编号"], part, stands[:1])]
        for stands_on, target, share, bodies in targets:
            said = rng.random() > 0.08
            said_share = share if said else None
            shares.append({"carrier_code": code, "stands_on": stands_on, "target_code": target, "share": said_share})
            floor = None if floor is None else floor + share * sum(b.gfa for b in bodies)
    planned = fate == "规划"
    # The first, second … names its own floor area; the fourth of each five leaves it to its shares.
    gfa = round(floor, 1) if floor is not None and number % 5 != 3 else None
    lots = [p.lot for p in land]
    row = {
        "carrier_code": code,
        "name": name,
        "carrier_kind": kind if rng.random() > 0.15 else None,
        "status": fate,
        "operator": f"演示运营公司{_STEMS[rng.randint(0, 6)]}" if rng.random() > 0.15 else None,
        "operator_role": rng.choice(_ROLES) if rng.random() > 0.3 else None,
        "recognised_on": None
        if planned or rng.random() < 0.1
        else f"{recognised}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        "delisted_on": "2025-02-20" if fate in ("摘牌", "已替换") else None,
        "gfa_m2": gfa,
        "leasable_m2": round(gfa * rng.uniform(0.68, 0.9), 1) if gfa is not None and rng.random() > 0.25 else None,
        "site_area_m2": round(sum(lot.metres.area for lot in lots), 1) if kind in ("园区", "大学科技园") else None,
        "industries": "、".join(sorted(rng.sample(_INDUSTRIES, rng.randint(1, 3)))) if rng.random() > 0.08 else None,
        "address": land[0].row["坐落"],
        "fact_source": "演示数据，本项目虚构",
    }
    return Carrier(row, _shape(number, kind, lots), shares, [] if planned else _years(code, fate, gfa, rng))


def _shape(number: int, kind: str, lots: list[Lot]) -> Point | Polygon | None:
    if number in (6, 16):
        return None  # known only by what it stands on
    if kind in ("园区", "大学科技园") and number % 2 == 0:
        return outline(lots)
    centre = lots[0].shape.representative_point()
    return Point(round(centre.x, 8), round(centre.y, 8))


def _years(code: str, fate: str | None, gfa: float | None, rng: random.Random) -> list[dict[str, Any]]:
    rows = []
    let = rng.uniform(0.25, 0.5) if fate in ("通报", "摘牌", "已替换") else rng.uniform(0.55, 0.95)
    firms = rng.randint(8, 140)
    leading = rng.uniform(0.15, 0.4) if fate in ("通报", "摘牌") else rng.uniform(0.35, 0.85)
    for year in (2023, 2024, 2025):
        if fate in ("摘牌", "已替换") and year == 2025:
            continue
        let = min(0.99, max(0.05, let + rng.uniform(-0.08, 0.08)))
        count = max(0, round(firms * rng.uniform(0.85, 1.2)))
        output = round(count * rng.uniform(900, 5200), 1)
        rows.append({
            "carrier_code": code,
            "year": year,
            "occupied_m2": round(gfa * let * 0.8, 1) if gfa is not None and rng.random() > 0.1 else None,
            "enterprises": count if rng.random() > 0.05 else None,
            "leading_share": round(min(1.0, leading * rng.uniform(0.9, 1.1)), 3) if rng.random() > 0.12 else None,
            "output_10k_yuan": output if rng.random() > 0.2 else None,
            "tax_10k_yuan": round(output * rng.uniform(0.02, 0.06), 1) if rng.random() > 0.2 else None,
        })  # fmt: skip
    return rows
