"""All that hangs together of one set of land, by one look: clusters, near misses, bridges, and the pairs that make them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geo.answers.hanging_together import adjacency_seen, lane_width, wishes
from geo.answers.land_over import chosen_land
from geo.answers.opened import opened_by
from geo.answers.policies import given_policy, stamped
from geo.answers.worth import near_misses_seen
from geo.judge.bridges import find_bridges
from geo.judge.cluster_figures import with_carriers
from geo.judge.clusters import find_clusters
from geo.measure.cache import look
from geo.measure.carriers import standing
from geo.said import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from geo.answers.land_over import Over
    from geo.database import Database
    from geo.policy import Policy


def hanging_together(
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
    tell: Callable[[float | None, str], None] = lambda *_: None,
) -> dict[str, gpd.GeoDataFrame]:
    """``clusters``, ``near_misses``, ``bridges`` and ``adjacency`` of a set of land, each as its public call has it.

    Arguments are those of :func:`geo.clusters` and :func:`geo.near_misses` (no near misses where nobody says which area is
    wanted).  Pairs have a line from inside the one parcel to inside the other, in the work CRS.
    ``clusters`` has the stamp.

    Raises
    ------
    NotFoundError
        There is no such policy, rule, set or parcel, or no barrier of that class or name.
    ReadError
        An outline holds no area.
    SettingsError
        A width or an area cannot be used.
    """
    asked = given_policy(policy)
    width, allowed = lane_width(asked, gap_m), wishes(allow)
    wanted = asked.sites.min_area.m2 if min_area_m2 is None and asked.sites is not None else min_area_m2
    with look(db, as_of, known_at) as seen:
        tell(None, Said("reading parcels and pairs", "读取地块与邻接关系"))
        chosen = chosen_land(seen, asked, over, rule)
        pairs = adjacency_seen(seen, asked, gap_m, allowed)
        tell(None, Said("finding clusters", "划分连片"))
        found = find_clusters(chosen.parcels, pairs, asked.clusters, over=chosen.name, gap_m=width, land=chosen.land)
        codes = set(chosen.parcels["parcel_code"])
        own = pairs[pairs["parcel_a"].isin(codes) & pairs["parcel_b"].isin(codes)].reset_index(drop=True)
        told = {"bridges": find_bridges(chosen.parcels, found, pairs), "adjacency": with_lines(own, chosen.parcels)}
        if wanted is not None:
            tell(None, Said("finding near misses", "查找差一步的连片"))
            told["near_misses"] = near_misses_seen(
                seen, asked, found, chosen.land, pairs, wanted, gap_m=gap_m, allow=allowed
            )
        more: dict[str, Any] = {"allow": allowed} if allowed else {}
        more |= {"min_area_m2": wanted} if wanted is not None else {}
        found = with_carriers(found, standing(seen))
        found.attrs |= opened_by(seen, asked, gap_m, allowed, pairs)
        clusters = stamped(found, seen, asked, over=chosen.name, gap_m=width, **more)
        return {"clusters": clusters} | told


def with_lines(pairs: pd.DataFrame, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pairs with a line from inside the one parcel to inside the other; none where a parcel is not among those given."""
    places = parcels.geometry.representative_point()
    at = dict(zip(parcels["parcel_code"], np.column_stack([places.x, places.y]), strict=True))
    lines = [
        shapely.LineString([at[a], at[b]]) if a in at and b in at else None
        for a, b in zip(pairs["parcel_a"], pairs["parcel_b"], strict=True)
    ]
    return gpd.GeoDataFrame(pairs.reset_index(drop=True), geometry=gpd.GeoSeries(lines, crs=parcels.crs))
