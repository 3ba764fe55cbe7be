"""Rules of a policy: hard conditions, criteria with value functions and weights, over measures of the catalogue."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from geo import units
from geo.fields.land_use_codes import USES, code_table, code_tables
from geo.fields.measure import Measure
from geo.fields.measures import MEASURES
from geo.policy.faults import KeyFaultError
from geo.policy.functions import Corners, Valued
from geo.policy.rule_schema import condition_schema, criterion_schema
from geo.policy.settings import Grounded, Positive, Setting, Text, check_unit, check_words, one_of


def _is_measure(name: str) -> str:
    if name not in MEASURES:
        raise ValueError(f"unknown measure {name!r}; measures: {', '.join(sorted(MEASURES))}")
    return name


MeasureName = Annotated[str, AfterValidator(_is_measure), Field(json_schema_extra={"enum": sorted(MEASURES)})]


def _plain(value: Any) -> Any:
    """A value as TOML writes it, told at once: a union would tell of each of its members that it is none of them."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a number is wanted, and {value} is none that can be compared")
    listed = isinstance(value, list | tuple)
    if listed and not (value and all(isinstance(word, str) and word.strip() for word in value)):
        raise ValueError("a list of texts is wanted, with at least one, and none of them empty")
    if not listed and not isinstance(value, str | bool | int | float):
        raise ValueError("a number, a text, true, false or a list of texts is wanted")
    return value


class Condition(Grounded):
    """A hard condition of a rule: ``measure op value``; a missing measure makes it unknown, never a pass."""

    model_config = ConfigDict(json_schema_extra=condition_schema())

    id: Text
    measure: MeasureName
    op: Literal[">=", "<=", ">", "<", "==", "in", "is"]
    value: Annotated[float | bool | str | tuple[str, ...], BeforeValidator(_plain)]
    unit: str | None = None
    title: Text
    title_en: Text | None = None

    @model_validator(mode="after")
    def _fits_measure(self) -> Self:
        _check_unit_of(self.measure, self.unit)
        text = MEASURES[self.measure].type in ("text", "boolean")
        if text != (self.op in ("in", "is")):
            raise ValueError(f"operator {self.op!r} does not fit measure {self.measure!r}")
        if self.op == "in" and not isinstance(self.value, tuple):
            raise ValueError("operator 'in' wants a list of values")
        if fault := self._wrong_value():
            raise KeyFaultError((("value",), fault))
        return self

    def _wrong_value(self) -> str | None:
        """What is wrong with the value where its measure can never have it."""
        measure = MEASURES[self.measure]
        if measure.type == "number":
            if isinstance(self.value, bool | str | tuple):
                return f"measure {measure.name!r} is a number: give one, without quotes"
            return _beyond(measure, self.unit, self.value)
        if measure.type == "boolean":
            return (
                None if isinstance(self.value, bool) else f"measure {measure.name!r} is true or false: give one of them"
            )
        if self.op == "is" and not isinstance(self.value, str):
            return f"measure {measure.name!r} is a text: give one, or several with operator 'in'"
        return _no_choices(measure, self.value if isinstance(self.value, tuple) else (str(self.value),))

    @property
    def threshold(self) -> float | bool | str | tuple[str, ...]:
        """The value in the measure's own unit."""
        if isinstance(self.value, bool | str | tuple):
            return self.value
        return _in_own_unit(self.value, self.measure, self.unit)


class Flag(Condition):
    """What is told beside the verdict where its condition holds, and never changes it; it adds a step to the procedure."""

    procedure: Text
    procedure_en: Text | None = None


class Criterion(Valued):
    """What makes a candidate better: a measure through a value function onto 0–1, and a weight.

    The function's x stand in ``unit``, or in the measure's own where none is given.
    """

    model_config = ConfigDict(json_schema_extra=criterion_schema())

    id: Text
    measure: MeasureName
    title: Text
    title_en: Text | None = None
    weight: Positive
    unit: str | None = None
    #: the routes in which it counts; all of the rule's where none is named
    routes: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _fits_measure(self) -> Self:
        _check_unit_of(self.measure, self.unit)
        text = MEASURES[self.measure].type in ("text", "boolean")
        if text != (self.categories is not None):
            wanted = "categories" if text else "points or steps"
            raise ValueError(f"measure {self.measure!r} is {'text' if text else 'a number'}: give {wanted}")
        measure = MEASURES[self.measure]
        for name, corners in (("points", self.points), ("steps", self.steps)):
            for number, (x, _) in enumerate(corners or ()):
                if fault := _beyond(measure, self.unit, x):
                    raise KeyFaultError(((name, number), fault))
        if fault := _no_choices(measure, tuple(self.categories or ())):
            raise KeyFaultError((("categories",), fault))
        return self

    @property
    def corners(self) -> Corners:
        """The points with x in the measure's own unit."""
        return self._scaled(self.points)

    @property
    def stairs(self) -> Corners:
        """The steps with x in the measure's own unit."""
        return self._scaled(self.steps)

    def _scaled(self, corners: Corners | None) -> Corners:
        return tuple((_in_own_unit(x, self.measure, self.unit), y) for x, y in corners or ())


def _beyond(measure: Measure, unit: str | None, value: float) -> str | None:
    """What is wrong with a share that is below nothing, or above the whole where it cannot be."""
    if measure.unit != "share":
        return None
    share = _in_own_unit(value, measure.name, unit)
    if share < 0 or (share > 1 and not measure.unbounded):
        given = f"{value:g} {unit or measure.unit}"
        return f"{given} is no value of {measure.name!r}: {'0 % or more' if measure.unbounded else '0 to 100 % (share 0 to 1)'}"
    return None


