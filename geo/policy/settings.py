"""Values of a policy: each with its unit, and the clause that it rests on or that it is our assumption."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from geo import units
from geo.errors import UnitError
from geo.policy.faults import KeyFaultError

T = TypeVar("T")


def _number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError(f"a number is wanted, without quotes: {value!r} is none")
    return value


def _truth(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError(f"true or false is wanted, without quotes: {value!r} is neither")
    return value


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("a text is wanted, and this one is empty")
    return text


#: numbers and truth values as TOML writes them: a text that looks like one, or ``true`` for 1, is a slip and is told
Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_number)]
Truth = Annotated[bool, BeforeValidator(_truth)]
# The limit stands before the check, or the schema would not say it.
NotNegative = Annotated[float, Field(ge=0), BeforeValidator(_number)]
AtLeastOne = Annotated[float, Field(ge=1), BeforeValidator(_number)]
Positive = Annotated[float, Field(gt=0), BeforeValidator(_number)]
NotNegativeWhole = Annotated[int, Field(ge=0), BeforeValidator(_number)]
PositiveWhole = Annotated[int, Field(gt=0), BeforeValidator(_number)]
#: a text that says something
Text = Annotated[str, AfterValidator(_said), WithJsonSchema({"type": "string", "pattern": r"\S"})]


def one_of(words: Iterable[str]) -> WithJsonSchema:
    """How the schema says that a text is one of these; the check itself is :func:`check_words`."""
    return WithJsonSchema({"type": "string", "enum": sorted(words)})


def unit_of(dimension: str) -> WithJsonSchema:
    """How the schema says that a unit is one of a dimension, or left out; the check itself is :func:`check_unit`."""
    return WithJsonSchema({"anyOf": [{"enum": list(units.units_of(dimension))}, {"type": "null"}]})


class Frozen(BaseModel):
    """A part of a policy: never changed, no key in it that is not known, and no number that is not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)


#: what the schema says of everything that rests on a ground
GROUND: dict[str, Any] = {"oneOf": [{"required": ["clause"]}, {"required": ["assumption"]}]}


def share_limits(**limits: float) -> dict[str, Any]:
    """How the schema says between which shares a value lies: as such, and a hundred times of it in percent."""
    percent = {name: limit * 100 for name, limit in limits.items()}
    return {
        "if": {"properties": {"unit": {"const": "%"}}, "required": ["unit"]},
        "then": {"properties": {"value": percent}},
        "else": {"properties": {"value": limits}},
    }


class Grounded(Frozen):
    """Something that rests on a clause of the plan, or is our assumption: exactly one of the two is said.

    Pages are Chinese first: ``assumption`` is what they show, ``assumption_en`` what the English ones show if it is given.
    """

    model_config = ConfigDict(json_schema_extra=GROUND)

    clause: Text | None = None
    assumption: Text | None = None
    assumption_en: Text | None = None

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


class AreaSetting(Setting[NotNegative]):
    """An area in any unit of area; ``m2`` gives it in square metres."""

    unit: Annotated[str | None, unit_of("area")] = None

    @property
    def m2(self) -> float:
        """The value in m²."""
        return self.value * units.factor(self.unit or "m2", "m2")

    @model_validator(mode="after")
    def _is_area(self) -> Self:
        check_unit(self.unit or "m2", "area")
        return self


class ShareSetting(Setting[NotNegative]):
    """A share, as such or in percent; ``share`` gives it as a number from 0 to 1."""

    model_config = ConfigDict(json_schema_extra=GROUND | share_limits(maximum=1))
    #: the largest share that makes sense, and whether it is too large itself
    most: ClassVar[float] = 1.0
    below_most: ClassVar[bool] = False

    unit: Annotated[str | None, unit_of("share")] = None

    @property
    def share(self) -> float:
        """The value as a share of 1."""
        return self.value * units.factor(self.unit or "share", "share")

    @model_validator(mode="after")
    def _is_share(self) -> Self:
        check_unit(self.unit or "share", "share")
        if self.share > self.most or (self.below_most and self.share == self.most):
            told = "below" if self.below_most else "at most"
            given = f"{self.value:g} {self.unit or 'share'}"
            raise KeyFaultError(
                (("value",), f"{given} is too much: give {told} {self.most:.0%} (share = {self.most:g})")
            )
        return self


class SpreadSetting(ShareSetting):
    """By which share of itself something may go down or up: less than the whole, for nothing is left of it there."""

    model_config = ConfigDict(json_schema_extra=GROUND | share_limits(exclusiveMaximum=1))
    below_most = True


class MultipleSetting(ShareSetting):
    """A multiple, as such or in percent: more than the whole."""

    model_config = ConfigDict(json_schema_extra=GROUND | share_limits(exclusiveMinimum=1))
    most = math.inf


class LengthSetting(Setting[NotNegative]):
    """A length in any unit of length; ``m`` gives it in metres."""

    unit: Annotated[str | None, unit_of("length")] = None

    @property
    def m(self) -> float:
        """The value in m."""
        return self.value * units.factor(self.unit or "m", "m")

    @model_validator(mode="after")
    def _is_length(self) -> Self:
        check_unit(self.unit or "m", "length")
        return self


class DurationSetting(Setting[Annotated[Number, WithJsonSchema({"type": "number", "minimum": 0})]]):
    """A length of time in months or years; ``months`` gives it in whole months."""

    unit: Annotated[str | None, unit_of("duration")] = None

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
        raise KeyFaultError(((name,), f"{', '.join(unknown)} is not one of {', '.join(listed)}"))
