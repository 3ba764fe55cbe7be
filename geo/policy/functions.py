"""Value functions: how a measure becomes a value from 0 to 1, and in which direction that value may go."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from geo.policy.settings import Grounded, Number, Text

#: a value from 0 to 1
_Value = Annotated[Number, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Corners = tuple[tuple[Number, _Value], ...]
_Function = Annotated[Corners | None, Field(json_schema_extra={"minItems": 2})]
Direction = Literal["benefit", "cost", "none"]


class Valued(Grounded):
    """A measure's value, 0 to 1: exactly one of ``points``, ``steps`` and ``categories`` is given.

    ``points`` are the corners of a piecewise linear function, flat outside them.  ``steps`` are a stair: (x, y) gives y from x
    on, up to the next x; below the first x its y holds too.  ``categories`` give a value for each text.  ``direction`` says
    what more of the measure does: ``benefit`` never lowers the value, ``cost`` never raises it, ``none`` does both.  It is held
    against the function, so that a stair written upside down is told and not judged by; texts have no direction.
    """

    points: _Function = None
    steps: _Function = None
    categories: dict[Text, _Value] | None = None
    direction: Direction | None = None

    @model_validator(mode="after")
    def _one_function(self) -> Self:
        if sum(given is not None for given in (self.points, self.steps, self.categories)) != 1:
            raise ValueError("give one of points, steps and categories")
        for name, corners in (("points", self.points), ("steps", self.steps)):
            xs = [x for x, _ in corners or ()]
            if corners is not None and (len(xs) < 2 or any(b <= a for a, b in pairwise(xs))):
                what = "corners" if name == "points" else "steps"
                raise ValueError(f"{name} want two {what} or more, each further right than the one before")
        if any(not 0 <= y <= 1 for y in self._values):
            raise ValueError("a value function gives values from 0 to 1")
        return self

    @model_validator(mode="after")
    def _in_its_direction(self) -> Self:
        if self.direction is None:
            return self
        if self.categories is not None:
            raise ValueError("categories have no order, so they have no direction: leave direction out")
        falls = next(((a, b) for a, b in pairwise(self._corners) if b[1] < a[1]), None)
        rises = next(((a, b) for a, b in pairwise(self._corners) if b[1] > a[1]), None)
        if self.direction == "benefit" and falls:
            raise ValueError(f"direction is benefit, but the value falls {_between(*falls)}")
        if self.direction == "cost" and rises:
            raise ValueError(f"direction is cost, but the value rises {_between(*rises)}")
        if self.direction == "none" and (falls is None) != (rises is None):
            raise ValueError(
                f"direction is none, but the value only {'rises: say benefit' if rises else 'falls: say cost'}"
            )
        return self

    @property
    def pairs(self) -> tuple[tuple[float | str, float], ...]:
        """The function as the policy writes it: each corner, step or text with its value."""
        return self._corners or tuple((self.categories or {}).items())

    @property
    def _corners(self) -> Corners:
        return self.points or self.steps or ()

    @property
    def _values(self) -> list[float]:
        return [y for _, y in self.pairs]


def _between(a: tuple[float, float], b: tuple[float, float]) -> str:
    return f"from {a[1]:g} to {b[1]:g} between {a[0]:g} and {b[0]:g}"
