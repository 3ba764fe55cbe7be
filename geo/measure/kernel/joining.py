"""Which parcels hang together, without typing every pair: a pair is looked at only while its two are not joined yet.

Pairs come in the order of the ground and are dealt out to as many hands as there are processors, a stretch of them to each.
Each joins what its own pairs join, and that is put together afterwards: what hangs together does not depend on who found it.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numba
import numpy as np

from geo.measure.kernel.barriers import near_areas, near_segments
from geo.measure.kernel.contact import common, contact, cut_contact, is_parted, may_be_across
from geo.measure.kernel.facing import between, is_faced
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
def numbered(parent, order):
    """The number of each one's set, in the order of each set's first; ``order`` (n,) says which each place of ``parent`` is."""
    n = len(parent)
    place, number, label = np.empty(n, dtype=np.int64), np.full(n, -1, dtype=np.int64), np.empty(n, dtype=np.int64)
    for at in range(n):
        place[order[at]] = at
    count = 0
    for v in range(n):
        known_by = root(parent, place[v])
        if number[known_by] < 0:
            number[known_by] = count
            count += 1
        label[v] = number[known_by]
    return label


@jit
def _put_together(parent, parents):
    for hand in range(len(parents)):
        for v in range(len(parent)):
            if parents[hand, v] != v:
                unite(parent, v, parents[hand, v])


@jit
def _once_each(parent, hands):
    """What hangs together so far, once for each hand."""
    parents = np.empty((hands, len(parent)), dtype=np.int64)
    for hand in range(hands):
        parents[hand] = parent
    return parents


@numba.njit(cache=True, nogil=True, parallel=True)
def over_edges(land, walls, a, b, tolerance, least_edge, least_front, parent, hands):
    """Join the pairs that share an edge; which of the rest GEOS has to look at, since they may be drawn across each other.

    ``a`` and ``b`` are the pairs whose boxes are within the tolerance; ``parent`` (n,) is changed.
    """
    asked = np.zeros(len(a), dtype=np.bool_)
    parents = _once_each(parent, hands)
    for hand in numba.prange(hands):
        for p in range(len(a) * hand // hands, len(a) * (hand + 1) // hands):
            one, other = np.int64(a[p]), np.int64(b[p])
            if root(parents[hand], one) == root(parents[hand], other):
                continue
            length, segment, low, high = contact(land, one, other, tolerance)
            xmin, ymin, xmax, ymax = common(land.bounds, one, other, 2 * tolerance)
            near, areas = near_segments(walls, xmin, ymin, xmax, ymax), near_areas(walls, xmin, ymin, xmax, ymax)
            is_edge = length >= least_edge
            if is_edge and len(near) + len(areas) == 0:
                unite(parents[hand], one, other)
            elif may_be_across(land, one, other, tolerance):
                asked[p] = True
            elif is_edge:
                taken = np.zeros(len(walls.is_area))
                cut = cut_contact(land, segment, low, high, walls, near, areas, tolerance, taken)
                if not is_parted(length, max(length - cut, 0.0), least_edge, least_front):
                    unite(parents[hand], one, other)
    _put_together(parent, parents)
    return asked


@numba.njit(cache=True, nogil=True, parallel=True)
def over_lanes(
    land, walls, lattice, a, b, closed,
    tolerance, least_edge, least_front, width, step, parent, hands,
):  # fmt: skip
    """Join the pairs that face each other over a lane.

    ``a`` and ``b`` are the pairs whose boxes are within ``width``; ``lattice`` is the grid in which the parcels lie;
    ``closed`` are the pairs, as a·n + b and rising, whose edge something parts, as GEOS has found.
    """
    bounds = land.bounds
    n = len(bounds)
    cell, x0, y0, nx, ny, cell_first, cell_rows = lattice
    parents = _once_each(parent, hands)
    for hand in numba.prange(hands):
        for p in range(len(a) * hand // hands, len(a) * (hand + 1) // hands):
            one, other = np.int64(a[p]), np.int64(b[p])
            if root(parents[hand], one) == root(parents[hand], other):
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
            if is_faced(land, walls, parcels, one, other, width, step, tolerance, least_front):
                unite(parents[hand], one, other)
    _put_together(parent, parents)
