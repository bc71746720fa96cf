"""First meeting of rays with a raster of heights by walking every ray in small steps: slow and simple.

Shares nothing with the pyramid: its own conversion from ECEF (three rounds of Bowring's first iteration), its
own bilinear ground. Also a plain step march as people write it, ten metres at a time.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ORACLE_STEP_M = 0.5
PLAIN_STEP_M = 10.0


@dataclass(frozen=True)
class LonLatPosts:
    """heights_m: (rows, columns) metres above the ellipsoid; the first post is at (west, north)."""

    heights_m: NDArray[np.float32]
    west_deg: float
    north_deg: float
    step_deg: float

    @cached_property
    def highest_m(self) -> float:
        """Of all posts."""
        return float(self.heights_m.max())


@njit(cache=True, nogil=True, error_model="numpy")
def _gap(x: float, y: float, z: float, heights: Any, west: float, north: float, step: float) -> Any:
    """Height of a point, and how far above the ground it is (NaN outside)."""
    a, f = 6378137.0, 1.0 / 298.257223563
    b = a * (1.0 - f)
    e2, ep2 = f * (2.0 - f), f * (2.0 - f) / (1.0 - f) ** 2
    p = np.sqrt(x * x + y * y)
    tan_beta = a * z / (b * p)
    tan_phi = 0.0
    for _ in range(3):
        cos_beta = 1.0 / np.sqrt(1.0 + tan_beta * tan_beta)
        sin_beta = tan_beta * cos_beta
        tan_phi = (z + ep2 * b * sin_beta * sin_beta * sin_beta) / (
            p - e2 * a * cos_beta * cos_beta * cos_beta
        )
        tan_beta = (1.0 - f) * tan_phi
    cos_phi = 1.0 / np.sqrt(1.0 + tan_phi * tan_phi)
    sin_phi = tan_phi * cos_phi
    height = p * cos_phi + z * sin_phi - a * np.sqrt(1.0 - e2 * sin_phi * sin_phi)
    phi = np.arctan(tan_phi)
    row = (north - np.degrees(phi)) / step
    column = (np.degrees(np.arctan2(y, x)) - west) / step
    i, j = int(np.floor(row)), int(np.floor(column))
    if i < 0 or j < 0 or i >= heights.shape[0] - 1 or j >= heights.shape[1] - 1:
        return height, np.nan
    u, v = row - i, column - j
    upper = heights[i, j] * (1.0 - v) + heights[i, j + 1] * v
    lower = heights[i + 1, j] * (1.0 - v) + heights[i + 1, j + 1] * v
    return height, height - (upper * (1.0 - u) + lower * u)


@njit(cache=True, nogil=True, error_model="numpy")
def _march(
    origin: Any, toward: Any, heights: Any, west: float, north: float, step: float, stride: float, leap: bool,
    farthest: float, highest: float,
) -> Any:  # fmt: skip
    found = np.full(len(toward), np.nan)
    for k in range(len(toward)):
        ox, oy, oz = origin[k]
        dx, dy, dz = toward[k]
        t = 0.0
        while t < farthest:
            height, gap = _gap(ox + t * dx, oy + t * dy, oz + t * dz, heights, west, north, step)
            if np.isnan(gap) and height <= highest:
                break
            if gap < 0.0:
                low, high = t - stride, t
                for _ in range(40):
                    t = 0.5 * (low + high)
                    if _gap(ox + t * dx, oy + t * dy, oz + t * dz, heights, west, north, step)[1] < 0.0:
                        high = t
                    else:
                        low = t
                found[k] = high
                break
            # no ray sinks by more than a metre a metre: above the highest post it may leap
            t += max(stride, height - highest) if leap else stride
    return found


def oracle_range_m(
    origin_m: Floats, toward: Floats, posts: LonLatPosts, *, farthest_m: float = 60_000.0
) -> Floats:
    """(n,) range of the first meeting by steps of half a metre; NaN without one."""
    return _called(origin_m, toward, posts, ORACLE_STEP_M, True, farthest_m)


def plain_range_m(
    origin_m: Floats, toward: Floats, posts: LonLatPosts, *, farthest_m: float = 60_000.0
) -> Floats:
    """(n,) range by steps of ten metres and bisection, from the camera on: the plain way."""
    return _called(origin_m, toward, posts, PLAIN_STEP_M, False, farthest_m)


def gap_m(points_m: Floats, posts: LonLatPosts) -> Floats:
    """(n,) metres of ECEF points above the ground."""
    return np.array(
        [
            _gap(x, y, z, posts.heights_m, posts.west_deg, posts.north_deg, posts.step_deg)[1]
            for x, y, z in points_m
        ]
    )


def _called(
    origin_m: Floats, toward: Floats, posts: LonLatPosts, stride: float, leap: bool, farthest_m: float
) -> Floats:
    unit = toward / np.linalg.norm(toward, axis=1, keepdims=True)
    origin = np.ascontiguousarray(np.broadcast_to(origin_m, unit.shape))
    where = (posts.west_deg, posts.north_deg, posts.step_deg)
    return np.asarray(
        _march(origin, unit, posts.heights_m, *where, stride, leap, farthest_m, posts.highest_m)
    )
