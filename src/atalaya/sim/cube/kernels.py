"""A push-broom spectrometer, compiled: what each pixel is a mixture of, and the spectrum of the mixture.

Places are metres east, north and up (above the ellipsoid) on the country's grid. A pixel is sampled by a
square of rays; each meets the plane of the ground about the pixel's middle, or a box that stands before it.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import borrowing_kernel, kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

TILE = 256
NEAR = 24
"""Boxes that one pixel can touch, at most."""


@borrowing_kernel
def slab(o: Num, d: Num, low: Num, high: Num) -> Num:
    """Where a line enters and leaves the space between two planes."""
    if abs(d) < 1e-12:
        return (-1e30, 1e30) if low <= o <= high else (1e30, -1e30)
    a, b = (low - o) / d, (high - o) / d
    return (a, b) if a < b else (b, a)


@borrowing_kernel
def out_of_box(e: Num, n: Num, z: Num, de: Num, dn: Num, dz: Num, box: Array, low: Num) -> Num:
    """Where a ray that rises from a place leaves a box for good, and by which face; -1 where it never does.

    box: (11,) see `mixtures`     Faces: 0 top, 1 along its length, 2 across.
    """
    cos, sin = box[3], box[4]
    e, n, z = e - box[0], n - box[1], z - box[2]
    a0, a1 = slab(e * sin + n * cos, de * sin + dn * cos, -box[5], box[5])
    b0, b1 = slab(e * cos - n * sin, de * cos - dn * sin, -box[6], box[6])
    c0, c1 = slab(z, dz, low, box[8])
    far = min(min(a1, b1), c1)
    if max(max(a0, b0), c0) > far or far <= 0.0:
        return -1.0, 0
    return far, 0 if far == c1 else 2 if far == a1 else 1


@borrowing_kernel
def hidden(e: Num, n: Num, box: Array, mask: Array, first: Num, rows: Num, columns: Num, cell: Num) -> Num:
    """Whether crowns are over a place at their height; mask: of all boxes, this one's from `first` on."""
    i = min(max(int((n - box[1]) / cell + 0.5 * rows), 0), rows - 1)
    j = min(max(int((e - box[0]) / cell + 0.5 * columns), 0), columns - 1)
    return mask[first + i * columns + j] > 0


@borrowing_kernel
def in_ring(e: Num, n: Num, rings: Array, first: Num, last: Num) -> Num:
    """Whether a place is inside a simple polygon; rings: (q, 2), this one's from `first` to before `last`."""
    inside = False
    p = last - 1
    for k in range(first, last):
        ae, an, be, bn = rings[p, 0], rings[p, 1], rings[k, 0], rings[k, 1]
        p = k
        if (an > n) != (bn > n) and e < (be - ae) * (n - an) / (bn - an) + ae:
            inside = not inside
    return inside


