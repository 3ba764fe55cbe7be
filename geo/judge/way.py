"""The best way to a floor-area target: which measures, chosen with proof.  Pure: frames in, an answer out.

A *measure* adds floor area to what counts (an existing building admitted as a carrier, a completion, a conversion, a new
building) or takes some away; it counts from the day on which it is completed and recognised, never before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.judge.integer import INFEASIBLE, OPTIMAL, Floats, Ints, Rows, Solved, least

if TYPE_CHECKING:
    import pandas as pd

Bools = npt.NDArray[np.bool_]

#: difficulties that differ by less, of the whole, are equal
_EQUAL = 1e-7


@dataclass(frozen=True)
class Limit:
    """What may be done at most in a zone and a year (``None``: any), by kind of measure too: m² of floor area, or a number."""

    name: str
    zone: str | None = None
    year: int | None = None
    kind: str | None = None
    gfa_m2: float | None = None
    count: int | None = None

    def covers(self, measures: pd.DataFrame) -> Bools:
        """Which measures it counts: (n,)."""
        years = np.array([day.year for day in measures["ready_on"]])
        fits = np.ones(len(measures), dtype=bool)
        for asked, found in ((self.zone, measures["zone"]), (self.year, years), (self.kind, measures["kind"])):
            if asked is not None:
                fits &= np.asarray(found) == asked
        return fits


@dataclass(frozen=True)
class Shortfall:
    """Why a target cannot be met: what is reached at most, and what each limit would have to be for it, others as they are.

    ``limits`` has (limit, what it would have to be at least: m² or a number), those alone that could make the difference;
    ``without_limits_m2`` what all open measures come to with no limit at all; ``earliest`` the first day on which the
    target can be met with the limits as they are, ``None`` where no day of the measures given will do.
    """

    most_m2: float
    short_m2: float
    without_limits_m2: float
    limits: tuple[tuple[Limit, float], ...]
    earliest: date | None


@dataclass(frozen=True)
class Way:
    """The measures that close a gap at the least difficulty.

    ``chosen`` are numbers of rows; ``gap`` is (difficulty − bound) / difficulty; ``in_every``, ``in_some`` and ``in_none``
    tell of each measure whether it is in every best answer, only in some, or in none; empty unless asked for and proven.
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


