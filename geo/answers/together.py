"""All that hangs together of one set of land, by one look: clusters, near misses, bridges, and the pairs that make them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geo.answers.clustered import clustered
from geo.answers.policies import given_policy
from geo.answers.worth import near_misses_among
from geo.judge.bridges import find_bridges
from geo.judge.cluster_figures import with_carriers
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
    wanted = asked.sites.min_area.m2 if min_area_m2 is None and asked.sites is not None else min_area_m2
    with clustered(db, asked, over, rule, gap_m=gap_m, allow=allow, as_of=as_of, known_at=known_at, tell=tell) as found:
        parcels, pairs = found.chosen.parcels, found.pairs
        codes = set(parcels["parcel_code"])
        own = pairs[pairs["parcel_a"].isin(codes) & pairs["parcel_b"].isin(codes)].reset_index(drop=True)
        told = {"bridges": find_bridges(parcels, found.clusters, pairs), "adjacency": with_lines(own, parcels)}
        if wanted is not None:
            tell(None, Said("finding near misses", "查找差一步的连片"))
            told["near_misses"] = near_misses_among(found, wanted)
        more: dict[str, Any] = {"min_area_m2": wanted} if wanted is not None else {}
        return {"clusters": found.told(with_carriers(found.clusters, standing(found.seen)), **more)} | told


def with_lines(pairs: pd.DataFrame, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pairs with a line from inside the one parcel to inside the other; none where a parcel is not among those given."""
    places = parcels.geometry.representative_point()
    at = dict(zip(parcels["parcel_code"], np.column_stack([places.x, places.y]), strict=True))
    lines = [
        shapely.LineString([at[a], at[b]]) if a in at and b in at else None
        for a, b in zip(pairs["parcel_a"], pairs["parcel_b"], strict=True)
    ]
    return gpd.GeoDataFrame(pairs.reset_index(drop=True), geometry=gpd.GeoSeries(lines, crs=parcels.crs))
