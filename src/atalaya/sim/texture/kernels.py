"""Tiles of ground brightness or warmth, compiled: cover with its grain, areas and lines over it, relief.

A tile is a square of texels with a rim of one texel around it, so that samples between texels need no
neighbour. What a texel holds depends on its place alone: tiles come out the same whoever asks for them.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import inlined_kernel, kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

_GRAIN = 0.964
"""What a grain of all octaves is multiplied by."""


@inlined_kernel
def lattice(i: Num, j: Num, v: Num, salt: Num) -> Num:
    """Hashed lattice values -1 to 1 of column i, a share v of the way from row j to j + 1."""
    below = above = 0.0
    for k in range(2):
        h = np.uint64(i) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(j + k) * np.uint64(0xC2B2AE3D27D4EB4F)
        h ^= np.uint64(salt) * np.uint64(0x165667B19E3779F9)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        value = np.float64(h >> np.uint64(40)) * (2.0 / 16777216.0) - 1.0
        if k == 0:
            below = value
        else:
            above = value
    return below + (above - below) * v


@inlined_kernel
def noise_at(x: Num, y: Num, salt: Num) -> Num:
    """Smooth noise of unit lattice at a place, -1 to 1: hashed lattice values, cubic between them."""
    fx, fy = np.floor(x), np.floor(y)
    u, v = x - fx, y - fy
    u, v = u * u * (3.0 - 2.0 * u), v * v * (3.0 - 2.0 * v)
    left = lattice(np.int64(fx), np.int64(fy), v, salt)
    return left + (lattice(np.int64(fx) + 1, np.int64(fy), v, salt) - left) * u


@kernel
def grain_at(east: Num, north: Num, step: Num, salt: Num) -> Num:
    """Grain of natural ground, standard deviation near 1: octaves from 48 m down to two texels."""
    total = 0.0
    wave, share = 48.0, 1.0
    while wave >= 1.6 * step and wave > 0.35:
        total += share * _GRAIN * noise_at(east / wave, north / wave, salt)
        wave *= 0.45
        share *= 0.92 if wave > 3.0 else 0.7
    return total


@kernel
def noise_along(x: Num, step: Num, y: Num, wave: Num, share: Num, salt: Num, out: Array) -> None:
    """Add `share` of `noise_at` of a wave to a line of places `step` apart."""
    fy = np.floor(y / wave)
    v = y / wave - fy
    v = v * v * (3.0 - 2.0 * v)
    last = np.int64(1) << 60
    left = right = 0.0
    for n in range(out.shape[0]):
        at = (x + n * step) / wave
        fx = np.floor(at)
        i = np.int64(fx)
        if i != last:
            left = right if i == last + 1 else lattice(i, np.int64(fy), v, salt)
            right = lattice(i + 1, np.int64(fy), v, salt)
            last = i
        u = at - fx
        u = u * u * (3.0 - 2.0 * u)
        out[n] += share * (left + (right - left) * u)


@kernel
def grain_along(x: Num, step: Num, y: Num, salt: Num, out: Array) -> None:
    """`grain_at` of a line of places."""
    out[:] = 0.0
    wave, share = 48.0, 1.0
    # what is finer than the texels averages out
    while wave >= 1.6 * step and wave > 0.35:
        noise_along(x, step, y, wave, share * _GRAIN, salt, out)
        wave *= 0.45
        share *= 0.92 if wave > 3.0 else 0.7


@kernel
def cover_at(x: Num, y: Num, cover: Array, cover_frame: Array, salt: Num) -> Num:
    """Cover of a place: of the four cells about it, the one nearest by, with edges that wander."""
    edge = cover_frame[2]
    row, column = (cover_frame[1] - y) / edge - 0.5, (x - cover_frame[0]) / edge - 0.5
    i, j = int(np.floor(row)), int(np.floor(column))
    u, v = row - i, column - j
    best, share = 0, -1.0
    for k in range(4):
        a, b = i + (k >> 1), j + (k & 1)
        code = cover[min(max(a, 0), cover.shape[0] - 1), min(max(b, 0), cover.shape[1] - 1)]
        if code == best and share >= 0.0:
            continue
        # cells of one cover count together
        total = 0.0
        for m in range(4):
            c, d = i + (m >> 1), j + (m & 1)
            if cover[min(max(c, 0), cover.shape[0] - 1), min(max(d, 0), cover.shape[1] - 1)] == code:
                total += (u if m >> 1 else 1.0 - u) * (v if m & 1 else 1.0 - v)
        if total >= 1.0 - 1e-9:
            return code
        total += 0.22 * noise_at(x / (0.55 * edge), y / (0.55 * edge), salt + 20 + code)
        if total > share:
            best, share = code, total
    return best


@kernel
def bake_cover(
    west: Num, north: Num, step: Num, cover: Array, cover_frame: Array, salt: Num,
    value: Array, material: Array, base: Array, contrast: Array, crown: Array, sun: Array,
) -> None:  # fmt: skip
    """Cover and its grain.

    west, north: of the middle of the first texel, metres     step: between texels, metres
    cover: (m, n) uint8     cover_frame: (3,) west, north, edge of its cells
    value: (k, k) float32, out: brightness or warmth     material: (k, k) uint8, out
    base, contrast, crown: (256,) of each material: value, deviation of grain, share of light and shade
    sun: (3,) unit vector to the sun, east, north, up; up <= 0 for no light and shade
    """
    size = value.shape[1]
    grain, leaves, drift = np.empty(size), np.empty(size), np.empty((2, size))
    crowned = sun[2] > 0.05 and step < 6.0
    away = 2.2 * min(1.0 / max(sun[2], 0.05), 3.0)
    for i in range(value.shape[0]):
        y = north - i * step
        grain_along(west, step, y, salt, grain)
        leaves[:], drift[:] = 0.0, 0.0
        if crowned:
            noise_along(west, step, y, 6.3, 1.0, salt + 5, leaves)
            noise_along(west + away * sun[0], step, y + away * sun[1], 6.3, -1.0, salt + 5, leaves)
        for k in range(2):
            noise_along(west, step, y, 23.0, 0.7 * cover_frame[2], salt + 11 + k, drift[k])
        for j in range(size):
            code = cover_at(west + j * step + drift[0, j], y + drift[1, j], cover, cover_frame, salt)
            tone = contrast[code] * grain[j]
            if crowned:
                tone += crown[code] * leaves[j]
            material[i, j] = code
            value[i, j] = base[code] * max(1.0 + tone, 0.25)


@kernel
def _across_ring(
    west: Num, step: Num, y: Num, ring: Array, first: Num, last: Num, inside: Array, nearest: Array
) -> None:
    """Of the texels of one row: whether they are in a polygon, and how near its edge is if within a texel.

    inside: (k,) bool, out     nearest: (k,) square of metres, out; 1e30 where no edge is within a texel
    """
    inside[first:last], nearest[first:last] = False, 1e30
    p = ring.shape[0] - 1
    for k in range(ring.shape[0]):
        ax, ay, bx, by = ring[p, 0], ring[p, 1], ring[k, 0], ring[k, 1]
        p = k
        if max(ay, by) < y - step or min(ay, by) > y + step:
            continue
        if (ay > y) != (by > y):
            crossing = (bx - ax) * (y - ay) / (by - ay) + ax
            j = first
            while j < last and west + j * step < crossing:
                inside[j] = not inside[j]
                j += 1
        ex, ey = bx - ax, by - ay
        length = ex * ex + ey * ey
        j0 = max(int(np.floor((min(ax, bx) - west) / step)) - 1, first)
        j1 = min(int(np.ceil((max(ax, bx) - west) / step)) + 2, last)
        for j in range(j0, j1):
            x = west + j * step
            t = 0.0 if length == 0.0 else min(max(((x - ax) * ex + (y - ay) * ey) / length, 0.0), 1.0)
            dx, dy = x - ax - t * ex, y - ay - t * ey
            nearest[j] = min(nearest[j], dx * dx + dy * dy)


@kernel
def paint_ring(
    west: Num, north: Num, step: Num, ring: Array, code: Num, level: Num, contrast: Num, salt: Num,
    value: Array, material: Array,
) -> None:  # fmt: skip
    """One polygon over the texels it covers, in part where its edge passes.

    ring: (n, 2) metres, not closed     level: value of the material; with heat where it has any
    """
    size = value.shape[0]
    low_x, high_x = ring[0, 0], ring[0, 0]
    low_y, high_y = ring[0, 1], ring[0, 1]
    for k in range(1, ring.shape[0]):
        low_x, high_x = min(low_x, ring[k, 0]), max(high_x, ring[k, 0])
        low_y, high_y = min(low_y, ring[k, 1]), max(high_y, ring[k, 1])
    i0, i1 = int(np.floor((north - high_y) / step)) - 1, int(np.ceil((north - low_y) / step)) + 2
    j0, j1 = int(np.floor((low_x - west) / step)) - 1, int(np.ceil((high_x - west) / step)) + 2
    inside, nearest = np.empty(size, np.bool_), np.empty(size)
    for i in range(max(i0, 0), min(i1, size)):
        y = north - i * step
        _across_ring(west, step, y, ring, max(j0, 0), min(j1, size), inside, nearest)
        for j in range(max(j0, 0), min(j1, size)):
            x = west + j * step
            off = np.sqrt(nearest[j]) / step
            share = min(max(0.5 + (off if inside[j] else -off), 0.0), 1.0)
            if share <= 0.0:
                continue
            wide, tall = (high_x - low_x) / step, (high_y - low_y) / step
            if wide < 1.0 or tall < 1.0:
                share *= min(wide, 1.0) * min(tall, 1.0)
            tone = level * (1.0 + contrast * grain_at(x, y, step, salt + code))
            value[i, j] += share * (tone - value[i, j])
            if share > 0.5:
                material[i, j] = code


@kernel
def paint_line(
    west: Num, north: Num, step: Num, points: Array, width: Num, code: Num, level: Num, contrast: Num,
    salt: Num, value: Array, material: Array,
) -> None:  # fmt: skip
    """One line of a width: the share of a texel that a strip covers, its edges frayed by a tenth."""
    size = value.shape[0]
    reach = 0.5 * width + 1.5 * step
    cover = np.zeros((size, size), np.float32)
    for k in range(points.shape[0] - 1):
        ax, ay, bx, by = points[k, 0], points[k, 1], points[k + 1, 0], points[k + 1, 1]
        i0 = int(np.floor((north - max(ay, by) - reach) / step))
        i1 = int(np.ceil((north - min(ay, by) + reach) / step)) + 1
        j0 = int(np.floor((min(ax, bx) - reach - west) / step))
        j1 = int(np.ceil((max(ax, bx) + reach - west) / step)) + 1
        ex, ey = bx - ax, by - ay
        length = ex * ex + ey * ey
        for i in range(max(i0, 0), min(i1, size)):
            y = north - i * step
            for j in range(max(j0, 0), min(j1, size)):
                x = west + j * step
                t = 0.0 if length == 0.0 else min(max(((x - ax) * ex + (y - ay) * ey) / length, 0.0), 1.0)
                dx, dy = x - ax - t * ex, y - ay - t * ey
                off = np.sqrt(dx * dx + dy * dy)
                half = 0.5 * width * (1.0 + 0.1 * noise_at(x / 3.0, y / 3.0, salt + 3))
                share = (min(off + 0.5 * step, half) - max(off - 0.5 * step, -half)) / step
                if share > cover[i, j]:
                    cover[i, j] = min(share, 1.0)
    for i in range(size):
        y = north - i * step
        for j in range(size):
            share = cover[i, j]
            if share > 0.0:
                x = west + j * step
                tone = level * (1.0 + contrast * grain_at(x, y, step, salt + code))
                value[i, j] += share * (tone - value[i, j])
                if share > 0.5:
                    material[i, j] = code


@kernel
def shade_at(row: Num, column: Num, posts: Array, post_m: Num, sun: Array, farthest: Num) -> Num:
    """Light of the sun on the relief about a place, as the cosine of incidence; 0 in a mountain's shadow.

    posts: (rows, columns) float32, metres     sun: (3,) unit vector, east, north, up
    """
    rows, columns = posts.shape
    i = min(max(int(row), 0), rows - 2)
    j = min(max(int(column), 0), columns - 2)
    u, v = row - i, column - j
    rise_e, rise_n = 0.0, 0.0
    for k in range(4):
        m, n = i + (k >> 1), j + (k & 1)
        weight = (u if k >> 1 else 1.0 - u) * (v if k & 1 else 1.0 - v)
        up, down = max(m - 1, 0), min(m + 1, rows - 1)
        left, right = max(n - 1, 0), min(n + 1, columns - 1)
        rise_e += weight * (posts[m, right] - posts[m, left]) / ((right - left) * post_m)
        rise_n += weight * (posts[up, n] - posts[down, n]) / ((down - up) * post_m)
    incidence = (sun[2] - sun[0] * rise_e - sun[1] * rise_n) / np.sqrt(
        1.0 + rise_e * rise_e + rise_n * rise_n
    )
    if incidence <= 0.0:
        return 0.0
    level = np.sqrt(sun[0] * sun[0] + sun[1] * sun[1])
    if level < 1e-6:
        return incidence
    climb = sun[2] / level
    z00, z01 = posts[i, j], posts[i, j + 1]
    z10, z11 = posts[i + 1, j], posts[i + 1, j + 1]
    start = (z00 * (1 - v) + z01 * v) * (1 - u) + (z10 * (1 - v) + z11 * v) * u
    far, stride = 2.0 * post_m, 1.5 * post_m
    while far < farthest:
        r = row - sun[1] / level * far / post_m
        c = column + sun[0] / level * far / post_m
        if not (r >= 0.0 and c >= 0.0 and r < rows - 1 and c < columns - 1):
            break
        if posts[int(r + 0.5), int(c + 0.5)] > start + climb * far + 4.0:
            return 0.0
        far += stride
        stride = min(stride * 1.1, 4.0 * post_m)
    return incidence


@kernel
def sunlit(
    rows: Array, columns: Array, posts: Array, post_m: Num, sun: Array, farthest: Num, lit: Array
) -> None:
    """`shade_at` for many places: rows, columns (n,), lit (n,) out; 0 where they are no numbers."""
    for n in range(rows.shape[0]):
        row, column = rows[n], columns[n]
        known = np.isfinite(row) and np.isfinite(column)
        lit[n] = shade_at(row, column, posts, post_m, sun, farthest) if known else 0.0


@kernel
def light(
    west: Num, north: Num, step: Num, posts: Array, frame: Array, sun: Array, direct: Num, sky: Num,
    gain: Array, every: Num, warm: Num, value: Array, material: Array,
) -> None:  # fmt: skip
    """The sun on the relief: brightness multiplied by what falls on it; warmth raised or lowered with it.

    frame: (3,) west, north of the first post and metres between posts     direct, sky: light of both
    gain: (256,) kelvin each material gains under full sun     every: texels between which light is straight
    warm: whether value is warmth, kelvin
    """
    size = value.shape[0]
    nodes = (size + every - 1) // every + 1
    lit = np.empty((nodes, nodes))
    for i in range(nodes):
        for j in range(nodes):
            row = (frame[1] - (north - i * every * step)) / frame[2]
            column = (west + j * every * step - frame[0]) / frame[2]
            lit[i, j] = shade_at(row, column, posts, frame[2], sun, 6000.0) if sun[2] > 0.0 else 0.0
    for i in range(size):
        m = i // every
        u = (i - m * every) / every
        for j in range(size):
            n = j // every
            v = (j - n * every) / every
            s = (lit[m, n] * (1 - v) + lit[m, n + 1] * v) * (1 - u) + (
                lit[m + 1, n] * (1 - v) + lit[m + 1, n + 1] * v
            ) * u
            if warm:
                value[i, j] += gain[material[i, j]] * (s - max(sun[2], 0.0))
            else:
                value[i, j] *= direct * s + sky
