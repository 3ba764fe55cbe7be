"""All sites of a small graph, by trying every set of parcels: slow, plain, and knowing nothing of the search."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

import pandas as pd
from hypothesis import strategies as st

Set = frozenset[str]


@dataclass(frozen=True)
class Land:
    """Areas in m² and difficulties in thousandths by code, and the pairs that join."""

    area: dict[str, int]
    cost: dict[str, int]
    pairs: frozenset[tuple[str, str]]

    def parcels(self) -> pd.DataFrame:
        return pd.DataFrame({"parcel_code": list(self.area), "site_area_m2": [float(a) for a in self.area.values()]})

    def adjacency(self) -> pd.DataFrame:
        rows = sorted(self.pairs)
        return pd.DataFrame({"parcel_a": [a for a, _ in rows], "parcel_b": [b for _, b in rows], "type": "shared_edge"})

    def hangs_together(self, codes: Collection[str], held: Collection[str] = ()) -> bool:
        """Whether all are reached from one; those held together count as one place."""
        left, wave = set(codes), []
        if left:
            wave = [left.pop()]
        while wave:
            at = wave.pop()
            for other in list(left):
                joined = (at, other) in self.pairs or (other, at) in self.pairs or (at in held and other in held)
                if joined:
                    left.discard(other)
                    wave.append(other)
        return not left

    def sites(
        self,
        floor: int,
        *,
        ceiling: int | None = None,
        anchor: Collection[str] = (),
        require: Collection[str] = (),
        forbid: Collection[str] = (),
    ) -> dict[Set, int]:
        """Every site with its cost; the anchor's parcels cost nothing."""
        must = set(anchor) | set(require)
        free = sorted(set(self.area) - must - set(forbid))
        found = {}
        for size in range(len(free) + 1):
            for more in combinations(free, size):
                codes = frozenset(must | set(more))
                area = sum(self.area[code] for code in codes)
                if (
                    codes
                    and area > floor
                    and (ceiling is None or area <= ceiling)
                    and self.hangs_together(codes, anchor)
                ):
                    found[codes] = sum(self.cost[code] for code in codes - set(anchor))
        return found

    def minimal(
        self, sites: Iterable[Set], fixed: Collection[str], floor: int, anchor: Collection[str] = ()
    ) -> set[Set]:
        """Those of which no parcel can be dropped: without it they fall to the floor or apart."""

        def holds(codes: Set) -> bool:
            area = sum(self.area[code] for code in codes)
            return bool(codes) and area > floor and self.hangs_together(codes, anchor)

        return {site for site in sites if not any(holds(site - {code}) for code in site - set(fixed))}


@st.composite
def lands(draw: st.DrawFn, most: int = 9) -> Land:
    """A land of up to ``most`` parcels, some alone, with few different areas and costs so that there are ties."""
    n = draw(st.integers(1, most))
    codes = [f"P{number:02d}" for number in draw(st.permutations(range(n)))]
    area = {code: draw(st.integers(1, 6)) * 1000 + draw(st.sampled_from([0, 0, 7])) for code in codes}
    cost = {code: draw(st.sampled_from([0, 500, 1000, 1250, 3000, 7001])) for code in codes}
    every = list(combinations(sorted(codes), 2))
    tree = [(codes[draw(st.integers(0, number - 1))], codes[number]) for number in range(1, n)]
    kept = [pair for pair in tree if draw(st.integers(0, 9))]  # one in ten is cut
    more = draw(st.lists(st.sampled_from(every), max_size=n)) if every else []
    return Land(area, cost, frozenset((min(pair), max(pair)) for pair in kept + more))
