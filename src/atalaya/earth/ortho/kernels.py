"""One pass per cell: height, place in the image, grey value."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SEEN, OCCLUDED, OUTSIDE, NO_TERRAIN = 1, 2, 3, 4


@kernel
def render(
    image: Bytes,
    posts: NDArray[np.float32],
    nodes: Floats,
    step: int,
    form: int,
    lens: Floats,
    table: NDArray[np.float32],
    hidden: Bytes,
    out: Bytes,
    state: Bytes,
) -> None:
    """Fill a block of cells from an image.

    Args:
        image: (h, w, b) pixels.
        posts: (r, c) heights above the ellipsoid, NaN where unknown.
        nodes: (n, m, 8) at every `step`-th cell: camera coordinates (forward, right, down) of the ellipsoid
            under the cell, their change per metre of height, row and column of posts.
        form: 0 affine lens, 1 table over tangents, 2 table over stereographic coordinates.
        lens: (6,) column and row = lens[0] + lens[1] x + lens[2] y, lens[3] ...; for a table: its first x, y
            and steps per unit, two unused.
        table: (n, m, 2) columns and rows.
        hidden: (rows, columns) 1 where something stands in the way.
        out: (b, rows, columns) and state: (rows, columns), filled.
    """
    rows, columns = state.shape
    tall, wide, bands = image.shape
    post_rows, post_columns = posts.shape
    bottom, right = tall - 1.0, wide - 1.0
    start, gain = np.empty(8), np.empty(8)
    for i in range(rows):
        top = i // step
        y = (i - top * step) / step
        for left in range(nodes.shape[1] - 1):
            for k in range(8):
                start[k] = nodes[top, left, k] + y * (nodes[top + 1, left, k] - nodes[top, left, k])
                end = nodes[top, left + 1, k] + y * (nodes[top + 1, left + 1, k] - nodes[top, left + 1, k])
                gain[k] = (end - start[k]) / step
            f0, x0, y0, fu, xu, yu, r0, c0 = start
            f1, x1, y1, fv, xv, yv, r1, c1 = gain
            first = left * step
            for j in range(first, min(first + step, columns)):
                n = j - first
                r, c = r0 + n * r1, c0 + n * c1
                if not (r >= 0.0 and c >= 0.0 and r <= post_rows - 1 and c <= post_columns - 1):
                    state[i, j] = NO_TERRAIN
                    continue
                pi, pj = min(int(r), post_rows - 2), min(int(c), post_columns - 2)
                dy, dx = r - pi, c - pj
                above = posts[pi, pj] + dx * (posts[pi, pj + 1] - posts[pi, pj])
                below = posts[pi + 1, pj] + dx * (posts[pi + 1, pj + 1] - posts[pi + 1, pj])
                h = above + dy * (below - above)
                if h != h:
                    state[i, j] = NO_TERRAIN
                    continue
                forward = f0 + n * f1 + h * (fu + n * fv)
                across = x0 + n * x1 + h * (xu + n * xv)
                down = y0 + n * y1 + h * (yu + n * yv)
                if form == 2:
                    forward += np.sqrt(forward * forward + across * across + down * down)
                inverse = 1.0 / forward
                u, v = across * inverse, down * inverse
                if form == 0:
                    column = lens[0] + lens[1] * u + lens[2] * v
                    row = lens[3] + lens[4] * u + lens[5] * v
                else:
                    a, b = (u - lens[0]) * lens[2], (v - lens[1]) * lens[3]
                    if not (a >= 0.0 and b >= 0.0 and a < table.shape[1] - 1 and b < table.shape[0] - 1):
                        state[i, j] = OUTSIDE
                        continue
                    ta, tb = int(a), int(b)
                    a, b = a - ta, b - tb
                    column = (1.0 - b) * ((1.0 - a) * table[tb, ta, 0] + a * table[tb, ta + 1, 0]) + b * (
                        (1.0 - a) * table[tb + 1, ta, 0] + a * table[tb + 1, ta + 1, 0]
                    )
                    row = (1.0 - b) * ((1.0 - a) * table[tb, ta, 1] + a * table[tb, ta + 1, 1]) + b * (
                        (1.0 - a) * table[tb + 1, ta, 1] + a * table[tb + 1, ta + 1, 1]
                    )
                inside = column >= -0.5 and row >= -0.5 and column <= right + 0.5 and row <= bottom + 0.5
                if not (forward > 0.0 and inside):
                    state[i, j] = OUTSIDE
                    continue
                if hidden[i, j]:
                    state[i, j] = OCCLUDED
                    continue
                column, row = min(max(column, 0.0), right), min(max(row, 0.0), bottom)
                pi, pj = min(int(row), max(tall - 2, 0)), min(int(column), max(wide - 2, 0))
                dy, dx = np.float32(row - pi), np.float32(column - pj)
                qi, qj = min(pi + 1, tall - 1), min(pj + 1, wide - 1)
                state[i, j] = SEEN
                for b in range(bands):
                    p, q = np.float32(image[pi, pj, b]), np.float32(image[qi, pj, b])
                    upper = p + dx * (np.float32(image[pi, qj, b]) - p)
                    lower = q + dx * (np.float32(image[qi, qj, b]) - q)
                    out[b, i, j] = np.uint8(upper + dy * (lower - upper) + np.float32(0.5))
