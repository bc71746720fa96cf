"""Plumes in a map of gas columns: connected places where there is more than chance puts there."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIGMAS = 4.0
LEAST_PX = 12
_SMOOTH_PX = 1.0


def plume_strength(columns: Floats) -> Floats:
    """(rows, columns) columns over their noise: smoothed, less the scene's median, over its robust spread.

    The filter's answer is cut at zero, so that half of a scene without gas is zero: the spread is read from
    the upper quantiles, 84.1 % of a normal law lying below one sigma.
    """
    from scipy.ndimage import gaussian_filter

    good = np.isfinite(columns)
    weight = gaussian_filter(good.astype(np.float64), _SMOOTH_PX)
    with np.errstate(invalid="ignore", divide="ignore"):
        smooth = gaussian_filter(np.where(good, columns, 0.0), _SMOOTH_PX) / weight
    values = smooth[good]
    if not values.size:
        return np.full(columns.shape, np.nan)
    middle, upper = np.quantile(values, (0.5, 0.8413))
    spread = max(float(upper - middle), 1e-12 * max(float(values.max()), 1e-300))
    return np.where(good, (smooth - middle) / spread, np.nan)


def plume_mask(columns: Floats, sigmas: float = SIGMAS, least_px: int = LEAST_PX) -> NDArray[np.bool_]:
    """(rows, columns) where columns of gas stand out together; NaN is no gas.

    Args:
        columns: as `gas_columns` gives them. sigmas: of the scene's own spread. least_px: of one plume.
    """
    from scipy.ndimage import label

    strength = plume_strength(np.asarray(columns, np.float64))
    hot = np.where(np.isfinite(strength), strength, 0.0) > sigmas
    marks, _ = label(hot, np.ones((3, 3)))
    sizes = np.bincount(marks.ravel())
    sizes[0] = 0
    return np.asarray((sizes >= least_px)[marks])
