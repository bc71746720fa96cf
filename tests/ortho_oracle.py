"""An orthophoto cell by cell, the slow way: own bilinear ground, plain projection, lines walked in steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic, geodetic_to_ecef
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid
from atalaya.earth.rough_terrain import RoughTerrain

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """Per asked cell: (n, bands) value of the picture, how far inside the frame's edge (pixels), and the
    least height of its line of sight above the ground on the way (metres)."""

    value: Floats
    inside_px: Floats
    clearance_m: Floats


def ground(rough: RoughTerrain, lon: Floats, lat: Floats) -> Floats:
    row, column = (rough.north_deg - lat) / rough.step_deg, (lon - rough.west_deg) / rough.step_deg
    known = np.isfinite(row + column)
    row, column = np.where(known, row, -1.0), np.where(known, column, -1.0)
    i, j = np.floor(row).astype(int), np.floor(column).astype(int)
    bad = (i < 0) | (j < 0) | (i > rough.heights_m.shape[0] - 2) | (j > rough.heights_m.shape[1] - 2)
    i, j = np.where(bad, 0, i), np.where(bad, 0, j)
    y, x = row - i, column - j
    z = rough.heights_m.astype(np.float64)
    upper = z[i, j] * (1 - x) + z[i, j + 1] * x
    lower = z[i + 1, j] * (1 - x) + z[i + 1, j + 1] * x
    return np.where(bad, np.nan, upper * (1 - y) + lower * y)


def sampled(image: NDArray[np.uint8], column: Floats, row: Floats) -> Floats:
    """(n, bands) bilinear, held at the edges."""
    pixels = image.reshape(*image.shape[:2], -1).astype(np.float64)
    row, column = np.clip(row, 0, pixels.shape[0] - 1), np.clip(column, 0, pixels.shape[1] - 1)
    i = np.minimum(row.astype(int), pixels.shape[0] - 2)
    j = np.minimum(column.astype(int), pixels.shape[1] - 2)
    y, x = (row - i)[:, None], (column - j)[:, None]
    upper = pixels[i, j] * (1 - x) + pixels[i, j + 1] * x
    lower = pixels[i + 1, j] * (1 - x) + pixels[i + 1, j + 1] * x
    return np.asarray(upper * (1 - y) + lower * y)


def truth(
    frame: Frame, rough: RoughTerrain, grid: Grid, column: Floats, row: Floats, step_m: float = 1.0
) -> Truth:
    lon, lat = grid.lon_lat(column, row)
    height = ground(rough, lon, lat)
    place = geodetic_to_ecef(lon, lat, height)
    with np.errstate(invalid="ignore", divide="ignore"):
        c, r = frame.lens.pixels((place - frame.pose.origin_m) @ frame.pose.camera_to_ecef)
    edges = (c + 0.5, r + 0.5, frame.lens.width - 0.5 - c, frame.lens.height - 0.5 - r)
    inside = np.nan_to_num(np.min(edges, axis=0), nan=-np.inf)
    value = sampled(frame.image, np.where(inside > -1, c, 0.0), np.where(inside > -1, r, 0.0))
    return Truth(value, inside, _clearance(frame.pose.origin_m, rough, place, step_m))


def _clearance(camera: Floats, rough: RoughTerrain, place: Floats, step_m: float) -> Floats:
    way = camera - place
    length = np.linalg.norm(way, axis=1)
    unit = way / length[:, None]
    least = np.full(len(place), np.inf)
    top = float(rough.heights_m.max())
    going = np.flatnonzero(np.isfinite(length))
    t = 0.0
    while going.size:
        t += step_m
        lon, lat, height = ecef_to_geodetic(place[going] + t * unit[going])
        above = height - ground(rough, lon, lat)
        least[going] = np.fmin(least[going], above)
        going = going[(height < top) & (t + step_m < length[going]) & np.isfinite(above)]
    return least
