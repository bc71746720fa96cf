"""Hot loops of coverage: what a leg costs, who sees whom, shortest ways round corners.

A leg's cost is told by `rule`, (6,) float64: kind (0 length, 1 time with wind, 2 rest to rest), speed m/s,
wind east and north m/s, seconds per turn, acceleration m/s^2.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Num = Any  # a float; numpy's scalar functions have no narrower type
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Rows = tuple[Ints, Floats, float, bool, float, float, float, float]
Grid = tuple[Floats, Ints, Ints, Floats, float]
NOWHERE = 1e-12


@kernel
def leg_cost(dx: float, dy: float, rule: Floats) -> Num:
    """Cost of one straight leg (dx, dy), metres; infinite where the wind cannot be held."""
    length = np.sqrt(dx * dx + dy * dy)
    if length < NOWHERE:
        return 0.0
    if rule[0] == 0.0:
        return length
    if rule[0] == 1.0:
        along = (rule[2] * dx + rule[3] * dy) / length
        across = (rule[3] * dx - rule[2] * dy) / length
        held = rule[1] * rule[1] - across * across
        ground_speed = along + np.sqrt(max(held, 0.0))
        if held <= 0.0 or ground_speed <= 0.0:
            return np.inf
        return length / ground_speed + rule[4]
    ramp = rule[1] * rule[1] / rule[5]
    if length >= ramp:
        return length / rule[1] + rule[1] / rule[5]
    return 2.0 * np.sqrt(length / rule[5])


@kernel
def leg_costs(start: Floats, end: Floats, rule: Floats) -> Floats:
    """(n,) cost of the legs from start (n, 2) to end (n, 2)."""
    out = np.empty(len(start))
    for i in range(len(start)):
        out[i] = leg_cost(end[i, 0] - start[i, 0], end[i, 1] - start[i, 1], rule)
    return out


@kernel
def blocked(ax: float, ay: float, bx: float, by: float, e: Floats) -> bool:
    """Whether the segment from a to b meets the edge e = (x0, y0, x1, y1), touching included."""
    if max(ax, bx) < min(e[0], e[2]) or min(ax, bx) > max(e[0], e[2]):
        return False
    if max(ay, by) < min(e[1], e[3]) or min(ay, by) > max(e[1], e[3]):
        return False
    dx, dy = bx - ax, by - ay
    s = dx * (e[1] - ay) - dy * (e[0] - ax)
    t = dx * (e[3] - ay) - dy * (e[2] - ax)
    if (s > 0.0 and t > 0.0) or (s < 0.0 and t < 0.0):
        return False
    ex, ey = e[2] - e[0], e[3] - e[1]
    s = ex * (ay - e[1]) - ey * (ax - e[0])
    t = ex * (by - e[1]) - ey * (bx - e[0])
    return not ((s > 0.0 and t > 0.0) or (s < 0.0 and t < 0.0))


@kernel
def filed(walls: Floats, box: Floats, side: float) -> tuple[Ints, Ints]:
    """Walls (k, 4) by the squares of a grid they may touch: first (nx * ny + 1,) and items, both int64.

    Args:
        box: (4,) west, south and the counts nx, ny; side: of a square.
    """
    nx, ny = int(box[2]), int(box[3])
    first = np.zeros(nx * ny + 1, dtype=np.int64)
    items = np.empty(0, dtype=np.int64)
    for turn in range(2):
        if turn == 1:
            for c in range(nx * ny):
                first[c + 1] += first[c]
            items = np.empty(first[nx * ny], dtype=np.int64)
            put = first[:-1].copy()
        for k in range(len(walls)):
            w = walls[k]
            i0, i1 = int((min(w[0], w[2]) - box[0]) / side), int((max(w[0], w[2]) - box[0]) / side)
            j0, j1 = int((min(w[1], w[3]) - box[1]) / side), int((max(w[1], w[3]) - box[1]) / side)
            for j in range(max(j0, 0), min(j1, ny - 1) + 1):
                for i in range(max(i0, 0), min(i1, nx - 1) + 1):
                    if turn == 0:
                        first[j * nx + i + 1] += 1
                    else:
                        items[put[j * nx + i]] = k
                        put[j * nx + i] += 1
    return first, items


@kernel
def sees(
    ax: float,
    ay: float,
    bx: float,
    by: float,
    walls: Floats,
    first: Ints,
    items: Ints,
    box: Floats,
    side: float,
) -> bool:
    """Whether the straight leg from a to b meets no wall, looked up row by row in the grid of `filed`."""
    nx, ny = int(box[2]), int(box[3])
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    slack = 1e-9 * side
    j0 = max(int((ay - slack - box[1]) / side), 0)
    j1 = min(int((by + slack - box[1]) / side), ny - 1)
    for j in range(j0, j1 + 1):
        x0, x1 = ax, bx
        if j1 > j0 and by > ay:
            low = min(max((box[1] + j * side - ay) / (by - ay), 0.0), 1.0)
            high = min(max((box[1] + (j + 1) * side - ay) / (by - ay), 0.0), 1.0)
            x0, x1 = ax + low * (bx - ax), ax + high * (bx - ax)
        if x0 > x1:
            x0, x1 = x1, x0
        i0 = max(int((x0 - slack - box[0]) / side), 0)
        i1 = min(int((x1 + slack - box[0]) / side), nx - 1)
        for i in range(i0, i1 + 1):
            for k in range(first[j * nx + i], first[j * nx + i + 1]):
                if blocked(ax, ay, bx, by, walls[items[k]]):
                    return False
    return True


@kernel
def visible(p: Floats, q: Floats, walls: Floats, first: Ints, items: Ints, box: Floats, side: float) -> Bools:
    """(n, m) bool: whether the straight leg from p[i] to q[j] meets none of the walls (k, 4).

    Where p and q are equal only half of the pairs is looked at.
    """
    same = len(p) == len(q) and len(p) > 1 and np.all(p == q)
    out = np.ones((len(p), len(q)), dtype=np.bool_)
    if len(walls) == 0:
        return out
    for i in range(len(p)):
        for j in range(i + 1 if same else 0, len(q)):
            out[i, j] = sees(p[i, 0], p[i, 1], q[j, 0], q[j, 1], walls, first, items, box, side)
            if same:
                out[j, i] = out[i, j]
    return out


@kernel
def visible_each(
    p: Floats, q: Floats, walls: Floats, first: Ints, items: Ints, box: Floats, side: float
) -> Bools:
    """(n,) bool: whether the straight leg from p[i] to q[i] meets none of the walls."""
    out = np.ones(len(p), dtype=np.bool_)
    if len(walls) > 0:
        for i in range(len(p)):
            out[i] = sees(p[i, 0], p[i, 1], q[i, 0], q[i, 1], walls, first, items, box, side)
    return out


@kernel
def priced(p: Floats, q: Floats, seen: Bools, rule: Floats) -> Floats:
    """(n, m) cost of the straight legs from p[i] to q[j]; infinite where `seen` says no."""
    out = np.full((len(p), len(q)), np.inf)
    for i in range(len(p)):
        for j in range(len(q)):
            if seen[i, j]:
                out[i, j] = leg_cost(q[j, 0] - p[i, 0], q[j, 1] - p[i, 1], rule)
    return out


@kernel
def closed_ways(cost: Floats) -> tuple[Floats, Ints]:
    """All shortest ways between corners (Floyd-Warshall): costs (r, r) and the next corner on each way."""
    r = len(cost)
    best = cost.copy()
    step = np.empty((r, r), dtype=np.int64)
    for i in range(r):
        best[i, i] = 0.0
        for j in range(r):
            step[i, j] = j
    for k in range(r):
        for i in range(r):
            if best[i, k] == np.inf:
                continue
            for j in range(r):
                through = best[i, k] + best[k, j]
                if through < best[i, j] - 1e-12:
                    best[i, j] = through
                    step[i, j] = step[i, k]
    return best, step


@kernel
def around(direct: Floats, out_cost: Floats, corner_cost: Floats, in_cost: Floats) -> Floats:
    """(n, m) cheapest of the direct leg and the ways by corners.

    Args:
        direct: (n, m) cost of straight legs, inf where not seen.
        out_cost: (n, r) from points to corners; corner_cost: (r, r); in_cost: (r, m) from corners to points.
    """
    n, m, r = len(out_cost), in_cost.shape[1], len(corner_cost)
    reach = np.full((n, r), np.inf)
    for i in range(n):
        for a in range(r):
            if out_cost[i, a] < np.inf:
                for b in range(r):
                    reach[i, b] = min(reach[i, b], out_cost[i, a] + corner_cost[a, b])
    out = direct.copy()
    for i in range(n):
        for b in range(r):
            if reach[i, b] < np.inf:
                for j in range(m):
                    out[i, j] = min(out[i, j], reach[i, b] + in_cost[b, j])
    return out


@kernel
def span(
    ax: float, ay: float, bx: float, by: float, half: float, disc: bool, y: float
) -> tuple[float, float]:
    """From where to where the row y lies in what the leg from a to b sees; from > to where it does not."""
    length = np.hypot(bx - ax, by - ay)
    low, high = -1e300, 1e300
    if length < 1e-9:
        return 1.0, 0.0
    ux, uy, dy = (bx - ax) / length, (by - ay) / length, y - ay
    if abs(ux) > 1e-12:
        s, t = -uy * dy / ux, (length - uy * dy) / ux
        low, high = min(s, t), max(s, t)
    elif uy * dy < 0.0 or uy * dy > length:
        low, high = 1.0, 0.0
    if abs(uy) > 1e-12:
        s, t = (ux * dy - half) / uy, (ux * dy + half) / uy
        low, high = max(low, min(s, t)), min(high, max(s, t))
    elif abs(ux * dy) > half:
        low, high = 1.0, 0.0
    low, high = low + ax, high + ax
    if disc:
        for cx, cy in ((ax, ay), (bx, by)):
            reach = half * half - (y - cy) * (y - cy)
            if reach > 0.0:
                reach = np.sqrt(reach)
                if low > high:
                    low, high = cx - reach, cx + reach
                low, high = min(low, cx - reach), max(high, cx + reach)
    return low, high


@kernel
def common(u: float, v: float, a: float, b: float) -> Num:
    """Length that the intervals u..v and a..b share."""
    return max(min(v, b) - max(u, a), 0.0)


@kernel
def newly_open(inside: Floats, others: Floats, m: int, old: Floats, new: Floats) -> Num:
    """By how much a row's open length grows when two intervals are replaced.

    Args:
        inside: (k, 2) sorted; others: (m, 2) sorted by start, what else sees the row.
        old, new: (4,) two intervals each.
    """
    west, east = 1e300, -1e300
    for k in (0, 2):
        for pair in (old, new):
            if pair[k] < pair[k + 1]:
                west, east = min(west, pair[k]), max(east, pair[k + 1])
    total = 0.0
    for i in range(len(inside)):
        at, end = max(inside[i, 0], west), min(inside[i, 1], east)
        k = 0
        while at < end:
            while k < m and others[k, 1] <= at:
                k += 1
            stop = end if k >= m else min(end, others[k, 0])
            if stop > at:
                for sign, pair in ((1.0, old), (-1.0, new)):
                    seen = common(at, stop, pair[0], pair[1]) + common(at, stop, pair[2], pair[3])
                    both = common(max(at, pair[0]), min(stop, pair[1]), pair[2], pair[3])
                    total += sign * (seen - both)
            at = end if k >= m else max(at, others[k, 1])
    return total


@kernel
def rows_of(edges: Floats, base: float, pitch: float, count: int) -> tuple[Ints, Floats]:
    """Where rows y = base + pitch k are inside (even-odd) of edges (m, 4): first (count + 1,), (n, 2)."""
    first = np.zeros(count + 1, dtype=np.int64)
    xs = np.empty((count, len(edges)))
    for k in range(count):
        y, found = base + pitch * k, 0
        for e in range(len(edges)):
            y0, y1 = edges[e, 1], edges[e, 3]
            if (y0 > y) != (y1 > y):
                xs[k, found] = edges[e, 0] + (y - y0) / (y1 - y0) * (edges[e, 2] - edges[e, 0])
                found += 1
        xs[k, :found] = np.sort(xs[k, :found])
        first[k + 1] = first[k] + found // 2
    out = np.empty((first[count], 2))
    for k in range(count):
        for e in range(first[k + 1] - first[k]):
            out[first[k] + e, 0], out[first[k] + e, 1] = xs[k, 2 * e], xs[k, 2 * e + 1]
    return first, out


@kernel
def trial(
    points: Floats,
    slot: Ints,
    v: int,
    x: float,
    y: float,
    drop: bool,
    filled: Ints,
    spans: Floats,
    rows: Rows,
    every: int,
    new: Floats,
    work: Floats,
) -> tuple[float, int, int]:
    """Growth of the open length if vertex v were at (x, y) or dropped, and the rows it concerns, from and to.

    Args:
        slot: (n,) name of each leg.
        filled: (rows,) how many spans each row has; spans: (rows, n, 3) name, from, to.
        rows: see `polished`; every: look at each such row only.
        new: (rows, 4) gets the spans of the two legs; work: (n, 2) scratch.
    """
    first, inside, half, disc, c, s, base, pitch = rows
    n = len(points)
    names = (slot[v - 1] if v > 0 else -1, slot[v] if v < n - 1 else -1)
    qx, qy = np.empty(3), np.empty(3)
    bottom, top = 1e300, -1e300
    for w in range(max(v - 1, 0), min(v + 2, n)):
        qx[w - v + 1] = c * points[w, 0] + s * points[w, 1]
        qy[w - v + 1] = -s * points[w, 0] + c * points[w, 1]
        bottom, top = min(bottom, qy[w - v + 1]), max(top, qy[w - v + 1])
    nx, ny = c * x + s * y, -s * x + c * y
    if not drop:
        bottom, top = min(bottom, ny), max(top, ny)
    r0 = max(int(np.ceil((bottom - half - base) / pitch)), 0)
    r1 = min(int(np.floor((top + half - base) / pitch)), len(filled) - 1)
    growth, old = 0.0, np.empty(4)
    for r in range(r0, r1 + 1, every):
        level = base + pitch * r
        new[r, 0], new[r, 1], new[r, 2], new[r, 3] = 1.0, 0.0, 1.0, 0.0
        if drop and 0 < v < n - 1:
            new[r, 0], new[r, 1] = span(qx[0], qy[0], qx[2], qy[2], half, disc, level)
        if not drop and v > 0:
            new[r, 0], new[r, 1] = span(qx[0], qy[0], nx, ny, half, disc, level)
        if not drop and v < n - 1:
            new[r, 2], new[r, 3] = span(nx, ny, qx[2], qy[2], half, disc, level)
        old[0], old[1], old[2], old[3] = 1.0, 0.0, 1.0, 0.0
        m = 0
        for k in range(filled[r]):
            if spans[r, k, 0] == names[0]:
                old[0], old[1] = spans[r, k, 1], spans[r, k, 2]
            elif spans[r, k, 0] == names[1]:
                old[2], old[3] = spans[r, k, 1], spans[r, k, 2]
            else:
                j = m
                while j > 0 and work[j - 1, 0] > spans[r, k, 1]:
                    work[j, 0], work[j, 1] = work[j - 1, 0], work[j - 1, 1]
                    j -= 1
                work[j, 0], work[j, 1] = spans[r, k, 1], spans[r, k, 2]
                m += 1
        growth += newly_open(inside[first[r] : first[r + 1]], work, m, old, new[r])
    return growth * every, r0, r1


@kernel
def lay(name: int, low: float, high: float, r: int, filled: Ints, spans: Floats) -> None:
    """Make low..high the span of a leg in row r; none where low > high."""
    for k in range(filled[r]):
        if spans[r, k, 0] == name:
            filled[r] -= 1
            spans[r, k] = spans[r, filled[r]]
            break
    if low < high:
        spans[r, filled[r], 0], spans[r, filled[r], 1], spans[r, filled[r], 2] = name, low, high
        filled[r] += 1


@kernel
def legs_at(points: Floats, v: int, x: float, y: float, drop: bool, rule: Floats) -> Num:
    """Cost of the legs that meet in vertex v, it being at (x, y), or of the one leg there is without it."""
    n, cost = len(points), 0.0
    if drop:
        if 0 < v < n - 1:
            cost = leg_cost(points[v + 1, 0] - points[v - 1, 0], points[v + 1, 1] - points[v - 1, 1], rule)
        return cost
    if v > 0:
        cost += leg_cost(x - points[v - 1, 0], y - points[v - 1, 1], rule)
    if v < n - 1:
        cost += leg_cost(points[v + 1, 0] - x, points[v + 1, 1] - y, rule)
    return cost


@kernel
def clear_at(
    points: Floats,
    v: int,
    x: float,
    y: float,
    drop: bool,
    walls: Floats,
    first: Ints,
    items: Ints,
    box: Floats,
    side: float,
) -> bool:
    """Whether those legs meet no wall."""
    n = len(points)
    if drop:
        if 0 < v < n - 1:
            a, b = points[v - 1], points[v + 1]
            return sees(a[0], a[1], b[0], b[1], walls, first, items, box, side)
        return True
    if v > 0 and not sees(points[v - 1, 0], points[v - 1, 1], x, y, walls, first, items, box, side):
        return False
    return v == n - 1 or sees(x, y, points[v + 1, 0], points[v + 1, 1], walls, first, items, box, side)


@kernel
def moved_to(points: Floats, v: int, half: float, draw: Floats) -> tuple[float, float]:
    """Where vertex v is tried: along one of its legs, or a little aside."""
    x, y = points[v, 0], points[v, 1]
    size = half * 1.2 * draw[2] ** 3
    w = v - 1 if v == len(points) - 1 or (v > 0 and draw[3] < 0.5) else v + 1
    length = np.hypot(points[w, 0] - x, points[w, 1] - y)
    if draw[4] < 0.5 and length > 1e-9:
        size *= 1.0 if draw[4] < 0.35 else -1.0
        return x + size * (points[w, 0] - x) / length, y + size * (points[w, 1] - y) / length
    angle = 2.0 * np.pi * draw[3]
    return x + size * np.cos(angle), y + size * np.sin(angle)


@kernel
def without(points: Floats, slot: Ints, kinds: Ints, v: int) -> tuple[Floats, Ints, Ints]:
    """The path without vertex v, in place: what is left. A merged leg keeps the larger kind."""
    n = len(points)
    if 0 < v < n - 1:
        kinds[v - 1] = max(kinds[v - 1], kinds[v])
    for k in range(v, n - 1):
        kinds[k], slot[k], points[k] = kinds[k + 1], slot[k + 1], points[k + 1]
    return points[: n - 1], slot[: n - 1], kinds[: n - 1]


@kernel
def laid(points: Floats, rows: Rows) -> tuple[Ints, Floats, float]:
    """What each leg sees of each row (filled, spans), and the length open in all."""
    first, inside, half, disc, c, s, base, pitch = rows
    count, n = len(first) - 1, len(points)
    filled, spans = np.zeros(count, dtype=np.int64), np.empty((count, n + 1, 3))
    x, y = c * points[:, 0] + s * points[:, 1], -s * points[:, 0] + c * points[:, 1]
    seen, total = np.empty(4), 0.0
    for r in range(count):
        part = inside[first[r] : first[r + 1]]
        work, m = np.empty((n, 2)), 0
        for k in range(n - 1):
            low, high = span(x[k], y[k], x[k + 1], y[k + 1], half, disc, base + pitch * r)
            if low < high:
                lay(k, low, high, r, filled, spans)
                work[m, 0], work[m, 1] = low, high
                m += 1
        work = work[:m][np.argsort(work[:m, 0])]
        seen[0], seen[1], seen[2], seen[3] = -1e200, 1e200, 1.0, 0.0
        total += newly_open(part, work, m, seen, np.array([1.0, 0.0, 1.0, 0.0]))
    return filled, spans, total


@kernel
def polished(
    points: Floats,
    kinds: Ints,
    fixed: Bools,
    rule: Floats,
    grid: Grid,
    rows: Rows,
    most_open: float,
    price: float,
    heat: float,
    draws: Floats,
) -> tuple[Floats, Ints]:
    """Vertices of a path dropped and moved while it gets cheaper and leaves little open.

    Args:
        points: (n, 2); kinds: (n,) int64 of the leg after each, larger for legs that matter more.
        fixed: (2,) bool, whether the first and the last point must stay.
        rule: the cost; grid: walls, first, items, box and side as in `visible`.
        rows: first and inside of `rows_of`, in axes turned by an angle (cosine c, sine s); half the swath;
            whether ends are seen round; c; s; level of the first row; distance of rows.
        most_open: metres of rows that may stay open; price: of such a metre (four times as much beyond that).
        heat: first temperature; draws: (tries, 6) random, in [0, 1).
    """
    walls, first, items, box, side = grid
    points, kinds, slot = points.copy(), kinds.copy(), np.arange(len(points))
    filled, spans, unseen = laid(points, rows)
    new, work = np.empty((len(filled), 4)), np.empty((len(points) + 1, 2))
    value, best_value = 0.0, np.inf
    best_points, best_kinds = points.copy(), kinds.copy()
    for turn in range(len(draws)):
        n, draw = len(points), draws[turn]
        v = int(draw[0] * n)
        if n < 3 or (v == 0 and fixed[0]) or (v == n - 1 and fixed[1]):
            continue
        drop = draw[1] < 0.3
        x, y = moved_to(points, v, rows[2], draw)
        limit = -heat * (1.0 - turn / len(draws)) ** 2 * np.log(draw[5] + 1e-300)
        change = legs_at(points, v, x, y, drop, rule)
        change -= legs_at(points, v, points[v, 0], points[v, 1], False, rule)
        if change - min(price * unseen, 20.0 * heat) >= limit:
            continue
        if not clear_at(points, v, x, y, drop, walls, first, items, box, side):
            continue
        more, r0, r1 = trial(points, slot, v, x, y, drop, filled, spans, rows, 6, new, work)
        worth = price if unseen <= most_open else 4.0 * price
        if change + 0.5 * worth * more >= limit:
            continue
        more, r0, r1 = trial(points, slot, v, x, y, drop, filled, spans, rows, 1, new, work)
        if change + worth * more >= limit or unseen + more > max(most_open, unseen):
            continue
        for r in range(r0, r1 + 1):
            if v > 0:
                lay(slot[v - 1], new[r, 0], new[r, 1], r, filled, spans)
            if v < n - 1:
                lay(slot[v], new[r, 2], new[r, 3], r, filled, spans)
        unseen += more
        value += change
        if drop:
            points, slot, kinds = without(points, slot, kinds, v)
        else:
            points[v, 0], points[v, 1] = x, y
        if unseen <= most_open and value < best_value - 1e-9:
            best_value = value
            best_points, best_kinds = points.copy(), kinds.copy()
    return best_points, best_kinds
