"""Shortest ways between places of a region: straight where nothing is in between, else bending at corners."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.coverage import kernels
from atalaya.plan.coverage.region import Region

Floats = NDArray[np.float64]
NEVER = 1e15


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
    """

    walls: Floats
    corners: Floats
    between: Floats
    step: NDArray[np.int64]
    rule: Floats

    def costs(self, points: Floats) -> Floats:
        """(n, n) cost of the way from each of (n, 2) points to each; NEVER where there is none."""
        seen = kernels.visible(points, points, self.walls)
        direct = kernels.priced(points, points, seen, self.rule)
        if len(self.corners):
            near = kernels.visible(points, self.corners, self.walls)
            leaving = kernels.priced(points, self.corners, near, self.rule)
            coming = kernels.priced(self.corners, points, near.T.copy(), self.rule)
            direct = kernels.around(direct, leaving, self.between, coming)
        return np.minimum(direct, NEVER)

    def way(self, start: Floats, end: Floats) -> Floats:
        """(k, 2) the points of the cheapest way, both ends included; empty where there is none."""
        a, b = start.reshape(1, 2), end.reshape(1, 2)
        if kernels.visible(a, b, self.walls)[0, 0]:
            return np.vstack([a, b])
        leaving = kernels.priced(a, self.corners, kernels.visible(a, self.corners, self.walls), self.rule)[0]
        coming = kernels.priced(self.corners, b, kernels.visible(self.corners, b, self.walls), self.rule)[:, 0]
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
    seen = kernels.visible(region.corners, region.corners, region.walls)
    between, step = kernels.closed_ways(kernels.priced(region.corners, region.corners, seen, rule))
    return Transits(region.walls, region.corners, between, step, rule)
