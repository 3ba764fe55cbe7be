"""The best way to a floor-area target: which measures, chosen with proof.  Pure: frames in, an answer out.

A *measure* adds floor area to what counts (an existing building admitted as a carrier, a completion, a conversion, a new
building) or takes some away; it counts from the day on which it is completed and recognised, never before.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from geo.judge.integer import INFEASIBLE, OPTIMAL, Solved
from geo.judge.out_of_reach import Shortfall, shortfall
from geo.judge.way_loosened import least_over_years
from geo.judge.way_program import Limit, Program

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Limit", "Shortfall", "Way", "best_way"]

#: difficulties that differ by less, of the whole, are equal
_EQUAL = 1e-7


@dataclass(frozen=True)
class Way:
    """The measures that close a gap at the least difficulty.

    ``chosen`` are numbers of rows; ``gap`` is (difficulty − bound) / difficulty; ``in_every``, ``in_some`` and ``in_none``
    tell of each measure whether it is in every best answer, only in some, or in none; empty unless asked for and proven.
    They are numbers of rows too, or of the column ``measure`` where that is given.
    """

    chosen: tuple[int, ...]
    gfa_m2: float
    difficulty: float
    bound: float
    proven: bool
    in_every: tuple[int, ...] = ()
    in_some: tuple[int, ...] = ()
    in_none: tuple[int, ...] = ()
    shortfall: Shortfall | None = None

    @property
    def gap(self) -> float:
        """How far the answer may be from the best at most, as a share of it."""
        return 0.0 if self.proven or not self.difficulty else (self.difficulty - self.bound) / self.difficulty

    @property
    def is_possible(self) -> bool:
        """Whether the target can be met at all."""
        return self.shortfall is None


def best_way(
    measures: pd.DataFrame,
    need_m2: float,
    by: date,
    limits: Sequence[Limit] = (),
    *,
    required: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    time_limit_s: float,
    tell_apart: bool = False,
) -> Way:
    """The measures that add at least ``need_m2`` by a day at the least total difficulty, exact by integer programming.

    ``measures`` has ``kind``, ``zone``, ``source`` (the parcel or building whose floor area it is, or several of them: of the
    measures on one source at most one is taken), ``gfa_m2`` (known; negative where it takes away), ``difficulty`` (0 or
    more) and ``ready_on``, the day from which it counts.  Rows may be one measure in several years: their column ``measure``
    has its number then, and they share a source.  ``required`` and ``forbidden`` are numbers of rows, or of measures.
    ``tell_apart`` works out which measures every best answer has.  ``time_limit_s`` is for all of it.
    Minimises Σ dᵢ xᵢ over x ∈ {0, 1}ⁿ with Σ gᵢ xᵢ ≥ need.  Clause 一(三).

    Raises
    ------
    ValueError
        A floor area or a difficulty is not known, or a difficulty is negative.
    """
    until = time.monotonic() + time_limit_s
    program = Program(measures, need_m2, by, limits, until, frozenset(required), frozenset(forbidden))
    if not (
        np.isfinite(program.gfa).all() and np.isfinite(program.difficulty).all() and (program.difficulty >= 0).all()
    ):
        raise ValueError("every measure needs a known floor area and a difficulty of 0 or more")
    found = least_over_years(program, program.difficulty)
    if found.status == INFEASIBLE or found.chosen is None:
        none = Way((), 0.0, math.nan, found.bound, proven=False)
        return replace(none, shortfall=shortfall(program)) if found.status == INFEASIBLE else none
    way = Way(
        tuple(np.flatnonzero(found.chosen).tolist()),
        float(program.gfa @ found.chosen),
        found.value,
        found.bound,
        proven=found.status == OPTIMAL,
    )
    return _told_apart(program, found, way) if tell_apart and way.proven else way


def _told_apart(program: Program, found: Solved, way: Way) -> Way:
    """Narrow what is in every best answer, and widen what is in some, until no other best answer moves them."""
    assert found.chosen is not None
    group = program.group
    of_group = np.zeros(int(group.max(initial=-1)) + 1, dtype=bool)
    every, some = of_group.copy(), of_group.copy()
    every[group[found.chosen == 1]] = some[group[found.chosen == 1]] = True
    most = found.value + _EQUAL * max(1.0, found.value)
    as_good = [(program.difficulty, -math.inf, most)]
    while True:
        # Another best answer with as few as can be of those in all so far, or with as many as can be of those in none.
        fewer = least_over_years(program, every[group].astype(np.float64), keep=as_good, warm=found.chosen)
        more = least_over_years(program, -(~some)[group].astype(np.float64), keep=as_good, warm=found.chosen)
        if fewer.status != OPTIMAL or more.status != OPTIMAL or fewer.chosen is None or more.chosen is None:
            return way
        before = (int(every.sum()), int(some.sum()))
        for other in (fewer.chosen, more.chosen):
            there = of_group.copy()
            there[group[other == 1]] = True
            every &= there
            some |= there
        if before == (int(every.sum()), int(some.sum())):
            break
    numbers = np.unique(group)
    return replace(
        way,
        in_every=tuple(numbers[every[numbers]].tolist()),
        in_some=tuple(numbers[(some & ~every)[numbers]].tolist()),
        in_none=tuple(numbers[~some[numbers]].tolist()),
    )
