"""Values of a policy: each with its unit, and the clause that it rests on or that it is our assumption."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from geo import units
from geo.errors import UnitError

T = TypeVar("T")


class Frozen(BaseModel):
    """A part of a policy: never changed, and no key in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Grounded(Frozen):
    """Something that rests on a clause of the plan, or is our assumption: exactly one of the two is said.

    Pages are Chinese first: ``assumption`` is what they show, ``assumption_en`` what the English ones show if it is given.
    """

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["clause"]}, {"required": ["assumption"]}]},
    )

    clause: str | None = None
    assumption: str | None = None
    assumption_en: str | None = None

    @model_validator(mode="after")
    def _one_ground(self) -> Self:
        if (self.clause is None) == (self.assumption is None):
            raise ValueError('say either clause = "…" or assumption = "…", and not both')
        return self

    @property
    def ground(self) -> str:
        """The clause, or ``assumption: …``, as lists and pages show it."""
        return self.clause if self.clause is not None else f"assumption: {self.assumption}"


class Setting(Grounded, Generic[T]):
    """One value with its unit and its ground."""

    value: T
    unit: str | None = None


class AreaSetting(Setting[float]):
    """An area in any unit of area; ``m2`` gives it in square metres."""

    @property
    def m2(self) -> float:
        """The value in m²."""
        return self.value * units.factor(self.unit or "m2", "m2")

    @model_validator(mode="after")
    def _is_area(self) -> Self:
        check_unit(self.unit or "m2", "area")
        return self


class ShareSetting(Setting[float]):
    """A share, as such or in percent; ``share`` gives it as a number from 0 to 1."""

    @property
    def share(self) -> float:
        """The value as a share of 1."""
        return self.value * units.factor(self.unit or "share", "share")

    @model_validator(mode="after")
    def _is_share(self) -> Self:
        check_unit(self.unit or "share", "share")
        return self


class LengthSetting(Setting[float]):
    """A length in any unit of length; ``m`` gives it in metres."""

    @property
    def m(self) -> float:
        """The value in m."""
        return self.value * units.factor(self.unit or "m", "m")

    @model_validator(mode="after")
    def _is_length(self) -> Self:
        check_unit(self.unit or "m", "length")
        return self


class DurationSetting(Setting[float]):
    """A length of time in months or years; ``months`` gives it in whole months."""

    @property
    def months(self) -> int:
        """The value in months, rounded up: what is half done does not count."""
        return math.ceil(round(self.value * units.factor(self.unit or "月", "月"), 6))

    @model_validator(mode="after")
    def _is_duration(self) -> Self:
        check_unit(self.unit or "月", "duration")
        if self.value < 0:
            raise ValueError("a duration is not below 0")
        return self


def check_unit(unit: str, wanted: str) -> None:
    """Raise ``ValueError``, as pydantic wants it, unless ``unit`` is one of the dimension ``wanted``."""
    try:
        dimension = units.dimension(unit)
    except UnitError as error:
        raise ValueError(str(error)) from None
    if dimension != wanted:
        raise ValueError(f"unit {unit!r} is one of {dimension}; a unit of {wanted} is wanted")


def check_words(name: str, words: Iterable[str], known: Iterable[str]) -> None:
    """Raise ``ValueError``, as pydantic wants it, where a word is none of the catalogue's."""
    listed = sorted(known)
    unknown = [word for word in words if word not in listed]
    if unknown:
        raise ValueError(f"{name}: {', '.join(unknown)} is not one of {', '.join(listed)}")
