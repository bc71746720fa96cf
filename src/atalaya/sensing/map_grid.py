"""The grid of a search map: square cells of equal area over the ground a requirement concerns.

Lambert's azimuthal equal-area projection about the middle of the area (Snyder 1987, chapter 24), WGS 84.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.ortho.grid import Grid
from atalaya.sensing.search_map import Affine

if TYPE_CHECKING:
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

MOST_CELLS = 50_000_000
"""A map of more cells is a slip of the pen: 700 x 700 km in squares of 100 m."""

MOST_DEG = 60.0
"""Farther from its middle than this no projection keeps shapes well enough to search by."""

_PARTS = 4


@dataclass(frozen=True, slots=True)
class MapGrid:
    """Cells and how much of each lies in the area.

    Args:
        grid: square cells, north up, in a Lambert azimuthal equal-area projection.
        share: (rows, columns) float64 in [0, 1], part of the cell in the area, to a sixteenth.
    """

    grid: Grid
    share: Floats

    @property
    def post_affine(self) -> Affine:
        """Six numbers as GDAL orders them."""
        grid = self.grid
        return (grid.west_m, grid.cell_m, 0.0, grid.north_m, 0.0, -grid.cell_m)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.grid.height, self.grid.width

    def middles(self) -> tuple[Floats, Floats]:
        """Longitude and latitude of the middles of cells, each (rows, columns), degrees."""
        columns, rows = np.meshgrid(np.arange(self.grid.width), np.arange(self.grid.height))
        return self.grid.lon_lat(columns, rows)


def equal_area_crs(lon_deg: float, lat_deg: float) -> str:
    """Lambert's azimuthal equal-area projection about a place, as PROJ reads it, to a thousandth of a
    degree.
    """
    return f"+proj=laea +lat_0={lat_deg:.3f} +lon_0={lon_deg:.3f} +datum=WGS84 +units=m +no_defs +type=crs"


def make_grid(area: "Polygon | BaseGeometry | Any", cell_m: float) -> MapGrid:
    """The grid that covers an area.

    Args:
        area: polygon or multipolygon over longitude and latitude (WGS 84, degrees; shapely, or what
            shapely.geometry.shape reads); longitudes may run on past 180. Holes are left out.
        cell_m: edge of a cell, metres.

    Raises:
        BadInput: SNS-010, not an area; SNS-011, too many cells, or cells of no size.
    """
    from shapely import get_coordinates, segmentize, transform

    shape = _area(area)
    if not (np.isfinite(cell_m) and cell_m > 0.0):
        raise BadInput("SNS-011", cells="?", cell=cell_m, most=MOST_CELLS)
    west, south, east, north = shape.bounds
    crs = equal_area_crs(((west + east) / 2.0 + 180.0) % 360.0 - 180.0, (south + north) / 2.0)
    # straight lines over degrees bend in the projection: cut them before
    fine = segmentize(shape, max(east - west, north - south) / 64.0)
    flat = transform(fine, lambda lonlat: _projected(crs, lonlat))
    if not np.isfinite(get_coordinates(flat)).all():
        raise BadInput("SNS-010", detail=f"{west:g} {south:g} {east:g} {north:g}")
    x0, y0, x1, y1 = flat.bounds
    left, top = np.floor(x0 / cell_m) * cell_m, np.ceil(y1 / cell_m) * cell_m
    width, height = max(1, int(np.ceil((x1 - left) / cell_m))), max(1, int(np.ceil((top - y0) / cell_m)))
    if width * height > MOST_CELLS:
        raise BadInput("SNS-011", cells=width * height, cell=cell_m, most=MOST_CELLS)
    grid = Grid(crs, float(left), float(top), float(cell_m), width, height)
    return MapGrid(grid, covered_share(flat, grid))


def covered_share(flat: "BaseGeometry", grid: Grid) -> Floats:
    """(rows, columns) part of each cell inside an area given in the grid's own metres, to a sixteenth."""
    from rasterio.features import rasterize
    from rasterio.transform import from_origin

    share = np.zeros((grid.height, grid.width))
    fine = from_origin(grid.west_m, grid.north_m, grid.cell_m / _PARTS, grid.cell_m / _PARTS)
    band = max(1, 4_000_000 // (grid.width * _PARTS * _PARTS))
    for row in range(0, grid.height, band):
        rows = min(band, grid.height - row)
        part = rasterize(
            [(flat, 1)],
            out_shape=(rows * _PARTS, grid.width * _PARTS),
            transform=fine @ fine.translation(0, row * _PARTS),
            dtype="uint8",
        )
        blocks = part.reshape(rows, _PARTS, grid.width, _PARTS)
        share[row : row + rows] = blocks.sum(axis=(1, 3), dtype=np.float64) / _PARTS**2
    return share


def _area(given: Any) -> "BaseGeometry":
    from shapely import GEOSException, get_coordinates, make_valid
    from shapely.geometry import shape as read_shape
    from shapely.geometry.base import BaseGeometry

    try:
        found = given if isinstance(given, BaseGeometry) else read_shape(given)
        if not np.isfinite(get_coordinates(found)).all():
            raise ValueError("NaN")
        found = make_valid(found)
    except (GEOSException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput("SNS-010", detail=str(error)[:120]) from error
    if found.is_empty or found.area <= 0.0:
        raise BadInput("SNS-010", detail=found.geom_type)
    west, south, east, north = found.bounds
    if south < -90.0 or north > 90.0 or max(east - west, north - south) > 2.0 * MOST_DEG or abs(west) > 360.0:
        raise BadInput("SNS-010", detail=f"{west:g} {south:g} {east:g} {north:g}")
    return found


def _projected(crs: str, lonlat: Floats) -> Floats:
    from atalaya.earth.ortho.grid import east_north

    east, north = east_north(crs, lonlat[:, 0], lonlat[:, 1])
    return np.stack((east, north), axis=1)
