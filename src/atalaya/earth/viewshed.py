"""What an observer sees of the ground, and whether two places see each other.

A line is cast from just above each place to the observer by the march that finds first hits, so that both
agree; the Earth's curvature and the terrain's refraction are in it.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.terrain import Terrain

Floats = NDArray[np.float64]

ABOVE_GROUND_M = 0.5
_CELLS_AT_ONCE = 1 << 20


class Sight(IntEnum):
    """Whether a place is seen."""

    HIDDEN = 0
    SEEN = 1
    UNKNOWN = 2
    """The place or the line to it lies outside the model or in a void."""


@dataclass(frozen=True)
class Viewshed:
    """Cells of the ground and whether they are seen: the terrain's own posts, or every n-th of them.

    rows, columns: (r,), (c,) of the terrain's posts
    sight: (r, c) uint8 `Sight`
    lon_deg, lat_deg: (r, c) WGS 84
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    sight: NDArray[np.uint8]
    lon_deg: Floats
    lat_deg: Floats

    @property
    def share_seen(self) -> float:
        """Of the cells that are known; NaN where none is."""
        known = int((self.sight != Sight.UNKNOWN).sum())
        return float((self.sight == Sight.SEEN).sum() / known) if known else float("nan")


def viewshed_from(
    terrain: Terrain,
    lon_deg: float,
    lat_deg: float,
    height_hae_m: float,
    *,
    within_m: float | None = None,
    above_m: float = ABOVE_GROUND_M,
    every: int = 1,
) -> Viewshed:
    """What is seen from one place.

    Args:
        lon_deg, lat_deg, height_hae_m: of the observer.
        within_m: half the side of the square about the observer that is asked for; None for all there is.
        above_m: height over the ground of what is to be seen.
        every: n to look at every n-th row and column of posts only.
    """
    rows, columns = _window(terrain, lon_deg, lat_deg, within_m, every)
    observer = geodetic_to_ecef(lon_deg, lat_deg, height_hae_m)
    shape = (len(rows), len(columns))
    sight = np.empty(shape, np.uint8)
    lon, lat = np.empty(shape), np.empty(shape)
    band = max(1, _CELLS_AT_ONCE // max(len(columns), 1))
    for start in range(0, len(rows), band):
        part = slice(start, start + band)
        row, column = np.meshgrid(rows[part].astype(np.float64), columns.astype(np.float64), indexing="ij")
        lon[part], lat[part] = terrain.grid_map.places(row, column)
        posts = np.stack((row.ravel(), column.ravel()), axis=1)
        seen = terrain.sightlines(
            lon[part].ravel(), lat[part].ravel(), observer, above_m=above_m, posts=posts
        )
        sight[part] = seen.reshape(row.shape)
    return Viewshed(rows, columns, sight, lon, lat)


def line_of_sight(
    terrain: Terrain,
    lon1_deg: ArrayLike,
    lat1_deg: ArrayLike,
    height1_hae_m: ArrayLike,
    lon2_deg: ArrayLike,
    lat2_deg: ArrayLike,
    height2_hae_m: ArrayLike,
) -> NDArray[np.uint8]:
    """(n,) `Sight` between first and second places; all arguments broadcast to (n,).

    A place below the ground sees and is seen from nowhere.
    """
    parts = (lon1_deg, lat1_deg, height1_hae_m, lon2_deg, lat2_deg, height2_hae_m)
    lon1, lat1, height1, lon2, lat2, height2 = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(part, np.float64)) for part in parts)
    )
    seen = terrain.sightlines(lon1, lat1, geodetic_to_ecef(lon2, lat2, height2), height_hae_m=height1)
    buried = (terrain.height_hae_m(lon1, lat1) > height1) | (terrain.height_hae_m(lon2, lat2) > height2)
    seen[buried] = Sight.HIDDEN
    return seen


def _window(
    terrain: Terrain, lon_deg: float, lat_deg: float, within_m: float | None, every: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if within_m is None:
        return np.arange(0, terrain.shape[0], every), np.arange(0, terrain.shape[1], every)
    row, column = terrain.grid_map.posts(lon_deg, lat_deg)
    ranges = []
    for at, spacing, count in zip((row, column), terrain.spacing_m, terrain.shape, strict=True):
        reach = within_m / spacing
        first = min(max(0, int(np.ceil(at - reach))), count)
        ranges.append(np.arange(first, max(min(count, int(np.floor(at + reach)) + 1), first), every))
    return ranges[0], ranges[1]
