"""The union of the shapes of each group, quick where they tile and right where they do not.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

#: shapes that are united at once: a resolution.  Edges inside such a piece are gone before pieces are put together.
_PIECE = 256
#: how far, as a share, areas may differ by rounding alone
_ROUNDING = 1e-9


def as_shapes(shapes: Iterable[Any]) -> Shapes:
    """Shapes as a one-dimensional array, multi-part ones as one entry each."""
    listed = list(shapes)
    array: Shapes = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def dissolved(shapes: Shapes, label: Ints, count: int) -> Shapes:
    """The union of the polygons of each of ``count`` groups; ``label`` (n,) says which group a shape is of.

    A group that tiles (edges coincide corner by corner) is united by taking the edges away that occur twice; where the
    outcome is not sound or its area not the sum (overlaps, T-junctions, gaps), by a full overlay.  A group of one shape is
    that shape; a group without any is ``None``.
    """
    united: Shapes = np.empty(count, dtype=object)
    while True:
        size = np.bincount(label, minlength=count)
        alone = size[label] == 1
        united[label[alone]] = shapes[alone]
        shapes, label = shapes[~alone], label[~alone]
        if not len(label):
            return united
        order = _by_place(shapes, label)
        shapes, label = shapes[order], label[order]
        start = np.flatnonzero(np.r_[True, label[1:] != label[:-1]])
        run = np.diff(np.r_[start, len(label)])
        within = np.arange(len(label)) - np.repeat(start, run)
        piece = np.cumsum(within % _PIECE == 0) - 1
        shapes, label = _pieces(shapes, piece), label[within % _PIECE == 0]


def _by_place(shapes: Shapes, label: Ints) -> Ints:
    """An order by group, and within each along strips as wide as pieces are, so that a piece is one patch of ground."""
    xmin, ymin, xmax, ymax = shapely.bounds(shapes).T
    x, y = (xmin + xmax) / 2, (ymin + ymax) / 2
    # As many strips as a square of pieces has, over the typical size of one shape.
    strip = np.floor(y / max(float(np.median(ymax - ymin)) * np.sqrt(_PIECE), np.finfo(float).tiny))
    order: Ints = np.lexsort((x, strip, label))
    return order


def _pieces(shapes: Shapes, piece: Ints) -> Shapes:
    """The union of each piece; pieces are numbered from 0 in rising order of rows."""
    count = int(piece[-1]) + 1
    size = np.bincount(piece, minlength=count)
    start = np.cumsum(size) - size
    united: Shapes = np.empty(count, dtype=object)
    width = 1
    while width < 2 * _PIECE:
        chosen = np.flatnonzero((size > width // 2) & (size <= width))
        if len(chosen):
            column = np.arange(width)
            rows = start[chosen, None] + np.minimum(column, size[chosen, None] - 1)
            table: Shapes = shapes[rows]
            table[column >= size[chosen, None]] = None
            united[chosen] = _united(table)
        width *= 2
    return united


def _united(table: Shapes) -> Shapes:
    """The union of each row of shapes, ``None`` among them being nothing; (k, w) to (k,)."""
    if table.shape[1] == 1:
        alone: Shapes = table[:, 0]
        return alone
    whole = np.nansum(shapely.area(table), axis=1)
    try:
        quick: Shapes = shapely.coverage_union_all(table, axis=1)
        sound = shapely.is_valid(quick) & (np.abs(shapely.area(quick) - whole) <= _ROUNDING * whole)
    except shapely.GEOSException:
        # One row that cannot be tiled at all stops the whole call: then each goes the slow way.
        quick, sound = as_shapes([None] * len(table)), np.zeros(len(table), dtype=bool)
    if not sound.all():
        quick[~sound] = shapely.union_all(table[~sound], axis=1)
    return quick
