"""A hand-drawn city whose answers are known by eye.  One unit is a metre; (0, 0) is E 641000 N 3462000 in EPSG:4549.

::

    800 ┌──────────────────── north_middle_ring ───────────────────┐
        │                                                          │
    732 │ ┌─────┐ ┌─────┐                          * ST2 (300,700) │
        │ │ N4  │ │ N5  │                                          │
    632 │ └─────┘ └─────┘                                          │
    626 │~~~~~~~~~~~~~~~~ river ~~~~~~~~~~~~~~~~~                  │
    620 │ ┌──────────┬──────────┐                                  │
    570 │ │    N1    │    N3    │        N2, N3 end on N1's side:  │
        │ │          ├──────────┤        T-junction                │
    520 │ └──────────┴───N2─────┘                                  │
    500 └──0────────200────────400─────────────────────────────────┘
    480                       300┌─────┐400
                                 │ O1  │
    380      ┌─────┐             └─────┘
    370      │     │
        ┌────┤ B2  │        B1 stands half in north_bund,
    350 │ B1 │     │        B2 three tenths
    300 ├────┼─────┼────────── north_bund's upper edge ─────────────┐
    270 │    └─────┘                                               │
    250 └────┘                                                     │
    212   ┌─────┬───────────┐  ║                                   │
          │ S4  │    S5     │  ║   ┌──┐162        ┌─────┐200       │
    112   └─────┴───────────┘  ║   │S7│  112      │ S8  │ H1 on its│
    106 ──── branch road ──────║   └──┘           │     │ west half│
    100   ┌─────┬─────┬─────┐  ║arterial ┌─────┐──┴─────┘100       │
          │ S1  │ S2  │ S3  │  ║         │ S6  │ touches S8 at one │
      0   └─────┴─────┴─────┘  ║         └─────┘ corner            │
          0    100   200   300 315      330   430   530         600
   -100     * ST1 (50,-100)

What is known: S1 everything; S2 is C2C8 without shares and one of its buildings has no floor area; S3 has a figure of its
own beside a building without one; S4 has no building and no figure; S5 is granted and unbuilt; S8's use is not known.

The centre T1 (main) covers the south-west up to x = 260 and north_bund's upper edge, T2 (community) N4, T3 (district) N5; a
green lies 10 m south of S1; an approved plan change covers the lower half of O1, one of unknown stage touches S8.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely

from geo.database import Database

EAST, NORTH = 641_000.0, 3_462_000.0
#: from when everything holds
FROM = date(2024, 1, 1)

Row = dict[str, Any]


def box(left: float, bottom: float, right: float, top: float) -> shapely.Polygon:
    """A rectangle in the city's own metres, as a shape in the work CRS."""
    return shapely.box(EAST + left, NORTH + bottom, EAST + right, NORTH + top)


def point(x: float, y: float) -> shapely.Point:
    """A point in the city's own metres, as a shape in the work CRS."""
    return shapely.Point(EAST + x, NORTH + y)


def line(*places: tuple[float, float]) -> shapely.LineString:
    """A line in the city's own metres, as a shape in the work CRS."""
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in places])


def _rows(names: str, *rows: tuple[Any, ...]) -> list[Row]:
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


