"""Rules of a policy: hard conditions, criteria with value functions and weights, over measures of the catalogue."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from geo import units
from geo.fields.measures import MEASURES
from geo.policy.settings import Grounded, check_unit


class Condition(Grounded):
    """A hard condition of a rule: ``measure op value``; a missing measure makes it unknown, never a pass."""

    id: str
    measure: str
    op: Literal[">=", "<=", ">", "<", "==", "in", "is"]
    value: float | bool | str | tuple[str, ...]
    unit: str | None = None
    title: str
    title_en: str | None = None

    @model_validator(mode="after")
    def _fits_measure(self) -> Self:
        _check_measure(self.measure, self.unit)
        text = MEASURES[self.measure].type in ("text", "boolean")
        if text != (self.op in ("in", "is")):
            raise ValueError(f"operator {self.op!r} does not fit measure {self.measure!r}")
        if self.op == "in" and not isinstance(self.value, tuple):
            raise ValueError("operator 'in' wants a list of values")
        return self

    @property
    def threshold(self) -> float | bool | str | tuple[str, ...]:
        """The value in the measure's own unit."""
        if isinstance(self.value, bool | str | tuple):
            return self.value
        return self.value * _unit_factor(self.measure, self.unit)


class Criterion(Grounded):
    """What makes a candidate better: a measure through a value function onto 0–1, and a weight.

    ``points`` are the corners of a piecewise linear function (flat outside them); ``categories`` give a value for each
    text.  Exactly one of the two is given.
    """

    id: str
    measure: str
    title: str
    title_en: str | None = None
    weight: Annotated[float, Field(gt=0)]
    unit: str | None = None
    points: tuple[tuple[float, float], ...] | None = None
    categories: dict[str, float] | None = None

    @model_validator(mode="after")
    def _one_function(self) -> Self:
        _check_measure(self.measure, self.unit)
        if (self.points is None) == (self.categories is None):
            raise ValueError("give either points or categories")
        if self.points is not None:
            xs = [x for x, _ in self.points]
            if len(xs) < 2 or any(b <= a for a, b in pairwise(xs)):
                raise ValueError("points want two corners or more, each further right than the one before")
        values = [y for _, y in self.points] if self.points is not None else list((self.categories or {}).values())
        if any(not 0 <= y <= 1 for y in values):
            raise ValueError("a value function gives values from 0 to 1")
        return self

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """The points with x in the measure's own unit."""
        factor = _unit_factor(self.measure, self.unit)
        return tuple((x * factor, y) for x, y in self.points or ())


def _check_measure(measure: str, unit: str | None) -> None:
    if measure not in MEASURES:
        raise ValueError(f"unknown measure {measure!r}; measures: {', '.join(sorted(MEASURES))}")
    own = MEASURES[measure].unit
    if unit is not None:
        if own is None:
            raise ValueError(f"measure {measure!r} has no unit, so {unit!r} cannot be asked for")
        check_unit(unit, units.dimension(own))


def _unit_factor(measure: str, unit: str | None) -> float:
    own = MEASURES[measure].unit
    return 1.0 if unit is None or own is None else units.factor(unit, own)


class Rule(Grounded):
    """One rule of the pack: hard conditions, criteria, and what a candidate would become."""

    title: str
    title_en: str | None = None
    target_uses: tuple[str, ...]
    conditions: tuple[Condition, ...]
    criteria: tuple[Criterion, ...] = ()

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [c.id for c in self.conditions] + [c.id for c in self.criteria]
        if len(set(ids)) != len(ids):
            raise ValueError("two conditions or criteria have the same id")
        if not self.conditions:
            raise ValueError("a rule wants at least one condition")
        return self
