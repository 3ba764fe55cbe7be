"""The depth of convex ground, exactly and for many shapes at once.  Pure.

Ground that is convex stays convex while its edge moves inwards by t.  Each corner with turning angle φ takes t·tan(φ/2) off
both edges that meet there, so area(t) = area − perimeter·t + t²·Σ tan(φ/2), until the first edge has no length left; then its
two corners are one, turning by the sum of both angles, and it goes on.  Lengths and angles are all that has to be known.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]

#: how far, as a share, numbers may differ by rounding alone
_ROUNDING = 1e-12
#: shapes with more corners than this are left to the general way: each corner costs one more step
_MOST_CORNERS = 64


def convex_ground(ground: Shapes) -> Bools:
    """Which shapes are convex polygons (straight angles allowed) of few corners without holes."""
    found: Bools = (
        (shapely.get_type_id(ground) == shapely.GeometryType.POLYGON)
        & (shapely.get_num_interior_rings(ground) == 0)
        & (shapely.get_num_coordinates(ground) <= _MOST_CORNERS + 1)
        & (shapely.area(ground) > 0)
    )
    for chosen, corners in _by_corners(ground, np.flatnonzero(found)):
        lengths, angles = _edges(corners)
        turned = (angles >= -_ROUNDING) & (angles < np.pi)
        # Once round: a star turns the same way at every corner, too.
        once = np.abs(angles.sum(axis=1) - 2 * np.pi) < 1e-6
        found[chosen] = turned.all(axis=1) & (lengths > 0).all(axis=1) & once
    return found


def convex_mean_square_depths(ground: Shapes) -> Floats:
    """The mean squared distance to the edge over each shape, in the squared unit of its coordinates; all are convex."""
    mean: Floats = np.empty(len(ground))
    area = shapely.area(ground)
    for chosen, corners in _by_corners(ground, np.arange(len(ground))):
        mean[chosen] = _integral(*_edges(corners), area[chosen]) / area[chosen]
    return mean


def _integral(lengths: Floats, angles: Floats, area: Floats) -> Floats:
    """∫ 2t·area(t) dt of shapes with edge lengths (k, n) and turning angles at each edge's end (k, n)."""
    total, depth, left = np.zeros(len(area)), np.zeros(len(area)), area.copy()
    going = np.ones(len(area), dtype=bool)
    rows = np.arange(len(area))
    while lengths.shape[1] >= 3 and going.any():
        with np.errstate(divide="ignore", invalid="ignore"):
            tangent = np.tan(angles / 2)
            rate = tangent + np.roll(tangent, 1, axis=1)
            gone = np.where(rate > 0, lengths / rate, np.inf)
            first = gone.argmin(axis=1)
            step = np.where(going, gone[rows, first], 0.0)
            step = np.where(np.isfinite(step), np.maximum(step, 0.0), 0.0)
            around, bend = lengths.sum(axis=1), tangent.sum(axis=1)
            # ∫₀ˢ 2(d + x)(A − p·x + c·x²) dx
            piece = (
                2 * depth * left * step
                + (left - depth * around) * step**2
                + 2 * (depth * bend - around) * step**3 / 3
                + bend * step**4 / 2
            )
            total += np.where(going, piece, 0.0)
            left = np.where(going, left - around * step + bend * step**2, left)
            depth = depth + step
            lengths = lengths - step[:, None] * rate
        # The edge goes; the corner at its start takes up the angle of the corner at its end.
        merged = angles[rows, first - 1] + angles[rows, first]
        angles = angles.copy()
        angles[rows, first - 1] = merged
        kept = np.arange(lengths.shape[1])[None, :] != first[:, None]
        shape = (len(area), lengths.shape[1] - 1)
        lengths, angles = np.maximum(lengths[kept].reshape(shape), 0.0), angles[kept].reshape(shape)
        # Two edges that run the same line or towards each other enclose nothing any more.
        going &= (left > _ROUNDING * area) & (merged < np.pi - _ROUNDING)
    return total


def _by_corners(ground: Shapes, rows: npt.NDArray[np.int64]) -> list[tuple[npt.NDArray[np.int64], Floats]]:
    """The rows by number of corners, each group with its corners anticlockwise: (rows, (k, n, 2)); all are single rings."""
    groups = []
    count = shapely.get_num_coordinates(ground[rows])
    for number in np.unique(count):
        chosen = rows[count == number]
        corners = shapely.get_coordinates(ground[chosen]).reshape(len(chosen), number, 2)[:, :-1]
        corners = corners - corners[:, :1]  # near the origin: products of coordinates of a city lose the centimetres
        x, y = corners[..., 0], corners[..., 1]
        clockwise = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1) < 0
        corners[clockwise] = corners[clockwise, ::-1]
        groups.append((chosen, corners))
    return groups


def _edges(corners: Floats) -> tuple[Floats, Floats]:
    """The length of each edge, and by how much the way turns at its end."""
    edge = np.roll(corners, -1, axis=1) - corners
    after = np.roll(edge, -1, axis=1)
    cross = edge[..., 0] * after[..., 1] - edge[..., 1] * after[..., 0]
    return np.hypot(edge[..., 0], edge[..., 1]), np.arctan2(cross, (edge * after).sum(axis=2))
