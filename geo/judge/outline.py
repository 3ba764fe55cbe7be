"""The shape of ground: how long for its width, how compact, lanes closed.  Pure; lengths in metres.

Shape is read off the *depth* of the ground: how far each place of it lies from its outer edge.  A rectangle of sides
L ≥ W has area A = L·W and mean square depth m = W²/12 − W³/(24·L); ``elongation`` is L/W of the rectangle that has the
ground's area and mean square depth.  It follows bends (an L or a winding belt is as long as it is when laid straight), and
since deep ground weighs most, teeth and notches of the outline move it little.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import shapely

from geo.judge.convex import convex_ground, convex_mean_square_depths
from geo.judge.dissolve import Floats, Shapes, as_shapes
from geo.judge.frames import Frames

BELT, PATCH = "belt", "patch"

#: in how many layers ground is peeled off to find its depth; a resolution
_LAYERS = 10
#: straight pieces in a quarter of an arc, where a layer goes round a corner; a resolution
_ARC = 8
#: figures of shape are kept to three places, so that the last bit of a sum decides no threshold
_PLACES = 3
#: outlines that one thread takes on at a time
_AT_ONCE = 2_000
#: how far a mitred corner may stand out while lanes are closed; right angles come back exactly
_MITRE = 5.0
#: the share of a distance by which GEOS smooths an outline before it grows or shrinks it (its default)
_SMOOTHED = 0.01
#: areas that differ by less than this share are one
_LAST_BITS = 1e-9


def shapes_of(elongation: Floats, belt_elongation: float) -> npt.NDArray[np.str_]:
    """``belt`` where the elongation is over the policy's, else ``patch``."""
    return np.where(elongation > belt_elongation, BELT, PATCH)


def close_lanes(outlines: Shapes, width_m: float, tolerance_m: float) -> Shapes:
    """The outlines with gaps up to ``width_m`` closed (grown by half of it and shrunk again), in metres.

    Lanes between parcels are no part of a cluster's net area, but a block with lanes through it is not a comb.
    """
    closed = outlines.copy()
    # Convex ground has no gap to close, and most parcels are convex.
    open_ones = np.flatnonzero(~convex_ground(outlines))
    frames = Frames.of(outlines[open_ones])
    closed[open_ones] = frames.back(_closed(frames.within(outlines[open_ones]), width_m, tolerance_m)[0])
    return closed


def _closed(outlines: Shapes, width_m: float, tolerance_m: float) -> tuple[Shapes, Shapes]:
    """The outlines, each in a frame of its own, with lanes closed; and those with the courts filled that this shuts.

    Two corners that face each other over a lane may leave a wall of no width, or none, once the ground has shrunk again.  So
    a court is shut where it is while the ground is grown, for there the two overlap; and walls thinner than a slit are no
    ground.  A step of some centimetres makes a mitre of any direction, so steps within the tolerance are smoothed first.
    """
    # The tolerance on top, so that a lane of just that width closes too.
    reach = width_m / 2 + tolerance_m
    slit = 2 * _SMOOTHED * reach

    def shrunk(grown: Shapes) -> Shapes:
        return _offset(_offset(grown, -reach - slit), slit)

    grown = shapely.simplify(_offset(shapely.simplify(outlines, tolerance_m), reach), tolerance_m)
    # A sharp corner may lose its tip on the way back; no parcel's ground is lost.
    whole = _with(shrunk(grown), outlines, slit)
    filled = fill_holes(whole)
    parts, owner = shapely.get_parts(grown, return_index=True)
    with_court = np.unique(owner[shapely.get_num_interior_rings(parts) > 0])
    filled[with_court] = _with(shrunk(fill_holes(grown[with_court])), filled[with_court], slit)
    return whole, filled


def _with(shrunk: Shapes, outlines: Shapes, slit_m: float) -> Shapes:
    """Both as one; GEOS smooths what it grows by up to a hundredth of the distance, and slits between them are closed."""
    whole = _polygons(shapely.union(shrunk, outlines))
    beside = shapely.area(whole) > shapely.area(shrunk) * (1 + _LAST_BITS)
    whole[beside] = _offset(_offset(whole[beside], slit_m), -slit_m)
    return whole


def _offset(shapes: Shapes, distance_m: float) -> Shapes:
    moved: Shapes = shapely.buffer(shapes, distance_m, join_style="mitre", mitre_limit=_MITRE)
    return moved


