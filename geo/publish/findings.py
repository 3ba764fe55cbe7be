"""What a run finds beside its lists: near misses, bridges, pairs of parcels, groups of carriers.

Each topic is a frame; all are rows of one table, a row's figures as JSON beside its shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely
import sqlalchemy as sa

from geo.answers.carrier_groups import groups_of
from geo.answers.worth import near_misses_seen
from geo.database import Database
from geo.fields.readers import for_all
from geo.fields.values import records
from geo.judge import bridges, carrier_groups, near_misses
from geo.publish.rows import as_json, ewkb
from geo.publish.sites import SITE_COLUMNS

if TYPE_CHECKING:
    from geo.measure.cache import Look
    from geo.policy import Policy

#: topic → the columns that it has, in an empty run and in one from before there were findings, too
TOPICS: dict[str, tuple[str, ...]] = {
    "near_misses": ("over", *near_misses.COLUMNS),
    "bridges": ("over", *bridges.COLUMNS),
    "adjacency": ("over", "parcel_a", "parcel_b", "type", "length_m", "gap_m", "barrier", "geometry"),
    "carrier_groups": carrier_groups.COLUMNS,
    "sites": (*SITE_COLUMNS, "geometry"),
}
#: the other figures of clusters, which have no column of their own in the published table
CLUSTER_FACTS = (
    *("area_mu", "gross_area_m2", "capacity_m2", "n_capacity_unknown", "uses", "carrier_codes", "n_carriers"),
    "synthetic",
)


def of_land(
    seen: Look,
    policy: Policy,
    rule: str,
    chosen: gpd.GeoDataFrame,
    clusters: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    pairs: pd.DataFrame,
) -> dict[str, gpd.GeoDataFrame]:
    """What is found of the clusters of one rule's candidates (``chosen``); near misses only where the policy wants an area."""
    codes = set(chosen["parcel_code"])
    own = pairs[pairs["parcel_a"].isin(codes) & pairs["parcel_b"].isin(codes)].reset_index(drop=True)
    shapeless = gpd.GeoSeries([None] * len(own), crs=land.crs)
    found = {
        "bridges": bridges.find_bridges(chosen, clusters, pairs),
        "adjacency": gpd.GeoDataFrame(own, geometry=shapeless),
    }
    if policy.sites is not None:
        found["near_misses"] = near_misses_seen(seen, policy, clusters, land, pairs, policy.sites.min_area.m2)
    return {topic: frame.assign(over=rule) for topic, frame in found.items()}


def of_carriers(carriers: gpd.GeoDataFrame, policy: Policy) -> dict[str, gpd.GeoDataFrame]:
    """The groups of carriers, where the policy says what makes one."""
    return {} if policy.carrier_groups is None else {"carrier_groups": groups_of(carriers, policy)[0]}


def renamed(found: Iterable[Mapping[str, gpd.GeoDataFrame]], names: Mapping[str, str]) -> dict[str, gpd.GeoDataFrame]:
    """All findings by topic, clusters called as they are published."""
    together: dict[str, list[gpd.GeoDataFrame]] = {}
    for part in found:
        for topic, frame in part.items():
            if "cluster_id" in frame:
                frame = frame.assign(cluster_id=frame["cluster_id"].map(lambda live: names.get(live, live)))
            if "cluster_ids" in frame:
                frame = frame.assign(
                    cluster_ids=[[names.get(live, live) for live in ids] for ids in frame["cluster_ids"]]
                )
            together.setdefault(topic, []).append(frame)
    return {topic: frames[0] if len(frames) == 1 else _stacked(frames) for topic, frames in together.items()}


def _stacked(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    # Empty frames would make every column one of objects.
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    stacked: gpd.GeoDataFrame = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]
    return stacked


def columns(found: Mapping[str, gpd.GeoDataFrame], srid: int) -> dict[str, Iterator[Any]]:
    """The columns of the published table, all topics one after another."""
    frames = {topic: for_all(frame) for topic, frame in found.items()}
    return {
        "topic": (topic for topic, frame in frames.items() for _ in range(len(frame))),
        "entry": (entry for frame in frames.values() for entry in range(len(frame))),
        "over": (
            over for frame in frames.values() for over in (frame["over"] if "over" in frame else [None] * len(frame))
        ),
        "facts": as_json(
            row
            for frame in frames.values()
            for row in records(frame.drop(columns=["over", "geometry"], errors="ignore"))
        ),
        "geom": (shape for frame in frames.values() for shape in ewkb(frame.geometry, srid)),
    }


def cluster_facts(clusters: gpd.GeoDataFrame) -> Iterator[str]:
    """The other figures of each cluster as JSON."""
    return as_json(records(clusters[[name for name in CLUSTER_FACTS if name in clusters]]))


def with_facts(clusters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Published clusters with the column of other figures spread out; unknown in a run from before there were any."""
    told = [facts or {} for facts in clusters["facts"]]
    spread = {name: pd.Series([facts.get(name) for facts in told], index=clusters.index) for name in CLUSTER_FACTS}
    for name in ("area_mu", "gross_area_m2", "capacity_m2"):
        spread[name] = spread[name].astype(float)
    place = list(clusters.columns).index("shape")
    kept = clusters.drop(columns="facts").assign(**spread)
    names = [name for name in kept if name not in CLUSTER_FACTS]
    ordered: gpd.GeoDataFrame = kept[[*names[:place], *CLUSTER_FACTS, *names[place:]]]
    return ordered


def read_findings(connection: sa.Connection, db: Database, run_id: int) -> dict[str, gpd.GeoDataFrame]:
    """The findings of a run by topic."""
    table = db.table("published.findings")
    rows = connection.execute(
        sa.select(table.c.topic, table.c.over, table.c.facts, sa.func.ST_AsBinary(table.c.geom))
        .where(table.c.run_id == run_id)
        .order_by(table.c.topic, table.c.entry)
    ).all()
    found: dict[str, list[Any]] = {topic: [] for topic in TOPICS}
    for topic, over, facts, shape in rows:
        found.setdefault(topic, []).append((facts | {"over": over}, shape))
    return {topic: _frame(found[topic], names, db.crs) for topic, names in TOPICS.items()}


def _frame(rows: list[Any], names: tuple[str, ...], crs: str) -> gpd.GeoDataFrame:
    plain = {name: pd.Series([facts.get(name) for facts, _ in rows]) for name in names if name != "geometry"}
    shapes = shapely.from_wkb([shape for _, shape in rows])
    return gpd.GeoDataFrame(plain, geometry=shapes, crs=crs)


def empty_findings() -> dict[str, gpd.GeoDataFrame]:
    """The findings of a run that has none."""
    return {topic: _frame([], names, "EPSG:4326") for topic, names in TOPICS.items()}
