"""The made-up register of parcels: uses, supply, areas, floor area and owners, with the gaps that real registers have."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from lots import Lot

#: block's main use → (how the land use is written, the code that decides size and height, weight)
_WRITTEN: dict[str, list[tuple[str, str, float]]] = {
    "office": [("C8", "C8", 56), ("商务办公用地", "C8", 7), ("C2", "C2", 6), ("C8(80%)C2(20%)", "C8", 6), ("C2C8", "C8", 5),
               ("C8/C65", "C8", 3), ("G1", "G1", 5), ("U", "U", 3), ("C1", "C1", 4), ("S", "S", 2), ("X", "X", 3)],
    "shops": [("C2", "C2", 58), ("C2(70%)C8(30%)", "C2", 8), ("C8", "C8", 12), ("Rr3、C2", "Rr3", 6), ("C9", "C9", 3),
              ("C3", "C3", 4), ("Rc", "Rc", 5), ("S", "S", 2), ("U", "U", 2)],
    "office_shops": [("C2C8", "C8", 30), ("C8:0.6+C2:0.4", "C8", 22), ("C8(65%)C2(35%)", "C8", 18), ("C8、C2", "C8", 12),
                     ("C8", "C8", 10), ("C2 55% C8 45%", "C2", 8)],
    "housing": [("Rr2", "Rr2", 36), ("Rr3", "Rr3", 22), ("Rr", "Rr", 4), ("Rr4", "Rr4", 5), ("Rr2(90%)C2(10%)", "Rr2", 6),
                ("Rs", "Rs", 9), ("Rc", "Rc", 6), ("C5", "C5", 3), ("C6", "C6", 2), ("G1", "G1", 5), ("C2", "C2", 2)],
    "old_housing": [("Rr1", "Rr1", 40), ("Rr2", "Rr2", 18), ("Rr1C2", "Rr1", 10), ("C7", "C7", 6), ("Rc", "Rc", 6),
                    ("C2", "C2", 12), ("X", "X", 4), ("C8", "C8", 4)],
    "culture": [("C3", "C3", 45), ("C7", "C7", 18), ("C2", "C2", 12), ("C8", "C8", 10), ("G1", "G1", 10), ("C4", "C4", 5)],
    "green": [("G1", "G1", 62), ("G2", "G2", 10), ("C4", "C4", 8), ("E1", "E1", 6), ("C3", "C3", 6), ("U", "U", 4)],
    "rnd": [("M4", "M4", 52), ("工业研发用地", "M4", 5), ("M4(70%)C65(30%)", "M4", 8), ("C65", "C65", 12), ("C8", "C8", 12),
            ("M1", "M1", 6), ("U", "U", 3), ("X", "X", 4)],
    "industry": [("M1", "M1", 46), ("M2", "M2", 14), ("M3", "M3", 3), ("M4", "M4", 14), ("W1", "W1", 8), ("M1/W1", "M1", 5),
                 ("C8", "C8", 5), ("T", "T", 3), ("X", "X", 4)],
    "science": [("C65", "C65", 60), ("C6", "C6", 16), ("C65M4", "C65", 8), ("C5", "C5", 6), ("C8", "C8", 10)],
    "storage": [("W1", "W1", 70), ("T", "T", 15), ("M1", "M1", 15)],
    "biotech": [("M4", "M4", 34), ("C65", "C65", 22), ("M4C65", "M4", 10), ("C8", "C8", 20), ("M1", "M1", 14)],
}  # fmt: skip
#: code → permitted FAR from–to; codes without are not built on
PERMITTED = {
    "Rr": (1.4, 2.2), "Rr1": (1.0, 1.6), "Rr2": (1.6, 2.6), "Rr3": (2.0, 3.0), "Rr4": (2.2, 3.5), "Rc": (1.2, 2.2),
    "Rs": (0.8, 1.3), "C1": (1.8, 3.0), "C2": (1.5, 3.5), "C3": (1.0, 2.5), "C4": (0.6, 1.4), "C5": (1.5, 2.6),
    "C6": (1.0, 2.0), "C65": (1.8, 3.2), "C7": (0.8, 1.5), "C8": (2.5, 6.0), "C9": (1.0, 2.0), "M1": (1.0, 2.0),
    "M2": (1.0, 1.6), "M3": (1.0, 1.4), "M4": (1.8, 3.5), "W1": (1.0, 1.8), "T": (0.5, 1.2), "U": (0.4, 1.0),
}  # fmt: skip
_BUILT_IN = {
    "Rr1": (1918, 1965), "Rr2": (1982, 2008), "Rr3": (1995, 2018), "Rr4": (2016, 2023), "C7": (1912, 1937),
    "M1": (1958, 2001), "M2": (1956, 1990), "M3": (1956, 1985), "W1": (1962, 1999), "M4": (2006, 2023),
    "C65": (1988, 2022), "C8": (1996, 2022), "C2": (1986, 2019),
}  # fmt: skip
EVERY_CODE = (
    "Rr", "Rr1", "Rr2", "Rr3", "Rr4", "Rc", "Rs", "C1", "C2", "C3", "C4", "C5", "C6", "C65", "C7", "C8", "C9",
    "M1", "M2", "M3", "M4", "W1", "S", "T", "U", "G1", "G2", "E1", "X",
)  # fmt: skip
_NEVER_BUILT = ("G1", "G2", "E1", "S", "X")
STATUS = {"not_granted": "未供地", "granted_unbuilt": "已供未建", "built": "已建"}
OWNERS = (("国有", 45), ("集体", 8), ("民营", 30), ("混合", 17))
_ROADS = "甲乙丙丁戊己庚辛壬癸"


@dataclass
class Parcel:
    """One made-up parcel: its lot, the code that decides, its supply status, and the row that is written."""

    lot: Lot
    code: str
    status: str
    permitted: float | None
    year: int | None
    row: dict[str, Any] = field(default_factory=dict)


def build(lots: list[Lot], rng: random.Random) -> list[Parcel]:
    """A parcel for every lot; floor areas are filled in once the buildings are made."""
    written = [_use(lot, rng) for lot in lots]
    _have_every_code(lots, written, rng)
    return [_parcel(lot, text, code, rng) for lot, (text, code) in zip(lots, written, strict=True)]


def _use(lot: Lot, rng: random.Random) -> tuple[str, str]:
    rows = _WRITTEN[lot.main]
    text, code, _ = rng.choices(rows, [weight for _, _, weight in rows])[0]
    return text, code


def _have_every_code(lots: list[Lot], written: list[tuple[str, str]], rng: random.Random) -> None:
    # Twice each, in lots of houses, so that no code of the control-plan table is missing from the demo.
    houses = [i for i, lot in enumerate(lots) if lot.main in ("housing", "old_housing") and lot.zone != "other"]
    rng.shuffle(houses)
    for code in EVERY_CODE:
        for _ in range(2 - sum(text == code for text, _ in written)):
            written[houses.pop()] = (code, code)


def _parcel(lot: Lot, text: str, code: str, rng: random.Random) -> Parcel:
    status = _status(lot, code, rng)
    low, high = PERMITTED.get(code, (0.0, 0.0))
    permitted = round(rng.uniform(low, high), 1) if high else None
    first, last = _BUILT_IN.get(code, (1978, 2016))
    year = rng.randint(first, last) if status == "built" and code not in _NEVER_BUILT else None
    area = lot.metres.area
    slip = rng.choice((-1, 1)) * rng.uniform(0.01, 0.03) if rng.random() < 0.05 else 0.0
    use = text if rng.random() > 0.015 else None
    owner = _weighted(OWNERS, rng) if status != "not_granted" and rng.random() > 0.25 else None
    granted = status != "not_granted" and code not in ("G1", "G2", "E1", "S", "Rr1", "C7") and rng.random() < 0.5
    row = {
        "地块编号": lot.code,
        "地块名称": f"演示地块{lot.code.removeprefix('演示-')}" if rng.random() < 0.45 else None,
        "用地性质": use,
        "现状用途": _current(text, code, status, rng),
        "供地状态": STATUS[status] if rng.random() > 0.03 else None,
        "用地面积": round(area * (1 + slip), 1) if rng.random() > 0.03 else None,
        "建筑面积": None,
        "计容建筑面积": None,
        "容积率上限": permitted if rng.random() > 0.12 else None,
        "建成年份": year if rng.random() > 0.15 else None,
        "产权类型": owner,
        "产权人数": None if owner is None or rng.random() < 0.3 else 1 if owner != "混合" else rng.randint(2, 60),
        "土地使用权到期日": f"{rng.randint(2031, 2072)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        if granted
        else None,
        "坐落": _address(lot, rng) if rng.random() > 0.2 else None,
    }
    return Parcel(lot, code, status, permitted, year, row)


def _status(lot: Lot, code: str, rng: random.Random) -> str:
    if code == "X":
        return "not_granted"
    if code in _NEVER_BUILT:
        return "built"
    weights = (22, 14, 64) if lot.main == "biotech" else (7, 7, 86) if lot.zone == "north_middle_ring" else (5, 6, 89)
    return rng.choices(("not_granted", "granted_unbuilt", "built"), weights)[0]


def _current(text: str, code: str, status: str, rng: random.Random) -> str | None:
    if status != "built" or rng.random() < 0.3:
        return None
    if code in ("C8", "M4", "C65") and rng.random() < 0.12:
        return rng.choice(("M1", "W1", "C2"))
    return text


def _address(lot: Lot, rng: random.Random) -> str:
    u, v = int(lot.block.u * 9.99) % 10, int(lot.block.v * 9.99) % 10
    side = "东" if lot.code.startswith("演示-B") else "北"
    return f"演示{side}{_ROADS[u]}{_ROADS[v]}路{rng.randint(1, 620)}号"


def _weighted(rows: tuple[tuple[str, int], ...], rng: random.Random) -> str:
    return rng.choices([name for name, _ in rows], [weight for _, weight in rows])[0]


def is_built_on(parcel: Parcel) -> bool:
    """Whether buildings stand, or are to stand, on the parcel."""
    return parcel.code not in _NEVER_BUILT and parcel.permitted is not None
