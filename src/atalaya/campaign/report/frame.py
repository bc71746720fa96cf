"""The ground of a drawn map: metres of an equal-area projection on a sheet of pixels, north up."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pyproj import Transformer

Floats = NDArray[np.float64]

FLATTEST, TALLEST = 0.55, 1.05
"""Height over width that a sheet may have."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A sheet.

    Args:
        crs: projection, metres. west_m, north_m: its upper left corner. metre_px: pixels per metre.
        width_px, height_px: of the sheet.
    """

    crs: str
    west_m: float
    north_m: float
    metre_px: float
    width_px: float
    height_px: float

    def pixels(self, lon_lat: Floats) -> Floats:
        """(n, 2) pixels, x right and y down, of (n, 2) longitudes and latitudes; NaN stays NaN."""
        x, y = projection(self.crs).transform(lon_lat[:, 0], lon_lat[:, 1], errcheck=False)
        return self.pixels_of_metres(np.column_stack((x, y)))

    def pixels_of_metres(self, xy_m: Floats) -> Floats:
        """(n, 2) pixels of (n, 2) metres of the projection."""
        shifted = (xy_m - (self.west_m, self.north_m)) * (self.metre_px, -self.metre_px)
        return np.asarray(np.where(np.isfinite(shifted), shifted, np.nan), dtype=np.float64)

    def lon_lat(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Longitude and latitude of a pixel, degrees."""
        x_m, y_m = self.west_m + x_px / self.metre_px, self.north_m - y_px / self.metre_px
        lon, lat = projection(self.crs).transform(x_m, y_m, direction="INVERSE")
        return float(lon), float(lat)


@cache
def projection(crs: str) -> "Transformer":
    """From longitude and latitude (WGS 84) to metres of a projection."""
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def framed(crs: str, metres: Iterable[Floats], width_px: float, margin: float = 0.05) -> Frame | None:
    """The sheet that holds points, with a margin; None where there is no finite point.

    Args:
        metres: (n, 2) points of the projection. width_px: of the sheet. margin: share of its longer side.
    """
    points = [each[np.isfinite(each).all(axis=1)] for each in metres]
    known = np.concatenate([np.empty((0, 2)), *points])
    if not len(known):
        return None
    low, high = known.min(axis=0), known.max(axis=0)
    middle, wide = (low + high) / 2.0, np.maximum(high - low, 100.0)
    wide = wide + 2.0 * margin * wide.max()
    ratio = min(max(wide[1] / wide[0], FLATTEST), TALLEST)
    width_m = max(wide[0], wide[1] / ratio)
    metre_px = width_px / width_m
    west_m, north_m = middle[0] - width_m / 2.0, middle[1] + width_m * ratio / 2.0
    return Frame(crs, float(west_m), float(north_m), float(metre_px), width_px, math.ceil(width_px * ratio))


def to_metres(crs: str, lon_lat: Floats) -> Floats:
    """(n, 2) metres of a projection; what it cannot hold is NaN."""
    if not len(lon_lat):
        return np.empty((0, 2))
    x, y = projection(crs).transform(lon_lat[:, 0], lon_lat[:, 1], errcheck=False)
    found = np.column_stack((x, y))
    return np.asarray(np.where(np.isfinite(found), found, np.nan), dtype=np.float64)


def nice_below(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above a positive value."""
    ten: float = 10.0 ** math.floor(math.log10(value) + 1e-12)
    return max(step * ten for step in (1.0, 2.0, 5.0) if step * ten <= value * (1.0 + 1e-9))
