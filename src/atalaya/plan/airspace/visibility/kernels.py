"""Shortest paths among polygon edges, compiled: A* over tangent lines, each tested when it is needed."""

from heapq import heappop, heappush
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""


@kernel
def blocked(ax: Num, ay: Num, bx: Num, by: Num, edges: Array) -> Num:
    """Index of the first edge (x1, y1, x2, y2) that a segment meets or touches; -1 for none."""
    west, east, south, north = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
    dx, dy = bx - ax, by - ay
    for i in range(len(edges)):
        x1, y1, x2, y2 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if max(x1, x2) < west or min(x1, x2) > east or max(y1, y2) < south or min(y1, y2) > north:
            continue
        one = dx * (y1 - ay) - dy * (x1 - ax)
        two = dx * (y2 - ay) - dy * (x2 - ax)
        if (one > 0.0 and two > 0.0) or (one < 0.0 and two < 0.0):
            continue
        ex, ey = x2 - x1, y2 - y1
        three = ex * (ay - y1) - ey * (ax - x1)
        four = ex * (by - y1) - ey * (bx - x1)
        if (three > 0.0 and four > 0.0) or (three < 0.0 and four < 0.0):
            continue
        return i
    return -1


@kernel
def rings_hit(path: Array, edges: Array, ring: Array, hit: Array) -> Num:
    """Mark in `hit` every ring with an edge that a polyline meets; how many were not marked before."""
    fresh = 0
    for k in range(len(path) - 1):
        first = 0
        while first < len(edges):
            found = blocked(path[k, 0], path[k, 1], path[k + 1, 0], path[k + 1, 1], edges[first:])
            if found < 0:
                break
            first += found
            if not hit[ring[first]]:
                hit[ring[first]] = True
                fresh += 1
            first += 1
    return fresh


@kernel
def tangent(nodes: Array, sides: Array, node: Num, dx: Num, dy: Num) -> Num:
    """Whether a line through a corner leaves both its edges on one side, as all shortest paths do."""
    one = dx * sides[node, 1] - dy * sides[node, 0]
    two = dx * sides[node, 3] - dy * sides[node, 2]
    slack = 1e-6 * (np.abs(dx) + np.abs(dy))  # along an edge is tangent, rounding or not
    return not ((one > slack and two < -slack) or (one < -slack and two > slack))


@kernel
def shortest(nodes: Array, sides: Array, edges: Array, parent: Array) -> Num:
    """Length of the shortest path from node 0 to node 1; below 0 where there is none.

    Args:
        nodes: (n, 2) start, goal, corners. sides: (n, 4) directions of the two edges at each corner, 0 for
            ends.
        edges: (m, 4). parent: (n,) int64, filled: the node each was reached from.
    """
    n = len(nodes)
    closed = np.zeros(n, np.bool_)
    gx, gy = nodes[1, 0], nodes[1, 1]
    heap = [(np.sqrt((nodes[0, 0] - gx) ** 2 + (nodes[0, 1] - gy) ** 2), 0.0, 0, -1)]
    while len(heap) > 0:
        _, length, node, before = heappop(heap)
        if closed[node]:
            continue
        x, y = nodes[node, 0], nodes[node, 1]
        if before >= 0 and blocked(nodes[before, 0], nodes[before, 1], x, y, edges) >= 0:
            continue
        closed[node] = True
        parent[node] = before
        if node == 1:
            return length
        for other in range(1, n):
            if closed[other]:
                continue
            dx, dy = nodes[other, 0] - x, nodes[other, 1] - y
            if not (tangent(nodes, sides, node, dx, dy) and tangent(nodes, sides, other, dx, dy)):
                continue
            far = length + np.sqrt(dx * dx + dy * dy)
            left = np.sqrt((nodes[other, 0] - gx) ** 2 + (nodes[other, 1] - gy) ** 2)
            heappush(heap, (far + left, far, other, node))
    return -1.0
