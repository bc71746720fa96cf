"""The search map: how many facilities are expected in each cell, before or after looks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class SearchMap:
    """Expected number of undetected facilities per cell, on an equal-area grid.

    Counts are Poisson and independent from cell to cell: they add up, and zero is a possible answer.

    Args:
        rate: (rows, columns) float64, expected facilities per cell not yet detected; row 0 is the north edge.
        hidden: (rows, columns) float64 in [0, 1], part of the facilities no look of these sensors can show
            (the same cover, the same sun): after n looks POD = (1 - hidden) (1 - (1 - d)^n).
        crs: WKT or authority code of an equal-area projection, metres.
        post_affine: six numbers as GDAL orders them: x0, dx, 0, y0, 0, -dy of the upper left corner.
    """

    rate: Floats
    hidden: Floats
    crs: str
    post_affine: Affine

    @property
    def cell_m(self) -> float:
        """Edge of a cell, metres."""
        return float(self.post_affine[1])

    @property
    def expected(self) -> float:
        """Facilities expected on the whole map."""
        return float(self.rate.sum())
