"""Shortest ways between places of a region: straight where nothing is in between, else bending at corners."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.coverage import kernels
from atalaya.plan.coverage.region import Region

Floats = NDArray[np.float64]
NEVER = 1e15
MOST_SQUARES = 40


@dataclass(frozen=True, slots=True)
class Transits:
    """The visibility graph of a region with all ways between its corners (exact for any of the costs:
    a straight leg is never dearer than two that go the same way round).

    Args:
        walls: (m, 4) edges no leg may touch.
        corners: (r, 2) places where ways may bend.
        between: (r, r) cost from corner to corner.
        step: (r, r) int64, next corner on the way.
        rule: the cost, as kernels read it.
        first, items, box, side: the walls by squares of a grid, as `kernels.filed` makes it.
    """

    walls: Floats
    corners: Floats
    between: Floats
    step: NDArray[np.int64]
    rule: Floats
    first: NDArray[np.int64]
    items: NDArray[np.int64]
    box: Floats
    side: float

    def _seen(self, start: Floats, end: Floats) -> NDArray[np.bool_]:
        seen: NDArray[np.bool_] = kernels.visible(
            start, end, self.walls, self.first, self.items, self.box, self.side
        )
        return seen

    def costs(self, start: Floats, end: Floats) -> Floats:
        """(n, m) cost of the way from each of (n, 2) points to each of (m, 2); NEVER where there is none."""
        direct = kernels.priced(start, end, self._seen(start, end), self.rule)
        if len(self.corners):
            near = self._seen(start, self.corners)
            leaving = kernels.priced(start, self.corners, near, self.rule)
            near = self._seen(self.corners, end)
            coming = kernels.priced(self.corners, end, near, self.rule)
            direct = kernels.around(direct, leaving, self.between, coming)
        return np.minimum(direct, NEVER)

    def ways(self, start: Floats, end: Floats) -> list[Floats]:
        """The cheapest way from each of (n, 2) points to its partner."""
        straight = kernels.visible_each(start, end, self.walls, self.first, self.items, self.box, self.side)
        pairs = zip(start, end, straight, strict=True)
        return [np.vstack([a, b]) if clear else self.way(a, b) for a, b, clear in pairs]

    def way(self, start: Floats, end: Floats) -> Floats:
        """(k, 2) the points of the cheapest way, both ends included; empty where there is none."""
        a, b = start.reshape(1, 2), end.reshape(1, 2)
        if self._seen(a, b)[0, 0]:
            return np.vstack([a, b])
        leaving = kernels.priced(a, self.corners, self._seen(a, self.corners), self.rule)[0]
        coming = kernels.priced(self.corners, b, self._seen(self.corners, b), self.rule)[:, 0]
        total = leaving[:, None] + self.between + coming[None, :]
        if total.size == 0 or not np.isfinite(total.min()):
            return np.empty((0, 2))
        first, last = np.unravel_index(int(total.argmin()), total.shape)
        stops = [int(first)]
        while stops[-1] != last:
            stops.append(int(self.step[stops[-1], last]))
        return np.vstack([a, self.corners[stops], b])


def transits_of(region: Region, rule: Floats) -> Transits:
    """The graph of a region under a cost."""
    walls, corners = region.walls, region.corners
    grid = _grid(walls)
    seen = kernels.visible(corners, corners, walls, *grid)
    between, step = kernels.closed_ways(kernels.priced(corners, corners, seen, rule))
    return Transits(walls, corners, between, step, rule, *grid)


def _grid(walls: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, float]:
    if len(walls) == 0:
        return np.zeros(2, dtype=np.int64), np.empty(0, dtype=np.int64), np.array([0.0, 0.0, 1.0, 1.0]), 1.0
    ends = walls.reshape(-1, 2)
    low, size = ends.min(axis=0), np.ptp(ends, axis=0)
    side = float(max(size.max() / MOST_SQUARES, 1e-9))
    box = np.array([*low, *(np.floor(size / side) + 1)])
    return (*kernels.filed(walls, box, side), box, side)
