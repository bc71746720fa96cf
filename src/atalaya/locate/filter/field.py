"""The chance of one look over the ground, as a raster."""

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.area import Area
from atalaya.locate.scan import Scan

Floats = NDArray[np.float64]


class ScanField:
    """A raster that is filled with one scan's chances, and emptied again, without being made anew.

    Args:
        area: whose fine grid it has.
    """

    def __init__(self, area: Area) -> None:
        self.area = area
        self.raster = np.zeros((area.grid.height, area.grid.width), np.float32)
        self._filled: NDArray[np.int64] = np.empty(0, np.int64)
        self._chance: NDArray[np.float32] = np.empty(0, np.float32)

    def fill(self, scan: Scan) -> None:
        """Put a scan in; the one before is taken out. Cells beyond the area are left out."""
        flat = self.raster.reshape(-1)
        flat[self._filled] = 0.0
        cells, chance = scan.cells, scan.chance
        if cells.size and cells[-1] >= flat.size:
            inside = cells < flat.size
            cells, chance = cells[inside], chance[inside]
        self._filled = cells
        flat[cells] = chance
        self._chance = chance

    def at_sites(self, x: Floats, p: Floats, a: Floats) -> Floats:
        """(n,) chance of the look at sites, averaged over their error."""
        from atalaya.locate.filter import kernels

        grid = self.area.grid
        return np.asarray(
            kernels.chance_at(x, p, a, self.raster, grid.west_m, grid.north_m, grid.cell_m), np.float64
        )

    def at_tracklets(self, z: Floats, cell: NDArray[np.int64] | None = None) -> Floats:
        """(m,) chance of the look where it gave a tracklet; never 0 inside the area: that was seen.

        A place on the edge of what is said to be seen takes the mean chance of the look. cell: of each, where
        known already.
        """
        cell = self.area.cell_of(z) if cell is None else cell
        chance = np.where(cell >= 0, self.raster.reshape(-1)[cell], 0.0).astype(np.float64)
        edge = (chance <= 0.0) & (cell >= 0)
        if edge.any():
            chance[edge] = self._chance.mean(dtype=np.float64) if self._chance.size else 0.0
        return chance