CITY: dict[str, list[Row]] = {
    "zones": _rows(
        "zone name indicative geom",
        ("north_bund", "北外滩", "true", box(-50, -50, 600, 300)),
        ("north_middle_ring", "北中环", "true", box(-50, 500, 600, 800)),
    ),
    "parcels": _rows(
        "parcel_code land_use supply_status registered_area_m2 gfa_m2 countable_gfa_m2 max_far year_built geom",
        ("S1", "C8", "built", 10_000, None, None, 3.0, None, box(0, 0, 100, 100)),
        ("S2", "C2C8", "built", 10_000, None, None, 3.0, None, box(100, 0, 200, 100)),
        ("S3", "C8(60%)Rr2(40%)", "built", 10_000, 15_000, None, 2.5, 1995, box(200, 0, 300, 100)),
        ("S4", "C2", "not_granted", 10_000, None, None, 2.0, None, box(0, 112, 100, 212)),
        ("S5", "C65", "granted_unbuilt", 20_000, None, None, 3.0, None, box(100, 112, 300, 212)),
        ("S6", "M1", "built", 10_000, 5_000, 5_000, 2.0, 1980, box(330, 0, 430, 100)),
        ("S7", "C8", "built", 2_500, 4_000, None, 2.0, None, box(330, 112, 380, 162)),
        ("S8", None, "built", 10_000, 9_000, None, None, None, box(430, 100, 530, 200)),
        ("B1", "C8", "built", None, 20_000, 18_000, 2.0, 2001, box(0, 250, 100, 350)),
        ("B2", "C8", "built", 10_000, 20_000, 18_000, 2.0, 2001, box(120, 270, 220, 370)),
        ("O1", "Rr2", "built", 10_000, 12_000, 12_000, 1.2, 1990, box(300, 380, 400, 480)),
        ("N1", "M1", "built", 20_000, None, None, 2.0, None, box(0, 520, 200, 620)),
        ("N2", "C8", "not_granted", 10_000, None, None, 2.5, None, box(200, 520, 400, 570)),
        ("N3", "C8", "not_granted", 10_000, None, None, None, None, box(200, 570, 400, 620)),
        ("N4", "M4", "built", 10_000, 22_000, 20_000, 2.0, 2015, box(0, 632, 100, 732)),
        ("N5", "C2", "built", 9_500, 7_000, 7_000, 2.0, 2010, box(112, 632, 212, 732)),
    ),
    "buildings": _rows(
        "building_code parcel_code use state gfa_above_m2 gfa_below_m2 gfa_m2 countable_gfa_m2 vacancy_share year_built",
        ("S1-1", "S1", "C8", "standing", 10_000, 2_000, None, 11_000, 0.4, 1998),
        ("S1-2", "S1", "C2", "standing", None, None, 8_000, 7_000, 0.1, 2005),
        ("S2-1", "S2", "C8", "standing", None, None, 9_000, 9_000, 0.2, 2000),
        ("S2-2", "S2", None, "standing", None, None, None, None, None, None),
        ("S3-1", "S3", "C8", "standing", 6_000, None, None, None, 0.5, 1999),
        ("S5-1", "S5", "C65", "under_construction", None, None, 50_000, 48_000, None, None),
        ("N1-1", "N1", None, "standing", None, None, 16_000, 16_000, 0.9, 1975),
        ("N1-2", "N1", "M1", "demolished", None, None, 6_000, 6_000, 0.0, 1960),
    ),
    "stations": _rows("station_code name geom", ("ST1", "甲站", point(50, -100)), ("ST2", "乙站", point(300, 700))),
    "heritage": _rows(
        "heritage_code name statutory geom",
        ("H1", "旧址", "true", box(430, 100, 480, 200)),
        ("H2", "旧址（叠）", "true", box(450, 50, 480, 150)),
        ("H3", "旧居", "false", point(150, 50)),
    ),
    "barriers": _rows(
        "barrier_code name barrier_class width_m geom",
        ("R1", "支一路", "branch", 12, line((-50, 106), (310, 106))),
        ("R2", "干一路", "arterial", 30, line((315, -50), (315, 220))),
        ("W1", "小河", "river", 12, line((-50, 626), (420, 626))),
    ),
    "carriers": _rows(
        "carrier_code name carrier_kind status industries gfa_m2 geom",
        ("C1", "甲园", "park", "active", "互联网服务、金融", 30_000, point(50, 50)),
        ("C2", "乙楼", "building", "active", "金融", None, None),
        ("C3", "丙孵化器", "incubator", "on_notice", "绿色低碳", None, None),
        ("C4", "丁园", "park", "delisted", None, 8_000, None),
        ("C5", "戊楼", "building", "active", "绿色低碳", None, box(110, 10, 190, 90)),
        ("C6", "己平台", "platform", "active", "检验检测", None, point(350, 430)),
    ),
    "carrier_shares": _rows(
        "carrier_code stands_on target_code share",
        ("C2", "building", "S1-1", 0.5),
        ("C2", "parcel", "S3", 1.0),
        ("C3", "building", "N1-1", None),
        ("C5", "parcel", "S2", 1.0),
    ),
    "services": _rows(
        "service_code name category geom",
        ("V1", "甲研究所", "科研机构", point(50, 150)),
        ("V2", "乙小学", "学校", point(60, 150)),
        ("V3", "丙研究院", "科研机构", point(350, -1100)),
    ),
    "centre_tiers": _rows(
        "centre_code name centre_tier geom",
        ("T1", "甲中心", "main_centre", box(-50, -50, 260, 300)),
        ("T2", "乙中心", "community_centre", box(-10, 630, 106, 740)),
        ("T3", "丙中心", "district_centre", box(106, 630, 230, 740)),
    ),
    "open_spaces": _rows(
        "open_space_code name open_space_kind geom",
        ("G1", "滨河绿地", "公园", box(0, -60, 60, -10)),
    ),
    "plan_changes": _rows(
        "change_code name change_status geom",
        ("P1", "甲调整", "approved", box(300, 380, 400, 430)),
        ("P2", "甲调整（叠）", "approved", box(300, 400, 400, 430)),
        ("P3", "乙调整", None, box(500, 100, 530, 200)),
        ("P4", "丙调整", "public", box(330, 0, 430, 100)),
    ),
    "leases": _rows(
        "lease_code stands_on target_code leased_m2 lease_ends_on",
        ("L1", "building", "N1-1", 1_600, "2027-06-30"),
        ("L2", "building", "S1-1", 5_000, "2026-06-30"),
        ("L3", "parcel", "S1", 2_000, "2025-06-30"),
        ("L4", "building", "S3-1", 3_000, None),
        ("L5", "parcel", "N5", 3_000, "2024-03-31"),
    ),
}
_LAND_USE = ("land_use", "use", "new_use")

