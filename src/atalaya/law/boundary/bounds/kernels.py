"""Bounds of depth from depths of cell centres, three sizes of cells, each known only where it was needed.

Sizes: 1 degree; TENTH x TENTH in each of those; EIGHTH x EIGHTH in each of these. A centre's depth d bounds
every depth in its cell by d -/+ the cell's radius. A larger cell decides where |d| is FAR radii or more.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import borrowing_kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

TENTH, EIGHTH = 10, 8
FAR = 3.0
LARGE, MEDIUM, SMALL = 0, 1, 2


@borrowing_kernel
def bounds_of_points(
    lon: Array,
    lat: Array,
    radius: Array,
    large: Array,
    medium_of: Array,
    medium: Array,
    small_of: Array,
    small: Array,
    low: Array,
    high: Array,
    missing: Array,
) -> Num:
    """Lower and upper bounds of each point's depth as far as the cells are known.

    Args:
        lon, lat: (n,) degrees within ±180 and ±90; NaN gives NaN.
        radius: (3, 180) metres, by size and row of one degree.
        large: (64800,), medium: (k, 100), small: (m, 64): depths of centres, NaN where not yet known.
        medium_of: (64800,), small_of: (k, 100): row in the next table, -1 for none yet.
        low, high: (n,) filled. missing: (n, 3) int64, filled: size, row of its table (the degree cell for a
            large one), cell within.

    Returns:
        how many cells are missing (a cell may be named twice).
    """
    gaps = 0
    for i in range(len(lon)):
        low[i] = high[i] = np.nan
        if not (lon[i] >= -180.0 and lat[i] >= -90.0):
            continue
        x, y = min(lon[i] + 180.0, 359.9999999999), min(lat[i] + 90.0, 179.9999999999)
        column, row = int(x), int(y)
        cell = row * 360 + column
        depth = large[cell]
        size = LARGE
        if not abs(depth) >= FAR * radius[LARGE, row] and depth == depth:
            size = MEDIUM
            table = medium_of[cell]
            fine_x, fine_y = (x - column) * TENTH, (y - row) * TENTH
            part = int(fine_y) * TENTH + int(fine_x)
            depth = medium[table, part] if table >= 0 else np.nan
            if not abs(depth) >= FAR * radius[MEDIUM, row] and depth == depth:
                size = SMALL
                next_table = small_of[table, part]
                tiny = int((fine_y - int(fine_y)) * EIGHTH) * EIGHTH + int((fine_x - int(fine_x)) * EIGHTH)
                depth = small[next_table, tiny] if next_table >= 0 else np.nan
                if depth != depth:
                    missing[gaps, 0], missing[gaps, 1], missing[gaps, 2] = SMALL, cell * 100 + part, tiny
                    gaps += 1
            elif depth != depth:
                missing[gaps, 0], missing[gaps, 1], missing[gaps, 2] = MEDIUM, cell, part
                gaps += 1
        elif depth != depth:
            missing[gaps, 0], missing[gaps, 1], missing[gaps, 2] = LARGE, cell, 0
            gaps += 1
        low[i], high[i] = depth - radius[size, row], depth + radius[size, row]
    return gaps
