"""Hot loops of coverage: what a leg costs, who sees whom, shortest ways round corners.

A leg's cost is told by `rule`, (6,) float64: kind (0 length, 1 time with wind, 2 rest to rest), speed m/s,
wind east and north m/s, seconds per turn, acceleration m/s^2.
"""

import numpy as np

from atalaya.base.numeric import kernel

NOWHERE = 1e-12


@kernel
def leg_cost(dx, dy, rule):  # type: ignore[no-untyped-def]
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
def leg_costs(start, end, rule):  # type: ignore[no-untyped-def]
    """(n,) cost of the legs from start (n, 2) to end (n, 2)."""
    out = np.empty(len(start))
    for i in range(len(start)):
        out[i] = leg_cost(end[i, 0] - start[i, 0], end[i, 1] - start[i, 1], rule)
    return out


@kernel
def blocked(ax, ay, bx, by, e):  # type: ignore[no-untyped-def]
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
def filed(walls, box, side):  # type: ignore[no-untyped-def]
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
def sees(ax, ay, bx, by, walls, first, items, box, side):  # type: ignore[no-untyped-def]
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
def visible(p, q, walls, first, items, box, side):  # type: ignore[no-untyped-def]
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
def visible_each(p, q, walls, first, items, box, side):  # type: ignore[no-untyped-def]
    """(n,) bool: whether the straight leg from p[i] to q[i] meets none of the walls."""
    out = np.ones(len(p), dtype=np.bool_)
    if len(walls) > 0:
        for i in range(len(p)):
            out[i] = sees(p[i, 0], p[i, 1], q[i, 0], q[i, 1], walls, first, items, box, side)
    return out


@kernel
def priced(p, q, seen, rule):  # type: ignore[no-untyped-def]
    """(n, m) cost of the straight legs from p[i] to q[j]; infinite where `seen` says no."""
    out = np.full((len(p), len(q)), np.inf)
    for i in range(len(p)):
        for j in range(len(q)):
            if seen[i, j]:
                out[i, j] = leg_cost(q[j, 0] - p[i, 0], q[j, 1] - p[i, 1], rule)
    return out


