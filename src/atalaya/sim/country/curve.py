"""Lines on the ground: smoothed, divided, sampled."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def smoothed(points_m: Floats, reach: float) -> Floats:
    """(n, 2) points drawn towards their neighbours along the line, the ends where they were.

    Args:
        reach: standard deviation of the weights, in points.
    """
    from scipy.ndimage import gaussian_filter1d

    n = len(points_m)
    if n < 3:
        return points_m
    pad = min(n - 1, int(np.ceil(3 * reach)))
    before = 2 * points_m[:1] - points_m[pad:0:-1]
    after = 2 * points_m[-1:] - points_m[-2 : -2 - pad : -1]
    wide = np.concatenate((before, points_m, after))
    made = gaussian_filter1d(wide, reach, axis=0, mode="nearest", truncate=3.0)[pad : pad + n]
    made[0], made[-1] = points_m[0], points_m[-1]
    return np.asarray(made, np.float64)


def along(points_m: Floats) -> Floats:
    """(n,) metres from the first point to each."""
    steps = np.hypot(*np.diff(points_m, axis=0).T)
    return np.concatenate((np.zeros(1), np.cumsum(steps)))


def every(points_m: Floats, step_m: float) -> Floats:
    """The line with points at equal steps of at most so many metres, both ends kept."""
    at = along(points_m)
    if at[-1] <= 0.0:
        return points_m[[0, -1]]
    wanted = np.linspace(0.0, at[-1], int(np.ceil(at[-1] / step_m)) + 1)
    return np.stack([np.interp(wanted, at, points_m[:, k]) for k in range(2)], axis=1)


def normals(points_m: Floats) -> Floats:
    """(n, 2) unit vectors to the left of the line."""
    ahead = np.gradient(points_m, axis=0)
    ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None]
    return np.stack((-ahead[:, 1], ahead[:, 0]), axis=1)


def inside(points_m: Floats, bounds_m: tuple[float, float, float, float], least: int = 2) -> list[Floats]:
    """The parts of a line whose points lie within west, south, east, north."""
    west, south, east, north = bounds_m
    x, y = points_m.T
    kept = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], kept, [False])).astype(np.int8)))
    return [points_m[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least]
