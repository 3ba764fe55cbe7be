"""Reasons of a verdict, ready to be shown: outcome, what was asked, what was found, and on which ground.

A reason of the run holds values only; its title comes from the policy that the run was judged by (Chinese), else from
the name of its measure.  The text is made per language here, for maps and pages alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from geo.fields.measures import MEASURES
from maps import figures
from maps.text import Lang, label, phrase, word

MARKS = {"pass": "✓", "fail": "✗", "unknown": "?"}
_OPERATORS = {">=": "≥", "<=": "≤", "==": "=", "in": "∈", "is": "="}
_ASSUMPTION = "assumption: "


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


def titles_of(policy: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The conditions of a policy (as a run keeps it) by id: their ``title`` and ``op``."""
    rules = (policy or {}).get("rules", {})
    return {item["id"]: item for rule in rules.values() for item in rule.get("conditions", ())}


def shown(
    reasons: Any,
    lang: Lang,
    *,
    conditions: dict[str, dict[str, Any]] | None = None,
    zones: dict[str, str] | None = None,
) -> list[Reason]:
    """The reasons of one parcel as text; an empty list where there are none."""
    items: Iterable[dict[str, Any]] = reasons if isinstance(reasons, list | tuple) else ()
    return [_shown(item, lang, conditions or {}, zones or {}) for item in items]


def _shown(item: dict[str, Any], lang: Lang, conditions: dict[str, dict[str, Any]], zones: dict[str, str]) -> Reason:
    condition = conditions.get(str(item.get("condition")), {})
    field, unit = str(item.get("field") or ""), item.get("unit")
    title = str(condition.get("title") or "") if lang == "zh" else ""
    operator = _OPERATORS.get(str(condition.get("op")), str(condition.get("op") or ""))
    limit = figures.text(item.get("threshold"), lang, unit=unit, zones=zones)
    return Reason(
        outcome=str(item.get("outcome") or "unknown"),
        title=title or (label(field, lang) if field in MEASURES else field or word(str(item.get("condition")), lang)),
        value=figures.text(item.get("value"), lang, unit=unit, zones=zones),
        threshold=f"{operator} {limit}".strip(),
        ground=ground(item.get("clause"), lang),
    )


def ground(clause: Any, lang: Lang) -> str:
    """The clause that something rests on, or that it is our assumption, and which."""
    text = str(clause) if figures.known(clause) else ""
    if text.startswith(_ASSUMPTION):
        return f"{phrase('assumption', lang)}{'：' if lang == 'zh' else ': '}{text.removeprefix(_ASSUMPTION)}"
    return text
