"""A linear program below every site, sharpened by separators; its bounds are added up here, whatever the solver says.

Minimise Σ cost·x over 0 ≤ x ≤ 1 with Σ area·x over the floor and x(v) ≤ x(N) for separators N.  For any multipliers y ≥ 0
of the rows, Σ y·b + Σ min over [low, up] of (cost − yᵀA)·x is no more than the least site costs: that sum is the bound, so
that the solver's tolerances cannot make it too high.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from geo.judge.integer import quiet
from geo.judge.sites.graph import NO_CEILING, PER_POINT, Bools, Graph, Ints
from geo.judge.sites.kernels import network, reach, rooted, unrooted

Floats = npt.NDArray[np.float64]

#: a separator is added where it is broken by so much, and at most so many in one round
_BROKEN = 0.01
_ROUND = 60
#: a separator that was slack in so many programs behind one another is let go, once there are so many of them
_SLACK, _IDLE, _MANY = 1e-4, 25, 100
#: what a proof that nothing is left has to show, of the largest number in it
_SURE = 1e-9
_UNLIMITED = 2**31 - 1


@dataclass(frozen=True)
class Separator:
    """x(``head``) ≤ x(``others``): they are all that borders on ``inside``, which holds ``head``.

    ``is_small``: what is inside falls to the floor, so that no site lies in it and the row holds whatever is fixed.
    """

    head: int
    others: Ints
    inside: Bools
    is_small: bool


@dataclass(frozen=True)
class Point:
    """The bound of a program (in points, ∞ where no site is left), and where it was found: ``x`` and ``reduced`` (n,)."""

    bound: float
    x: Floats
    reduced: Floats


class Relaxation:
    """One program that grows; bounds of nodes and the root may change from one call to the next."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        n = graph.n
        self.cost = graph.cost / PER_POINT
        self._network = network(graph.start, graph.near)
        self._heads, self._ends = np.empty(_ROUND, np.int64), np.empty(_ROUND, np.int64)
        self._found = np.empty(_ROUND * max(n, 1), np.int64)
        self._stack = np.empty(n, np.int64)
        self._highs: Any = quiet()
        for name, value in {"threads": 1, "presolve": "off", "random_seed": 0}.items():
            self._highs.setOptionValue(name, value)
        none = np.empty(0, np.int32)
        for v in range(n):
            self._highs.addCol(float(self.cost[v]), 0.0, 1.0, 0, none, np.empty(0))
        # The rows, also kept here: sign·(values·x) ≥ sign·side.
        self._columns: list[Ints] = []
        self._values: list[Floats] = []
        self._side: list[float] = []
        self._sign: list[float] = []
        self._separators: list[Separator | None] = []
        self._is_on: list[bool] = []
        self._idle: list[int] = []
        self._known: set[tuple[int, bytes]] = set()
        self._flat: tuple[Ints, Ints, Floats] | None = None
        self._set_base(graph)
        self.programs = 0

    def _set_base(self, graph: Graph) -> None:
        every = np.arange(graph.n)
        scale = float(max(graph.floor, 1))
        self._add(every, graph.area / scale, (graph.floor + 1) / scale, 1.0)
        if graph.ceiling < NO_CEILING:
            self._add(every, graph.area / scale, graph.ceiling / scale, -1.0)
        for limit in graph.limits:
            marked = np.flatnonzero(limit.marks)
            self._add(marked, np.ones(len(marked)), float(limit.most), -1.0)

    def add_limit(self, graph: Graph) -> None:
        """Take over the last limit of a graph that is otherwise the same."""
        limit = graph.limits[-1]
        marked = np.flatnonzero(limit.marks)
        self._add(marked, np.ones(len(marked)), float(limit.most), -1.0)
        self.graph = graph

    def _add(self, columns: Ints, values: Floats, side: float, sign: float, cut: Separator | None = None) -> None:
        infinite = highspy.kHighsInf
        low, high = (side, infinite) if sign > 0 else (-infinite, side)
        self._highs.addRow(low, high, len(columns), columns.astype(np.int32), values.astype(np.float64))
        self._columns.append(columns.astype(np.int64))
        self._values.append(values.astype(np.float64))
        self._side.append(side)
        self._sign.append(sign)
        self._separators.append(cut)
        self._is_on.append(True)
        self._idle.append(0)
        self._flat = None

    def aim(self, root: int) -> None:
        """Switch on the separators that hold for this root (-1: for none)."""
        for row, cut in enumerate(self._separators):
            if cut is None:
                continue
            holds = cut.is_small or (root >= 0 and not cut.inside[root])
            if holds != self._is_on[row]:
                self._highs.changeRowBounds(row, 0.0 if holds else -highspy.kHighsInf, highspy.kHighsInf)
                self._is_on[row] = holds

    def solve(self, low: Floats, up: Floats, steps: int | None = None) -> Point | None:
        """The program between bounds of the nodes; ``None`` where neither an answer nor a proof that there is none came.

        After so many ``steps`` it is given up: what is returned then is a bound too, but a lower one.
        """
        n = self.graph.n
        self._highs.changeColsBounds(n, np.arange(n, dtype=np.int32), low, up)
        if steps is not None:
            self._highs.setOptionValue("simplex_iteration_limit", steps)
        self._highs.run()
        if steps is not None:
            self._highs.setOptionValue("simplex_iteration_limit", _UNLIMITED)
        self.programs += 1
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            _, there, ray = self._highs.getDualRay()
            proven = there and self._proves_empty(np.asarray(ray, dtype=np.float64), low, up)
            return Point(math.inf, np.zeros(n), np.zeros(n)) if proven else None
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kIterationLimit):
            return None
        answer = self._highs.getSolution()
        multipliers, reduced = self._multiplied(np.asarray(answer.row_dual, dtype=np.float64))
        reduced = self.cost - reduced
        bound = float(multipliers @ np.asarray(self._side) + np.minimum(reduced * low, reduced * up).sum())
        values = np.asarray(answer.row_value, dtype=np.float64)
        for row, cut in enumerate(self._separators):
            if cut is not None:
                self._idle[row] = self._idle[row] + 1 if not self._is_on[row] or values[row] > _SLACK else 0
        return Point(bound, np.asarray(answer.col_value, dtype=np.float64), reduced)

    def _multiplied(self, given: Floats) -> tuple[Floats, Floats]:
        """Multipliers of the sign that their rows allow, 0 for rows that are off, and yᵀA."""
        sign = np.asarray(self._sign)
        y = np.where(np.asarray(self._is_on), np.maximum(sign * given, 0.0) * sign, 0.0)
        if self._flat is None:
            sizes = [len(columns) for columns in self._columns]
            row = np.repeat(np.arange(len(sizes)), sizes)
            self._flat = (row, np.concatenate(self._columns), np.concatenate(self._values))
        row, column, value = self._flat
        weighted: Floats = np.bincount(column, weights=y[row] * value, minlength=self.graph.n).astype(np.float64)
        return np.asarray(y, dtype=np.float64), weighted

    def _proves_empty(self, ray: Floats, low: Floats, up: Floats) -> bool:
        """Farkas: the rows, weighted, ask for more than the bounds of the nodes can give."""
        for direction in (1.0, -1.0):
            y, weighted = self._multiplied(direction * ray)
            asked = float(y @ np.asarray(self._side))
            given = float(np.maximum(weighted * low, weighted * up).sum())
            if asked - given > _SURE * max(1.0, abs(asked), abs(given)):
                return True
        return False

    def sharpen(self, point: Point, low: Floats, up: Floats, root: int) -> int:
        """Add separators that the point breaks; how many are new."""
        graph = self.graph
        alive = up > 0.5
        if root >= 0:
            sources = np.full(graph.n, -1, np.int64)
            reach(graph.start, graph.near, low > 0.5, root, sources, 0, self._stack)
            arguments = (graph.start, graph.near, *self._network, point.x, alive, sources == 0)
            count = rooted(*arguments, _BROKEN, _ROUND, self._heads, self._ends, self._found)
        else:
            arguments = (graph.start, graph.near, graph.area, graph.floor, point.x, alive)
            count = unrooted(*arguments, _BROKEN, _ROUND, self._heads, self._ends, self._found)
        new, begin = 0, 0
        for number in range(count):
            end = int(self._ends[number])
            new += self._add_separator(int(self._heads[number]), self._found[begin:end], alive, root)
            begin = end
        return new

    def _add_separator(self, head: int, parting: Ints, alive: Bools, root: int) -> bool:
        graph = self.graph
        open_ = alive.copy()
        open_[parting] = False
        label = np.full(graph.n, -1, np.int64)
        reach(graph.start, graph.near, open_, head, label, 0, self._stack)
        inside = label == 0
        # Closed nodes that border on it belong to the separator too, so that the row holds where they are open.
        owner = np.repeat(inside, np.diff(graph.start))
        border = np.zeros(graph.n, dtype=np.bool_)
        border[graph.near[owner]] = True
        others = np.flatnonzero(border & ~inside)
        is_small = int(graph.area[inside].sum()) <= graph.floor
        key = (head, others.tobytes())
        if key in self._known or not (is_small or (root >= 0 and not inside[root])):
            return False
        self._known.add(key)
        values = np.append(np.ones(len(others)), -1.0)
        self._add(np.append(others, head), values, 0.0, 1.0, Separator(head, others, np.asarray(inside), is_small))
        return True

    def tidy(self) -> None:
        """Let go of separators that have not been needed for long."""
        gone = [row for row, idle in enumerate(self._idle) if idle > _IDLE]
        if len(gone) < _MANY:
            return
        self._highs.deleteRows(len(gone), np.array(gone, dtype=np.int32))
        dropped = set(gone)
        for row in gone:
            cut = self._separators[row]
            assert cut is not None
            self._known.discard((cut.head, cut.others.tobytes()))
        kept = [row for row in range(len(self._side)) if row not in dropped]
        self._columns = [self._columns[row] for row in kept]
        self._values = [self._values[row] for row in kept]
        self._side = [self._side[row] for row in kept]
        self._sign = [self._sign[row] for row in kept]
        self._separators = [self._separators[row] for row in kept]
        self._is_on = [self._is_on[row] for row in kept]
        self._idle = [self._idle[row] for row in kept]
        self._flat = None
