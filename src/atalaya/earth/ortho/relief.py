"""The heights a block of cells needs: its own posts and those on the way to the camera, ready for kernels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ortho.grid import Grid, east_north, lon_lat
from atalaya.earth.ortho.occlusion import kernels
from atalaya.earth.surface import Surface
from atalaya.earth.terrain import Terrain

Floats = NDArray[np.float64]
Locate = Callable[[Floats, Floats], tuple[Floats, Floats]]
Window = tuple[int, int, int, int]

MOST_POSTS = 36_000_000
"""More posts than this (144 MB) are thinned out."""

_EDGE_POSTS = 1e-7
_LEVEL_STEP_M = 1000.0
_UNKNOWN_STEP_CELLS = 4.0


@dataclass(frozen=True)
class Relief:
    """Posts in a window.

    posts: (r, c) float32, metres above the ellipsoid, NaN where unknown, at least 2 x 2
    locate: from longitude and latitude (degrees) to row and column of these posts
    spacing_m: between neighbours
    tops, offsets, shapes: pyramid of maxima, see `kernels.pyramid`
    """

    posts: NDArray[np.float32]
    locate: Locate
    spacing_m: float
    tops: NDArray[np.float32]
    offsets: NDArray[np.int64]
    shapes: NDArray[np.int64]


class ReliefSource:
    """Windows of posts of any surface; a `Terrain` gives its own posts, others are sampled.

    Args:
        surface: the ground.
        grid: cells of the output; posts finer than its cells are thinned to them.
        step_m: distance of the samples of a surface that has no posts of its own.
    """

    def __init__(self, surface: Surface, grid: Grid, *, step_m: float | None = None) -> None:
        self.surface = surface
        self._crs = grid.crs
        self._terrain: Terrain | None = None
        if isinstance(surface, Terrain) and step_m is None and min(surface.spacing_m) >= 0.5 * grid.cell_m:
            self._terrain = surface
            self._step_m = min(surface.spacing_m)
        elif step_m is not None:
            self._step_m = step_m
        elif surface.kind == "level":
            self._step_m = _LEVEL_STEP_M
        elif isinstance(surface, Terrain):
            self._step_m = grid.cell_m
        else:
            self._step_m = _UNKNOWN_STEP_CELLS * grid.cell_m

    @property
    def refraction(self) -> float:
        """Share of the Earth's curvature that light follows above this surface."""
        return self.surface.refraction if isinstance(self.surface, Terrain) else 0.0

    def around(self, lon_deg: Floats, lat_deg: Floats) -> Relief:
        """Posts of the window that holds all these places (degrees; NaN are left out)."""
        known = np.isfinite(lon_deg) & np.isfinite(lat_deg)
        lon, lat = lon_deg[known], lat_deg[known]
        posts, locate = self._own(lon, lat) if self._terrain is not None else self._sampled(lon, lat)
        return _with_pyramid(posts, locate, self._step_m)

    def _own(self, lon: Floats, lat: Floats) -> tuple[Floats, Locate]:
        terrain = self._terrain
        assert terrain is not None
        rows, columns = terrain.shape
        row, column = _post_of(terrain, lon, lat)
        top, bottom = _span(row, rows)
        left, right = _span(column, columns)
        thin = _thinning((bottom - top) * (right - left))
        down = np.minimum(np.arange(top, bottom + thin, thin), rows - 1)
        across = np.minimum(np.arange(left, right + thin, thin), columns - 1)
        row, column = np.meshgrid(down.astype(np.float64), across.astype(np.float64), indexing="ij")
        heights = _posts(terrain, row, column)

        def locate(lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
            r, c = _post_of(terrain, lon_deg, lat_deg)
            return (r - top) / thin, (c - left) / thin

        return heights, locate

    def _sampled(self, lon: Floats, lat: Floats) -> tuple[Floats, Locate]:
        crs = self._crs
        east, north = east_north(crs, lon, lat)
        step = self._step_m
        tall, wide = np.ptp(north) / step + 3, np.ptp(east) / step + 3
        step *= _thinning(tall * wide)
        west = (np.floor(east.min() / step) - 1.0) * step
        top = (np.ceil(north.max() / step) + 1.0) * step
        across = np.arange(west, east.max() + 2 * step, step)
        down = np.arange(top, north.min() - 2 * step, -step)
        places = lon_lat(crs, *np.meshgrid(across, down))
        heights = self.surface.height_hae_m(places[0].ravel(), places[1].ravel()).reshape(places[0].shape)

        def locate(lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
            x, y = east_north(crs, lon_deg, lat_deg)
            return (top - y) / step, (x - west) / step

        return heights, locate


def _post_of(terrain: Terrain, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Row and column of posts of places, exact; the inverse of the terrain's own `places`."""
    a, b, c, d, e, f = terrain.grid_map.post_affine
    if terrain.grid_map.to_geodetic is None:
        middle = a + b * (terrain.shape[1] - 1) / 2.0 + c * (terrain.shape[0] - 1) / 2.0
        x, y = middle + (lon - middle + 180.0) % 360.0 - 180.0, lat
    else:
        from pyproj.enums import TransformDirection

        x, y = terrain.grid_map.to_geodetic.transform(lon, lat, direction=TransformDirection.INVERSE)
    size = b * f - c * e
    return (b * (y - d) - e * (x - a)) / size, (f * (x - a) - c * (y - d)) / size


def _posts(terrain: Terrain, row: Floats, column: Floats) -> Floats:
    """Heights at whole rows and columns.

    Beside a void, rounding may put a post's place a hair on the void's side: then its other sides are asked.
    """
    heights = terrain.height_hae_m(*terrain.grid_map.places(row, column))
    for down, across in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        void = np.isnan(heights)
        if not void.any():
            break
        aside = row[void] + down * _EDGE_POSTS, column[void] + across * _EDGE_POSTS
        heights[void] = terrain.height_hae_m(*terrain.grid_map.places(*aside))
    return heights


def _span(places: Floats, count: int) -> tuple[int, int]:
    """First and last post around places, at least two and within the raster."""
    first = int(np.clip(np.floor(places.min()) - 1, 0, count - 2))
    last = int(np.clip(np.ceil(places.max()) + 1, first + 1, count - 1))
    return first, last


def _thinning(posts: float) -> int:
    return max(1, int(np.ceil(np.sqrt(posts / MOST_POSTS))))


def _with_pyramid(heights: Floats, locate: Locate, spacing_m: float) -> Relief:
    posts = np.ascontiguousarray(heights, np.float32)
    shapes = [(posts.shape[0] - 1, posts.shape[1] - 1)]
    while max(shapes[-1]) > 1:
        shapes.append(((shapes[-1][0] + 1) // 2, (shapes[-1][1] + 1) // 2))
    sizes = [rows * columns for rows, columns in shapes]
    offsets = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)
    table = np.array(shapes, np.int64)
    tops = np.empty(sum(sizes), np.float32)
    kernels.pyramid(posts, offsets, table, tops)
    return Relief(posts, locate, spacing_m, tops, offsets, table)