def _no_choices(measure: Measure, words: tuple[str, ...]) -> str | None:
    """Which words are none of those that the measure can have, and which it can."""
    strange = [word for word in words if measure.choices and word not in measure.choices]
    return f"{', '.join(strange)} is no value of {measure.name!r}: {', '.join(measure.choices)}" if strange else None


def _check_unit_of(measure: str, unit: str | None) -> None:
    own = MEASURES[measure].unit
    if unit is not None:
        if own is None:
            raise ValueError(f"measure {measure!r} has no unit, so {unit!r} cannot be asked for")
        check_unit(unit, units.dimension(own))


def _in_own_unit(value: float, measure: str, unit: str | None) -> float:
    own = MEASURES[measure].unit
    if unit is None or own is None:
        return value
    parts = units.factor(own, unit)
    # 35 % is 35 / 100 = 0.35; 35 · 0.01 is a hair more, and a parcel with just that share would fail.
    return value / parts if parts >= 1 else value * units.factor(unit, own)


class Target(Grounded):
    """What land would become: a use of the canonical list, and its code in a code table (C65 and M4 are two targets)."""

    use: Annotated[str, one_of(USES)]
    table: Annotated[str, one_of(code_tables())]
    code: Text

    @model_validator(mode="after")
    def _is_listed(self) -> Self:
        check_words("use", (self.use,), USES)
        if self.table not in code_tables():
            raise KeyFaultError(
                (("table",), f"there is no code table {self.table!r}; tables: {', '.join(code_tables())}")
            )
        # As it is listed: what land would become is granted under a code of the table, not under one below it.
        listed = code_table(self.table).spelled
        found = listed.get(self.code.casefold())
        if found is None or self.use not in found.uses:
            codes = ", ".join(code.code for code in listed.values() if self.use in code.uses) or "none"
            told = f"code {self.code!r} of table {self.table!r} is not a code of use {self.use!r}, which has {codes}"
            raise KeyFaultError((("code",), told))
        return self


class Route(Grounded):
    """One way from the present use to the target: its procedure, and what it asks for beyond the rule's own conditions."""

    id: Text
    title: Text
    title_en: Text | None = None
    procedure: Text
    procedure_en: Text | None = None
    targets: tuple[Target, ...]
    conditions: tuple[Condition, ...] = ()


class Rule(Grounded):
    """One rule of the pack: hard conditions, criteria, and the routes by which a candidate would change.

    A parcel is a candidate if all conditions of the rule and all of one route pass.  A rule without routes asks for its own
    conditions alone.  ``flags`` are told beside the verdict.  ``starts_from`` names the conditions (by id) on what the land has
    to be before anything changes: what they ask for is never proposed as a change.  It is judged by on the days from
    ``effective_from`` to ``effective_to``, both included, and on no other; without them on any.
    """

    title: Text
    title_en: Text | None = None
    target_uses: tuple[Annotated[str, one_of(USES)], ...]
    conditions: Annotated[tuple[Condition, ...], Field(json_schema_extra={"minItems": 1})]
    criteria: tuple[Criterion, ...] = ()
    routes: tuple[Route, ...] = ()
    flags: tuple[Flag, ...] = ()
    starts_from: Setting[tuple[str, ...]] | None = None
    effective_from: date | None = None
    effective_to: date | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        ids = [condition.id for _, condition in self.asked] + [criterion.id for criterion in self.criteria]
        if len(set(ids)) != len(ids) or len({flag.id for flag in self.flags}) != len(self.flags):
            ids += [flag.id for flag in self.flags]
            twice = sorted({name for name in ids if ids.count(name) > 1})
            raise ValueError(f"two conditions or criteria have the same id ({', '.join(twice)})")
        if not self.conditions:
            raise ValueError("a rule wants at least one condition")
        names = [route.id for route in self.routes]
        if len(set(names)) != len(names):
            raise ValueError("two routes have the same id")
        for criterion in self.criteria:
            unknown = set(criterion.routes or ()) - set(names)
            if unknown:
                raise ValueError(
                    f"criterion {criterion.id!r} names routes that there are not: {', '.join(sorted(unknown))}"
                )
        check_words("starts_from", self.given, (condition.id for _, condition in self.asked))
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            told = f"effective_to ({self.effective_to}) lies before effective_from ({self.effective_from})"
            raise KeyFaultError((("effective_to",), told))
        check_words("target_uses", self.target_uses, USES)
        uses = {target.use for route in self.routes for target in route.targets}
        if self.routes and uses != set(self.target_uses):
            raise ValueError(
                f"target_uses are {', '.join(self.target_uses)}, those of the routes {', '.join(sorted(uses))}"
            )
        return self

    @property
    def given(self) -> tuple[str, ...]:
        """The conditions (by id) that the rule starts from."""
        return self.starts_from.value if self.starts_from else ()

    @property
    def asked(self) -> tuple[tuple[str | None, Condition], ...]:
        """Every condition with the route that asks for it, ``None`` for those of the rule itself."""
        own: list[tuple[str | None, Condition]] = [(None, condition) for condition in self.conditions]
        return (*own, *((route.id, condition) for route in self.routes for condition in route.conditions))

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on a day."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )

    @property
    def days(self) -> str:
        """The days on which it is in force: ``2026-01-01 – 2026-12-31``, with ``…`` for an end that is not said."""
        return f"{self.effective_from or '…'} – {self.effective_to or '…'}"
