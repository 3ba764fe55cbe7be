"""What became of the clusters of the run before: which go on under their old id, which split, which merged.

A cluster's live id is a hash of its parcels, so it changes with any parcel.  A published cluster takes the id of the
earlier cluster that shares over half of *both* areas' larger one; what else shares land is told as a split or a merge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Change = Literal["continued", "split", "merged"]


@dataclass(frozen=True)
class Descent:
    """One line of the lineage: a cluster of this run, a cluster of the earlier one, and the land they share in m²."""

    cluster_id: str
    earlier_cluster_id: str
    change: Change
    shared_area_m2: float


def follow(
    clusters: pd.DataFrame, earlier: pd.DataFrame, areas: pd.Series[float]
) -> tuple[dict[str, str], list[Descent]]:
    """Map live cluster ids to published ones, and tell splits and merges.

    ``clusters`` and ``earlier`` have ``cluster_id`` and ``parcel_codes``; ``areas`` gives m² by parcel code.  The first
    result maps each live id to the id that is published: the earlier one where the shared area is over half of the
    larger of the two clusters, else its own.
    """
    where = {code: row.cluster_id for row in earlier.itertuples() for code in row.parcel_codes}
    size_before: dict[str, float] = {}
    for row in earlier.itertuples():
        size_before[row.cluster_id] = float(areas.reindex(row.parcel_codes).fillna(0).sum())
    names: dict[str, str] = {}
    shares: list[tuple[str, str, float, float]] = []
    for row in clusters.itertuples():
        own = areas.reindex(row.parcel_codes).fillna(0)
        before = pd.Series(
            [where.get(code) for code in row.parcel_codes],
            index=own.index,
            dtype=object,
        )
        shared = own.groupby(before).sum()
        names[row.cluster_id] = row.cluster_id
        for old, area in shared.items():
            larger = max(float(own.sum()), size_before[str(old)])
            shares.append((row.cluster_id, str(old), float(area), larger))
            if area > larger / 2:
                names[row.cluster_id] = str(old)
    return names, _descents(shares, names)


def _descents(shares: list[tuple[str, str, float, float]], names: dict[str, str]) -> list[Descent]:
    descendants: dict[str, int] = {}
    ancestors: dict[str, int] = {}
    for live, old, _, _ in shares:
        descendants[old] = descendants.get(old, 0) + 1
        ancestors[live] = ancestors.get(live, 0) + 1
    lines: list[Descent] = []
    for live, old, area, _ in shares:
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