@kernel
def mixtures(
    ground: Array, depth: Array, aside: Array, turn: Array, travel: Array, tangent: Array, fine: Num,
    posts: Array, frame: Array, lit: Array, every: Num, sun: Array,
    tables: Array, origin: Array, values: Array, codes: Array, texel: Num,
    boxes: Array, faces: Array, masks: Array, mask: Array, mask_cell: Num, near_from: Array, near: Array,
    rings: Array, ring_first: Array, ring_box: Array, ring_code: Array, rings_from: Array, rings_near: Array,
    contrast: Array, wood: Num, material: Array, direct: Array, sky: Array, count: Array, thing: Array,
    footprint: Array, missing: Array,
) -> Num:  # fmt: skip
    """Materials in each pixel and the light on them; how many tiles were lacking is returned.

    ground: (l, c, 3) where the middle of each pixel meets it; NaN for none     depth: (l, c) to there
    aside: (c,) tangent across of each column     turn: (l, 3, 3) camera to east, north, up
    travel: (l, 3) way of the camera while a line is exposed     tangent: (2,) of a pixel, across and along
    fine: samples a side     posts: (m, n) heights     frame: (3,) west, north, metres between posts
    lit: (l, k) cosine of the sun on the relief at every `every`-th column     sun: (3,)
    tables: (a, b) int32 slots of tiles, -1 for none     origin: (2,) row and column of the first
    values, codes: (slots, TILE + 2, TILE + 2)     texel: metres
    boxes: (n, 11) east, north, up of the ground under the middle, cos and sin of the bearing, half length,
        half width, bottom, top, height of crowns over it (0 for none), reach     faces: (n, 2) top and sides
    masks: (n, 3) first, rows, columns in `mask` of crowns, cells of `mask_cell` metres
    near_from: (l + 1,), near: (q,) boxes each line may touch
    rings: (q, 2) corners of areas     ring_first: (m + 1,) where each begins
    ring_box: (m, 4) west, south, east, north     ring_code: (m,) materials
    rings_from: (l + 1,), rings_near: (q,) as for boxes
    contrast: (256,) of each material     wood: material of crowns
    material, direct, sky: (l, c, fine * fine) out: code, share times light of the sun, of the sky
    count: (l, c, fine * fine) uint8 out, samples of each; 0 ends the list
    thing: (l, c, 2) int32 out: area, or m + box, most seen, -1 for none, and by how many samples
    footprint: (l, c, 4) out: east and north of a pixel across and along     missing: (q, 2) int32 out
    """
    part = 1.0 / (fine * fine)
    close, areas = np.empty(NEAR, np.int64), np.empty(NEAR, np.int64)
    things, seen = np.empty(fine * fine, np.int64), np.empty(fine * fine, np.int64)
    lacking = 0
    for line in range(ground.shape[0]):
        for column in range(ground.shape[1]):
            count[line, column, 0] = 0
            thing[line, column, 0], thing[line, column, 1] = -1, 0
            e0, n0, z0 = ground[line, column, 0], ground[line, column, 1], ground[line, column, 2]
            if not np.isfinite(e0 + n0 + z0):
                footprint[line, column] = np.nan
                continue
            row, col = (frame[1] - n0) / frame[2], (e0 - frame[0]) / frame[2]
            p = min(max(int(row), 0), posts.shape[0] - 2)
            q = min(max(int(col), 0), posts.shape[1] - 2)
            u, v = row - p, col - q
            z00, z01, z10, z11 = posts[p, q], posts[p, q + 1], posts[p + 1, q], posts[p + 1, q + 1]
            rise_e = ((z01 - z00) * (1.0 - u) + (z11 - z10) * u) / frame[2]
            rise_n = ((z00 - z10) * (1.0 - v) + (z01 - z11) * v) / frame[2]
            de = turn[line, 0, 0] + aside[column] * turn[line, 0, 1]
            dn = turn[line, 1, 0] + aside[column] * turn[line, 1, 1]
            dz = turn[line, 2, 0] + aside[column] * turn[line, 2, 1]
            s = depth[line, column]
            fall = s * (dz - rise_e * de - rise_n * dn)
            k = column // every
            f = (column - k * every) / every
            shine = lit[line, k] * (1.0 - f) + lit[line, k + 1] * f
            closest = 0
            for at in range(near_from[line], near_from[line + 1]):
                b = near[at]
                if (
                    closest < NEAR
                    and abs(e0 - boxes[b, 0]) < boxes[b, 10]
                    and abs(n0 - boxes[b, 1]) < boxes[b, 10]
                ):
                    close[closest] = b
                    closest += 1
            reach = 3.0 * s * (tangent[0] + tangent[1]) + abs(travel[line, 0]) + abs(travel[line, 1])
            close_areas = 0
            for at in range(rings_from[line], rings_from[line + 1]):
                b = rings_near[at]
                if (
                    close_areas < NEAR
                    and ring_box[b, 0] - reach < e0 < ring_box[b, 2] + reach
                    and ring_box[b, 1] - reach < n0 < ring_box[b, 3] + reach
                ):
                    areas[close_areas] = b
                    close_areas += 1
            for way in range(2):
                # footprint: how far a ray one pixel on lands
                ge = de + tangent[way] * turn[line, 0, 1 + way]
                gn = dn + tangent[way] * turn[line, 1, 1 + way]
                gz = dz + tangent[way] * turn[line, 2, 1 + way]
                t = fall / min(gz - rise_e * ge - rise_n * gn, -1e-9)
                footprint[line, column, 2 * way] = t * ge - s * de
                footprint[line, column, 2 * way + 1] = t * gn - s * dn
            kinds = kept = 0
            for sample in range(fine * fine):
                i, j = sample // fine, sample % fine
                a = ((j + 0.5) / fine - 0.5) * tangent[0]
                b_along = ((i + 0.5) / fine - 0.5) * tangent[1]
                # each moment of the exposure is taken with every part of the slit
                when = ((i + j) % fine + 0.5) / fine - 0.5
                me, mn, mz = when * travel[line, 0], when * travel[line, 1], when * travel[line, 2]
                ge = de + a * turn[line, 0, 1] + b_along * turn[line, 0, 2]
                gn = dn + a * turn[line, 1, 1] + b_along * turn[line, 1, 2]
                gz = dz + a * turn[line, 2, 1] + b_along * turn[line, 2, 2]
                t = (fall - (mz - rise_e * me - rise_n * mn)) / min(gz - rise_e * ge - rise_n * gn, -1e-9)
                e, n = e0 + me + t * ge - s * de, n0 + mn + t * gn - s * dn
                z = z0 + (e - e0) * rise_e + (n - n0) * rise_n
                best, which, face, of = 0.0, -1, 0, -1
                shaded = False
                for at in range(closest):
                    b = close[at]
                    low = boxes[b, 7] if boxes[b, 7] > 0.2 else boxes[b, 7] - 3.0
                    far, out = out_of_box(e, n, z, -ge, -gn, -gz, boxes[b], low)
                    if far > best:
                        best, which, face = far, b, out
                    if shine > 0.0 and not shaded:
                        away, _ = out_of_box(e, n, z + 0.05, sun[0], sun[1], sun[2], boxes[b], low)
                        shaded = away > 0.0
                if which >= 0 and boxes[which, 9] > 0.0:
                    rise = (boxes[which, 2] + boxes[which, 9] - z) / -gz
                    if hidden(
                        e - rise * ge, n - rise * gn, boxes[which], mask, masks[which, 0], masks[which, 1],
                        masks[which, 2], mask_cell,
                    ):  # fmt: skip
                        face, which = 3, -2
                if which == -2:
                    code, tone, sunny, open_sky = wood, 1.0, shine, 1.0
                elif which >= 0:
                    tone, open_sky = 1.0, 1.0 if face == 0 else 0.7
                    code = faces[which, 0 if face == 0 else 1]
                    sunny = max(sun[2], 0.0)
                    if face:
                        cos, sin = boxes[which, 3], boxes[which, 4]
                        along = face == 2
                        to_e, to_n = (sin, cos) if along else (cos, -sin)
                        sign = 1.0 if -ge * to_e - gn * to_n > 0.0 else -1.0
                        sunny = max(sign * (sun[0] * to_e + sun[1] * to_n), 0.0)
                    of = ring_code.shape[0] + which
                else:
                    y, x = (frame[1] - n) / texel, (e - frame[0]) / texel
                    r, c = int(np.floor(y)), int(np.floor(x))
                    ti, tj = r >> 8, c >> 8
                    m, k = ti - origin[0], tj - origin[1]
                    slot = -1
                    if 0 <= m < tables.shape[0] and 0 <= k < tables.shape[1]:
                        slot = tables[m, k]
                    if slot < 0:
                        if lacking < missing.shape[0]:
                            missing[lacking, 0], missing[lacking, 1] = ti, tj
                            lacking += 1
                        continue
                    texel_row, texel_column = r - (ti << 8) + 1, c - (tj << 8) + 1
                    tone = values[slot, texel_row, texel_column]
                    code = codes[slot, texel_row, texel_column]
                    for q in range(close_areas):
                        b = areas[q]
                        if in_ring(e, n, rings, ring_first[b], ring_first[b + 1]):
                            of = b
                    if of >= 0:
                        # the grain of the ground shows through, as strong as the area's own
                        grain = (tone - 1.0) / max(contrast[code], 0.02)
                        code = ring_code[of]
                        tone = max(1.0 + contrast[code] * grain, 0.25)
                    sunny, open_sky = 0.0 if shaded else shine, 1.0
                if of >= 0:
                    at = 0
                    while at < kept and things[at] != of:
                        at += 1
                    if at == kept:
                        things[at], seen[at] = of, 0
                        kept += 1
                    seen[at] += 1
                    if seen[at] > thing[line, column, 1]:
                        thing[line, column, 0], thing[line, column, 1] = of, seen[at]
                at = 0
                while at < kinds and material[line, column, at] != code:
                    at += 1
                if at == kinds:
                    material[line, column, at] = code
                    direct[line, column, at] = sky[line, column, at] = 0.0
                    count[line, column, at] = 0
                    kinds += 1
                direct[line, column, at] += part * tone * sunny
                sky[line, column, at] += part * tone * open_sky
                count[line, column, at] += 1
            if kinds < fine * fine:
                count[line, column, kinds] = 0
    return lacking


