"""Hot loops of laying lines: where a level runs inside, the best stroke over a gap, what a heading costs."""

import numpy as np

from atalaya.base.numeric import kernel


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
def estimates(edges, headings, spacing, per_m, per_line):  # type: ignore[no-untyped-def]
    """(k,) about what covering costs at each heading: lines, a hop for each, a share of the slanted border.

    Args:
        edges: (m, 4) of all rings; headings: (k,) radians; spacing: between lines.
        per_m, per_line: (k,) cost of a metre at each heading, and of a line whatever its length, its hop included.
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
        total = 0.4 * slant / spacing * per_line[h]
        for k in range(count):
            level = low + (high - low) * (k + 0.5) / count
            found = crossings(edges, c, s, level, xs)
            for e in range(found // 2):
                total += (xs[2 * e + 1] - xs[2 * e]) * per_m[h] + per_line[h]
        out[h] = total
    return out
