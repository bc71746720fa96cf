"""Lines of sight from cells of the ground up to a camera, against posts and their pyramid of maxima."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Heights = NDArray[np.float32]

DEEP, HIDDEN, NARROW, CLEAR = -2, -1, 0, 1


@kernel
def pyramid(posts: Heights, offsets: NDArray[np.int64], shapes: NDArray[np.int64], tops: Heights) -> None:
    """Fill `tops` with the highest post of every cell, level by level (2 x 2 cells to one).

    Args:
        posts: (r, c) metres; NaN where unknown (never hides anything).
        offsets: (levels,) where each level begins in `tops`; shapes: (levels, 2) its rows and columns.
    """
    rows, columns = shapes[0]
    for i in range(rows):
        for j in range(columns):
            top = np.float32(-np.inf)
            for post in (posts[i, j], posts[i, j + 1], posts[i + 1, j], posts[i + 1, j + 1]):
                if post > top:
                    top = post
            tops[i * columns + j] = top
    for level in range(1, len(offsets)):
        below, wide = offsets[level - 1], shapes[level - 1, 1]
        for i in range(shapes[level, 0]):
            for j in range(shapes[level, 1]):
                top = np.float32(-np.inf)
                for k in range(2 * i, min(2 * i + 2, shapes[level - 1, 0])):
                    for m in range(2 * j, min(2 * j + 2, wide)):
                        if tops[below + k * wide + m] > top:
                            top = tops[below + k * wide + m]
                tops[offsets[level] + i * shapes[level, 1] + j] = top


@kernel
def height_at(posts: Heights, r: float, c: float) -> float:
    """Bilinear height at a row and column of posts; NaN outside and beside unknown posts."""
    rows, columns = posts.shape
    if not (r >= 0.0 and c >= 0.0 and r <= rows - 1 and c <= columns - 1):
        return np.nan
    i, j = min(int(r), rows - 2), min(int(c), columns - 2)
    y, x = r - i, c - j
    upper = posts[i, j] + x * (posts[i, j + 1] - posts[i, j])
    lower = posts[i + 1, j] + x * (posts[i + 1, j + 1] - posts[i + 1, j])
    return float(upper + y * (lower - upper))


@kernel
def lowest(at_start: float, at_middle: float, at_end: float) -> float:
    """Least value of the parabola through three equidistant values, between the outer two."""
    least = min(at_start, at_end)
    bend = 2.0 * (at_start + at_end - 2.0 * at_middle)
    if bend > 0.0:
        slope = at_end - at_start - bend
        place = -slope / (2.0 * bend)
        if place > 0.0 and place < 1.0:
            least = min(least, at_start + place * (slope + bend * place))
    return least


@kernel
def sight(
    posts: Heights,
    tops: Heights,
    offsets: NDArray[np.int64],
    shapes: NDArray[np.int64],
    r: float,
    c: float,
    h: float,
    dr: float,
    dc: float,
    climb: float,
    bulge: float,
    tolerance: float,
    need: float,
    near: float,
) -> int:
    """Whether the line r + dr u, c + dc u, h + climb u + bulge u^2 is free, u from 0 (ground) to 1 (camera).

    Returns:
        HIDDEN when a post's surface rises more than `tolerance` above it, DEEP when more than `need`;
        NARROW when it is free but with less than `need` to spare beyond u = `near`; else CLEAR.
    """
    rows, columns = posts.shape
    levels = len(offsets)
    verdict = CLEAR
    u, level = 0.0, 0
    highest = tops[offsets[levels - 1]]
    for _ in range(100000):
        if u >= 1.0 or h + climb * u + bulge * u * u > highest + need:
            break
        at_r, at_c = r + dr * u, c + dc * u
        i = int(np.floor(at_r + (1e-9 if dr > 0.0 else -1e-9)))
        j = int(np.floor(at_c + (1e-9 if dc > 0.0 else -1e-9)))
        if i < 0 or j < 0 or i > rows - 2 or j > columns - 2:
            break
        i, j = i >> level, j >> level
        leave = 1.0
        if dr > 0.0:
            leave = min(leave, (((i + 1) << level) - r) / dr)
        elif dr < 0.0:
            leave = min(leave, ((i << level) - r) / dr)
        if dc > 0.0:
            leave = min(leave, (((j + 1) << level) - c) / dc)
        elif dc < 0.0:
            leave = min(leave, ((j << level) - c) / dc)
        leave = max(leave, u + 1e-9)
        start = h + climb * u + bulge * u * u
        if start > tops[offsets[level] + i * shapes[level, 1] + j] + need:
            u = leave
            level = min(level + 1, levels - 1)
        elif level > 0:
            level -= 1
        else:
            least = least_clearance(posts, i, j, r, c, h, dr, dc, climb, bulge, u, leave)
            if least < -tolerance:
                verdict = HIDDEN
                if least < -need:
                    return DEEP
            elif verdict == CLEAR and least < need and leave > near:
                start_u = max(u, near)
                if least_clearance(posts, i, j, r, c, h, dr, dc, climb, bulge, start_u, leave) < need:
                    verdict = NARROW
            u = leave
            level = min(1, levels - 1)
    return verdict


@kernel
def least_clearance(
    posts: Heights,
    i: int,
    j: int,
    r: float,
    c: float,
    h: float,
    dr: float,
    dc: float,
    climb: float,
    bulge: float,
    u: float,
    leave: float,
) -> float:
    """Least height of the line above one bilinear patch between two places; infinite beside unknown posts."""
    a = posts[i, j]
    b = posts[i, j + 1] - a
    d = posts[i + 1, j] - a
    e = posts[i + 1, j + 1] - a - b - d
    if not np.isfinite(e):
        return np.inf
    middle = 0.5 * (u + leave)
    y, x = r + dr * u - i, c + dc * u - j
    first = h + climb * u + bulge * u * u - (a + b * x + d * y + e * x * y)
    y, x = r + dr * middle - i, c + dc * middle - j
    second = h + climb * middle + bulge * middle * middle - (a + b * x + d * y + e * x * y)
    y, x = r + dr * leave - i, c + dc * leave - j
    third = h + climb * leave + bulge * leave * leave - (a + b * x + d * y + e * x * y)
    return lowest(first, second, third)


@kernel
def node_values(nodes: Floats, step: int, i: float, j: float, out: Floats) -> None:
    """The lattice's values at a cell, bilinear.

    Args:
        nodes: (n, m, k) values at every `step`-th cell. out: (k,).
    """
    y, x = i / step, j / step
    top, left = min(int(y), nodes.shape[0] - 2), min(int(x), nodes.shape[1] - 2)
    y, x = y - top, x - left
    for k in range(nodes.shape[2]):
        upper = nodes[top, left, k] + x * (nodes[top, left + 1, k] - nodes[top, left, k])
        lower = nodes[top + 1, left, k] + x * (nodes[top + 1, left + 1, k] - nodes[top + 1, left, k])
        out[k] = upper + y * (lower - upper)


@kernel
def hide(
    posts: Heights,
    tops: Heights,
    offsets: NDArray[np.int64],
    shapes: NDArray[np.int64],
    nodes: Floats,
    step: int,
    tile: int,
    tile_posts: float,
    tolerance: float,
    need: float,
    hidden: NDArray[np.uint8],
) -> int:
    """Mark hidden cells: tiles whose four corners agree with room to spare at once, others cell by cell.

    Args:
        nodes: (n, m, 6) at every `step`-th cell: row and column of posts, their change on the way to the
            camera, height gained on the way (from height 0), what the Earth falls away.
        tile: cells between corners; 1 asks every cell. tile_posts: the tile's diagonal in posts.
        tolerance, need: metres, see `sight`.
        hidden: (rows, columns), filled with 1 where hidden, else 0.

    Returns:
        How many cells were asked one by one.
    """
    rows, columns = hidden.shape
    down, across = (rows + tile - 2) // tile + 1, (columns + tile - 2) // tile + 1
    corners = np.empty((down, across), np.int8)
    values = np.empty(6)
    asked = 0
    if tile > 1:
        for m in range(down):
            for n in range(across):
                node_values(nodes, step, min(m * tile, rows - 1), min(n * tile, columns - 1), values)
                h = height_at(posts, values[0], values[1])
                far = max(np.hypot(values[2], values[3]), 1e-9)
                if np.isnan(h):
                    corners[m, n] = NARROW
                    continue
                corners[m, n] = sight(
                    posts, tops, offsets, shapes, values[0], values[1], h, values[2], values[3],
                    values[4] - h, values[5], tolerance, need, min(tile_posts / far, 1.0),
                )  # fmt: skip
    for m in range(max(down - 1, 1)):
        for n in range(max(across - 1, 1)):
            top, left = m * tile, n * tile
            bottom = rows if m >= down - 2 else top + tile
            right = columns if n >= across - 2 else left + tile
            if tile > 1 and down > 1 and across > 1:
                four = corners[m : m + 2, n : n + 2]
                if four.min() == CLEAR or four.max() == DEEP:
                    hidden[top:bottom, left:right] = 1 if four[0, 0] == DEEP else 0
                    continue
            for i in range(top, bottom):
                for j in range(left, right):
                    node_values(nodes, step, i, j, values)
                    h = height_at(posts, values[0], values[1])
                    asked += 1
                    if np.isnan(h):
                        hidden[i, j] = 0
                        continue
                    found = sight(
                        posts, tops, offsets, shapes, values[0], values[1], h, values[2], values[3],
                        values[4] - h, values[5], tolerance, tolerance, 1.0,
                    )  # fmt: skip
                    hidden[i, j] = 1 if found < 0 else 0
    return asked
