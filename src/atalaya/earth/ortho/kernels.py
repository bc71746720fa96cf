"""Cells of a block from an image: height, place in the image, grey value, in stages that vectorise."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SEEN, OCCLUDED, OUTSIDE, NO_TERRAIN = 1, 2, 3, 4
LONG_RUN = 0.1


@kernel
def run_heights(
    posts: NDArray[np.float32],
    rows: int,
    columns: int,
    r0: float,
    r1: float,
    c0: float,
    c1: float,
    count: int,
    height: Floats,
) -> None:
    """Bilinear heights at r0 + n r1, c0 + n c1 of posts given row after row; NaN where unknown."""
    last_r, last_c = rows - 1.0, columns - 1.0
    # unsigned indices: signed ones are checked for wrap-around, which keeps the loop from vectorising
    wide, diagonal = np.uint32(columns), np.uint32(columns + 1)
    for n in range(count):
        r, c = r0 + n * r1, c0 + n * c1
        inside = (r >= 0.0) & (c >= 0.0) & (r <= last_r) & (c <= last_c)
        r, c = r if inside else 0.0, c if inside else 0.0
        i, j = min(np.int32(r), np.int32(rows - 2)), min(np.int32(c), np.int32(columns - 2))
        y, x = r - i, c - j
        at = np.uint32(i) * wide + np.uint32(j)
        upper = posts[at] + x * (posts[at + np.uint32(1)] - posts[at])
        lower = posts[at + wide] + x * (posts[at + diagonal] - posts[at + wide])
        height[n] = upper + y * (lower - upper) if inside else np.nan


@kernel
def cells_to_edge(place: float, step: float, count: int) -> int:
    """How many steps a place stays between its whole numbers, at least one."""
    if step == 0.0:
        return count
    room = (np.floor(place) + 1.0 - place) / step if step > 0.0 else (np.floor(place) - place) / step
    return int(min(max(room, 0.0), float(count))) + 1


@kernel
def run_heights_long(
    posts: NDArray[np.float32],
    rows: int,
    columns: int,
    r0: float,
    r1: float,
    c0: float,
    c1: float,
    count: int,
    height: Floats,
) -> None:
    """As `run_heights`, for cells much smaller than the posts' spacing: many in a row share four posts."""
    n = 0
    while n < count:
        r, c = r0 + n * r1, c0 + n * c1
        if not ((r >= 0.0) & (c >= 0.0) & (r <= rows - 1.0) & (c <= columns - 1.0)):
            height[n] = np.nan
            n += 1
            continue
        end = min(n + min(cells_to_edge(r, r1, count), cells_to_edge(c, c1, count)), count)
        i, j = min(int(r), rows - 2), min(int(c), columns - 2)
        at = i * columns + j
        a, b = float(posts[at]), float(posts[at + 1])
        d, e = float(posts[at + columns]), float(posts[at + columns + 1])
        for k in range(n, end):
            y, x = r0 + k * r1 - i, c0 + k * c1 - j
            upper = a + x * (b - a)
            height[k] = upper + y * (d + x * (e - d) - upper)
        # the last of the run may lie beyond the raster's edge by a rounding error: bilinear goes on there
        n = end


@kernel
def run_pixels(
    height: Floats,
    start: Floats,
    gain: Floats,
    lens: Floats,
    right: float,
    bottom: float,
    count: int,
    column: Floats,
    row: Floats,
    kind: Bytes,
) -> None:
    """Columns, rows and kinds of cells for an affine lens; see `render` for the arguments."""
    f0, x0, y0, fu, xu, yu = start[0], start[1], start[2], start[3], start[4], start[5]
    f1, x1, y1, fv, xv, yv = gain[0], gain[1], gain[2], gain[3], gain[4], gain[5]
    l0, l1, l2, l3, l4, l5 = lens
    for n in range(count):
        h = height[n]
        forward = f0 + n * f1 + h * (fu + n * fv)
        across = x0 + n * x1 + h * (xu + n * xv)
        down = y0 + n * y1 + h * (yu + n * yv)
        inverse = 1.0 / forward
        u, v = across * inverse, down * inverse
        c, r = l0 + l1 * u + l2 * v, l3 + l4 * u + l5 * v
        inside = (forward > 0.0) & (c >= -0.5) & (r >= -0.5) & (c <= right + 0.5) & (r <= bottom + 0.5)
        column[n] = min(max(c, 0.0), right) if inside else 0.0
        row[n] = min(max(r, 0.0), bottom) if inside else 0.0
        kind[n] = SEEN if inside else (OUTSIDE if h == h else NO_TERRAIN)


