"""The way that a candidate would go: its route, procedure and target codes, and what is told beside the verdict.

A row of a run names its route; how that is called, what its procedure is and on which ground it rests stands in the policy
that the run was judged by, in both languages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from maps import figures
from maps.reasons import ground
from maps.text import Lang, phrase


@dataclass(frozen=True)
class Way:
    """One route as a reader sees it; ``codes`` is empty where the land keeps its code."""

    title: str
    codes: str
    procedure: str
    ground: str

    @property
    def brief(self) -> str:
        """The route and where it leads: ``土地路径 → C65、M4``."""
        return f"{self.title} → {self.codes}" if self.codes else self.title


@dataclass(frozen=True)
class Flag:
    """One flag as a reader sees it: ``outcome`` is ``raised`` or ``unknown``."""

    outcome: str
    title: str
    procedure: str
    ground: str


def rule_title(policy: dict[str, Any] | None, rule: str, lang: Lang) -> str:
    """What a rule is called in the language, else its name."""
    found = (policy or {}).get("rules", {}).get(rule, {})
    return str(found.get("title" if lang == "zh" else "title_en") or rule)


def ways_of(policy: dict[str, Any] | None, rule: str, lang: Lang) -> dict[str, Way]:
    """The routes of a rule by name."""
    routes = (policy or {}).get("rules", {}).get(rule, {}).get("routes", ())
    return {route["id"]: _way(route, lang) for route in routes}


def _way(route: dict[str, Any], lang: Lang) -> Way:
    codes = ("、" if lang == "zh" else ", ").join(target["code"] for target in route.get("targets", ()))
    return Way(_said(route, "title", lang), codes, _said(route, "procedure", lang), _ground(route, lang))


def flags_of(records: Any, policy: dict[str, Any] | None, rule: str, lang: Lang) -> list[Flag]:
    """The flags of one parcel that are raised or not known to be clear, the raised ones first."""
    wordings = {flag["id"]: flag for flag in (policy or {}).get("rules", {}).get(rule, {}).get("flags", ())}
    told = []
    for item in records if isinstance(records, list | tuple | np.ndarray) else ():
        words = wordings.get(item["condition"], {})
        if item["outcome"] != "clear":
            title = _said(words, "title", lang) or str(item["condition"])
            told.append(Flag(item["outcome"], title, _said(words, "procedure", lang), _ground(words, lang)))
    return sorted(told, key=lambda flag: flag.outcome != "raised")


def flags_text(flags: Iterable[Flag], lang: Lang) -> str:
    """The titles of the flags that are raised, empty where none is."""
    return ("、" if lang == "zh" else ", ").join(flag.title for flag in flags if flag.outcome == "raised")


def way_text(way: Way | None, route: Any, lang: Lang) -> str:
    """A route in brief; ``—`` where there is none."""
    if way is not None:
        return way.brief
    return str(route) if figures.known(route) else phrase("none", lang)


def _said(part: dict[str, Any], name: str, lang: Lang) -> str:
    return str((part.get(name) if lang == "zh" else part.get(f"{name}_en") or part.get(name)) or "")


def _ground(part: dict[str, Any], lang: Lang) -> str:
    clause = part.get("clause")
    if clause is None and part.get("assumption") is not None:
        clause = f"assumption: {part['assumption']}"
    return ground(clause, lang, part.get("assumption_en"))
