"""Reasons of a verdict, ready to be shown: outcome, what was asked, what was found, and on which ground.

A reason of the run holds values only; its title and the wording of an assumption come from the policy that the run was
judged by, which has both languages, else from the name of its measure.  The text is made per language here, for maps
and pages alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.fields.measures import MEASURES
from geo.fields.results import is_restricted
from maps import figures
from maps.text import Lang, label, phrase, word

MARKS = {"pass": "✓", "fail": "✗", "unknown": "?"}
OPERATORS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "=", "=": "=", "is": "=", "in": "∈"}
_ASSUMPTION = "assumption: "

#: conditions and criteria of a policy by id, as a run keeps them
Wordings = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Reason:
    """One condition as a reader sees it; ``outcome`` is ``pass``, ``fail`` or ``unknown``."""

    outcome: str
    title: str
    value: str
    threshold: str
    ground: str

    @property
    def mark(self) -> str:
        """The sign before it, so that the outcome is not told by colour alone."""
        return MARKS.get(self.outcome, "?")


@dataclass(frozen=True)
class Contribution:
    """What one criterion adds to a score: ``result`` (0–1) times its share of all weights, times 100.

    ``points`` is empty and ``known`` false where its measure is unknown.
    """

    title: str
    value: str
    result: str
    weight: str
    points: str
    known: bool
    ground: str


def wordings_of(policy: dict[str, Any] | None, rule: str | None = None) -> Wordings:
    """The conditions, criteria, flags and routes of a policy (as a run keeps it), by id, with titles in both languages.

    Those of one ``rule`` where it is named: another rule may give the same id another title.
    """
    rules = (policy or {}).get("rules", {})
    found: Wordings = {}
    for each in rules.values() if rule is None else [rules.get(rule, {})]:
        found |= {_route_key(route["id"]): route for route in each.get("routes", ())}
        asked = [*each.get("conditions", ()), *each.get("criteria", ()), *each.get("flags", ())]
        asked += [condition for route in each.get("routes", ()) for condition in route.get("conditions", ())]
        found |= {item["id"]: item for item in asked}
    return found


def _route_key(route: Any) -> str:
    return f"route {route}"


def shown(
    records: Any,
    lang: Lang,
    *,
    wordings: Wordings | None = None,
    zones: dict[str, str] | None = None,
    route: Any = None,
) -> list[Reason]:
    """The reasons of one parcel as text; an empty list where there are none.

    Where a ``route`` is named, what the rule's other routes ask for is left out: no verdict hangs on it.
    """
    return [
        Reason(
            outcome=str(item.get("outcome") or "unknown"),
            title=_title(item, "condition", lang, wordings or {}),
            value=_value(item, lang, zones or {}),
            threshold=_threshold(item.get("threshold"), item.get("unit"), lang, zones or {}),
            ground=_ground(item, "condition", lang, wordings or {}),
        )
        for item in _records(records)
        if not figures.known(route) or item.get("route") in (None, route)
    ]


def contributions(
    records: Any, lang: Lang, *, wordings: Wordings | None = None, zones: dict[str, str] | None = None
) -> list[Contribution]:
    """What each criterion adds to the score of one parcel, as text; an empty list where there is no score."""
    found = []
    for item in _records(records):
        if item.get("applies") is False:
            continue  # it does not count in the route that the parcel takes
        points, known = item.get("contribution"), figures.known(item.get("contribution"))
        found.append(
            Contribution(
                title=_title(item, "criterion", lang, wordings or {}),
                value=_value(item, lang, zones or {}),
                result=_result(item, lang),
                weight=figures.number(float(item.get("weight") or 0), 1),
                points=figures.number(float(points or 0), 1) if known else "",
                known=known,
                ground=_ground(item, "criterion", lang, wordings or {}),
            )
        )
    return found


def ground(clause: Any, lang: Lang, english: str | None = None) -> str:
    """The clause that something rests on, or that it is our assumption, and which; ``english`` is its English wording."""
    text = str(clause) if figures.known(clause) else ""
    if not text.startswith(_ASSUMPTION):
        return text
    if lang == "zh":
        return f"{phrase('assumption', lang)}：{text.removeprefix(_ASSUMPTION)}"
    return f"{phrase('assumption', lang)}: {english or text.removeprefix(_ASSUMPTION)}"


def _records(records: Any) -> Iterable[dict[str, Any]]:
    return records if isinstance(records, list | tuple | np.ndarray) else ()


def _title(item: dict[str, Any], key: str, lang: Lang, wordings: Wordings) -> str:
    name = "title" if lang == "zh" else "title_en"
    own = wordings.get(str(item.get(key)), {}).get(name)
    if own:
        route = wordings.get(_route_key(item.get("route")), {}).get(name)
        return f"{route}：{own}" if route and lang == "zh" else f"{route}: {own}" if route else str(own)
    measure = str(item.get("field") or item.get(key) or "")
    return label(measure, lang) if measure in MEASURES else word(measure, lang)


def _ground(item: dict[str, Any], key: str, lang: Lang, wordings: Wordings) -> str:
    return ground(item.get("clause"), lang, wordings.get(str(item.get(key)), {}).get("assumption_en"))


def _value(item: dict[str, Any], lang: Lang, zones: dict[str, str]) -> str:
    text = item.get("text")
    if is_restricted(str(item.get("field"))) and _is_found(item):
        return phrase("withheld", lang)
    return figures.text(text if figures.known(text) else item.get("value"), lang, unit=item.get("unit"), zones=zones)


def _result(item: dict[str, Any], lang: Lang) -> str:
    """What the value function gives, 0–1; it would tell of a figure that is withheld."""
    if is_restricted(str(item.get("field"))) and _is_found(item):
        return phrase("withheld", lang)
    found = item.get("result")
    return (
        figures.number(float(found), 2) if found is not None and figures.known(found) else phrase("unknown_value", lang)
    )


def _is_found(item: dict[str, Any]) -> bool:
    """Whether a value stands behind a record that everybody may read the outcome of, but not the value."""
    told = item.get("outcome", item.get("contribution"))
    return figures.known(told) and told != "unknown"


def _threshold(asked: Any, unit: str | None, lang: Lang, zones: dict[str, str]) -> str:
    """``>= 50`` as ``≥ 50.0%``, ``in north_bund, other`` as ``∈ 北外滩…、其他``."""
    operator, _, rest = str(asked or "").partition(" ")
    try:
        limit = figures.quantity(float(rest), unit, lang)
    except ValueError:
        limit = figures.text([part.strip() for part in rest.split(",") if part.strip()], lang, zones=zones)
    return f"{OPERATORS.get(operator, operator)} {limit}".strip()
