"""What no section of a policy can tell of itself: whether what it names of another section is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from geo.fields.measures import MEASURES
from geo.policy.lines import Path
from geo.policy.rules import Condition, Rule
from geo.policy.way import EACH, OfRoutes

if TYPE_CHECKING:
    from geo.policy import Policy

#: what land outside every zone is called
OTHER = "other"
Faults = Iterator[tuple[Path, str]]


def faults_between(policy: Policy) -> Faults:
    """Every fault that lies between two sections: the path of its key, and what is wrong."""
    if policy.effective_to is not None and policy.effective_to < policy.effective_from:
        yield (
            ("effective_to",),
            f"effective_to ({policy.effective_to}) lies before effective_from ({policy.effective_from})",
        )
    for name, rule in policy.rules.items():
        zones = (*policy.zones.names, OTHER)
        for path, told in (*_zones(rule, zones), *_directions(rule)):
            yield ("rules", name, *path), told
    yield from _measures_to_target(policy)


def _zones(rule: Rule, zones: tuple[str, ...]) -> Faults:
    """What conditions and criteria say of zones has to be zones of the policy."""
    places: list[tuple[Path, Condition]] = [
        (("conditions", number), condition) for number, condition in enumerate(rule.conditions)
    ]
    places += [(("flags", number), flag) for number, flag in enumerate(rule.flags)]
    for number, route in enumerate(rule.routes):
        places += [(("routes", number, "conditions", place), each) for place, each in enumerate(route.conditions)]
    named: list[tuple[Path, list[str]]] = [
        ((*path, "value"), [str(word) for word in (asked.value if isinstance(asked.value, tuple) else (asked.value,))])
        for path, asked in places
        if asked.measure == "zone"
    ]
    named += [
        (("criteria", number, "categories"), list(criterion.categories or ()))
        for number, criterion in enumerate(rule.criteria)
        if criterion.measure == "zone"
    ]
    for path, words in named:
        if strange := sorted(set(words) - set(zones)):
            yield path, f"{', '.join(strange)} is no zone of this policy: {', '.join(zones)}"


def _directions(rule: Rule) -> Faults:
    """A criterion over a number says in which direction it goes, so that a function written upside down is told."""
    for number, criterion in enumerate(rule.criteria):
        if criterion.direction is None and MEASURES[criterion.measure].type == "number":
            yield (
                ("criteria", number),
                f'say direction = "benefit" (more of {criterion.measure} is better), "cost" (worse) or "none" (neither)',
            )


def _measures_to_target(policy: Policy) -> Faults:
    """What leads to the target names parts of difficulty, routes of rules and zones."""
    found = policy.target.measures if policy.target else None
    if found is None:
        return
    weights = policy.sites.difficulty.weights if policy.sites and policy.sites.difficulty else {}
    known = {f"{name}.{route.id}" for name, rule in policy.rules.items() for route in rule.routes}
    for name, kind in found.kinds.items():
        place: Path = ("target", "measures", name)
        if strange := sorted(set(kind.parts.value) - set(weights)):
            yield (
                (*place, "parts"),
                f"{', '.join(strange)} is no part of [sites.difficulty]: {', '.join(weights) or 'none'}",
            )
        if isinstance(kind, OfRoutes) and (strange := sorted(set(kind.routes.value) - known)):
            yield (*place, "routes"), f"there is no {', '.join(strange)}; there are {', '.join(sorted(known))}"
    zones = (*policy.zones.names, EACH)
    for number, limit in enumerate(found.limits):
        if limit.zone is not None and limit.zone not in zones:
            told = ", ".join(zones)
            yield (
                ("target", "measures", "limits", number, "zone"),
                f"{limit.id} names zone {limit.zone!r}, which is none of {told}",
            )
