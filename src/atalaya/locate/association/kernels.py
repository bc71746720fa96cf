"""Loops over pairs of sites and tracklets, compiled."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


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
def propagate(
    some: Array, row: Array, column: Array, w: Array, q: Array, mu: Array, by_row: Array, by_column: Array
) -> None:
    """mu of the pairs `some` by belief propagation, until the largest relative change is below 1e-6.

    by_row, by_column: scratch, one value per site and tracklet.
    """
    nu = np.empty(some.size)
    for p in some:
        mu[p] = 1.0 / q[column[p]]
    for _ in range(200):
        for p in some:
            by_row[row[p]], by_column[column[p]] = 1.0, 0.0
        for p in some:
            by_row[row[p]] += w[p] * mu[p]
        for k in range(some.size):
            p = some[k]
            nu[k] = w[p] / max(by_row[row[p]] - w[p] * mu[p], 1.0)
            by_column[column[p]] += nu[k]
        change = 0.0
        for k in range(some.size):
            p = some[k]
            here = q[column[p]]
            new = 1.0 / max(here + by_column[column[p]] - nu[k], here)
            change = max(change, abs(new - mu[p]) / new)
            mu[p] = new
        if change < 1e-6:
            break


@kernel
def enumerate_all(some: Array, row: Array, column: Array, w: Array, q: Array, mu: Array, most: int) -> bool:
    """mu of the pairs `some` exactly, if they hold a loop and their smaller side at most `most` members."""
    ours, theirs = np.unique(row[some]), np.unique(column[some])
    n, m = ours.size, theirs.size
    if some.size < n + m or min(n, m) > most:
        return False
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
        if w[p] > 0.0:
            mu[p] = mine / (max(missed, 1e-300) * w[p])
    return True


@kernel
def solve(
    row: Array, column: Array, w: Array, q: Array, rows: int, cluster: Array, most: int
) -> tuple[Array, Array]:
    """mu of each pair, cluster by cluster; and (columns,) whether each tracklet's cluster was enumerated."""
    mu, solved = np.empty(w.size), np.zeros(q.size, np.bool_)
    by_row, by_column = np.empty(rows), np.empty(q.size)
    count = cluster.max() + 1
    start = np.zeros(count + 1, np.int64)
    for p in range(w.size):
        start[cluster[p] + 1] += 1
    for c in range(count):
        start[c + 1] += start[c]
    place, order = start[:-1].copy(), np.empty(w.size, np.int64)
    for p in range(w.size):
        order[place[cluster[p]]] = p
        place[cluster[p]] += 1
    for c in range(count):
        some = order[start[c] : start[c + 1]]
        if some.size == 1:
            mu[some[0]] = 1.0 / q[column[some[0]]]
        elif some.size > 3 and most > 0 and enumerate_all(some, row, column, w, q, mu, most):
            for p in some:
                solved[column[p]] = True
        else:
            propagate(some, row, column, w, q, mu, by_row, by_column)
    return mu, solved
