"""Looks of equal length: which cell to look at next, to have found most or to find one at the least cost.

Of one cell the k-th look adds worth x d (1 - d)^(k - 1), so taking the greatest gain each time is optimal
for every number of looks at once (Kadane 1968). To find one object at the least expected cost, look where
gain / cost is greatest (Black 1965; Stone, "Theory of Optimal Search", 1975).
"""

import heapq
from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]

_REMAINDER = 1e-16


def best_looks(
    worth: ArrayLike, chance: ArrayLike, looks: int, *, hidden: ArrayLike | None = None
) -> tuple[NDArray[np.int64], Floats]:
    """Where to look, one look after the other.

    Args:
        worth: (n,) expected facilities, or probability. chance: (n,) of detection by one look.
        looks: how many. hidden: (n,) share that no look can show.

    Returns:
        (looks,) cells in order, and (looks,) what has been found after each. Fewer where nothing is left to
        find.

    Raises:
        BadInput: SNS-016, numbers out of range; SNS-015, shapes differ.
    """
    p, d = _checked(worth, chance, hidden)
    order = list(islice(_by_gain(p, d, np.ones(p.size)), max(looks, 0)))
    cells = np.array([cell for cell, _ in order], np.int64)
    return cells, np.cumsum([gain for _, gain in order], dtype=np.float64)


def least_cost_looks(
    probability: ArrayLike, chance: ArrayLike, cost: ArrayLike, looks: int
) -> NDArray[np.int64]:
    """(looks,) cells in the order that finds one object at the least mean cost; errors as `best_looks`."""
    p, d = _checked(probability, chance, None)
    return np.array([cell for cell, _ in islice(_by_gain(p, d, _costs(cost, p)), max(looks, 0))], np.int64)


def least_expected_cost(probability: ArrayLike, chance: ArrayLike, cost: ArrayLike) -> float:
    """What it costs on average to find one object, if looks go on until it is found; infinite if they cannot.

    Args:
        probability: (n,) of its place, adding up to 1. chance: (n,) of detection by one look.
        cost: (n,) of one look.

    Raises:
        BadInput: as `best_looks`.
    """
    p, d = _checked(probability, chance, None)
    c = _costs(cost, p)
    if (p[d <= 0.0] > 0.0).any() or not p.sum() > 0.0:
        return float("inf")
    left = p / p.sum()
    total, not_found = 0.0, 1.0
    for number, (cell, gain) in enumerate(_by_gain(left.copy(), d, c), 1):
        total += c[cell] * not_found
        not_found -= gain
        left[cell] *= 1.0 - d[cell]
        if number % p.size == 0:
            # subtracting alone would never come down to nothing
            not_found = float(left.sum())
            if not_found <= _REMAINDER:
                break
    return total


def _by_gain(p: Floats, d: Floats, cost: Floats) -> Iterator[tuple[int, float]]:
    """Cells and gains of looks without end, by gain / cost; of equals the first cell."""
    heap = [(-gain / cost[cell], cell, gain) for cell, gain in enumerate(p * d) if gain > 0.0]
    heapq.heapify(heap)
    while heap:
        _, cell, gain = heap[0]
        yield cell, float(gain)
        after = gain * (1.0 - d[cell])
        if after > 0.0:
            heapq.heapreplace(heap, (-after / cost[cell], cell, after))
        else:
            heapq.heappop(heap)


def _checked(worth: ArrayLike, chance: ArrayLike, hidden: ArrayLike | None) -> tuple[Floats, Floats]:
    p, d = np.asarray(worth, np.float64).ravel(), np.asarray(chance, np.float64).ravel()
    h = np.zeros(p.size) if hidden is None else np.asarray(hidden, np.float64).ravel()
    if not p.shape == d.shape == h.shape:
        raise BadInput("SNS-015", cells=p.shape, speed=d.shape, hours="1", hidden=h.shape)
    if not (np.isfinite(p) & (p >= 0.0)).all():
        raise BadInput("SNS-016", name="worth")
    for name, part in (("chance", d), ("hidden", h)):
        if not ((part >= 0.0) & (part <= 1.0)).all():
            raise BadInput("SNS-016", name=name)
    return p * (1.0 - h), d


def _costs(cost: ArrayLike, p: Floats) -> Floats:
    c = np.asarray(cost, np.float64).ravel()
    if c.shape != p.shape:
        raise BadInput("SNS-015", cells=p.shape, speed=c.shape, hours="1", hidden="-")
    if not (np.isfinite(c) & (c > 0.0)).all():
        raise BadInput("SNS-016", name="cost")
    return c
