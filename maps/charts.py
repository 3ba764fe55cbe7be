"""Pictures of figures as SVG, drawn here so that a page asks nothing of another host; colours by class, from the style sheet.

Every picture has a title for those who do not see it; every value stands beside its mark in words.  Numbers are m².
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from maps.figures import large_area, number
from maps.text import Lang, phrase

#: units of the drawing; on a page it is as wide as it may be, up to twice that
WIDTH = 460
_LEFT, _RIGHT, _ROW = 104, 92, 30
_TOP, _BOTTOM, _HEIGHT = 16, 26, 210
#: names closer than this lie on each other
_APART = 46


@dataclass(frozen=True)
class Bar:
    """One step of a waterfall: from where to where, of which kind, under which name, with what is said beside it."""

    name: str
    start: float
    end: float
    kind: Literal["built", "pipeline", "open", "gap", "target"]
    note: str = ""
    #: where a click on it leads
    href: str = ""


def waterfall(bars: Sequence[Bar], title: str, lang: Lang) -> str:
    """Steps from nothing to the target, one under the other, each beginning where the one above it ends."""
    most = max((max(bar.start, bar.end) for bar in bars), default=0.0) or 1.0
    scale = (WIDTH - _LEFT - _RIGHT) / most
    height = _ROW * len(bars) + 8
    parts = []
    for place, bar in enumerate(bars):
        y, x = 4 + place * _ROW, _LEFT + min(bar.start, bar.end) * scale
        wide = max(abs(bar.end - bar.start) * scale, 1.0)
        told = large_area(abs(bar.end - bar.start), lang)
        parts += [f'<a href="{escape(bar.href)}">'] if bar.href else []
        parts.append(f'<text class="name" x="{_LEFT - 8}" y="{y + 17}" text-anchor="end">{escape(bar.name)}</text>')
        parts.append(f'<rect class="{bar.kind}" x="{x:.1f}" y="{y + 4}" width="{wide:.1f}" height="18"/>')
        # Where the bar ends; a name that would run out of the picture stands before it.
        right = x + wide
        parts.append(f'<text class="value" x="{right + 6:.1f}" y="{y + 17}">{escape(told + bar.note)}</text>')
        parts += ["</a>"] if bar.href else []
        if place + 1 < len(bars) and bar.kind != "target":
            edge = _LEFT + bar.end * scale
            parts.append(f'<line class="step" x1="{edge:.1f}" y1="{y + 22}" x2="{edge:.1f}" y2="{y + _ROW + 4}"/>')
    return _picture(title, height, parts)


@dataclass(frozen=True)
class Point:
    """A year and how much there is by its end; ``ahead``: it is not there yet."""

    year: int
    value: float
    ahead: bool = False


def line(points: Sequence[Point], target: float, by: int, title: str, lang: Lang) -> str:
    """What there is by year: a full line to the present, a broken one onward, and the target as a level with its year."""
    years = [point.year for point in points] + [by]
    first, last = min(years), max(years)
    most = max([target, *(point.value for point in points)]) * 1.08 or 1.0
    left, right = (62 if lang == "zh" else 86), 14  # large_area writes longer numbers in English

    def x(year: float) -> float:
        return left + (year - first) / max(last - first, 1) * (WIDTH - left - right)

    def y(value: float) -> float:
        return _TOP + (1 - value / most) * (_HEIGHT - _TOP - _BOTTOM)

    parts = []
    for share in (0.0, 0.5, 1.0):
        level = target * share
        kind = "target" if share == 1 else "grid"
        parts.append(f'<line class="{kind}" x1="{left}" y1="{y(level):.1f}" x2="{WIDTH - right}" y2="{y(level):.1f}"/>')
        told = large_area(level, lang) if level else "0"
        parts.append(
            f'<text class="axis" x="{left - 6}" y="{y(level) + 4:.1f}" text-anchor="end">{escape(told)}</text>'
        )
    parts += [
        f'<text class="axis" x="{x(year):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{year}</text>'
        for year in _ticks(first, last)
    ]
    parts.append(f'<line class="due" x1="{x(by):.1f}" y1="{_TOP}" x2="{x(by):.1f}" y2="{_HEIGHT - _BOTTOM}"/>')
    past = [point for point in points if not point.ahead]
    ahead = [*past[-1:], *(point for point in points if point.ahead)]
    for kind, run in (("past", past), ("ahead", ahead)):
        if len(run) > 1:
            path = " ".join(f"{x(point.year):.1f},{y(point.value):.1f}" for point in run)
            parts.append(f'<polyline class="{kind}" points="{path}"/>')
    for point in points:
        kind, place = "ahead" if point.ahead else "past", f'cx="{x(point.year):.1f}" cy="{y(point.value):.1f}"'
        shape = f'<circle class="{kind}" {place} r="3">'
        parts.append(f"{shape}<title>{point.year}: {escape(large_area(point.value, lang))}</title></circle>")
    return _picture(title, _HEIGHT, parts)


@dataclass(frozen=True)
class Step:
    """A site of a curve: its area in mu, its difficulty in points, what none is below, and whether it is proven."""

    area_mu: float
    difficulty: float
    lower_bound: float | None
    proven: bool


def price(steps: Sequence[Step], title: str, lang: Lang) -> str:
    """Difficulty against area, a point for each floor; a hollow one has its lower bound as a dash below it."""
    most = max((step.difficulty for step in steps), default=0.0) * 1.1 or 1.0
    areas = [step.area_mu for step in steps] or [0.0]
    first, last = min(areas), max(areas)
    left, right = 56, 40
    # The first point's figure stands over it, clear of the figures of the axis.
    start = left + 28

    def x(area: float) -> float:
        return start + (area - first) / ((last - first) or 1.0) * (WIDTH - start - right)

    def y(points: float) -> float:
        return _TOP + (1 - points / most) * (_HEIGHT - _TOP - _BOTTOM)

    parts = []
    for level in _levels(most):
        parts.append(f'<line class="grid" x1="{left}" y1="{y(level):.1f}" x2="{WIDTH - right}" y2="{y(level):.1f}"/>')
        parts.append(
            f'<text class="axis" x="{left - 6}" y="{y(level) + 4:.1f}" text-anchor="end">{number(level)}</text>'
        )
    path = " ".join(f"{x(step.area_mu):.1f},{y(step.difficulty):.1f}" for step in steps)
    parts += [f'<polyline class="past" points="{path}"/>'] if len(steps) > 1 else []
    unit = phrase("mu", lang)
    named = _apart([x(step.area_mu) for step in steps])
    for step in steps:
        across, up = x(step.area_mu), y(step.difficulty)
        if not step.proven and step.lower_bound is not None:
            low = y(step.lower_bound)
            parts.append(f'<line class="step" x1="{across:.1f}" y1="{up:.1f}" x2="{across:.1f}" y2="{low:.1f}"/>')
            parts.append(
                f'<line class="step" x1="{across - 5:.1f}" y1="{low:.1f}" x2="{across + 5:.1f}" y2="{low:.1f}"/>'
            )
        told = f"{number(step.area_mu, 1)} {unit} · {number(step.difficulty, 1)}"
        kind = "past" if step.proven else "ahead"
        parts.append(f'<circle class="{kind}" cx="{across:.1f}" cy="{up:.1f}" r="3.5"><title>{told}</title></circle>')
        if across in named:
            parts.append(
                f'<text class="axis" x="{across:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">'
                f"{number(step.area_mu)} {unit}</text>"
            )
        # Above and before its point, where a line that rises does not run.
        place = f'x="{across - 5:.1f}" y="{up - 6:.1f}" text-anchor="end"'
        if step is steps[0]:
            place = f'x="{across:.1f}" y="{up - 9:.1f}" text-anchor="middle"'
        parts.append(f'<text class="value" {place}>{number(step.difficulty, 1)}</text>')
    return _picture(title, _HEIGHT, parts)


def _apart(places: Sequence[float]) -> set[float]:
    """The places at which a name fits under the axis: the last one, and from the first on those with room between."""
    found: list[float] = []
    for place in places[:-1]:
        if places[-1] - place > _APART and (not found or place - found[-1] > _APART):
            found.append(place)
    return {*found, *places[-1:]}


def _levels(most: float) -> list[float]:
    """Three to six round figures from nothing up to ``most``."""
    size = 10 ** math.floor(math.log10(most))
    wide = next(size * part for part in (0.2, 0.5, 1.0, 2.0) if most / (size * part) <= 6)
    return [wide * place for place in range(math.floor(most / wide) + 1)]


def _ticks(first: int, last: int) -> list[int]:
    """Years to write: no more than seven, the last one always."""
    step = max(1, -(-(last - first) // 6))
    return list(range(last, first - 1, -step))[::-1]


def _picture(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {number(height).replace(",", "")}" role="img" '
        f'aria-label="{escape(title, quote=True)}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
