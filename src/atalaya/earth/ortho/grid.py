"""The output grid: square cells, north up, in a projected reference system in metres."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Lens, Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.surface import Surface

if TYPE_CHECKING:
    from pyproj import Transformer

Floats = NDArray[np.float64]

LARGEST_CELLS = 4_000_000_000
"""More cells than this is a camera near the horizon, not a wish."""

_LATTICE = 33
_PAD_CELLS = 2


@dataclass(frozen=True)
class Grid:
    """Cells of one raster.

    Args:
        crs: projected reference system in metres, as PROJ reads it ("EPSG:32613").
        west_m, north_m: outer edge of the upper left cell, metres in `crs`.
        cell_m: side of a cell.
        width, height: cells.
    """

    crs: str
    west_m: float
    north_m: float
    cell_m: float
    width: int
    height: int

    def window(self, row: int, column: int, height: int, width: int) -> "Grid":
        """A part of this grid, cut at its edges."""
        return Grid(
            self.crs,
            self.west_m + column * self.cell_m,
            self.north_m - row * self.cell_m,
            self.cell_m,
            min(width, self.width - column),
            min(height, self.height - row),
        )

    def east_north(self, column: ArrayLike, row: ArrayLike) -> tuple[Floats, Floats]:
        """Metres in `crs` of cells; an integer is the middle of a cell."""
        east = self.west_m + (np.asarray(column, np.float64) + 0.5) * self.cell_m
        north = self.north_m - (np.asarray(row, np.float64) + 0.5) * self.cell_m
        return east, north

    def lon_lat(self, column: ArrayLike, row: ArrayLike) -> tuple[Floats, Floats]:
        """Degrees, WGS 84, of cells; an integer is the middle of a cell."""
        return lon_lat(self.crs, *self.east_north(column, row))

    def cells(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
        """Columns and rows of places; an integer is the middle of a cell."""
        east, north = east_north(self.crs, lon_deg, lat_deg)
        return (east - self.west_m) / self.cell_m - 0.5, (self.north_m - north) / self.cell_m - 0.5

    def windows(self, size: int) -> "list[tuple[int, int, Grid]]":
        """(row, column, part) of square windows of `size` cells that cover this grid, row by row."""
        return [
            (row, column, self.window(row, column, size, size))
            for row in range(0, self.height, size)
            for column in range(0, self.width, size)
        ]


def utm_crs(lon_deg: float, lat_deg: float) -> str:
    """EPSG code of the UTM zone (WGS 84) of a place; the exceptions of Norway and Svalbard are not made."""
    zone = int(np.clip(np.floor((lon_deg + 180.0) % 360.0 / 6.0), 0, 59)) + 1
    return f"EPSG:{(32600 if lat_deg >= 0 else 32700) + zone}"


@lru_cache(maxsize=32)
def _transformers(crs: str) -> "tuple[Transformer, Transformer]":
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    try:
        found = CRS.from_user_input(crs)
    except CRSError as error:
        raise BadInput("EAR-082", where=crs, detail=str(error)) from error
    metres = all(axis.unit_conversion_factor == 1.0 for axis in found.axis_info[:2])
    if not (found.is_projected and metres):
        raise BadInput("EAR-082", where=crs, detail="not projected in metres")
    geographic = CRS.from_epsg(4326)
    return (
        Transformer.from_crs(geographic, found, always_xy=True),
        Transformer.from_crs(found, geographic, always_xy=True),
    )


def east_north(crs: str, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Metres in a projected system of places on WGS 84.

    Raises:
        BadInput: EAR-082, the system is unknown or not projected in metres.
    """
    forward, _ = _transformers(crs)
    east, north = forward.transform(np.asarray(lon_deg, np.float64), np.asarray(lat_deg, np.float64))
    return np.asarray(east, np.float64), np.asarray(north, np.float64)


