"""What one parcel or one barrier is worth to the land that hangs together: bridges, and near misses of the wanted area."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.clustered import Clustered, clustered
from geo.answers.hanging_together import crossing, widths
from geo.answers.policies import given_policy
from geo.errors import SettingsError
from geo.judge.bridges import find_bridges
from geo.judge.near_misses import barriers_worth_opening, find_near_misses
from geo.measure.cache import Look
from geo.measure.opened import opened_pairs
from geo.policy import Policy
from geo.said import Said
from geo.units import number

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.answers.land_over import Over
    from geo.database import Database


def near_misses(
    db: Database,
    policy: Policy | str | None = None,
    *,
    over: Over = "candidates",
    rule: str = "office_to_rnd",
    min_area_m2: float | None = None,
    gap_m: float | None = None,
    allow: str | Iterable[str] = (),
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> gpd.GeoDataFrame:
    """What is near the wanted area: clusters that lack little of it, and single steps that make one of several.

    A step is one parcel more, any current one that is not in the set, or one barrier that may be crossed after all (tried
    with that barrier alone thought away).  ``min_area_m2`` is the wanted area (default: the policy's ``sites.min_area``,
    100 mu for Hongkou), of which strictly more is wanted.  ``over``, ``rule``, ``gap_m`` and ``allow`` are as for
    :func:`geo.answers.clusters.clusters`.  Columns: ``kind`` (``lacks``, ``parcel``, ``barrier``), ``what``, ``outcome``
    (``reaches``, ``short``, ``grows``), ``cluster_ids``, ``area_before_m2``, ``added_m2``, ``area_after_m2``, ``lacks_m2`` …:
    see :func:`geo.judge.near_misses.find_near_misses`.  Clauses 一(三), 二(三)7.

    Raises
    ------
    NotFoundError
        There is no such policy, rule, set or parcel, or no barrier of that class or name.
    NotMigratedError
        The database has no schema yet.
    ReadError
        The file of an outline cannot be read, or holds no area.
    SettingsError
        The wanted area is not over 0, or neither the call nor the policy says one; ``gap_m`` is negative, no number, or
        wider than the policy's widest lane.
    """
    asked = given_policy(policy)
    floor = wanted_area(asked, min_area_m2)
    question = clustered(db, asked, over, rule, gap_m=gap_m, allow=allow, as_of=as_of, known_at=known_at)
    with question as found:
        return found.told(near_misses_among(found, floor), min_area_m2=floor)


def near_misses_among(found: Clustered, min_area_m2: float) -> gpd.GeoDataFrame:
    """The same of clusters that are found already, within the look that is open."""
    land, pairs, clusters = found.chosen.land, found.pairs, found.clusters
    return near_misses_seen(
        found.seen, found.policy, clusters, land, pairs, min_area_m2, gap_m=found.gap_m, allow=found.allowed
    )


def near_misses_seen(
    seen: Look,
    policy: Policy,
    clusters: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    pairs: pd.DataFrame,
    min_area_m2: float,
    *,
    gap_m: float | None = None,
    allow: str | Iterable[str] = (),
) -> gpd.GeoDataFrame:
    """The same of clusters that are found already, within a look that is open."""
    share = near_share(policy)
    opened = opened_pairs(
        seen,
        barriers_worth_opening(clusters, pairs, min_area_m2=min_area_m2, near_share=share),
        widths(policy, gap_m),
        crossing(seen, policy, allow),
    )
    return find_near_misses(clusters, land, pairs, min_area_m2=min_area_m2, near_share=share, opened=opened)


def bridges(
    db: Database,
    policy: Policy | str | None = None,
    *,
    over: Over = "candidates",
    rule: str = "office_to_rnd",
    gap_m: float | None = None,
    allow: str | Iterable[str] = (),
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> gpd.GeoDataFrame:
    """Every parcel without which its cluster falls apart, and the areas that it would fall into.

    ``over``, ``rule``, ``gap_m`` and ``allow`` are as for :func:`geo.answers.clusters.clusters`.  Columns: ``parcel_code``,
    ``cluster_id``, ``site_area_m2``, ``area_m2`` (the cluster's), ``n_parts``, ``parts_m2`` (the largest first),
    ``largest_part_m2``, ``geometry``: see :func:`geo.judge.bridges.find_bridges`.  Clauses 一(三), 二(三)6.

    Raises
    ------
    NotFoundError
        There is no such policy, rule, set or parcel, or no barrier of that class or name.
    NotMigratedError
        The database has no schema yet.
    ReadError
        The file of an outline cannot be read, or holds no area.
    SettingsError
        ``gap_m`` is negative, no number, or wider than the policy's widest lane.
    """
    question = clustered(db, policy, over, rule, gap_m=gap_m, allow=allow, as_of=as_of, known_at=known_at)
    with question as found:
        return found.told(find_bridges(found.chosen.parcels, found.clusters, found.pairs))


def wanted_area(policy: Policy, min_area_m2: float | None) -> float:
    """The wanted area in m²: what was asked for, else the policy's.

    Raises
    ------
    SettingsError
        It is not over 0, or nobody says one.
    """
    if min_area_m2 is None:
        if policy.sites is None:
            raise SettingsError(
                Said(
                    f"Policy {policy.id!r} does not say which area is wanted.",
                    f"政策 {policy.id} 未规定目标面积。",
                ),
                Said(
                    "Give the smallest area (min_area_m2), or a part [sites] in the policy.",
                    "请给出面积下限（min_area_m2），或在政策文件中加入 [sites]。",
                ),
            )
        return policy.sites.min_area.m2
    asked = number(min_area_m2, Said("wanted area", "目标面积"), Said("m²", "平方米数"))
    if not math.isfinite(asked) or asked <= 0:
        raise SettingsError(
            Said(f"An area of {min_area_m2} m² cannot be wanted.", f"目标面积不能是 {min_area_m2} ㎡。"),
            Said("Give square metres, over 0.", "请填大于 0 的面积。"),
        )
    return asked


def near_share(policy: Policy) -> float:
    """From which share of the wanted area something is near it; 0 where the policy does not say, so that all is told."""
    return policy.sites.near_share.share if policy.sites is not None else 0.0
