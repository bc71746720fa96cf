"""Radar intensities of known looks: the law of their ratio, and a threshold of stated false alarm rate.

Speckle of L looks multiplies intensity by Gamma(L, 1/L): under no change I2 / I1 follows F(2L, 2L) whatever
the ground reflects, and a threshold on |ln I2 / I1| has the same false alarm rate everywhere. Amplitudes are
squared and decibels undone first. Rignot and van Zyl 1993.
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]

_PATCH = 9


def two(before: NDArray[np.generic], after: NDArray[np.generic]) -> tuple[Floats, Floats]:
    """Both passes as (rows, columns) doubles.

    Raises:
        BadInput: SPC-011, they are not two rasters of one shape.
    """
    first, second = np.asarray(before), np.asarray(after)
    same = first.shape == second.shape and first.ndim == 2 and first.size > 0
    if not same or first.dtype.kind not in "iuf" or second.dtype.kind not in "iuf":
        raise BadInput("SPC-011", before=first.shape, after=second.shape)
    return first.astype(np.float64), second.astype(np.float64)


def log_ratio(before: NDArray[np.generic], after: NDArray[np.generic], floor: float = 0.0) -> Floats:
    """(rows, columns) ln(after / before), gain between the passes taken out by its median; NaN without data.

    Args:
        before, after: intensities of one shape. floor: added to both, in their unit, against ratios of noise.

    Raises:
        BadInput: SPC-011, they are not two rasters of one shape.
    """
    first, second = two(before, after)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.log((second + floor) / (first + floor))
    ratio[~np.isfinite(ratio)] = np.nan
    known = ratio[np.isfinite(ratio)]
    return ratio - (np.median(known) if known.size else 0.0)


def cfar_threshold(looks: float, false_alarms: float) -> float:
    """|ln I2/I1| that unchanged intensities of so many looks exceed with a given chance, both sides together.

    Raises:
        BadInput: SPC-012, looks or a chance that cannot be.
    """
    from scipy.stats import f

    if not (0.0 < looks < np.inf and 0.0 < false_alarms < 1.0):
        raise BadInput("SPC-012", looks=looks, chance=false_alarms)
    return float(np.log(f.isf(0.5 * false_alarms, 2.0 * looks, 2.0 * looks)))


def measured_looks(intensity: NDArray[np.generic]) -> float:
    """Equivalent number of looks, mean^2 / variance of the more homogeneous patches of a picture.

    Filtering raises looks: what counts is measured, not what the product's name says.

    Raises:
        BadInput: SPC-012, no patch has an intensity.
    """
    from scipy.ndimage import uniform_filter

    values = np.asarray(intensity, np.float64)
    good = np.isfinite(values)
    # a patch with a pixel without data says nothing
    values = np.where(good, values, 0.0) / max(float(np.abs(values[good]).max(initial=0.0)), 1e-300)
    mean, square = uniform_filter(values, _PATCH), uniform_filter(values**2, _PATCH)
    mean[uniform_filter((~good).astype(np.float64), _PATCH) > 1e-6] = np.nan
    variance = (square - mean**2) * (_PATCH**2 / (_PATCH**2 - 1.0))
    half = _PATCH // 2
    with np.errstate(invalid="ignore", divide="ignore"):
        looks = (mean**2 / variance)[half:-half:_PATCH, half:-half:_PATCH]
    looks = looks[np.isfinite(looks) & (looks > 0.0)]
    if not looks.size:
        raise BadInput("SPC-012", looks="?", chance="-")
    # the mode of patches over homogeneous ground; the median where all of it is
    return float(np.median(looks[looks >= np.quantile(looks, 0.5)])) if looks.size > 8 else float(looks.max())


def logratio_cfar(
    before: NDArray[np.generic], after: NDArray[np.generic], false_alarms: float = 1e-3,
    looks: float | None = None,
) -> tuple[NDArray[np.bool_], Floats]:  # fmt: skip
    """Change between two intensities at a constant false alarm rate: mask, and |ln ratio| over its threshold.

    Args:
        before, after: intensities (not amplitudes, not decibels) of one shape.
        false_alarms: share of unchanged pixels that are marked. looks: None to measure them.

    Raises:
        BadInput: SPC-011 not two rasters of one shape; SPC-012 looks or a chance that cannot be.
    """
    first, second = two(before, after)
    known = looks or min(measured_looks(first), measured_looks(second))
    strength = np.abs(log_ratio(first, second)) / cfar_threshold(known, false_alarms)
    return np.nan_to_num(strength) > 1.0, strength
