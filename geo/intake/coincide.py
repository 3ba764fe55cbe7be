"""Lines and points without known codes against what is registered of the same kind: do they lie upon it, or only otherwise?

A road or a station that another source has drawn, too, lies within metres of the registered one; 450 m off, it lies upon others
by chance only.  What chance does was measured on real layers of Hongkou, each under five datums; so were points against roads
and street blocks, which tell nothing: docs/own-files.md, "The datum guard".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely

from geo.fields import Kind
from geo.intake.findings import Objects
from geo.intake.hypotheses import Finding, Hypothesis, finding
from geo.intake.registered import Registered

#: A line lies upon another within this many m, a point upon another or upon a line.
LINE_M, POINT_M = 15.0, 50.0
#: Only what lies so near to anything registered is asked, in m: the rest is land of which nothing is registered.
REACH_M = 1500.0
#: Features and length that are wanted at least.
N, LENGTH_M = 10, 2000.0


@dataclass(frozen=True)
class Rule:
    """What counts as clear: ``fits`` lie upon what is registered under the other reading, and at most ``ratio`` of that now."""

    fits: float
    ratio: float


LINES, POINTS, ON_LINES = Rule(0.35, 0.4), Rule(0.35, 0.25), Rule(0.7, 0.4)
#: kinds whose points lie upon lines of another kind
ALONG = {"stations": "transit_lines"}


def coincidence(
    declared: Hypothesis, others: list[Hypothesis], registered: Registered, kind: Kind | None
) -> Finding | None:
    """The clearest of what lines and points of a layer tell, ``None`` where it is not clear."""
    if kind is None:
        return None
    for told, rule, measure in _questions(registered, kind):
        now, n = measure(declared.shapes)
        if not n:
            continue
        found = [(*measure(h.shapes), h) for h in others]
        # What a reading brings out of reach cannot speak for it.
        clear = [(share, h) for share, m, h in found if share >= rule.fits and m >= n / 2 and now <= rule.ratio * share]
        if clear:
            then, best = max(clear, key=lambda pair: pair[0])
            return finding(best, f"{now:.0%} of {told} as it is declared, {then:.0%} otherwise", strong=True)
    return None


#: the share of what is within reach that lies upon what is registered, and how much is within reach
Measure = Callable[[Objects], tuple[float, float]]


def _questions(registered: Registered, kind: Kind) -> list[tuple[str, Rule, Measure]]:
    name = kind.name
    lines = registered.roads if name == "barriers" else registered.features(name, 1)
    points = registered.features(name, 0)
    asked: list[tuple[str, Rule, Measure]] = []
    if len(lines):
        told = f"its length lies within {LINE_M:.0f} m of registered {'roads' if name == 'barriers' else name}"
        asked.append((told, LINES, partial(_lines_upon, lines)))
    for place, line in ALONG.items():
        if name == place and len(tracks := registered.features(line, 1)):
            told = f"its points lie within {POINT_M:.0f} m of registered {line}"
            asked.append((told, ON_LINES, partial(_upon, tracks)))
        if name == line and len(stops := registered.features(place, 0)):
            told = f"the registered {place} near it lie within {POINT_M:.0f} m of it"
            asked.append((told, ON_LINES, partial(_points_upon, stops)))
    if len(points):
        told = f"its points lie within {POINT_M:.0f} m of registered {name}"
        asked.append((told, POINTS, partial(_upon, points)))
    return asked


def _lines_upon(lines: Objects, shapes: Objects) -> tuple[float, float]:
    own = shapes[shapely.get_dimensions(shapes) == 1]
    if len(own) < N:
        return 0.0, 0.0
    upon, near = (
        float(shapely.length(shapely.intersection(own, shapely.union_all(shapely.buffer(lines, by)))).sum())
        for by in (LINE_M, REACH_M)
    )
    return (upon / near, near) if near >= LENGTH_M else (0.0, 0.0)


def _upon(things: Objects, points: Objects) -> tuple[float, float]:
    return _points_upon(points, things)


def _points_upon(points: Objects, things: Objects) -> tuple[float, float]:
    own = points[shapely.get_dimensions(points) == 0]
    there = things[~shapely.is_missing(things) & (shapely.get_dimensions(things) < 2)]
    if not len(own) or not len(there):
        return 0.0, 0.0
    nearest = np.atleast_1d(shapely.distance(own, there[shapely.STRtree(there).nearest(own)]))
    near = int((nearest <= REACH_M).sum())
    return (float((nearest <= POINT_M).sum()) / near, float(near)) if near >= N else (0.0, 0.0)