@borrowing_kernel
def scrambled(x: Num) -> Num:
    """A number of 64 bits well mixed (Steele, Lea and Flood 2014)."""
    h = np.uint64(x)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@kernel
def spectra(
    material: Array, direct: Array, sky: Array, count: Array, by_sun: Array, by_sky: Array,
    node: Array, through: Array, path: Array, columns: Array, absorb: Array, gain: Array,
    still: Array, shot: Array, flat: Array, normal: Array, salts: Array, scale: Num, ignore: Num, out: Array,
) -> None:  # fmt: skip
    """The spectrum of each pixel as recorded.

    material, direct, sky, count: (l, c, k) as of `mixtures`
    by_sun, by_sky: (256, bands) float32, what each material sends up under full light of either
    node: (l, c) place of its way through the air among (l, q, bands) `through`, share that comes through,
        and `path`, what the air adds
    columns: (l, c, g) of gases times paths through them     absorb: (g, bands)
    gain: (c, bands) of the detector     still, shot: (bands,) variance of the noise, and per unit of light
    flat: (bands,) light of level ground to divide by, 0 for nothing; empty for radiance
    normal: (4096,) float32 normal quantiles over sqrt(2)     salts: (l,) uint64 of the noise of each line
    scale: steps per unit     ignore: value of pixels without ground     out: (l, bands, c)
    """
    bands = by_sun.shape[1]
    total = np.empty(bands, np.float32)
    reflect = flat.shape[0] > 0
    whole = scale > 0.0
    for line in range(material.shape[0]):
        for column in range(material.shape[1]):
            if count[line, column, 0] == 0:
                for b in range(bands):
                    out[line, b, column] = ignore
                continue
            total[:] = 0.0
            for k in range(material.shape[2]):
                if count[line, column, k] == 0:
                    break
                code = material[line, column, k]
                p, q = np.float32(direct[line, column, k]), np.float32(sky[line, column, k])
                for b in range(bands):
                    total[b] += p * by_sun[code, b] + q * by_sky[code, b]
            for g in range(absorb.shape[0]):
                gas = columns[line, column, g]
                if gas > 0.0:
                    for b in range(bands):
                        if absorb[g, b] > 0.0:
                            total[b] *= np.float32(np.exp(-absorb[g, b] * gas))
            at = min(int(node[line, column]), through.shape[1] - 2)
            f = np.float32(node[line, column] - at)
            start = np.uint64(salts[line]) + np.uint64(column * bands) * np.uint64(0x9E3779B97F4A7C15)
            for b in range(bands):
                clear = through[line, at, b] + f * (through[line, at + 1, b] - through[line, at, b])
                air = path[line, at, b] + f * (path[line, at + 1, b] - path[line, at, b])
                light = total[b] * clear + air
                h = scrambled(start + np.uint64(b) * np.uint64(0x9E3779B97F4A7C15))
                spread = np.float32(np.sqrt(max(still[b] + shot[b] * light, 0.0)))
                draw = normal[h & np.uint64(4095)] + normal[(h >> np.uint64(32)) & np.uint64(4095)]
                seen = light * gain[column, b] + spread * draw
                if reflect:
                    seen = (seen - air) / (clear * flat[b]) if flat[b] > 0.0 else np.float32(0.0)
                if whole:
                    out[line, b, column] = min(max(np.floor(seen * scale + 0.5), 0.0), ignore - 1.0)
                else:
                    out[line, b, column] = seen
