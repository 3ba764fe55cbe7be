"""What a cluster lacks of the wanted area, and what single step would join clusters: a parcel more, or a barrier less.  Pure.

A step is told where what it joins comes to at least the policy's share of the wanted area: what is far off is no near miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from geo import units
from geo.judge.components import JOINS, components

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Floats = npt.NDArray[np.float64]

COLUMNS = (
    "kind",
    "what",
    "outcome",
    "cluster_ids",
    "n_clusters",
    "area_before_m2",
    "added_m2",
    "area_after_m2",
    "area_after_mu",
    "min_area_m2",
    "lacks_m2",
    "lacks_mu",
    "synthetic",
    "geometry",
)
#: a cluster as it is; a parcel that is added; a barrier that may be crossed
LACKS, PARCEL, BARRIER = "lacks", "parcel", "barrier"
#: over the wanted area, which no cluster in it was before; still below; one was over it before
REACHES, SHORT, GROWS = "reaches", "short", "grows"
_ORDER = {REACHES: 0, SHORT: 1, GROWS: 2}


def find_near_misses(
    clusters: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    adjacency: pd.DataFrame,
    *,
    min_area_m2: float,
    near_share: float,
    opened: Mapping[str, pd.DataFrame] | None = None,
    joins: Iterable[str] = JOINS,
) -> gpd.GeoDataFrame:
    """What is near the wanted area, one row each; those that reach it first, then by how little they lack.

    ``clusters`` are as :func:`geo.judge.clusters.find_clusters` gives them, ``land`` all parcels (``parcel_code``,
    ``site_area_m2``, polygons), ``adjacency`` all pairs among them; ``opened`` gives for a barrier (as the column ``barrier``
    calls it) the pairs as they are once it may be crossed.

    ``kind`` is ``lacks`` (a cluster of at most ``min_area_m2``, as it is), ``parcel`` (``what`` is a parcel that is in no
    cluster: with it two or more clusters are one, or one is over the wanted area), or ``barrier`` (``what`` may be crossed:
    two or more clusters are one).  ``outcome`` is ``reaches`` (more than ``min_area_m2``, and no cluster in it was), ``short``
    (still not), or ``grows`` (one was before).  ``area_before_m2`` is the largest of the clusters, ``added_m2`` the parcel's
    area, ``lacks_m2`` what is left to ``min_area_m2``.  Only what comes to ``near_share`` (0–1) of it is told.
    Clauses 一(三), 二(三)7: strictly more than the wanted area.
    """
    import geopandas as gpd
    import pandas as pd

    area = clusters["area_m2"].to_numpy(dtype=np.float64)
    near = near_share * min_area_m2
    steps = [
        step
        for step in _steps(clusters, land, adjacency[adjacency["type"].isin(list(joins))], opened or {}, list(joins))
        if step.after(area) >= near and step.tells(area, min_area_m2)
    ]
    after = np.array([step.after(area) for step in steps], dtype=np.float64)
    before = np.array([step.before(area) for step in steps], dtype=np.float64)
    outcome = np.where(before > min_area_m2, GROWS, np.where(after > min_area_m2, REACHES, SHORT))
    lacks = np.maximum(min_area_m2 - after, 0.0)
    ids = clusters["cluster_id"].to_numpy(dtype=object)
    marked = (
        clusters["synthetic"].to_numpy(dtype=bool) if "synthetic" in clusters else np.zeros(len(clusters), dtype=bool)
    )
    mu = units.factor("m2", "亩")
    frame = gpd.GeoDataFrame(
        {
            "kind": pd.array([step.kind for step in steps], dtype="str"),
            "what": pd.Series([step.what for step in steps], dtype=object),
            "outcome": pd.array(outcome.astype(object), dtype="str"),
            "cluster_ids": pd.Series([ids[list(step.met)].tolist() for step in steps], dtype=object),
            "n_clusters": np.array([len(step.met) for step in steps], dtype=np.int64),
            "area_before_m2": before,
            "added_m2": np.array([step.added_m2 for step in steps], dtype=np.float64),
            "area_after_m2": after,
            "area_after_mu": after * mu,
            "min_area_m2": np.full(len(steps), float(min_area_m2)),
            "lacks_m2": lacks,
            "lacks_mu": lacks * mu,
            "synthetic": np.array([marked[list(step.met)].any() for step in steps], dtype=bool),
        },
        geometry=[step.spot for step in steps],
        crs=clusters.crs,
    )
    ranks = [_ORDER[str(each)] for each in outcome]
    keys = [
        # Areas to the square decimetre, so that the last bit of a sum decides no order.
        (rank, round(lack, 2), step.added_m2, -round(size, 2), step.kind, step.what or "", step.met)
        for rank, lack, size, step in zip(ranks, lacks.tolist(), after.tolist(), steps, strict=True)
    ]
    order = sorted(range(len(steps)), key=keys.__getitem__)
    return frame[list(COLUMNS)].iloc[order].reset_index(drop=True)


@dataclass(frozen=True)
class _Step:
    """One line: the clusters that it is about by number, what is added in m², and where it is on the map."""

    kind: str
    what: str | None
    met: tuple[int, ...]
    added_m2: float
    spot: Any

    def before(self, area: Floats) -> float:
        return float(area[list(self.met)].max())

    def after(self, area: Floats) -> float:
        return float(area[list(self.met)].sum()) + self.added_m2

    def tells(self, area: Floats, min_area_m2: float) -> bool:
        """Whether it is news: clusters become one, or one comes over the wanted area, or lacks something of it."""
        if len(self.met) > 1:
            return True
        return self.before(area) <= min_area_m2 and (self.kind == LACKS or self.after(area) > min_area_m2)


def _steps(
    clusters: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    joined: pd.DataFrame,
    opened: Mapping[str, pd.DataFrame],
    joins: list[str],
) -> Iterator[_Step]:
    """Everything that may be told, near or not."""
    of = {code: number for number, codes in enumerate(clusters["parcel_codes"]) for code in codes}
    at = {str(code): place for place, code in enumerate(land["parcel_code"])}
    sizes = land["site_area_m2"].to_numpy(dtype=np.float64)
    for number, outline in enumerate(clusters.geometry):
        yield _Step(LACKS, None, (number,), 0.0, outline)
    for code, met in _met_by_parcels(joined, of).items():
        yield _Step(PARCEL, code, tuple(sorted(met)), float(sizes[at[code]]), land.geometry.iloc[at[code]])
    for barrier, pairs in opened.items():
        for group, crossed in _met_over(pairs[pairs["type"].isin(joins)], of):
            yield _Step(BARRIER, barrier, group, 0.0, _links(crossed, land, at))


def barriers_worth_opening(
    clusters: gpd.GeoDataFrame, adjacency: pd.DataFrame, *, min_area_m2: float, near_share: float
) -> dict[str, pd.DataFrame]:
    """The barriers that lie between clusters which together would come near the wanted area, each with its pairs."""
    area = clusters["area_m2"].to_numpy(dtype=np.float64)
    of = {code: number for number, codes in enumerate(clusters["parcel_codes"]) for code in codes}
    parted = adjacency[adjacency["type"] == "barrier"]
    sides = [parted[column].map(of) for column in ("parcel_a", "parcel_b")]
    parted = parted[sides[0].notna() & sides[1].notna() & (sides[0] != sides[1])]
    worth = {}
    for barrier, pairs in parted.groupby("barrier", sort=True):
        met = _met_over(pairs, of)
        if any(float(area[list(each)].sum()) >= near_share * min_area_m2 for each, _ in met):
            worth[str(barrier)] = pairs
    return worth


def _met_by_parcels(joined: pd.DataFrame, of: Mapping[str, int]) -> dict[str, set[int]]:
    """The clusters that each parcel outside all of them hangs together with."""
    met: dict[str, set[int]] = {}
    cluster = [joined[column].map(of) for column in ("parcel_a", "parcel_b")]
    for outside, inside, column in ((0, 1, "parcel_a"), (1, 0, "parcel_b")):
        chosen = cluster[outside].isna() & cluster[inside].notna()
        for code, number in zip(joined.loc[chosen, column], cluster[inside][chosen].astype(int), strict=True):
            met.setdefault(str(code), set()).add(int(number))
    return met


def _met_over(pairs: pd.DataFrame, of: Mapping[str, int]) -> list[tuple[tuple[int, ...], pd.DataFrame]]:
    """The groups of clusters that these pairs make one, each with the pairs that do."""
    a, b = (pairs[column].map(of) for column in ("parcel_a", "parcel_b"))
    kept = a.notna() & b.notna() & (a != b)
    if not kept.any():
        return []
    pairs = pairs[kept]
    numbers, ends = np.unique(np.concatenate([a[kept], b[kept]]).astype(np.int64), return_inverse=True)
    label = components(len(numbers), ends[: len(pairs)], ends[len(pairs) :])
    of_pair = label[ends[: len(pairs)]]
    return [(tuple(numbers[label == group].tolist()), pairs[of_pair == group]) for group in range(int(label.max()) + 1)]


def _links(pairs: pd.DataFrame, land: gpd.GeoDataFrame, at: Mapping[str, int]) -> Any:
    """The shortest lines from one parcel of each pair to the other."""
    shapes = np.asarray(land.geometry.array, dtype=object)
    a, b = ([at[str(code)] for code in pairs[column]] for column in ("parcel_a", "parcel_b"))
    return shapely.multilinestrings(shapely.shortest_line(shapes[a], shapes[b]))
