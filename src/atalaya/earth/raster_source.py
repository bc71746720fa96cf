"""Heights of a raster file, checked, in metres above the ellipsoid, read in windows."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.windows import Window

from atalaya.base.errors import BadInput, NotFound
from atalaya.earth.grid_map import GridMap, grid_map
from atalaya.earth.surface import SurfaceKind
from atalaya.earth.vertical import Undulation, Vertical, VerticalName, known_vertical

Floats = NDArray[np.float64]
Posts = NDArray[np.float32]

LOWEST_M, HIGHEST_M = -1000.0, 9100.0
"""No ground lies outside; the Dead Sea's shore is at -430 m, Everest at 8849 m."""

_FEET = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us survey foot": 1200 / 3937, "us-ft": 1200 / 3937}
_UNITS = {"": 1.0, "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, **_FEET}
_GEOID_STEP_M = 100.0
_MOST_POSTS = 2_000_000


@dataclass(frozen=True)
class _Product:
    datum: VerticalName
    kind: SurfaceKind


_BY_DRIVER = {"DTED": _Product("egm96", "unknown"), "SRTMHGT": _Product("egm96", "dsm")}
_BY_NAME = {
    "Copernicus_DSM": _Product("egm2008", "dsm"),
    "ASTGTM": _Product("egm96", "dsm"),
    "ALPSMLC30": _Product("egm96", "dsm"),
}


class RasterSource:
    """One band of heights.

    Args:
        path: any raster GDAL opens; or an address such as "/vsizip/...".
        vertical: the datum as the user states it; None to find it out.
        kind: what the heights are of, as the user states it; None to find it out.
        nodata: value that marks a void, over what the file says.

    Raises:
        NotFound, BadInput, DatumError: EAR-010 to EAR-018, see `atalaya explain`.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        vertical: VerticalName | None = None,
        kind: SurfaceKind | None = None,
        nodata: float | None = None,
    ) -> None:
        self.name = str(path)
        self._lock = threading.Lock()
        self._file = _opened(self.name)
        try:
            self.shape: tuple[int, int] = (int(self._file.height), int(self._file.width))
            crs = self._checked_crs()
            product = _product(self._file.driver, Path(self.name).name)
            self.kind: SurfaceKind = kind or (product.kind if product else "unknown")
            self.vertical: Vertical = known_vertical(
                vertical, crs, product.datum if product else None, where=self.name
            )
            self._nodata = self._file.nodata if nodata is None else nodata
            self._scale, self._offset = self._scaling()
            self.map: GridMap = self._placed(crs)
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _checked_crs(self) -> CRS:
        file = self._file
        if file.count != 1:
            raise BadInput("EAR-014", where=self.name, bands=file.count)
        if np.dtype(file.dtypes[0]).kind not in "iuf":
            raise BadInput("EAR-014", where=self.name, bands=file.dtypes[0])
        if min(self.shape) < 2 or max(self.shape) > _MOST_POSTS:
            raise BadInput("EAR-019", where=self.name, rows=self.shape[0], columns=self.shape[1])
        if file.crs is None or file.transform.is_degenerate or file.transform.is_identity:
            raise BadInput("EAR-013", where=self.name)
        try:
            return CRS.from_wkt(file.crs.to_wkt(version="WKT2_2019"))
        except (CRSError, RasterioError) as error:
            raise BadInput("EAR-025", where=self.name, detail=str(error)) from error

    def _placed(self, crs: CRS) -> GridMap:
        try:
            return grid_map(_horizontal(crs), self._post_affine(), self.shape)
        except (ProjError, ValueError) as error:
            raise BadInput("EAR-025", where=self.name, detail=str(error)) from error

    def _scaling(self) -> tuple[float, float]:
        unit = (self._file.units[0] or "").strip().lower()
        if unit not in _UNITS:
            raise BadInput("EAR-018", where=self.name, unit=unit)
        factor = _UNITS[unit] if unit else self.vertical.unit_m
        return float(self._file.scales[0]) * factor, float(self._file.offsets[0]) * factor

    def _post_affine(self) -> tuple[float, float, float, float, float, float]:
        """From the file's corner-of-pixel transform to one of pixel middles."""
        a, b, c, d, e, f = self._file.transform[:6]
        return (c + (a + b) / 2.0, a, b, f + (d + e) / 2.0, d, e)

    def read(self, row: int, row_end: int, column: int, column_end: int) -> Posts:
        """(rows, columns) metres above the ellipsoid, NaN where there is no data.

        Raises:
            BadInput: EAR-016, a height no ground has; EAR-017, the file cannot be read there.
        """
        try:
            with self._lock:
                raw = self._file.read(1, window=Window(column, row, column_end - column, row_end - row))
        except (RasterioError, CPLE_BaseError) as error:
            raise BadInput("EAR-017", where=f"{self.name}, row {row}", detail=str(error)) from error
        void = np.isnan(raw) if raw.dtype.kind == "f" else np.zeros(raw.shape, np.bool_)
        if self._nodata is not None and np.isfinite(self._nodata):
            # float32 files hold the nearest float32 of a decimal nodata value
            void |= raw == np.asarray(self._nodata).astype(raw.dtype)
        posts = raw.astype(np.float64) * self._scale + self._offset
        posts[void] = np.nan
        self._check(posts, row, column)
        if self.vertical.undulation is not None:
            posts += _undulation(self.map, self.vertical.undulation, row, row_end, column, column_end)
        return np.asarray(posts, np.float32)

    def _check(self, posts: Floats, row: int, column: int) -> None:
        absurd = (posts < LOWEST_M) | (posts > HIGHEST_M)
        if absurd.any():
            i, j = (int(part[0]) for part in np.nonzero(absurd))
            raise BadInput(
                "EAR-016",
                where=f"{self.name}, row {row + i}, column {column + j}",
                height=f"{posts[i, j]:g}",
                count=int(absurd.sum()),
            )


def _opened(name: str) -> Any:
    if not name.startswith("/vsi") and "://" not in name and not Path(name).exists():
        raise NotFound("EAR-015", where=name)
    try:
        return rasterio.open(name)
    except (RasterioError, CPLE_BaseError, UnicodeDecodeError) as error:
        raise BadInput("EAR-021", where=name, detail=str(error)) from error


def _product(driver: str, name: str) -> _Product | None:
    for start, product in _BY_NAME.items():
        if name.startswith(start):
            return product
    return _BY_DRIVER.get(driver)


def _horizontal(crs: CRS) -> CRS:
    for part in crs.sub_crs_list:
        if not part.is_vertical:
            return part.to_2d()
    return crs.to_2d()


def _undulation(
    where: GridMap, undulation: Undulation, row: int, row_end: int, column: int, column_end: int
) -> Floats:
    """Undulation at every post: exact at each of a net some 100 m wide, bilinear between."""
    step = [max(1, int(_GEOID_STEP_M / spacing)) for spacing in where.spacing_m]
    rows, columns = _net(row, row_end, step[0]), _net(column, column_end, step[1])
    lon, lat = where.places(*(np.asarray(part) for part in np.meshgrid(rows, columns, indexing="ij")))
    coarse = undulation(lon, lat)
    return _stretched(_stretched(coarse, rows, row, row_end).T, columns, column, column_end).T


def _net(start: int, end: int, step: int) -> Floats:
    """Every step-th integer from at or below the first to at or above the last: the same in any window."""
    return np.arange(start // step * step, end - 1 + step, step, dtype=np.float64)


def _stretched(coarse: Floats, nodes: Floats, start: int, end: int) -> Floats:
    """Rows at every integer between, linear between those at the nodes."""
    if len(nodes) == 1:
        return coarse
    at = (np.arange(start, end) - nodes[0]) / (nodes[1] - nodes[0])
    low = np.minimum(at.astype(np.intp), len(nodes) - 2)
    weight = (at - low)[:, None]
    return np.asarray(coarse[low] * (1.0 - weight) + coarse[low + 1] * weight)
