"""A small made-up run, as ``geo.publish.read_run`` gives it, for tests of maps and pages that need no database."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.policy import policy
from geo.publish import Published, Run

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7*7 }}{% raw %}"
CRS = "EPSG:4549"
RULE = "office_to_rnd"
OTHER_RULE = "industrial_to_rnd"
#: south-west corner of the sample, EPSG:4549, in 北外滩
_X, _Y = 642_700.0, 3_459_300.0
_USES = ("commercial_office", "residential", "green", "commercial_service", "industrial", "education", None)
_CODES = ("C8", "Rr2", "G1", "C2", "M1", "C6", None)


def sample(
    rows: int = 8,
    columns: int = 8,
    *,
    name: str = HOSTILE,
    synthetic: bool = True,
    run_id: int = 3,
) -> Published:
    """A run over ``rows`` × ``columns`` parcels of 80 m by 60 m, lanes of 20 m between them; the first is named ``name``."""
    parcels = _parcels(rows, columns, name, synthetic)
    chosen = parcels[parcels["verdict"] == "candidate"]
    clusters = _clusters(chosen)
    carriers = _carriers(name, synthetic)
    by_zone = parcels.assign(n=1, n_unknown=parcels["gfa_m2"].isna().astype(int))
    figures = ["site_area_m2", "gfa_m2", "n", "n_unknown"]

    def total(*by: str) -> pd.DataFrame:
        return by_zone.groupby(list(by), dropna=False)[figures].sum(min_count=1).reset_index()

    both = by_zone.assign(land_use=by_zone["main_use"].fillna("unknown"))
    zone_and_use = both.groupby(["zone", "land_use"])[figures].sum(min_count=1).reset_index()
    use = both.groupby(["land_use"])[figures].sum(min_count=1).reset_index()
    return Published(
        run=_run(run_id, parcels, clusters, synthetic),
        candidates={RULE: parcels, OTHER_RULE: _by_another_rule(parcels)},
        clusters=clusters,
        carriers=carriers,
        totals={("zone", "land_use"): zone_and_use, ("zone",): total("zone"), ("land_use",): use},
        layers=_layers(),
    )


def _parcels(rows: int, columns: int, name: str, synthetic: bool) -> gpd.GeoDataFrame:
    n = rows * columns
    which = np.arange(n)
    x, y = _X + (which % columns) * 100.0, _Y + (which // columns) * 80.0
    # Skewed, so that a mistake in the order of axes does not pass for a square.
    outline = [
        shapely.Polygon([(a, b), (a + 80, b + 6), (a + 78, b + 66), (a - 2, b + 60)]) for a, b in zip(x, y, strict=True)
    ]
    use = [_USES[i % len(_USES)] for i in which]
    gfa = [None if i % 5 == 4 else 2_500.0 * (1 + i % 6) for i in which]
    verdict = [
        "candidate" if u == "commercial_office" and g is not None else "unknown" if g is None else "no"
        for u, g in zip(use, gfa, strict=True)
    ]
    score = [float(20 + 9 * (i % 9)) if v != "no" else None for i, v in zip(which, verdict, strict=True)]
    order = sorted((i for i in which if verdict[i] == "candidate"), key=lambda i: -(score[i] or 0))
    rank = {int(i): place + 1 for place, i in enumerate(order)}
    frame = {
        "parcel_code": [f"演示-{i + 1:04d}" if synthetic else f"HK-{i + 1:04d}" for i in which],
        "name": [name, *[f"第{i + 1}号地块" for i in which[1:]]],
        "zone": ["north_bund" if i % columns < columns - 2 else "other" for i in which],
        "land_use": [_CODES[i % len(_CODES)] for i in which],
        "land_use_parts": [  # as text, as it comes out of the database
            json.dumps([{"code": c, "table": "shanghai_kg", "use": u, "share": 1.0}])
            if (c := _CODES[i % 7]) and (u := use[i])
            else None
            for i in which
        ],
        "main_use": use,
        "supply_status": [("built", "not_granted", "granted_unbuilt", None)[i % 4] for i in which],
        "site_area_m2": [4_800.0 + 10 * i for i in which],
        "site_area_source": ["registered" if i % 3 else "measured" for i in which],
        "gfa_m2": pd.Series(gfa, dtype=float),
        "far": pd.Series([None if g is None else g / 4_800 for g in gfa], dtype=float),
        "max_far": [2.5] * n,
        "vacancy_share": pd.Series([0.35 if i % 2 else None for i in which], dtype=float),
        "station_distance_m": [120.0 + 10 * i for i in which],
        "owner_kind": ["private"] * n,
        "owner_count": [7] * n,
        "verdict": verdict,
        "score": pd.Series(score, dtype=float),
        "score_low": pd.Series(score, dtype=float),
        "score_high": pd.Series([None if s is None else s + 6 for s in score], dtype=float),
        "rank": pd.Series([rank.get(int(i)) for i in which], dtype="Int64"),
        "reasons": [_reasons(use[i], 4_800.0 + 10 * i, gfa[i]) for i in which],
        "contributions": [
            [
                _contribution("station", "station_distance_m", 120.0, "m", 2.0, 20.0),
                _contribution("vacancy", "vacancy_share", None, "%", 3.0, None),
            ]
            for _ in which
        ],
        "route": [_ROUTES[i % 4] if v != "no" else None for i, v in zip(which, verdict, strict=True)],
        "target_codes": [_CODES_OF[_ROUTES[i % 4]] if v != "no" else None for i, v in zip(which, verdict, strict=True)],
        "flags": [_flags(i) for i in which],
        "source": ["测试样本"] * n,
        "synthetic": [synthetic] * n,
    }
    return gpd.GeoDataFrame(pd.DataFrame(frame), geometry=outline, crs=CRS)


_ROUTES = ("existing_building", "land", "land", "existing_building")
_CODES_OF = {"existing_building": "C65", "land": "C65、M4"}


def _flags(number: int) -> list[dict[str, Any]]:
    """Heritage is near every third parcel, and nobody knows of plan changes."""
    near = 20.0 if number % 3 == 0 else 400.0
    both = {"route": None, "text": None, "clause": "assumption: told", "unit": "m", "threshold": "<= 50"}
    outcome = "raised" if near <= 50 else "clear"
    return [
        both | {"condition": "heritage_near", "outcome": outcome, "field": "heritage_distance_m", "value": near},
        both | {"condition": "approved_change", "outcome": "unknown", "field": "approved_change_share", "value": None},
    ]


def _by_another_rule(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same land by another rule: one candidate, all else no."""
    first = parcels.index == 4
    return parcels.assign(
        verdict=["candidate" if one else "no" for one in first],
        rank=pd.Series([1 if one else None for one in first], dtype="Int64"),
        route=["land" if one else None for one in first],
        target_codes=["M4、C65" if one else None for one in first],
    )


