"""What a frame is registered to: any georeferenced raster, or another frame's orthophoto."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from atalaya.base.errors import BadInput
from atalaya.earth.ortho.grid import Grid, utm_crs
from atalaya.earth.ortho.orthophoto import Orthophoto

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]

_ROOM_CELLS = 16


class Reference(Protocol):
    """A picture of the ground whose place is known."""

    @property
    def error_m(self) -> float:
        """Standard deviation of its own place, each axis, the same for all of it."""

    @property
    def cell_m(self) -> float:
        """Size of its cells."""

    @property
    def crs(self) -> str | None:
        """The projected system its cells lie in; None when another is as good."""

    def on(self, grid: Grid) -> tuple[Values, Mask]:
        """(r, c) grey values on a grid, and where they are known."""


@dataclass(frozen=True)
class OrthophotoReference:
    """Another frame's orthophoto in memory."""

    orthophoto: Orthophoto
    error_m: float = 0.0

    @property
    def cell_m(self) -> float:
        """See `Reference`."""
        return self.orthophoto.grid.cell_m

    @property
    def crs(self) -> str | None:
        """See `Reference`."""
        return self.orthophoto.grid.crs

    def on(self, grid: Grid) -> tuple[Values, Mask]:
        """See `Reference`; bilinear, unknown beside unknown cells."""
        source = self.orthophoto.grid
        column, row = np.meshgrid(
            np.arange(grid.width, dtype=np.float64), np.arange(grid.height, dtype=np.float64)
        )
        if source.crs == grid.crs:
            east, north = grid.east_north(column, row)
            column = (east - source.west_m) / source.cell_m - 0.5
            row = (source.north_m - north) / source.cell_m - 0.5
        else:
            column, row = source.cells(*grid.lon_lat(column, row))
        cut = tuple(
            _around(place, size)
            for place, size in zip((row, column), self.orthophoto.state.shape, strict=True)
        )
        grey = self.orthophoto.image[(slice(None), *cut)].mean(axis=0, dtype=np.float32)
        known = self.orthophoto.seen[cut]
        places = np.stack((row - cut[0].start, column - cut[1].start))
        ratio = grid.cell_m / source.cell_m
        if ratio > 1.5:
            grey = ndimage.gaussian_filter(grey, 0.5 * ratio)
        values = ndimage.map_coordinates(grey, places, order=1, mode="constant", cval=0.0, prefilter=False)
        inside = ndimage.map_coordinates(
            known.astype(np.float32), places, order=1, mode="constant", cval=0.0, prefilter=False
        )
        return values, inside > 0.999


def _around(places: NDArray[np.float64], size: int) -> slice:
    """The cells places lie between, with room for a blur; at least one."""
    first = int(np.clip(np.floor(places.min()) - _ROOM_CELLS, 0, size - 1))
    return slice(first, int(np.clip(np.ceil(places.max()) + _ROOM_CELLS, first + 1, size)))


@dataclass(frozen=True)
class RasterReference:
    """A file that rasterio opens and whose place it knows.

    Args:
        path: of the raster.
        error_m: standard deviation of its place, each axis; reference imagery is never without.
        bands: to average into grey; all that are no alpha when None.
    """

    path: Path
    error_m: float
    bands: tuple[int, ...] | None = None

    @property
    def cell_m(self) -> float:
        """See `Reference`.

        Raises:
            BadInput: EAR-086, it cannot be read or has no place.
        """
        from rasterio.warp import calculate_default_transform, transform_bounds

        with _opened(self.path) as file:
            if file.crs.is_projected:
                return float(np.sqrt(abs(file.transform.determinant)) * file.crs.linear_units_factor[1])
            west, south, east, north = transform_bounds(file.crs, "EPSG:4326", *file.bounds)
            there = utm_crs((west + east) / 2.0, (south + north) / 2.0)
            transform, _, _ = calculate_default_transform(
                file.crs, there, file.width, file.height, *file.bounds
            )
            return float(np.sqrt(abs(transform.determinant)))

    @property
    def crs(self) -> str | None:
        """See `Reference`."""
        return None

    def on(self, grid: Grid) -> tuple[Values, Mask]:
        """See `Reference`; averaged where its cells are finer, bilinear where coarser.

        Raises:
            BadInput: EAR-086, it cannot be read or has no place.
        """
        from rasterio.enums import ColorInterp, Resampling
        from rasterio.errors import RasterioError
        from rasterio.transform import from_origin
        from rasterio.vrt import WarpedVRT

        finer = self.cell_m < 0.75 * grid.cell_m
        with _opened(self.path) as file:
            alpha = [n for n, what in enumerate(file.colorinterp, 1) if what == ColorInterp.alpha]
            bands = self.bands or tuple(n for n in range(1, file.count + 1) if n not in alpha)
            try:
                with WarpedVRT(
                    file,
                    crs=grid.crs,
                    transform=from_origin(grid.west_m, grid.north_m, grid.cell_m, grid.cell_m),
                    width=grid.width,
                    height=grid.height,
                    resampling=Resampling.average if finer else Resampling.bilinear,
                    add_alpha=not alpha and file.nodata is None,
                ) as view:
                    values = view.read(list(bands), out_dtype="float32").mean(axis=0)
                    known = view.dataset_mask() > 0
            except (RasterioError, IndexError) as error:
                raise BadInput("EAR-086", where=str(self.path), detail=str(error)) from error
        finite = np.isfinite(values)
        return np.where(finite, values, 0.0).astype(np.float32), known & finite


def _opened(path: Path) -> Any:
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said below, as an error
            file = rasterio.open(path)
    except (RasterioError, OSError) as error:
        raise BadInput("EAR-086", where=str(path), detail=str(error)) from error
    if file.crs is None or file.transform.is_identity:
        file.close()
        raise BadInput("EAR-086", where=str(path), detail="no reference system")
    return file
