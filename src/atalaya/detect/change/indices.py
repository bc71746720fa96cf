"""Change of optical bands: differences of normalised indices between passes (burn scars, clearings)."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.tile import Bands

Floats = NDArray[np.float64]

INDICES = {"ndvi": (842.0, 665.0), "nbr": (842.0, 2190.0)}
"""Middles of the two bands of each index, nm: near infrared against red, and against short-wave infrared."""
_FARTHEST_NM = 60.0


def normalised_difference(first: NDArray[np.generic], second: NDArray[np.generic]) -> Floats:
    """(first - second) / (first + second), NaN where the sum is not positive."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    total = a + b
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0.0, (a - b) / total, np.nan)


def index_change(
    before: NDArray[np.generic], after: NDArray[np.generic], bands: Bands, index: str = "nbr"
) -> Floats:
    """(rows, columns) index before less index after: positive where plants went or ground burnt.

    dNBR of 0.27 and more is commonly read as at least moderate severity (Key and Benson 2006).

    Args:
        before, after: (rows, columns, bands) registered passes in one unit. index: "nbr" or "ndvi".

    Raises:
        BadInput: SPC-011 other shapes; SPC-013 no band within 60 nm of what the index needs.
    """
    first, second = np.asarray(before), np.asarray(after)
    middle = np.asarray(bands.middle_nm, np.float64)
    if first.shape != second.shape or first.ndim != 3 or first.shape[2] != len(middle):
        raise BadInput("SPC-011", before=first.shape, after=second.shape)
    places = []
    for wanted in INDICES[index]:
        place = int(np.abs(middle - wanted).argmin())
        if abs(middle[place] - wanted) > _FARTHEST_NM:
            raise BadInput("SPC-013", index=index.upper(), wanted=f"{wanted:g}")
        places.append(place)
    a, b = places
    old = normalised_difference(first[..., a], first[..., b])
    return old - normalised_difference(second[..., a], second[..., b])
