"""Why a target cannot be met: how much is missing, which limit makes it so, and from when on it can be.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from geo.judge.integer import OPTIMAL, Floats, least
from geo.judge.way_program import Limit, Program

#: how near what a limit would have to be is found, as a share of it
_NEAR = 1e-3
#: how many questions share the time that is left
_STEPS = 20


@dataclass(frozen=True)
class Shortfall:
    """Why a target cannot be met: what is reached at most, and what each limit would have to be for it, others as they are.

    ``limits`` has (limit, what it would have to be at least: m² or a number), those alone that could make the difference, of
    limits of one name the first (of what each of them would have to be, found to a thousandth);
    ``without_limits_m2`` what all open measures come to with no limit at all; ``earliest`` the first day on which the
    target can be met with the limits as they are, ``None`` where no day of the measures given will do.
    """

    most_m2: float
    short_m2: float
    without_limits_m2: float
    limits: tuple[tuple[Limit, float], ...]
    earliest: date | None


def _most(program: Program) -> float:
    """The most floor area that the measures come to within the limits, m²; -inf where what is required breaks them."""
    found = least(-program.gfa, program.rows(need=False), time_limit_s=program.left_s)
    # The bound and not the answer: a target is called out of reach only with proof.
    return 0.0 - found.bound  # and not -0.0


def _reaches(program: Program) -> bool:
    """Whether some choice is enough; one that is not found in time is none."""
    return least(np.zeros(len(program.gfa)), program.rows(), time_limit_s=program.left_s).chosen is not None


def shortfall(program: Program) -> Shortfall:
    """What is missing for a program that no choice keeps, and what would do.

    Each of some twenty questions has a share of the time.  One that is not answered in it is told on the safe side: at most so
    much is reached, and with that limit, or on that day, the target can be met for certain.
    """
    program = replace(program, step_s=program.left_s / _STEPS)
    most = _most(program)
    days = sorted({day for day in program.measures["ready_on"] if day > program.by})
    first, last = 0, len(days)
    while first < last:  # what can be reached never falls as days go by
        middle = (first + last) // 2
        if _reaches(replace(program, by=days[middle])):
            last = middle
        else:
            first = middle + 1
    return Shortfall(
        most_m2=most,
        short_m2=program.need_m2 - most,
        without_limits_m2=_most(replace(program, limits=())),
        limits=tuple(_would_do(program)),
        earliest=days[first] if first < len(days) else None,
    )


def _would_do(program: Program) -> list[tuple[Limit, float]]:
    """The limits that alone stand in the way, and what each would have to be at least."""
    told = []
    for name in dict.fromkeys(limit.name for limit in program.limits):
        family = [limit for limit in program.limits if limit.name == name]
        without = replace(program, limits=[limit for limit in program.limits if limit.name != name])
        needed = _one_would_do(without, family[0]) if len(family) == 1 else _all_would_do(without, family)
        if needed is not None:
            told.append((family[0], needed))
    return told


def _use(program: Program, limit: Limit) -> Floats:
    """What each measure takes of a limit: m² or 1."""
    took = limit.covers(program.measures) * (program.gfa if limit.gfa_m2 is not None else 1.0)
    return np.asarray(took, dtype=np.float64)


def _one_would_do(without: Program, limit: Limit) -> float | None:
    found = least(_use(without, limit), without.rows(), time_limit_s=without.left_s)
    return found.value if found.status == OPTIMAL else None


def _all_would_do(without: Program, family: Sequence[Limit]) -> float | None:
    """What each limit of a family would have to be, by halving between what is known to be too little and enough."""
    by_area = family[0].gfa_m2 is not None
    found = least(np.zeros(len(without.gfa)), without.rows(), time_limit_s=without.left_s)
    if found.chosen is None:
        return None
    low = float((family[0].gfa_m2 if by_area else family[0].count) or 0)
    high = max(float(_use(without, limit) @ found.chosen) for limit in family)
    while high - low > (max(_NEAR * high, 1.0) if by_area else 1.0):
        middle = (low + high) / 2 if by_area else float((low + high) // 2)
        wider = [replace(each, gfa_m2=middle) if by_area else replace(each, count=int(middle)) for each in family]
        if _reaches(replace(without, limits=[*without.limits, *wider])):
            high = middle
        else:
            low = middle
    return high
