"""What the kernels read and write, as named tuples of arrays (numba sees their fields as plain arrays)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Model(NamedTuple):
    """The problem as the kernels want it: n nodes, m vehicles, k kinds.

    Args:
        prize: (n,) float64; 0 at places where vehicles start or end.
        worth: (n,) float64, logarithm of the prize.
        service: (n,) float64; 0 at places where vehicles start or end.
        cost: (k, n, n) float64, travel time.
        kind: (m,) int64.
        start: (m,) int64.
        end: (m,) int64.
        opens: (n,) float64, -inf without a window.
        closes: (n,) float64, inf without a window.
        leaves: (m,) float64, when each vehicle sets out.
        limit: (m,) float64, when each must have arrived.
        nodes: (c,) int64, places worth a visit that some vehicle can reach.
        near: (n, c) int64, the same places by growing distance from each node.
        timed: (1,) bool, whether any place has a window.
        group: (m,) int64, vehicles of one group are alike in everything.
        mark: (n,) uint64, random; a set of places is known by their xor.
    """

    prize: Floats
    worth: Floats
    service: Floats
    cost: Floats
    kind: Ints
    start: Ints
    end: Ints
    opens: Floats
    closes: Floats
    leaves: Floats
    limit: Floats
    nodes: Ints
    near: Ints
    timed: NDArray[np.bool_]
    group: Ints
    mark: NDArray[np.uint64]


class Plan(NamedTuple):
    """One solution: route v is `route[v, : size[v] + 2]`, its start and end included.

    Args:
        route: (m, w) int64.
        size: (m,) int64, places visited.
        early: (m, w) float64, when service begins.
        late: (m, w) float64, when it may begin at the latest.
        owner: (n,) int64, the vehicle that visits, -1 for none.
        place: (n,) int64, its position in the route.
    """

    route: Ints
    size: Ints
    early: Floats
    late: Floats
    owner: Ints
    place: Ints


class Work(NamedTuple):
    """Room that the kernels write to.

    Args:
        delta: (n, m) float64, the least time that a visit adds.
        spot: (n, m) int64, where.
        weight: (n,) float64, what a visit is worth in this round.
        waiting: (n,) int64, places without a visit.
        touched: (m,) bool, routes changed in this round.
        fresh: (m,) bool, whether delta and spot hold for the route as the current plan has it.
        back: (w,) float64, lengths of the route flown backwards.
        line: (w,) int64, a part of a route laid aside.
    """

    delta: Floats
    spot: Ints
    weight: Floats
    waiting: Ints
    touched: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    back: Floats
    line: Ints


class Pool(NamedTuple):
    """Good routes met on the way, each in the slot its key falls on.

    Args:
        route: (r, w) int64, places visited, bases left out.
        size: (r,) int64, 0 for an empty slot.
        key: (r,) uint64.
        group: (r,) int64, which vehicles can fly it.
    """

    route: Ints
    size: Ints
    key: NDArray[np.uint64]
    group: Ints
