"""Which of many rectangles each line of a strip may touch."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def lists_of(ground: Floats, low_m: Floats, high_m: Floats) -> tuple[Ints, Ints]:
    """(l + 1,) first of each line in (q,) numbers of rectangles that meet the one around the line, in order.

    Args:
        ground: (l, c, 3) of the pixels; NaN where there is none. low_m, high_m: (n, 2) of the rectangles.
    """
    lists = [np.empty(0, np.int64)]
    starts = [0]
    for line in ground:
        known = line[np.isfinite(line[:, 2]), :2]
        found = np.empty(0, np.int64)
        if len(known) and len(low_m):
            inside = (low_m <= known.max(axis=0)) & (high_m >= known.min(axis=0))
            found = np.flatnonzero(inside.all(axis=1))
        lists.append(found)
        starts.append(starts[-1] + len(found))
    return np.array(starts, np.int64), np.concatenate(lists)
