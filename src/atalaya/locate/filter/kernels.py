"""Loops over sites and cells, compiled."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def chance_at(x: Array, p: Array, a: Array, field: Array, west: float, north: float, cell: float) -> Array:
    """(n,) chance of the look at sites, averaged over their error: the middle and four points about it.

    The points lie sqrt(3) deviations along the axes of the covariance p + a a^T: weights 1/3 and 1/6 hold
    its second moments. field: (rows, columns) chance per cell.
    """
    rows, columns = field.shape
    out = np.zeros(len(x))
    for i in range(len(x)):
        ee, en, nn = p[i, 0, 0], p[i, 0, 1], p[i, 1, 1]
        for t in range(a.shape[2]):
            ee += a[i, 0, t] * a[i, 0, t]
            en += a[i, 0, t] * a[i, 1, t]
            nn += a[i, 1, t] * a[i, 1, t]
        # columns of the Cholesky factor span the same ellipse as its axes
        c00 = np.sqrt(max(ee, 0.0))
        c10 = en / c00 if c00 > 0.0 else 0.0
        c11 = np.sqrt(max(nn - c10 * c10, 0.0))
        total = 0.0
        for k in range(5):
            along = 1.7320508075688772 * ((k == 1) - (k == 2))
            across = 1.7320508075688772 * ((k == 3) - (k == 4))
            e, n = x[i, 0] + along * c00, x[i, 1] + along * c10 + across * c11
            column, row = np.floor((e - west) / cell), np.floor((north - n) / cell)
            if 0 <= column < columns and 0 <= row < rows:
                total += (1.0 / 3.0 if k == 0 else 1.0 / 6.0) * field[np.int64(row), np.int64(column)]
        out[i] = total
    return out


@kernel
def hit_chance(chance: Array, reference_odds: float, odds: Array, cls: Array, node: Array) -> Array:
    """(n,) chance that an existing site gives a tracklet: mean over class and node.

    chance: (n,) of the look; odds: (c, k) of nodes; cls: (n, c); node: (n, c, k).
    """
    out = np.zeros(chance.size)
    for i in range(chance.size):
        if chance[i] <= 0.0:
            continue
        better = min(chance[i], 0.999) / (1.0 - min(chance[i], 0.999)) / reference_odds
        for c in range(cls.shape[1]):
            total = 0.0
            for k in range(odds.shape[1]):
                total += node[i, c, k] * odds[c, k] * better / (1.0 + odds[c, k] * better)
            out[i] += cls[i, c] * total
    return out


@kernel
def learn(
    chance: Array, heard: Array, cutpoint: Array, typical: Array, reference_odds: float, odds: Array,
    r: Array, cls: Array, node: Array,
) -> None:  # fmt: skip
    """What one scan says of existence, class and node, in place: likelihood 1 - u + u T g at each node.

    heard: (n,) T, what the tracklets say of the site: 0 for a plain miss; see `association`.
    cutpoint, typical: (n,) how strong they are, and its density at the typical place, see `conspicuity`: g is
    the node's density over that, 1 where NaN; both empty where no tracklet has one.
    """
    scored = cutpoint.size > 0
    for i in range(chance.size):
        if chance[i] <= 0.0:
            continue
        better = min(chance[i], 0.999) / (1.0 - min(chance[i], 0.999)) / reference_odds
        told = heard[i]
        strong = scored and told > 0.0 and cutpoint[i] == cutpoint[i]
        shrunk = np.exp(-cutpoint[i]) if strong else 1.0
        whole = 0.0
        for c in range(cls.shape[1]):
            total = 0.0
            for k in range(odds.shape[1]):
                v = odds[c, k] * better
                g = shrunk * (1.0 + v) / (1.0 + v * shrunk) ** 2 / typical[i] if strong else 1.0
                node[i, c, k] *= 1.0 + v / (1.0 + v) * (told * g - 1.0)
                total += node[i, c, k]
            if total > 0.0:
                for k in range(odds.shape[1]):
                    node[i, c, k] /= total
            cls[i, c] *= total
            whole += cls[i, c]
        for c in range(cls.shape[1]):
            cls[i, c] /= whole
        r[i] = r[i] * whole / (1.0 - r[i] + r[i] * whole)


@kernel
def thin(
    cells: Array, chance: Array, reference_odds: float, odds: Array, density: Array, node: Array
) -> None:
    """Looked and saw nothing, in place: density (c, cells) and node (cells, c, k) of the cells seen."""
    classes, count = odds.shape
    missed, alike = np.ones((classes, count)), np.ones(classes, np.bool_)
    for c in range(classes):
        for k in range(count):
            alike[c] &= odds[c, k] == odds[c, 0]
    last = -1.0
    for v in range(cells.size):
        if chance[v] <= 0.0:
            continue
        if chance[v] != last:
            last = chance[v]
            u0 = min(np.float64(last), 0.999)
            better = u0 / (1.0 - u0) / reference_odds
            for c in range(classes):
                for k in range(count):
                    missed[c, k] = 1.0 / (1.0 + odds[c, k] * better)
        cell = cells[v]
        for c in range(classes):
            if alike[c]:
                # nodes all alike keep their weights
                density[c, cell] *= missed[c, 0]
                continue
            total = 0.0
            for k in range(count):
                node[cell, c, k] *= missed[c, k]
                total += node[cell, c, k]
            if total > 0.0:
                scale = 1.0 / total
                for k in range(count):
                    node[cell, c, k] *= scale
            density[c, cell] *= total


@kernel
def give_back(cell: Array, expected: Array, density: Array, node: Array, given: Array, add: bool) -> None:
    """Mix sites (n,) of expected (n, classes) places per square metre into cells, in place.

    node: (cells, classes, nodes) of one kind of evidence, given: (n, classes, nodes). add: also to density
    (classes, cells); nodes mix by the density before, so the last kind is the one to add with.
    """
    for i in range(cell.size):
        for c in range(expected.shape[1]):
            before = density[c, cell[i]]
            whole = before + expected[i, c]
            share = expected[i, c] / whole if whole > 0.0 else 0.0
            for k in range(node.shape[2]):
                node[cell[i], c, k] += share * (given[i, c, k] - node[cell[i], c, k])
            if add:
                density[c, cell[i]] = whole


@kernel
def move(
    site: Array, tracklet: Array, weight: Array, x: Array, p: Array, a: Array, z: Array, r: Array, j: Array
) -> None:
    """Places after a scan, in place: each site's mixture of "not updated" and one update per tracklet.

    Pairs come site by site. weight: (q,) of each pair given that the site exists; what is missing to 1 is
    "not updated". The gain minimises the error with the shared errors unknown but their own unit normals:
    K = (P - A D^T) S^-1, D = J - A, S = P + R + D D^T.
    """
    terms = a.shape[2]
    # made once: a scan moves thousands of sites
    mean, here, x0 = np.empty(2), np.empty(2), np.empty(2)
    p0, spread, s = np.empty((2, 2)), np.empty((2, 2)), np.empty((2, 2))
    cross, k, rest = np.empty((2, 2)), np.empty((2, 2)), np.empty((2, 2))
    a0, carried, d = np.empty((2, terms)), np.empty((2, terms)), np.empty((2, terms))
    first = 0
    while first < site.size:
        last = first
        i = site[first]
        stay = 1.0
        while last < site.size and site[last] == i:
            stay -= weight[last]
            last += 1
        stay = max(stay, 0.0)
        for u in range(2):
            x0[u] = x[i, u]
            mean[u] = x0[u] * stay
            for t in range(terms):
                a0[u, t] = a[i, u, t]
                carried[u, t] = a0[u, t] * stay
        for u in range(2):
            for v in range(2):
                p0[u, v] = p[i, u, v]
                spread[u, v] = (p0[u, v] + x0[u] * x0[v]) * stay
        for q in range(first, last):
            m = tracklet[q]
            for u in range(2):
                for t in range(terms):
                    d[u, t] = j[m, u, t] - a0[u, t]
            for u in range(2):
                for v in range(2):
                    s[u, v] = p0[u, v] + r[m, u, v]
                    cross[u, v] = p0[u, v]
            for t in range(terms):
                for u in range(2):
                    for v in range(2):
                        s[u, v] += d[u, t] * d[v, t]
                        cross[u, v] -= a0[u, t] * d[v, t]
            det = s[0, 0] * s[1, 1] - s[0, 1] * s[1, 0]
            for u in range(2):
                k[u, 0] = (cross[u, 0] * s[1, 1] - cross[u, 1] * s[1, 0]) / det
                k[u, 1] = (cross[u, 1] * s[0, 0] - cross[u, 0] * s[0, 1]) / det
                for v in range(2):
                    rest[u, v] = (1.0 if u == v else 0.0) - k[u, v]
            e, n = z[m, 0] - x0[0], z[m, 1] - x0[1]
            here[0] = x0[0] + k[0, 0] * e + k[0, 1] * n
            here[1] = x0[1] + k[1, 0] * e + k[1, 1] * n
            for u in range(2):
                for v in range(2):
                    new = here[u] * here[v]
                    for g in range(2):
                        for h in range(2):
                            new += rest[u, g] * p0[g, h] * rest[v, h] + k[u, g] * r[m, g, h] * k[v, h]
                    spread[u, v] += weight[q] * new
                mean[u] += weight[q] * here[u]
                for t in range(terms):
                    new = rest[u, 0] * a0[0, t] + rest[u, 1] * a0[1, t]
                    carried[u, t] += weight[q] * (new + k[u, 0] * j[m, 0, t] + k[u, 1] * j[m, 1, t])
        for u in range(2):
            x[i, u] = mean[u]
            for v in range(2):
                p[i, u, v] = spread[u, v] - mean[u] * mean[v]
            for t in range(terms):
                a[i, u, t] = carried[u, t]
        # looking again never makes a place less known: doubt whose a tracklet is would else grow without end
        after, before = p[i, 0, 0] + p[i, 1, 1], p0[0, 0] + p0[1, 1]
        if after > before:
            p[i] *= before / after
        first = last
