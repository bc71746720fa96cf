"""Lines of sight from cells of the ground up to a camera, against posts and their pyramid of maxima."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Heights = NDArray[np.float32]

DEEP, HIDDEN, NARROW, CLEAR = -2, -1, 0, 1
ROOM_POSTS = 0.1


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
    line: Floats,
    first: float,
    last: float,
    tolerance: float,
    need: float,
    near: float,
    span: Floats,
) -> int:
    """Whether a line of sight is free between two places of it.

    Args:
        line: (7,) r, c, h, dr, dc, climb, bulge: at u it is at row r + dr u, column c + dc u, height
            h + climb u + bulge u^2; u is 0 on the ground and 1 at the camera.
        first, last: places (u).
        tolerance, need, near: metres, metres, place; see below.
        span: (2,) lowered and raised to where, beyond `near`, less than `need` is to spare.

    Returns:
        HIDDEN when the ground rises more than `tolerance` above it, DEEP when more than `need`; NARROW when
        it is free but with less than `need` to spare beyond `near`; else CLEAR.
    """
    r, c, h, dr, dc, climb, bulge = line
    rows, columns = posts.shape
    levels = len(offsets)
    verdict = CLEAR
    u, level = first, 0
    highest = tops[offsets[levels - 1]]
    while u < last:
        start = h + climb * u + bulge * u * u
        if start > highest + need:
            break
        i = int(np.floor(r + dr * u + (1e-9 if dr > 0.0 else -1e-9)))
        j = int(np.floor(c + dc * u + (1e-9 if dc > 0.0 else -1e-9)))
        if i < 0 or j < 0 or i > rows - 2 or j > columns - 2:
            break
        i, j = i >> level, j >> level
        leave = last
        if dr > 0.0:
            leave = min(leave, (((i + 1) << level) - r) / dr)
        elif dr < 0.0:
            leave = min(leave, ((i << level) - r) / dr)
        if dc > 0.0:
            leave = min(leave, (((j + 1) << level) - c) / dc)
        elif dc < 0.0:
            leave = min(leave, ((j << level) - c) / dc)
        leave = max(leave, u + 1e-9)
        if start > tops[offsets[level] + i * shapes[level, 1] + j] + need:
            u = leave
            level = min(level + 1, levels - 1)
        elif level > 0:
            level -= 1
        else:
            least = least_clearance(posts, i, j, line, u, leave)
            if least < need and leave > near:
                if least >= -tolerance and u < near:
                    least = max(least_clearance(posts, i, j, line, near, leave), -tolerance)
                if least < need:
                    span[0], span[1] = min(span[0], max(u, near)), max(span[1], leave)
                    verdict = min(verdict, NARROW)
            if least < -tolerance:
                verdict = min(verdict, HIDDEN if least >= -need else DEEP)
                if need <= tolerance:
                    return DEEP
            u = leave
            level = min(1, levels - 1)
    return verdict


@kernel
def least_clearance(posts: Heights, i: int, j: int, line: Floats, u: float, leave: float) -> float:
    """Least height of a line above one bilinear patch between two places; infinite beside unknown posts."""
    r, c, h, dr, dc, climb, bulge = line
    a = posts[i, j]
    b = posts[i, j + 1] - a
    d = posts[i + 1, j] - a
    e = posts[i + 1, j + 1] - a - b - d
    if not np.isfinite(e):
        return np.inf
    middle = 0.5 * (u + leave)
    y, x = r + dr * u - i, c + dc * u - j
    at_start = h + climb * u + bulge * u * u - (a + b * x + d * y + e * x * y)
    y, x = r + dr * middle - i, c + dc * middle - j
    at_middle = h + climb * middle + bulge * middle * middle - (a + b * x + d * y + e * x * y)
    y, x = r + dr * leave - i, c + dc * leave - j
    at_end = h + climb * leave + bulge * leave * leave - (a + b * x + d * y + e * x * y)
    return lowest(at_start, at_middle, at_end)


@kernel
def line_at(posts: Heights, nodes: Floats, step: int, i: float, j: float, line: Floats) -> bool:
    """The line of sight of a cell, its lattice's values bilinear; False where the ground is unknown.

    Args:
        nodes: (n, m, 6) at every `step`-th cell, see `hide`. line: (7,), filled; see `sight`.
    """
    y, x = i / step, j / step
    top, left = min(int(y), nodes.shape[0] - 2), min(int(x), nodes.shape[1] - 2)
    y, x = y - top, x - left
    for k in range(6):
        upper = nodes[top, left, k] + x * (nodes[top, left + 1, k] - nodes[top, left, k])
        lower = nodes[top + 1, left, k] + x * (nodes[top + 1, left + 1, k] - nodes[top + 1, left, k])
        line[k if k < 2 else k + 1] = upper + y * (lower - upper)
    line[2] = height_at(posts, line[0], line[1])
    line[5] -= line[2]
    return not np.isnan(line[2])


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

    A cell's line is followed near the cell and where those of its tile's corners come close to the ground.

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
    down, across = max((rows + tile - 2) // tile, 1) + 1, max((columns + tile - 2) // tile, 1) + 1
    corners = np.full((down, across), NARROW, np.int8)
    spans = np.empty((down, across, 2))
    spans[:, :, 0], spans[:, :, 1] = 0.0, 1.0
    line, span = np.empty(7), np.empty(2)
    asked = 0
    if tile > 1:
        for m in range(down):
            for n in range(across):
                if line_at(posts, nodes, step, min(m * tile, rows - 1), min(n * tile, columns - 1), line):
                    near = tile_posts / max(np.hypot(line[3], line[4]), 1e-9)
                    spans[m, n, 0], spans[m, n, 1] = 1.0, 0.0
                    corners[m, n] = sight(
                        posts, tops, offsets, shapes, line, 0.0, 1.0, tolerance, need, near, spans[m, n]
                    )
    for m in range(down - 1):
        for n in range(across - 1):
            top, left = m * tile, n * tile
            bottom = rows if m == down - 2 else top + tile
            right = columns if n == across - 2 else left + tile
            four = corners[m : m + 2, n : n + 2]
            if four.min() == CLEAR or four.max() == DEEP:
                hidden[top:bottom, left:right] = 1 if four[0, 0] == DEEP else 0
                continue
            begin, end = spans[m : m + 2, n : n + 2, 0].min(), spans[m : m + 2, n : n + 2, 1].max()
            for i in range(top, bottom):
                for j in range(left, right):
                    asked += 1
                    hidden[i, j] = 0
                    if not line_at(posts, nodes, step, i, j, line):
                        continue
                    room = (tile_posts + ROOM_POSTS) / max(np.hypot(line[3], line[4]), 1e-9)
                    found = sight(
                        posts,
                        tops,
                        offsets,
                        shapes,
                        line,
                        0.0,
                        min(room, 1.0),
                        tolerance,
                        tolerance,
                        1.0,
                        span,
                    )
                    if found == CLEAR and end > begin:
                        found = sight(
                            posts, tops, offsets, shapes, line, max(begin - room, 0.0), min(end + room, 1.0),
                            tolerance, tolerance, 1.0, span,
                        )  # fmt: skip
                    hidden[i, j] = 1 if found < 0 else 0
    return asked
