"""Where straight pieces of a flight meet volumes, and which terrain cells they pass over, compiled.

Each piece is looked at on the plane that touches the ellipsoid at its middle (central projection: edges of a
few kilometres stay straight to a millimetre, distances up to 15 km are true to 1 part in 10^5). Along the
piece the states inside, near the border, between floor and ceiling, in time change only at computed places;
between them one look decides. Nothing is sampled.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

A = 6378137.0
F = 1.0 / 298.257223563
E2 = F * (2.0 - F)
NONE, MSL, HAE, AGL = 0, 1, 2, 3
FAR = 1.0e12
SLIVER = 1.0e-9
OPEN_START, OPEN_END = -(2**62), 2**62


@kernel
def frame_at(place: Array, frame: Array) -> None:
    """Fill (4, 3): foot on the ellipsoid's direction, east, north, up at an ECEF point near it."""
    x, y, z = place[0], place[1], place[2]
    across = np.sqrt(x * x + y * y)
    lon, lat = np.arctan2(y, x), np.arctan2(z, (1.0 - E2) * across)
    sl, cl, sp, cp = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    nu = A / np.sqrt(1.0 - E2 * sp * sp)
    frame[0, 0], frame[0, 1], frame[0, 2] = nu * cp * cl, nu * cp * sl, nu * (1.0 - E2) * sp
    frame[1, 0], frame[1, 1], frame[1, 2] = -sl, cl, 0.0
    frame[2, 0], frame[2, 1], frame[2, 2] = -sp * cl, -sp * sl, cp
    frame[3, 0], frame[3, 1], frame[3, 2] = cp * cl, cp * sl, sp


@kernel
def on_frame(frame: Array, x: Num, y: Num, z: Num) -> Num:
    """East and north of an ECEF direction on a frame's plane."""
    top = frame[0, 0] * frame[3, 0] + frame[0, 1] * frame[3, 1] + frame[0, 2] * frame[3, 2]
    k = top / max(x * frame[3, 0] + y * frame[3, 1] + z * frame[3, 2], 0.05 * A)
    off = frame[0, 0] * frame[2, 0] + frame[0, 1] * frame[2, 1] + frame[0, 2] * frame[2, 2]
    east = k * (x * frame[1, 0] + y * frame[1, 1] + z * frame[1, 2])
    return east, k * (x * frame[2, 0] + y * frame[2, 1] + z * frame[2, 2]) - off


@kernel
def capsule(x1: Num, y1: Num, x2: Num, y2: Num, b: Num) -> Num:
    """The x for which (x, 0) is within b of a segment: one interval, empty where low > high."""
    low, high = FAR, -FAR
    if np.abs(y1) <= b:
        reach = np.sqrt(b * b - y1 * y1)
        low, high = min(low, x1 - reach), max(high, x1 + reach)
    if np.abs(y2) <= b:
        reach = np.sqrt(b * b - y2 * y2)
        low, high = min(low, x2 - reach), max(high, x2 + reach)
    dx, dy = x2 - x1, y2 - y1
    length = np.sqrt(dx * dx + dy * dy)
    if length < 1e-9:
        return low, high
    ux, uy = dx / length, dy / length
    # beside the line: |(x - x1) uy + y1 ux| <= b; between the ends: 0 <= (x - x1) ux - y1 uy <= length
    left, right = -FAR, FAR
    for k in range(2):
        slope, at = (uy, y1 * ux) if k == 0 else (ux, -y1 * uy)
        least, most = (-b, b) if k == 0 else (0.0, length)
        if np.abs(slope) < 1e-12:
            if at < least or at > most:
                return low, high
            continue
        one, two = x1 + (least - at) / slope, x1 + (most - at) / slope
        left, right = max(left, min(one, two)), min(right, max(one, two))
    if left <= right:
        low, high = min(low, left), max(high, right)
    return low, high


@kernel
def limit_at(code: Num, value: Num, geoid: Num, ground: Num) -> Num:
    """A floor or ceiling above mean sea level."""
    if code == HAE:
        return value - geoid
    if code == AGL:
        return value + ground
    return value


