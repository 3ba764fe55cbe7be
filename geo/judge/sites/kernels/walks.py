"""Walks over a graph given as ``start`` (n + 1) and ``near`` (its neighbours, each edge both ways)."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from geo.compiled import jit


@jit
def reach(start, near, alive, source, label, value, stack):
    """Write ``value`` into ``label`` at every living node that can be reached from ``source``; that many nodes."""
    label[source] = value
    stack[0] = source
    top, count = 1, 1
    while top > 0:
        top -= 1
        u = stack[top]
        for p in range(start[u], start[u + 1]):
            v = near[p]
            if alive[v] and label[v] != value:
                label[v] = value
                stack[top] = v
                top += 1
                count += 1
    return count


@jit
def components(start, near, alive):
    """The component of each node among the living, numbered from 0 by their first node; -1 for the others."""
    n = len(start) - 1
    label = np.full(n, -1, np.int64)
    stack = np.empty(n, np.int64)
    count = 0
    for v in range(n):
        if alive[v] and label[v] < 0:
            reach(start, near, alive, v, label, count, stack)
            count += 1
    return label, count


@jit
def hangs_together(start, near, members, count, inside, skip_a, skip_b, seen, stamp, stack):
    """Whether the first ``count`` of ``members``, without two of them (or -1), can all be walked to from one another."""
    first, wanted = -1, 0
    for q in range(count):
        v = members[q]
        if v != skip_a and v != skip_b:
            wanted += 1
            if first < 0:
                first = v
    if first < 0:
        return False
    seen[first] = stamp
    stack[0] = first
    top, found = 1, 1
    while top > 0:
        top -= 1
        u = stack[top]
        for p in range(start[u], start[u + 1]):
            v = near[p]
            if inside[v] and v != skip_a and v != skip_b and seen[v] != stamp:
                seen[v] = stamp
                stack[top] = v
                top += 1
                found += 1
    return found == wanted


@jit
def settle(start, near, area, floor, low, up, root):
    """Close what no site can have and fix what every site must have, in place; False where no site is left.

    ``low`` and ``up`` are 0 or 1 for each node.  With a root (≥ 0) only what it reaches stays; a node is fixed where the
    root would lose a fixed node or fall to the floor without it.  Without one, components that fall short are closed.
    """
    n = len(start) - 1
    alive = up > 0.5
    if root < 0:
        label, count = components(start, near, alive)
        total = np.zeros(count, np.int64)
        for v in range(n):
            if alive[v]:
                total[label[v]] += area[v]
        left = False
        for v in range(n):
            if alive[v]:
                if total[label[v]] <= floor:
                    up[v] = 0.0
                    if low[v] > 0.5:
                        return False
                else:
                    left = True
        return left
    if not alive[root]:
        return False
    label = np.full(n, -1, np.int64)
    stack = np.empty(n, np.int64)
    reach(start, near, alive, root, label, 0, stack)
    total_here = 0
    for v in range(n):
        if alive[v]:
            if label[v] == 0:
                total_here += area[v]
            else:
                if low[v] > 0.5:
                    return False
                up[v] = 0.0
                alive[v] = False
    if total_here <= floor:
        return False
    value = 1
    for v in range(n):
        if alive[v] and low[v] < 0.5:
            alive[v] = False
            reach(start, near, alive, root, label, value, stack)
            reached, lost = 0, False
            for u in range(n):
                if alive[u]:
                    if label[u] == value:
                        reached += area[u]
                    elif low[u] > 0.5:
                        lost = True
                        break
            if lost or reached <= floor:
                low[v] = 1.0
            alive[v] = True
            value += 1
    return True
