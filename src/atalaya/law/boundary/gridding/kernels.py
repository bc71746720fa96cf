"""Making the grid of a layer: which cells edges cross, and which areas the rest lie in, by scan lines.

A fine row has one scan line; an area's crossings of it, ordered, give the spans inside. Columns and rows of
the fine grid count SUB to a cell, and ends of edges are in its steps.
"""

import numpy as np

from atalaya.base.numeric import kernel
from atalaya.law.boundary.grid.tables import Array, Ends, Num

SUB = 8
FX, FY = 0.5137, 0.4871
MARGIN = 1e-6
CLOSE = 1e-7


@kernel
def _span(x0: Num, y0: Num, x1: Num, y1: Num, row: Num) -> Num:
    """First and last fine column an edge (in fine steps) meets in a fine row, a little widened."""
    if y1 < y0:
        x0, y0, x1, y1 = x1, y1, x0, y0
    low, high = max(y0, row - MARGIN), min(y1, row + 1 + MARGIN)
    if y1 > y0:
        slope = (x1 - x0) / (y1 - y0)
        first, last = x0 + (low - y0) * slope, x0 + (high - y0) * slope
    else:
        first, last = x0, x1
    if last < first:
        first, last = last, first
    return int(np.floor(first - MARGIN)), int(np.floor(last + MARGIN))


@kernel
def _rows(y0: Num, y1: Num, rows: Num) -> Num:
    low, high = (y0, y1) if y0 <= y1 else (y1, y0)
    return max(int(np.floor(low - MARGIN)), 0), min(int(np.floor(high + MARGIN)), rows - 1)