@kernel
def meeting(
    piece: Num,
    vol: Num,
    start: Array,
    end: Array,
    height: Array,
    geoid: Array,
    ground: Array,
    time: Array,
    edges: Array,
    first: Array,
    limits: Array,
    buffers: Array,
    valid: Array,
    valid_first: Array,
    keep_in: Num,
    frame: Array,
    cross: Array,
    low: Array,
    high: Array,
    cuts: Array,
    out: Array,
) -> Num:
    """Parts of a piece (in 0 .. 1) that are in a keep-out with its buffer, or well inside a keep-in.

    `cross`, `low`, `high`, `cuts` are scratch; `out` (k, 2) takes the parts. Returns how many.
    """
    mid = np.empty(3)
    for k in range(3):
        mid[k] = 0.5 * (start[piece, k] + end[piece, k])
    frame_at(mid, frame)
    ex, ey = on_frame(frame, start[piece, 0], start[piece, 1], start[piece, 2])
    fx, fy = on_frame(frame, end[piece, 0], end[piece, 1], end[piece, 2])
    length = np.sqrt((fx - ex) ** 2 + (fy - ey) ** 2)
    ux, uy = ((fx - ex) / length, (fy - ey) / length) if length > 1e-6 else (1.0, 0.0)
    length = max(length, 1e-6)
    b, vb = buffers[vol, 0], buffers[vol, 1]
    crossings, nears, count = 0, 0, 0
    px, py = 0.0, 0.0
    for i in range(first[vol], first[vol + 1]):
        gx, gy = on_frame(frame, edges[i, 0], edges[i, 1], edges[i, 2])
        qx, qy = (gx - ex) * ux + (gy - ey) * uy, (gy - ey) * ux - (gx - ex) * uy
        if edges[i, 3] == 0.0:  # not the first of its ring
            if (py > 0.0) != (qy > 0.0):
                at = px + (qx - px) * (-py) / (qy - py)
                cross[crossings] = at / length
                crossings += 1
                if 0.0 < at < length:
                    cuts[count] = at / length
                    count += 1
            if (
                b > 0.0
                and min(py, qy) <= b
                and max(py, qy) >= -b
                and min(px, qx) <= length + b
                and max(px, qx) >= -b
            ):
                lo, hi = capsule(px, py, qx, qy, b)
                if lo <= hi and lo < length and hi > 0.0:
                    low[nears], high[nears] = lo / length, hi / length
                    nears += 1
                    if lo > 0.0:
                        cuts[count] = lo / length
                        count += 1
                    if hi < length:
                        cuts[count] = hi / length
                        count += 1
        px, py = qx, qy
    h0, h1 = height[piece, 0], height[piece, 1]
    # ground: the least for a keep-out's floor and a keep-in's ceiling, the most for the others
    under, over = (ground[piece, 1], ground[piece, 0]) if keep_in else (ground[piece, 0], ground[piece, 1])
    margin = vb if keep_in else -vb
    f0 = limit_at(limits[vol, 0], limits[vol, 1], geoid[piece, 0], under) + margin
    f1 = limit_at(limits[vol, 0], limits[vol, 1], geoid[piece, 1], under) + margin
    c0 = limit_at(limits[vol, 2], limits[vol, 3], geoid[piece, 0], over) - margin
    c1 = limit_at(limits[vol, 2], limits[vol, 3], geoid[piece, 1], over) - margin
    for k in range(2):
        a0, a1 = (h0 - f0, h1 - f1) if k == 0 else (c0 - h0, c1 - h1)
        if (a0 > 0.0) != (a1 > 0.0):
            cuts[count] = a0 / (a0 - a1)
            count += 1
    t0, t1 = time[piece, 0], time[piece, 1]
    for k in range(valid_first[vol], valid_first[vol + 1]):
        for j in range(2):
            if t0 < valid[k, j] < t1:
                cuts[count] = (valid[k, j] - t0) / (t1 - t0)
                count += 1
    cuts[count], cuts[count + 1] = 0.0, 1.0
    ordered = np.sort(cuts[: count + 2])
    found = 0
    for k in range(count + 1):
        s0, s1 = ordered[k], ordered[k + 1]
        if s1 - s0 < SLIVER:
            continue
        s = 0.5 * (s0 + s1)
        h = h0 + s * (h1 - h0)
        above, below = h > f0 + s * (f1 - f0), h < c0 + s * (c1 - c0)
        if keep_in:  # exactly on floor or ceiling is inside
            above, below = h >= f0 + s * (f1 - f0), h <= c0 + s * (c1 - c0)
        if not (above and below):
            continue
        t = t0 + s * (t1 - t0)
        in_time = valid_first[vol] == valid_first[vol + 1]
        for j in range(valid_first[vol], valid_first[vol + 1]):
            in_time = in_time or valid[j, 0] <= t < valid[j, 1]
        if not in_time:
            continue
        beyond = 0
        for j in range(crossings):
            if cross[j] > s:
                beyond += 1
        inside = beyond % 2 == 1
        near = False
        for j in range(nears):
            near = near or low[j] <= s <= high[j]
        if (inside and not near) if keep_in else (inside or near):
            if found > 0 and out[found - 1, 1] >= s0 - SLIVER:
                out[found - 1, 1] = s1
            else:
                out[found, 0], out[found, 1] = s0, s1
                found += 1
    return found


