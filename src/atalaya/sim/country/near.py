"""How far things are from lines on the ground."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.country import GroundLine
from atalaya.sim.country.curve import every

Floats = NDArray[np.float64]

_FAR_M = 1e9


class NearLines:
    """Lines as points close together, asked for distances.

    Args:
        lines: any; their width counts. step_m: between the points.
    """

    def __init__(self, lines: Iterable[GroundLine], step_m: float = 15.0) -> None:
        from scipy.spatial import cKDTree

        sampled = [(every(line.points_m, step_m), line.width_m) for line in lines]
        self._points = np.concatenate([points for points, _ in sampled]) if sampled else np.empty((0, 2))
        self._half = np.concatenate([np.full(len(p), width / 2.0) for p, width in sampled] or [np.empty(0)])
        self._tree = cKDTree(self._points) if len(self._points) else None

    def away_m(self, points_m: Floats, neighbours: int = 3) -> Floats:
        """(n,) metres from points to the edge of the nearest line, to a tenth of the step."""
        if self._tree is None:
            return np.full(len(points_m), _FAR_M)
        count = min(neighbours, len(self._points))
        away, which = self._tree.query(points_m, k=count)
        away, which = away.reshape(len(points_m), count), which.reshape(len(points_m), count)
        return np.asarray((away - self._half[which]).min(axis=1))
