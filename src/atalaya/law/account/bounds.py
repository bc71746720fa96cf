"""The bound B along a path: which stretch of the layer's line is near decides how far it may be wrong."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from atalaya.law.account.path import CHUNK, Path
from atalaya.law.account.port import Index

Floats = NDArray[np.float64]

EVERY = 64
"""Fixes between the places where the bound is asked for: it changes over kilometres."""


def stretches(index: Index, area: int, path: Path) -> Iterator[tuple[slice, float]]:
    """Slices of fixes that share one fix with the next, each with the bound that holds along it, metres.

    Where the line is too far away to matter the bound of the last place that it mattered at goes on, so that
    a long flight is not cut for nothing. Between two places the larger of their bounds holds.
    """
    knots = _knots(len(path))
    bound = _mattering(index, area, path, knots)
    along = np.maximum(bound[:-1], bound[1:])
    start = 0
    for number in range(len(along)):
        last = number + 1 == len(along)
        full = knots[number + 1] - knots[start] >= CHUNK
        if last or full or along[number + 1] != along[start]:
            yield slice(int(knots[start]), int(knots[number + 1]) + 1), float(along[start])
            start = number + 1


def _knots(count: int) -> NDArray[np.int64]:
    """Fixes to ask at, the first and the last among them; a single fix stands twice."""
    if count < 2:
        return np.array([0, 0], np.int64)
    return np.unique(np.append(np.arange(0, count, EVERY), count - 1))


def _mattering(index: Index, area: int, path: Path, knots: NDArray[np.int64]) -> Floats:
    """(k,) the bound at each place, carried on from the last place where the line was near enough."""
    lon, lat = path.lon_deg[knots], path.lat_deg[knots]
    bound: Floats = index.bound_m(area, lon, lat)
    if bool((bound == bound[0]).all()):
        return bound
    lower, upper = index.depth_bounds_m(area, lon, lat)
    away = np.maximum(np.maximum(lower, -upper), 0.0)
    matters = away <= bound + path.radius_m[knots] + _reach_m(path, knots)
    if not matters.any():
        nearest: float = float(bound[np.argmin(away - bound)])
        return np.full(len(knots), nearest)
    carried = np.maximum.accumulate(np.where(matters, np.arange(len(knots)), -1))
    carried[carried < 0] = np.argmax(matters)
    held: Floats = bound[carried]
    return held


def _reach_m(path: Path, knots: NDArray[np.int64]) -> Floats:
    """(k,) how far the aircraft can have been from each place on the way to its neighbours."""
    seconds = np.diff(path.t_us[knots]) / 1e6
    way = np.append(0.0, seconds * path.speed_mps)
    reach: Floats = np.maximum(way, np.append(way[1:], 0.0))
    return reach
