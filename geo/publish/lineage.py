"""What became of the clusters of the run before: which go on under their old id, which split, which merged.

A cluster's live id is a hash of its parcels, so it changes with any parcel.  A published cluster takes the id of the
earlier cluster with which it shares over half of the larger one's area; what else shares land is a split or a merge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import sqlalchemy as sa

from geo.database import Database

#: columns of the lineage as it is read
COLUMNS = ("over", "change", "cluster_id", "area_m2", "earlier_run_id", "earlier_cluster_id", "earlier_area_m2",
           "shared_area_m2")  # fmt: skip
Change = Literal["continued", "split", "merged"]


@dataclass(frozen=True)
class Descent:
    """One line of the lineage: a cluster of this run, a cluster of the earlier one, and the land they share in m²."""

    cluster_id: str
    earlier_cluster_id: str
    change: Change
    shared_area_m2: float


def follow(
    clusters: Mapping[str, Sequence[str]], earlier: Mapping[str, Sequence[str]], areas: Mapping[str, float]
) -> tuple[dict[str, str], list[Descent]]:
    """Map live cluster ids to published ones, and tell splits and merges.

    ``clusters`` and ``earlier`` give the parcel codes of each cluster id, ``areas`` the m² of each parcel code; a parcel
    that is gone has none.  The first result maps each live id to the id that is published: the earlier one where the
    shared area is over half of the larger of the two clusters, else its own.
    """
    cluster_of = {code: old for old, codes in earlier.items() for code in codes}
    before = {old: sum(areas.get(code, 0.0) for code in codes) for old, codes in earlier.items()}
    names: dict[str, str] = {}
    shares: list[tuple[str, str, float]] = []
    for live, codes in clusters.items():
        own = sum(areas.get(code, 0.0) for code in codes)
        shared: dict[str, float] = {}
        for code in codes:
            if code in cluster_of:
                shared[cluster_of[code]] = shared.get(cluster_of[code], 0.0) + areas.get(code, 0.0)
        heir = [old for old, area in shared.items() if area > max(own, before[old]) / 2]
        names[live] = heir[0] if heir else live  # over half of the larger: there can be one only, either way
        shares += [(live, old, area) for old, area in shared.items()]
    names = _apart(names)
    return names, _descents(shares, names)


def _apart(names: dict[str, str]) -> dict[str, str]:
    """The names with each given once.

    A cluster may have the very parcels that an earlier id was once made of, while that id goes on as another cluster's: then
    it gets the hash of its live id.
    """
    inherited = {name for live, name in names.items() if name != live}
    return {live: name if name != live or live not in inherited else _another(live) for live, name in names.items()}


def _another(live: str) -> str:
    return hashlib.sha256(f"another {live}".encode()).hexdigest()[: len(live)]


def _descents(shares: list[tuple[str, str, float]], names: dict[str, str]) -> list[Descent]:
    descendants: dict[str, int] = {}
    ancestors: dict[str, int] = {}
    for live, old, _ in shares:
        descendants[old] = descendants.get(old, 0) + 1
        ancestors[live] = ancestors.get(live, 0) + 1
    lines: list[Descent] = []
    for live, old, area in shares:
        if descendants[old] > 1:
            change: Change = "split"
        elif ancestors[live] > 1:
            change = "merged"
        elif names[live] == old:
            change = "continued"
        else:
            continue
        lines.append(Descent(names[live], old, change, area))
    return lines


def read_lineage(connection: sa.Connection, db: Database, run_id: int, earlier: int | None) -> pd.DataFrame:
    """What became of the clusters of the run before: each line with the rule, and both clusters' areas in m².

    ``earlier`` is that run's number, ``None`` where there was none.  The area of an earlier cluster is unknown once its run
    was dropped.  A cluster without a line is new; its ``change`` is ``new``, its ``earlier_cluster_id`` unknown; an earlier
    one of which nothing is left is ``gone``.
    """
    lines, clusters = db.table("published.cluster_lineage"), db.table("published.clusters")
    now, before = clusters.alias("now"), clusters.alias("before")
    rows = connection.execute(
        sa.select(
            now.c.over,
            sa.func.coalesce(lines.c.change, "new"),
            now.c.cluster_id,
            now.c.area_m2,
            lines.c.earlier_run_id,
            lines.c.earlier_cluster_id,
            before.c.area_m2,
            lines.c.shared_area_m2,
        )
        .select_from(now)
        .outerjoin(lines, sa.and_(lines.c.run_id == now.c.run_id, lines.c.cluster_id == now.c.cluster_id))
        .outerjoin(
            before,
            sa.and_(before.c.run_id == lines.c.earlier_run_id, before.c.cluster_id == lines.c.earlier_cluster_id),
        )
        .where(now.c.run_id == run_id)
        .order_by(now.c.over, now.c.area_m2.desc(), now.c.cluster_id, lines.c.shared_area_m2.desc())
    ).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS))
    if earlier is None:
        # Of the first run nothing is news, and a run from before this was kept does not say which one was before it.
        return frame.iloc[:0]
    followed = sa.select(lines.c.earlier_cluster_id).where(lines.c.run_id == run_id)
    gone = connection.execute(
        sa.select(before.c.over, before.c.cluster_id, before.c.area_m2)
        .where(before.c.run_id == earlier, before.c.cluster_id.not_in(followed))
        .order_by(before.c.over, before.c.area_m2.desc(), before.c.cluster_id)
    ).all()
    told = [(over, "gone", None, None, earlier, old, area, 0.0) for over, old, area in gone]
    return pd.DataFrame([*frame.itertuples(index=False, name=None), *told], columns=list(COLUMNS))


def empty_lineage() -> pd.DataFrame:
    """The lineage of a run that has none."""
    return pd.DataFrame(columns=list(COLUMNS))
