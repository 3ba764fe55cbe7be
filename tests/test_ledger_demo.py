"""The demo's ledger against its raw files, added up here by other means: pipeline, demolition, and what carriers hold."""

from __future__ import annotations

import csv
from collections import defaultdict
from typing import Any

import pandas as pd
import pytest
from test_demo import DEMO, features, number

import geo
from geo.database import Database

STATES = {"已批未建": "approved", "在建": "under_construction", "已拆除": "demolished"}
DAY = {"approved": "计划竣工日期", "under_construction": "计划竣工日期", "demolished": "拆除日期"}


def total(row: dict[str, Any]) -> float | None:
    above, below, gfa = number(row["地上建筑面积"]), number(row["地下建筑面积"]), number(row["建筑面积"])
    return above + below if gfa is None and above is not None and below is not None else gfa


@pytest.fixture(scope="module")
def buildings() -> list[dict[str, Any]]:
    return [feature["properties"] for feature in features("buildings.geojson")]


def test_pipeline_and_demolition_by_year_are_those_of_the_raw_file(
    demo_db: Database, buildings: list[dict[str, Any]]
) -> None:
    wanted: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for row in buildings:
        if row["建设状态"] in STATES:
            state = STATES[row["建设状态"]]
            wanted[state, (row[DAY[state]] or "unknown")[:7].split("-")[0]].append(total(row))
    found = geo.floor_area(demo_db, by=["state", "year"], states=list(STATES.values())).query("n > 0")
    assert set(zip(found["state"], found["year"], strict=True)) == set(wanted)
    for state, year, gfa, n, unknown in found[["state", "year", "gfa_m2", "n", "n_unknown"]].itertuples(index=False):
        figures = wanted[state, year]
        known = [figure for figure in figures if figure is not None]
        assert (n, unknown) == (len(figures), len(figures) - len(known))
        assert (pd.isna(gfa) and not known) or gfa == pytest.approx(sum(known), abs=0.05)


def test_what_carriers_hold_is_that_of_the_raw_files(demo_db: Database, buildings: list[dict[str, Any]]) -> None:
    parcels = {f["properties"]["地块编号"]: f["properties"] for f in features("parcels.geojson")}
    rows = [f["properties"] for f in features("carriers_made_up.geojson")]
    gone = {row["carrier_code"] for row in rows if row["status"] in ("摘牌", "已替换")}
    standing: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in buildings:
        if row["建设状态"] == "现状":
            standing[row["地块编号"]].append(row)

    def own(parcel: str) -> bool:
        """Whether the parcel's own figure speaks, for one of its buildings has none."""
        return None in map(total, standing[parcel]) and number(parcels[parcel]["建筑面积"]) is not None

    with (DEMO / "carrier_shares.csv").open(encoding="utf-8", newline="") as lines:
        shares = [row for row in csv.DictReader(lines) if row["carrier_code"] not in gone]
    wanted: dict[str, float] = defaultdict(float)
    unsure = set()
    for row in shares:
        code, target = row["carrier_code"], row["target_code"]
        if row["stands_on"] == "地块":
            figures = [number(parcels[target]["建筑面积"])] if own(target) else [total(b) for b in standing[target]]
        else:
            (one,) = [b for b in buildings if b["楼栋编号"] == target]
            if one["建设状态"] != "现状":
                continue
            single = own(one["地块编号"]) and len(standing[one["地块编号"]]) == 1
            figures = [number(parcels[one["地块编号"]]["建筑面积"]) if single else total(one)]
        if not row["share"] or None in figures:
            unsure.add(code)
        else:
            wanted[code] += float(row["share"]) * sum(figure for figure in figures if figure is not None)
    found = geo.floor_area(demo_db, by=["carrier"]).set_index("carrier")
    sure = sorted(set(wanted) - unsure)
    assert len(sure) > 15
    for code in sure:
        assert found.loc[code, "gfa_m2"] == pytest.approx(wanted[code], abs=0.5), code
    assert not gone & set(found.index)
