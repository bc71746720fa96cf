"""Where the middles of the pixels of some lines meet the ground: rays of the earth room, exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis
from atalaya.earth.lens import Pinhole
from atalaya.sim.country.country import Country

Floats = NDArray[np.float64]

_BESIDE_DEG = 1e-4


@dataclass(frozen=True)
class LineGround:
    """Pixels of l lines of c columns; NaN where a ray meets nothing.

    lon_deg, lat_deg, height_hae_m: (l, c)     grid_m: (l, c, 3) east, north on the country's grid, height
    slant_m, depth: (l, c) to there, and over rays [1, x, 0]     up_m: (l, c) of the camera over it
    turn: (l, 3, 3) camera to grid east, north, up
    """

    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats
    grid_m: Floats
    slant_m: Floats
    depth: Floats
    up_m: Floats
    turn: Floats


def line_ground(country: Country, lens: Pinhole, origin_m: Floats, turn: Floats) -> LineGround:
    """Of lines from poses.

    Args:
        lens: of one row. origin_m: (l, 3) ECEF. turn: (l, 3, 3) camera to ECEF.
    """
    lines, columns = len(origin_m), lens.width
    camera = lens.directions(np.arange(columns, dtype=np.float64), np.zeros(columns))
    # sums in one order, whatever the number of lines
    toward = sum(camera[None, :, k, None] * turn[:, None, :, k] for k in range(3))
    hits = country.terrain.hits(np.repeat(origin_m, columns, axis=0), np.asarray(toward).reshape(-1, 3))
    lon, lat, height, slant = (
        part.reshape(lines, columns) for part in (hits.lon_deg, hits.lat_deg, hits.height_hae_m, hits.range_m)
    )
    grid = np.full((lines, columns, 3), np.nan)
    found = hits.found.reshape(lines, columns)
    grid[found, 0], grid[found, 1] = country.metres(lon[found], lat[found])
    grid[..., 2] = height
    to_grid, eye_m = _grid_axes(country, origin_m)
    local = sum(to_grid[:, :, k, None] * turn[:, None, k] for k in range(3))
    depth = slant / np.linalg.norm(camera, axis=1)
    return LineGround(lon, lat, height, grid, slant, depth, eye_m[:, None] - height, np.asarray(local))


def _grid_axes(country: Country, origin_m: Floats) -> tuple[Floats, Floats]:
    """(l, 3, 3) ECEF to grid east, north, up at each place; (l,) its height above the ellipsoid."""
    lon, lat, height = ecef_to_geodetic(origin_m)
    east, north, up = np.moveaxis(enu_basis(lon, lat), -1, 0)
    here, there = country.metres(lon, lat), country.metres(lon, lat + _BESIDE_DEG)
    angle = np.arctan2(there[0] - here[0], there[1] - here[1])[:, None]
    cos, sin = np.cos(angle), np.sin(angle)
    # true north leans by `angle` to the east of the grid's
    axes = (cos * east + sin * north, cos * north - sin * east, up)
    return np.stack(axes, axis=1), height
