"""The search map: how many facilities are expected in each cell, before or after looks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from atalaya.earth.ortho.grid import Grid

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
        looks: (rows, columns) int64, looks without a find of each cell; None where nobody counts.
            `rate` and `hidden` hold all that follows from looks; this is for people.
    """

    rate: Floats
    hidden: Floats
    crs: str
    post_affine: Affine
    looks: NDArray[np.int64] | None = None

    @property
    def cell_m(self) -> float:
        """Edge of a cell, metres."""
        return float(self.post_affine[1])

    @property
    def grid(self) -> "Grid":
        """Its cells: places of cells and cells of places."""
        from atalaya.earth.ortho.grid import Grid

        rows, columns = self.rate.shape
        return Grid(self.crs, self.post_affine[0], self.post_affine[3], self.cell_m, columns, rows)

    @property
    def expected(self) -> float:
        """Facilities expected on the whole map."""
        return float(self.rate.sum())
