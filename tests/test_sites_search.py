"""The search for sites against every set of parcels tried one by one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from every_site import Land, lands
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.judge.sites.clock import Clock
from geo.judge.sites.graph import Graph, build_graph
from geo.judge.sites.heuristic import Sites
from geo.judge.sites.relaxation import Relaxation
from geo.judge.sites.search import Bounds, Found, find_best, reduced
from geo.judge.sites.tree import Tree
from geo.judge.sites.why import why_none

ALL = Bounds(most_listed=100_000, most_walked=2_000_000)
#: nothing is listed, so that the tree has to find and prove
NONE = Bounds(most_listed=0, most_walked=0)

law = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def graph_of(land: Land, floor: int, ceiling: int | None = None, **asked: Any) -> Graph:
    cost = np.array(list(land.cost.values()), dtype=np.int64)
    return build_graph(land.parcels(), land.adjacency(), cost, floor_m2=floor, ceiling_m2=ceiling, **asked)


def search(graph: Graph, bounds: Bounds, k: int = 1, min_different: int = 1, clock: Clock | None = None) -> Found:
    return find_best(graph, k=k, min_different=min_different, bounds=bounds, clock=clock or Clock(60))


def codes(land: Land, rows: tuple[int, ...]) -> frozenset[str]:
    every = list(land.area)
    return frozenset(every[row] for row in rows)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Land, int, dict[str, Any]]:
    """A land, a floor, and any of ceiling, anchor, parcels that must be in and parcels that must not."""
    land = draw(lands())
    every = sorted(land.area)
    # Half of the floors are what some parcels come to, so that "over" and "at" the floor are told apart.
    some = draw(st.lists(st.sampled_from(every), unique=True))
    floor = draw(st.one_of(st.integers(0, sum(land.area.values()) + 500), st.just(sum(land.area[c] for c in some))))
    asked: dict[str, Any] = {}
    if draw(st.booleans()):
        asked["ceiling"] = floor + draw(st.integers(1, 4000))
    rest = list(draw(st.permutations(every)))
    for name in ("anchor", "require", "forbid"):
        if draw(st.integers(0, 2)) == 0:
            asked[name] = [rest.pop() for _ in range(draw(st.integers(1, 2))) if rest]
    return land, floor, asked


@law
@given(questions())
def test_the_list_of_minimal_sites_is_whole(question: tuple[Land, int, dict[str, Any]]) -> None:
    land, floor, asked = question
    anchor = asked.get("anchor", ())
    sites = land.sites(floor, **asked)
    fixed = [*anchor, *asked.get("require", ())]
    wanted = land.minimal(sites, fixed, floor, anchor)
    found = search(graph_of(land, floor, **asked), ALL)
    assert found.listed is not None
    listed = [codes(land, rows) for rows, _ in found.listed]
    assert len(listed) == len(set(listed))
    assert set(listed) == wanted
    assert [cost for _, cost in found.listed] == sorted(sites[site] for site in wanted)


@law
@given(questions(), st.sampled_from([ALL, NONE]))
def test_the_best_site_costs_least_of_all(question: tuple[Land, int, dict[str, Any]], bounds: Bounds) -> None:
    land, floor, asked = question
    sites = land.sites(floor, **asked)
    found = search(graph_of(land, floor, **asked), bounds)
    assert found.is_done
    if not sites:
        assert found.answers == ()
        assert found.nothing is not None
        return
    best = found.answers[0]
    assert best.cost == sites[codes(land, best.rows)] == min(sites.values())
    assert best.is_proven
    assert best.bound == best.cost


@law
@given(questions(), st.sampled_from([ALL, NONE]), st.integers(1, 3))
def test_each_next_best_site_is_the_best_of_those_that_differ_enough(
    question: tuple[Land, int, dict[str, Any]], bounds: Bounds, different: int
) -> None:
    land, floor, asked = question
    fixed = {*asked.get("anchor", ()), *asked.get("require", ())}
    sites = land.sites(floor, **asked)
    found = search(graph_of(land, floor, **asked), bounds, k=4, min_different=different)
    better: list[frozenset[str]] = []

    def differs(site: frozenset[str]) -> bool:
        free = [other - fixed for other in better]
        return all(one and len(one - site) >= min(different, len(one)) for one in free)

    for answer in found.answers:
        left = {site: cost for site, cost in sites.items() if differs(site)}
        assert answer.cost == left[codes(land, answer.rows)] == min(left.values())
        assert answer.is_proven
        better.append(codes(land, answer.rows))
    if len(found.answers) < 4:
        assert not [site for site in sites if differs(site)]


class Blind(Sites):
    """Sites that are only met where the tree itself comes upon them: it cannot live on lucky guesses."""

    def look(self, *_: Any) -> bool:
        return False


@law
@given(questions())
def test_the_tree_alone_comes_upon_the_best_site(question: tuple[Land, int, dict[str, Any]]) -> None:
    land, floor, asked = question
    sites = land.sites(floor, **asked)
    graph = graph_of(land, floor, **asked)
    if why_none(graph) is not None:
        assert not sites
        return
    met, tree = blind(graph)
    assert tree.is_done
    assert met.cost == min(sites.values(), default=None)
    assert not sites or tree.bound == met.cost


@pytest.mark.parametrize("seed", range(24))
def test_the_tree_alone_comes_upon_the_best_site_of_many_parcels(seed: int) -> None:
    land = blocks(seed, 4 + seed % 4)
    graph = graph_of(land, 40_000, None if seed % 3 else 41_500)
    listed = search(graph, ALL).answers
    met, tree = blind(graph)
    assert tree.is_done
    assert met.cost == listed[0].cost
    assert tree.bound == met.cost


@pytest.mark.parametrize("seed", range(8))
def test_a_search_that_is_ended_early_has_a_bound_that_holds_and_rises(seed: int) -> None:
    graph = graph_of(blocks(seed, 6), 40_000)
    least = search(graph, ALL).answers[0].cost
    bounds = [blind(graph, looks)[1].bound for looks in (0, 1, 2, 4, 8, 16, 32, 64, 1000)]
    assert all(bound <= least for bound in bounds)
    assert len(set(bounds)) > 2
    assert not blind(graph, 0)[1].is_done
    assert bounds[-1] == least


def blind(graph: Graph, looks: int | None = None) -> tuple[Sites, Tree]:
    """The tree without its heuristic, ended when it has asked so many times whether to go on."""
    small = reduced(graph)
    met = Blind(small)
    asked = itertools.count()
    tree = Tree(small, Relaxation(small), met, Clock(60, lambda: looks is not None and next(asked) >= looks))
    tree.run()
    return met, tree


def blocks(seed: int, side: int = 5) -> Land:
    """Parcels in rows and columns, each of its own area and difficulty."""
    rng = np.random.default_rng(seed)
    names = [[f"P{x}{y}" for y in range(side)] for x in range(side)]
    pairs = {(names[x][y], names[x + 1][y]) for x in range(side - 1) for y in range(side)}
    pairs |= {(names[x][y], names[x][y + 1]) for x in range(side) for y in range(side - 1)}
    every = [name for row in names for name in row]
    area = {name: int(rng.integers(3000, 9000)) for name in every}
    cost = {name: int(rng.integers(1, 4000)) for name in every}
    return Land(area, cost, frozenset(pairs))


@law
@given(questions(), st.integers(0, 4))
def test_a_bound_is_never_over_the_least_difficulty_however_early_a_search_ends(
    question: tuple[Land, int, dict[str, Any]], looks: int
) -> None:
    land, floor, asked = question
    sites = land.sites(floor, **asked)
    if not sites:
        return
    count = [0]

    def enough() -> bool:
        count[0] += 1
        return count[0] > looks

    graph = reduced(graph_of(land, floor, **asked))
    met = Sites(graph)
    tree = Tree(graph, Relaxation(graph), met, Clock(60, enough))
    tree.run()
    least = min(sites.values())
    assert tree.bound <= least
    if met.cost is not None:
        assert met.cost >= least
        assert tree.is_done == (tree.bound == met.cost) or met.cost == least


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lands(12), st.integers(0, 40_000))
def test_of_twelve_parcels_the_best_is_found_and_proven(land: Land, floor: int) -> None:
    sites = land.sites(floor)
    for bounds in (ALL, NONE):
        found = search(graph_of(land, floor), bounds)
        assert [(answer.cost, answer.bound) for answer in found.answers] == [
            (cost, cost) for cost in sorted(sites.values())[:1]
        ]


@pytest.mark.parametrize("seed", range(6))
def test_the_list_and_the_tree_agree_where_a_site_is_of_many_parcels(seed: int) -> None:
    land = blocks(seed)
    ceiling = None if seed % 2 else 52_000
    listed, searched = (search(graph_of(land, 48_000, ceiling), bounds, k=3, min_different=2) for bounds in (ALL, NONE))
    assert listed.listed is not None
    assert searched.listed is None
    assert [answer.cost for answer in searched.answers][:1] == [answer.cost for answer in listed.answers][:1]
    assert all(answer.is_proven for answer in searched.answers)
    assert len(searched.answers) == len(listed.answers) == 3


def test_two_halves_of_the_floor_are_not_over_it() -> None:
    half = 50 * 10_000 / 15
    land = Land({"A": 1, "B": 1, "C": 1}, {"A": 1000, "B": 1000, "C": 9000}, frozenset({("A", "B"), ("B", "C")}))
    parcels = land.parcels().assign(site_area_m2=[half, half, 1.0])
    graph = build_graph(parcels, land.adjacency(), np.array([1000, 1000, 9000]), floor_m2=100 * 10_000 / 15)
    found = search(graph, ALL)
    assert [codes(land, answer.rows) for answer in found.answers] == [frozenset("ABC")]


@pytest.mark.parametrize(
    ("asked", "reason", "area"),
    [
        ({"floor": 9000}, "short", 6000.0),
        ({"floor": 100, "ceiling": 100}, "bounds", None),
        ({"floor": 100, "require": ["A", "D"]}, "fixed_apart", None),
        ({"floor": 5500, "require": ["D"]}, "short", 2000.0),
        ({"floor": 100, "ceiling": 2500, "require": ["A", "B"]}, "fixed_too_large", 3000.0),
        ({"floor": 1000, "ceiling": 1999, "forbid": ["D"]}, "none", None),
    ],
)
def test_where_there_is_no_site_it_says_what_stands_in_the_way(
    asked: dict[str, Any], reason: str, area: float | None
) -> None:
    areas = {"A": 1000, "B": 2000, "C": 3000, "D": 2000}
    land = Land(areas, dict.fromkeys(areas, 1000), frozenset({("A", "B"), ("B", "C")}))
    floor = asked.pop("floor")
    for bounds in (ALL, NONE):
        found = search(graph_of(land, floor, **asked), bounds)
        assert found.answers == ()
        assert found.nothing is not None
        assert (found.nothing.reason, found.nothing.area_m2) == (reason, area)


@pytest.mark.parametrize(("area", "cost", "said"), [(float("nan"), 1, "known area"), (5.0, -1, "0 or more")])
def test_land_without_area_or_with_a_difficulty_below_zero_is_refused(area: float, cost: int, said: str) -> None:
    land = Land({"A": 1}, {"A": 1}, frozenset())
    with pytest.raises(ValueError, match=said):
        build_graph(land.parcels().assign(site_area_m2=[area]), land.adjacency(), np.array([cost]), floor_m2=1)


@pytest.mark.parametrize("seed", range(4))
def test_separators_that_are_on_cut_off_no_site_of_the_root_that_is_aimed_at(seed: int) -> None:
    graph = graph_of(blocks(seed), 40_000)
    listed = search(graph, ALL).listed
    assert listed is not None
    program = Relaxation(graph)
    corners = (0, 4, 20, 24, 12)
    for root in corners:
        program.aim(root)
        low, up = np.zeros(graph.n), np.ones(graph.n)
        low[root] = 1.0
        while (point := program.solve(low, up)) is not None and program.sharpen(point, low, up, root):
            pass
    cut = 0
    for root in corners:
        program.aim(root)
        on = [row for row, is_on in zip(program._separators, program._is_on, strict=True) if is_on and row is not None]
        cut += len(program._separators) - len(on)
        for rows, _ in listed:
            site = np.isin(np.arange(graph.n), rows)
            assert not site[root] or all(site[row.head] <= site[row.others].sum() for row in on)
    assert cut > 10  # some hold for other roots only
