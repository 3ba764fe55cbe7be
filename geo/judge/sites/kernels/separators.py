"""Separators that a fractional answer breaks: sets N with x(N) < x(v), though every site with v needs one of N."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from geo.compiled import jit

#: capacity of what cannot be cut, and how small a rest of capacity is nothing
_WHOLE = 1e9
_NOTHING = 1e-9
#: added to each node's capacity, so that of equally cheap separators the one of fewest nodes is found
_CREEP = 1e-7
#: how many separators are looked for behind one another for one node
_NESTED = 4


@jit
def network(start, near):
    """The arcs by which flow runs: node v is 2v (in) → 2v + 1 (out), arc 2v; an edge runs out → in, both ways.

    ``head`` (each arc beside its return arc), ``ptr`` and ``arcs`` (the arcs that leave each end).
    """
    n = len(start) - 1
    m = n + len(near)
    head = np.empty(2 * m, np.int64)
    tail = np.empty(2 * m, np.int64)
    for v in range(n):
        tail[2 * v], head[2 * v] = 2 * v, 2 * v + 1
        tail[2 * v + 1], head[2 * v + 1] = 2 * v + 1, 2 * v
    k = 2 * n
    for u in range(n):
        for p in range(start[u], start[u + 1]):
            tail[k], head[k] = 2 * u + 1, 2 * near[p]
            tail[k + 1], head[k + 1] = 2 * near[p], 2 * u + 1
            k += 2
    ptr = np.zeros(2 * n + 1, np.int64)
    for e in range(2 * m):
        ptr[tail[e] + 1] += 1
    for i in range(2 * n):
        ptr[i + 1] += ptr[i]
    fill = ptr.copy()
    arcs = np.empty(2 * m, np.int64)
    for e in range(2 * m):
        arcs[fill[tail[e]]] = e
        fill[tail[e]] += 1
    return head, ptr, arcs


@jit
def _flow(n, head, ptr, arcs, cap, came, queue, sources, target, enough):
    """Push flow from the sources to the target until it is enough or no way is left; the flow (Edmonds and Karp)."""
    goal = 2 * target
    flow = 0.0
    while flow < enough:
        came[:] = -1
        tail = 0
        for i in range(n):
            if sources[i]:
                came[2 * i + 1] = -2
                queue[tail] = 2 * i + 1
                tail += 1
        front, found = 0, False
        while front < tail and not found:
            u = queue[front]
            front += 1
            for p in range(ptr[u], ptr[u + 1]):
                e = arcs[p]
                v = head[e]
                if cap[e] > _NOTHING and came[v] == -1:
                    came[v] = e
                    if v == goal:
                        found = True
                        break
                    queue[tail] = v
                    tail += 1
        if not found:
            break
        least = _WHOLE
        v = goal
        while came[v] != -2:
            least = min(least, cap[came[v]])
            v = head[came[v] ^ 1]
        v = goal
        while came[v] != -2:
            cap[came[v]] -= least
            cap[came[v] ^ 1] += least
            v = head[came[v] ^ 1]
        flow += least
    return flow


@jit
def _cut_at_target(n, head, ptr, arcs, cap, came, queue, target, alive, inside):
    """The least cut that lies nearest to the target, as marks in ``inside``: 1 what it parts off, 2 the cut itself."""
    came[:] = -1
    came[2 * target] = 0
    queue[0] = 2 * target
    front, tail = 0, 1
    while front < tail:
        u = queue[front]
        front += 1
        for p in range(ptr[u], ptr[u + 1]):
            e = arcs[p]
            v = head[e]
            if cap[e ^ 1] > _NOTHING and came[v] == -1 and alive[v // 2]:
                came[v] = 0
                queue[tail] = v
                tail += 1
    for i in range(n):
        inside[i] = 0
        if came[2 * i] == 0:
            inside[i] = 1
        elif came[2 * i + 1] == 0:
            inside[i] = 2


@jit
def _cut_at_sources(n, head, ptr, arcs, cap, came, queue, sources, alive, inside):
    """The least cut that lies nearest to the sources, marked in the same way."""
    came[:] = -1
    front, tail = 0, 0
    for i in range(n):
        if sources[i]:
            came[2 * i + 1] = 0
            queue[tail] = 2 * i + 1
            tail += 1
    while front < tail:
        u = queue[front]
        front += 1
        for p in range(ptr[u], ptr[u + 1]):
            e = arcs[p]
            v = head[e]
            if cap[e] > _NOTHING and came[v] == -1 and alive[v // 2]:
                came[v] = 0
                queue[tail] = v
                tail += 1
    for i in range(n):
        inside[i] = 1 if alive[i] and not sources[i] else 0
        if came[2 * i + 1] == 0:
            inside[i] = 0
        elif came[2 * i] == 0:
            inside[i] = 2


@jit
def rooted(start, near, head, ptr, arcs, x, alive, sources, least, most, heads, ends, members):
    """Separators between the sources (what is fixed and holds together with the root) and nodes v, with x(N) < x(v) − least.

    By a largest flow to each v among the living; for each the cut near v and the cut near the sources, and further ones
    behind them.  Writes v into ``heads``, N into ``members`` up to ``ends``; returns how many.
    """
    n = len(start) - 1
    cap = np.empty(len(head))
    came = np.empty(2 * n, np.int64)
    queue = np.empty(2 * n, np.int64)
    inside = np.empty(n, np.int64)
    beside = np.zeros(n, np.bool_)
    for u in range(n):
        if sources[u]:
            for p in range(start[u], start[u + 1]):
                beside[near[p]] = True
    room = x.copy()
    order = np.argsort(-x)
    count, used = 0, 0
    for q in range(n):
        t = order[q]
        if x[t] < least:
            break
        if sources[t] or beside[t] or not alive[t]:
            continue
        for _ in range(_NESTED):
            for i in range(n):
                cap[2 * i] = (_WHOLE if sources[i] else room[i] + _CREEP) if alive[i] else 0.0
                cap[2 * i + 1] = 0.0
            cap[2 * t] = _WHOLE
            for e in range(n, len(head) // 2):
                cap[2 * e] = _WHOLE
                cap[2 * e + 1] = 0.0
            if _flow(n, head, ptr, arcs, cap, came, queue, sources, t, x[t] - least) >= x[t] - least:
                break
            first = used
            for side in range(2):
                if side == 0:
                    _cut_at_target(n, head, ptr, arcs, cap, came, queue, t, alive, inside)
                else:
                    _cut_at_sources(n, head, ptr, arcs, cap, came, queue, sources, alive, inside)
                k = used
                for i in range(n):
                    if inside[i] == 2:
                        members[k] = i
                        k += 1
                if side == 1 and k - used == used - first:
                    same = True
                    for j in range(k - used):
                        if members[first + j] != members[used + j]:
                            same = False
                    if same:
                        break
                heads[count] = t
                used = k
                ends[count] = used
                count += 1
                if count >= most:
                    return count
            for j in range(first, used):
                room[members[j]] = 1.0
    return count


@jit
def unrooted(start, near, area, floor, x, alive, least, most, heads, ends, members):
    """The same where nothing is fixed: N parts from the rest a set round v that falls to the floor, so no site lies in it.

    The set grows from v by whichever neighbour leaves least of x around it, as long as it stays at or under the floor.
    """
    n = len(start) - 1
    order = np.argsort(-x)
    state = np.empty(n, np.int64)
    best = np.empty(n, np.int64)
    count, used = 0, 0
    for q in range(n):
        t = order[q]
        if x[t] < least:
            break
        state[:] = 0
        state[t] = 1
        inside, around = area[t], 0.0
        for p in range(start[t], start[t + 1]):
            if alive[near[p]] and state[near[p]] == 0:
                state[near[p]] = 2
                around += x[near[p]]
        widest, size = least, -1
        while inside <= floor:
            if x[t] - around > widest:
                widest, size = x[t] - around, 0
                for i in range(n):
                    if state[i] == 2:
                        best[size] = i
                        size += 1
            chosen, lowest = -1, 1e18
            for u in range(n):
                if state[u] == 2:
                    change = -x[u]
                    for p in range(start[u], start[u + 1]):
                        if alive[near[p]] and state[near[p]] == 0:
                            change += x[near[p]]
                    if change < lowest:
                        lowest, chosen = change, u
            if chosen < 0:
                break
            around += lowest
            state[chosen] = 1
            inside += area[chosen]
            for p in range(start[chosen], start[chosen + 1]):
                if alive[near[p]] and state[near[p]] == 0:
                    state[near[p]] = 2
        if size >= 0:
            members[used : used + size] = best[:size]
            used += size
            heads[count] = t
            ends[count] = used
            count += 1
            if count >= most:
                return count
    return count