@kernel
def may_meet(piece: Num, vol: Num, start: Array, end: Array, caps: Array, buffer: Num) -> Num:
    """Whether a piece is near enough to the ball about a volume (caps: centre and radius, ECEF metres)."""
    d2, half2 = 0.0, 0.0
    for k in range(3):
        d2 += (0.5 * (start[piece, k] + end[piece, k]) - caps[vol, k]) ** 2
        half2 += (0.5 * (end[piece, k] - start[piece, k])) ** 2
    return np.sqrt(d2) <= caps[vol, 3] + np.sqrt(half2) + buffer * 1.001 + 50.0


@kernel
def meetings(
    start: Array,
    end: Array,
    height: Array,
    geoid: Array,
    ground: Array,
    time: Array,
    edges: Array,
    first: Array,
    limits: Array,
    buffers: Array,
    valid: Array,
    valid_first: Array,
    kinds: Array,
    caps: Array,
    spans: Array,
    found: Array,
) -> Num:
    """All parts of pieces in keep-outs, and outside of every keep-in.

    Args:
        start, end: (m, 3) ECEF on the ellipsoid. height, geoid: (m, 2) msl and undulation at both ends.
        ground: (m, 2) lowest and highest ground under it, msl. time: (m, 2) microseconds, float64.
        edges: (e, 4) vertices ECEF, 1 where a ring starts. first: (v + 1,) of each volume.
        limits: (v, 4) code and value of floor and ceiling. buffers: (v, 2). valid: (k, 2) microseconds.
        kinds: (v,) 1 for keep-in. caps: (v, 4). spans: (v, 2) times outside of which it never holds.
        found: (capacity, 4) piece, volume (-1 where no keep-in holds it), from, to.

    Returns:
        how many; more than the capacity where it did not suffice.
    """
    most = 8
    for v in range(len(first) - 1):
        most = max(most, first[v + 1] - first[v] + 4 * (valid_first[v + 1] - valid_first[v]))
    frame, cross = np.empty((4, 3)), np.empty(most + 8)
    low, high, cuts = np.empty(most + 8), np.empty(most + 8), np.empty(4 * most + 32)
    out = np.empty((4 * most + 32, 2))
    held = np.empty((64 * (len(first) + 4), 2))
    keep_ins = 0
    for v in range(len(kinds)):
        keep_ins += kinds[v]
    count = 0
    for p in range(len(start)):
        holding = 0
        for v in range(len(kinds)):
            if (
                time[p, 1] < spans[v, 0]
                or time[p, 0] > spans[v, 1]
                or not may_meet(p, v, start, end, caps, buffers[v, 0])
            ):
                continue
            k = meeting(
                p, v, start, end, height, geoid, ground, time, edges, first, limits, buffers, valid,
                valid_first, kinds[v] == 1, frame, cross, low, high, cuts, out,
            )  # fmt: skip
            for j in range(k):
                if kinds[v] == 1:
                    if holding < len(held):
                        held[holding, 0], held[holding, 1] = out[j, 0], out[j, 1]
                        holding += 1
                else:
                    if count < len(found):
                        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = (
                            p,
                            v,
                            out[j, 0],
                            out[j, 1],
                        )
                    count += 1
        if keep_ins == 0:
            continue
        order = np.argsort(held[:holding, 0])
        reached = 0.0
        for j in range(holding + 1):
            upto = held[order[j], 0] if j < holding else 1.0
            if upto > reached + SLIVER:
                if count < len(found):
                    found[count, 0], found[count, 1], found[count, 2], found[count, 3] = p, -1, reached, upto
                count += 1
            if j < holding:
                reached = max(reached, held[order[j], 1])
    return count


@kernel
def cells_under(row: Array, column: Array, cells: Array) -> Num:
    """Cells of a raster that straight pieces pass over, in order.

    Args:
        row, column: (m, 2) fractional posts at both ends.
        cells: (capacity, 5) piece, cell row, cell column, from, to (share of the piece).

    Returns:
        how many; more than the capacity where it did not suffice.
    """
    count = 0
    for p in range(len(row)):
        r0, c0, dr, dc = row[p, 0], column[p, 0], row[p, 1] - row[p, 0], column[p, 1] - column[p, 0]
        s = 0.0
        while s < 1.0:
            # the cell just after s, and where the piece leaves it
            eps = 1e-9
            i, j = np.floor(r0 + (s + eps) * dr), np.floor(c0 + (s + eps) * dc)
            leave = 1.0
            if dr > 0.0:
                leave = min(leave, (i + 1.0 - r0) / dr)
            elif dr < 0.0:
                leave = min(leave, (i - r0) / dr)
            if dc > 0.0:
                leave = min(leave, (j + 1.0 - c0) / dc)
            elif dc < 0.0:
                leave = min(leave, (j - c0) / dc)
            leave = min(max(leave, s + 1e-7), 1.0)
            if count < len(cells):
                cells[count, 0], cells[count, 1], cells[count, 2] = p, i, j
                cells[count, 3], cells[count, 4] = s, leave
            count += 1
            s = leave
    return count
