"""What is searched: parcels as nodes with area and difficulty in whole numbers, and which of them join."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.judge.components import JOINS
from geo.judge.sites.kernels import components, reach

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: areas are searched in whole square millimetres and difficulties in whole thousandths, so that sums are exact and a site is
#: over its floor or not, whatever the order of adding up
PER_M2 = 1_000_000
PER_POINT = 1_000
#: a ceiling where none is asked for
NO_CEILING = 2**62


@dataclass(frozen=True)
class Limit:
    """No more than ``most`` of the marked nodes (n,)."""

    marks: Bools
    most: int


@dataclass(frozen=True)
class Graph:
    """Nodes in the order of their lowest code: ``area`` in mm², ``cost`` in thousandths, neighbours by ``start`` and ``near``.

    ``members`` are the parcels of each node (numbers of rows): one, but for the anchor, whose parcels are held together.
    ``fixed`` nodes are in every site; ``root`` is one of them, or -1.  A site's area is over ``floor``, not over ``ceiling``.
    """

    start: Ints
    near: Ints
    area: Ints
    cost: Ints
    fixed: Bools
    floor: int
    ceiling: int
    members: tuple[tuple[int, ...], ...]
    limits: tuple[Limit, ...] = field(default=())

    @property
    def n(self) -> int:
        """How many nodes."""
        return len(self.area)

    @property
    def root(self) -> int:
        """A node that is in every site, or -1."""
        return int(np.argmax(self.fixed)) if self.fixed.any() else -1

    @cached_property
    def step(self) -> int:
        """What two difficulties differ by at least, unless they are equal: the greatest common divisor of the costs."""
        return max(int(np.gcd.reduce(self.cost)) if self.n else 1, 1)

    @property
    def limit_marks(self) -> Bools:
        """The limits' marks as one array: (g, n)."""
        marks: Bools = np.zeros((len(self.limits), self.n), dtype=np.bool_)
        for number, limit in enumerate(self.limits):
            marks[number] = limit.marks
        return marks

    @property
    def limit_most(self) -> Ints:
        """The limits' numbers: (g,)."""
        return np.array([limit.most for limit in self.limits], dtype=np.int64)

    def is_site(self, chosen: Bools) -> bool:
        """Whether the nodes hang together, have all that is fixed, and keep floor, ceiling and limits."""
        if not chosen.any() or (self.fixed & ~chosen).any():
            return False
        if not self.floor < int(self.area[chosen].sum()) <= self.ceiling:
            return False
        if any(int((chosen & limit.marks).sum()) > limit.most for limit in self.limits):
            return False
        return int(components(self.start, self.near, chosen)[1]) == 1

    def without(self, closed: Bools) -> Graph:
        """The graph without some nodes."""
        kept = np.flatnonzero(~closed)
        place = np.full(self.n, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        owner = np.repeat(np.arange(self.n), np.diff(self.start))
        both = (place[owner] >= 0) & (place[self.near] >= 0)
        count = np.bincount(place[owner[both]], minlength=len(kept))
        return replace(
            self,
            start=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            near=place[self.near[both]],
            area=self.area[kept],
            cost=self.cost[kept],
            fixed=self.fixed[kept],
            members=tuple(self.members[v] for v in kept),
            limits=tuple(Limit(limit.marks[kept], limit.most) for limit in self.limits),
        )

    def clusters(self) -> list[Ints]:
        """The nodes of each component, in the order of its first node."""
        label, count = components(self.start, self.near, np.ones(self.n, dtype=np.bool_))
        return [np.flatnonzero(label == number) for number in range(count)]

    def reached_from_root(self) -> Bools:
        """Which nodes the root reaches: (n,)."""
        label = np.full(self.n, -1, dtype=np.int64)
        if self.root >= 0:
            reach(
                self.start, self.near, np.ones(self.n, dtype=np.bool_), self.root, label, 0, np.empty(self.n, np.int64)
            )
        return np.asarray(label == 0)


def build_graph(
    parcels: pd.DataFrame,
    adjacency: pd.DataFrame,
    cost: Ints,
    *,
    floor_m2: float,
    ceiling_m2: float | None = None,
    anchor: Iterable[str] = (),
    require: Iterable[str] = (),
    forbid: Iterable[str] = (),
    joins: Iterable[str] = JOINS,
) -> Graph:
    """The graph of ``parcels`` (``parcel_code``, ``site_area_m2``) with pairs of ``adjacency`` whose type joins.

    ``cost`` (n,) is each parcel's difficulty in thousandths, in the order of rows.  The anchor's parcels become one node of
    their area and no cost; forbidden parcels are left out; codes that are not among the parcels are not looked at.

    Raises
    ------
    ValueError
        A parcel code stands twice, an area is unknown or negative, or a cost is negative.
    """
    codes = parcels["parcel_code"].to_numpy(dtype=object).astype(str)
    area_m2 = parcels["site_area_m2"].to_numpy(dtype=np.float64, na_value=np.nan)
    if len(np.unique(codes)) != len(codes):
        raise ValueError("a parcel code stands twice")
    if not (np.isfinite(area_m2) & (area_m2 >= 0)).all() or (cost < 0).any():
        raise ValueError("every parcel needs a known area and a difficulty, both 0 or more")
    held, wanted, out = set(anchor), set(require), set(forbid)
    rows = [int(row) for row in np.argsort(codes, kind="stable") if codes[row] not in out or codes[row] in held]
    node_of: dict[str, int] = {}
    members: list[list[int]] = []
    anchor_node = -1
    for row in rows:
        if codes[row] in held:
            if anchor_node < 0:
                anchor_node = len(members)
                members.append([])
            node_of[codes[row]] = anchor_node
            members[anchor_node].append(row)
        else:
            node_of[codes[row]] = len(members)
            members.append([row])
    n = len(members)
    # A square millimetre that is not whole is dropped, and the floor is rounded: no site is called over it that is not.
    whole = np.floor(area_m2 * PER_M2).astype(np.int64)
    edges = _edges(node_of, adjacency, joins)
    ends = np.concatenate([edges, edges[:, ::-1]]) if len(edges) else np.empty((0, 2), dtype=np.int64)
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    fixed = np.array([v == anchor_node or codes[m[0]] in wanted for v, m in enumerate(members)], dtype=np.bool_)
    return Graph(
        start=np.searchsorted(ends[:, 0], np.arange(n + 1)).astype(np.int64),
        near=np.ascontiguousarray(ends[:, 1]),
        area=np.array([whole[m].sum() for m in members], dtype=np.int64),
        cost=np.array([0 if v == anchor_node else cost[m].sum() for v, m in enumerate(members)], dtype=np.int64),
        fixed=fixed,
        floor=round(floor_m2 * PER_M2),
        ceiling=NO_CEILING if ceiling_m2 is None else round(ceiling_m2 * PER_M2),
        members=tuple(tuple(m) for m in members),
    )


def _edges(node_of: dict[str, int], adjacency: pd.DataFrame, joins: Iterable[str]) -> Ints:
    joining = adjacency[adjacency["type"].isin(list(joins))]
    a = np.array([node_of.get(str(code), -1) for code in joining["parcel_a"]], dtype=np.int64)
    b = np.array([node_of.get(str(code), -1) for code in joining["parcel_b"]], dtype=np.int64)
    good = (a >= 0) & (b >= 0) & (a != b)
    pairs = np.stack([np.minimum(a, b)[good], np.maximum(a, b)[good]], axis=1)
    return np.unique(pairs, axis=0).astype(np.int64) if len(pairs) else np.empty((0, 2), dtype=np.int64)
