"""The results of a run on their way into the published tables, by COPY."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
from psycopg import sql

from geo.fields.readers import for_all
from geo.judge.opinions import FACTS
from geo.judge.rules import Judgement
from geo.policy import Policy, Rule
from geo.publish.findings import cluster_facts, columns
from geo.publish.ledger import copy_ledger
from geo.publish.lineage import Descent
from geo.publish.partitions import partition
from geo.publish.records import copy_columns, facts
from geo.publish.rows import as_json, ewkb, or_none, or_null
from geo.publish.verdicts import columns as outcome_columns
from geo.publish.verdicts import questions

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Results:
    """All answers of one run, worked out from one state of the registry.

    ``candidates`` are judged frames without their records, which are made of ``judgements`` when a run is read.
    """

    version: str
    as_of: date
    parcels: gpd.GeoDataFrame
    candidates: dict[str, gpd.GeoDataFrame]
    judgements: dict[str, Judgement]
    clusters: gpd.GeoDataFrame
    carriers: gpd.GeoDataFrame
    totals: dict[tuple[str, ...], pd.DataFrame]
    layers: dict[str, gpd.GeoDataFrame]
    ledger: pd.DataFrame
    findings: list[dict[str, gpd.GeoDataFrame]]
    sites: dict[str, Any] | None = None


def copy_results(raw: Connection, run_id: int, policy: Policy, results: Results, srid: int) -> None:
    """Write all answers of a run into its tables, which must be there (:func:`geo.publish.partitions.make`)."""
    copy_land(raw, run_id, results.parcels)
    for rule, frame in results.candidates.items():
        copy_judgement(raw, run_id, rule, policy.rule(rule), frame, results.judgements[rule])
        _copy_opinions(raw, run_id, rule, frame)
    _copy_clusters(raw, run_id, results.clusters, srid)
    housed = for_all(results.carriers)
    _copy(
        raw,
        "carriers",
        run_id,
        carrier_code=housed["carrier_code"],
        carrier_id=housed["carrier_id"].astype(int),
        zone=or_null(housed["zone"]),
        facts=facts(housed).to_pylist(),
        point=ewkb(housed.geometry.representative_point(), srid),
    )
    _copy_totals(raw, run_id, results.totals)
    copy_ledger(raw, run_id, results.ledger)
    for kind, around in results.layers.items():
        _copy(
            raw,
            "layers",
            run_id,
            kind=repeat(kind),
            feature_id=around["feature_id"].astype(int),
            facts=facts(for_all(around)).to_pylist(),
            geom=ewkb(around.geometry, srid),
        )


def copy_land(raw: Connection, run_id: int, parcels: pd.DataFrame) -> None:
    """Write the facts and measures of all parcels."""
    # What only some may read never comes into the published tables.
    land = for_all(parcels)
    given: dict[str, Any] = {"run_id": run_id} | {name: land[name] for name in ("parcel_code", "parcel_id", "zone")}
    given["facts"] = lambda start, end: facts(land.iloc[start:end])
    copy_columns(raw, partition("parcels", run_id).name, given, len(land))


def copy_judgement(raw: Connection, run_id: int, name: str, rule: Rule, judged: pd.DataFrame, found: Judgement) -> None:
    """Write what one rule says of all parcels: what it asks, once, and each one's verdict, outcomes and results."""
    asked = questions(rule, found)
    _copy(
        raw,
        "questions",
        run_id,
        rule=repeat(name),
        asked=as_json(each["asked"] for each in asked),
        **{key: [each[key] for each in asked] for key in ("part", "place", "factor", "points", "told")},
    )
    plain = ("parcel_code", "verdict", "score", "score_low", "score_high", "rank", "route", "target_codes")
    given = {"run_id": run_id, "rule": name} | {name: judged[name] for name in plain} | outcome_columns(found)
    copy_columns(raw, partition("candidates", run_id).name, given, len(judged))


def copy_lineage(raw: Connection, run_id: int, descents: list[Descent], earlier: int | None) -> None:
    """Write what became of the earlier run's clusters; nothing where there is no earlier run."""
    _copy(
        raw,
        "cluster_lineage",
        run_id,
        cluster_id=(d.cluster_id for d in descents),
        earlier_run_id=repeat(earlier),
        earlier_cluster_id=(d.earlier_cluster_id for d in descents),
        change=(d.change for d in descents),
        shared_area_m2=(d.shared_area_m2 for d in descents),
    )


def copy_findings(raw: Connection, run_id: int, found: dict[str, gpd.GeoDataFrame], srid: int) -> None:
    """Write what was found beside the lists."""
    _copy(raw, "findings", run_id, **columns(found, srid))


def _copy_opinions(raw: Connection, run_id: int, rule: str, frame: pd.DataFrame) -> None:
    said = frame[frame[list(FACTS)].notna().any(axis=1)]
    _copy(
        raw,
        "opinions",
        run_id,
        rule=repeat(rule),
        parcel_code=said["parcel_code"],
        **{name: or_null(said[name]) for name in FACTS},
    )


def _copy_clusters(raw: Connection, run_id: int, found: gpd.GeoDataFrame, srid: int) -> None:
    _copy(
        raw,
        "clusters",
        run_id,
        cluster_id=found["cluster_id"],
        over=found["over"],
        parcel_codes=map(list, found["parcel_codes"]),
        n_parcels=found["n_parcels"].astype(int),
        area_m2=found["area_m2"],
        gfa_m2=or_none(found["gfa_m2"]),
        n_gfa_unknown=found["n_gfa_unknown"].astype(int),
        shape=found["shape"],
        elongation=found["elongation"],
        compactness=found["compactness"],
        facts=cluster_facts(found),
        outline=ewkb(found.geometry, srid, multi=True),
    )


def _copy_totals(raw: Connection, run_id: int, totals: dict[tuple[str, ...], pd.DataFrame]) -> None:
    rows = [(list(by), row) for by, frame in totals.items() for row in frame.to_dict("records")]
    _copy(
        raw,
        "floor_area",
        run_id,
        entry=range(len(rows)),
        grouping=(by for by, _ in rows),
        values=as_json({column: row[column] for column in by} for by, row in rows),
        site_area_m2=or_none(row["site_area_m2"] for _, row in rows),
        gfa_m2=or_none(row["gfa_m2"] for _, row in rows),
        n=(int(row["n"]) for _, row in rows),
        n_unknown=(int(row["n_unknown"]) for _, row in rows),
    )


def _copy(raw: Connection, table: str, run_id: int, **columns: Iterable[Any]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("published", partition(table, run_id).name),
        sql.SQL(", ").join(map(sql.Identifier, ["run_id", *columns])),
    )
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in zip(repeat(run_id), *columns.values(), strict=False):  # constants repeat for ever
            copy.write_row(row)
