"""Loops over pairs of sites and tracklets, compiled."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def propagate(row: Array, column: Array, w: Array, q: Array, rows: int, most: int) -> Array:
    """mu of each pair by belief propagation: until the largest relative change is below 1e-6.

    row, column: (p,) of each pair; w: (p,) its weight against a miss; q: (columns,) weight of no site.
    """
    pairs = w.size
    mu, nu = np.empty(pairs), np.empty(pairs)
    for p in range(pairs):
        mu[p] = 1.0 / q[column[p]]
    by_row, by_column = np.empty(rows), np.empty(q.size)
    for _ in range(most):
        by_row[:] = 1.0
        for p in range(pairs):
            by_row[row[p]] += w[p] * mu[p]
        by_column[:] = 0.0
        for p in range(pairs):
            nu[p] = w[p] / max(by_row[row[p]] - w[p] * mu[p], 1.0)
            by_column[column[p]] += nu[p]
        change = 0.0
        for p in range(pairs):
            here = q[column[p]]
            new = 1.0 / max(here + by_column[column[p]] - nu[p], here)
            change = max(change, abs(new - mu[p]) / new)
            mu[p] = new
        if change < 1e-6:
            break
    return mu


@kernel
def clusters(row: Array, column: Array, rows: int, columns: int) -> Array:
    """(p,) number of the connected cluster of each pair, counted from 0 in order of appearance."""
    parent = np.arange(rows + columns)
    for p in range(row.size):
        a, b = row[p], rows + column[p]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a != b:
            parent[max(a, b)] = min(a, b)
    number = np.full(rows + columns, -1)
    found = np.empty(row.size, np.int64)
    count = 0
    for p in range(row.size):
        a = row[p]
        while parent[a] != a:
            a = parent[a]
        if number[a] < 0:
            number[a] = count
            count += 1
        found[p] = number[a]
    return found


@kernel
def exact(weight: Array) -> Array:
    """(n, m) sum over matchings that hold each pair, over all matchings: marginals by a walk over subsets.

    weight: (n, m) of each pair against both sides unmatched; m is the smaller side.
    """
    n, m = weight.shape
    size = 1 << m
    ahead, behind = np.zeros((n + 1, size)), np.zeros((n + 1, size))
    ahead[0, 0] = 1.0
    for i in range(n):
        for used in range(size):
            here = ahead[i, used]
            if here > 0.0:
                ahead[i + 1, used] += here
                for j in range(m):
                    if not used >> j & 1:
                        ahead[i + 1, used | 1 << j] += here * weight[i, j]
    behind[n, :] = 1.0
    for i in range(n - 1, -1, -1):
        for used in range(size):
            total = behind[i + 1, used]
            for j in range(m):
                if not used >> j & 1:
                    total += weight[i, j] * behind[i + 1, used | 1 << j]
            behind[i, used] = total
    share = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            total = 0.0
            for used in range(size):
                if not used >> j & 1:
                    total += ahead[i, used] * behind[i + 1, used | 1 << j]
            share[i, j] = weight[i, j] * total / behind[0, 0]
    return share


@kernel
def refine(row: Array, column: Array, w: Array, q: Array, mu: Array, cluster: Array, most: int) -> Array:
    """Replace mu by its exact value in clusters with a loop whose smaller side has at most `most` members.

    Returns (columns,) whether each column is in such a cluster.
    """
    solved = np.zeros(q.size, np.bool_)
    order = np.argsort(cluster, kind="mergesort")
    first = 0
    while first < order.size:
        last = first
        while last < order.size and cluster[order[last]] == cluster[order[first]]:
            last += 1
        some = order[first:last]
        first = last
        ours, theirs = np.unique(row[some]), np.unique(column[some])
        n, m = ours.size, theirs.size
        if some.size < n + m or min(n, m) > most:
            continue
        turned = m > n
        weight = np.zeros((m, n)) if turned else np.zeros((n, m))
        for p in some:
            i, j = np.searchsorted(ours, row[p]), np.searchsorted(theirs, column[p])
            if turned:
                weight[j, i] = w[p] / q[column[p]]
            else:
                weight[i, j] = w[p] / q[column[p]]
        share = exact(weight)
        for p in some:
            i, j = np.searchsorted(ours, row[p]), np.searchsorted(theirs, column[p])
            missed, mine = 1.0, 0.0
            for k in range(m):
                here = share[k, i] if turned else share[i, k]
                missed -= here
                if k == j:
                    mine = here
            solved[column[p]] = True
            if w[p] > 0.0:
                mu[p] = mine / (max(missed, 1e-300) * w[p])
    return solved