@dataclass(frozen=True)
class _Program:
    measures: pd.DataFrame
    need_m2: float
    by: date
    limits: Sequence[Limit]
    required: frozenset[int] = frozenset()
    forbidden: frozenset[int] = frozenset()
    gfa: Floats = field(init=False)
    difficulty: Floats = field(init=False)
    in_time: Bools = field(init=False)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "gfa", self.measures["gfa_m2"].to_numpy(dtype=np.float64))
        set_(self, "difficulty", self.measures["difficulty"].to_numpy(dtype=np.float64))
        set_(self, "in_time", np.array([day <= self.by for day in self.measures["ready_on"]], dtype=bool))

    def rows(self, *, need: bool = True, beside: Sequence[Any] = ()) -> Rows:
        """What an answer keeps: the need, one measure for each source, the limits, and what is required or in time."""
        every = np.arange(len(self.gfa))
        rows: list[tuple[Ints, Floats, float, float]] = []
        if need:
            rows.append((every, self.gfa, self.need_m2, math.inf))
        source = self.measures["source"].to_numpy(dtype=object)
        for _, same in sorted(_groups(source).items()):
            if len(same) > 1:
                rows.append((same, np.ones(len(same)), -math.inf, 1.0))
        for limit in self.limits:
            rows += _limit_rows(limit, self.measures, self.gfa)
        closed = np.flatnonzero(~self.in_time | np.isin(every, list(self.forbidden)))
        if len(closed):
            rows.append((closed, np.ones(len(closed)), -math.inf, 0.0))
        if self.required:
            held = np.array(sorted(self.required))
            rows.append((held, np.ones(len(held)), float(len(held)), math.inf))
        return Rows.of([*rows, *beside])


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

    ``measures`` has ``kind``, ``zone``, ``source`` (the parcel or building whose floor area it is: of several measures on
    one source at most one is taken), ``gfa_m2`` (known; negative where it takes away), ``difficulty`` (0 or more) and
    ``ready_on``, the day from which it counts.  ``required`` and ``forbidden`` are numbers of rows.  ``tell_apart`` works
    out which measures every best answer has.  Minimises Σ dᵢ xᵢ over x ∈ {0, 1}ⁿ with Σ gᵢ xᵢ ≥ need.  Clause 一(三).

    Raises
    ------
    ValueError
        A floor area or a difficulty is not known, or a difficulty is negative.
    """
    program = _Program(measures, need_m2, by, limits, frozenset(required), frozenset(forbidden))
    if not (
        np.isfinite(program.gfa).all() and np.isfinite(program.difficulty).all() and (program.difficulty >= 0).all()
    ):
        raise ValueError("every measure needs a known floor area and a difficulty of 0 or more")
    found = least(program.difficulty, program.rows(), time_limit_s=time_limit_s)
    if found.status == INFEASIBLE or found.chosen is None:
        none = Way((), 0.0, math.nan, found.bound, proven=False)
        return replace(none, shortfall=_shortfall(program, time_limit_s)) if found.status == INFEASIBLE else none
    way = Way(
        tuple(np.flatnonzero(found.chosen).tolist()),
        float(program.gfa @ found.chosen),
        found.value,
        found.bound,
        proven=found.status == OPTIMAL,
    )
    return _told_apart(program, found, way, time_limit_s) if tell_apart and way.proven else way


def _told_apart(program: _Program, found: Solved, way: Way, time_limit_s: float) -> Way:
    """Narrow what is in every best answer, and widen what is in some, until no other best answer moves them."""
    assert found.chosen is not None
    n = len(program.gfa)
    every, some = found.chosen.astype(bool), found.chosen.astype(bool)
    most = found.value + _EQUAL * max(1.0, found.value)
    as_good = program.rows(beside=[(np.arange(n), program.difficulty, -math.inf, most)])
    while True:
        # Another best answer with as few as can be of those in all so far, or with as many as can be of those in none.
        fewer = least(every.astype(np.float64), as_good, time_limit_s=time_limit_s, warm=found.chosen)
        more = least(-(~some).astype(np.float64), as_good, time_limit_s=time_limit_s, warm=found.chosen)
        if OPTIMAL not in (fewer.status, more.status) or fewer.chosen is None or more.chosen is None:
            return way
        before = (int(every.sum()), int(some.sum()))
        for other in (fewer.chosen.astype(bool), more.chosen.astype(bool)):
            every &= other
            some |= other
        if before == (int(every.sum()), int(some.sum())):
            break
    numbers = np.arange(n)
    return replace(
        way,
        in_every=tuple(numbers[every].tolist()),
        in_some=tuple(numbers[some & ~every].tolist()),
        in_none=tuple(numbers[~some].tolist()),
    )


def _most(program: _Program, time_limit_s: float) -> float:
    """The most floor area that the measures come to within the limits, m²; -inf where what is required breaks them."""
    found = least(-program.gfa, program.rows(need=False), time_limit_s=time_limit_s)
    # The bound and not the answer: a target is called out of reach only with proof.
    return -found.bound


def _shortfall(program: _Program, time_limit_s: float) -> Shortfall:
    most = _most(program, time_limit_s)
    days = sorted({day for day in program.measures["ready_on"] if day > program.by})
    first, last = 0, len(days)
    while first < last:  # what can be reached never falls as days go by
        middle = (first + last) // 2
        if _most(replace(program, by=days[middle]), time_limit_s) >= program.need_m2:
            last = middle
        else:
            first = middle + 1
    return Shortfall(
        most_m2=most,
        short_m2=program.need_m2 - most,
        without_limits_m2=_most(replace(program, limits=()), time_limit_s),
        limits=tuple(_would_do(program, time_limit_s)),
        earliest=days[first] if first < len(days) else None,
    )


def _would_do(program: _Program, time_limit_s: float) -> list[tuple[Limit, float]]:
    """The limits that alone stand in the way, and what each would have to be at least."""
    told = []
    for number, limit in enumerate(program.limits):
        without = replace(program, limits=[*program.limits[:number], *program.limits[number + 1 :]])
        use = limit.covers(program.measures) * (program.gfa if limit.gfa_m2 is not None else 1.0)
        found = least(np.asarray(use, dtype=np.float64), without.rows(), time_limit_s=time_limit_s)
        if found.status == OPTIMAL:
            told.append((limit, found.value))
    return told


def _limit_rows(limit: Limit, measures: pd.DataFrame, gfa: Floats) -> list[tuple[Ints, Floats, float, float]]:
    covered = np.flatnonzero(limit.covers(measures))
    rows: list[tuple[Ints, Floats, float, float]] = []
    if limit.gfa_m2 is not None:
        rows.append((covered, gfa[covered], -math.inf, limit.gfa_m2))
    if limit.count is not None:
        rows.append((covered, np.ones(len(covered)), -math.inf, float(limit.count)))
    return rows


def _groups(source: npt.NDArray[np.object_]) -> dict[str, Ints]:
    names, number = np.unique(source.astype(str), return_inverse=True)
    order = np.argsort(number, kind="stable")
    return dict(zip(names.tolist(), np.split(order, np.cumsum(np.bincount(number))[:-1]), strict=True))
