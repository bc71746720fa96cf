"""Any raster that GDAL reads, resampled onto the grid of a search map."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT

from atalaya.base.errors import BadInput, NotFound
from atalaya.sensing.map_grid import MapGrid

Floats = NDArray[np.float64]

How = Literal["average", "bilinear", "nearest", "mode", "max", "min"]


def raster_layer(path: Path | str, grid: MapGrid, *, band: int = 1, how: How = "average") -> Floats:
    """Values of one band on the grid; NaN where the raster has no data or does not reach.

    Args:
        how: what a cell gets of the pixels in it: "average" of measures, "mode" or "nearest" of classes,
            "max",
            "min"; "bilinear" where pixels are larger than cells.

    Raises:
        NotFound: SNS-005, there is no such file.
        BadInput: SNS-020, unreadable; SNS-021, no reference system; SNS-022, no such band, or no number in it
            anywhere on the map.
    """
    where = str(path)
    if not where.startswith("/vsi") and not Path(path).exists():
        raise NotFound("SNS-005", where=where, detail="?")
    try:
        with rasterio.open(path) as source:
            if not 1 <= band <= source.count or np.dtype(source.dtypes[band - 1]).kind not in "iuf":
                raise BadInput("SNS-022", where=where, detail=f"{band} / {source.count}")
            if source.crs is None or source.transform.is_identity or source.transform.is_degenerate:
                raise BadInput("SNS-021", where=where)
            values = _warped(source, grid, band, Resampling[how])
    except (RasterioError, CPLE_BaseError, UnicodeDecodeError, OSError) as error:
        raise BadInput("SNS-020", where=where, detail=str(error)[:200]) from error
    if not np.isfinite(values[grid.share > 0.0]).any():
        raise BadInput("SNS-022", where=where, detail="NaN")
    return values


def _warped(source: Any, grid: MapGrid, band: int, how: Resampling) -> Floats:
    cells = grid.grid
    kind = np.dtype(source.dtypes[band - 1]).kind
    missing = source.nodata if source.nodata is not None else (np.nan if kind == "f" else None)
    options: dict[str, Any] = (
        {"src_nodata": missing, "nodata": missing} if missing is not None else {"add_alpha": True}
    )
    with WarpedVRT(
        source,
        crs=cells.crs,
        transform=from_origin(cells.west_m, cells.north_m, cells.cell_m, cells.cell_m),
        width=cells.width,
        height=cells.height,
        resampling=how,
        **options,
    ) as warped:
        found = warped.read(band, masked=True)
    values = np.ma.filled(found.astype(np.float64), np.nan)
    scaled = values * float(source.scales[band - 1]) + float(source.offsets[band - 1])
    return np.where(np.isfinite(scaled), scaled, np.nan)
