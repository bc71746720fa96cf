"""Rasters of a country: its own are read as they are, a user's are brought onto its grid."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sim.country.country_writer import EGM96_EPSG
from atalaya.sim.country.user_dem import heights_from
from atalaya.sim.material import materials

_LOWEST_M, _HIGHEST_M = -1000.0, 9100.0
_SAME_M = 1e-6


@dataclass(frozen=True)
class Frame:
    """A grid: its CRS, upper left post or corner, spacing, rows and columns."""

    epsg: int
    west_m: float
    north_m: float
    cell_m: float
    shape: tuple[int, int]


def read_terrain(path: Path, posts: Frame) -> NDArray[np.float32]:
    """(rows, columns) heights above mean sea level (EGM96).

    Raises:
        BadInput: CTY-006, it does not cover the country; CTY-009 or EAR-0xx, it does not serve.
        DatumError: EAR-010 to EAR-012.
    """
    own = _own(path, posts, np.dtype(np.float32), shift=posts.cell_m / 2.0)
    if own is None:
        return heights_from(path, posts.epsg, posts.west_m, posts.north_m, posts.cell_m, posts.shape, None)
    if not np.isfinite(own).all():
        raise BadInput("CTY-006", where=str(path), share=f"{100.0 * (~np.isfinite(own)).mean():.3g}")
    if own.min() < _LOWEST_M or own.max() > _HIGHEST_M:
        raise BadInput("CTY-009", where=str(path), detail=f"{own.min():g} ... {own.max():g} m")
    return own


def read_cover(path: Path, cells: Frame) -> NDArray[np.uint8]:
    """(m, n) codes of materials; bare soil everywhere where there is no such file.

    Raises:
        BadInput: CTY-009, it does not serve, holds unknown codes or does not cover the country.
    """
    if not path.exists():
        return np.full(cells.shape, materials()["bare_soil"].code, np.uint8)
    found = _own(path, cells, np.dtype(np.uint8), shift=0.0)
    if found is None:
        found = _warped_codes(path, cells)
    known = np.zeros(256, np.bool_)
    known[[each.code for each in materials().values()]] = True
    present = np.flatnonzero(np.bincount(found.ravel(), minlength=256))
    strange = present[~known[present]]
    if strange.size:
        raise BadInput("CTY-009", where=str(path), detail=f"code {', '.join(map(str, strange[:8]))}")
    return found


def _opened(path: Path) -> Any:
    import rasterio
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    try:
        return rasterio.open(path)
    except (RasterioError, CPLE_BaseError, UnicodeDecodeError, OSError) as error:
        raise BadInput("CTY-009", where=str(path), detail=str(error)[:160]) from error


def _own(path: Path, frame: Frame, dtype: np.dtype[Any], *, shift: float) -> NDArray[Any] | None:
    """The values if the file lies on just this grid and type, None if it must be resampled."""
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    with _opened(path) as file:
        if file.count != 1:
            raise BadInput("CTY-009", where=str(path), detail=f"{file.count} bands")
        t = file.transform
        found = (t.c, t.a, t.b, t.f, t.d, t.e)
        cell = frame.cell_m
        wanted = (frame.west_m - shift, cell, 0.0, frame.north_m + shift, 0.0, -cell)
        same = (
            (file.height, file.width) == frame.shape
            and file.dtypes[0] == dtype.name
            and max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= _SAME_M
            and _same_crs(file.crs, frame.epsg, vertical=shift > 0.0)
            and file.nodata is None
            and (file.scales[0], file.offsets[0]) == (1.0, 0.0)
            and (file.units[0] or "metre") == "metre"
        )
        if not same:
            return None
        try:
            return np.asarray(file.read(1))
        except (RasterioError, CPLE_BaseError) as error:
            raise BadInput("CTY-009", where=str(path), detail=str(error)[:160]) from error


def _same_crs(crs: Any, epsg: int, *, vertical: bool) -> bool:
    from rasterio.crs import CRS

    if crs is None:
        return False
    wanted = f"EPSG:{epsg}+{EGM96_EPSG}" if vertical else f"EPSG:{epsg}"
    return bool(crs == CRS.from_user_input(wanted))


def _warped_codes(path: Path, cells: Frame) -> NDArray[np.uint8]:
    """The nearest code of a raster in any CRS and grid."""
    from rasterio._err import CPLE_BaseError
    from rasterio.enums import Resampling
    from rasterio.errors import RasterioError
    from rasterio.transform import from_origin
    from rasterio.vrt import WarpedVRT

    where = str(path)
    with _opened(path) as file:
        if np.dtype(file.dtypes[0]) != np.uint8:
            raise BadInput("CTY-009", where=where, detail=file.dtypes[0])
        if file.crs is None or file.transform.is_identity or file.transform.is_degenerate:
            raise BadInput("CTY-009", where=where, detail="CRS")
        options: dict[str, Any] = {"add_alpha": True} if file.nodata is None else {"nodata": file.nodata}
        try:
            with WarpedVRT(
                file,
                crs=f"EPSG:{cells.epsg}",
                transform=from_origin(cells.west_m, cells.north_m, cells.cell_m, cells.cell_m),
                width=cells.shape[1],
                height=cells.shape[0],
                resampling=Resampling.nearest,
                **options,
            ) as warped:
                found, mask = warped.read(1), warped.dataset_mask()
        except (RasterioError, CPLE_BaseError, ValueError) as error:
            raise BadInput("CTY-009", where=where, detail=str(error)[:160]) from error
    if not mask.all():
        raise BadInput("CTY-006", where=where, share=f"{100.0 * (mask == 0).mean():.3g}")
    return np.asarray(found, np.uint8)
