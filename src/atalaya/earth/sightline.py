"""Where a straight line of sight first meets the surface of constant height above the ellipsoid."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.earth.ellipsoid import SEMI_MAJOR_M, SEMI_MINOR_M, ecef_to_geodetic, up_vector

Floats = NDArray[np.float64]

_TOLERANCE_M = 1e-6
_ROUNDS = 6


def range_to_height(origin_m: ArrayLike, toward: ArrayLike, height_hae_m: ArrayLike) -> Floats:
    """Distance along each ray to its first point at a height above the ellipsoid, descending.

    The ellipsoid with semi-axes a + h and b + h gives a start a few millimetres off; Newton steps on the
    exact geodetic height bring it below a micrometre of height.

    Args:
        origin_m: (..., 3) metres, ECEF.
        toward: (..., 3) directions, ECEF, of any length.
        height_hae_m: (...) metres above the ellipsoid.

    Returns:
        (...) metres; NaN where the ray goes above the horizon, starts below the surface, or an input is NaN.
    """
    origin, ray = np.broadcast_arrays(np.asarray(origin_m, np.float64), np.asarray(toward, np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        ray = ray / np.linalg.norm(ray, axis=-1, keepdims=True)
        height = np.broadcast_to(np.asarray(height_hae_m, np.float64), origin.shape[:-1])
        distance = _scaled_sphere(origin, ray, height)
        miss = np.full(distance.shape, np.nan)
        for _ in range(_ROUNDS):
            lon, lat, reached = ecef_to_geodetic(origin + distance[..., None] * ray)
            miss = reached - height
            if not np.any(np.abs(miss) > _TOLERANCE_M):
                break
            sinking = np.sum(up_vector(lon, lat) * ray, axis=-1)
            distance = distance - miss / sinking
        # a ray that only grazes may meet the start surface and not the exact one: say nothing then
        met = (np.abs(miss) <= 1e3 * _TOLERANCE_M) & (distance >= 0.0)
        return np.where(met, distance, np.nan)


def point_at_height(origin_m: ArrayLike, toward: ArrayLike, height_hae_m: ArrayLike) -> Floats:
    """(..., 3) metres, ECEF: the place `range_to_height` measures to; NaN where there is none."""
    origin, ray = np.asarray(origin_m, np.float64), np.asarray(toward, np.float64)
    distance = range_to_height(origin, ray, height_hae_m)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = ray / np.linalg.norm(ray, axis=-1, keepdims=True)
    return np.asarray(origin + distance[..., None] * unit)


def _scaled_sphere(origin: Floats, ray: Floats, height: Floats) -> Floats:
    """First root on the ellipsoid whose semi-axes are longer by the height; NaN where there is none."""
    axes = np.stack((SEMI_MAJOR_M + height, SEMI_MAJOR_M + height, SEMI_MINOR_M + height), axis=-1)
    p, d = origin / axes, ray / axes
    a = np.sum(d * d, axis=-1)
    b = np.sum(p * d, axis=-1)
    c = np.sum(p * p, axis=-1) - 1.0
    root = np.sqrt(b * b - a * c)
    # -b - root cancels for a low sensor far from its target; c / (-b + root) is the same root
    return np.where((b < 0.0) & (c >= 0.0), c / (root - b), np.nan)