@kernel
def closed_ways(cost):  # type: ignore[no-untyped-def]
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
def around(direct, out_cost, corner_cost, in_cost):  # type: ignore[no-untyped-def]
    """(n, m) cheapest of the direct leg and the ways by corners.

    Args:
        direct: (n, m) cost of straight legs, inf where not seen.
        out_cost: (n, r) from each point to each corner; corner_cost (r, r); in_cost (r, m) from corner to point.
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
def chords(edges, y):  # type: ignore[no-untyped-def]
    """Where the level y[k] runs inside a polygon: (n, 3) rows of level index, x from, x to.

    Args:
        edges: (m, 4) all rings' edges (x0, y0, x1, y1); even-odd rule.
        y: (k,) levels.
    """
    rows = np.empty((0, 3))
    count = 0
    for k in range(len(y)):
        xs = np.empty(len(edges))
        found = 0
        for e in range(len(edges)):
            y0, y1 = edges[e, 1], edges[e, 3]
            if (y0 > y[k]) != (y1 > y[k]):
                xs[found] = edges[e, 0] + (y[k] - y0) / (y1 - y0) * (edges[e, 2] - edges[e, 0])
                found += 1
        xs = np.sort(xs[:found])
        if count + found // 2 > len(rows):
            grown = np.empty((2 * (count + found // 2) + 16, 3))
            grown[:count] = rows[:count]
            rows = grown
        for e in range(found // 2):
            rows[count, 0], rows[count, 1], rows[count, 2] = k, xs[2 * e], xs[2 * e + 1]
            count += 1
    return rows[:count]


@kernel
def detour_of(ax, ay, bx, by, legs):  # type: ignore[no-untyped-def]
    """About how much longer a path of legs (n, 4) becomes by flying from a to b (or back) within or between legs."""
    own = np.hypot(bx - ax, by - ay)
    best = np.inf
    for k in range(len(legs)):
        px, py, qx, qy = legs[k]
        pa, pb = np.hypot(px - ax, py - ay), np.hypot(px - bx, py - by)
        qa, qb = np.hypot(qx - ax, qy - ay), np.hypot(qx - bx, qy - by)
        within = min(pa + qb, pb + qa) - np.hypot(qx - px, qy - py)
        best = min(best, within, pa + pb, qa + qb)
    return max(best + own, 0.0)


@kernel
def crossings(walls, c, s, y, xs):  # type: ignore[no-untyped-def]
    """Sorted crossings of the level y (axes turned by cosine c and sine s) with walls, into xs; how many."""
    found = 0
    for e in range(len(walls)):
        y0 = -s * walls[e, 0] + c * walls[e, 1]
        y1 = -s * walls[e, 2] + c * walls[e, 3]
        if (y0 > y) != (y1 > y):
            x0 = c * walls[e, 0] + s * walls[e, 1]
            x1 = c * walls[e, 2] + s * walls[e, 3]
            xs[found] = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
            found += 1
    xs[:found] = np.sort(xs[:found])
    return found


@kernel
def stroke_over(xy, walls, legs, half, small):  # type: ignore[no-untyped-def]
    """The best single stroke over a narrow gap: (6,) x0, y0, x1, y1, detour, score; an infinite score for none.

    Args:
        xy: (n, 2) closed ring of the gap. Its longer edges and across them are the headings tried, each with five levels.
        walls: (m, 4) edges of where strokes may lie.
        legs: (k, 4) the path so far.
        half: half the swath; small: a length added to every detour so that covering more is never free.
    """
    out = np.full(6, np.inf)
    xs = np.empty(len(walls))
    longest = 0.0
    for k in range(len(xy) - 1):
        longest = max(longest, np.hypot(xy[k + 1, 0] - xy[k, 0], xy[k + 1, 1] - xy[k, 1]))
    for tried in range(2 * min(len(xy) - 1, 24)):
        k = tried // 2
        dx, dy = xy[k + 1, 0] - xy[k, 0], xy[k + 1, 1] - xy[k, 1]
        length = np.hypot(dx, dy)
        if length < 0.1 * longest:
            continue
        if tried % 2:
            dx, dy = -dy, dx
        c, s = dx / length, dy / length
        x, y = c * xy[:, 0] + s * xy[:, 1], -s * xy[:, 0] + c * xy[:, 1]
        west, east, low, high = x.min(), x.max(), y.max() - half, y.min() + half
        if high < low:
            continue
        for part in (0.5, 0.05, 0.95, 0.25, 0.75):
            level = low + part * (high - low)
            found = crossings(walls, c, s, level, xs)
            for e in range(found // 2):
                a, b = max(xs[2 * e], west), min(xs[2 * e + 1], east)
                if b - a < 1e-6 * half:
                    continue
                ax, ay, bx, by = c * a - s * level, s * a + c * level, c * b - s * level, s * b + c * level
                detour = detour_of(ax, ay, bx, by, legs) + small
                score = detour / min(1.0, (b - a) / (east - west)) ** 3
                if score < out[5]:
                    out[0], out[1], out[2], out[3], out[4], out[5] = ax, ay, bx, by, detour, score
    return out


@kernel
def estimates(edges, headings, spacing, rule):  # type: ignore[no-untyped-def]
    """(k,) about what covering costs at each heading: lines, a hop for each, a share of the slanted border.

    Args:
        edges: (m, 4) of all rings; headings: (k,) radians; spacing: between lines.
    """
    out = np.empty(len(headings))
    xs = np.empty(len(edges))
    for h in range(len(headings)):
        c, s = np.cos(headings[h]), np.sin(headings[h])
        low, high, slant = np.inf, -np.inf, 0.0
        for e in range(len(edges)):
            y0, y1 = c * edges[e, 1] - s * edges[e, 0], c * edges[e, 3] - s * edges[e, 2]
            low, high = min(low, y0, y1), max(high, y0, y1)
            run = c * (edges[e, 2] - edges[e, 0]) + s * (edges[e, 3] - edges[e, 1])
            if abs(y1 - y0) > 0.05 * abs(run):
                slant += abs(run)
        count = max(1, int(np.ceil((high - low) / spacing - 1e-9)))
        hop = (leg_cost(-s * spacing, c * spacing, rule) + leg_cost(s * spacing, -c * spacing, rule)) / 2
        total = 0.4 * slant / spacing * hop
        for k in range(count):
            level = low + (high - low) * (k + 0.5) / count
            found = crossings(edges, c, s, level, xs)
            for e in range(found // 2):
                dx = xs[2 * e + 1] - xs[2 * e]
                total += (leg_cost(c * dx, s * dx, rule) + leg_cost(-c * dx, -s * dx, rule)) / 2 + hop
        out[h] = total
    return out
