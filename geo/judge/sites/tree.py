"""Branch and bound: the least difficulty, with its proof.

A site either has a node r or has not.  As long as nothing is fixed, a node that the program likes is made the *root* of a
branch of its own (every site with r), and is closed for the rest; separators round a root are far stronger than those that
only know the floor.  It goes on until the rest cannot hold a better site.  In each branch nodes are then fixed or closed one
by one, always where the bound is lowest, so that the least bound of what is open rises to the best site that is known.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field

import numpy as np

from geo.judge.sites.clock import Clock
from geo.judge.sites.graph import PER_POINT, Graph
from geo.judge.sites.heuristic import Sites
from geo.judge.sites.kernels import settle
from geo.judge.sites.relaxation import Floats, Point, Relaxation
from geo.said import Said

#: of numbers that are added up in floating point, what may be lost, in points
_LOST = 1e-7
#: how far from 0 or 1 a number is whole
_WHOLE = 1e-6
#: rounds of separators end after so many that raise the bound by less than this share of it
_RISE, _STALLED, _ROUNDS = 5e-4, 3, 80
#: how many nodes are tried before one is branched on, and how many of one root's are worked off together
_TRIED, _TOGETHER = 5, 12
#: of how many steps a trial of a node is
_STEPS = 50


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    root: int = field(compare=False)
    low: Floats = field(compare=False)
    up: Floats = field(compare=False)
    x: Floats | None = field(compare=False)


class Tree:
    """One search; :meth:`run` may be called once, after it ``bound`` is what no site is below (in thousandths)."""

    def __init__(self, graph: Graph, relaxation: Relaxation, sites: Sites, clock: Clock, *, above: int = 0) -> None:
        self.graph, self._program, self._sites, self._clock = graph, relaxation, sites, clock
        #: what is known beforehand: no site is below
        self._above = above
        self._open: dict[int, list[_Node]] = {}
        self._numbers = itertools.count()
        self._rest = math.inf  # the bound of what is not in a branch yet
        self._aimed: int | None = None
        self.nodes = 0

    def run(self) -> None:
        """Search until the best site is proven, or the time is up."""
        n = self.graph.n
        low, up = self.graph.fixed.astype(np.float64), np.ones(n)
        if self.graph.root >= 0:
            self._branch(-math.inf, self.graph.root, low, up)
        else:
            self._choose_roots(low, up)
        while self._open and not self._clock.is_up():
            root = min(self._open, key=lambda r: self._open[r][0])
            for _ in range(_TOGETHER):
                if root not in self._open or self._clock.is_up():
                    break
                self._split(self._pop(root))
            self._program.tidy()
            self._tell(Said("branching", "分枝定界"))

    @property
    def bound(self) -> int:
        """What no site is below, in thousandths; that of the best site where it is proven."""
        least, cost = self._least, self._sites.cost
        if self._is_hopeless(least):
            # Nothing better is left open: either there is a best, or there is no site at all.
            return self._above if cost is None else cost
        if least == -math.inf:
            return self._above  # the time was up before anything was bounded
        step = self.graph.step
        whole = math.ceil((least - _LOST) * PER_POINT / step - 1e-9) * step
        return max(self._above, whole if cost is None else min(whole, cost))

    @property
    def is_done(self) -> bool:
        """Whether nothing is left that could hold a better site."""
        return self._is_hopeless(self._least)

    @property
    def _least(self) -> float:
        """The least bound of what is open, in points: ∞ where nothing is."""
        return min(min((heap[0].bound for heap in self._open.values()), default=math.inf), self._rest)

    def _is_hopeless(self, bound: float) -> bool:
        """Whether no site from this bound on is better than the best: two that differ do so by a step at least."""
        cost = self._sites.cost
        if cost is None:
            return bound == math.inf
        return cost <= self._above or bound > (cost - self.graph.step) / PER_POINT + _LOST

    def _choose_roots(self, low: Floats, up: Floats) -> None:
        graph = self.graph
        self._rest = -math.inf
        while not self._clock.is_up():
            self._aim(-1)
            bound, x = self._work_off(low, up, -1)
            self._rest = max(self._rest, bound)
            if x is None and self._is_hopeless(bound):
                self._rest = math.inf
                return
            liked = (np.ones(graph.n) if x is None else x) * up
            # Of the nodes that it likes, one with many open neighbours: closing it afterwards parts the most.
            owner = np.repeat(np.arange(graph.n), np.diff(graph.start))
            degree = np.bincount(owner, weights=up[graph.near], minlength=graph.n)
            root = int(np.argmax(low if (low > 0.5).any() else liked * (degree + 1)))
            fixed = low.copy()
            fixed[root] = 1.0
            self._branch(self._rest, root, fixed, up.copy())
            if low[root] > 0.5:
                self._rest = math.inf  # the bound has fixed it: no better site is without it
                return
            up[root] = 0.0
            self._tell(Said("choosing where to begin", "选择起点"))

    def _branch(self, bound: float, root: int, low: Floats, up: Floats) -> None:
        """Bound one part and keep it open, unless it cannot hold a better site."""
        self._aim(root)
        self.nodes += 1
        found, x = self._work_off(low, up, root)
        found = max(found, bound)
        if not self._is_hopeless(found):
            heapq.heappush(self._open.setdefault(root, []), _Node(found, next(self._numbers), root, low, up, x))

    def _pop(self, root: int) -> _Node:
        heap = self._open[root]
        node = heapq.heappop(heap)
        if not heap:
            del self._open[root]
        return node

    def _aim(self, root: int) -> None:
        if root != self._aimed:
            self._program.aim(root)
            self._program.tidy()
            self._aimed = root

    def _work_off(self, low: Floats, up: Floats, root: int) -> tuple[float, Floats | None]:
        """Bound a part: settle, solve, add separators, fix what the bound fixes, until nothing moves.

        ``low`` and ``up`` are narrowed in place.  The bound, and where it was found: ``None`` where it is closed or unsaid.
        """
        graph = self.graph
        best, stalled = -math.inf, 0
        x: Floats | None = None
        for _ in range(_ROUNDS):
            if not settle(graph.start, graph.near, graph.area, graph.floor, low, up, root):
                return math.inf, None
            point = self._program.solve(low, up)
            if point is None:
                return best, None
            rise = point.bound - best
            best = max(best, point.bound)
            if self._is_hopeless(best):
                return best, None
            x = point.x
            if self._fix(point, low, up):
                continue
            if self._clock.is_up() or not self._program.sharpen(point, low, up, root):
                break
            # A whole answer that falls apart is no place to branch from: it goes on until it holds together.
            whole = bool((np.minimum(x, 1 - x) < _WHOLE).all())
            stalled = stalled + 1 if rise < _RISE * abs(best) and not whole else 0
            if stalled >= _STALLED:
                break
        if x is not None:
            self._look(x, up, root)
        return (best, None) if self._is_hopeless(best) else (best, x)

    def _fix(self, point: Point, low: Floats, up: Floats) -> bool:
        """Close or fix the nodes that no better site has otherwise, by their reduced cost; whether the point is lost by it."""
        cost = self._sites.cost
        if cost is None:
            return False
        room = (cost - self.graph.step) / PER_POINT - point.bound + _LOST
        close = (up > 0.5) & (low < 0.5) & (point.reduced > room)
        fix = (up > 0.5) & (low < 0.5) & (-point.reduced > room)
        up[close] = 0.0
        low[fix] = 1.0
        return bool((point.x[close] > _WHOLE).any() or (point.x[fix] < 1 - _WHOLE).any())

    def _look(self, x: Floats, up: Floats, root: int) -> None:
        """Take the point's own site if it is one, and a site grown along it."""
        chosen = np.asarray(x > 0.5)
        self._sites.take(chosen)
        seed = root if root >= 0 else int(np.argmax(x))
        self._sites.look(self.graph.cost * (1.0 - 0.9 * x) + 1e-6, np.asarray(up > 0.5), seed)

    def _split(self, node: _Node) -> None:
        if self._is_hopeless(node.bound):
            return
        open_ = np.flatnonzero((node.up > 0.5) & (node.low < 0.5))
        if not len(open_):
            self._sites.take(np.asarray(node.low > 0.5))
            return
        self._aim(node.root)
        chosen = int(open_[0]) if node.x is None else self._branch_on(node, node.x)
        for side in (0.0, 1.0):
            low, up = node.low.copy(), node.up.copy()
            low[chosen] = up[chosen] = side
            self._branch(node.bound, node.root, low, up)

    def _branch_on(self, node: _Node, x: Floats) -> int:
        """The node that raises the bounds of both sides most, of some that are far from whole."""
        graph = self.graph
        free = (node.up > 0.5) & (node.low < 0.5)
        apart = np.where(free, np.minimum(x, 1 - x), -1.0)
        order = np.argsort(-apart * np.sqrt(graph.cost + 1.0), kind="stable")
        tried = [int(v) for v in order[:_TRIED] if apart[v] > _WHOLE]
        if not tried:
            # All is whole and still no site: any open node parts the sets that are left.
            return int(np.flatnonzero(free)[0])
        if len(tried) == 1:
            return tried[0]
        best, chosen = -1.0, tried[0]
        cost = self._sites.cost
        top = math.inf if cost is None else cost / PER_POINT
        for v in tried:
            gains = []
            for side in (0.0, 1.0):
                low, up = node.low.copy(), node.up.copy()
                low[v] = up[v] = side
                if settle(graph.start, graph.near, graph.area, graph.floor, low, up, node.root):
                    point = self._program.solve(low, up, _STEPS)
                    bound = node.bound if point is None else min(point.bound, top)
                else:
                    bound = top
                gains.append(max(bound - node.bound, 1e-4) if math.isfinite(bound) else 1e6)
            if gains[0] * gains[1] > best:
                best, chosen = gains[0] * gains[1], v
        return chosen

    def _tell(self, said: str) -> None:
        cost, least = self._sites.cost, self._least
        self._clock.tell(
            said, None if cost is None else cost / PER_POINT, max(least, 0.0) if math.isfinite(least) else None
        )
