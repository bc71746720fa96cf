"""First meeting of a ray with gridded ground, compiled: pieces of the exact ray over a pyramid of maxima.

The ray is p(t) = o + t d + t^2 q in ECEF (q is the bend of standard refraction, or zero). On arcs of some
kilometres its row, column and height above the ellipsoid are quadratics through their exact values at both
ends and the middle, true to a millimetre. An arc is cut in pieces. A piece that stays above the highest post
of all it passes over is skipped whole; else it is halved until row and column run straight within
`Grid.straight` posts, and its cells are walked, going up and down the pyramid; on a cell the gap between ray
and bilinear ground is a quadratic that is solved. A hit is then made exact.

Heights are metres above the ellipsoid, rows and columns count posts, angles are radians. A post without data
holds `VOID_BASE` plus a ceiling above which a ray passes it unharmed. Blocks of 2**bits cells share the posts
of their seams. Nothing is allocated, no state is kept: many threads may march over one grid at once.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import borrowing_kernel as kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

HIT, GRAZING, SKY, OUTSIDE, BEYOND, VOID, INVALID, PAUSED = 0, 1, 2, 3, 4, 5, 6, 7
NOTHING = -1

VOID_BASE = 1.0e6
IS_VOID = 5.0e5

A = 6378137.0
F = 1.0 / 298.257223563
B = A * (1.0 - F)
E2 = F * (2.0 - F)
EP2 = E2 / (1.0 - E2)
MEAN_RADIUS = 6371008.8

LONGEST_ARC = 8192.0
LONGEST_PIECE = 4096.0
FIRST_PIECE = 1024.0
SHORTEST_PIECE = 8.0
CEILING_SLACK = 0.01
GRAZING_SINE = 0.03489949670250097  # of two degrees
FAR = -1.0e9
NEVER = 1.0e300
RIM = 1.0e-6
SEAM_STEP = 1.0e-6
END_SLACK = 0.01
UNKNOWN_START = (0.0, 0.0, np.nan)


class Grid(NamedTuple):
    """Ground as the kernels see it.

    posts: (slots, rows, columns) float32     tiles: (slots, n) float32, levels 1.. of the pyramid, packed
    slot_of: (block rows, block columns) int32, -1 where not in memory
    highest: the same shape, float64, of each block; +inf where not known yet
    starts, strides: (bits,) int64, where a level lies in `tiles`
    shape: (2,) int64, posts of the whole model     bits: log2 of the cells along a block
    straight: posts a piece may bend     frame, lut: longitude and latitude to row and column
    """

    posts: Array
    tiles: Array
    slot_of: Array
    highest: Array
    starts: Array
    strides: Array
    shape: Array
    bits: int
    straight: float
    frame: Array
    lut: Array


@kernel
def geodetic(x: Num, y: Num, z: Num) -> Num:
    """cos and sin of latitude, cos and sin of longitude, height of an ECEF point.

    Bowring's second formula (1985): one step, true to some micrometres up to the height of any aircraft.
    """
    across = np.sqrt(x * x + y * y)
    radius = np.sqrt(across * across + z * z)
    sin_b = B * z * (1.0 + EP2 * B / radius)
    cos_b = A * across
    norm = 1.0 / np.sqrt(sin_b * sin_b + cos_b * cos_b)
    sin_b *= norm
    cos_b *= norm
    sin_p = z + EP2 * B * sin_b * sin_b * sin_b
    cos_p = across - E2 * A * cos_b * cos_b * cos_b
    norm = 1.0 / np.sqrt(sin_p * sin_p + cos_p * cos_p)
    sin_p *= norm
    cos_p *= norm
    height = across * cos_p + z * sin_p - A * np.sqrt(1.0 - E2 * sin_p * sin_p)
    if across > 0.0:
        return cos_p, sin_p, x / across, y / across, height
    return cos_p, sin_p, 1.0, 0.0, height


@kernel
def lagrange(s: Num) -> Num:
    """Weights of four nodes at -1, 0, 1, 2 for a value at s."""
    return (
        -s * (s - 1.0) * (s - 2.0) / 6.0,
        (s + 1.0) * (s - 1.0) * (s - 2.0) / 2.0,
        -(s + 1.0) * s * (s - 2.0) / 2.0,
        (s + 1.0) * s * (s - 1.0) / 6.0,
    )


@kernel
def row_column(cos_p: Num, sin_p: Num, cos_l: Num, sin_l: Num, frame: Array, lut: Array) -> Num:
    """Row and column of a place: linear in longitude and latitude, or a table over a stereographic plane."""
    if frame[0] == 0.0:
        lam = np.arctan2(sin_l * frame[1] - cos_l * frame[2], cos_l * frame[1] + sin_l * frame[2])
        phi = np.arctan2(sin_p, cos_p)
        return frame[3] + frame[4] * lam + frame[5] * phi, frame[6] + frame[7] * lam + frame[8] * phi
    nx, ny = cos_p * cos_l, cos_p * sin_l
    scale = 2.0 / (1.0 + nx * frame[7] + ny * frame[8] + sin_p * frame[9])
    u = ((nx * frame[1] + ny * frame[2] + sin_p * frame[3]) * scale - frame[10]) * frame[12]
    v = ((nx * frame[4] + ny * frame[5] + sin_p * frame[6]) * scale - frame[11]) * frame[12]
    if not (u >= 0.0 and v >= 0.0 and u <= lut.shape[1] - 1.0 and v <= lut.shape[2] - 1.0):
        return FAR, FAR
    i = min(max(int(u), 1), lut.shape[1] - 3)
    j = min(max(int(v), 1), lut.shape[2] - 3)
    a0, a1, a2, a3 = lagrange(u - i)
    b0, b1, b2, b3 = lagrange(v - j)
    row = 0.0
    column = 0.0
    for k in range(4):
        a = a0 if k == 0 else a1 if k == 1 else a2 if k == 2 else a3
        m = i - 1 + k
        row += a * (b0 * lut[0, m, j - 1] + b1 * lut[0, m, j] + b2 * lut[0, m, j + 1] + b3 * lut[0, m, j + 2])
        column += a * (
            b0 * lut[1, m, j - 1] + b1 * lut[1, m, j] + b2 * lut[1, m, j + 1] + b3 * lut[1, m, j + 2]
        )
    return row, column


@kernel
def place(x: Num, y: Num, z: Num, frame: Array, lut: Array) -> Num:
    """Row, column and height of an ECEF point."""
    cos_p, sin_p, cos_l, sin_l, height = geodetic(x, y, z)
    row, column = row_column(cos_p, sin_p, cos_l, sin_l, frame, lut)
    return row, column, height


@kernel
def fill_tiles(posts: Array, tiles: Array, starts: Array, strides: Array, bits: Num) -> Num:
    """Write levels 1 .. bits - 1 of one block's pyramid; the highest of all is returned.

    posts: (rows, columns) float32, -inf beyond the model      tiles: (n,) float32
    """
    rows, columns = posts.shape
    top = -np.inf
    if bits <= 1:
        for i in range(rows):
            for j in range(columns):
                value = posts[i, j]
                top = max(top, value - VOID_BASE if value > IS_VOID else value)
        return top
    height = (rows - 1 + 1) >> 1
    for i in range(height):
        for j in range(strides[1]):
            best = np.float32(-np.inf)
            for m in range(2 * i, min(2 * i + 3, rows)):
                for n in range(2 * j, min(2 * j + 3, columns)):
                    value = posts[m, n]
                    if value > IS_VOID:
                        value = np.float32(value - VOID_BASE)
                    if value > best:
                        best = value
            tiles[starts[1] + i * strides[1] + j] = best
    below = height
    for level in range(2, bits):
        height = (below + 1) >> 1
        for i in range(height):
            for j in range(strides[level]):
                best = np.float32(-np.inf)
                for m in range(2 * i, min(2 * i + 2, below)):
                    for n in range(2 * j, min(2 * j + 2, strides[level - 1])):
                        value = tiles[starts[level - 1] + m * strides[level - 1] + n]
                        if value > best:
                            best = value
                tiles[starts[level] + i * strides[level] + j] = best
        below = height
    level = bits - 1
    for k in range(below * strides[level]):
        top = max(top, tiles[starts[level] + k])
    return top


@kernel
def highest_under(row_lo: Num, row_hi: Num, col_lo: Num, col_hi: Num, grid: Grid) -> Num:
    """A bound of the ground over a box of rows and columns, and the level it was read from."""
    i0, i1 = int(max(row_lo, 0.0)), int(min(row_hi, grid.shape[0] - 2.0))
    j0, j1 = int(max(col_lo, 0.0)), int(min(col_hi, grid.shape[1] - 2.0))
    if i1 < i0 or j1 < j0:
        return -np.inf, 1
    level = 1
    while ((i1 >> level) - (i0 >> level) > 1 or (j1 >> level) - (j0 >> level) > 1) and level < grid.bits:
        level += 1
    best = -np.inf
    down = grid.bits - level
    mask = (1 << down) - 1
    for ti in range(i0 >> level, (i1 >> level) + 1):
        for tj in range(j0 >> level, (j1 >> level) + 1):
            bi, bj = ti >> down, tj >> down
            value = grid.highest[bi, bj]
            if value > best and level < grid.bits:
                slot = grid.slot_of[bi, bj]
                if slot >= 0:
                    value = grid.tiles[
                        slot, grid.starts[level] + (ti & mask) * grid.strides[level] + (tj & mask)
                    ]
            best = max(best, value)
    return best, level


@kernel
def walk(
    r0: Num, c0: Num, h0: Num, dr: Num, dc: Num, b: Num, kr: Num, kc: Num, kap: Num,
    length: Num, level: Num, grid: Grid,
) -> Num:  # fmt: skip
    """Cells under one piece: what happens first, where along it, and in which cell.

    The piece begins at row r0, column c0, height h0 and follows row r0 + dr t, column likewise, height
    h0 + b t + kap t^2. Its rows and columns bend by kr t (t - length), kc likewise: too little to matter for
    which cells it crosses, but within a cell its true tangent is followed.
    """
    n_rows, n_cols = grid.shape[0] - 1, grid.shape[1] - 1
    bits = grid.bits
    block_mask = (1 << bits) - 1
    i = min(max(int(np.floor(r0)), 0), n_rows - 1)
    j = min(max(int(np.floor(c0)), 0), n_cols - 1)
    # the lowest point of the piece lies at -b / (2 kap)
    lowest = -b / (2.0 * kap) if kap > 0.0 else np.inf
    down, right = dr >= 0.0, dc >= 0.0
    per_row = 1.0 / dr if dr != 0.0 else NEVER
    per_column = 1.0 / dc if dc != 0.0 else NEVER
    t = 0.0
    bi, bj = i >> bits, j >> bits
    slot = grid.slot_of[bi, bj]
    while True:
        if i >> bits != bi or j >> bits != bj:
            bi, bj = i >> bits, j >> bits
            slot = grid.slot_of[bi, bj]
        if slot < 0:
            level = bits
        i_lo = (i >> level) << level
        j_lo = (j >> level) << level
        i_hi = min(i_lo + (1 << level), n_rows)
        j_hi = min(j_lo + (1 << level), n_cols)
        te_r = ((i_hi if down else i_lo) - r0) * per_row
        te_c = ((j_hi if right else j_lo) - c0) * per_column
        te = max(min(min(te_r, te_c), length), t)
        tm = min(max(lowest, t), te)
        low = h0 + (b + kap * tm) * tm
        if level == 0:
            m, n = i & block_mask, j & block_mask
            z00, z01 = float(grid.posts[slot, m, n]), float(grid.posts[slot, m, n + 1])
            z10, z11 = float(grid.posts[slot, m + 1, n]), float(grid.posts[slot, m + 1, n + 1])
            top = max(max(z00, z01), max(z10, z11))
            if top > IS_VOID:
                if low <= top - VOID_BASE:
                    return VOID, t, i, j
            elif low <= top:
                u, v = r0 + (dr + kr * (t - length)) * t - i, c0 + (dc + kc * (t - length)) * t - j
                du, dv = dr + kr * (2.0 * t - length), dc + kc * (2.0 * t - length)
                twist = z11 - z10 - z01 + z00
                z_u, z_v = z10 - z00 + twist * v, z01 - z00 + twist * u
                k0 = h0 + (b + kap * t) * t - (z00 + (z10 - z00) * u + z_v * v)
                if k0 <= 0.0:
                    return HIT, t, i, j
                k1 = b + 2.0 * kap * t - (z_u * du + z_v * dv)
                k2 = kap - twist * du * dv
                inner = k1 * k1 - 4.0 * k2 * k0
                if inner >= 0.0:
                    root = np.sqrt(inner)
                    w = -0.5 * (k1 + root) if k1 >= 0.0 else -0.5 * (k1 - root)
                    first = k0 / w if w != 0.0 else np.inf
                    other = w / k2 if k2 != 0.0 else np.inf
                    if not first >= 0.0 or (0.0 <= other < first):
                        first = other
                    if 0.0 <= first <= te - t + 1e-9:
                        return HIT, t + first, i, j
        else:
            if level >= bits:
                bound = grid.highest[bi, bj]
            else:
                m, n = (i & block_mask) >> level, (j & block_mask) >> level
                bound = grid.tiles[slot, grid.starts[level] + m * grid.strides[level] + n]
            if low <= bound:
                if slot < 0:
                    return PAUSED, t, bi, bj
                level -= 1
                continue
        if te >= length:
            return NOTHING, te, i, j
        i_was, j_was = i >> (level + 1), j >> (level + 1)
        if te_r <= te_c:
            i = i_hi if down else i_lo - 1
            j = min(max(int(np.floor(c0 + dc * te)), j_lo), j_hi - 1)
            if i < 0 or i >= n_rows:
                return OUTSIDE, te, i, j
        else:
            j = j_hi if right else j_lo - 1
            i = min(max(int(np.floor(r0 + dr * te)), i_lo), i_hi - 1)
            if j < 0 or j >= n_cols:
                return OUTSIDE, te, i, j
        t = te
        if level < bits and (i >> (level + 1) != i_was or j >> (level + 1) != j_was):
            level += 1


@kernel
def patch(grid: Grid, i: Num, j: Num, row: Num, column: Num) -> Num:
    """Height of the bilinear ground of cell (i, j), continued beyond its edges; its two slopes per post."""
    slot = grid.slot_of[i >> grid.bits, j >> grid.bits]
    mask = (1 << grid.bits) - 1
    m, n = i & mask, j & mask
    z00, z01 = float(grid.posts[slot, m, n]), float(grid.posts[slot, m, n + 1])
    z10, z11 = float(grid.posts[slot, m + 1, n]), float(grid.posts[slot, m + 1, n + 1])
    u, v = row - i, column - j
    twist = z11 - z10 - z01 + z00
    z_v = z01 - z00 + twist * u
    return z00 + (z10 - z00) * u + z_v * v, z10 - z00 + twist * v, z_v


@kernel
def march(
    ox: Num, oy: Num, oz: Num, dx: Num, dy: Num, dz: Num, qx: Num, qy: Num, qz: Num,
    start: Num, longest: Num, ceiling: Num, exactly: Num, grid: Grid, arc: Num, along: Num, piece: Num,
) -> Num:  # fmt: skip
    """One ray: status, range, cell of the hit or block asked for, and the arc, place and piece to resume at.

    A new ray has arc -1. `start` is row, column and height of its origin, the height NaN where not known.
    Where it only matters whether there is a hit, `exactly` is false.
    """
    frame, lut = grid.frame, grid.lut
    s, x = arc, along
    n_rows, n_cols = grid.shape[0] - 1.0, grid.shape[1] - 1.0
    r0, c0, h0 = start
    low_start = h0 <= ceiling
    if s < 0.0:
        s, x, piece = 0.0, 0.0, FIRST_PIECE
        if not low_start:
            s = descent(ox, oy, oz, dx, dy, dz, qx, qy, qz, longest, ceiling)
            if s < 0.0:
                return SKY, 0.0, 0, 0, s, x, piece
            if s >= longest:
                return BEYOND, longest, 0, 0, s, x, piece
    if s > 0.0 or not low_start:
        r0, c0, h0 = place(ox + s * (dx + s * qx), oy + s * (dy + s * qy), oz + s * (dz + s * qz), frame, lut)
    while s < longest:
        length = min(arc_length(r0, c0, frame), longest - s)
        e = s + length
        r2, c2, h2 = place(ox + e * (dx + e * qx), oy + e * (dy + e * qy), oz + e * (dz + e * qz), frame, lut)
        e = s + 0.5 * length
        r1, c1, h1 = place(ox + e * (dx + e * qx), oy + e * (dy + e * qy), oz + e * (dz + e * qz), frame, lut)
        scale = 2.0 / (length * length)
        kr, kc, kh = scale * (r0 + r2 - 2.0 * r1), scale * (c0 + c2 - 2.0 * c1), scale * (h0 + h2 - 2.0 * h1)
        br, bc, bh = (r2 - r0) / length - kr * length, (c2 - c0) / length - kc * length, (h2 - h0) / length
        bh -= kh * length
        # over a piece p the path leaves its chord by k p^2 / 4
        curve = max(abs(kr), abs(kc))
        straight = 2.0 * np.sqrt(grid.straight / curve) if curve > 0.0 else np.inf
        while x < length:
            row, column, height = r0 + (br + kr * x) * x, c0 + (bc + kc * x) * x, h0 + (bh + kh * x) * x
            climb = bh + 2.0 * kh * x
            if height > ceiling and climb >= 0.0:
                return SKY, s + x, 0, 0, s, x, piece
            if not (row >= -RIM and column >= -RIM and row <= n_rows + RIM and column <= n_cols + RIM):
                return OUTSIDE, s + x, 0, 0, s, x, piece
            found, t, i, j = NOTHING, 0.0, 0, 0
            while True:
                p = min(piece, length - x)
                row_e, col_e = row + (br + kr * (2.0 * x + p)) * p, column + (bc + kc * (2.0 * x + p)) * p
                bend = 0.25 * curve * p * p
                bottom = min(max(-climb / (2.0 * kh), 0.0), p) if kh > 0.0 else 0.0
                low = min(min(height, height + (climb + kh * p) * p), height + (climb + kh * bottom) * bottom)
                bound, level = highest_under(
                    min(row, row_e) - bend, max(row, row_e) + bend,
                    min(column, col_e) - bend, max(column, col_e) + bend, grid,
                )  # fmt: skip
                stays = row_e >= 0.0 and col_e >= 0.0 and row_e <= n_rows and col_e <= n_cols
                if low > bound and (stays or low > ceiling):
                    break
                if p <= straight or p <= SHORTEST_PIECE:
                    if not exactly and s + x == 0.0:
                        # lines of sight start just above the ground
                        level = 1
                    found, t, i, j = walk(
                        row, column, height, (row_e - row) / p, (col_e - column) / p, climb,
                        kr, kc, kh, p, level, grid,
                    )  # fmt: skip
                    break
                piece = 0.5 * p
            if found == PAUSED:
                # never back before the seam: a ray must not need two blocks in memory at once
                return PAUSED, s + x, i, j, s, x + t + SEAM_STEP if t > 0.0 else x, piece
            if found == HIT and exactly:
                at_start = s == 0.0 and x == 0.0 and t == 0.0
                at, sure = exact(ox, oy, oz, dx, dy, dz, qx, qy, qz, s + x + t, i, j, at_start, grid)
                if sure != NOTHING:
                    return sure, at, i, j, s, x, piece
                x = max(at - s, x + t) + SEAM_STEP
                continue
            if found != NOTHING:
                return found, s + x + t, i, j, s, x, piece
            x += p
            piece = min(2.0 * p, LONGEST_PIECE)
        s += length
        x = 0.0
        piece = max(piece, FIRST_PIECE)
        r0, c0, h0 = r2, c2, h2
    return BEYOND, longest, 0, 0, s, x, piece


@kernel
def descent(
    ox: Num, oy: Num, oz: Num, dx: Num, dy: Num, dz: Num, qx: Num, qy: Num, qz: Num,
    longest: Num, ceiling: Num,
) -> Num:  # fmt: skip
    """Range at which a ray has come down to the ceiling; -1 if it never does, `longest` or more if too far.

    Height along a ray is convex, so that tangents from above never pass the ceiling.
    """
    s = 0.0
    for _ in range(80):
        cos_p, sin_p, cos_l, sin_l, height = geodetic(
            ox + s * (dx + s * qx), oy + s * (dy + s * qy), oz + s * (dz + s * qz)
        )
        if height <= ceiling + CEILING_SLACK:
            break
        tx, ty, tz = dx + 2.0 * s * qx, dy + 2.0 * s * qy, dz + 2.0 * s * qz
        sinking = -(cos_p * (cos_l * tx + sin_l * ty) + sin_p * tz)
        if sinking <= 0.0:
            return -1.0
        s += (height - ceiling) / sinking
        if s >= longest:
            break
    return s


@kernel
def arc_length(row: Num, column: Num, frame: Array) -> Num:
    """How far quadratics in row, column and height hold to a millimetre; less where meridians converge."""
    if frame[0] != 0.0:
        return LONGEST_ARC
    # latitude from row and column
    det = frame[4] * frame[8] - frame[5] * frame[7]
    phi = (frame[4] * (column - frame[6]) - frame[7] * (row - frame[3])) / det
    if abs(phi) <= 0.25 * np.pi:
        return LONGEST_ARC
    return LONGEST_ARC * np.tan(min(abs(phi), 1.5707)) ** (-2.0 / 3.0)


@kernel
def exact(
    ox: Num, oy: Num, oz: Num, dx: Num, dy: Num, dz: Num, qx: Num, qy: Num, qz: Num,
    t: Num, i: Num, j: Num, at_start: Num, grid: Grid,
) -> Num:  # fmt: skip
    """The hit on cell (i, j) moved onto its exact ground by secants; HIT, GRAZING or INVALID with it.

    NOTHING where the ray passes over the edge of the cell after all.
    """
    frame, lut = grid.frame, grid.lut
    step = 0.01
    x, y, z = ox + t * (dx + t * qx), oy + t * (dy + t * qy), oz + t * (dz + t * qz)
    row, column, height = place(x, y, z, frame, lut)
    ground, z_u, z_v = patch(grid, i, j, row, column)
    gap = height - ground
    if at_start and gap < -CEILING_SLACK:
        return t, INVALID
    before, gap_before = t, gap
    t += step
    slope = 0.0
    for _ in range(6):
        x, y, z = ox + t * (dx + t * qx), oy + t * (dy + t * qy), oz + t * (dz + t * qz)
        row, column, height = place(x, y, z, frame, lut)
        ground, z_u, z_v = patch(grid, i, j, row, column)
        gap = height - ground
        if t == before:
            break
        slope = (gap - gap_before) / (t - before)
        if abs(slope) < 1e-5:
            break
        step = -gap / slope
        before, gap_before = t, gap
        t += min(max(step, -0.5), 0.5)
        if abs(step) < 1e-6:
            break
    if row < i or row > i + 1.0 or column < j or column > j + 1.0:
        t, missed = across_crease(ox, oy, oz, dx, dy, dz, qx, qy, qz, t, grid)
        if missed:
            return t, NOTHING
    return max(t, 0.0), GRAZING if incidence(x, y, z, row, column, slope, z_u, z_v, frame, lut) else HIT


@kernel
def gap_at(
    ox: Num, oy: Num, oz: Num, dx: Num, dy: Num, dz: Num, qx: Num, qy: Num, qz: Num, t: Num, grid: Grid
) -> Num:
    """Height of a ray at t above the ground of the cell it is in; NaN beyond what is in memory."""
    x, y, z = ox + t * (dx + t * qx), oy + t * (dy + t * qy), oz + t * (dz + t * qz)
    row, column, height = place(x, y, z, grid.frame, grid.lut)
    if not (row >= 0.0 and column >= 0.0 and row < grid.shape[0] - 1 and column < grid.shape[1] - 1):
        return np.nan
    i, j = int(row), int(column)
    if grid.slot_of[i >> grid.bits, j >> grid.bits] < 0:
        return np.nan
    return height - patch(grid, i, j, row, column)[0]


@kernel
def across_crease(
    ox: Num, oy: Num, oz: Num, dx: Num, dy: Num, dz: Num, qx: Num, qy: Num, qz: Num, t: Num, grid: Grid
) -> Num:
    """The hit near t where the cell it was found on does not reach so far: on the cells as they are.

    With it whether there is none: the ray passed over the crease by a hair.
    """
    above, below = t, t
    reach = 0.01
    for _ in range(8):
        if not gap_at(ox, oy, oz, dx, dy, dz, qx, qy, qz, above, grid) > 0.0:
            above = max(t - reach, 0.0)
        if not gap_at(ox, oy, oz, dx, dy, dz, qx, qy, qz, below, grid) <= 0.0:
            below = t + reach
        reach *= 2.0
    if not gap_at(ox, oy, oz, dx, dy, dz, qx, qy, qz, above, grid) > 0.0:
        return t, False
    if not gap_at(ox, oy, oz, dx, dy, dz, qx, qy, qz, below, grid) <= 0.0:
        return t, gap_at(ox, oy, oz, dx, dy, dz, qx, qy, qz, t, grid) > END_SLACK
    for _ in range(40):
        middle = 0.5 * (above + below)
        if gap_at(ox, oy, oz, dx, dy, dz, qx, qy, qz, middle, grid) > 0.0:
            above = middle
        else:
            below = middle
    return below, False


@kernel
def incidence(
    x: Num, y: Num, z: Num, row: Num, column: Num, slope: Num, z_u: Num, z_v: Num, frame: Array, lut: Array
) -> Num:
    """Whether a ray whose gap closes by -slope per metre meets the local plane at less than two degrees."""
    if abs(slope) > 0.7:
        return False
    cos_p, sin_p, cos_l, sin_l, _ = geodetic(x, y, z)
    r_e, c_e, _ = place(x - sin_l, y + cos_l, z, frame, lut)
    r_n, c_n, _ = place(x - sin_p * cos_l, y - sin_p * sin_l, z + cos_p, frame, lut)
    east = z_u * (r_e - row) + z_v * (c_e - column)
    north = z_u * (r_n - row) + z_v * (c_n - column)
    return abs(slope) < GRAZING_SINE * np.sqrt(1.0 + east * east + north * north)


@kernel
def resumed(
    ox: Num, oy: Num, oz: Num, dx: Num, dy: Num, dz: Num, qx: Num, qy: Num, qz: Num,
    start: Num, longest: Num, ceiling: Num, exactly: Num, grid: Grid, paused: Array, k: Num,
) -> Num:  # fmt: skip
    """Ray k from where it was paused: status, range, whether it waits for a block.

    paused: (n, 6) float64: arc, place in it and piece to resume at (arc -1 for a new ray), block row and
        column, height of the start; or (0, 6) where all blocks are in memory
    """
    if paused.shape[0] == 0:
        what, t, i, j, arc, along, piece = march(
            ox, oy, oz, dx, dy, dz, qx, qy, qz, start, longest, ceiling, exactly, grid, -1.0, 0.0, 0.0
        )
        return what, t, False
    what, t, i, j, arc, along, piece = march(
        ox, oy, oz, dx, dy, dz, qx, qy, qz, start, longest, ceiling, exactly, grid,
        paused[k, 0], paused[k, 1], paused[k, 2],
    )  # fmt: skip
    if what != PAUSED:
        return what, t, False
    paused[k, 0], paused[k, 1], paused[k, 2], paused[k, 3], paused[k, 4] = arc, along, piece, i, j
    return what, t, True


@kernel
def first_hits(
    origins: Array, directions: Array, todo: Array, refraction: Num, longest: Num, ceiling: Num,
    grid: Grid, status: Array, found: Array, paused: Array,
) -> Num:  # fmt: skip
    """Rays `todo` of a batch; the number of those paused for want of a block is returned.

    origins: (n, 3) or (1, 3), directions: (n, 3) float64, ECEF     todo: (m,) int64
    status: (n,) uint8     found: (n, 4) range, longitude, latitude, height
    paused: as in `resumed`
    """
    waiting = 0
    shared = origins.shape[0] == 1
    for index in range(todo.shape[0]):
        k = todo[index]
        a = 0 if shared else k
        ox, oy, oz = origins[a, 0], origins[a, 1], origins[a, 2]
        dx, dy, dz = directions[k, 0], directions[k, 1], directions[k, 2]
        norm = np.sqrt(dx * dx + dy * dy + dz * dz)
        for m in range(4):
            found[k, m] = np.nan
        if not (norm > 0.0 and norm < np.inf and abs(ox) + abs(oy) + abs(oz) < np.inf):
            status[k] = INVALID
            continue
        dx, dy, dz = dx / norm, dy / norm, dz / norm
        qx, qy, qz = 0.0, 0.0, 0.0
        if refraction != 0.0:
            cos_p, sin_p, cos_l, sin_l, _ = geodetic(ox, oy, oz)
            ux, uy, uz = cos_p * cos_l, cos_p * sin_l, sin_p
            rise = ux * dx + uy * dy + uz * dz
            curve = -0.5 * refraction / MEAN_RADIUS
            qx, qy, qz = curve * (ux - rise * dx), curve * (uy - rise * dy), curve * (uz - rise * dz)
        what, t, waits = resumed(
            ox, oy, oz, dx, dy, dz, qx, qy, qz, UNKNOWN_START, longest, ceiling, True, grid, paused, k
        )
        status[k] = what
        if waits:
            waiting += 1
        elif what <= GRAZING:
            cos_p, sin_p, cos_l, sin_l, height = geodetic(
                ox + t * (dx + t * qx), oy + t * (dy + t * qy), oz + t * (dz + t * qz)
            )
            found[k, 0] = t
            found[k, 1] = np.degrees(np.arctan2(sin_l, cos_l))
            found[k, 2] = np.degrees(np.arctan2(sin_p, cos_p))
            found[k, 3] = height
    return waiting


@kernel
def ground_at(row: Num, column: Num, grid: Grid) -> Num:
    """HIT and the ground at a row and column; OUTSIDE or VOID and NaN; PAUSED; with the block."""
    # a post of the rim asked for by its own coordinates is inside whatever rounding says
    if not (
        row >= -RIM
        and column >= -RIM
        and row <= grid.shape[0] - 1 + RIM
        and column <= grid.shape[1] - 1 + RIM
    ):
        return OUTSIDE, np.nan, 0, 0
    i = min(max(int(row), 0), grid.shape[0] - 2)
    j = min(max(int(column), 0), grid.shape[1] - 2)
    if grid.slot_of[i >> grid.bits, j >> grid.bits] < 0:
        return PAUSED, np.nan, i >> grid.bits, j >> grid.bits
    ground, z_u, z_v = patch(grid, i, j, row, column)
    if ground > IS_VOID / 8 or abs(z_u) + abs(z_v) > IS_VOID / 8:
        return VOID, np.nan, i, j
    return HIT, ground, i, j


@kernel
def heights_at(lon: Array, lat: Array, grid: Grid, out: Array, slopes: Array, wanted: Array) -> Num:
    """Bilinear ground under (n,) longitudes and latitudes (degrees); how many want a block not in memory.

    out: (n,) metres, NaN outside and in voids     slopes: (n, 2) rise per metre east and north, or (0, 2)
    wanted: (n,) int64, block asked for (row-major) or any number >= 0 before; -1 where answered
    """
    waiting = 0
    for k in range(lon.shape[0]):
        if wanted[k] < 0:
            continue
        out[k] = np.nan
        wanted[k] = -1
        lam, phi = np.radians(lon[k]), np.radians(lat[k])
        cos_p, sin_p, cos_l, sin_l = np.cos(phi), np.sin(phi), np.cos(lam), np.sin(lam)
        row, column = row_column(cos_p, sin_p, cos_l, sin_l, grid.frame, grid.lut)
        known, ground, i, j = ground_at(row, column, grid)
        if known == PAUSED:
            wanted[k] = i * grid.slot_of.shape[1] + j
            waiting += 1
        elif known == HIT:
            out[k] = ground
        if slopes.shape[0] == 0:
            continue
        slopes[k, 0] = slopes[k, 1] = np.nan
        if known == HIT:
            _, z_u, z_v = patch(grid, i, j, row, column)
            radius = A / np.sqrt(1.0 - E2 * sin_p * sin_p)
            x, y = (radius + ground) * cos_p * cos_l, (radius + ground) * cos_p * sin_l
            z = (radius * (1.0 - E2) + ground) * sin_p
            r_e, c_e, _ = place(x - sin_l, y + cos_l, z, grid.frame, grid.lut)
            r_n, c_n, _ = place(x - sin_p * cos_l, y - sin_p * sin_l, z + cos_p, grid.frame, grid.lut)
            slopes[k, 0] = z_u * (r_e - row) + z_v * (c_e - column)
            slopes[k, 1] = z_u * (r_n - row) + z_v * (c_n - column)
    return waiting


SEEN, HIDDEN, UNKNOWN = 1, 0, 2


@kernel
def sightlines(
    lon: Array, lat: Array, posts: Array, height: Array, above: Num, observers: Array, todo: Array,
    refraction: Num, ceiling: Num, grid: Grid, seen: Array, paused: Array,
) -> Num:  # fmt: skip
    """Whether the lines from places up (or down) to observers are free; the number that wait for a block.

    lon, lat: (n,) degrees     posts: (n, 2) their rows and columns; or (0, 2) to reckon them
    height: (n,) metres above the ellipsoid; or (0,), `above` metres over ground
    observers: (n, 3) or (1, 3) ECEF     todo: (m,) int64     seen: (n,) uint8     paused: as in `resumed`
    """
    waiting = 0
    shared = observers.shape[0] == 1
    on_ground = height.shape[0] == 0
    for index in range(todo.shape[0]):
        k = todo[index]
        a = 0 if shared else k
        lam, phi = np.radians(lon[k]), np.radians(lat[k])
        cos_p, sin_p, cos_l, sin_l = np.cos(phi), np.sin(phi), np.cos(lam), np.sin(lam)
        if posts.shape[0] > 0:
            row, column = posts[k, 0], posts[k, 1]
        else:
            row, column = row_column(cos_p, sin_p, cos_l, sin_l, grid.frame, grid.lut)
        if on_ground:
            if paused.shape[0] > 0 and paused[k, 0] >= 0.0:
                start = paused[k, 5]
            else:
                known, ground, bi, bj = ground_at(row, column, grid)
                if known == PAUSED:
                    seen[k] = PAUSED
                    paused[k, 3], paused[k, 4] = bi, bj
                    waiting += 1
                    continue
                start = ground + above
                if paused.shape[0] > 0:
                    paused[k, 5] = start
        else:
            start = height[k]
        radius = A / np.sqrt(1.0 - E2 * sin_p * sin_p)
        ux, uy, uz = cos_p * cos_l, cos_p * sin_l, sin_p
        ox, oy, oz = (radius + start) * ux, (radius + start) * uy, (radius * (1.0 - E2) + start) * uz
        dx, dy, dz = observers[a, 0] - ox, observers[a, 1] - oy, observers[a, 2] - oz
        distance = np.sqrt(dx * dx + dy * dy + dz * dz)
        if not (distance < np.inf):
            seen[k] = UNKNOWN
            continue
        if distance < END_SLACK:
            seen[k] = SEEN
            continue
        dx, dy, dz = dx / distance, dy / distance, dz / distance
        qx, qy, qz = 0.0, 0.0, 0.0
        if refraction != 0.0:
            rise = ux * dx + uy * dy + uz * dz
            curve = -0.5 * refraction / MEAN_RADIUS
            qx, qy, qz = curve * (ux - rise * dx), curve * (uy - rise * dy), curve * (uz - rise * dz)
            # aimed so that the bent ray ends at the observer exactly, hence not quite of unit length
            dx, dy, dz = dx - qx * distance, dy - qy * distance, dz - qz * distance
        what, _, waits = resumed(
            ox, oy, oz, dx, dy, dz, qx, qy, qz, (row, column, start),
            distance - END_SLACK, ceiling, False, grid, paused, k,
        )  # fmt: skip
        if waits:
            waiting += 1
        if what in (SKY, BEYOND):
            seen[k] = SEEN
        elif what <= GRAZING or what == INVALID:
            seen[k] = HIDDEN
        else:
            seen[k] = PAUSED if waits else UNKNOWN
    return waiting
