"""The best way with the years taken together, and then the years one by one: a proof where year by year takes too long.  Pure.

In which of several years a measure is done changes nothing of its difficulty, so a solver has each choice many times over, and
near what the limits allow it does not get through them.  Taken together, what can be done until the day is the sum of the
years' limits: every choice of the whole question is one of these, too, so the least difficulty there is never more.  Where its
measures can be put into the years as well, it is the answer, with its proof.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from geo.judge.integer import INFEASIBLE, LIMIT, OPTIMAL, Floats, Ints, Rows, Solved, least
from geo.judge.way_program import Bools, Limit, Program, sharing

#: the share of the time that is left which the years together may take
_SHARE = 0.5
#: into how many parts of a year's limit measures are told apart by their size
_PARTS = 4
#: sums that differ by less, of the whole, are equal
_EQUAL = 1e-9


def least_over_years(
    program: Program, cost: Floats, *, keep: Sequence[tuple[Floats, float, float]] = (), warm: Ints | None = None
) -> Solved:
    """The rows with the least Σ cost that keep the program, with proof unless the time is up.

    ``cost`` and the values of ``keep`` (value, lower, upper: lower ≤ Σ value ≤ upper) are the same in every year of a measure.
    ``warm`` is an answer to begin with.
    """
    every = np.arange(len(program.gfa))
    beside: list[tuple[Ints, Floats, float, float]] = [(every, value, low, high) for value, low, high in keep]
    first = _first_rows(program)
    if first is None:
        return least(cost, program.rows(beside=beside), time_limit_s=program.left_s, warm=warm)
    also = [(np.arange(len(first)), value[first], low, high) for value, low, high in keep]
    time_limit_s = max(program.left_s * _SHARE, 0.1)
    together = least(cost[first], _together(program, first, also), time_limit_s=time_limit_s)
    if together.status == INFEASIBLE:
        return together
    if together.status == OPTIMAL and together.chosen is not None:
        placed = _in_years(program, program.group[first[together.chosen == 1]])
        if placed is not None:
            return Solved(OPTIMAL, placed, float(cost @ placed), together.value)
    known = together.value if together.status == OPTIMAL else together.bound
    if math.isfinite(known):
        beside.append((every, cost, known - _EQUAL * max(1.0, abs(known)), math.inf))
    found = least(cost, program.rows(beside=beside), time_limit_s=program.left_s, warm=warm)
    return found if found.status != LIMIT else replace(found, bound=max(found.bound, known))


def _first_rows(program: Program) -> Ints | None:
    """The first row in time of each measure that may be chosen; ``None`` where no measure has rows in several years."""
    usable = np.flatnonzero(program.in_time & ~np.isin(program.group, list(program.forbidden)))
    days = np.array([day.toordinal() for day in program.measures["ready_on"]])
    order = usable[np.lexsort((usable, days[usable], program.group[usable]))]
    group = program.group[order]
    is_first = np.diff(group, prepend=-1) != 0
    if is_first.all() or not len(order):
        return None
    first: Ints = order[is_first].astype(np.int64)
    # Rows of one measure that differ in more than their day are not taken together.
    of_row = first[np.searchsorted(program.group[first], group)]
    if not (
        np.array_equal(program.gfa[of_row], program.gfa[order])
        and np.array_equal(program.difficulty[of_row], program.difficulty[order])
    ):
        return None
    return first


def _together(program: Program, first: Ints, also: Sequence[tuple[Ints, Floats, float, float]]) -> Rows:
    """What a choice of measures keeps whatever their years: the need, the sources, and each limit over its years."""
    gfa, group = program.gfa[first], program.group[first]
    rows: list[tuple[Ints, Floats, float, float]] = [(np.arange(len(first)), gfa, program.need_m2, math.inf)]
    rows += [(same, np.ones(len(same)), -math.inf, 1.0) for same in sharing(program.measures["source"].iloc[first])]
    for limit, covered, held, years in _held_together(program, first):
        if limit.gfa_m2 is not None:
            # What takes floor area away makes room in whichever year it is done.
            at = np.flatnonzero((held & (gfa > 0)) | (covered & (gfa < 0)))
            rows.append((at, gfa[at], -math.inf, limit.gfa_m2 * years))
            rows += _whole(limit.gfa_m2, gfa, held, years) if not (covered & (gfa < 0)).any() else []
        if limit.count is not None:
            at = np.flatnonzero(held)
            rows.append((at, np.ones(len(at)), -math.inf, float(limit.count * years)))
    for number in sorted(program.required):
        at = np.flatnonzero(group == number)
        rows.append((at, np.ones(len(at)), 1.0, math.inf))
    return Rows.of([*rows, *also])


def _whole(most: float, gfa: Floats, held: Bools, years: int) -> Iterator[tuple[Ints, Floats, float, float]]:
    """A measure is done in one year: of those over a k-th of what a year allows there are fewer than k a year."""
    for fewer in range(_PARTS):
        at = np.flatnonzero(held & (gfa > most / (fewer + 1) * (1 + _EQUAL)))
        if len(at) > fewer * years:
            yield at, np.ones(len(at)), -math.inf, float(fewer * years)


def _held_together(program: Program, first: Ints) -> Iterator[tuple[Limit, Bools, Bools, int]]:
    """Each limit with the measures that it covers, those of them that it holds together, and over how many years.

    What cannot be done before a year is done in the years from it to the day, and all of them together allow no more than the
    sum of theirs; where one of these years has no such limit, nothing is held.
    """
    measures, last = program.measures.iloc[first], program.by.year
    starts = np.array([day.year for day in measures["ready_on"]])
    families: dict[Any, dict[int, Limit]] = {}
    for limit in program.limits:
        if limit.year is None:
            covered = limit.covers(measures)
            yield limit, covered, covered, 1
        else:
            same = (limit.name, limit.zone, limit.kind, limit.gfa_m2, limit.count)
            families.setdefault(same, {})[limit.year] = limit
    for by_year in families.values():
        limit = replace(next(iter(by_year.values())), year=None)
        covered = limit.covers(measures)
        for start in sorted(set(starts[covered].tolist())):
            if all(year in by_year for year in range(start, last + 1)):
                yield limit, covered, covered & (starts >= start), last + 1 - start


def _in_years(program: Program, chosen: Ints) -> Ints | None:
    """The chosen measures, each in one of its years, as whole rows of the program; ``None`` where they do not fit."""
    rows = np.flatnonzero(program.in_time & np.isin(program.group, chosen))
    part = replace(
        program,
        measures=program.measures.iloc[rows].reset_index(drop=True),
        required=frozenset(map(int, chosen)),
        forbidden=frozenset(),
    )
    found = least(np.zeros(len(rows)), part.rows(), time_limit_s=program.left_s)
    if found.chosen is None:
        return None
    placed = np.zeros(len(program.gfa), dtype=np.int64)
    placed[rows[found.chosen == 1]] = 1
    return placed
