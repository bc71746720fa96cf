"""Look-ups in the grid of a layer: uniform cells answer at once, border cells count edges to a known place.

A leaf lists groups: one area, its edges near the leaf, and whether the leaf's reference place is inside that
area. Every edge of the group between that place and a point changes the side. Orientations whose sign
rounding could change (Shewchuk, Discrete Comput. Geom. 18, 1997, bound A) are not decided here: the answer is
UNSURE and the caller asks GEOS.
"""

import numpy as np

from atalaya.base.numeric import borrowing_kernel as kernel
from atalaya.law.boundary.grid.tables import Array, GridTables, Num

SUB = 8
FX, FY = 0.5137, 0.4871
"""Where in its cell a leaf's reference place lies: off the round numbers that lines like."""

UNSURE = -3
CLOSE = 3.3306690738754716e-16
NUDGE_DEG = 1e-9
BULGE = 0.0022
"""More than a geodesic leaves its chord towards a pole, degrees per square degree of longitude."""

WIDE_DEG = 20.0
FEW = 6


@kernel
def _side(ax: Num, ay: Num, bx: Num, by: Num, px: Num, py: Num) -> Num:
    """1 left, -1 right of the line from a to b, 0 when rounding could decide."""
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    turn = left - right
    if abs(turn) <= CLOSE * (abs(left) + abs(right)):
        return 0
    return 1 if turn > 0.0 else -1


@kernel
def _crossed(grid: GridTables, group: Num, px: Num, py: Num, qx: Num, qy: Num) -> Num:
    """1 where an odd number of a group's edges lies between p and q, else 0; 2 when rounding could decide."""
    odd = 0
    west, east = min(px, qx), max(px, qx)
    south, north = min(py, qy), max(py, qy)
    for place in range(grid.group_edge[group], grid.group_edge[group + 1]):
        e = grid.listed[place]
        x0, x1, y0, y1 = grid.ax[e], grid.bx[e], grid.ay[e], grid.by[e]
        if (y0 < south and y1 < south) or (y0 > north and y1 > north):
            continue
        if (x0 < west and x1 < west) or (x0 > east and x1 > east):
            continue
        side_a, side_b = _side(px, py, qx, qy, x0, y0), _side(px, py, qx, qy, x1, y1)
        if side_a * side_b > 0:
            continue
        side_p, side_q = _side(x0, y0, x1, y1, px, py), _side(x0, y0, x1, y1, qx, qy)
        if side_p * side_q > 0:
            continue
        if side_a * side_b * side_p * side_q == 0:
            return 2
        odd ^= 1
    return odd


@kernel
def _locate(grid: GridTables, x: Num, y: Num) -> tuple[Num, Num, Num, Num, Num]:
    """The value for a point, the point within ±180 and off the cuts, its smallest cell's reference place."""
    if not (x >= -180.0 and x < 180.0):
        x = (x + 180.0) % 360.0 - 180.0
    if x == -180.0:  # the cut itself is no boundary
        x += NUDGE_DEG
    if abs(y) == 90.0:
        y -= np.sign(y) * NUDGE_DEG
    fx, fy = (x - grid.west) * grid.inverse, (y - grid.south) * grid.inverse
    if not (fx >= 0.0 and fx < grid.columns and fy >= 0.0 and fy < grid.rows):  # NaN too
        return -1, x, y, 0.0, 0.0
    column, row = int(fx), int(fy)
    value = grid.cells[row * grid.columns + column]
    part_x, part_y = 0, 0
    if value < -1 and -2 - value < grid.blocks:
        part_x, part_y = min(int((fx - column) * SUB), SUB - 1), min(int((fy - row) * SUB), SUB - 1)
        value = grid.subs[(-2 - value) * SUB * SUB + part_y * SUB + part_x]
    step = SUB * grid.inverse
    qx, qy = grid.west + (SUB * column + part_x + FX) / step, grid.south + (SUB * row + part_y + FY) / step
    return value, x, y, qx, qy


@kernel
def _state(grid: GridTables, leaf: Num, group: Num, x: Num, y: Num, qx: Num, qy: Num) -> Num:
    """0 outside, 1 inside a group's area, 2 when GEOS must decide."""
    if grid.leaf_unsure[leaf]:
        return 2
    odd = _crossed(grid, group, x, y, qx, qy)
    return odd if odd == 2 else odd ^ grid.group_inside[group]


@kernel
def areas_of_points(lon: Array, lat: Array, grid: GridTables, area_out: Array, unsure_out: Array) -> Num:
    """Area number of each point (the lowest of several), -1 for none.

    Args:
        lon, lat: (n,) degrees; NaN is in no area.
        area_out: (n,) int32, filled. unsure_out: (n,) int64, filled with the points for GEOS.

    Returns:
        how many points GEOS must decide.
    """
    unsure = 0
    for i in range(len(lon)):
        value, x, y, qx, qy = _locate(grid, lon[i], lat[i])
        if value < -1:
            leaf = -2 - value - grid.blocks
            value = -1
            for g in range(grid.leaf_start[leaf], grid.leaf_start[leaf + 1]):
                state = _state(grid, leaf, g, x, y, qx, qy)
                if state:
                    value = grid.group_area[g] if state == 1 else UNSURE
                    break
            if value == UNSURE:
                unsure_out[unsure] = i
                unsure += 1
        area_out[i] = value
    return unsure


