"""Parcels that hang together: contiguous clusters with area, floor area, outline and shape."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.adjacency import land_over
from geo.answers.hanging_together import adjacency_seen, lane_width
from geo.answers.policies import given_policy, stamped
from geo.judge.clusters import find_clusters
from geo.measure.cache import look
from geo.policy import Policy

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.database import Database


def clusters(
    db: Database,
    policy: Policy | str | None = None,
    *,
    over: str | pd.DataFrame | Iterable[str] = "candidates",
    rule: str = "office_to_rnd",
    gap_m: float | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> gpd.GeoDataFrame:
    """The clusters into which a set of parcels falls, single parcels too, largest site area first.

    Parcels hang together over a shared edge, or over a gap up to ``gap_m`` (in m; default: the policy's lane width; 0: shared
    edges only) with no barrier between.  ``over`` is ``"candidates"`` of ``rule``, ``"all"``, or a frame or list of codes.
    Columns: ``cluster_id``, ``parcel_codes``, ``n_parcels``, ``area_m2``, ``gfa_m2`` (the known ones' sum, NaN where none is
    known), ``n_gfa_unknown``, ``shape`` (``belt`` or ``patch``), ``elongation``, ``compactness``, ``geometry`` (the union
    of the parcels, work CRS): see :func:`geo.judge.clusters.find_clusters`.  Clauses 一(三), 二(三)6.

    Raises
    ------
    NotFoundError
        There is no such policy, rule, set or parcel.
    NotMigratedError
        The database has no schema yet.
    SettingsError
        ``gap_m`` is negative or not a number.
    """
    chosen = given_policy(policy)
    width = lane_width(chosen, gap_m)
    with look(db, as_of, known_at) as seen:
        name, land = land_over(seen, chosen, over, rule)
        found = find_clusters(land, adjacency_seen(seen, chosen, gap_m), chosen.clusters, over=name, gap_m=width)
        return stamped(found, seen, chosen, over=name, gap_m=width)
