"""Sums of normal equations over tracklets, compiled."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def accumulate(
    row: Array,
    pick: Array,
    weight: Array,
    z: Array,
    r: Array,
    j: Array,
    h: Array,
    g: Array,
    m: Array,
    b: Array,
    rhs: Array,
    shared: bool,
) -> None:
    """Add tracklets of one sortie to its sums: h += w R^-1, g += w R^-1 z, m += w R^-1 J,
    b += w J^T R^-1 J (upper half), rhs += w J^T R^-1 z.

    row: (p,) of each pair's site; pick: (p,) of its tracklet among z, r, j.
    """
    terms = j.shape[2]
    for p in range(row.size):
        i, q, w = row[p], pick[p], weight[p]
        if w <= 0.0:
            continue
        det = r[q, 0, 0] * r[q, 1, 1] - r[q, 0, 1] * r[q, 0, 1]
        ee, en, nn = w * r[q, 1, 1] / det, -w * r[q, 0, 1] / det, w * r[q, 0, 0] / det
        h[i, 0, 0] += ee
        h[i, 0, 1] += en
        h[i, 1, 0] += en
        h[i, 1, 1] += nn
        we, wn = ee * z[q, 0] + en * z[q, 1], en * z[q, 0] + nn * z[q, 1]
        g[i, 0] += we
        g[i, 1] += wn
        if not shared:
            continue
        for t in range(terms):
            te = ee * j[q, 0, t] + en * j[q, 1, t]
            tn = en * j[q, 0, t] + nn * j[q, 1, t]
            if te == 0.0 and tn == 0.0:
                continue
            m[i, 0, t] += te
            m[i, 1, t] += tn
            rhs[t] += j[q, 0, t] * we + j[q, 1, t] * wn
            for u in range(t, terms):
                b[t, u] += te * j[q, 0, u] + tn * j[q, 1, u]


@kernel
def distances(row: Array, pick: Array, z: Array, r: Array, j: Array, x: Array, bias: Array) -> Array:
    """(p,) squared distance z - x - J b of each pair by R alone."""
    out = np.empty(row.size)
    for p in range(row.size):
        i, q = row[p], pick[p]
        e, n = z[q, 0] - x[i, 0], z[q, 1] - x[i, 1]
        for t in range(bias.size):
            e -= j[q, 0, t] * bias[t]
            n -= j[q, 1, t] * bias[t]
        det = r[q, 0, 0] * r[q, 1, 1] - r[q, 0, 1] * r[q, 0, 1]
        out[p] = (r[q, 1, 1] * e * e - 2.0 * r[q, 0, 1] * e * n + r[q, 0, 0] * n * n) / det
    return out


@kernel
def spread(
    row: Array, pick: Array, share: Array, z: Array, r: Array, j: Array, x: Array, bias: Array, out: Array
) -> None:
    """out += s (1 - s) R^-1 v v^T R^-1 of each pair, v = z - x - J b: what not knowing whose a tracklet is
    adds to the error of its site (n, 2, 2), before H^-1 from both sides.
    """
    for p in range(row.size):
        i, q = row[p], pick[p]
        e, n = z[q, 0] - x[i, 0], z[q, 1] - x[i, 1]
        for t in range(bias.size):
            e -= j[q, 0, t] * bias[t]
            n -= j[q, 1, t] * bias[t]
        det = r[q, 0, 0] * r[q, 1, 1] - r[q, 0, 1] * r[q, 0, 1]
        we = (r[q, 1, 1] * e - r[q, 0, 1] * n) / det
        wn = (r[q, 0, 0] * n - r[q, 0, 1] * e) / det
        s = share[p] * (1.0 - share[p])
        out[i, 0, 0] += s * we * we
        out[i, 0, 1] += s * we * wn
        out[i, 1, 0] += s * we * wn
        out[i, 1, 1] += s * wn * wn
