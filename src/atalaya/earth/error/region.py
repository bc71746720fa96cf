"""The 90 % region of a cloud: ellipses about its parts, sized so that together they hold 90 % of it."""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.error.circular import CHI2_2_90
from atalaya.earth.error.clusters import Parts
from atalaya.earth.error.order import quantile_of_cloud

Floats = NDArray[np.float64]

_FLOOR_M2 = 1e-4


def squared_distance(enu_m: Floats, mean: Floats, covariance: Floats) -> Floats:
    """(n, s) squared horizontal Mahalanobis distance of draws (n, s, 3) from one part (n, 3), (n, 3, 3).

    A centimetre is added to the deviations, so that a cloud without width has a region too.
    """
    a = covariance[:, 0, 0, None] + _FLOOR_M2
    b = covariance[:, 1, 1, None] + _FLOOR_M2
    c = covariance[:, 0, 1, None]
    east, north = enu_m[..., 0] - mean[:, 0, None], enu_m[..., 1] - mean[:, 1, None]
    return np.asarray((b * east**2 - 2.0 * c * east * north + a * north**2) / (a * b - c**2))


def region_scale(enu_m: Floats, weight: Floats, parts: Parts) -> Floats:
    """(n,) factor on the axes of every part's Gaussian 90 % ellipse that makes their union hold 90 %.

    1 for a Gaussian cloud; above 1 where the Gaussian ellipse holds too little, below where too much.
    """
    nearest = np.full(weight.shape, np.inf)
    for number in range(parts.weight.shape[1]):
        there = parts.weight[:, number] > 0.0
        if not there.any():
            continue
        distance = squared_distance(enu_m[there], parts.mean[there, number], parts.covariance[there, number])
        nearest[there] = np.minimum(nearest[there], distance)
    return np.sqrt(quantile_of_cloud(nearest, weight) / CHI2_2_90)