def _contribution(
    criterion: str, field: str, value: float | None, unit: str, weight: float, points: float | None
) -> dict[str, Any]:
    return {"criterion": criterion, "field": field, "value": value, "text": None, "unit": unit,
            "result": None if points is None else 1.0, "weight": weight, "contribution": points,
            "clause": "二(三)7"}  # fmt: skip


def _reasons(use: str | None, area: float, gfa: float | None) -> list[dict[str, Any]]:
    office = None if use is None else 100.0 * use.startswith("commercial")
    outcome = "unknown" if office is None or gfa is None else "pass" if office >= 50 else "fail"
    zones, half, size = "in north_bund, north_middle_ring", "assumption: at least half", "assumption: to be set"

    def reason(
        condition: str, outcome: str, field: str, value: Any, threshold: str, unit: Any, clause: str
    ) -> dict[str, Any]:
        text, number = (value, None) if isinstance(value, str) else (None, value)
        return {"condition": condition, "outcome": outcome, "field": field, "value": number, "text": text,
                "threshold": threshold, "unit": unit, "clause": clause}  # fmt: skip

    return [
        reason("in_zone", "pass", "zone", "north_bund", zones, None, "二(三)6"),
        reason("is_office", outcome, "office_share", office, ">= 50", "%", half),
        reason("large_enough", "pass", "site_area_m2", area, ">= 3000", "m2", size),
    ]


def _clusters(chosen: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    groups = [chosen.iloc[:3], chosen.iloc[3:5]]
    rows = [
        {
            "cluster_id": f"c{number}",
            "over": RULE,
            "parcel_codes": list(group["parcel_code"]),
            "n_parcels": len(group),
            "area_m2": float(group["site_area_m2"].sum()),
            "gfa_m2": float(group["gfa_m2"].sum()),
            "n_gfa_unknown": 0,
            "shape": shape,
            "elongation": 3.4,
            "compactness": 0.41,
            "geometry": shapely.MultiPolygon([group.geometry.union_all().convex_hull]),
        }
        for number, (group, shape) in enumerate(zip(groups, ("belt", "patch"), strict=True), start=1)
        if len(group)
    ]
    names = ["cluster_id", "over", "parcel_codes", "n_parcels", "area_m2", "gfa_m2", "n_gfa_unknown", "shape",
             "elongation", "compactness", "geometry"]  # fmt: skip
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry="geometry", crs=CRS)