#: owner_kind, owner_count, grant_ends_on of the parcels of which they are known, owner_kind and owner_count of buildings
_OWNERS: dict[str, tuple[Any, ...]] = {
    "S1": ("state_owned", 1, "2060-06-30"),
    "S3": ("private", 2, "2055-01-01"),
    "S6": ("private", 1, "2030-01-01"),
    "S7": ("private", 40, "2050-01-01"),
    "B1": ("mixed", 3, "2060-12-31"),
    "N1": ("state_owned", 1, "2060-01-01"),
    "N4": ("collective", 1, None),
    "N5": ("state_owned", 1, "2060-01-01"),
    "S2-1": ("state_owned", 1),
    "S2-2": ("private", 1),
    "S3-1": ("private", 2),
}
for _row in CITY["parcels"]:
    _found = _OWNERS.get(_row["parcel_code"], (None, None, None))
    _row |= dict(zip(("owner_kind", "owner_count", "grant_ends_on"), _found, strict=True))
for _row in CITY["buildings"]:
    _row |= dict(zip(("owner_kind", "owner_count"), _OWNERS.get(_row["building_code"], (None, None)), strict=True))


def outlines() -> dict[str, shapely.Polygon]:
    """Each parcel's outline by its code."""
    return {row["parcel_code"]: row["geom"] for row in CITY["parcels"]}


def load_small_city(db: Database, only: tuple[str, ...] = tuple(CITY), **changes: list[Row]) -> None:
    """Import the city, kind by kind, from small files; ``changes`` puts other rows in the place of a kind's own."""
    with TemporaryDirectory() as folder:
        for kind in only:
            load_rows(db, kind, changes.get(kind, CITY[kind]), Path(folder))


def load_rows(db: Database, kind: str, rows: list[Row], folder: Path, effective: date = FROM) -> None:
    """Import rows of one kind from a file written into ``folder``."""
    from geo.intake import load

    names = [name for name in rows[0] if name != "geom"]
    file, mapping = folder / f"{kind}.csv", folder / f"{kind}.toml"
    drawn = "geom" in rows[0]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*names, "wkt"] if drawn else names)
        for row in rows:
            cells = ["" if row[name] is None else row[name] for name in names]
            writer.writerow([*cells, "" if row["geom"] is None else row["geom"].wkt] if drawn else cells)
    columns = [
        f'{name} = {{ column = "{name}", table = "shanghai_kg" }}' if name in _LAND_USE else f'{name} = "{name}"'
        for name in names
    ]
    place = ['crs = "EPSG:4549"', "", "[geometry]", 'wkt = "wkt"'] if drawn else []
    source = ["", "[source]", 'name = "drawn by hand for the tests"', "synthetic = false"]
    lines = [f'kind = "{kind}"', *place, *source, "", "[columns]", *columns]
    mapping.write_text("\n".join(lines) + "\n", encoding="utf-8")
    load(db, file, kind=kind, mapping=mapping, effective=effective, actor="tests")