@kernel
def mark_border(ends: Ends, columns: Num, rows: Num, border: Array) -> None:
    """Set `border` (cells, bool) for every cell an edge meets; ends in fine steps."""
    ax, ay, bx, by = ends
    for e in range(len(ax)):
        first_row, last_row = _rows(ay[e], by[e], SUB * rows)
        for row in range(first_row, last_row + 1):
            first, last = _span(ax[e], ay[e], bx[e], by[e], row)
            for column in range(max(first, 0) // SUB, min(last, SUB * columns - 1) // SUB + 1):
                border[(row // SUB) * columns + column] = True


@kernel
def count_edges(ends: Ends, columns: Num, rows: Num, block_of: Array, count: Array) -> None:
    """Add to `count` (small cells) every edge that meets one."""
    ax, ay, bx, by = ends
    for e in range(len(ax)):
        first_row, last_row = _rows(ay[e], by[e], SUB * rows)
        for row in range(first_row, last_row + 1):
            first, last = _span(ax[e], ay[e], bx[e], by[e], row)
            for column in range(max(first, 0), min(last, SUB * columns - 1) + 1):
                block = block_of[(row // SUB) * columns + column // SUB]
                count[block * SUB * SUB + (row % SUB) * SUB + column % SUB] += 1


@kernel
def list_edges(
    ends: Ends,
    columns: Num,
    rows: Num,
    block_of: Array,
    at: Array,
    listed: Array,
) -> None:
    """Write every edge's number where `at` (small cells, next free place) says; in order of the edges."""
    ax, ay, bx, by = ends
    for e in range(len(ax)):
        first_row, last_row = _rows(ay[e], by[e], SUB * rows)
        for row in range(first_row, last_row + 1):
            first, last = _span(ax[e], ay[e], bx[e], by[e], row)
            for column in range(max(first, 0), min(last, SUB * columns - 1) + 1):
                block = block_of[(row // SUB) * columns + column // SUB]
                slot = block * SUB * SUB + (row % SUB) * SUB + column % SUB
                listed[at[slot]] = e
                at[slot] += 1


@kernel
def scan(ends: Ends, rows: Num) -> Num:
    """Where an area's edges (in fine steps) cross its scan lines.

    Returns:
        first fine row, (r + 1,) starts by row, crossings ordered within each row.
    """
    ax, ay, bx, by = ends
    first_row, last_row = rows, -1
    for e in range(len(ax)):
        low, high = _rows(ay[e], by[e], rows)
        first_row, last_row = min(first_row, low), max(last_row, high)
    start = np.zeros(max(last_row - first_row + 2, 1), np.int64)
    for e in range(len(ax)):
        low, high = _rows(ay[e], by[e], rows)
        for row in range(low, high + 1):
            if (ay[e] > row + FY) != (by[e] > row + FY):
                start[row - first_row + 1] += 1
    for r in range(1, len(start)):
        start[r] += start[r - 1]
    crossings = np.empty(start[-1], np.float64)
    at = start[:-1].copy()
    for e in range(len(ax)):
        low, high = _rows(ay[e], by[e], rows)
        for row in range(low, high + 1):
            if (ay[e] > row + FY) != (by[e] > row + FY):
                share = (row + FY - ay[e]) / (by[e] - ay[e])
                crossings[at[row - first_row]] = ax[e] + share * (bx[e] - ax[e])
                at[row - first_row] += 1
    for r in range(len(start) - 1):
        crossings[start[r] : start[r + 1]] = np.sort(crossings[start[r] : start[r + 1]])
    return first_row, start, crossings


@kernel
def fill_cells(
    area: Num,
    first_row: Num,
    start: Array,
    crossings: Array,
    columns: Num,
    border: Array,
    count: Array,
    cells: Array,
) -> None:
    """Add an area to the cells without edges whose reference place it holds; the first one is kept."""
    for r in range(len(start) - 1):
        row = first_row + r
        if row % SUB != SUB // 2:
            continue
        for k in range(start[r], start[r + 1] - 1, 2):
            first = int(np.ceil((crossings[k] - FX - SUB // 2) / SUB))
            last = int(np.floor((crossings[k + 1] - FX - SUB // 2) / SUB))
            for column in range(max(first, 0), min(last, columns - 1) + 1):
                cell = (row // SUB) * columns + column
                if not border[cell]:
                    if count[cell] == 0:
                        cells[cell] = area
                    count[cell] += 1


@kernel
def fill_slots(
    first_row: Num,
    start: Array,
    crossings: Array,
    columns: Num,
    block_of: Array,
    whole_of: Array,
    unsure: Array,
    found: Array,
) -> Num:
    """The slots (small cells, then cells without edges under several areas) whose reference place is inside.

    Args:
        block_of: (cells,) block number or -1; whole_of: (cells,) slot of a cell as a whole, or -1.
        unsure: (small cells,) bool, set where a crossing falls on a reference place.
        found: (m,) int64, filled as far as it reaches.

    Returns:
        how many there are.
    """
    many = 0
    for r in range(len(start) - 1):
        row = first_row + r
        for k in range(start[r], start[r + 1] - 1, 2):
            west, east = crossings[k] - FX, crossings[k + 1] - FX
            first, last = max(int(np.ceil(west)), 0), min(int(np.floor(east)), SUB * columns - 1)
            for place in (west, east):
                column = int(np.rint(place))
                if abs(place - column) < CLOSE and 0 <= column < SUB * columns:
                    block = block_of[(row // SUB) * columns + column // SUB]
                    if block >= 0:
                        unsure[block * SUB * SUB + (row % SUB) * SUB + column % SUB] = True
            for big in range(first // SUB, last // SUB + 1):
                cell = (row // SUB) * columns + big
                middle = SUB * big + SUB // 2
                if whole_of[cell] >= 0 and row % SUB == SUB // 2 and first <= middle <= last:
                    if many < len(found):
                        found[many] = whole_of[cell]
                    many += 1
                if block_of[cell] < 0:
                    continue
                for column in range(max(first, SUB * big), min(last, SUB * big + SUB - 1) + 1):
                    if many < len(found):
                        found[many] = block_of[cell] * SUB * SUB + (row % SUB) * SUB + column % SUB
                    many += 1
    return many


@kernel
def join_groups(
    slots: Num,
    edge_start: Array,
    edge_area: Array,
    inside_start: Array,
    inside_area: Array,
    values: Array,
    first_leaf: Num,
    out: tuple[Array, Array, Array, Array],
) -> Num:
    """Leaves and groups of every slot, from its edges' areas and the areas its reference place lies in.

    Args:
        edge_start, inside_start: (slots + 1,); edge_area: area of each listed edge, ascending in a slot;
            inside_area: areas by slot, ascending.
        values: (slots,) int32, filled: area, -1, or -2 - (first_leaf + leaf).
        out: (leaf_start, group_area, group_inside, group_edge), each filled as far as it reaches.

    Returns:
        how many leaves and groups there are.
    """
    leaf_start, group_area, group_inside, group_edge = out
    leaf = group = 0
    for slot in range(slots):
        e, last = edge_start[slot], edge_start[slot + 1]
        i, end = inside_start[slot], inside_start[slot + 1]
        if e == last and end - i < 2:
            values[slot] = inside_area[i] if end > i else -1
            continue
        values[slot] = -2 - (first_leaf + leaf)
        if leaf < len(leaf_start):
            leaf_start[leaf] = group
        leaf += 1
        while e < last or i < end:
            here = edge_area[e] if e < last else inside_area[i]
            if i < end and inside_area[i] < here:
                here = inside_area[i]
            inside = i < end and inside_area[i] == here
            if inside:
                i += 1
            if group < len(group_area):
                group_area[group], group_inside[group], group_edge[group] = here, inside, e
            group += 1
            while e < last and edge_area[e] == here:
                e += 1
    return leaf, group
