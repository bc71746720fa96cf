"""Unlike detectors joined by their ranks (Fisher's method)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fisher(maps: list[Floats], valid: NDArray[np.bool_] | None = None) -> Floats:
    """Mean of -ln(1 - r) over maps, r in (0, 1) the rank of a pixel in its map; NaN where nothing is valid.

    Every map alone would give 1 on average whatever its units, so that none outweighs the others.
    """
    from scipy.stats import rankdata

    good = np.ones(maps[0].shape, np.bool_) if valid is None else valid
    out = np.full(maps[0].shape, np.nan)
    count = int(good.sum())
    total = np.zeros(count)
    for each in maps:
        total -= np.log1p(-(rankdata(each[good]) - 0.5) / max(count, 1))
    out[good] = total / len(maps)
    return out
