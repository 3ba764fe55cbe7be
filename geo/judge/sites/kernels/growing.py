"""Good sites, quickly: grown from a seed by what an area costs, then mended by exchanging a parcel or two.

``limits`` are groups of which a site may have no more than ``most``: (g, n) marks, (g,) numbers.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from geo.compiled import jit
from geo.judge.sites.kernels.walks import hangs_together

_FAR = 1e18


@jit
def _fits(limits, most, held, v):
    """Whether one more node keeps the limits."""
    fits = True
    for g in range(len(most)):
        fits &= not limits[g, v] or held[g] < most[g]
    return fits


@jit
def _way(start, near, weight, alive, inside, fixed):
    """The cheapest chain of nodes from the set to a fixed node outside it, as marks; False where there is none."""
    n = len(start) - 1
    cost = np.full(n, _FAR)
    came = np.full(n, -1, np.int64)
    done = np.zeros(n, np.bool_)
    for v in range(n):
        if inside[v]:
            cost[v] = 0.0
    mark = np.zeros(n, np.bool_)
    while True:
        u, least = -1, _FAR
        for v in range(n):
            if not done[v] and cost[v] < least:
                u, least = v, cost[v]
        if u < 0:
            return False, mark
        done[u] = True
        if fixed[u] and not inside[u]:
            while not inside[u]:
                mark[u] = True
                u = came[u]
            return True, mark
        for p in range(start[u], start[u + 1]):
            v = near[p]
            if alive[v] and not done[v] and least + weight[v] < cost[v]:
                cost[v] = least + weight[v]
                came[v] = u


@jit
def grow(start, near, area, weight, floor, ceiling, alive, fixed, limits, most, seed):
    """A site grown from ``seed``: the fixed nodes first, then whatever node, or node and one behind it, has the least weight
    for the area that is still wanting.  Marks, and whether it is a site.
    """
    n = len(start) - 1
    inside = np.zeros(n, np.bool_)
    held = np.zeros(len(most), np.int64)
    inside[seed] = True
    while True:
        missing = False
        for v in range(n):
            if fixed[v] and not inside[v]:
                missing = True
        if not missing:
            break
        found, mark = _way(start, near, weight, alive, inside, fixed)
        if not found:
            return inside, False
        inside |= mark
    total = 0
    for v in range(n):
        if inside[v]:
            total += area[v]
            for g in range(len(most)):
                held[g] += limits[g, v]
    for g in range(len(most)):
        if held[g] > most[g]:
            return inside, False
    while total <= floor:
        chosen, least = -1, _FAR
        wanting = float(floor - total + 1)
        for u in range(n):
            if not inside[u]:
                continue
            for p in range(start[u], start[u + 1]):
                v = near[p]
                if inside[v] or not alive[v] or total + area[v] > ceiling or not _fits(limits, most, held, v):
                    continue
                rate = weight[v] / max(min(float(area[v]), wanting), 1.0)
                for q in range(start[v], start[v + 1]):
                    w = near[q]
                    if alive[w] and not inside[w]:
                        both = float(area[v] + area[w])
                        rate = min(rate, (weight[v] + weight[w]) / max(min(both, wanting), 1.0))
                if rate < least:
                    chosen, least = v, rate
        if chosen < 0:
            return inside, False
        inside[chosen] = True
        total += area[chosen]
        for g in range(len(most)):
            held[g] += limits[g, chosen]
    return inside, total <= ceiling


@jit
def _within(limits, most, held, come_a, come_b, go_a, go_b):
    """Whether the limits are kept after up to two nodes have come and up to two have gone (-1: none)."""
    for g in range(len(most)):
        count = held[g]
        if come_a >= 0:
            count += limits[g, come_a]
        if come_b >= 0:
            count += limits[g, come_b]
        if go_a >= 0:
            count -= limits[g, go_a]
        if go_b >= 0:
            count -= limits[g, go_b]
        if count > most[g]:
            return False
    return True


@jit
def mend(start, near, area, cost, floor, ceiling, alive, fixed, limits, most, inside):
    """Exchange nodes, in place, as long as the cost falls: up to two come (one may lie behind the other), up to two go."""
    n = len(start) - 1
    members = np.empty(n, np.int64)
    stack = np.empty(n, np.int64)
    seen = np.zeros(n, np.int64)
    comers = np.empty(n, np.int64)
    stamp = 0
    while True:
        count, total = 0, 0
        held = np.zeros(len(most), np.int64)
        for v in range(n):
            if inside[v]:
                members[count] = v
                count += 1
                total += area[v]
                for g in range(len(most)):
                    held[g] += limits[g, v]
        waiting = 0
        for q in range(count):
            for p in range(start[members[q]], start[members[q] + 1]):
                v = near[p]
                if alive[v] and not inside[v]:
                    known = False
                    for k in range(waiting):
                        if comers[k] == v:
                            known = True
                            break
                    if not known:
                        comers[waiting] = v
                        waiting += 1
        gain = 0
        come_a, come_b, go_a, go_b = -1, -1, -1, -1
        for first in range(-1, waiting):
            a = comers[first] if first >= 0 else -1
            tries = 1
            if a >= 0:
                tries += start[a + 1] - start[a]
            for second in range(tries):
                b = -1
                if second > 0:
                    b = near[start[a] + second - 1]
                    if inside[b] or not alive[b]:
                        continue
                more, price, now = 0, 0, count
                if a >= 0:
                    inside[a] = True
                    members[now] = a
                    now += 1
                    more, price = area[a], cost[a]
                if b >= 0:
                    inside[b] = True
                    members[now] = b
                    now += 1
                    more += area[b]
                    price += cost[b]
                for i in range(count):
                    u = members[i]
                    if fixed[u]:
                        continue
                    for j in range(i, count):
                        w = members[j] if j > i else -1
                        if w >= 0 and fixed[w]:
                            continue
                        saved = cost[u] + (cost[w] if w >= 0 else 0) - price
                        left = total + more - area[u] - (area[w] if w >= 0 else 0)
                        if saved <= gain or left <= floor or left > ceiling:
                            continue
                        if not _within(limits, most, held, a, b, u, w):
                            continue
                        stamp += 1
                        if hangs_together(start, near, members, now, inside, u, w, seen, stamp, stack):
                            gain = saved
                            come_a, come_b, go_a, go_b = a, b, u, w
                if a >= 0:
                    inside[a] = False
                if b >= 0:
                    inside[b] = False
        if gain <= 0:
            return
        for v in (come_a, come_b):
            if v >= 0:
                inside[v] = True
        for v in (go_a, go_b):
            if v >= 0:
                inside[v] = False
