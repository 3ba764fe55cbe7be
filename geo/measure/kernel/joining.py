"""Which parcels hang together, without typing every pair: a pair is looked at only while its two are not joined yet."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from geo.measure.kernel.barriers import near_areas, near_segments
from geo.measure.kernel.contact import common, contact, cut_contact, is_parted, may_be_across
from geo.measure.kernel.facing import between, both_ways
from geo.measure.kernel.pairs import gap, near_rows
from geo.measure.kernel.plane import jit


@jit
def root(parent, v):
    """The one by which the set of v is known; ways to it are halved on the way."""
    while parent[v] != v:
        parent[v] = parent[parent[v]]
        v = parent[v]
    return v


@jit
def unite(parent, a, b):
    """Make the sets of a and b one, known by the lesser of the two."""
    one, other = root(parent, a), root(parent, b)
    if one < other:
        parent[other] = one
    else:
        parent[one] = other


@jit
def unite_all(parent, a, b):
    """Make the sets of each pair one."""
    for p in range(len(a)):
        unite(parent, a[p], b[p])


@jit
def numbered(parent):
    """The number of each one's set, in the order of each set's first."""
    label = np.empty(len(parent), dtype=np.int64)
    count = 0
    for v in range(len(parent)):
        if root(parent, v) == v:  # the least of its set, so it comes first
            label[v] = count
            count += 1
        else:
            label[v] = label[root(parent, v)]
    return label


@jit
def over_edges(land, walls, a, b, tolerance, least_edge, least_front, parent):
    """Join the pairs that share an edge; which of the rest GEOS has to look at, since they may be drawn across each other.

    ``a`` and ``b`` are the pairs whose boxes are within the tolerance; ``parent`` (n,) is changed.
    """
    asked = np.zeros(len(a), dtype=np.bool_)
    for p in range(len(a)):
        one, other = np.int64(a[p]), np.int64(b[p])
        if root(parent, one) == root(parent, other):
            continue
        length, segment, low, high = contact(land, one, other, tolerance)
        xmin, ymin, xmax, ymax = common(land.bounds, one, other, 2 * tolerance)
        near, areas = near_segments(walls, xmin, ymin, xmax, ymax), near_areas(walls, xmin, ymin, xmax, ymax)
        is_edge = length >= least_edge
        if is_edge and len(near) + len(areas) == 0:
            unite(parent, one, other)
        elif may_be_across(land, one, other, tolerance):
            asked[p] = True
        elif is_edge:
            taken = np.zeros(len(walls.is_area))
            cut = cut_contact(land, segment, low, high, walls, near, areas, tolerance, taken)
            if not is_parted(length, max(length - cut, 0.0), least_edge, least_front):
                unite(parent, one, other)
    return asked


@jit
def over_lanes(
    land, walls, lattice, a, b, closed,
    tolerance, least_edge, least_front, width, step, parent,
):  # fmt: skip
    """Join the pairs that face each other over a lane.

    ``a`` and ``b`` are the pairs whose boxes are within ``width``; ``lattice`` is the grid in which the parcels lie;
    ``closed`` are the pairs, as a·n + b and rising, whose edge something parts, as GEOS has found.
    """
    bounds = land.bounds
    n = len(bounds)
    cell, x0, y0, nx, ny, cell_first, cell_rows = lattice
    for p in range(len(a)):
        one, other = np.int64(a[p]), np.int64(b[p])
        if root(parent, one) == root(parent, other):
            continue
        apart = gap(land, one, other, width)
        if apart == np.inf:
            continue
        if apart <= tolerance:
            key = one * n + other
            at = np.searchsorted(closed, key)
            if at < len(closed) and closed[at] == key:
                continue
            if contact(land, one, other, tolerance)[0] >= least_edge:
                continue  # an edge, and parted: else they would be joined
        xmin, ymin, xmax, ymax = between(bounds, one, other, width, tolerance)
        parcels = near_rows(bounds, cell, x0, y0, nx, ny, cell_first, cell_rows, xmin, ymin, xmax, ymax)
        free = both_ways(land, walls, parcels, parcels, one, other, width, step, tolerance)[1]
        if free >= least_front and free > 0.0:
            unite(parent, one, other)