@kernel
def run_pixels_table(
    height: Floats,
    start: Floats,
    gain: Floats,
    lens: Floats,
    table: NDArray[np.float32],
    stereographic: bool,
    right: float,
    bottom: float,
    count: int,
    column: Floats,
    row: Floats,
    kind: Bytes,
) -> None:
    """Columns, rows and kinds of cells for a lens given as a table; see `render` for the arguments."""
    last_a, last_b = table.shape[1] - 1.0, table.shape[0] - 1.0
    for n in range(count):
        h = height[n]
        column[n], row[n] = 0.0, 0.0
        kind[n] = OUTSIDE if h == h else NO_TERRAIN
        forward = start[0] + n * gain[0] + h * (start[3] + n * gain[3])
        across = start[1] + n * gain[1] + h * (start[4] + n * gain[4])
        down = start[2] + n * gain[2] + h * (start[5] + n * gain[5])
        if stereographic:
            forward += np.sqrt(forward * forward + across * across + down * down)
        inverse = 1.0 / forward
        a = (across * inverse - lens[0]) * lens[2]
        b = (down * inverse - lens[1]) * lens[3]
        if not ((forward > 0.0) & (a >= 0.0) & (b >= 0.0) & (a < last_a) & (b < last_b)):
            continue
        i, j = int(b), int(a)
        a, b = a - j, b - i
        c = (1.0 - b) * ((1.0 - a) * table[i, j, 0] + a * table[i, j + 1, 0]) + b * (
            (1.0 - a) * table[i + 1, j, 0] + a * table[i + 1, j + 1, 0]
        )
        r = (1.0 - b) * ((1.0 - a) * table[i, j, 1] + a * table[i, j + 1, 1]) + b * (
            (1.0 - a) * table[i + 1, j, 1] + a * table[i + 1, j + 1, 1]
        )
        if (c >= -0.5) & (r >= -0.5) & (c <= right + 0.5) & (r <= bottom + 0.5):
            column[n], row[n] = min(max(c, 0.0), right), min(max(r, 0.0), bottom)
            kind[n] = SEEN


@kernel
def run_samples(
    image: Bytes,
    tall: int,
    wide: int,
    bands: int,
    band: int,
    column: Floats,
    row: Floats,
    kind: Bytes,
    count: int,
    out: Bytes,
) -> None:
    """Bilinear values of one band of an image given as one pixel after the other; 0 where not seen."""
    beside, below = np.uint32(bands), np.uint32(wide * bands)
    diagonal = beside + below
    for n in range(count):
        i, j = min(np.int32(row[n]), np.int32(tall - 2)), min(np.int32(column[n]), np.int32(wide - 2))
        y, x = np.float32(row[n] - i), np.float32(column[n] - j)
        at = np.uint32(i) * below + np.uint32(j) * beside + np.uint32(band)
        a, b = np.float32(image[at]), np.float32(image[at + below])
        upper = a + x * (np.float32(image[at + beside]) - a)
        lower = b + x * (np.float32(image[at + diagonal]) - b)
        value = np.int32(upper + y * (lower - upper) + np.float32(0.5))
        out[n] = np.uint8(value if kind[n] == SEEN else 0)


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
        image: (h, w, b) pixels, at least 2 x 2.
        posts: (r, c) heights above the ellipsoid, NaN where unknown.
        nodes: (n, m, 8) at every `step`-th cell: camera coordinates (forward, right, down) of the ellipsoid
            under the cell, their change per metre of height, row and column of posts.
        form: 0 affine lens, 1 table over tangents, 2 table over stereographic coordinates.
        lens: (6,) column and row = lens[0] + lens[1] x + lens[2] y, lens[3] ...; for a table: its first x, y
            and nodes per unit, two unused.
        table: (n, m, 2) columns and rows.
        hidden: (rows, columns) 1 where something stands in the way.
        out: (b, rows, columns) and state: (rows, columns), filled.
    """
    rows, columns = state.shape
    tall, wide, bands = image.shape
    bottom, right = tall - 1.0, wide - 1.0
    start, gain = np.empty(8), np.empty(8)
    height, column, row = np.empty(step), np.empty(step), np.empty(step)
    flat_posts, flat_image = posts.reshape(-1), image.reshape(-1)
    for i in range(rows):
        top = i // step
        y = (i - top * step) / step
        for left in range(nodes.shape[1] - 1):
            first = left * step
            count = min(step, columns - first)
            if count <= 0:
                continue
            for k in range(8):
                start[k] = nodes[top, left, k] + y * (nodes[top + 1, left, k] - nodes[top, left, k])
                end = nodes[top, left + 1, k] + y * (nodes[top + 1, left + 1, k] - nodes[top, left + 1, k])
                gain[k] = (end - start[k]) / step
            kind = state[i, first : first + count]
            if abs(gain[6]) + abs(gain[7]) < LONG_RUN:
                run_heights_long(
                    flat_posts, posts.shape[0], posts.shape[1], start[6], gain[6], start[7], gain[7],
                    count, height,
                )  # fmt: skip
            else:
                run_heights(
                    flat_posts, posts.shape[0], posts.shape[1], start[6], gain[6], start[7], gain[7],
                    count, height,
                )  # fmt: skip
            if form == 0:
                run_pixels(height, start, gain, lens, right, bottom, count, column, row, kind)
            else:
                run_pixels_table(
                    height, start, gain, lens, table, form == 2, right, bottom, count, column, row, kind
                )
            for n in range(count):
                if (kind[n] == SEEN) & (hidden[i, first + n] != 0):
                    kind[n] = OCCLUDED
            for band in range(bands):
                run_samples(
                    flat_image, tall, wide, bands, band, column, row, kind, count,
                    out[band, i, first : first + count],
                )  # fmt: skip
