"""Parcels that hang together: contiguous clusters with area, floor area, uses, carriers, outline and shape."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from geo.answers.clustered import clustered
from geo.judge.cluster_figures import with_carriers
from geo.measure.carriers import standing
from geo.policy import Policy

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.answers.land_over import Over
    from geo.database import Database


def clusters(
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
    """The clusters into which a set of parcels falls, single parcels too, largest site area first.

    Parcels hang together over a shared edge, or over a gap up to ``gap_m`` (in m; default: the policy's lane width; 0: shared
    edges only) with no barrier between; ``allow`` names barriers that may be crossed beyond what the policy says, as for
    :func:`geo.answers.adjacency.adjacency`.  ``over`` is ``"candidates"`` of ``rule``, ``"all"``, ``"carriers"`` (the parcels
    on which a carrier stands that counts), an outline (a polygon in the work CRS, or a GeoJSON file), or a frame or list of
    codes: see :func:`geo.answers.land_over.chosen_land`.
    Columns: ``cluster_id``, ``parcel_codes``, ``n_parcels``, ``area_m2`` and ``area_mu``, ``gross_area_m2`` (with the lanes
    that it encloses), ``gfa_m2`` (the known ones' sum, NaN where none is known) and ``n_gfa_unknown``, ``capacity_m2``
    (permitted FAR × site area) and ``n_capacity_unknown``, ``uses``, what is known of owners, ``carrier_codes`` (which
    stand on it), ``n_carriers``, ``shape`` (``belt`` or ``patch``), ``elongation``, ``compactness``, ``geometry`` (the union
    of the parcels, work CRS): see :func:`geo.judge.clusters.find_clusters`.  Clauses 一(三), 二(三)6.

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
        return found.told(with_carriers(found.clusters, standing(found.seen)))
