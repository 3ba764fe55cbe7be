"""What became of the clusters of the run before: which go on under their old id, which split, which merged.

A cluster's live id is a hash of its parcels, so it changes with any parcel.  A published cluster takes the id of the
earlier cluster with which it shares over half of the larger one's area; what else shares land is a split or a merge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

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
    return names, _descents(shares, names)


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
