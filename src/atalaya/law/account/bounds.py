"""The bound B along a path: which stretch of the layer's line is near decides how far it may be wrong."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from atalaya.law.account.path import CHUNK, Path
from atalaya.law.account.port import Index

Floats = NDArray[np.float64]

EVERY, APART_M = 64, 4_000.0
"""Fixes, and metres along the track, between the places where the bound is asked for."""

GROWTH = 1.1
"""From one step of a growing bound to the next."""


def stretches(index: Index, area: int, path: Path) -> Iterator[tuple[slice, float]]:
    """Slices of fixes that share one fix with the next, each with the bound that holds along it, metres.

    Where the line is too far away to matter the bound of the last place that it mattered at goes on, so that
    a long flight is not cut for nothing. Between two places the larger of their bounds holds.
    """
    knots = _knots(path)
    bound = _mattering(index, area, path, knots)
    along = np.maximum(bound[:-1], bound[1:])
    start = 0
    for number in range(len(along)):
        last = number + 1 == len(along)
        full = knots[number + 1] - knots[start] >= CHUNK
        if last or full or along[number + 1] != along[start]:
            yield slice(int(knots[start]), int(knots[number + 1]) + 1), float(along[start])
            start = number + 1


def _knots(path: Path) -> NDArray[np.int64]:
    """Fixes to ask at, the first and the last among them; a single fix stands twice."""
    count = len(path)
    if count < 2:
        return np.array([0, 0], np.int64)
    stage = np.append(0.0, np.cumsum(path.step_m)) // APART_M
    new_stage = np.flatnonzero(stage[1:] != stage[:-1]) + 1
    return np.unique(np.concatenate((np.arange(0, count, EVERY), new_stage, [count - 1])))


def _mattering(index: Index, area: int, path: Path, knots: NDArray[np.int64]) -> Floats:
    """(k,) the bound at each place, carried on from the last place where the line was near enough."""
    lon, lat = path.lon_deg[knots], path.lat_deg[knots]
    largest = index.record.bound_of(index.areas[area])
    lower, upper = index.depth_bounds_m(area, lon, lat)
    away = np.maximum(np.maximum(lower, -upper), 0.0) - path.radius_m[knots] - _reach_m(path, knots)
    near = np.flatnonzero(away <= largest)
    if not len(near):
        near = np.array([np.argmin(away)])
    bound = index.bound_m(area, lon[near], lat[near])
    matters = away[near] <= bound
    if not matters.any():
        return np.full(len(knots), float(bound[np.argmin(away[near] - bound)]))
    stepped = _stepped(bound[matters], index, largest)
    last = np.searchsorted(near[matters], np.arange(len(knots)), side="right") - 1
    held: Floats = stepped[np.maximum(last, 0)]
    return held


def _stepped(bound: Floats, index: Index, largest: float) -> Floats:
    """The bounds in few steps, never lowered, so that a long flight is cut into few stretches.

    Where a poor stretch of line comes nearer the bound grows smoothly, metre by metre: what it can grow by
    between two places is added to it. What a section states stays as it is, and nothing exceeds the area's
    largest.
    """
    stated = np.array([index.record.bound_m, *(section.bound_m for section in index.record.sections)])
    grown = np.maximum(bound + APART_M / 2, 1.0)
    raised = np.minimum(GROWTH ** np.ceil(np.log(grown) / np.log(GROWTH)), largest)
    stepped: Floats = np.where(np.isin(bound, stated), bound, raised)
    return stepped


def _reach_m(path: Path, knots: NDArray[np.int64]) -> Floats:
    """(k,) how far the aircraft can have been from each place on the way to its neighbours."""
    seconds = np.diff(path.t_us[knots]) / 1e6
    way = np.append(0.0, seconds * path.speed_mps)
    reach: Floats = np.maximum(way, np.append(way[1:], 0.0))
    return reach
