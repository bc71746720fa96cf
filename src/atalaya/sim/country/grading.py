"""Ground bent to lines: beds in which streams run downhill, cuts and banks that keep ways gentle."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.country.country import GroundLine
from atalaya.sim.country.curve import along, every, inside
from atalaya.sim.country.water import Stream

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

_REACH_POSTS = 1.42
_PASSES = 2
_LEAST_CUT_M = 0.3
GRADES = {"road": 0.09, "track": 0.13, "path": 0.20}
"""Rise per metre that ways are cut down to, by kind."""


class PostGrid:
    """Heights that are bent in place.

    Args:
        heights_m: (rows, columns) float32. west_m, north_m, post_m: of the posts.
    """

    def __init__(self, heights_m: NDArray[np.float32], west_m: float, north_m: float, post_m: float) -> None:
        self.heights_m = heights_m
        self.west_m, self.north_m, self.post_m = west_m, north_m, post_m
        rows, columns = heights_m.shape
        self.bounds_m = (west_m, north_m - (rows - 1) * post_m, west_m + (columns - 1) * post_m, north_m)

    def ground_m(self, points_m: Floats) -> Floats:
        """(n,) bilinear heights of points inside."""
        row, column = self._at(points_m)
        rows, columns = self.heights_m.shape
        i, j = np.clip(row.astype(np.intp), 0, rows - 2), np.clip(column.astype(np.intp), 0, columns - 2)
        u, v, z = row - i, column - j, self.heights_m
        upper = z[i, j] * (1.0 - v) + z[i, j + 1] * v
        lower = z[i + 1, j] * (1.0 - v) + z[i + 1, j + 1] * v
        return np.asarray(upper * (1.0 - u) + lower * u)

    def posts_about(self, points_m: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Posts of the cells a line runs through, each once, and the number of its nearest point."""
        rows, columns = self.heights_m.shape
        row, column = self._at(points_m)
        di, dj = (part.ravel() for part in np.meshgrid(*([np.arange(-1, 2)] * 2), indexing="ij"))
        i = np.round(row).astype(np.intp)[:, None] + di
        j = np.round(column).astype(np.intp)[:, None] + dj
        away = np.hypot(i - row[:, None], j - column[:, None])
        near = (away <= _REACH_POSTS) & (i >= 0) & (j >= 0) & (i < rows) & (j < columns)
        post, number = (i * columns + j)[near], np.nonzero(near)[0]
        order = np.lexsort((number, away[near], post))
        first = order[np.concatenate(([True], np.diff(post[order]) > 0))]
        return post[first], number[first]

    def _at(self, points_m: Floats) -> tuple[Floats, Floats]:
        return (self.north_m - points_m[:, 1]) / self.post_m, (points_m[:, 0] - self.west_m) / self.post_m


def laid_beds(grid: PostGrid, streams: Iterable[Stream]) -> Marks:
    """Bend the ground to streams, the largest first, so that none runs uphill; marks the posts of beds."""
    parts = [
        every(part, grid.post_m / 2.0)
        for stream in streams
        for part in inside(stream.points_m, grid.bounds_m)
    ]
    flat = grid.heights_m.reshape(-1)
    bed = np.zeros(flat.size, np.bool_)
    for _ in range(_PASSES):
        bed[:] = False
        for points in parts:
            ground = grid.ground_m(points)
            profile = np.maximum(np.minimum.accumulate(ground), ground[-1]).astype(np.float32)
            post, number = grid.posts_about(points)
            level = profile[number]
            flat[post] = np.where(bed[post], np.minimum(flat[post], level), level)
            bed[post] = True
    return bed.reshape(grid.heights_m.shape)


def graded_ways(grid: PostGrid, ways: Sequence[GroundLine], bed: Marks) -> None:
    """Cut and bank the ground where ways are too steep; beds of streams stay.

    The profile lies half way between the lowest one above the ground and the highest one below it that keep
    the grade, and comes down to the beds it crosses. Roads are done last, so that others meet them.
    """
    flat, kept = grid.heights_m.reshape(-1), bed.reshape(-1)
    lines = [way for kind in ("path", "track", "road") for way in ways if way.kind == kind]
    for way in (*lines, *lines):
        for part in inside(way.points_m, grid.bounds_m):
            points = every(part, grid.post_m / 2.0)
            ground, rise = grid.ground_m(points), along(points) * GRADES[way.kind]
            post, number = grid.posts_about(points)
            wet = np.zeros(len(points), np.bool_)
            wet[number[kept[post]]] = True
            profile = np.minimum(eased(ground, rise), _least(np.where(wet, ground, np.inf), rise))
            cut = (np.abs(profile - ground)[number] > _LEAST_CUT_M) & ~kept[post]
            flat[post[cut]] = profile[number[cut]]


def eased(ground_m: Floats, rise_m: Floats) -> Floats:
    """The mean of two envelopes that rise and fall at most as `rise_m` along the line."""
    low, high = _least(ground_m, rise_m), -_least(-ground_m, rise_m)
    return np.asarray((low + high) / 2.0)


def _least(ground_m: Floats, rise_m: Floats) -> Floats:
    """The highest envelope not above the ground that rises and falls at most as `rise_m` along the line."""
    down = np.minimum.accumulate(ground_m - rise_m) + rise_m
    up = np.minimum.accumulate((ground_m + rise_m)[::-1])[::-1] - rise_m
    return np.asarray(np.minimum(down, up))
