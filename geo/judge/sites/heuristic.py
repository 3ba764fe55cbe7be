"""Good sites to begin with: grown from many seeds, the best of them mended; kept, for the next question may want them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.judge.sites.graph import PER_POINT, Bools, Graph
from geo.judge.sites.kernels import grow, mend

Floats = npt.NDArray[np.float64]

#: how many grown sites are mended in the first round, and how many sites are kept
_MENDED, _KEPT = 24, 4_000
#: from how many seeds at most sites are grown
_SEEDS = 400


@dataclass
class Sites:
    """The sites that were met, and the best of them for the graph as it is asked about now."""

    graph: Graph
    met: dict[bytes, int] = field(default_factory=dict)
    best: Bools | None = None

    @property
    def cost(self) -> int | None:
        """The cost of the best, in thousandths."""
        return None if self.best is None else int(self.graph.cost[self.best].sum())

    def take(self, chosen: Bools) -> bool:
        """Keep a set if it is a site; whether it is better than all before."""
        if not self.graph.is_site(chosen):
            return False
        cost = int(self.graph.cost[chosen].sum())
        if len(self.met) < _KEPT:
            self.met[np.packbits(chosen).tobytes()] = cost
        if self.cost is not None and cost >= self.cost:
            return False
        self.best = chosen.copy()
        return True

    def ask_again(self, graph: Graph) -> None:
        """Another limit has come: the best of the sites met that keep it."""
        self.graph, self.best = graph, None
        for packed in sorted(self.met, key=lambda key: (self.met[key], key)):
            chosen = np.unpackbits(np.frombuffer(packed, np.uint8), count=graph.n).astype(np.bool_)
            if self.graph.is_site(chosen):
                self.best = chosen
                break

    def look(self, weight: Floats, alive: Bools, seed: int) -> bool:
        """Grow one site by these weights and mend it; whether it is better than all before."""
        found, is_site = grow(*self._arguments(weight, alive), seed)
        if not is_site:
            return False
        return self._mended(found, alive)

    def look_around(self) -> None:
        """Grow sites from seeds all over the land by their difficulty, and mend the most promising."""
        graph = self.graph
        alive = np.ones(graph.n, dtype=np.bool_)
        weight = graph.cost.astype(np.float64)
        seeds = [graph.root] if graph.root >= 0 else self._seeds()
        grown: dict[bytes, tuple[int, Bools]] = {}
        for seed in seeds:
            found, is_site = grow(*self._arguments(weight, alive), seed)
            if is_site:
                grown[found.tobytes()] = (int(graph.cost[found].sum()), found)
        for key in sorted(grown, key=lambda key: (grown[key][0], key))[:_MENDED]:
            self._mended(grown[key][1], alive)

    def _seeds(self) -> list[int]:
        """All nodes, or where they are many every so many of those that cost least for their area."""
        graph = self.graph
        if graph.n <= _SEEDS:
            return list(range(graph.n))
        rate = graph.cost / np.maximum(graph.area, 1)
        cheap: list[int] = np.argsort(rate, kind="stable")[: _SEEDS // 2].tolist()
        return cheap + list(range(0, graph.n, 2 * graph.n // _SEEDS))

    def _mended(self, found: Bools, alive: Bools) -> bool:
        graph = self.graph
        marks, most = graph.limit_marks, graph.limit_most
        mend(
            graph.start,
            graph.near,
            graph.area,
            graph.cost,
            graph.floor,
            graph.ceiling,
            alive,
            graph.fixed,
            marks,
            most,
            found,
        )
        return self.take(found)

    def _arguments(self, weight: Floats, alive: Bools) -> tuple[Any, ...]:
        graph = self.graph
        shape = (graph.start, graph.near, graph.area, weight / PER_POINT, graph.floor, graph.ceiling)
        return (*shape, alive, graph.fixed, graph.limit_marks, graph.limit_most)
