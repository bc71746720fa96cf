"""Search of near pairs by hashed squares, compiled."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def hashed(x: Array, some: Array, square: float, bits: int) -> tuple[Array, Array]:
    """Places x[some] sorted into 2^bits buckets by their square: starts (2^bits + 1,), members."""
    count = 1 << bits
    bucket = np.empty(some.size, np.int64)
    start = np.zeros(count + 1, np.int64)
    for k in range(some.size):
        column, line = np.int64(np.floor(x[some[k], 0] / square)), np.int64(np.floor(x[some[k], 1] / square))
        bucket[k] = (column * 73856093 ^ line * 19349663) & (count - 1)
        start[bucket[k] + 1] += 1
    for b in range(count):
        start[b + 1] += start[b]
    place, member = start[:-1].copy(), np.empty(some.size, np.int64)
    for k in range(some.size):
        member[place[bucket[k]]] = some[k]
        place[bucket[k]] += 1
    return start, member


@kernel
def gated(
    x: Array,
    p: Array,
    a: Array,
    z: Array,
    r: Array,
    j: Array,
    reach: Array,
    start: Array,
    member: Array,
    square: float,
    gate: float,
    shared: bool,
) -> tuple[Array, Array, Array, Array]:
    """Pairs inside the gate: site, tracklet, squared distance, likelihood; tracklet by tracklet.

    x, p, a: (n, 2), (n, 2, 2), (n, 2, k) of sites. z, r, j: the same of tracklets. reach: (m,) metres.
    """
    count = start.size - 1
    room = 4 * len(z) + 64
    site, tracklet = np.empty(room, np.int64), np.empty(room, np.int64)
    distance, likelihood = np.empty(room), np.empty(room)
    found = 0
    for m in range(len(z)):
        low_c, high_c = np.floor((z[m, 0] - reach[m]) / square), np.floor((z[m, 0] + reach[m]) / square)
        low_l, high_l = np.floor((z[m, 1] - reach[m]) / square), np.floor((z[m, 1] + reach[m]) / square)
        for column in range(np.int64(low_c), np.int64(high_c) + 1):
            for line in range(np.int64(low_l), np.int64(high_l) + 1):
                b = (column * 73856093 ^ line * 19349663) & (count - 1)
                for k in range(start[b], start[b + 1]):
                    i = member[k]
                    if np.floor(x[i, 0] / square) != column or np.floor(x[i, 1] / square) != line:
                        continue
                    e, n = z[m, 0] - x[i, 0], z[m, 1] - x[i, 1]
                    if e * e + n * n > reach[m] * reach[m]:
                        continue
                    ee, en, nn = p[i, 0, 0] + r[m, 0, 0], p[i, 0, 1] + r[m, 0, 1], p[i, 1, 1] + r[m, 1, 1]
                    if shared:
                        for t in range(j.shape[2]):
                            de, dn = j[m, 0, t] - a[i, 0, t], j[m, 1, t] - a[i, 1, t]
                            ee += de * de
                            en += de * dn
                            nn += dn * dn
                    det = ee * nn - en * en
                    d2 = (nn * e * e - 2.0 * en * e * n + ee * n * n) / det
                    if not d2 < gate:
                        continue
                    if found == room:
                        site = np.append(site, np.empty(room, np.int64))
                        tracklet = np.append(tracklet, np.empty(room, np.int64))
                        distance = np.append(distance, np.empty(room))
                        likelihood = np.append(likelihood, np.empty(room))
                        room *= 2
                    site[found], tracklet[found], distance[found] = i, m, d2
                    likelihood[found] = np.exp(-0.5 * d2) / (2.0 * np.pi * np.sqrt(det))
                    found += 1
    return site[:found], tracklet[:found], distance[:found], likelihood[:found]
