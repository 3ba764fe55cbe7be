"""Makes every made-up file of the demo, always the same: ``python data/make_demo/make_demo.py [--out FOLDER]``.

Everything hangs on the one seed and on what is drawn in ``drawn.py``; running it again gives the same bytes.  The named
carriers (``carriers_named.csv``) are facts, written by hand, and not made here.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import buildings
import carriers
import lots
import parcels
import places
import plans
import shapely
import streets
from drawn import NORTH_BUND, NORTH_MIDDLE_RING, to_degrees
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

SEED = 20250307


def main() -> None:
    """Write the files, into this folder or another."""
    parser = argparse.ArgumentParser(description="Make the demo's files.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "demo")
    write(parser.parse_args().out)


def write(folder: Path) -> None:
    """Write every made-up file into ``folder``."""
    rng = random.Random(SEED)
    quarters = streets.build(rng)
    lots_made = lots.build(quarters, rng)
    parcels_made = parcels.build(lots_made, rng)
    buildings_made = buildings.build(parcels_made, rng)
    carriers_made = carriers.build(parcels_made, buildings_made, rng)
    _geojson(folder / "zones.geojson", _zones())
    _geojson(folder / "parcels.geojson", ((p.row, p.lot.shape) for p in parcels_made))
    _geojson(folder / "buildings.geojson", ((b.row, b.shape) for b in buildings_made))
    _geojson(folder / "carriers_made_up.geojson", ((c.row, c.shape) for c in carriers_made))
    _geojson(folder / "barriers.geojson", places.barriers(quarters))
    _geojson(folder / "stations.geojson", places.stations())
    _geojson(folder / "heritage.geojson", places.heritage(lots_made, rng))
    services_made = places.services(lots_made, rng)
    # A stream of chance of their own: what was there before them stays as it was.
    more = random.Random(SEED + 1)
    services_made += plans.institutes(lots_made, len(services_made) + 1, more)
    _csv(folder / "services.csv", services_made)
    _geojson(folder / "centre_tiers.geojson", plans.centres())
    _geojson(folder / "plan_changes.geojson", plans.changes())
    _geojson(folder / "open_spaces.geojson", plans.open_spaces(lots_made, parcels_made))
    _csv(folder / "leases.csv", plans.leases(buildings_made, more))
    _csv(folder / "carrier_shares.csv", [row for c in carriers_made for row in c.shares])
    _csv(folder / "carrier_years.csv", [row for c in carriers_made for row in c.years])


def _zones() -> list[tuple[dict[str, Any], Polygon]]:
    rows = [
        (
            "north_bund",
            "北外滩现代服务业集聚区",
            "示意：按公开四至（东大连路及秦皇岛路段、南黄浦江—苏州河、西河南北路、北海宁路—周家嘴路）手绘，南界绘于江中",
            NORTH_BUND,
        ),
        (
            "north_middle_ring",
            "北中环科创产业集聚带",
            "示意：官方四至未公开，大致围绕汶水东路/中环—大柏树—曲阳路/广粤路手绘",
            NORTH_MIDDLE_RING,
        ),
    ]
    return [
        (
            {"zone": zone, "name": name, "indicative": True, "basis": basis},
            orient(Polygon([to_degrees((x, y)) for x, y in area.exterior.coords])),
        )
        for zone, name, basis, area in rows
    ]


def _geojson(path: Path, features: Iterable[tuple[dict[str, Any], BaseGeometry | None]]) -> None:
    """One feature a line, so that a change shows as the lines it touches; CGCS2000 is declared in the file."""
    head = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    lines = [_json({"type": "Feature", "properties": row, "geometry": _geometry(shape)}) for row, shape in features]
    text = f'{{"type":"FeatureCollection","name":"{path.stem}","crs":{_json(head)},"features":[\n'
    path.write_text(text + ",\n".join(lines) + "\n]}\n", encoding="utf-8", newline="\n")


def _geometry(shape: BaseGeometry | None) -> dict[str, Any] | None:
    if shape is None:
        return None
    made: dict[str, Any] = shapely.geometry.mapping(shape)
    return made


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
