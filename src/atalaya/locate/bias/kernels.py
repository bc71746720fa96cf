"""Sums of normal equations over tracklets, compiled."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def accumulate(
    row: Array,
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

    row: (p,) of each pair's site; z, r, j: of each pair's tracklet.
    """
    terms = j.shape[2]
    for p in range(row.size):
        i, w = row[p], weight[p]
        if w <= 0.0:
            continue
        det = r[p, 0, 0] * r[p, 1, 1] - r[p, 0, 1] * r[p, 0, 1]
        ee, en, nn = w * r[p, 1, 1] / det, -w * r[p, 0, 1] / det, w * r[p, 0, 0] / det
        h[i, 0, 0] += ee
        h[i, 0, 1] += en
        h[i, 1, 0] += en
        h[i, 1, 1] += nn
        we, wn = ee * z[p, 0] + en * z[p, 1], en * z[p, 0] + nn * z[p, 1]
        g[i, 0] += we
        g[i, 1] += wn
        if not shared:
            continue
        for t in range(terms):
            te = ee * j[p, 0, t] + en * j[p, 1, t]
            tn = en * j[p, 0, t] + nn * j[p, 1, t]
            if te == 0.0 and tn == 0.0:
                continue
            m[i, 0, t] += te
            m[i, 1, t] += tn
            rhs[t] += j[p, 0, t] * we + j[p, 1, t] * wn
            for u in range(t, terms):
                b[t, u] += te * j[p, 0, u] + tn * j[p, 1, u]


@kernel
def distances(row: Array, z: Array, r: Array, j: Array, x: Array, bias: Array) -> Array:
    """(p,) squared distance z - x - J b of each pair by R alone."""
    out = z[:, 0].copy()
    for p in range(row.size):
        i = row[p]
        e, n = z[p, 0] - x[i, 0], z[p, 1] - x[i, 1]
        for t in range(bias.size):
            e -= j[p, 0, t] * bias[t]
            n -= j[p, 1, t] * bias[t]
        det = r[p, 0, 0] * r[p, 1, 1] - r[p, 0, 1] * r[p, 0, 1]
        out[p] = (r[p, 1, 1] * e * e - 2.0 * r[p, 0, 1] * e * n + r[p, 0, 0] * n * n) / det
    return out
