"""A layer's grid from its edges."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atalaya.law.boundary.edges import Edges
from atalaya.law.boundary.grid.tables import Ends, GridTables
from atalaya.law.boundary.gridding import kernels

Ints = NDArray[np.int64]
Areas = NDArray[np.int32]

SUB = kernels.SUB
PARTS = SUB * SUB
CELLS = 1e6
LARGEST_DEG, SMALLEST_DEG = 0.1, 0.005


class Lines(NamedTuple):
    """Where one area's edges cross its scan lines."""

    area: int
    first_row: int
    start: Ints
    crossings: NDArray[np.float64]


def tables_of(edges: Edges) -> GridTables:
    """The grid over all edges of a layer: about a second for 550,000 of them."""
    west, south, inverse, columns, rows = frame = _frame(edges)
    step = inverse * SUB
    fine = (
        np.ascontiguousarray((edges.ax - west) * step),
        np.ascontiguousarray((edges.ay - south) * step),
        np.ascontiguousarray((edges.bx - west) * step),
        np.ascontiguousarray((edges.by - south) * step),
    )
    border = np.zeros(columns * rows, np.bool_)
    kernels.mark_border(fine, columns, rows, border)
    block_of = np.where(border, np.cumsum(border) - 1, -1).astype(np.int32)
    blocks = int(border.sum())
    start, listed = _listed(fine, columns, rows, block_of, blocks)

    lines = _lines(edges, fine, rows)
    cells, count = np.full(columns * rows, -1, np.int32), np.zeros(columns * rows, np.uint16)
    for line in lines:
        kernels.fill_cells(
            line.area, line.first_row, line.start, line.crossings, columns, border, count, cells
        )
    shared = count > 1
    whole_of = np.where(shared, blocks * PARTS + np.cumsum(shared) - 1, -1).astype(np.int64)
    slots = blocks * PARTS + int(shared.sum())
    start = np.concatenate((start, np.full(slots + 1 - len(start), start[-1])))
    unsure = np.zeros(blocks * PARTS, np.bool_)
    inside = _inside(lines, columns, block_of, whole_of, unsure, slots)
    values, leaves, groups = _joined(blocks, start, edges.area[listed], *inside)

    cells[border] = -2 - block_of[border]
    cells[shared] = values[whole_of[shared]]
    parts = np.ascontiguousarray(values[: blocks * PARTS])
    doubtful = parts[unsure]
    leaf_unsure = np.zeros(len(leaves) - 1, np.bool_)
    leaf_unsure[-2 - doubtful[doubtful < -1] - blocks] = True
    return GridTables._make(
        (*frame, cells, blocks, parts, leaves, leaf_unsure, *groups, listed, *edges.ends, edges.cut)
    )


def _frame(edges: Edges) -> tuple[float, float, float, int, int]:
    """West, south, cells per degree, columns, rows: whole cells around every edge."""
    if not len(edges.ax):
        return 0.0, 0.0, 1.0, 1, 1
    west, east = min(edges.ax.min(), edges.bx.min()), max(edges.ax.max(), edges.bx.max())
    south, north = min(edges.ay.min(), edges.by.min()), max(edges.ay.max(), edges.by.max())
    size = np.clip(np.sqrt((east - west) * (north - south) / CELLS), SMALLEST_DEG, LARGEST_DEG)
    inverse = np.ceil(1.0 / size)
    first_x, last_x = np.floor(west * inverse), np.floor(east * inverse)
    first_y, last_y = np.floor(south * inverse), np.floor(north * inverse)
    columns, rows = int(last_x - first_x) + 1, int(last_y - first_y) + 1
    return float(first_x / inverse), float(first_y / inverse), float(inverse), columns, rows


def _listed(fine: Ends, columns: int, rows: int, block_of: Areas, blocks: int) -> tuple[Ints, Areas]:
    """(parts + 1,) starts and the edges of every part of every border cell."""
    start = np.zeros(blocks * PARTS + 1, np.int64)
    kernels.count_edges(fine, columns, rows, block_of, start[1:])
    np.cumsum(start, out=start)
    listed = np.empty(start[-1], np.int32)
    kernels.list_edges(fine, columns, rows, block_of, start[:-1].copy(), listed)
    return start, listed


def _lines(edges: Edges, fine: Ends, rows: int) -> list[Lines]:
    found = []
    for area in range(len(edges.start) - 1):
        own = slice(edges.start[area], edges.start[area + 1])
        if own.stop > own.start:
            ends = (fine[0][own], fine[1][own], fine[2][own], fine[3][own])
            found.append(Lines(area, *kernels.scan(ends, rows * SUB)))
    return found


def _inside(
    lines: list[Lines],
    columns: int,
    block_of: Areas,
    whole_of: Ints,
    unsure: NDArray[np.bool_],
    slots: int,
) -> tuple[Ints, Areas]:
    """(slots + 1,) starts, and the areas, ascending, that hold each slot's reference place."""
    found_slot, found_area = [np.empty(0, np.int64)], [np.empty(0, np.int32)]

    def fill(line: Lines, found: Ints) -> int:
        asked = (line.first_row, line.start, line.crossings, columns, block_of, whole_of)
        return int(kernels.fill_slots(*asked, unsure=unsure, found=found))

    for line in lines:
        inside = np.empty(fill(line, np.empty(0, np.int64)), np.int64)
        fill(line, inside)
        found_slot.append(inside)
        found_area.append(np.full(len(inside), line.area, np.int32))
    slot, area = np.concatenate(found_slot), np.concatenate(found_area)
    start = np.zeros(slots + 1, np.int64)
    np.cumsum(np.bincount(slot, minlength=slots), out=start[1:])
    return start, area[np.argsort(slot, kind="stable")]


def _joined(
    blocks: int, edge_start: Ints, edge_area: Areas, inside_start: Ints, inside_area: Areas
) -> tuple[Areas, Ints, tuple[Any, ...]]:
    """Values by slot, group starts by leaf, and the groups."""
    slots = len(edge_start) - 1
    values = np.empty(slots, np.int32)
    asked = (slots, edge_start, edge_area, inside_start, inside_area, values, blocks)
    none = (np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int8), np.empty(0, np.int64))
    leaves, groups = kernels.join_groups(*asked, out=none)
    leaf_start, group_edge = np.full(leaves + 1, groups), np.full(groups + 1, len(edge_area))
    area, inside = np.empty(groups, np.int32), np.empty(groups, np.int8)
    kernels.join_groups(*asked, out=(leaf_start[:-1], area, inside, group_edge[:-1]))
    return values, leaf_start, (area, inside, group_edge)
