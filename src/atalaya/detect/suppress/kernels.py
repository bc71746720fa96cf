"""Loops of non-maximum suppression."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def kept(
    hull: Floats,
    corners: Floats,
    label: Ints,
    cells: Ints,
    slot: Ints,
    levels: Ints,
    overlap: float,
    least: float,
    row_keys: int,
    level_keys: int,
) -> NDArray[np.bool_]:
    """(n,) bool: which claims stay.

    hull: (n, 4) upright boxes, surest first. corners: (n, 4, 2) turned one way, or (0, 4, 2) for upright
    claims. label: (n,). cells: sorted keys of filled cells; slot: (n,) each claim's. levels: sizes that
    occur, as powers of two. least: the smallest ratio of sides at which the overlap can count.
    """
    n = len(hull)
    stays = np.zeros(n, np.bool_)
    head = np.full(len(cells), -1, np.int64)
    following = np.full(n, -1, np.int64)
    buffers = np.empty((2, 16, 2))
    for index in range(n):
        if not _beaten(
            index,
            hull,
            corners,
            label,
            cells,
            levels,
            overlap,
            least,
            row_keys,
            level_keys,
            head,
            following,
            buffers,
        ):
            stays[index] = True
            following[index] = head[slot[index]]
            head[slot[index]] = index
    return stays


@kernel
def _beaten(
    index: int,
    hull: Floats,
    corners: Floats,
    label: Ints,
    cells: Ints,
    levels: Ints,
    overlap: float,
    least: float,
    row_keys: int,
    level_keys: int,
    head: Ints,
    following: Ints,
    buffers: Floats,
) -> bool:
    wide, high = hull[index, 2] - hull[index, 0], hull[index, 3] - hull[index, 1]
    across, down = (hull[index, 0] + hull[index, 2]) / 2, (hull[index, 1] + hull[index, 3]) / 2
    side = max(wide, high, 1e-6)
    for level in levels:
        size = 2.0**level
        # sides at this level lie in (size / 2, size]; those that cannot count are passed over
        if size < side * least * 0.999 or size / 2 > side / least * 1.001:
            continue
        reach = (side + size) / 2
        for row in range(int(np.floor((down - reach) / size)), int(np.floor((down + reach) / size)) + 1):
            for column in range(
                int(np.floor((across - reach) / size)), int(np.floor((across + reach) / size)) + 1
            ):
                key = ((level + level_keys // 2) * row_keys + row % row_keys) * row_keys + column % row_keys
                cell = np.searchsorted(cells, key)
                if cell == len(cells) or cells[cell] != key:
                    continue
                other = head[cell]
                while other >= 0:
                    if label[other] == label[index] and _overlaps(
                        index, other, hull, corners, overlap, buffers
                    ):
                        return True
                    other = following[other]
    return False


@kernel
def _overlaps(a: int, b: int, hull: Floats, corners: Floats, overlap: float, buffers: Floats) -> Any:
    wide = min(hull[a, 2], hull[b, 2]) - max(hull[a, 0], hull[b, 0])
    high = min(hull[a, 3], hull[b, 3]) - max(hull[a, 1], hull[b, 1])
    if wide <= 0 or high <= 0:
        return False
    if len(corners) == 0:
        shared = wide * high
        whole = (hull[a, 2] - hull[a, 0]) * (hull[a, 3] - hull[a, 1])
        whole += (hull[b, 2] - hull[b, 0]) * (hull[b, 3] - hull[b, 1])
    else:
        shared = shared_area(corners[a], corners[b], buffers)
        whole = area(corners[a], 4) + area(corners[b], 4)
    return shared > overlap * (whole - shared)


@kernel
def shared_area(first: Floats, second: Floats, buffers: Floats) -> float:
    """Area common to two convex quadrilaterals (4, 2) turned the same, positive way.

    Sutherland and Hodgman, Reentrant polygon clipping, CACM 17 (1974). buffers: (2, 16, 2), overwritten.
    """
    count = 4
    for corner in range(4):
        buffers[0, corner, 0], buffers[0, corner, 1] = first[corner, 0], first[corner, 1]
    now = 0
    for edge in range(4):
        from_x, from_y = second[edge, 0], second[edge, 1]
        along_x, along_y = second[(edge + 1) % 4, 0] - from_x, second[(edge + 1) % 4, 1] - from_y
        kept_count = 0
        for corner in range(count):
            x, y = buffers[now, corner, 0], buffers[now, corner, 1]
            next_x, next_y = buffers[now, (corner + 1) % count, 0], buffers[now, (corner + 1) % count, 1]
            side = along_x * (y - from_y) - along_y * (x - from_x)
            next_side = along_x * (next_y - from_y) - along_y * (next_x - from_x)
            if side >= 0:
                buffers[1 - now, kept_count, 0], buffers[1 - now, kept_count, 1] = x, y
                kept_count += 1
            if (side > 0 and next_side < 0) or (side < 0 and next_side > 0):
                share = side / (side - next_side)
                buffers[1 - now, kept_count, 0] = x + share * (next_x - x)
                buffers[1 - now, kept_count, 1] = y + share * (next_y - y)
                kept_count += 1
        count, now = kept_count, 1 - now
        if count < 3:
            return 0.0
    return area(buffers[now], count)


@kernel
def area(corners: Floats, count: int) -> float:
    """Area of a polygon of so many corners, positive for the way that turns columns towards rows."""
    twice = 0.0
    for corner in range(count):
        following = (corner + 1) % count
        twice += corners[corner, 0] * corners[following, 1] - corners[corner, 1] * corners[following, 0]
    return twice / 2
