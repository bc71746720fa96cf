"""Depths of cell centres of one area, worked out where positions ask for them and kept."""

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from atalaya.law.boundary.bounds.kernels import EIGHTH, LARGE, MEDIUM, SMALL, TENTH, bounds_of_points

Floats = NDArray[np.float64]
DepthOf = Callable[[Floats, Floats], Floats]

METRES_PER_DEG = 111_700.0
"""A little more than the longest degree of latitude of WGS 84."""


class DepthCells:
    """Bounds of one area's depth.

    Args:
        depth_of: exact signed depth in metres at (n,) longitudes and latitudes.
    """

    def __init__(self, depth_of: DepthOf) -> None:
        self._depth_of = depth_of
        self._growing = threading.Lock()
        self._radius = _radii()
        self._large = np.full(64800, np.nan)
        self._medium_of = np.full(64800, -1, np.int32)
        self._medium = np.empty((0, TENTH * TENTH))
        self._small_of = np.empty((0, TENTH * TENTH), np.int32)
        self._small = np.empty((0, EIGHTH * EIGHTH))

    def bounds_m(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """(n,) lower and upper bound of the depth, NaN for NaN."""
        low, high = np.empty(len(lon)), np.empty(len(lon))
        missing = np.empty((len(lon), 3), np.int64)
        asked = np.arange(len(lon))
        with self._growing:
            while len(asked):
                part_low, part_high = np.empty(len(asked)), np.empty(len(asked))
                gaps = bounds_of_points(
                    *(lon[asked], lat[asked], self._radius, self._large, self._medium_of, self._medium),
                    *(self._small_of, self._small, part_low, part_high, missing),
                )
                low[asked], high[asked] = part_low, part_high
                if not gaps:
                    break
                self._learn(np.unique(missing[:gaps], axis=0))
                asked = asked[np.isnan(part_low) & ~np.isnan(lon[asked] + lat[asked])]
        return low, high

    def _learn(self, cells: NDArray[np.int64]) -> None:
        size, place, part = cells.T
        here = size == LARGE
        if here.any():
            cell = place[here]
            self._large[cell] = self._depth_of(*_degree(cell, 0.5, 0.5))
        here = size == MEDIUM
        if here.any():
            self._learn_medium(place[here], part[here])
        here = size == SMALL
        if here.any():
            self._learn_small(place[here], part[here])

    def _learn_medium(self, cell: NDArray[np.int64], part: NDArray[np.int64]) -> None:
        new = np.unique(cell[self._medium_of[cell] < 0])
        self._medium_of[new] = len(self._medium) + np.arange(len(new))
        self._medium = np.vstack((self._medium, np.full((len(new), TENTH * TENTH), np.nan)))
        fresh = np.full((len(new), TENTH * TENTH), -1, np.int32)
        self._small_of = np.vstack((self._small_of, fresh))
        x, y = (part % TENTH + 0.5) / TENTH, (part // TENTH + 0.5) / TENTH
        self._medium[self._medium_of[cell], part] = self._depth_of(*_degree(cell, x, y))

    def _learn_small(self, place: NDArray[np.int64], tiny: NDArray[np.int64]) -> None:
        cell, part = place // 100, place % 100
        table = self._medium_of[cell]
        known = self._small_of[table, part] >= 0
        new = np.unique(place[~known])
        self._small_of[self._medium_of[new // 100], new % 100] = len(self._small) + np.arange(len(new))
        self._small = np.vstack((self._small, np.full((len(new), EIGHTH * EIGHTH), np.nan)))
        x = (part % TENTH + (tiny % EIGHTH + 0.5) / EIGHTH) / TENTH
        y = (part // TENTH + (tiny // EIGHTH + 0.5) / EIGHTH) / TENTH
        self._small[self._small_of[table, part], tiny] = self._depth_of(*_degree(cell, x, y))


def _degree(cell: NDArray[np.int64], x: Floats | float, y: Floats | float) -> tuple[Floats, Floats]:
    """Longitude and latitude of a place within a cell of one degree."""
    west, south = (cell % 360 - 180).astype(np.float64), (cell // 360 - 90).astype(np.float64)
    return west + x, south + y


def _radii() -> Floats:
    """(3, 180) metres from a cell's centre to its farthest corner, by size and row of one degree."""
    south = np.arange(180) - 90.0
    widest: Floats = np.cos(np.radians(np.where(south >= 0.0, south, -(south + 1.0))))
    whole: Floats = METRES_PER_DEG * np.hypot(0.5, 0.5 * widest)
    radii: Floats = np.stack((whole, whole / TENTH, whole / (TENTH * EIGHTH)))
    return radii
