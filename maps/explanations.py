"""What would give a parcel another verdict, as text: each proposal with its changes, who could make them, and what follows.

The text is made per language here, for pages and the command line alike, as that of reasons is.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.judge.explain import Change, Explanation, Flip
from maps import figures
from maps.reasons import OPERATORS
from maps.text import Lang, label, phrase, verdict, word

#: who could bring a change about, as the catalogue of measures says it in Chinese
_WHO_EN = {
    "规划资源部门（供地）": "planning authority (land supply)",
    "规划资源部门（规划调整）": "planning authority (plan change)",
    "规划资源部门（续期、补缴）": "planning authority (renewal of the grant)",
    "权利人": "owners (by purchase)",
    "权利人、运营方": "owners and operators",
    "权利人、承租方": "owners and tenants",
}


@dataclass(frozen=True)
class Proposal:
    """One way to another verdict: ``changes`` as text, ``verdict`` in words and as its code, and the route it takes."""

    changes: tuple[str, ...]
    verdict: str
    code: str
    route: str | None

    def line(self, lang: Lang) -> str:
        """All of it in one line: ``空置率 18.0% → ≥ 30.0%（权利人、运营方） ⇒ 候选``."""
        joint = phrase("and_too", lang)
        route = f" [{self.route}]" if self.route else ""
        return f"{joint.join(self.changes)} ⇒ {self.verdict}{route}"


@dataclass(frozen=True)
class Told:
    """The proposals of an explanation under the sentence that leads to them; empty where there are none."""

    lead: str
    proposals: tuple[Proposal, ...]


def told(
    found: Explanation, lang: Lang, *, routes: dict[str, str] | None = None, zones: dict[str, str] | None = None
) -> tuple[Told, ...]:
    """What would have to change, and of an unknown verdict what would have to be found; ``routes`` names routes by id.

    Where nothing that somebody can change gives another verdict, one lead says so.
    """
    flips = ("flips_lead" if found.verdict != "candidate" else "flips_lead_candidate", found.flips)
    answers = ("answers_lead", found.answers)
    # What nobody knows yet is found out before anything is changed.
    leads = (answers, flips) if found.verdict == "unknown" else (flips, answers)
    parts = tuple(
        Told(phrase(lead, lang), tuple(_proposal(flip, lead, lang, routes or {}, zones or {}) for flip in flips))
        for lead, flips in leads
        if flips
    )
    return parts or (Told(phrase("no_flip", lang), ()),)


def _proposal(flip: Flip, lead: str, lang: Lang, routes: dict[str, str], zones: dict[str, str]) -> Proposal:
    said = _answer if lead == "answers_lead" else _change
    return Proposal(
        tuple(said(change, lang, zones) for change in flip.changes),
        verdict(flip.verdict, lang),
        flip.verdict,
        routes.get(flip.route, flip.route) if flip.route else None,
    )


def _change(change: Change, lang: Lang, zones: dict[str, str]) -> str:
    """``空置率 18.0% → ≥ 30.0%（权利人、运营方）``: from what, to what, and who could bring it about."""
    before = phrase("withheld", lang) if change.sealed else _figure(change.old, change.unit, lang, zones)
    text = f"{label(change.field, lang)} {before} → {_new(change, lang, zones)}"
    who = change.changed_by or ""
    if not who:
        return text
    return f"{text}（{who}）" if lang == "zh" else f"{text} ({_WHO_EN.get(who, who)})"


def _answer(change: Change, lang: Lang, zones: dict[str, str]) -> str:
    """``产权人数 ≤ 3``: what would have to be found, whoever could change it."""
    equals = "= " if change.operator == "is" else ""
    return f"{label(change.field, lang)} {equals}{_new(change, lang, zones)}"


def _new(change: Change, lang: Lang, zones: dict[str, str]) -> str:
    sign = {"is": "", "is not": "≠ "}.get(change.operator, f"{OPERATORS.get(change.operator, change.operator)} ")
    return f"{sign}{_figure(change.new, change.unit, lang, zones)}"


def _figure(value: float | str | None, unit: str | None, lang: Lang, zones: dict[str, str]) -> str:
    if isinstance(value, str):
        return figures.text(value, lang, zones=zones) if value in zones else word(value, lang)
    return figures.quantity(value, unit, lang)
