"""Change between radar pictures of unknown scale and looks: one setting for all.

Eight-bit copies have lost what `logratio_cfar` needs. Here the log-ratio is cleared of speckle by total
variation, weighted by its own pixel noise, and cut where Otsu says, but never nearer to no change than three
and a half robust deviations nor farther than five: Otsu falls into the noise when change is rare, and a fixed
number of deviations misses what is common (docs/background/spectral.md compares the rules).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.change import kernels
from atalaya.detect.change.ratio import log_ratio, two
from atalaya.detect.change.thresholds import otsu

Floats = NDArray[np.float64]

FLOOR = 0.2
"""Added to both passes, as a share of their median: ratios of dark pixels are ratios of noise."""
SMOOTH_PX = 0.8
VARIATION = 0.6
NEAREST, FARTHEST = 3.5, 5.0
_ROUNDS = 40
_ROBUST = 1.4826


@dataclass(frozen=True, slots=True, eq=False)
class RadarChange:
    """What changed.

    mask: (rows, columns) changed
    ratio: (rows, columns) cleared log-ratio, positive where the later pass is brighter; NaN without data
    threshold: of its magnitude
    """

    mask: NDArray[np.bool_]
    ratio: Floats
    threshold: float

    @property
    def strength(self) -> Floats:
        """(rows, columns) magnitude over the threshold."""
        return np.abs(self.ratio) / self.threshold


def radar_change(
    before: NDArray[np.generic], after: NDArray[np.generic], valid: NDArray[np.bool_] | None = None
) -> RadarChange:
    """Change between two registered radar pictures, intensities or amplitudes on any linear scale.

    Args:
        before, after: (rows, columns) of one shape, not negative. valid: False where there are no data.

    Raises:
        BadInput: SPC-011, they are not two rasters of one shape.
    """
    first, second = two(before, after)
    good = np.isfinite(first) & np.isfinite(second)
    good &= np.ones(first.shape, np.bool_) if valid is None else np.asarray(valid, np.bool_)
    if not good.any():
        return RadarChange(good, np.full(first.shape, np.nan), np.inf)
    middle = float(np.median(np.concatenate((first[good], second[good]))))
    spread = max(float(first[good].mean()), float(second[good].mean()), 1e-300)
    floor = FLOOR * max(middle, 0.0) + 1e-3 * spread
    raw = np.where(good, log_ratio(_clean(first, good), _clean(second, good), floor), 0.0)
    smooth = log_ratio(_smoothed(first, good), _smoothed(second, good), floor)
    smooth = np.where(good & np.isfinite(smooth), smooth, 0.0)
    ratio = np.empty(smooth.shape)
    kernels.least_variation(smooth, max(VARIATION * _pixel_noise(raw), 1e-6), _ROUNDS, ratio)
    deviation = _ROBUST * float(np.median(np.abs(ratio[good] - np.median(ratio[good]))))
    size = np.abs(ratio)
    threshold = float(np.clip(otsu(size[good]), NEAREST * deviation, FARTHEST * deviation))
    # two passes that are equal but for a few pixels have no deviation at all
    threshold = max(threshold, 1e-6)
    ratio[~good] = np.nan
    return RadarChange(good & (size > threshold), ratio, threshold)


def _clean(values: Floats, good: NDArray[np.bool_]) -> Floats:
    return np.maximum(np.where(good, values, 0.0), 0.0)


def _smoothed(values: Floats, good: NDArray[np.bool_]) -> Floats:
    from scipy.ndimage import gaussian_filter

    clean = gaussian_filter(_clean(values, good), SMOOTH_PX)
    if good.all():
        return np.asarray(clean)
    weight = gaussian_filter(good.astype(np.float64), SMOOTH_PX)
    return np.asarray(np.where(weight > 1e-6, clean / np.maximum(weight, 1e-6), 0.0))


def _pixel_noise(ratio: Floats) -> float:
    """Deviation of single pixels, from differences of neighbours."""
    return (
        _ROBUST * float(np.median(np.abs(np.diff(ratio, axis=1)))) / np.sqrt(2.0)
        if ratio.shape[1] > 1
        else 0.0
    )