@kernel
def points_in_area(
    area: Num, lon: Array, lat: Array, grid: GridTables, inside_out: Array, unsure_out: Array
) -> Num:
    """Whether each point lies in one area; arguments as of `areas_of_points`."""
    unsure = 0
    for i in range(len(lon)):
        value, x, y, qx, qy = _locate(grid, lon[i], lat[i])
        inside_out[i] = value == area
        if value >= -1:
            continue
        leaf = -2 - value - grid.blocks
        for g in range(grid.leaf_start[leaf], grid.leaf_start[leaf + 1]):
            if grid.group_area[g] == area:
                state = _state(grid, leaf, g, x, y, qx, qy)
                inside_out[i] = state == 1
                if state == 2:
                    unsure_out[unsure] = i
                    unsure += 1
                break
    return unsure


@kernel
def memberships_of_points(lon: Array, lat: Array, grid: GridTables, out: Array) -> Num:
    """Every (point, area, 1 inside or 2 for GEOS) as rows of `out`, as many as fit.

    Args:
        out: (m, 3) int64, filled; with m = 0 nothing is written.

    Returns:
        how many rows there are.
    """
    found = 0
    for i in range(len(lon)):
        value, x, y, qx, qy = _locate(grid, lon[i], lat[i])
        if value >= 0:
            if found < len(out):
                out[found, 0], out[found, 1], out[found, 2] = i, value, 1
            found += 1
        if value >= -1:
            continue
        leaf = -2 - value - grid.blocks
        for g in range(grid.leaf_start[leaf], grid.leaf_start[leaf + 1]):
            state = _state(grid, leaf, g, x, y, qx, qy)
            if state:
                if found < len(out):
                    out[found, 0], out[found, 1], out[found, 2] = i, grid.group_area[g], state
                found += 1
    return found


@kernel
def _leaf_touched(grid: GridTables, leaf: Num, x0: Num, y0: Num, x1: Num, y1: Num) -> Num:
    """Whether the box of any edge of a leaf meets a box."""
    first = grid.group_edge[grid.leaf_start[leaf]]
    for place in range(first, grid.group_edge[grid.leaf_start[leaf + 1]]):
        e = grid.listed[place]
        if max(grid.ax[e], grid.bx[e]) < x0 or min(grid.ax[e], grid.bx[e]) > x1:
            continue
        if max(grid.ay[e], grid.by[e]) < y0 or min(grid.ay[e], grid.by[e]) > y1:
            continue
        return True
    return False


@kernel
def _cell_touched(grid: GridTables, column: Num, row: Num, x0: Num, y0: Num, x1: Num, y1: Num) -> Num:
    """Whether a box meets an edge in one cell."""
    value = grid.cells[row * grid.columns + column]
    if value >= -1 or -2 - value >= grid.blocks:
        return False
    block = (-2 - value) * SUB * SUB
    step = SUB * grid.inverse
    first_x = max(int(np.floor((x0 - grid.west) * step)) - SUB * column, 0)
    last_x = min(int(np.floor((x1 - grid.west) * step)) - SUB * column, SUB - 1)
    first_y = max(int(np.floor((y0 - grid.south) * step)) - SUB * row, 0)
    last_y = min(int(np.floor((y1 - grid.south) * step)) - SUB * row, SUB - 1)
    for part_y in range(first_y, last_y + 1):
        for part_x in range(first_x, last_x + 1):
            leaf = -2 - grid.subs[block + part_y * SUB + part_x] - grid.blocks
            if leaf >= 0 and _leaf_touched(grid, leaf, x0, y0, x1, y1):
                return True
    return False


@kernel
def segments_touched(lon: Array, lat: Array, grid: GridTables, below: Array, out: Array) -> None:
    """Whether the geodesic from each point to the next may meet any edge; boxes decide, generously.

    Args:
        lon, lat: (n,) degrees.
        below: (rows + 1, columns + 1) int32, number of blocks south-west of each corner.
        out: (n - 1,) bool, filled.
    """
    for i in range(len(lon) - 1):
        x0, x1 = min(lon[i], lon[i + 1]), max(lon[i], lon[i + 1])
        y0, y1 = min(lat[i], lat[i + 1]), max(lat[i], lat[i + 1])
        wide = x1 - x0
        out[i] = False
        if not (y0 >= -90.0 and y1 <= 90.0 and y1 - y0 >= 0.0 and wide < np.inf):  # an end is nowhere
            continue
        out[i] = wide >= WIDE_DEG or x0 < -180.0 or x1 >= 180.0
        if out[i]:
            continue
        bulge = BULGE * wide * wide + NUDGE_DEG
        x0, x1, y0, y1 = x0 - NUDGE_DEG, x1 + NUDGE_DEG, y0 - bulge, y1 + bulge
        c0 = max(int(np.floor((x0 - grid.west) * grid.inverse)), 0)
        c1 = min(int(np.floor((x1 - grid.west) * grid.inverse)), grid.columns - 1)
        r0 = max(int(np.floor((y0 - grid.south) * grid.inverse)), 0)
        r1 = min(int(np.floor((y1 - grid.south) * grid.inverse)), grid.rows - 1)
        if c1 < c0 or r1 < r0:
            continue
        if (c1 - c0 + 1) * (r1 - r0 + 1) > FEW:
            met = below[r1 + 1, c1 + 1] - below[r0, c1 + 1] - below[r1 + 1, c0] + below[r0, c0]
            out[i] = met > 0
            continue
        for row in range(r0, r1 + 1):
            for column in range(c0, c1 + 1):
                out[i] = out[i] or _cell_touched(grid, column, row, x0, y0, x1, y1)
