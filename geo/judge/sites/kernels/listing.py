"""Every minimal connected set over a floor of area, each once."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from geo.compiled import jit
from geo.judge.sites.kernels.walks import hangs_together


@jit
def _is_minimal(start, near, area, floor, fixed, members, count, total, inside, seen, stamp, stack):
    for q in range(count):
        v = members[q]
        if fixed[v] or total - area[v] <= floor:
            continue
        stamp[0] += 1
        if hangs_together(start, near, members, count, inside, v, -1, seen, stamp[0], stack):
            return False
    return True


@jit
def minimal_sets(start, near, area, floor, ceiling, fixed, root, most_found, most_walked):
    """All minimal sets: (flat members, their ends, how many, connected sets walked, whether the list is whole).

    Connected sets are walked each once: from their lowest node (or the root) by neighbours, a node that was passed over
    staying out.  A set is left as soon as it is over the floor and has all fixed nodes, for nothing that holds it is minimal.
    """
    n = len(start) - 1
    n_fixed = 0
    for v in range(n):
        n_fixed += fixed[v]
    ends = np.empty(1024, np.int64)
    flat = np.empty(16384, np.int64)
    found, used, walked = 0, 0, 0
    inside = np.zeros(n, np.bool_)
    known = np.zeros(n, np.bool_)
    members = np.empty(n, np.int64)
    stack = np.empty(n, np.int64)
    seen = np.zeros(n, np.int64)
    stamp = np.zeros(1, np.int64)
    # Of each depth: which open node is next, where they end, and from where on they are those that it made known.
    place = np.empty(n + 2, np.int64)
    end = np.empty(n + 2, np.int64)
    fresh = np.empty(n + 2, np.int64)
    waiting = np.empty((n + 2) * (n + 1) // 2 + n, np.int64)
    for first in range(n):
        if root >= 0 and first != root:
            continue
        known[:] = False
        if root < 0:
            known[:first] = True
        known[first] = True
        depth = 0
        waiting[0] = first
        place[0], end[0], fresh[0] = 0, 1, 1
        count, total, has = 0, 0, 0
        while depth >= 0:
            if place[depth] >= end[depth]:
                # All below is done: what this depth made known is unknown again, and its last member goes.
                for q in range(fresh[depth], end[depth]):
                    known[waiting[q]] = False
                depth -= 1
                if depth >= 0:
                    count -= 1
                    v = members[count]
                    inside[v] = False
                    total -= area[v]
                    has -= fixed[v]
                continue
            v = waiting[place[depth]]
            place[depth] += 1
            if total + area[v] > ceiling:
                continue
            walked += 1
            if walked > most_walked:
                return flat[:used], ends[:found], found, walked, False
            members[count] = v
            count += 1
            inside[v] = True
            total += area[v]
            has += fixed[v]
            if total > floor and has == n_fixed:
                if _is_minimal(start, near, area, floor, fixed, members, count, total, inside, seen, stamp, stack):
                    if found >= most_found:
                        return flat[:used], ends[:found], found, walked, False
                    if found == len(ends):
                        ends = np.concatenate((ends, np.empty(found, np.int64)))
                    while used + count > len(flat):
                        flat = np.concatenate((flat, np.empty(len(flat), np.int64)))
                    flat[used : used + count] = members[:count]
                    used += count
                    ends[found] = used
                    found += 1
                count -= 1
                inside[v] = False
                total -= area[v]
                has -= fixed[v]
                continue
            # One deeper: the nodes that still wait here, and those that v makes known.
            after = end[depth]
            depth += 1
            k = after
            for q in range(place[depth - 1], end[depth - 1]):
                waiting[k] = waiting[q]
                k += 1
            fresh[depth] = k
            for p in range(start[v], start[v + 1]):
                if not known[near[p]]:
                    known[near[p]] = True
                    waiting[k] = near[p]
                    k += 1
            place[depth], end[depth] = after, k
    return flat[:used], ends[:found], found, walked, True
