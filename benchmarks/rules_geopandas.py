"""A peer of the rules' benchmark: plain GeoPandas, that looks neither at history nor at who may read."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.database import Database
from geo.policy import Condition, Criterion, Policy, Rule

OFFICE, INDUSTRIAL = {"commercial_office", "commercial_service"}, {"industrial", "storage"}
RND = {"research_design", "industrial_rnd"}
#: parcels joined with all that is near, judged and written at a time: a million at once need over 23 GB
AT_ONCE = 100_000
BIG = ["zones", "stations", "heritage", "centre_tiers", "open_spaces", "plan_changes", "services", "carriers"]


def geopandas_way(db: Database, chosen: Policy, day: date) -> dict[str, dict[str, int]]:
    """Read everything, join with ``sjoin_nearest`` and ``sjoin``, judge in columns, write reasons row by row."""
    tables = {
        name: gpd.read_postgis(f"SELECT * FROM registry.{name}", db.engine, geom_col="geom")
        for name in ["parcels", *BIG]
    }
    buildings, leases = (pd.read_sql(f"SELECT * FROM registry.{name}", db.engine) for name in ("buildings", "leases"))
    land = _measured(tables, buildings, leases, chosen, day)
    del tables, buildings, leases
    counts = {}
    with db.write() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE published.bench_geopandas (rule text, parcel_code text, verdict text, score_low float8,"
            " score_high float8, reasons jsonb, contributions jsonb, flags jsonb)"
        )
        raw: Any = connection.connection.driver_connection
        for name, rule in chosen.rules.items():
            found: Counter[str] = Counter()
            with raw.cursor() as cursor, cursor.copy("COPY published.bench_geopandas FROM STDIN (FORMAT csv)") as copy:
                for start in range(0, len(land), AT_ONCE):
                    table = _judged(land.iloc[start : start + AT_ONCE], rule).assign(rule=name)
                    found.update(table["verdict"])
                    text = io.StringIO()
                    table[["rule", *table.columns.drop("rule")]].to_csv(text, index=False, header=False)
                    copy.write(text.getvalue())
            counts[name] = dict(found)
    return counts


def _measured(
    tables: dict[str, gpd.GeoDataFrame], buildings: pd.DataFrame, leases: pd.DataFrame, chosen: Policy, day: date
) -> gpd.GeoDataFrame:
    land = tables["parcels"].sort_values("id").set_index("parcel_code", drop=False)
    area = land.geometry.area
    site = land["registered_area_m2"].fillna(land["measured_area_m2"])
    out: dict[str, Any] = {"site_area_m2": site, "max_far": land["max_far"], "supply_status": land["supply_status"]}
    for measure, uses in (("office_share", OFFICE), ("industrial_share", INDUSTRIAL), ("rnd_share", RND)):
        table: dict[str, float] = {}
        for parts in land["land_use_parts"]:
            key = json.dumps(parts)
            if key not in table:
                table[key] = _share(parts, uses)
        out[measure] = [table[json.dumps(parts)] for parts in land["land_use_parts"]]
    out["main_use"] = [_main(parts) for parts in land["land_use_parts"]]
    out["zone"] = _best(land, tables["zones"], "zone", area, "other")
    out["centre_tier"] = _best(land, tables["centre_tiers"], "centre_tier", area, "outside")
    statutory = tables["heritage"][tables["heritage"]["statutory"] & (tables["heritage"].geom_type != "Point")]
    out["heritage_share"] = _covered(land, statutory, area)
    unsure = tables["heritage"][~tables["heritage"]["statutory"]]
    hits = gpd.sjoin(unsure[["geom"]], land[["geom"]], predicate="within")
    inside = set(gpd.sjoin(unsure[["geom"]], statutory[["geom"]], predicate="within").index)
    doubtful = hits[~hits.index.isin(inside)].iloc[:, -1].unique()
    out["heritage_share"] = out["heritage_share"].mask(land.index.isin(doubtful))
    out["approved_change_share"] = _covered(land, tables["plan_changes"], area)
    for measure, layer in (
        ("heritage_distance_m", "heritage"),
        ("station_distance_m", "stations"),
        ("open_space_distance_m", "open_spaces"),
    ):
        near = gpd.sjoin_nearest(land[["geom"]], tables[layer][["geom"]], distance_col="d")
        out[measure] = near.groupby(level=0)["d"].min().reindex(land.index)
    asked = chosen.measures
    assert asked is not None
    assert asked.institutes_nearby is not None
    assert asked.leading_industries is not None
    out["institutes_nearby"] = _counted(land, tables["services"], asked.institutes_nearby.m)
    carriers = tables["carriers"]
    active = carriers[carriers["status"] == "active"]
    wanted = set(asked.leading_industries.value)
    leading = active[[bool(wanted & set(names)) for names in active["industries"]]]
    for measure, some in (("carriers_nearby", active), ("leading_carriers_nearby", leading)):
        on = gpd.sjoin(land[["geom"]], some[["geom"]], predicate="contains").groupby(level=0).size()
        out[measure] = _counted(land, some, asked.carriers_nearby.m) - on.reindex(land.index, fill_value=0)
    gone = carriers[carriers["status"] == "delisted"]
    on = gpd.sjoin(land[["geom"]], gone[["geom"]], predicate="intersects").groupby(level=0).size()
    out["delisted_carriers"] = on.reindex(land.index, fill_value=0)
    stands = buildings[buildings["state"] == "standing"].groupby("parcel_code")
    n = stands.size().reindex(land.index)
    gfa, countable = (stands[c].sum(min_count=1).reindex(land.index) for c in ("gfa_m2", "countable_gfa_m2"))
    known = {
        c: stands[c].count().reindex(land.index) == n
        for c in ("gfa_m2", "countable_gfa_m2", "vacancy_share", "year_built")
    }
    unbuilt = n.isna() & (land["supply_status"] == "granted_unbuilt")
    countable = countable.where(known["countable_gfa_m2"]).mask(unbuilt, 0.0)
    out["far"] = countable / site
    out["far_headroom"] = land["max_far"] - out["far"]
    out["far_used_share"] = out["far"] / land["max_far"]
    out["gfa_m2"] = gfa.where(known["gfa_m2"]).mask(unbuilt, 0.0)
    out["vacancy_share"] = (
        stands["vacancy_share"].mean().reindex(land.index).where(known["vacancy_share"])
    )  # one building each
    out["year_built"] = stands["year_built"].min().reindex(land.index).where(known["year_built"])
    out["owner_count"] = land["owner_count"]
    out["state_owned_share"] = land["owner_kind"].map({"state_owned": 1.0, "private": 0.0})
    ends = pd.to_datetime(land["grant_ends_on"])
    out["grant_years_left"] = (ends - pd.Timestamp(day)).dt.days / 365.2425
    of = leases.merge(
        buildings[["building_code", "parcel_code"]], left_on="target_code", right_on="building_code"
    ).groupby("parcel_code")
    last = pd.to_datetime(of["lease_ends_on"].max()).reindex(land.index)
    whole = (of["lease_ends_on"].count() == of.size()).reindex(land.index, fill_value=False)
    out["lease_years_left"] = ((last - pd.Timestamp(day)).dt.days.clip(lower=0) / 365.2425).where(whole)
    out["contiguous_area_m2"] = np.nan
    return pd.DataFrame(out, index=land.index)


def _share(parts: list[dict[str, Any]], uses: set[str]) -> float:
    hits = [part["use"] in uses for part in parts]
    if all(hits) or not any(hits):
        return float(all(hits))
    if any(part["share"] is None for part in parts):
        return np.nan
    return sum(part["share"] for part, hit in zip(parts, hits, strict=True) if hit)


def _main(parts: list[dict[str, Any]]) -> str | None:
    if len(parts) == 1:
        return str(parts[0]["use"])
    if any(part["share"] is None for part in parts):
        return None
    return str(max(parts, key=lambda part: part["share"])["use"])


def _best(land: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, name: str, area: pd.Series, other: str) -> pd.Series:
    """The value of the layer that covers most of each parcel, where it is half of it or more."""
    together = layer.dissolve(name).reset_index()[[name, "geom"]]
    pairs = gpd.sjoin(land[["geom"]], together, predicate="intersects")
    shapes = together.geometry.loc[pairs["index_right"]]
    part = gpd.GeoSeries(pairs.geometry.values).intersection(gpd.GeoSeries(shapes.values)).area.to_numpy()
    # Two that cover it whole are equal, whatever the last digits say: then the first by name.
    pairs = pairs.assign(share=(part / area.loc[pairs.index].to_numpy()).round(9))
    pairs = pairs.sort_values(["share", name], ascending=[False, True])
    best = pairs[~pairs.index.duplicated()]
    return best[name].where(best["share"] >= 0.5).reindex(land.index).fillna(other)


def _covered(land: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, area: pd.Series) -> pd.Series:
    pairs = gpd.sjoin(land[["geom"]], layer[["geom"]], predicate="intersects")
    right = next(name for name in pairs if str(name).startswith("index_right") or name == "parcel_code_right")
    shapes = layer.geometry.loc[pairs[right]]
    parts = gpd.GeoSeries(pairs.geometry.values, index=pairs.index).intersection(
        gpd.GeoSeries(shapes.values, index=pairs.index)
    )
    united = gpd.GeoDataFrame(geometry=parts).dissolve(by=pairs.index).area
    return (united / area).reindex(land.index).fillna(0.0)


def _counted(land: gpd.GeoDataFrame, layer: gpd.GeoDataFrame, distance: float) -> pd.Series:
    counts = []
    for start in range(0, len(land), AT_ONCE):
        some = land.iloc[start : start + AT_ONCE]
        pairs = gpd.sjoin(some[["geom"]], layer[["geom"]], predicate="dwithin", distance=distance)
        counts.append(pairs.groupby(level=0).size().reindex(some.index, fill_value=0))
    return pd.concat(counts)


def _judged(land: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    asked = [(route, condition, _outcome(land, condition)) for route, condition in rule.asked]
    ways = []
    for route in rule.routes:
        of = [outcome for name, _, outcome in asked if name in (None, route.id)]
        ways.append(np.minimum.reduce(of))
    verdict = np.array(["no", "unknown", "candidate"])[np.maximum.reduce(ways)]
    weights = np.array([c.weight for c in rule.criteria])
    results = np.column_stack([_result(land, c) for c in rule.criteria])
    low = 100 * np.nansum(results * weights, axis=1) / weights.sum()
    high = low + 100 * (np.isnan(results) * weights).sum(axis=1) / weights.sum()
    words = ("fail", "unknown", "pass")
    columns = [(r, c, o, _plain(land[c.measure])) for r, c, o in asked]
    reasons = [
        json.dumps(
            [
                {"route": r, "condition": c.id, "outcome": words[o[i]], "field": c.measure, "value": v[i],
                 "threshold": f"{c.op} {c.value}", "unit": c.unit, "clause": c.ground}
                for r, c, o, v in columns
            ],
            ensure_ascii=False,
        )
        for i in range(len(land))
    ]  # fmt: skip
    values = [_plain(land[c.measure]) for c in rule.criteria]
    parts = [
        json.dumps(
            [
                {"criterion": c.id, "field": c.measure, "value": values[k][i], "weight": c.weight, "clause": c.ground,
                 "result": None if np.isnan(results[i, k]) else results[i, k]}
                for k, c in enumerate(rule.criteria)
            ],
            ensure_ascii=False,
        )
        for i in range(len(land))
    ]  # fmt: skip
    raised = [(f, _outcome(land, f)) for f in rule.flags]
    flags = [json.dumps([{"flag": f.id, "outcome": words[o[i]]} for f, o in raised]) for i in range(len(land))]
    return pd.DataFrame(
        {
            "parcel_code": land.index,
            "verdict": verdict,
            "low": low,
            "high": high,
            "reasons": reasons,
            "parts": parts,
            "flags": flags,
        }
    )


def _plain(values: pd.Series) -> list[Any]:
    return values.astype(object).where(values.notna(), None).tolist()


def _outcome(land: pd.DataFrame, condition: Condition) -> np.ndarray[Any, Any]:
    values, threshold = land[condition.measure], condition.threshold
    if condition.op in ("in", "is"):
        passed = values.isin(list(threshold) if isinstance(threshold, tuple) else [threshold])
    else:
        compare = {">=": values.ge, "<=": values.le, ">": values.gt, "<": values.lt, "==": values.eq}
        passed = compare[condition.op](threshold)
    return np.where(values.isna(), 1, np.where(passed, 2, 0))


def _result(land: pd.DataFrame, criterion: Criterion) -> np.ndarray[Any, Any]:
    if criterion.categories is not None:
        return land[criterion.measure].map(criterion.categories).to_numpy(float)
    xs, ys = zip(*criterion.corners, strict=True)
    return np.interp(land[criterion.measure].to_numpy(float), xs, ys)
