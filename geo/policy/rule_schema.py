"""What the JSON Schema says of conditions and criteria beyond their types: what each measure lets one ask, and in which unit.

The classes check the same (:mod:`geo.policy.rules`); a test holds that the two agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geo import units
from geo.fields.measure import Measure
from geo.fields.measures import MEASURES
from geo.policy.settings import GROUND

_NUMBERS = [name for name, measure in MEASURES.items() if measure.type == "number"]
_TEXTS = [name for name, measure in MEASURES.items() if measure.type == "text"]
_TRUTHS = [name for name, measure in MEASURES.items() if measure.type == "boolean"]


def _of(measures: Iterable[str], then: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"properties": {"measure": {"enum": sorted(measures)}}, "required": ["measure"]}, "then": then}


def _units() -> list[dict[str, Any]]:
    """A measure's unit is one of its own kind, and a measure without one has none."""
    by_dimension: dict[str | None, list[str]] = {}
    for name, measure in MEASURES.items():
        dimension = None if measure.unit is None else units.dimension(measure.unit)
        by_dimension.setdefault(dimension, []).append(name)
    allowed = {dimension: list(units.units_of(dimension)) if dimension else [] for dimension in by_dimension}
    return [
        _of(names, {"properties": {"unit": {"enum": [*allowed[dimension], None]}}})
        for dimension, names in by_dimension.items()
    ]


def _shares(key: str, limited: Any) -> list[dict[str, Any]]:
    """A share lies between 0 and 1, in percent between 0 and 100; ``limited`` makes the schema of ``key`` from limits."""
    found = []
    for unbounded in (False, True):
        names = [name for name, each in MEASURES.items() if each.unit == "share" and each.unbounded == unbounded]
        limits = [{"minimum": 0} if unbounded else {"minimum": 0, "maximum": most} for most in (100, 1)]
        percent = {"properties": {"unit": {"const": "%"}}, "required": ["unit"]}
        then, otherwise = ({"properties": {key: limited(limit)}} for limit in limits)
        found.append(_of(names, {"if": percent, "then": then, "else": otherwise}))
    return found


def _with_choices() -> list[Measure]:
    return [measure for measure in MEASURES.values() if measure.choices]


def condition_schema() -> dict[str, Any]:
    """Which operator and which value a condition may have over its measure."""
    of_numbers = {"properties": {"op": {"enum": [">=", "<=", ">", "<", "=="]}, "value": {"type": "number"}}}
    of_texts = {"properties": {"op": {"enum": ["in", "is"]}, "value": {"type": ["string", "array"]}}}
    of_truths = {"properties": {"op": {"const": "is"}, "value": {"type": "boolean"}}}
    listed = {
        "if": {"properties": {"op": {"const": "in"}}, "required": ["op"]},
        "then": {"properties": {"value": {"type": "array", "minItems": 1}}},
        "else": {"properties": {"value": {"not": {"type": "array"}}}},
    }
    chosen = []
    for measure in _with_choices():
        one = {"enum": list(measure.choices)}
        value = {"anyOf": [one, {"type": "array", "items": one}]}
        chosen.append(_of([measure.name], {"properties": {"value": value}}))
    kinds = [_of(names, then) for names, then in ((_NUMBERS, of_numbers), (_TEXTS, of_texts), (_TRUTHS, of_truths))]
    return GROUND | {"allOf": [*kinds, listed, *chosen, *_units(), *_shares("value", lambda limits: limits)]}


def criterion_schema() -> dict[str, Any]:
    """Which function a criterion may have over its measure: numbers with a direction, texts with a value for each."""
    absent = {"type": "null"}
    of_numbers = {
        "properties": {"direction": {"type": "string"}, "categories": absent},
        "required": ["direction"],
        "oneOf": [{"required": ["points"]}, {"required": ["steps"]}],
    }
    of_texts = {
        "properties": {"direction": absent, "points": absent, "steps": absent},
        "required": ["categories"],
    }
    chosen = [
        _of([measure.name], {"properties": {"categories": {"propertyNames": {"enum": list(measure.choices)}}}})
        for measure in _with_choices()
    ]
    corners = [
        part
        for key in ("points", "steps")
        for part in _shares(key, lambda limits: {"items": {"prefixItems": [limits]}})
    ]
    kinds = [_of(_NUMBERS, of_numbers), _of([*_TEXTS, *_TRUTHS], of_texts)]
    return GROUND | {"allOf": [*kinds, *chosen, *_units(), *corners]}