def lon_lat(crs: str, east_m: ArrayLike, north_m: ArrayLike) -> tuple[Floats, Floats]:
    """Degrees, WGS 84, of places in a projected system.

    Raises:
        BadInput: EAR-082, the system is unknown or not projected in metres.
    """
    _, back = _transformers(crs)
    lon, lat = back.transform(np.asarray(east_m, np.float64), np.asarray(north_m, np.float64))
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def frame_places(lens: Lens, pose: Pose, surface: Surface) -> tuple[Floats, Floats, Floats, Floats]:
    """Where a lattice of a frame's pixels meets the ground; those that meet none are left out.

    Returns:
        (n,) longitude, latitude, height above the ellipsoid, and size of a pixel across the look (metres).
    """
    column, row = (
        part.ravel()
        for part in np.meshgrid(
            np.linspace(-0.5, lens.width - 0.5, _LATTICE), np.linspace(-0.5, lens.height - 0.5, _LATTICE)
        )
    )
    here, beside = lens.directions(column, row), lens.directions(column + 0.5, row)
    with np.errstate(invalid="ignore"):
        turn = np.linalg.norm(
            here / np.linalg.norm(here, axis=1, keepdims=True)
            - beside / np.linalg.norm(beside, axis=1, keepdims=True),
            axis=1,
        )
    usable = np.isfinite(turn)
    hits = surface.hits(pose.origin_m, here[usable] @ pose.camera_to_ecef.T)
    found = hits.found
    size = (hits.range_m * 2.0 * turn[usable])[found]
    return hits.lon_deg[found], hits.lat_deg[found], hits.height_hae_m[found], size


def grid_of_frame(
    lens: Lens,
    pose: Pose,
    surface: Surface,
    *,
    crs: str | None = None,
    cell_m: float | None = None,
    range_limit_m: float | None = None,
) -> Grid:
    """The grid that holds what a frame sees of the ground.

    Args:
        crs: projected system in metres; the UTM zone of the middle of the view when None.
        cell_m: side of a cell; the median pixel footprint, to two digits, when None.
        range_limit_m: ground farther from the camera than this is left out (views near the horizon).

    Raises:
        BadInput: EAR-080, no pixel meets the ground; EAR-081, the grid would be absurdly large;
            EAR-082, the reference system is unknown or not projected in metres.
    """
    return grid_of_frames([(lens, pose)], surface, crs=crs, cell_m=cell_m, range_limit_m=range_limit_m)


def grid_of_frames(
    views: "list[tuple[Lens, Pose]]",
    surface: Surface,
    *,
    crs: str | None = None,
    cell_m: float | None = None,
    range_limit_m: float | None = None,
) -> Grid:
    """The grid that holds what several frames see; arguments and errors as `grid_of_frame`."""
    seen = [_within(frame_places(lens, pose, surface), pose, range_limit_m) for lens, pose in views]
    lon, lat, size = (np.concatenate([part[k] for part in seen] or [np.empty(0)]) for k in (0, 1, 3))
    if lon.size < 3:
        raise BadInput("EAR-080")
    chosen = crs or utm_crs(float(np.median(lon)), float(np.median(lat)))
    cell = cell_m or float(f"{np.median(size):.1e}")
    east, north = east_north(chosen, lon, lat)
    west = (np.floor(east.min() / cell) - _PAD_CELLS) * cell
    top = (np.ceil(north.max() / cell) + _PAD_CELLS) * cell
    width = int(np.ceil((east.max() - west) / cell)) + _PAD_CELLS
    height = int(np.ceil((top - north.min()) / cell)) + _PAD_CELLS
    if width * height > LARGEST_CELLS:
        raise BadInput("EAR-081", width=width, height=height, cell=f"{cell:g}")
    return Grid(chosen, float(west), float(top), cell, width, height)


def _within(
    places: tuple[Floats, Floats, Floats, Floats], pose: Pose, limit_m: float | None
) -> tuple[Floats, ...]:
    if limit_m is None:
        return places
    away = np.linalg.norm(geodetic_to_ecef(*places[:3]) - pose.origin_m, axis=1)
    return tuple(part[away <= limit_m] for part in places)