def _carriers(name: str, synthetic: bool) -> gpd.GeoDataFrame:
    place = [shapely.Point(_X + 150, _Y + 110), shapely.Point(_X + 420, _Y + 250), None]
    frame = {
        "carrier_code": ["演示-载体-1", "演示-载体-2", "演示-载体-3"],
        "name": [name, "未知规模的载体", "无位置的载体"],
        "carrier_kind": ["park", "building", "incubator"],
        "status": ["active", "on_notice", "active"],
        "operator": ["某运营公司", None, None],
        "zone": ["north_bund", "north_bund", "unknown"],
        "gfa_m2": pd.Series([80_000.0, None, 12_000.0], dtype=float),
        "output_10k_yuan": [123_456.0] * 3,
        "tax_10k_yuan": [654_321.0] * 3,
        "fact_source": ["测试样本", None, None],
        "synthetic": [synthetic] * 3,
    }
    return gpd.GeoDataFrame(pd.DataFrame(frame), geometry=place, crs=CRS)


def _layers() -> dict[str, gpd.GeoDataFrame]:
    def layer(shapes: list[Any], **columns: list[Any]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=CRS)

    def line(*points: tuple[float, float]) -> Any:
        return shapely.LineString([(_X + a, _Y + b) for a, b in points])

    return {
        "zones": layer(
            [shapely.box(_X - 40, _Y - 40, _X + 590, _Y + 680)],
            zone=["north_bund"],
            name=["北外滩现代服务业集聚区"],
            indicative=[True],
        ),
        "stations": layer(
            [shapely.Point(_X + 300, _Y - 20), shapely.Point(_X + 700, _Y + 300)],
            name=["提篮桥", "大连路"],
            lines=[["12号线"], ["4号线", "12号线"]],
        ),
        "barriers": layer(
            [line((-60, -20), (900, -20)), line((-60, 300), (900, 302)), line((585, -60), (590, 700))],
            barrier_class=["arterial", "secondary", "elevated"],
            name=["东大名路", "唐山路", "内环高架"],
        ),
        "heritage": layer([shapely.Point(_X + 220, _Y + 140)], name=["某历史建筑"], protection=["优秀历史建筑"]),
    }


def _run(run_id: int, parcels: gpd.GeoDataFrame, clusters: gpd.GeoDataFrame, synthetic: bool) -> Run:
    rules = policy("hongkou-2025")
    counts = {verdict: int((parcels["verdict"] == verdict).sum()) for verdict in ("candidate", "unknown", "no")}
    zones = {
        zone: {
            "n_parcels": int((parcels["zone"] == zone).sum()),
            "site_area_m2": float(parcels.loc[parcels["zone"] == zone, "site_area_m2"].sum()),
            "gfa_m2": float(parcels.loc[parcels["zone"] == zone, "gfa_m2"].sum()),
            "n_gfa_unknown": int(parcels.loc[parcels["zone"] == zone, "gfa_m2"].isna().sum()),
            "n_candidates": int(((parcels["zone"] == zone) & (parcels["verdict"] == "candidate")).sum()),
        }
        for zone in (*rules.zones.names, "other")
    }
    figures = {
        "rule": RULE,
        "n_parcels": len(parcels),
        "site_area_m2": float(parcels["site_area_m2"].sum()),
        "gfa_m2": float(parcels["gfa_m2"].sum()),
        "n_gfa_unknown": int(parcels["gfa_m2"].isna().sum()),
        "verdicts": counts,
        "candidate_area_m2": float(parcels.loc[parcels["verdict"] == "candidate", "site_area_m2"].sum()),
        "n_clusters": len(clusters),
        "largest_cluster_area_m2": float(clusters["area_m2"].max()),
        "park_boundary_known": False,
        "zones": zones,
        "n_carriers": 2,
        "n_carriers_unknown": 1,
        "n_carriers_undecided": 1,
        "carrier_gfa_m2": 80_000.0,
        "target_m2": 1_000_000.0,
        "target_by": "2026-12-31",
        "target_clause": "一(三)",
        "gap_m2": 920_000.0,
    }
    return Run(
        run_id=run_id,
        policy_id=rules.id,
        policy_hash=rules.hash,
        policy=rules.model_dump(mode="json"),
        data_version="d41d8cd98f00b204",
        as_of=date(2026, 11, 22),
        code_version="0.1.0+test",
        seed=0,
        actor="tests",
        made_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        synthetic=synthetic,
        pinned=False,
        figures=figures,
    )
