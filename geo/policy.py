"""The frozen policy: every threshold with its unit and its clause, or marked as our assumption.

A policy is one TOML file (``data/policy/*.toml`` or a path).  It is read whole, checked whole, and never changed while
the program runs; what-if is done on a copy (:meth:`Policy.with_changes`).  Judgement asks nothing else for numbers.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo import units
from geo.errors import NotFoundError, PolicyError, UnitError
from geo.fields.measures import MEASURES
from geo.settings import data_dir

T = TypeVar("T")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Grounded(_Frozen):
    """Something that rests on a clause of the plan, or is our assumption: exactly one of the two is said.

    Pages are Chinese first: ``assumption`` is what they show, ``assumption_en`` what the English ones show if it is given.
    """

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
        _check_unit(self.unit or "m2", "area")
        return self


class LengthSetting(Setting[float]):
    """A length in any unit of length; ``m`` gives it in metres."""

    @property
    def m(self) -> float:
        """The value in m."""
        return self.value * units.factor(self.unit or "m", "m")

    @model_validator(mode="after")
    def _is_length(self) -> Self:
        _check_unit(self.unit or "m", "length")
        return self


def _check_unit(unit: str, wanted: str) -> None:
    try:
        dimension = units.dimension(unit)
    except UnitError as error:
        raise ValueError(str(error)) from None
    if dimension != wanted:
        raise ValueError(f"unit {unit!r} is one of {dimension}; a unit of {wanted} is wanted")


class Zones(_Frozen):
    """How a parcel comes to its zone."""

    names: dict[str, str]
    other: str
    min_share: Setting[float]


class Clusters(_Frozen):
    """What joins two parcels, and which shape a cluster has."""

    tolerance: LengthSetting
    min_shared_edge: LengthSetting
    lane_width: LengthSetting
    min_frontage: LengthSetting
    crossable: dict[str, Setting[bool]]
    belt_elongation: Setting[float]


class CarrierTarget(_Frozen):
    """The floor area of carriers that the plan wants, by when, and what counts towards it."""

    floor_area: AreaSetting
    by: date
    statuses: Setting[tuple[str, ...]]


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
        _check_unit(unit, units.dimension(own))


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


class Policy(_Frozen):
    """A whole policy; :func:`policy` reads one."""

    id: str
    title: str
    authority: str
    source: str
    effective_from: date
    effective_to: date | None = None
    zones: Zones
    clusters: Clusters
    target: CarrierTarget | None = None
    rules: dict[str, Rule]

    def rule(self, name: str) -> Rule:
        """The rule of that name.

        Raises
        ------
        NotFoundError
            The policy has no such rule; the message lists those it has.
        """
        try:
            return self.rules[name]
        except KeyError:
            raise NotFoundError(
                f"Policy {self.id!r} has no rule {name!r}.",
                "Rules: " + ", ".join(self.rules) + ".",
            ) from None

    @property
    def hash(self) -> str:
        """SHA-256 over the policy's content in canonical JSON: equal content, equal hash, whatever the layout."""
        content = self.model_dump(mode="json")
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def with_changes(self, changes: dict[str, Any]) -> Policy:
        """A copy with dotted keys changed, checked as a file would be: ``{"clusters.lane_width.value": 30}``.

        Raises
        ------
        PolicyError
            A key does not exist, or the changed policy is not a sound one.
        """
        content = self.model_dump(mode="python")
        for key, value in changes.items():
            *path, last = key.split(".")
            node: Any = content
            for step in path:
                node = _step(node, step, key)
            _step(node, last, key)
            if isinstance(node, list | tuple):
                raise PolicyError(
                    f"Key {key!r} names a place in a list.",
                    "Change a field of the item instead.",
                )
            node[last] = value
        return _checked(content, f"{self.id} (changed)")


def _step(node: Any, step: str, key: str) -> Any:
    if isinstance(node, dict) and step in node:
        return node[step]
    if isinstance(node, list | tuple):
        for item in node:
            if isinstance(item, dict) and item.get("id") == step:
                return item
    raise PolicyError(
        f"The policy has no key {key!r} ({step!r} is not there).",
        "See `shuangbei policy show`.",
    )


def policy(name: str | Path) -> Policy:
    """Read a policy: a name in ``data/policy``, or the path of a TOML file.

    Raises
    ------
    NotFoundError
        There is no such policy.
    PolicyError
        The file is broken: each fault with its key.
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = data_dir() / "policy" / f"{name}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in (data_dir() / "policy").glob("*.toml"))
        raise NotFoundError(
            f"There is no policy {str(name)!r}.",
            f"Policies: {', '.join(known)}; or the path of a file.",
        )
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path.name} is not sound TOML: {error}.", "Mend that line.") from None
    return _checked(content, path.name)


def _checked(content: dict[str, Any], name: str) -> Policy:
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        faults = [f"  {'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
        raise PolicyError(
            f"{name} has {len(faults)} fault(s):\n" + "\n".join(faults),
            "Mend these keys.",
        ) from None