def _polygons(shapes: Shapes) -> Shapes:
    """Each shape without the lines and points that an overlay of edges which nearly coincide may leave beside its ground."""
    for at in np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(shapes[at])
        shapes[at] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return shapes


def ground_figures(outlines: Shapes, width_m: float, tolerance_m: float) -> tuple[Shapes, Floats, Floats]:
    """The outlines with lanes closed, and their elongation and compactness; large sets on every core at once.

    A court whose mouth is no wider than a lane is a hole.
    """

    def work(part: Shapes) -> tuple[Shapes, Floats, Floats]:
        ground, told, filled = part.copy(), part.copy(), part.copy()
        open_ones = np.flatnonzero(~convex_ground(part))
        frames = Frames.of(part[open_ones])
        told[open_ones], filled[open_ones] = _closed(frames.within(part[open_ones]), width_m, tolerance_m)
        ground[open_ones] = frames.back(told[open_ones])
        return ground, elongations(told, filled), compactnesses(filled)

    if len(outlines) <= _AT_ONCE:
        return work(outlines)
    # GEOS works without Python's lock, so threads do.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        parts = pool.map(work, (outlines[start : start + _AT_ONCE] for start in range(0, len(outlines), _AT_ONCE)))
        ground, elongation, compactness = zip(*parts, strict=True)
    return as_shapes(np.concatenate(ground)), np.concatenate(elongation), np.concatenate(compactness)


def elongations(ground: Shapes, filled: Shapes | None = None) -> Floats:
    """L/W, at least 1, of the rectangle with each ground's area A and mean square depth m, to three places.

    With y = W/L, m/A = y/12 − y²/24, so y = 1 − √(1 − 24·m/A).  What is rounder than a square is deeper still: there it is 1.
    ``filled``: each ground with what counts as its holes filled (default: those that it has).
    """
    share = np.clip(24 * mean_square_depths(ground, filled) / shapely.area(ground), 0.0, 1.0)
    # 1 − √(1 − s) written so that nothing cancels where a belt is very long.
    elongation: Floats = np.round((1 + np.sqrt(1 - share)) / share, _PLACES)
    return elongation


def mean_square_depths(ground: Shapes, filled: Shapes | None = None) -> Floats:
    """The mean over each ground of the squared distance to its outer edge, in the squared unit of its coordinates.

    ∫ 2t · area(what lies deeper than t) dt / area: exact where the ground is convex, else by Gauss's rule over layers from the
    edge to the deepest point.
    A hole is no edge: a block with one parcel missing is no belt, and the ground of a ring lies near the outer edge anyway.
    """
    mean: Floats = np.empty(len(ground))
    convex = convex_ground(ground)
    mean[convex] = convex_mean_square_depths(ground[convex])
    whole = fill_holes(ground[~convex]) if filled is None else filled[~convex]
    mean[~convex] = _peeled(ground[~convex], whole)
    return mean


def _peeled(ground: Shapes, filled: Shapes) -> Floats:
    deepest = shapely.length(shapely.maximum_inscribed_circle(filled))
    holed = np.flatnonzero(shapely.area(filled) > shapely.area(ground))
    total = np.zeros(len(ground))
    # Gauss's places lie inside: at the deepest point itself what is left of the ground is a matter of rounding.
    places, weights = np.polynomial.legendre.leggauss(_LAYERS)
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        core = shapely.buffer(filled, -deepest * place, quad_segs=_ARC)
        core[holed] = shapely.intersection(core[holed], ground[holed])
        total += weight * 2 * place * shapely.area(core)
    mean: Floats = total * np.square(deepest) / shapely.area(ground)
    return mean


def compactnesses(ground: Shapes) -> Floats:
    """Polsby and Popper's 4π·area/perimeter² of each ground with its holes filled, 0–1 (1 a disc), to three places.

    Polsby, D. D. and Popper, R. D. (1991), Yale Law & Policy Review 9(2).
    """
    filled = fill_holes(ground)
    compactness: Floats = np.round(4 * np.pi * shapely.area(filled) / np.square(shapely.length(filled)), _PLACES)
    return compactness


def fill_holes(shapes: Shapes) -> Shapes:
    """Each shape without its holes."""
    filled = shapes.copy()
    parts, owner = shapely.get_parts(shapes, return_index=True)
    holed = np.unique(owner[shapely.get_num_interior_rings(parts) > 0])
    for number in holed:
        rings = shapely.get_exterior_ring(parts[owner == number])
        filled[number] = shapely.union_all(shapely.polygons(rings))
    return as_shapes(filled)
