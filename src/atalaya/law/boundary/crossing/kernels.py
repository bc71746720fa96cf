"""Places where short chords may cross edges of one area, found through the cells of the layer's grid.

Chords and edges are straight in longitude and latitude. Touching counts, and nearly parallel pairs give every
place they could mean: the caller looks which side lies between them.
"""

import numpy as np

from atalaya.base.numeric import borrowing_kernel as kernel
from atalaya.law.boundary.grid.tables import Array, GridTables, Num

SUB = 8
SLACK = 1e-9
PARALLEL = 1e-9


@kernel
def _meet(x0: Num, y0: Num, dx: Num, dy: Num, ex: Num, ey: Num, fx: Num, fy: Num) -> Num:
    """Up to two shares along a chord where it may meet an edge; NaN for none."""
    gx, gy = fx - ex, fy - ey
    det = dx * gy - dy * gx
    scale = np.sqrt((dx * dx + dy * dy) * (gx * gx + gy * gy))
    if abs(det) > PARALLEL * scale:
        share = ((ex - x0) * gy - (ey - y0) * gx) / det
        along = ((ex - x0) * dy - (ey - y0) * dx) / det
        slack = SLACK + 1e-13 * scale / abs(det)
        if share < -slack or share > 1.0 + slack or along < -slack or along > 1.0 + slack:
            return np.nan, np.nan
        return min(max(share, 0.0), 1.0), np.nan
    length = dx * dx + dy * dy
    if length == 0.0:
        return 0.0, np.nan
    first, last = ((ex - x0) * dx + (ey - y0) * dy) / length, ((fx - x0) * dx + (fy - y0) * dy) / length
    if max(first, last) < -SLACK or min(first, last) > 1.0 + SLACK:
        return np.nan, np.nan
    if abs((ex - x0) * dy - (ey - y0) * dx) > 1e-6 * np.sqrt(length):  # farther aside than 0.1 m
        return np.nan, np.nan
    return min(max(first, 0.0), 1.0), min(max(last, 0.0), 1.0)


@kernel
def _within(start: Array, size: Num, origin: Num, inverse: Num, count: Num) -> Num:
    """First and last cell along one axis that a chord's extent meets, a little widened."""
    low, high = min(start, start + size), max(start, start + size)
    first = int(np.floor((low - origin) * inverse - 1e-6))
    last = int(np.floor((high - origin) * inverse + 1e-6))
    return max(first, 0), min(last, count - 1)


@kernel
def _leaf_meets(
    grid: GridTables,
    leaf: Num,
    area: Num,
    x0: Num,
    y0: Num,
    dx: Num,
    dy: Num,
    chord: Num,
    found: Array,
    many: Num,
) -> Num:
    """Add where a chord may meet edges of one area in a leaf; how many there are now."""
    west, east, south, north = min(x0, x0 + dx), max(x0, x0 + dx), min(y0, y0 + dy), max(y0, y0 + dy)
    for g in range(grid.leaf_start[leaf], grid.leaf_start[leaf + 1]):
        if grid.group_area[g] != area:
            continue
        for place in range(grid.group_edge[g], grid.group_edge[g + 1]):
            e = grid.listed[place]
            ax, ay, bx, by = grid.ax[e], grid.ay[e], grid.bx[e], grid.by[e]
            if grid.cut[e] or max(ax, bx) < west - SLACK or min(ax, bx) > east + SLACK:
                continue
            if max(ay, by) < south - SLACK or min(ay, by) > north + SLACK:
                continue
            for share in _meet(x0, y0, dx, dy, ax, ay, bx, by):
                if share == share:
                    if many < len(found):
                        found[many, 0], found[many, 1] = chord, share
                    many += 1
        break
    return many


@kernel
def _chord_meets(
    grid: GridTables, area: Num, x0: Num, y0: Num, dx: Num, dy: Num, chord: Num, found: Array, many: Num
) -> Num:
    """Add where a chord may meet edges of one area; how many there are now."""
    step = SUB * grid.inverse
    first_x, last_x = _within(x0, dx, grid.west, step, SUB * grid.columns)
    first_y, last_y = _within(y0, dy, grid.south, step, SUB * grid.rows)
    for row in range(first_y // SUB, last_y // SUB + 1):
        for column in range(first_x // SUB, last_x // SUB + 1):
            value = grid.cells[row * grid.columns + column]
            if value >= -1 or -2 - value >= grid.blocks:
                continue
            block = (-2 - value) * SUB * SUB
            for y in range(max(first_y - SUB * row, 0), min(last_y - SUB * row, SUB - 1) + 1):
                for x in range(max(first_x - SUB * column, 0), min(last_x - SUB * column, SUB - 1) + 1):
                    leaf = -2 - grid.subs[block + y * SUB + x] - grid.blocks
                    if leaf >= 0:
                        many = _leaf_meets(grid, leaf, area, x0, y0, dx, dy, chord, found, many)
    return many


@kernel
def chords_meeting(
    area: Num, lon: Array, lat: Array, dlon: Array, dlat: Array, grid: GridTables, found: Array
) -> Num:
    """Where chords may meet edges of one area.

    Args:
        lon, lat, dlon, dlat: (n,) starts within ±180 and extents, degrees; no NaN.
        found: (m, 2) float64, filled as far as it reaches: number of the chord, share along it.

    Returns:
        how many there are; one meeting may be named several times.
    """
    many = 0
    for i in range(len(lon)):
        for turn in (-360.0, 0.0, 360.0):
            x0 = lon[i] + turn
            if max(x0, x0 + dlon[i]) >= -180.0 and min(x0, x0 + dlon[i]) <= 180.0:
                many = _chord_meets(grid, area, x0, lat[i], dlon[i], dlat[i], i, found, many)
    return many
