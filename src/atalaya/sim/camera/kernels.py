"""What a camera sees, compiled: ground under every pixel, solids on it, the finished picture.

Coordinates are a local frame at the ground in the middle of the picture: x east, y north, z up, metres.
A pixel's ray is p = o + s d, with d of depth 1 along the optical axis, so that 1 / s is linear over a plane
in the picture. A chart (14 terms in x, y, z over a scale) turns places into rows and columns of the posts and
heights above the ellipsoid.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import inlined_kernel, kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

BLOCK, PATCH = 16, 4
SQUARE_BITS, SQUARE = 3, 8.0
PATCHES = BLOCK // PATCH
SMOOTH, WALK, CAST, EMPTY = 0, 1, 2, 3
TILE = 256
_ROUNDS = 8
_FLAT_PX = 0.07
_STRAIGHT_NEAR = 12.5


@inlined_kernel
def charted(x: Num, y: Num, z: Num, chart: Array) -> Num:
    """Row, column and height of a place; chart: (15, 3), its last row the scale."""
    k = chart[14, 0]
    x, y, z = x * k, y * k, z * k
    row = column = height = 0.0
    xx, xy, yy = x * x, x * y, y * y
    for m in range(14):
        if m == 0:
            term = 1.0
        elif m == 1:
            term = x
        elif m == 2:
            term = y
        elif m == 3:
            term = z
        elif m == 4:
            term = xx
        elif m == 5:
            term = xy
        elif m == 6:
            term = yy
        elif m == 7:
            term = x * z
        elif m == 8:
            term = y * z
        elif m == 9:
            term = z * z
        elif m == 10:
            term = xx * x
        elif m == 11:
            term = xx * y
        elif m == 12:
            term = yy * x
        else:
            term = yy * y
        row += chart[m, 0] * term
        column += chart[m, 1] * term
        height += chart[m, 2] * term
    return row, column, height


@inlined_kernel
def linear_chart(x: Num, y: Num, z: Num, chart: Array, out: Array) -> None:
    """The chart about a place as 12 numbers: value and three slopes of row, column, height."""
    r0, c0, h0 = charted(x, y, z, chart)
    for k in range(3):
        dx, dy, dz = (8.0 if k == 0 else 0.0), (8.0 if k == 1 else 0.0), (8.0 if k == 2 else 0.0)
        r1, c1, h1 = charted(x + dx, y + dy, z + dz, chart)
        r2, c2, h2 = charted(x - dx, y - dy, z - dz, chart)
        out[1 + k], out[5 + k], out[9 + k] = (r1 - r2) / 16.0, (c1 - c2) / 16.0, (h1 - h2) / 16.0
    out[0] = r0 - out[1] * x - out[2] * y - out[3] * z
    out[4] = c0 - out[5] * x - out[6] * y - out[7] * z
    out[8] = h0 - out[9] * x - out[10] * y - out[11] * z


@inlined_kernel
def walked(
    s: Num, s_mid: Num, far: Num, r0: Num, r1: Num, r2: Num, c0: Num, c1: Num, c2: Num,
    h0: Num, h1: Num, h2: Num, ceiling: Num, posts: Array, tops: Array,
) -> Num:  # fmt: skip
    """Depth of the first meeting from a depth where the ray is still free, cell by cell; 0 for none.

    Row, column, height are r0 + r1 s + r2 (s - s_mid)^2, and so on; heights are convex. Squares of cells that
    the ray stays above are crossed in one step.
    """
    rows, columns = posts.shape[0] - 1.0, posts.shape[1] - 1.0
    while s < far:
        e = s - s_mid
        row, column = r0 + r1 * s + r2 * e * e, c0 + c1 * s + c2 * e * e
        height = h0 + h1 * s + h2 * e * e
        dr, dc, dh = r1 + 2.0 * r2 * e, c1 + 2.0 * c2 * e, h1 + 2.0 * h2 * e
        if not (row >= 0.0 and column >= 0.0 and row < rows and column < columns):
            return 0.0
        if height > ceiling and dh >= 0.0:
            return 0.0
        i, j = int(row), int(column)
        top = tops[i >> SQUARE_BITS, j >> SQUARE_BITS]
        if height > top:
            u = row - ((i >> SQUARE_BITS) << SQUARE_BITS)
            v = column - ((j >> SQUARE_BITS) << SQUARE_BITS)
            te_r = (SQUARE - u) / dr if dr > 0.0 else u / -dr if dr < 0.0 else 1e30
            te_c = (SQUARE - v) / dc if dc > 0.0 else v / -dc if dc < 0.0 else 1e30
            te = min(te_r, te_c)
            if height + min(dh, 0.0) * te > top:
                s += te + 1e-6 * s
                continue
        u, v = row - i, column - j
        te_r = (1.0 - u) / dr if dr > 0.0 else u / -dr if dr < 0.0 else 1e30
        te_c = (1.0 - v) / dc if dc > 0.0 else v / -dc if dc < 0.0 else 1e30
        te = min(te_r, te_c)
        z00, z01 = float(posts[i, j]), float(posts[i, j + 1])
        z10, z11 = float(posts[i + 1, j]), float(posts[i + 1, j + 1])
        if min(height, height + dh * te) <= max(max(z00, z01), max(z10, z11)):
            twist = z11 - z10 - z01 + z00
            z_u, z_v = z10 - z00 + twist * v, z01 - z00 + twist * u
            k0 = height - (z00 + (z10 - z00) * u + z_v * v)
            if k0 <= 0.0:
                return s
            k1 = dh - (z_u * dr + z_v * dc)
            k2 = h2 - twist * dr * dc
            inner = k1 * k1 - 4.0 * k2 * k0
            if inner >= 0.0:
                root = np.sqrt(inner)
                w = -0.5 * (k1 + root) if k1 >= 0.0 else -0.5 * (k1 - root)
                first = k0 / w if w != 0.0 else 1e30
                other = w / k2 if k2 != 0.0 else 1e30
                if not first >= 0.0 or (0.0 <= other < first):
                    first = other
                if 0.0 <= first <= te:
                    return s + first
        s += te + 1e-6 * s
    return 0.0


@inlined_kernel
def met(
    s: Num, r0: Num, r1: Num, c0: Num, c1: Num, h0: Num, h1: Num, near: Num, close: Num,
    posts: Array, columns: Num, last_row: Num, last_column: Num,
) -> Num:  # fmt: skip
    """Depth, row and column where a ray that meets its ground once does so, from a near guess; whether found.

    Newton on the gap, which falls all along such a ray, by no more than a cell at a time; a gap below `close`
    is closed and not asked again. posts: flat; unsigned places in it spare a test of each index
    """
    row, column = r0 + r1 * s, c0 + c1 * s
    longest = 1.0 / (abs(r1) + abs(c1) + 1e-9)
    for _ in range(_ROUNDS):
        p, q = min(max(int(row), 0), last_row), min(max(int(column), 0), last_column)
        fu, fv = row - p, column - q
        at = p * columns + q
        z00, z01 = float(posts[np.uint64(at)]), float(posts[np.uint64(at + 1)])
        at += columns
        z10, z11 = float(posts[np.uint64(at)]), float(posts[np.uint64(at + 1)])
        twist = z11 - z10 - z01 + z00
        z_v = z01 - z00 + twist * fu
        gap = h0 + h1 * s - z00 - (z10 - z00) * fu - z_v * fv
        closing = h1 - (z10 - z00 + twist * fv) * r1 - z_v * c1
        if closing > -1e-3:
            return s, row, column, abs(gap) < near
        step = gap / closing
        s -= min(max(step, -longest), longest)
        row, column = r0 + r1 * s, c0 + c1 * s
        if abs(step) < min(max(close, near), longest):
            return s, row, column, True
    return s, row, column, False


@inlined_kernel
def slot_at(row: Num, column: Num, per: Num, lv: Num, tables: Array, origins: Array) -> Num:
    """Slot of the tile under a row and column, -1 for none in memory; row and column of the tile."""
    ti, tj = int(np.floor(row * per)) >> 8, int(np.floor(column * per)) >> 8
    a, b = ti - origins[lv, 0], tj - origins[lv, 1]
    if 0 <= a < tables.shape[1] and 0 <= b < tables.shape[2]:
        return tables[lv, a, b], ti, tj
    return -1, ti, tj


@inlined_kernel
def sampled(slot: Num, y: Num, x: Num, values: Array, codes: Array) -> Num:
    """Value between texels and the nearest material, y and x counted from the first texel of the rim."""
    p, q = int(y), int(x)
    fy, fx = np.float32(y - p), np.float32(x - q)
    side = TILE + 2
    at = (slot * side + p) * side + q
    v00, v01 = values[np.uint64(at)], values[np.uint64(at + 1)]
    at += side
    v10, v11 = values[np.uint64(at)], values[np.uint64(at + 1)]
    upper, lower = v00 + (v01 - v00) * fx, v10 + (v11 - v10) * fx
    at += (1 if fx > 0.5 else 0) - (0 if fy > 0.5 else side)
    return upper + (lower - upper) * fy, codes[np.uint64(at)]


@inlined_kernel
def bends(s: Num, mx: Num, my: Num, mz: Num, eye: Array, chart: Array) -> Num:
    """How row, column and height bend along a ray about a depth: half their second derivatives."""
    t = 0.02 * s
    ra, ca, ha = charted(eye[0] + (s - t) * mx, eye[1] + (s - t) * my, eye[2] + (s - t) * mz, chart)
    rb, cb, hb = charted(eye[0] + s * mx, eye[1] + s * my, eye[2] + s * mz, chart)
    rc, cc, hc = charted(eye[0] + (s + t) * mx, eye[1] + (s + t) * my, eye[2] + (s + t) * mz, chart)
    k = 0.5 / (t * t)
    return k * (ra + rc - 2.0 * rb), k * (ca + cc - 2.0 * cb), k * (ha + hc - 2.0 * hb)


@inlined_kernel
def charted_block(
    i: Num, j: Num, s_mid: Num, eye: Array, corner: Array, across: Array, down: Array, chart: Array, b: Array
) -> None:
    """The chart about the ground in the middle of a block, at pixel (i, j) and depth `s_mid`.

    b: (25,) out: the 12 numbers of `linear_chart`; row, column, height it gives at the eye; half their second
        derivatives along the ray; depth about which these are taken; then those of
        `straightened`
    """
    mx = corner[0] + j * across[0] + i * down[0]
    my = corner[1] + j * across[1] + i * down[1]
    mz = corner[2] + j * across[2] + i * down[2]
    linear_chart(eye[0] + s_mid * mx, eye[1] + s_mid * my, eye[2] + s_mid * mz, chart, b)
    for k in range(3):
        b[12 + k] = b[4 * k] + b[4 * k + 1] * eye[0] + b[4 * k + 2] * eye[1] + b[4 * k + 3] * eye[2]
    b[15], b[16], b[17] = bends(s_mid, mx, my, mz, eye, chart)
    b[18] = s_mid
    straightened(s_mid, b)


@inlined_kernel
def rates(i: Num, j: Num, corner: Array, across: Array, down: Array, b: Array) -> Num:
    """Row, column and height a ray gains per depth at first."""
    dx = corner[0] + j * across[0] + i * down[0]
    dy = corner[1] + j * across[1] + i * down[1]
    dz = corner[2] + j * across[2] + i * down[2]
    return (
        b[1] * dx + b[2] * dy + b[3] * dz,
        b[5] * dx + b[6] * dy + b[7] * dz,
        b[9] * dx + b[10] * dy + b[11] * dz,
    )


@inlined_kernel
def straightened(s: Num, b: Array) -> None:
    """The chart along rays, straight about a depth: b[19] to b[21] at the eye, b[22] to b[24] per depth."""
    e = s - b[18]
    for k in range(3):
        b[19 + k] = b[12 + k] + b[15 + k] * (e * e - 2.0 * e * s)
        b[22 + k] = 2.0 * b[15 + k] * e


@inlined_kernel
def walked_from(
    s: Num, far: Num, r1: Num, c1: Num, h1: Num, b: Array, ceiling: Num, posts: Array, tops: Array
) -> Num:
    """`walked` for a ray of a block; depth (0 for none), row and column."""
    s = walked(
        s, b[18], far, b[12], r1, b[15], b[13], c1, b[16], b[14], h1, b[17], ceiling, posts, tops
    )  # fmt: skip
    e = s - b[18]
    return s, b[12] + r1 * s + b[15] * e * e, b[13] + c1 * s + b[16] * e * e


@inlined_kernel
def corners_of_patches(
    i0: Num, j0: Num, smooth: Num, start: Num, far: Num, near: Num, w00: Num, w01: Num, w10: Num, w11: Num,
    corner: Array, across: Array, down: Array, b: Array, ceiling: Num, posts: Array, tops: Array,
    flat_posts: Array, at: Array,
) -> None:  # fmt: skip
    """Row, column and inverse depth (0 for none) of the ground at the corners of a block's patches.

    w00 to w11: inverse depth at its own corners     at: (PATCHES + 1, PATCHES + 1, 3) out
    """
    last_row, last_column = posts.shape[0] - 2, posts.shape[1] - 2
    for m in range(PATCHES + 1):
        for n in range(PATCHES + 1):
            r1, c1, h1 = rates(i0 + m * PATCH, j0 + n * PATCH, corner, across, down, b)
            sure = False
            s = row = column = 0.0
            if smooth:
                u, v = m / PATCHES, n / PATCHES
                upper, lower = w00 + (w01 - w00) * v, w10 + (w11 - w10) * v
                s, row, column, sure = met(
                    1.0 / (upper + (lower - upper) * u), b[19], r1, b[20], c1, b[21], h1, 0.0, near,
                    flat_posts, posts.shape[1], last_row, last_column,
                )  # fmt: skip
            if not sure:
                s, row, column = walked_from(start, far, r1, c1, h1, b, ceiling, posts, tops)
            at[m, n, 0], at[m, n, 1] = row, column
            at[m, n, 2] = 1.0 / s if s > 0.0 else 0.0


@inlined_kernel
def sorted_patches(
    i0: Num, j0: Num, kind: Num, folds: Array, slack: Num, at: Array, near: Num, most: Num, corner: Array,
    across: Array, down: Array, b: Array, posts: Array, columns: Num, last_row: Num, last_column: Num,
    starts: Array,
) -> None:  # fmt: skip
    """How the patches of a block are to be done.

    most: posts by which a place may be off     starts: (PATCHES * PATCHES,) out: where rays are free up to;
        -1 for a patch to be taken between its corners, -2 for one that is unfolded
    """
    for patch in range(PATCHES * PATCHES):
        pi, pj = patch // PATCHES, patch % PATCHES
        edge = folds[i0 // PATCH + pi, j0 // PATCH + pj]
        starts[patch] = edge
        if kind == CAST:
            continue
        wa, wb, wc, wd = at[pi, pj, 2], at[pi, pj + 1, 2], at[pi + 1, pj, 2], at[pi + 1, pj + 1, 2]
        shallowest = min(min(wa, wb), min(wc, wd))
        # edges behind all of the ground in sight are hidden: none of them is nearer, or it would be known
        if not shallowest > 0.0 or edge < 1.0 / shallowest + slack:
            deepest = max(max(wa, wb), max(wc, wd))
            first = min(edge, 1.0 / deepest) if deepest > 0.0 else 1.0
            starts[patch] = max(first - slack, 1.0)
            continue
        starts[patch] = -2.0
        ra, rb, rc, rd = at[pi, pj, 0], at[pi, pj + 1, 0], at[pi + 1, pj, 0], at[pi + 1, pj + 1, 0]
        ca, cb, cc, cd = at[pi, pj, 1], at[pi, pj + 1, 1], at[pi + 1, pj, 1], at[pi + 1, pj + 1, 1]
        # over more than two cells one look in the middle does not tell
        wide = int(max(max(ra, rb), max(rc, rd))) - int(min(min(ra, rb), min(rc, rd)))
        wide = max(wide, int(max(max(ca, cb), max(cc, cd))) - int(min(min(ca, cb), min(cc, cd))))
        if wide > 1:
            continue
        r1, c1, h1 = rates(i0 + (pi + 0.5) * PATCH, j0 + (pj + 0.5) * PATCH, corner, across, down, b)
        s = 4.0 / (wa + wb + wc + wd)
        if kind == WALK:
            straightened(s, b)
        deep, row, column, sure = met(
            s, b[19], r1 + b[22], b[20], c1 + b[23], b[21], h1 + b[24], near, near, posts, columns,
            last_row, last_column,
        )  # fmt: skip
        off = max(abs(row - 0.25 * (ra + rb + rc + rd)), abs(column - 0.25 * (ca + cb + cc + cd)))
        # a fold that cuts off one corner, or two against each other
        off = max(off, 0.5 * abs(ra - rb - rc + rd), 0.5 * abs(ca - cb - cc + cd))
        # where rays graze, ground is not straight in depth even on one cell
        if sure and off < most and abs(deep - s) < _STRAIGHT_NEAR * near:
            starts[patch] = -1.0


@inlined_kernel
def paint_flat(
    i0: Num, j0: Num, starts: Array, at: Array, per: Num, lv: Num, tables: Array, origins: Array,
    values: Array, codes: Array, through: Array, picture: Array, material: Array, inverse: Array,
) -> None:  # fmt: skip
    """The flat patches of a block whose texels lie in one tile; others of them are marked as unfolded.

    through: (PATCHES * PATCHES, 2) share of light that comes through, and what the air adds
    """
    height, width = picture.shape
    for patch in range(PATCHES * PATCHES):
        if starts[patch] != -1.0:
            continue
        pi, pj = patch // PATCHES, patch % PATCHES
        i2, j2 = i0 + pi * PATCH, j0 + pj * PATCH
        ra, rb, rc, rd = at[pi, pj, 0], at[pi, pj + 1, 0], at[pi + 1, pj, 0], at[pi + 1, pj + 1, 0]
        ca, cb, cc, cd = at[pi, pj, 1], at[pi, pj + 1, 1], at[pi + 1, pj, 1], at[pi + 1, pj + 1, 1]
        wa, wb, wc, wd = at[pi, pj, 2], at[pi, pj + 1, 2], at[pi + 1, pj, 2], at[pi + 1, pj + 1, 2]
        slot, ti, tj = slot_at(ra, ca, per, lv, tables, origins)
        y_lo, x_lo = ti * float(TILE), tj * float(TILE)
        if not (
            slot >= 0
            and y_lo <= min(min(rb, rc), rd) * per and max(max(rb, rc), rd) * per < y_lo + TILE
            and x_lo <= min(min(cb, cc), cd) * per and max(max(cb, cc), cd) * per < x_lo + TILE
        ):  # fmt: skip
            starts[patch] = -2.0
            continue
        clear, haze = through[patch, 0], through[patch, 1]
        for i in range(i2, min(i2 + PATCH, height)):
            u = (i - i2) / PATCH
            y = (ra + (rc - ra) * u) * per - y_lo + 0.5
            x = (ca + (cc - ca) * u) * per - x_lo + 0.5
            w = wa + (wc - wa) * u
            y_step = ((rb + (rd - rb) * u) * per - y_lo + 0.5 - y) / PATCH
            x_step = ((cb + (cd - cb) * u) * per - x_lo + 0.5 - x) / PATCH
            w_step = (wb + (wd - wb) * u - w) / PATCH
            for n in range(min(PATCH, width - j2)):
                value, code = sampled(slot, y + n * y_step, x + n * x_step, values, codes)
                picture[i, j2 + n] = clear * value + haze
                inverse[i, j2 + n] = w + n * w_step
                material[i, j2 + n] = code


@inlined_kernel
def unfolded_at(
    u: Num, v: Num, pi: Num, pj: Num, at: Array, slack: Num, r1: Num, c1: Num, h1: Num, b: Array, near: Num,
    close: Num, posts: Array, columns: Num, last_row: Num, last_column: Num,
) -> Num:  # fmt: skip
    """`met` in an unfolded patch, at shares u, v of it; sure only if about as deep as its corners."""
    wa, wb, wc, wd = at[pi, pj, 2], at[pi, pj + 1, 2], at[pi + 1, pj, 2], at[pi + 1, pj + 1, 2]
    w = (wa * (1.0 - v) + wb * v) * (1.0 - u) + (wc * (1.0 - v) + wd * v) * u
    s, row, column, sure = met(
        1.0 / w, b[19], r1 + b[22], b[20], c1 + b[23], b[21], h1 + b[24], near, close, posts, columns,
        last_row, last_column,
    )  # fmt: skip
    low, high = 1.0 / max(max(wa, wb), max(wc, wd)), 1.0 / min(min(wa, wb), min(wc, wd))
    slack += high - low
    return s, row, column, sure and low - slack < s and s < high + slack


@inlined_kernel
def paint_rest(
    i0: Num, j0: Num, cast: Num, exact: Array, starts: Array, start: Num, slack: Num, far: Num, at: Array,
    near: Num, close: Num, eye: Array, corner: Array, across: Array, down: Array, chart: Array, b: Array,
    ceiling: Num, posts: Array, tops: Array, flat_posts: Array, per: Num, lv: Num, tables: Array,
    origins: Array,
    values: Array, codes: Array, through: Array, empty: Num, picture: Array, material: Array, inverse: Array,
    missing: Array, lacking: Num,
) -> Num:  # fmt: skip
    """The patches of a block that are not done, pixel by pixel.

    Returns how many tiles are lacking now, and whether one is here.

    exact: (BLOCK * BLOCK,) inverse depths if they are cast
    """
    short = False
    height, width = picture.shape
    columns, last_row, last_column = posts.shape[1], posts.shape[0] - 2, posts.shape[1] - 2
    for patch in range(PATCHES * PATCHES):
        if starts[patch] == -1.0:
            continue
        pi, pj = patch // PATCHES, patch % PATCHES
        i2, j2 = i0 + pi * PATCH, j0 + pj * PATCH
        unfolded = starts[patch] < 0.0
        free = start if unfolded else starts[patch]
        if unfolded:
            straightened(
                4.0 / (at[pi, pj, 2] + at[pi, pj + 1, 2] + at[pi + 1, pj, 2] + at[pi + 1, pj + 1, 2]), b
            )
        for i in range(i2, min(i2 + PATCH, height)):
            for j in range(j2, min(j2 + PATCH, width)):
                s = row = column = 0.0
                if cast:
                    w = exact[(i - i0) * BLOCK + j - j0]
                    s = 1.0 / w if w > 0.0 else 0.0
                    row, column, _ = charted(
                        eye[0] + s * (corner[0] + j * across[0] + i * down[0]),
                        eye[1] + s * (corner[1] + j * across[1] + i * down[1]),
                        eye[2] + s * (corner[2] + j * across[2] + i * down[2]), chart,
                    )  # fmt: skip
                else:
                    r1, c1, h1 = rates(i, j, corner, across, down, b)
                    sure = False
                    if unfolded:
                        s, row, column, sure = unfolded_at(
                            (i - i2) / PATCH, (j - j2) / PATCH, pi, pj, at, slack, r1, c1, h1, b,
                            near, close, flat_posts, columns, last_row, last_column,
                        )  # fmt: skip
                    if not sure:
                        s, row, column = walked_from(free, far, r1, c1, h1, b, ceiling, posts, tops)
                if not s > 0.0:
                    picture[i, j], inverse[i, j], material[i, j] = empty, 0.0, 0
                    continue
                inverse[i, j] = 1.0 / s
                slot, ti, tj = slot_at(row, column, per, lv, tables, origins)
                if slot < 0:
                    short = True
                    known = lacking > 0 and missing[lacking - 1, 1] == ti and missing[lacking - 1, 2] == tj
                    if lacking < missing.shape[0] and not known:
                        missing[lacking, 0] = origins[lv, 2]
                        missing[lacking, 1], missing[lacking, 2] = ti, tj
                        lacking += 1
                    picture[i, j], material[i, j] = empty, 0
                    continue
                value, code = sampled(
                    slot, row * per - ti * TILE + 0.5, column * per - tj * TILE + 0.5, values, codes
                )
                picture[i, j] = through[patch, 0] * value + through[patch, 1]
                material[i, j] = code
    return lacking, short


@inlined_kernel
def lights(bi: Num, bj: Num, clear: Array, veil: Num, through: Array) -> None:
    """Share of light that comes through to each patch of a block, and what the air adds."""
    for patch in range(PATCHES * PATCHES):
        u, v = (patch // PATCHES + 0.5) / PATCHES, (patch % PATCHES + 0.5) / PATCHES
        upper = clear[bi, bj] * (1.0 - v) + clear[bi, bj + 1] * v
        lower = clear[bi + 1, bj] * (1.0 - v) + clear[bi + 1, bj + 1] * v
        through[patch, 0] = upper * (1.0 - u) + lower * u
        through[patch, 1] = (1.0 - through[patch, 0]) * veil


@kernel
def ground(
    eye: Array, corner: Array, across: Array, down: Array, nodes: Array, kinds: Array, folds: Array,
    slack: Num, exact_of: Array, exact: Array, levels: Array, chart: Array, posts: Array, tops: Array,
    post_m: Num, ceiling: Num, tables: Array, origins: Array, values: Array, codes: Array, finest: Num,
    clear: Array, pixel: Array, veil: Num, empty: Num, todo: Array,
    picture: Array, material: Array, inverse: Array, missing: Array,
) -> Num:  # fmt: skip
    """The ground of a picture; how many tiles it lacked is returned.

    eye: (3,)     corner, across, down: (3,) ray of the first pixel and what a column and a row add
    nodes: (m + 1, n + 1) inverse depth at the corners of blocks     kinds: (m, n) uint8
    folds: (m * PATCHES, n * PATCHES) depth of the nearest edge in each patch, infinite for none; nothing lies
        nearer than it and the ground at the patch's corners by more than `slack`
    exact_of: (m, n) int32, row of `exact` (k, BLOCK * BLOCK) inverse depths for CAST blocks
    tops: (p, q) float32, the highest post of each square of SQUARE cells
    levels: (m, n) int16, index into `tables` (l, a, b) int32 slots, `origins` (l, 3) row, column, level
    values, codes: (slots, TILE + 2, TILE + 2)     finest: metres between texels of level 0
    clear: (m + 1, n + 1) share of light that comes through     pixel: (m, n) metres a pixel spans
    veil: what the air adds to the rest     empty: value where there is no ground
    todo: (m, n) uint8, blocks to be done, left with those that lacked a tile
    picture, inverse: (h, w) float32, out     material: (h, w) uint8, out     missing: (q, 3) int32, out
    """
    height, width = picture.shape
    last_row, last_column = posts.shape[0] - 2, posts.shape[1] - 2
    flat_posts, columns = posts.ravel(), posts.shape[1]
    flat_values, flat_codes = values.ravel(), codes.ravel()
    b, at = np.empty(25), np.empty((PATCHES + 1, PATCHES + 1, 3))
    starts, through = np.empty(PATCHES * PATCHES), np.empty((PATCHES * PATCHES, 2))
    lacking = 0
    for bi in range(kinds.shape[0]):
        for bj in range(kinds.shape[1]):
            if not todo[bi, bj]:
                continue
            i0, j0, kind = bi * BLOCK, bj * BLOCK, kinds[bi, bj]
            if kind == EMPTY:
                for i in range(i0, min(i0 + BLOCK, height)):
                    for j in range(j0, min(j0 + BLOCK, width)):
                        picture[i, j], inverse[i, j], material[i, j] = empty, 0.0, 0
                todo[bi, bj] = 0
                continue
            lights(bi, bj, clear, veil, through)
            lv = levels[bi, bj]
            per = post_m / (finest * 2.0 ** origins[lv, 2])
            close, near = 0.05 * pixel[bi, bj], 0.02 * pixel[bi, bj]
            w00, w01 = nodes[bi, bj], nodes[bi, bj + 1]
            w10, w11 = nodes[bi + 1, bj], nodes[bi + 1, bj + 1]
            far = start = 0.0
            if kind != CAST:
                far = 4.0 / min(min(w00, w01), min(w10, w11))
                start = 1.0 / max(max(w00, w01), max(w10, w11))
                if kind == WALK:
                    for patch in range(PATCHES * PATCHES):
                        edge = folds[bi * PATCHES + patch // PATCHES, bj * PATCHES + patch % PATCHES]
                        start = min(start, edge)
                start = max(start - slack, 1.0)
                s_mid, half = 4.0 / (w00 + w01 + w10 + w11), 0.5 * BLOCK
                charted_block(i0 + half, j0 + half, s_mid, eye, corner, across, down, chart, b)
                corners_of_patches(
                    i0, j0, kind == SMOOTH, start, far, near, w00, w01, w10, w11, corner, across, down, b,
                    ceiling, posts, tops, flat_posts, at,
                )  # fmt: skip
            sorted_patches(
                i0, j0, kind, folds, slack, at, near, _FLAT_PX * pixel[bi, bj] / post_m, corner, across,
                down, b, flat_posts, columns, last_row, last_column, starts,
            )  # fmt: skip
            paint_flat(
                i0, j0, starts, at, per, lv, tables, origins, flat_values, flat_codes, through, picture,
                material, inverse,
            )  # fmt: skip
            lacking, short = paint_rest(
                i0, j0, kind == CAST, exact[max(exact_of[bi, bj], 0)], starts, start, slack, far, at, near,
                close, eye, corner, across, down, chart, b, ceiling, posts, tops, flat_posts, per, lv, tables,
                origins, flat_values, flat_codes, through, empty, picture, material, inverse, missing,
                lacking,
            )  # fmt: skip
            if not short:
                todo[bi, bj] = 0
    return lacking


@inlined_kernel
def facing(i: Num, j: Num, eye: Array, post_m: Num, posts: Array) -> Num:
    """How far over the tangent plane of each corner of a cell the eye is, metres, and how sure that is.

    Over the whole cell it is bilinear as the ground is; at a corner it depends on the cell.
    """
    z00, z01 = float(posts[i, j]), float(posts[i, j + 1])
    z10, z11 = float(posts[i + 1, j]), float(posts[i + 1, j + 1])
    r, c = eye[0] - i, eye[1] - j
    square = post_m * post_m * (r * r + c * c)
    over = eye[2] - 0.5 * square / 6371000.0
    upper, lower, left, right = z01 - z00, z11 - z10, z10 - z00, z11 - z01
    return (
        over - z00 - left * r - upper * c,
        over - z01 - right * r - upper * (c - 1.0),
        over - z10 - left * (r - 1.0) - lower * c,
        over - z11 - right * (r - 1.0) - lower * (c - 1.0),
        2e-3 * np.sqrt(square),
    )


@inlined_kernel
def between(f0: Num, f1: Num, low: Num, high: Num) -> Num:
    """From where to where a straight line from f0 to f1 is between two values; 2 and -1 for nowhere."""
    if max(f0, f1) < low or min(f0, f1) > high:
        return 2.0, -1.0
    if f0 == f1:
        return 0.0, 1.0
    t0, t1 = (low - f0) / (f1 - f0), (high - f0) / (f1 - f0)
    return max(min(t0, t1), 0.0), min(max(t0, t1), 1.0)


@inlined_kernel
def changes(a0: Num, a1: Num, b0: Num, b1: Num, sure: Num) -> Num:
    """From where to where on the border of two cells one may face the eye and the other not."""
    a_lo, a_hi = between(a0, a1, -1e30, sure)
    b_lo, b_hi = between(b0, b1, -1e30, sure)
    c_lo, c_hi = between(a0, a1, -sure, 1e30)
    d_lo, d_hi = between(b0, b1, -sure, 1e30)
    return max(min(a_lo, b_lo), min(c_lo, d_lo)), min(max(a_hi, b_hi), max(c_hi, d_hi))


@inlined_kernel
def edge_within(f00: Num, f01: Num, f10: Num, f11: Num, sure: Num) -> Num:
    """Rectangle of a cell in which it turns from facing the eye to not: first row, column, last row, column.

    Where a bilinear function is zero its line rises or falls all the way: the ends on the rim bound it.
    """
    u0, v0, u1, v1 = 2.0, 2.0, -1.0, -1.0
    for k in range(4):
        f0 = f00 if k < 2 else f10 if k == 2 else f01
        f1 = f01 if k == 0 else f10 if k == 1 else f11
        lo, hi = between(f0, f1, -sure, sure)
        if lo > hi:
            continue
        if k == 0 or k == 2:
            at = 0.0 if k == 0 else 1.0
            u0, u1, v0, v1 = min(u0, at), max(u1, at), min(v0, lo), max(v1, hi)
        else:
            at = 0.0 if k == 1 else 1.0
            v0, v1, u0, u1 = min(v0, at), max(v1, at), min(u0, lo), max(u1, hi)
    return u0, v0, u1, v1


@kernel
def folded(
    eye: Array, post_m: Num, r0: Num, r1: Num, c0: Num, c1: Num, posts: Array, back: Array, edges: Array
) -> Num:
    """Where in a window of the posts ground turns its back to the eye; the number of such places.

    eye: (3,) row, column and height     post_m: metres from post to post     r0, r1, c0, c1: cells
    back: (m, n) uint8, scratch     edges: (k, 4) out: first row and column, last row and column of each
    """
    for i in range(r0, r1):
        for j in range(c0, c1):
            f00, f01, f10, f11, sure = facing(i, j, eye, post_m, posts)
            low, high = min(min(f00, f01), min(f10, f11)), max(max(f00, f01), max(f10, f11))
            back[i - r0, j - c0] = 0 if low > sure else 2 if high < -sure else 1
    count = 0
    for i in range(r1 - r0):
        for j in range(c1 - c0):
            below = back[i + 1, j] if i + 1 < r1 - r0 else back[i, j]
            right = back[i, j + 1] if j + 1 < c1 - c0 else back[i, j]
            if back[i, j] != 1 and below == back[i, j] and right == back[i, j]:
                continue
            f00, f01, f10, f11, sure = facing(r0 + i, c0 + j, eye, post_m, posts)
            for k in range(3):
                u0, v0, u1, v1 = 2.0, 2.0, -1.0, -1.0
                if k == 0 and back[i, j] == 1:
                    u0, v0, u1, v1 = edge_within(f00, f01, f10, f11, sure)
                elif k == 1 and i + 1 < r1 - r0 and (below == 1 or below != back[i, j]):
                    g00, g01, _, _, _ = facing(r0 + i + 1, c0 + j, eye, post_m, posts)
                    v0, v1 = changes(f10, f11, g00, g01, sure)
                    u0 = u1 = 1.0
                elif k == 2 and j + 1 < c1 - c0 and (right == 1 or right != back[i, j]):
                    g00, _, g10, _, _ = facing(r0 + i, c0 + j + 1, eye, post_m, posts)
                    u0, u1 = changes(f01, f11, g00, g10, sure)
                    v0 = v1 = 1.0
                if u0 <= u1 and v0 <= v1:
                    if count < edges.shape[0]:
                        edges[count, 0], edges[count, 1] = r0 + i + u0, c0 + j + v0
                        edges[count, 2], edges[count, 3] = r0 + i + u1, c0 + j + v1
                    count += 1
    return count


@kernel
def marked(first: Array, last: Array, depth: Array, kinds: Array, folds: Array) -> None:
    """Patches under rectangles of patches hold an edge, no nearer than the nearest rectangle.

    first, last: (k, 2) column and row, both inside     depth: (k,)     kinds: (m, n), SMOOTH becomes WALK
    folds: (m * PATCHES, n * PATCHES), changed
    """
    for k in range(first.shape[0]):
        for i in range(first[k, 1], last[k, 1] + 1):
            for j in range(first[k, 0], last[k, 0] + 1):
                folds[i, j] = min(folds[i, j], depth[k])
                if kinds[i // PATCHES, j // PATCHES] == SMOOTH:
                    kinds[i // PATCHES, j // PATCHES] = WALK


@inlined_kernel
def through_box(
    ox: Num, oy: Num, oz: Num, dx: Num, dy: Num, dz: Num, hx: Num, hy: Num, low: Num, top: Num
) -> Num:
    """Where a ray in the frame of an upright box enters it, and by which face; -1 where it does not.

    Faces: 0 top or bottom, 1 along its length, 2 across.
    """
    near, far, face = -1e30, 1e30, 0
    for k in range(3):
        o = ox if k == 0 else oy if k == 1 else oz
        d = dx if k == 0 else dy if k == 1 else dz
        lo = -hx if k == 0 else -hy if k == 1 else low
        hi = hx if k == 0 else hy if k == 1 else top
        if abs(d) < 1e-12:
            if o < lo or o > hi:
                return -1.0, 0
            continue
        t0, t1 = (lo - o) / d, (hi - o) / d
        if t0 > t1:
            t0, t1 = t1, t0
        if t0 > near:
            near = t0
            face = 2 if k == 0 else 1 if k == 1 else 0
        far = min(far, t1)
    if near > far or far <= 0.0:
        return -1.0, 0
    return max(near, 0.0), face


@inlined_kernel
def crown_at(x: Num, y: Num, salt: Num) -> Num:
    """Number 0 to 1, even over places, the same over some metres: below the concealment there is a crown."""
    total = 0.0
    for octave in range(2):
        wave = 3.7 if octave == 0 else 1.6
        fx, fy = np.floor(x / wave), np.floor(y / wave)
        u, v = x / wave - fx, y / wave - fy
        u, v = u * u * (3.0 - 2.0 * u), v * v * (3.0 - 2.0 * v)
        for k in range(4):
            a = np.uint64(np.int64(fx) + (k & 1)) * np.uint64(0x9E3779B97F4A7C15)
            b = np.uint64(np.int64(fy) + (k >> 1)) * np.uint64(0xC2B2AE3D27D4EB4F)
            h = (a + b) ^ (np.uint64(salt + octave) * np.uint64(0x165667B19E3779F9))
            h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            value = np.float64(h >> np.uint64(40)) * (2.0 / 16777216.0) - 1.0
            total += (
                (0.8 if octave == 0 else 0.45)
                * value
                * (u if k & 1 else 1.0 - u)
                * (v if k >> 1 else 1.0 - v)
            )
    # the sum is near normal with deviation 0.36
    return 1.0 / (1.0 + np.exp(-1.7 * total / 0.36))


@kernel
def crowns(x: Array, y: Array, salt: Num, out: Array) -> None:
    """`crown_at` on a grid of places x, y about a box of number `salt`: out (y, x)."""
    for i in range(y.shape[0]):
        for j in range(x.shape[0]):
            out[i, j] = crown_at(x[j], y[i], salt)


@kernel
def solids(
    eye: Array, corner: Array, across: Array, down: Array, boxes: Array, paint: Array, codes: Array,
    salts: Array, sun: Array, direct: Num, sky: Num, warm: Num, crown: Num, shaded: Num,
    picture: Array, material: Array, inverse: Array, owner: Array, held: Array, seen: Array,
) -> None:  # fmt: skip
    """Boxes over the ground of a picture, farthest first, with the shadows they cast.

    boxes: (n, 12) x, y, z of the ground under the middle, cos and sin of the bearing, half length, half
        width, bottom, top, concealment, height of the crowns, share of light that comes through
    paint: (n, 3) value of top and sides, and veil of the air there     codes: (n,) uint8, material of the top
    salts: (n,) int64, what the pattern of crowns over each follows
    sun: (3,)     direct, sky: light of both     warm: whether values are warmth
    crown: value of crowns     shaded: kelvin less in shade
    inverse: (h, w), changed where a box fills most of a pixel
    owner: (h, w) int32, -1, out: box that shows most in a pixel     held: (h, w) float32, its share of it
    seen: (n, 6) out: first column and row, last column and row of what is visible; pixels it would fill,
        and pixels it fills
    """
    height, width = picture.shape
    # depth is along the axis: the ray of a place is found through the inverse of the picture's three vectors
    cx = across[1] * down[2] - across[2] * down[1]
    cy = across[2] * down[0] - across[0] * down[2]
    cz = across[0] * down[1] - across[1] * down[0]
    volume = corner[0] * cx + corner[1] * cy + corner[2] * cz
    spread = np.sqrt(across[0] * across[0] + across[1] * across[1] + across[2] * across[2])
    for n in range(boxes.shape[0]):
        x0, y0, z0, cos, sin = boxes[n, 0], boxes[n, 1], boxes[n, 2], boxes[n, 3], boxes[n, 4]
        hx, hy, bottom, top = boxes[n, 5], boxes[n, 6], boxes[n, 7], boxes[n, 8]
        low = bottom if bottom > 0.2 else bottom - 3.0
        lit = not warm and sun[2] > 0.02
        seen[n, 0], seen[n, 1], seen[n, 2], seen[n, 3] = 1e9, 1e9, -1e9, -1e9
        seen[n, 4], seen[n, 5] = 0.0, 0.0
        i_lo, i_hi, j_lo, j_hi = 1e9, -1e9, 1e9, -1e9
        behind = False
        for k in range(16):
            along, beside = (hx if k & 1 else -hx), (hy if k & 2 else -hy)
            x, y = x0 + along * sin + beside * cos, y0 + along * cos - beside * sin
            z = z0 + (top if k & 4 else low)
            if k & 8:
                if not lit:
                    continue
                reach = min(top / sun[2], 30.0 * top) * 1.15
                x, y, z = x - sun[0] * reach, y - sun[1] * reach, z0 - (3.0 if k & 4 else -3.0)
            rx, ry, rz = x - eye[0], y - eye[1], z - eye[2]
            depth = (rx * cx + ry * cy + rz * cz) / volume
            if depth <= 1.0:
                behind = True
                break
            rx, ry, rz = rx / depth - corner[0], ry / depth - corner[1], rz / depth - corner[2]
            aa = across[0] * across[0] + across[1] * across[1] + across[2] * across[2]
            dd = down[0] * down[0] + down[1] * down[1] + down[2] * down[2]
            column = (rx * across[0] + ry * across[1] + rz * across[2]) / aa
            row = (rx * down[0] + ry * down[1] + rz * down[2]) / dd
            i_lo, i_hi, j_lo, j_hi = min(i_lo, row), max(i_hi, row), min(j_lo, column), max(j_hi, column)
        if behind or i_hi < -0.5 or j_hi < -0.5 or i_lo > height - 0.5 or j_lo > width - 0.5:
            continue
        first_i, last_i = max(int(np.floor(i_lo + 0.5)), 0), min(int(np.floor(i_hi + 0.5)), height - 1)
        first_j, last_j = max(int(np.floor(j_lo + 0.5)), 0), min(int(np.floor(j_hi + 0.5)), width - 1)
        fine = 2 if (last_i - first_i) * (last_j - first_j) > 2500 else 4
        part = 1.0 / (fine * fine)
        ex, ey = eye[0] - x0, eye[1] - y0
        box_x, box_y = ex * sin + ey * cos, ex * cos - ey * sin
        box_z = eye[2] - z0
        sun_x, sun_y = sun[0] * sin + sun[1] * cos, sun[0] * cos - sun[1] * sin
        through, veil = boxes[n, 11], paint[n, 2]
        for i in range(first_i, last_i + 1):
            for j in range(first_j, last_j + 1):
                whole = visible = 0.0
                total = 0.0
                dark = 0.0
                near = 0.0
                w_ground = inverse[i, j]
                code = material[i, j]
                # one look with a pixel to spare spares most pixels the fine one
                gx = corner[0] + j * across[0] + i * down[0]
                gy = corner[1] + j * across[1] + i * down[1]
                dz = corner[2] + j * across[2] + i * down[2]
                dx, dy = gx * sin + gy * cos, gx * cos - gy * sin
                wide = 1.2 * spread * -box_z / min(dz, -1e-3)
                s, face = through_box(
                    box_x, box_y, box_z, dx, dy, dz, hx + wide, hy + wide, low - wide, top + wide
                )
                if s <= 0.0:
                    if not (sun[2] > 0.02 and w_ground > 0.0):
                        continue
                    g = 1.0 / w_ground
                    wide = 4.0 * spread * g
                    px, py, pz = box_x + g * dx, box_y + g * dy, box_z + g * dz
                    t, _ = through_box(
                        px, py, pz, sun_x, sun_y, sun[2], hx + wide, hy + wide, low - wide, top + wide
                    )
                    if t < 0.0:
                        continue
                for k in range(fine * fine):
                    si, sj = i - 0.5 + (k // fine + 0.5) / fine, j - 0.5 + (k % fine + 0.5) / fine
                    gx = corner[0] + sj * across[0] + si * down[0]
                    gy = corner[1] + sj * across[1] + si * down[1]
                    dz = corner[2] + sj * across[2] + si * down[2]
                    dx, dy = gx * sin + gy * cos, gx * cos - gy * sin
                    s, face = through_box(box_x, box_y, box_z, dx, dy, dz, hx, hy, low, top)
                    if s > 0.0 and box_z + s * dz >= bottom - 0.05:
                        whole += part
                    if s > 0.0 and (w_ground <= 0.0 or s * w_ground < 1.0 + 2e-6):
                        hidden = False
                        if boxes[n, 9] > 0.0:
                            c = (z0 + boxes[n, 10] - eye[2]) / dz
                            if c < s:
                                at_x, at_y = eye[0] + c * gx - x0, eye[1] + c * gy - y0
                                hidden = crown_at(at_x, at_y, salts[n]) < boxes[n, 9]
                        if hidden:
                            shown = crown
                        else:
                            visible += part
                            near = s
                            if face == 0:
                                shown = paint[n, 0]
                                if not warm:
                                    shown *= direct * max(sun[2], 0.0) + sky
                            else:
                                shown = paint[n, 1]
                                if not warm:
                                    facing = sun_x * (-1.0 if dx > 0.0 else 1.0)
                                    if face == 1:
                                        facing = sun_y * (-1.0 if dy > 0.0 else 1.0)
                                    shown *= direct * max(facing, 0.0) + 0.7 * sky
                            code = codes[n]
                        total += part * (through * shown + (1.0 - through) * veil)
                    else:
                        here = picture[i, j]
                        if sun[2] > 0.02 and w_ground > 0.0:
                            g = 1.0 / w_ground
                            px, py, pz = box_x + g * dx, box_y + g * dy, box_z + g * dz
                            t, _ = through_box(px, py, pz + 0.05, sun_x, sun_y, sun[2], hx, hy, low, top)
                            if t > 0.0:
                                dark += part
                                if warm:
                                    here -= shaded * through
                                else:
                                    own = (here - (1.0 - through) * veil) * sky / (direct * sun[2] + sky)
                                    here = own + (1.0 - through) * veil
                        total += part * here
                seen[n, 4] += whole
                seen[n, 5] += visible
                if whole > 0.0 or dark > 0.0 or visible > 0.0:
                    picture[i, j] = total
                if visible > 0.5:
                    material[i, j], inverse[i, j] = code, 1.0 / near
                if visible > 0.0:
                    if owner[i, j] >= 0:
                        seen[owner[i, j], 5] -= held[i, j] * visible
                        held[i, j] *= 1.0 - visible
                    if visible >= held[i, j]:
                        owner[i, j], held[i, j] = n, visible
    for i in range(height):
        for j in range(width):
            n = owner[i, j]
            if n >= 0 and held[i, j] >= 0.25:
                seen[n, 0], seen[n, 1] = min(seen[n, 0], j), min(seen[n, 1], i)
                seen[n, 2], seen[n, 3] = max(seen[n, 2], j), max(seen[n, 3], i)


@kernel
def finished(
    picture: Array, material: Array, taps: Array, low: Num, high: Num, tone: Array, noise: Array, at: Num,
    blue: Array, red: Array, soft: Array, luma: Array, cb: Array, cr: Array,
) -> None:  # fmt: skip
    """The picture blurred, put on the scale of the display, with noise; colour for each two by two pixels.

    taps: (3,) float32, weights of a pixel and of those one and two beside it     tone: (4096,) uint8
    noise: (k,) int8, taken from `at` on     blue, red: (256,) Cb and Cr of each material per unit of luma
    soft: (h, w) float32, scratch     luma: (h, w), cb, cr: (h / 2, w / 2) uint8, out
    """
    height, width = picture.shape
    for i in range(height):
        a, b = max(i - 1, 0), min(i + 1, height - 1)
        c, d = max(i - 2, 0), min(i + 2, height - 1)
        for j in range(width):
            soft[i, j] = (
                taps[0] * picture[i, j]
                + taps[1] * (picture[a, j] + picture[b, j])
                + taps[2] * (picture[c, j] + picture[d, j])
            )
    scale = np.float32(4095.0 / (high - low))
    base = np.float32(low)
    count = noise.shape[0]
    for i in range(height):
        start = (at + i * width) % (count - width)
        for j in range(width):
            if 2 <= j < width - 2:
                value = (
                    taps[0] * soft[i, j]
                    + taps[1] * (soft[i, j - 1] + soft[i, j + 1])
                    + taps[2] * (soft[i, j - 2] + soft[i, j + 2])
                )
            else:
                value = soft[i, j]
            step = min(max(int((value - base) * scale), 0), 4095)
            luma[i, j] = min(max(np.int32(tone[step]) + noise[start + j], 16), 235)
    for i in range(height // 2):
        for j in range(width // 2):
            code = material[2 * i, 2 * j]
            bright = np.float32(luma[2 * i, 2 * j]) - np.float32(16.0)
            cb[i, j] = np.uint8(min(max(128.0 + blue[code] * bright, 16.0), 240.0))
            cr[i, j] = np.uint8(min(max(128.0 + red[code] * bright, 16.0), 240.0))
