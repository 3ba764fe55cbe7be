"""The best site of a graph and the next best, each with its lower bound; and all minimal sites where they are not too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from geo.judge.sites.clock import Clock
from geo.judge.sites.graph import Bools, Graph, Limit
from geo.judge.sites.heuristic import Sites
from geo.judge.sites.kernels import minimal_sets
from geo.judge.sites.relaxation import Relaxation
from geo.judge.sites.tree import Tree
from geo.judge.sites.why import Nothing, why_none
from geo.said import Said

Ended = Literal["listed", "proven", "time", "stopped"]

#: of the time, what the best site may take where others are asked for too
_BEST_SHARE = 0.6


@dataclass(frozen=True)
class Answer:
    """One site: the rows of its parcels, its difficulty and a bound that none like it is below, in thousandths."""

    rows: tuple[int, ...]
    cost: int
    bound: int

    @property
    def is_proven(self) -> bool:
        """Whether no other is better."""
        return self.bound >= self.cost


@dataclass(frozen=True)
class Found:
    """What a search gave.

    ``answers``: the best and the next best, as far as there are any.  ``listed``: all minimal sites with their cost, least
    first, or ``None`` where they were too many.  ``nothing`` says why there is no site.  ``ended`` says how it came to its end:

    ``listed``
        all minimal sites were looked at;
    ``proven``
        each answer is proven, and where there are fewer than were asked for there are no more;
    ``time``, ``stopped``
        the time was up, or somebody ended it, before one of these was so: each answer says whether it is proven itself.
    """

    answers: tuple[Answer, ...]
    listed: tuple[tuple[tuple[int, ...], int], ...] | None
    nothing: Nothing | None
    ended: Ended
    walked: int = 0
    nodes: int = 0
    programs: int = 0

    @property
    def is_done(self) -> bool:
        """Whether all that was asked for is known for sure."""
        return self.ended in ("listed", "proven")


@dataclass(frozen=True)
class Bounds:
    """How much is listed: ``most_listed`` minimal sites at most, after walking ``most_walked`` connected sets at most."""

    most_listed: int
    most_walked: int


@dataclass
class _Search:
    graph: Graph
    clock: Clock
    sites: Sites = field(init=False)
    program: Relaxation = field(init=False)
    nodes: int = 0

    def __post_init__(self) -> None:
        self.sites = Sites(self.graph)
        self.program = Relaxation(self.graph)

    def best(self, clock: Clock, above: int) -> tuple[Bools | None, int, bool]:
        """The best of the graph as it is now: its nodes, what none is below, and whether all was searched."""
        self.sites.look_around()
        tree = Tree(self.graph, self.program, self.sites, clock, above=above)
        tree.run()
        self.nodes += tree.nodes
        return self.sites.best, tree.bound, tree.is_done

    def limit(self, chosen: Bools, most: int) -> None:
        """Ask for one that has no more than so many of these nodes."""
        self.graph = replace(self.graph, limits=(*self.graph.limits, Limit(chosen, most)))
        self.program.add_limit(self.graph)
        self.sites.ask_again(self.graph)


def find_best(graph: Graph, *, k: int, min_different: int, bounds: Bounds, clock: Clock) -> Found:
    """The best site and up to k − 1 next best, each without at least ``min_different`` parcels of every better one.

    Parcels that are fixed are not counted; where fewer are free in a better site, all of them have to be missing.  Exact
    unless the time is up: then ``bound`` is below ``cost``.
    """
    nothing = why_none(graph)
    if nothing is not None:
        return Found((), (), nothing, "proven")
    small = reduced(graph)
    clock.tell(Said("listing minimal sites", "列举极小方案"), None, None)
    listed, walked = list_minimal(small, bounds)
    if listed is not None:
        chosen = _choose(small, listed, k, min_different)
        answers = tuple(Answer(_rows(small, nodes), cost, cost) for nodes, cost in chosen)
        told = tuple((_rows(small, nodes), cost) for nodes, cost in listed)
        return Found(answers, told, None if answers else Nothing("none"), "listed", walked)
    search = _Search(small, clock)
    found: list[Answer] = []
    above, done = 0, True
    for number in range(k):
        if number and clock.is_up():
            done = False
            break
        share = (_BEST_SHARE if k > 1 else 1.0) if number == 0 else 1.0 / (k - number)
        nodes, bound, ended = search.best(clock.part(share), above)
        # A later one may be searched through though an earlier one is not.
        done = done and ended
        if nodes is None:
            break
        above = bound
        found.append(Answer(_rows(small, np.flatnonzero(nodes)), int(small.cost[nodes].sum()), bound))
        free = nodes & ~small.fixed
        if number + 1 == k or not free.any():
            break
        search.limit(free, max(int(free.sum()) - min_different, 0))
    nothing = None if found else Nothing("none" if done else "time")
    how: Ended = "proven" if done else "stopped" if clock.should_stop() else "time"
    return Found(tuple(found), None, nothing, how, walked, search.nodes, search.program.programs)


def reduced(graph: Graph) -> Graph:
    """The graph without what no site can have: parcels over the ceiling, land that the root does not reach, small clusters."""
    smaller = graph.without((graph.area > graph.ceiling) & ~graph.fixed)
    if smaller.root >= 0:
        return smaller.without(~smaller.reached_from_root())
    closed = np.zeros(smaller.n, dtype=np.bool_)
    for cluster in smaller.clusters():
        closed[cluster] = int(smaller.area[cluster].sum()) <= smaller.floor
    return smaller.without(closed)


def list_minimal(graph: Graph, bounds: Bounds) -> tuple[list[tuple[np.ndarray, int]] | None, int]:
    """All minimal sites as nodes, each with its cost, least first; ``None`` where they are too many.  And the sets walked."""
    arguments = (graph.start, graph.near, graph.area, graph.floor, graph.ceiling, graph.fixed, graph.root)
    flat, ends, count, walked, is_whole = minimal_sets(*arguments, bounds.most_listed, bounds.most_walked)
    if not is_whole:
        return None, int(walked)
    begin = np.concatenate([[0], ends[: max(count - 1, 0)]]) if count else np.empty(0, np.int64)
    sets = [np.sort(flat[a:b]) for a, b in zip(begin, ends, strict=True)]
    priced = [(nodes, int(graph.cost[nodes].sum())) for nodes in sets]
    return sorted(priced, key=lambda item: (item[1], item[0].tolist())), int(walked)


def _choose(
    graph: Graph, listed: Sequence[tuple[np.ndarray, int]], k: int, min_different: int
) -> list[tuple[np.ndarray, int]]:
    chosen: list[tuple[np.ndarray, int]] = []
    for nodes, cost in listed:
        if len(chosen) == k:
            break
        here = set(nodes.tolist())
        free = [[v for v in better.tolist() if not graph.fixed[v]] for better, _ in chosen]
        if all(better and sum(v not in here for v in better) >= min(min_different, len(better)) for better in free):
            chosen.append((nodes, cost))
    return chosen


def _rows(graph: Graph, nodes: np.ndarray) -> tuple[int, ...]:
    return tuple(sorted(row for v in nodes.tolist() for row in graph.members[v]))
