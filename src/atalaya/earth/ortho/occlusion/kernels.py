"""Lines of sight from cells of the ground up to a camera, against posts and their pyramid of maxima."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Heights = NDArray[np.float32]

DEEP, HIDDEN, NARROW, CLEAR = -2, -1, 0, 1
ROOM_POSTS = 0.1
SKIPS_TO_RISE = 2


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
    rows, columns = posts.shape[0] - 1, posts.shape[1] - 1
    top_level = len(offsets) - 1
    highest = tops[offsets[top_level]] + need
    # cells ahead end at their far side; a line along a row or column never leaves it
    ahead_r, ahead_c = 1 if dr > 0.0 else 0, 1 if dc > 0.0 else 0
    per_r, per_c = 1.0 / dr if dr != 0.0 else np.inf, 1.0 / dc if dc != 0.0 else np.inf
    nudge_r, nudge_c = 1e-9 if dr > 0.0 else -1e-9, 1e-9 if dc > 0.0 else -1e-9
    verdict = CLEAR
    u, level, skipped = first, 0, 0
    while u < last:
        start = h + u * (climb + bulge * u)
        if start > highest:
            break
        at_r, at_c = r + dr * u + nudge_r, c + dc * u + nudge_c
        if not (at_r >= 0.0 and at_c >= 0.0 and at_r < rows and at_c < columns):
            break
        i, j = int(at_r) >> level, int(at_c) >> level
        leave = last
        if dr != 0.0:
            leave = min(leave, (((i + ahead_r) << level) - r) * per_r)
        if dc != 0.0:
            leave = min(leave, (((j + ahead_c) << level) - c) * per_c)
        leave = max(leave, u + 1e-9)
        if start > tops[offsets[level] + i * shapes[level, 1] + j] + need:
            u = leave
            skipped += 1
            if skipped >= SKIPS_TO_RISE and level < top_level:
                level, skipped = level + 1, 0
            continue
        skipped = 0
        if level > 0:
            level -= 1
            continue
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
def ask(
    posts: Heights,
    tops: Heights,
    offsets: NDArray[np.int64],
    shapes: NDArray[np.int64],
    nodes: Floats,
    step: int,
    i: int,
    j: int,
    begin: float,
    end: float,
    tile_posts: float,
    tolerance: float,
    need: float,
    line: Floats,
    span: Floats,
) -> int:
    """The verdict on one cell, its line followed near it and between two places only; see `sight`.

    Args:
        begin, end: places between which neighbouring lines come close to the ground; none when begin >= end.
        tile_posts: how far those neighbours are, in posts.
        line, span: (7,), (2,) filled.
    """
    span[0], span[1] = 1.0, 0.0
    if not line_at(posts, nodes, step, i, j, line):
        span[0], span[1] = begin, end
        return NARROW
    per_post = 1.0 / max(np.hypot(line[3], line[4]), 1e-9)
    near, room = min(tile_posts * per_post, 1.0), (tile_posts + ROOM_POSTS) * per_post
    verdict = sight(posts, tops, offsets, shapes, line, 0.0, min(room, 1.0), tolerance, need, near, span)
    if verdict > DEEP and end > begin:
        first, last = max(begin - room, 0.0), min(end + room, 1.0)
        verdict = min(
            verdict, sight(posts, tops, offsets, shapes, line, first, last, tolerance, need, near, span)
        )
    return verdict


@kernel
def hide_part(
    posts: Heights,
    tops: Heights,
    offsets: NDArray[np.int64],
    shapes: NDArray[np.int64],
    nodes: Floats,
    step: int,
    top: int,
    left: int,
    verdicts: NDArray[np.int8],
    spans: Floats,
    tile_posts: float,
    tolerance: float,
    line: Floats,
    span: Floats,
    hidden: NDArray[np.uint8],
) -> int:
    """Mark the cells of one tile by its four corners, one by one where these differ; how many that were.

    Args:
        top, left: of the tile. verdicts: (2, 2), spans: (2, 2, 2) of its corners.
        hidden: (rows, columns) of the tile, filled.
    """
    lowest_verdict, highest_verdict = verdicts.min(), verdicts.max()
    if lowest_verdict == CLEAR or highest_verdict == DEEP:
        hidden[:, :] = 1 if highest_verdict == DEEP else 0
        return 0
    begin, end = spans[:, :, 0].min(), spans[:, :, 1].max()
    for i in range(hidden.shape[0]):
        for j in range(hidden.shape[1]):
            found = ask(
                posts, tops, offsets, shapes, nodes, step, top + i, left + j, begin, end,
                tile_posts, tolerance, tolerance, line, span,
            )  # fmt: skip
            hidden[i, j] = 1 if found < 0 else 0
    return hidden.size


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
    """Mark hidden cells: tiles whose corners agree with room to spare at once, then quarters, then cells.

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
    if tile > 1:
        for m in range(down):
            for n in range(across):
                if line_at(posts, nodes, step, min(m * tile, rows - 1), min(n * tile, columns - 1), line):
                    near = tile_posts / max(np.hypot(line[3], line[4]), 1e-9)
                    spans[m, n, 0], spans[m, n, 1] = 1.0, 0.0
                    corners[m, n] = sight(
                        posts, tops, offsets, shapes, line, 0.0, 1.0, tolerance, need, near, spans[m, n]
                    )
    half = tile // 2
    nine, nine_spans = np.empty((3, 3), np.int8), np.empty((3, 3, 2))
    asked = 0
    for m in range(down - 1):
        for n in range(across - 1):
            top, left = m * tile, n * tile
            bottom = rows if m == down - 2 else top + tile
            right = columns if n == across - 2 else left + tile
            four, four_spans = corners[m : m + 2, n : n + 2], spans[m : m + 2, n : n + 2]
            agree = four.min() == CLEAR or four.max() == DEEP
            if agree or tile < 4 or tile % 2 == 1 or bottom - top != tile or right - left != tile:
                asked += hide_part(
                    posts, tops, offsets, shapes, nodes, step, top, left, four, four_spans, tile_posts,
                    tolerance, line, span, hidden[top:bottom, left:right],
                )  # fmt: skip
                continue
            begin, end = four_spans[:, :, 0].min(), four_spans[:, :, 1].max()
            for p in range(3):
                for q in range(3):
                    if p != 1 and q != 1:
                        nine[p, q] = four[p // 2, q // 2]
                        nine_spans[p, q] = four_spans[p // 2, q // 2]
                    else:
                        i, j = min(top + p * half, rows - 1), min(left + q * half, columns - 1)
                        nine[p, q] = ask(
                            posts, tops, offsets, shapes, nodes, step, i, j, begin, end,
                            tile_posts, tolerance, 0.5 * need, line, nine_spans[p, q],
                        )  # fmt: skip
            for p in range(2):
                for q in range(2):
                    i, j = top + p * half, left + q * half
                    asked += hide_part(
                        posts, tops, offsets, shapes, nodes, step, i, j, nine[p : p + 2, q : q + 2],
                        nine_spans[p : p + 2, q : q + 2], tile_posts, tolerance, line, span,
                        hidden[i : i + half, j : j + half],
                    )  # fmt: skip
    return asked
