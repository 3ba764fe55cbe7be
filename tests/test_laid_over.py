"""Measures laid over frames that one can see through: a site over several parcels, delisting, and land judged again."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import Point, box

import geo
from geo.judge.laid_nearby import laid_nearby
from geo.judge.laid_over import laid_ledger, laid_parcels

POLICY = geo.policy("hongkou-2025")
READY = date(2031, 3, 1)


def row(code: str, books: str = "floor_area", **more: Any) -> dict[str, Any]:
    plain = {"zone": "north_bund", "park": "unknown", "street": "unknown", "land_use": "commercial_office"}
    held = {"state": "standing", "year": "unknown", "carrier": "none", "kind": "none", "operator": "none"}
    rest = {"operator_role": "none", "supply_status": "built", "building_code": None, "share": 1.0, "import_id": 1}
    size = {"site_area_m2": None, "gfa_m2": 1000.0, "gfa_source": "parcel", "since": None, "share_import_id": None}
    found = {"books": books, "parcel_code": code} | plain | held | rest | size | more
    if books == "site_area":
        found |= {
            "state": "none",
            "gfa_m2": None,
            "site_area_m2": more.get("site_area_m2", 10_000.0),
            "gfa_source": None,
        }
    return found


def site(code: str, area: float = 10_000.0) -> dict[str, Any]:
    return row(code, "site_area", site_area_m2=area)


def measure(kind: str, **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = dict.fromkeys(("building_code", "carrier_code", "rule", "route"))
    return (
        plain | {"measure_id": f"{kind}:x", "kind": kind, "parcel_codes": [], "ready_on": READY, "sources": ()} | more
    )


LAND = pd.DataFrame(
    [
        {"parcel_code": "A", "main_use": "industrial", "max_far": 2.0, "site_area_m2": 10_000.0},
        {"parcel_code": "B", "main_use": "industrial", "max_far": 2.0, "site_area_m2": 30_000.0},
        {"parcel_code": "ANCHOR", "main_use": "industrial", "max_far": 9.0, "site_area_m2": 90_000.0},
    ]
)


def test_a_site_is_divided_over_its_new_parcels_and_leaves_what_it_has_already() -> None:
    ledger = pd.DataFrame([
        row("A", gfa_m2=1_000.0), row("A", carrier="C", gfa_m2=500.0, building_code="A-1"), row("B", gfa_m2=0.0),
        row("ANCHOR", gfa_m2=7_000.0), site("A"), site("B", 30_000.0), site("ANCHOR", 90_000.0),
    ])  # fmt: skip
    chosen = measure(
        "site", parcel_codes=["A", "B", "ANCHOR"], gfa_m2=79_500.0, sources=("parcel:A", "parcel:B", "site")
    )
    laid = laid_ledger(POLICY, ledger, pd.DataFrame([chosen]), LAND)
    floor = laid[laid["books"] == "floor_area"]
    told = floor[["parcel_code", "state", "carrier", "gfa_m2"]].itertuples(index=False, name=None)
    assert sorted(told) == [
        ("A", "demolished", "none", 1_000.0),
        ("A", "standing", "C", 500.0),
        ("A", "standing", "site:x", 19_875.0),
        ("ANCHOR", "standing", "none", 7_000.0),
        # What is known to be nothing gives way.
        ("B", "standing", "site:x", 59_625.0),
    ]
    new = floor[floor["carrier"] == "site:x"]
    assert set(new["land_use"]) == {"unknown"}, "nobody has said for what it is planned"
    assert set(new["year"]) == {"2031"}
    assert laid["site_area_m2"].sum() == ledger["site_area_m2"].sum()


def test_who_is_delisted_holds_nothing_any_more_and_its_land_is_judged_as_that_of_a_delisted_carrier() -> None:
    ledger = pd.DataFrame([row("A", carrier="C", kind="park"), row("A", carrier="D"), site("A")])
    chosen = pd.DataFrame([measure("delisting", carrier_code="C", gfa_m2=-1_000.0)])
    laid = laid_ledger(POLICY, ledger, chosen, LAND)
    assert laid.loc[laid["books"] == "floor_area", ["carrier", "kind"]].to_numpy().tolist() == [
        ["none", "none"],
        ["D", "none"],
    ]
    parcels = pd.DataFrame({"parcel_code": ["A", "B", "E"], "delisted_carriers": pd.array([0, 1, None], dtype="Int64")})
    standing = pd.DataFrame({"parcel_code": ["A", "E"], "carrier_code": ["C", "C"]})
    after = laid_parcels(POLICY, parcels, chosen, standing, laid)
    assert after["delisted_carriers"].tolist() == [1, 1, 1]
    assert parcels["delisted_carriers"].isna().tolist() == [False, False, True], "the frame that was given is as it was"


def test_a_converted_building_keeps_its_parcels_supply_and_gets_the_targets_use() -> None:
    ledger = pd.DataFrame([row("A"), site("A")])
    route = {"rule": "industrial_to_rnd", "route": "existing_building"}
    chosen = pd.DataFrame([measure("conversion_building", parcel_codes=["A"], gfa_m2=1_000.0, **route)])
    target = next(r for r in POLICY.rule("industrial_to_rnd").routes if r.id == "existing_building").targets[0]
    facts = {
        "parcel_code": ["A"],
        "main_use": ["industrial"],
        "land_use": ["M1"],
        "land_use_parts": ["[]"],
        "max_far": [2.0],
    }
    shares = {"office_share": [0.0], "industrial_share": [1.0], "rnd_share": [0.0], "vacancy_share": [0.9]}
    parcels = pd.DataFrame(facts | shares | {"supply_status": ["built"], "gfa_m2": [1_000.0]})
    laid = laid_ledger(POLICY, ledger, chosen, LAND)
    after = laid_parcels(POLICY, parcels, chosen, pd.DataFrame({"parcel_code": [], "carrier_code": []}), laid).iloc[0]
    assert (after["land_use"], after["main_use"]) == (target.code, target.use)
    assert after[["office_share", "industrial_share", "rnd_share", "gfa_m2"]].tolist() == [0, 0, 1, 1_000]
    assert pd.isna(after["vacancy_share"]), "nobody knows how full it will be"
    assert set(laid["land_use"]) == {target.use}


def test_what_is_delisted_or_made_active_is_within_the_reach_of_neighbours_and_not_of_its_own_parcel() -> None:
    land = gpd.GeoDataFrame(
        {
            "parcel_code": ["A", "B", "FAR", "U"],
            "carriers_nearby": [0, 1, 1, None],
            "leading_carriers_nearby": [0, 1, 0, None],
        },
        geometry=[box(0, 0, 10, 10), box(100, 0, 110, 10), box(5000, 0, 5010, 10), box(200, 0, 210, 10)],
        crs="EPSG:4549",
    ).astype({"carriers_nearby": "Int64", "leading_carriers_nearby": "Int64"})
    leading = POLICY.measures.leading_industries.value[0]  # type: ignore[union-attr]
    carriers = gpd.GeoDataFrame(
        {"carrier_code": ["GOES", "COMES"], "status": ["active", "planned"], "industries": [leading, "别的产业"]},
        geometry=[Point(5, 5), Point(105, 5)],
        crs="EPSG:4549",
    )
    ledger = pd.DataFrame({"parcel_code": ["A", "B"], "carrier": ["GOES", "COMES"]})
    goes = measure("delisting", carrier_code="GOES")
    comes = measure("completion", carrier_code="COMES", parcel_codes=["B"])

    def nearby(*chosen: dict[str, Any]) -> list[list[float]]:
        found = laid_nearby(POLICY, land, carriers, pd.DataFrame(chosen), ledger)
        return found[["carriers_nearby", "leading_carriers_nearby"]].astype("float64").fillna(-1).to_numpy().tolist()

    assert nearby(goes) == [[0, 0], [0, 0], [1, 0], [-1, -1]]
    assert nearby(comes, comes) == [[1, 0], [1, 1], [1, 0], [-1, -1]], (
        "once, however many of its buildings are completed"
    )
    assert nearby(goes, comes) == [[1, 0], [0, 0], [1, 0], [-1, -1]]
    new = measure("admit", parcel_codes=["A"])
    assert nearby(new) == [[0, 0], [2, -1], [1, 0], [-1, -1]], "of a new one nobody has said the industries"
