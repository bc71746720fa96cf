"""The ground under a flight, never taken too low: the highest post of every cell passed over."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.geoid import undulation_m
from atalaya.earth.grid_map import GridMap
from atalaya.earth.surface import Surface
from atalaya.plan.airspace import kernels
from atalaya.plan.airspace.pieces import Pieces
from atalaya.plan.plane import between

Floats = NDArray[np.float64]

SAMPLE_M = 30.0
_INWARD = 1e-3


@dataclass(frozen=True, slots=True)
class Underfoot:
    """Stretches of pieces, each over one cell of the terrain (or one sample of a surface without cells).

    piece: (k,) int64      start, end: (k,) shares of the piece
    low_msl_m, high_msl_m: (k,) bounds of the ground under it, NaN where it is not known
    """

    piece: NDArray[np.int64]
    start: Floats
    end: Floats
    low_msl_m: Floats
    high_msl_m: Floats


def underfoot(terrain: Surface, pieces: Pieces) -> Underfoot:
    """Bounds of the ground under pieces: of bilinear ground the posts about a cell bound all of it.

    A surface that is not a raster is sampled every 30 m.
    """
    grid = getattr(terrain, "grid_map", None)
    if grid is None:
        return _sampled(terrain, pieces)
    row, column = _rows_columns(grid, pieces.lon_deg, pieces.lat_deg)
    far = ~((np.abs(row) < 1e8) & (np.abs(column) < 1e8)).all(axis=1)
    row[far], column[far] = -10.0, -10.0  # nowhere near the raster: ground is not known there
    needed = int(np.abs(np.diff(row)).sum() + np.abs(np.diff(column)).sum() + 4 * len(row) + 16)
    cells = np.empty((needed, 5))
    cells = cells[: kernels.cells_under(row, column, cells)]
    piece = cells[:, 0].astype(np.int64)
    low, high = _corners(terrain, grid, cells[:, 1].astype(np.int64), cells[:, 2].astype(np.int64))
    geoid = pieces.geoid_m[piece].mean(axis=1)
    return Underfoot(piece, cells[:, 3], cells[:, 4], low - geoid, high - geoid)


def _rows_columns(grid: GridMap, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
    """Fractional rows and columns of many places, also outside the raster."""
    a, b, c, d, e, f = grid.post_affine
    if grid.to_geodetic is None:
        middle = a + b * grid.middle[1] + c * grid.middle[0]
        x, y = middle + (lon_deg - middle + 180.0) % 360.0 - 180.0, lat_deg
    else:
        x, y = grid.to_geodetic.transform(lon_deg, lat_deg, direction="INVERSE")
    scale = b * f - c * e
    column, row = (f * (x - a) - c * (y - d)) / scale, (b * (y - d) - e * (x - a)) / scale
    return np.array(row), np.array(column)


def bounds_of(under: Underfoot, count: int) -> Floats:
    """(count, 2) lowest and highest ground under each piece, msl; -1e9, 1e9 where some is not known."""
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, under.piece, np.where(np.isnan(under.low_msl_m), -1e9, under.low_msl_m))
    np.maximum.at(high, under.piece, np.where(np.isnan(under.high_msl_m), 1e9, under.high_msl_m))
    return np.stack((low, high), axis=1)


def _corners(
    terrain: Surface, grid: GridMap, row: NDArray[np.int64], column: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Lowest and highest of the four posts about cells, above the ellipsoid; NaN outside and in voids."""
    rows, columns = terrain.shape  # type: ignore[attr-defined]
    inside = (row >= 0) & (row <= rows - 2) & (column >= 0) & (column <= columns - 2)
    cell = np.where(inside, row * columns + column, 0)
    unique, back = np.unique(cell, return_inverse=True)
    corner = unique[:, None] + np.array([0, 1, columns, columns + 1])
    posts, where = np.unique(corner, return_inverse=True)
    at = (
        np.clip(posts // columns, _INWARD, rows - 1 - _INWARD),
        np.clip(posts % columns, _INWARD, columns - 1 - _INWARD),
    )
    heights = terrain.height_hae_m(*grid.places(*at))[where.reshape(corner.shape)]
    low, high = heights.min(axis=1)[back], heights.max(axis=1)[back]
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _sampled(terrain: Surface, pieces: Pieces) -> Underfoot:
    first, second = pieces.ends_m
    count = np.maximum(np.ceil(np.linalg.norm(second - first, axis=1) / SAMPLE_M), 1).astype(np.int64)
    piece = np.repeat(np.arange(len(count)), count)
    start = (np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)) / count[piece]
    end = start + 1.0 / count[piece]
    ends = (
        pieces.lon_deg[piece, 0],
        pieces.lat_deg[piece, 0],
        pieces.lon_deg[piece, 1],
        pieces.lat_deg[piece, 1],
    )
    heights = []
    for share in (start, end):
        lon, lat = between(*ends, share)
        heights.append(terrain.height_hae_m(lon, lat) - undulation_m(lon, lat))
    return Underfoot(piece, start, end, np.minimum(*heights), np.maximum(*heights))
