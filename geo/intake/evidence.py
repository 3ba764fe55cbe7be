"""Evidence for and against a datum: how well each reading of a layer fits what is registered.

The clearest question first: does the layer lie on registered land at all; do rows of a known code lie where they are
registered; do outlines cover registered ones; do roads run between plots or through them; do lines and points lie upon
registered ones (:mod:`geo.intake.coincide`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import shapely

from geo.fields import Kind
from geo.intake.coincide import coincidence
from geo.intake.findings import Objects
from geo.intake.hypotheses import Finding, Hypothesis, finding
from geo.intake.registered import PLOTS, Box, Registered

Floats = npt.NDArray[np.float64]

#: Margins of the guard, not of a policy: they say what counts as clear.
NEAR = 0.25  # the registered box is widened by this share of its diagonal: land next to it is no fault
INSIDE, OUTSIDE = 0.9, 0.05  # share of features on that box: "on it", "off it"
POINTS_GAIN, POINTS_FROM, POINTS_N = 0.05, 0.98, 20  # a hint only, for a neighbour's layer may look like it
MOVED_M, MOVED_RATIO = 100.0, 0.25  # codes lie this far off (median), and the other reading leaves a quarter of it
MOVED_N = 3
IOU, IOU_GAIN, IOU_LARGE_M2, IOU_LARGE = 0.8, 0.12, 1e6, 0.9
THROUGH, THROUGH_RATIO, ROADS_M = 0.25, 0.4, 2000.0
_SHRINK_M, _REACH_M = 2.0, 30.0


def compare(tried: list[Hypothesis], registered: Registered, kind: Kind | None, keys: Objects | None) -> Finding | None:
    """The clearest finding among the readings of one layer; ``tried`` has the declared one first."""
    if len(tried) < 2 or registered.extent is None:
        return None
    declared = tried[0]
    gross = _off_the_land(declared, [h for h in tried if h.size == "gross"], registered.extent)
    if gross is not None:
        return gross
    subtle = [h for h in tried if h.size == "subtle"]
    questions: list[Callable[[], Finding | None]] = [
        lambda: _moved(declared, subtle, registered, kind, keys),
        lambda: _outlines(declared, subtle, registered),
        lambda: _roads(declared, subtle, registered, kind),
        lambda: coincidence(declared, subtle, registered, kind),
        lambda: _inside(declared, subtle, registered),
    ]
    for ask in questions:
        found = ask()
        if found is not None:
            return found
    return None


def _off_the_land(declared: Hypothesis, others: list[Hypothesis], box: Box) -> Finding | None:
    now = _share_on(declared.shapes, box)
    if now > OUTSIDE or not others:
        return None
    shares = [_share_on(h.shapes, box) for h in others]
    best = int(np.argmax(shares))
    if shares[best] < INSIDE:
        return None
    told = f"{now:.0%} of it lies on registered land as it is declared, {shares[best]:.0%} otherwise"
    return finding(others[best], told, strong=True)


def _share_on(shapes: Objects, box: Box) -> float:
    wide = NEAR * float(np.hypot(box[2] - box[0], box[3] - box[1]))
    bounds = shapely.bounds(shapes)
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    on = (x >= box[0] - wide) & (x <= box[2] + wide) & (y >= box[1] - wide) & (y <= box[3] + wide)
    return float(on.mean()) if len(on) else 0.0


def _moved(
    declared: Hypothesis, others: list[Hypothesis], registered: Registered, kind: Kind | None, keys: Objects | None
) -> Finding | None:
    if kind is None or keys is None or len(kind.key) != 1 or kind.geometry is None:
        return None
    places = registered.places(kind, sorted({str(key) for key in keys if key is not None}))
    known = [i for i, key in enumerate(keys) if key is not None and str(key) in places]
    if len(known) < MOVED_N:
        return None
    target = np.array([places[str(keys[i])] for i in known])

    def median(h: Hypothesis) -> float:
        at = shapely.get_coordinates(shapely.centroid(h.shapes[known]))
        return float(np.median(np.hypot(*(at - target).T))) if len(at) == len(target) else np.inf

    now = median(declared)
    best = min(others, key=median)
    then = median(best)
    if now < MOVED_M or then > MOVED_RATIO * now:
        return None
    told = f"{len(known)} codes that are registered lie {now:.0f} m off in the median as it is declared, {then:.0f} m otherwise"
    return finding(best, told, strong=True)


def _outlines(declared: Hypothesis, others: list[Hypothesis], registered: Registered) -> Finding | None:
    areas = shapely.get_dimensions(declared.shapes) == 2
    if not areas.any():
        return None
    n = int(areas.sum())
    readings = [declared, *others]
    best: tuple[float, Finding] | None = None
    for name, outlines in registered.outlines.items():
        table = np.array([_best_iou(_with_union(h.shapes[areas]), outlines) for h in readings])
        size = np.array([shapely.area(s) for s in _with_union(declared.shapes[areas])])
        for number, other in enumerate(others, start=1):
            fits = table[number] >= IOU
            large = fits & (table[number] >= IOU_LARGE) & (size >= IOU_LARGE_M2)
            # Some plots of a regular grid fall upon others by chance; most of a layer, or a square kilometre, do not.
            matched = fits if fits[:n].sum() >= max(1, n / 2) else large
            if not matched.any():
                continue
            now, then = float(np.median(table[0][matched])), float(np.median(table[number][matched]))
            if then - now >= IOU_GAIN and (best is None or then > best[0]):
                zh = f"registered {name}"
                told = f"its outlines share {now:.3f} of their area with {zh} as it is declared, {then:.3f} otherwise"
                best = then, finding(other, told, strong=True)
    return None if best is None else best[1]


def _with_union(shapes: Objects) -> Objects:
    valid = shapely.make_valid(shapes)
    whole = [shapely.union_all(valid)] if len(valid) > 1 else []
    return np.array([*valid, *whole], dtype=object)


def _best_iou(shapes: Objects, outlines: Objects) -> Floats:
    best = np.zeros(len(shapes))
    a, b = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    if len(a):
        common = shapely.area(shapely.intersection(shapes[a], outlines[b]))
        together = shapely.area(shapes[a]) + shapely.area(outlines[b]) - common
        np.maximum.at(best, a, np.divide(common, together, out=np.zeros_like(common), where=together > 0))
    return best


def _roads(declared: Hypothesis, others: list[Hypothesis], registered: Registered, kind: Kind | None) -> Finding | None:
    if kind is None:
        return None
    if kind.name in PLOTS and len(registered.roads):

        def measure(h: Hypothesis) -> tuple[float, float]:
            return _through(registered.roads, h.shapes)

    elif kind.name == "barriers" and len(registered.plots):

        def measure(h: Hypothesis) -> tuple[float, float]:
            return _through(h.shapes[shapely.get_dimensions(h.shapes) == 1], registered.plots)

    else:
        return None
    now, metres = measure(declared)
    if metres < ROADS_M or now < THROUGH:
        return None
    found = [(*measure(h), h) for h in others]
    kept = [(share, h) for share, reach, h in found if reach >= metres / 2 and share <= THROUGH_RATIO * now]
    if not kept:
        return None
    then, best = min(kept, key=lambda pair: pair[0])
    told = f"{now:.0%} of the roads near it run through plots as it is declared, {then:.0%} otherwise"
    return finding(best, told, strong=True)


def _through(lines: Objects, plots: Objects) -> tuple[float, float]:
    """The share of road length near plots that runs through them, and that length in m."""
    areas = plots[~shapely.is_missing(plots) & (shapely.get_dimensions(plots) == 2)]
    if not len(areas) or not len(lines):
        return 0.0, 0.0
    valid = shapely.make_valid(areas)
    inside, near = (
        float(shapely.length(shapely.intersection(lines, shapely.union_all(shapely.buffer(valid, by)))).sum())
        for by in (-_SHRINK_M, _REACH_M)
    )
    return (inside / near if near else 0.0), near


def _inside(declared: Hypothesis, others: list[Hypothesis], registered: Registered) -> Finding | None:
    """A hint for points: all but a few fall on registered streets under another reading."""
    streets = registered.outlines.get("streets")
    points = shapely.get_dimensions(declared.shapes) == 0
    if streets is None or points.sum() < POINTS_N:
        return None
    land = streets[-1]
    shapely.prepare(land)

    def share(h: Hypothesis) -> float:
        return float(shapely.contains(land, h.shapes[points]).mean())

    now, best = share(declared), max(others, key=share)
    if share(best) < POINTS_FROM or share(best) - now < POINTS_GAIN:
        return None
    told = f"{now:.0%} of its points lie in registered streets as it is declared, {share(best):.0%} otherwise"
    return finding(best, told, strong=False)
