"""What an answer to the best way has to keep: the need, one measure for each source, the limits, the day.  Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.judge.integer import Floats, Ints, Rows

if TYPE_CHECKING:
    import pandas as pd

Bools = npt.NDArray[np.bool_]

#: what a step that comes last is given, seconds, so that an answer comes at all
_LEAST_S = 0.1


@dataclass(frozen=True)
class Limit:
    """What may be done at most in a zone and a year (``None``: any), by kind of measure too: m² of floor area, or a number.

    Limits of one name are one rule, told of several zones or years: they are widened together where they are in the way.
    """

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
class Program:
    """The measures of a question as arrays, and the rows of its integer program."""

    measures: pd.DataFrame
    need_m2: float
    by: date
    limits: Sequence[Limit]
    deadline: float
    required: frozenset[int] = frozenset()
    forbidden: frozenset[int] = frozenset()
    step_s: float = math.inf
    group: Ints = field(init=False)
    gfa: Floats = field(init=False)
    difficulty: Floats = field(init=False)
    in_time: Bools = field(init=False)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "gfa", self.measures["gfa_m2"].to_numpy(dtype=np.float64))
        set_(self, "difficulty", self.measures["difficulty"].to_numpy(dtype=np.float64))
        own = np.arange(len(self.gfa)) if "measure" not in self.measures else self.measures["measure"]
        set_(self, "group", np.asarray(own, dtype=np.int64))
        set_(self, "in_time", np.array([day <= self.by for day in self.measures["ready_on"]], dtype=bool))

    @property
    def left_s(self) -> float:
        """The seconds that the next step may take: those that are left, and no more than ``step_s``; never none."""
        return max(min(self.deadline - time.monotonic(), self.step_s), _LEAST_S)

    def rows(self, *, need: bool = True, beside: Sequence[Any] = ()) -> Rows:
        """What an answer keeps: the need, one measure for each source, the limits, and what is required or in time."""
        every = np.arange(len(self.gfa))
        rows: list[tuple[Ints, Floats, float, float]] = []
        if need:
            rows.append((every, self.gfa, self.need_m2, math.inf))
        rows += [(same, np.ones(len(same)), -math.inf, 1.0) for same in sharing(self.measures["source"])]
        for limit in self.limits:
            rows += _limit_rows(limit, self.measures, self.gfa)
        closed = np.flatnonzero(~self.in_time | np.isin(self.group, list(self.forbidden)))
        if len(closed):
            rows.append((closed, np.ones(len(closed)), -math.inf, 0.0))
        for number in sorted(self.required):
            held = np.flatnonzero(self.group == number)
            rows.append((held, np.ones(len(held)), 1.0, math.inf))
        return Rows.of([*rows, *beside])


def _limit_rows(limit: Limit, measures: pd.DataFrame, gfa: Floats) -> list[tuple[Ints, Floats, float, float]]:
    covered = np.flatnonzero(limit.covers(measures))
    rows: list[tuple[Ints, Floats, float, float]] = []
    if limit.gfa_m2 is not None:
        rows.append((covered, gfa[covered], -math.inf, limit.gfa_m2))
    if limit.count is not None:
        rows.append((covered, np.ones(len(covered)), -math.inf, float(limit.count)))
    return rows


def sharing(sources: pd.Series[Any]) -> list[Ints]:
    """The numbers of the measures that share a source, for each source of several, in the order of their names."""
    users: dict[str, list[int]] = {}
    for number, source in enumerate(sources):
        for name in (source,) if isinstance(source, str) else source:
            users.setdefault(name, []).append(number)
    # Of a measure and its twins in other years the sources are the same: one row says it all.
    distinct = {tuple(numbers): None for _, numbers in sorted(users.items()) if len(numbers) > 1}
    return [np.array(numbers, dtype=np.int64) for numbers in distinct]
