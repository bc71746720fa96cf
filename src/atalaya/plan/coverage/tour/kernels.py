"""Hot loops of ordering lines: cost of a tour, exact directions for an order, annealed moves."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Num = Any  # a float; numpy's scalar functions have no narrower type
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@kernel
def next_random(state: Words) -> Num:
    """One step of xorshift64* on state (1,) uint64: a float in [0, 1)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.float64((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@kernel
def tour_cost(entry: Ints, hop: Floats, own: Floats) -> Num:
    """Cost of visiting nodes by their entry ends (n,), the other end being entry ^ 1."""
    total = own[entry[0]]
    for k in range(1, len(entry)):
        total += hop[entry[k - 1] ^ 1, entry[k]] + own[entry[k]]
    return total


@kernel
def best_ways_through(entry: Ints, hop: Floats, own: Floats) -> Ints:
    """The cheapest choice of direction of every node for a given order (exact, dynamic programming)."""
    n = len(entry)
    cost = np.empty((n, 2))
    came = np.zeros((n, 2), dtype=np.int64)
    for d in range(2):
        cost[0, d] = own[entry[0] ^ d]
    for k in range(1, n):
        for d in range(2):
            a = cost[k - 1, 0] + hop[entry[k - 1] ^ 1, entry[k] ^ d]
            b = cost[k - 1, 1] + hop[entry[k - 1], entry[k] ^ d]
            came[k, d] = 1 if b < a else 0
            cost[k, d] = min(a, b) + own[entry[k] ^ d]
    out = entry.copy()
    d = 1 if cost[n - 1, 1] < cost[n - 1, 0] else 0
    for k in range(n - 1, -1, -1):
        out[k] = entry[k] ^ d
        d = came[k, d]
    return out


@kernel
def reversal_gain(entry: Ints, i: int, j: int, hop: Floats, own: Floats) -> Num:
    """Change of the inner cost when positions i..j are flown backwards (zero for symmetric costs)."""
    change = 0.0
    for k in range(i, j + 1):
        change += own[entry[k] ^ 1] - own[entry[k]]
        if k > i:
            change += hop[entry[k], entry[k - 1] ^ 1] - hop[entry[k - 1] ^ 1, entry[k]]
    return change


@kernel
def reverse(entry: Ints, place: Ints, i: int, j: int) -> None:
    """Turn positions i..j round in place."""
    while i <= j:
        a, b = entry[i] ^ 1, entry[j] ^ 1
        entry[i], entry[j] = b, a
        place[b >> 1] = i
        place[a >> 1] = j
        i += 1
        j -= 1


@kernel
def move_change(
    entry: Ints, i: int, j: int, k: int, turned: bool, hop: Floats, own: Floats, symmetric: bool
) -> Num:
    """Change of cost when positions i..j go between positions k and k + 1 (k outside i-1..j)."""
    before, after = entry[i - 1] ^ 1, entry[j + 1]
    first, last = entry[i], entry[j] ^ 1
    change = hop[before, after] - hop[before, first] - hop[last, after]
    a, b = entry[k] ^ 1, entry[k + 1]
    if turned:
        change += hop[a, last] + hop[first, b] - hop[a, b]
        if not symmetric:
            change += reversal_gain(entry, i, j, hop, own)
    else:
        change += hop[a, first] + hop[last, b] - hop[a, b]
    return change


@kernel
def apply_move(entry: Ints, place: Ints, i: int, j: int, k: int, turned: bool) -> None:
    """Put positions i..j between k and k + 1 by three reversals of stretches."""
    if k > j:
        reverse(entry, place, i, k)
        reverse(entry, place, i, i + k - j - 1)
        if not turned:
            reverse(entry, place, i + k - j, k)
    else:
        reverse(entry, place, k + 1, j)
        reverse(entry, place, k + 1 + j - i + 1, j)
        if not turned:
            reverse(entry, place, k + 1, k + 1 + j - i)


@kernel
def anneal(
    entry: Ints,
    hop: Floats,
    own: Floats,
    near: Ints,
    steps: int,
    hot: float,
    cold: float,
    symmetric: bool,
    state: Words,
) -> Ints:
    """Order and directions of the nodes by annealed 2-opt, moves of chains and flips; returns the best seen.

    Args:
        entry: (n,) int64, entry end of each visited node; first and last stay where they are.
        hop: (2n, 2n) cost from an exit end to an entry end; own: (2n,) cost of a node by its entry end.
        near: (2n, m) int64, ends worth flying to next from each end.
        steps: number of tries; hot, cold: temperatures at start and end, in units of cost.
        symmetric: whether backwards costs the same.
        state: (1,) uint64 of the random numbers.
    """
    entry = entry.copy()
    n, m = len(entry), near.shape[1]
    place = np.empty(n, dtype=np.int64)
    for k in range(n):
        place[entry[k] >> 1] = k
    cost = tour_cost(entry, hop, own)
    best, best_entry = cost, entry.copy()
    if n < 3:
        return best_entry
    cooling = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    for _ in range(steps):
        heat *= cooling
        i = int(next_random(state) * (n - 1))
        mate = near[entry[i] ^ 1, int(next_random(state) * m)]
        j = place[mate >> 1]
        if j == 0 or j == n - 1:
            continue
        limit = -heat * np.log(next_random(state) + 1e-300)
        kind = int(next_random(state) * 4)
        if kind == 0:
            change = own[entry[j] ^ 1] - own[entry[j]]
            change += hop[entry[j - 1] ^ 1, entry[j] ^ 1] + hop[entry[j], entry[j + 1]]
            change -= hop[entry[j - 1] ^ 1, entry[j]] + hop[entry[j] ^ 1, entry[j + 1]]
            if change < limit:
                entry[j] ^= 1
                cost += change
        elif entry[j] != mate and kind == 1:
            lo, hi = (i + 1, j) if j > i else (j + 1, i)
            if lo > hi or lo < 1 or hi > n - 2:
                continue
            change = hop[entry[lo - 1] ^ 1, entry[hi] ^ 1] + hop[entry[lo], entry[hi + 1]]
            change -= hop[entry[lo - 1] ^ 1, entry[lo]] + hop[entry[hi] ^ 1, entry[hi + 1]]
            if not symmetric:
                change += reversal_gain(entry, lo, hi, hop, own)
            if change < limit:
                reverse(entry, place, lo, hi)
                cost += change
        else:
            length = int(next_random(state) ** 2 * min(n, 30))
            turned = entry[j] != mate
            lo, hi = (j - length, j) if turned else (j, j + length)
            if lo < 1 or hi > n - 2 or (i >= lo - 1 and i <= hi):
                continue
            change = move_change(entry, lo, hi, i, turned, hop, own, symmetric)
            if change < limit:
                apply_move(entry, place, lo, hi, i, turned)
                cost += change
        if cost < best - 1e-9:
            best = cost
            best_entry[:] = entry
    return best_entry
