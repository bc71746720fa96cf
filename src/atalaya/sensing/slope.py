"""Slope of the ground on the grid of a search map, from heights resampled onto it."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sensing.map_grid import MapGrid

Floats = NDArray[np.float64]


def slope_layer(height_m: Floats, grid: MapGrid) -> Floats:
    """(rows, columns) degrees of slope at the size of a cell; NaN beside cells without a height.

    Args:
        height_m: (rows, columns) metres, for example `raster_layer` of a terrain model.

    Raises:
        BadInput: SNS-012, of another shape, or of fewer than two rows or columns.
    """
    height = np.asarray(height_m, np.float64)
    if height.shape != grid.shape or min(grid.shape) < 2:
        raise BadInput("SNS-012", name="height_m", found=height.shape, wanted=grid.shape)
    down, across = np.gradient(height, grid.grid.cell_m)
    return np.asarray(np.degrees(np.arctan(np.hypot(down, across))))
