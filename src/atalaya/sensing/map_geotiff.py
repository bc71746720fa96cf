"""A search map as a file: three bands of 64 bits, rate, hidden and looks; read back equal.

A cloud-optimised GeoTIFF, or a Zarr store (`map_zarr`) where the name ends so.

Any GIS opens it. Tags say what it is (`SCHEMA`), in which units, and name the grid's reference system in
the very words of the map.
"""

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError

from atalaya.base.errors import BadInput, NotFound
from atalaya.earth.ortho.cog import Band, RasterPlan, rasters_whole
from atalaya.sensing.map_zarr import SUFFIX, Affine6, read_planes, write_planes
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]

SCHEMA = "atalaya.search_map/1"
BANDS = (
    Band("rate", "expected facilities per cell, undetected"),
    Band("hidden", "share no look can show"),
    Band("looks", "looks without a find; -1 where nobody counts"),
)

_EQUAL_AREA = ("equal area", "equal earth", "mollweide", "sinusoidal", "eckert iv", "eckert vi", "goode")
_SQUARE = 1e-9
_BLOCK_ROWS = 512


def write_search_map(search_map: SearchMap, path: Path | str) -> None:
    """Write it whole or not at all.

    Raises:
        BadInput: SNS-023 to SNS-025, the map is not sound; nothing is written.
        AtalayaError: EAR-085, the file cannot be written.
    """
    where = str(path)
    rows = search_map.rate.shape[0]
    looks = np.full(search_map.rate.shape, -1.0) if search_map.looks is None else search_map.looks
    bands = np.stack((search_map.rate, search_map.hidden, looks.astype(np.float64)))
    _check_values(bands, where)
    _check_grid(search_map.crs, search_map.post_affine, where)
    tags = {
        "SCHEMA": SCHEMA,
        "GRID_CRS": search_map.crs,
        "EXPECTED_FACILITIES": repr(search_map.expected),
        "CELL_M": repr(search_map.cell_m),
    }
    if Path(path).suffix == SUFFIX:
        write_planes(bands, search_map.post_affine, tags, Path(path))
        return
    plan = RasterPlan(Path(path), search_map.grid, "float64", BANDS, "average", tags)
    with rasters_whole([plan]) as (file,):
        for row in range(0, rows, _BLOCK_ROWS):
            file.write(row, 0, bands[:, row : row + _BLOCK_ROWS])


def read_search_map(path: Path | str) -> SearchMap:
    """Read one.

    Raises:
        NotFound: SNS-005, there is no such file.
        BadInput: SNS-020, unreadable; SNS-023, not the three bands; SNS-024, no equal-area grid of square
            cells
            in metres, north up; SNS-025, rates that are negative or none, shares outside 0 to 1.
    """
    where = str(path)
    if not Path(path).exists():
        raise NotFound("SNS-005", where=where, detail=Path(path).name)
    try:
        if Path(path).suffix == SUFFIX:
            return _from_zarr(Path(path))
        with rasterio.open(path) as file:
            _check_bands(file, where)
            crs = file.tags().get("GRID_CRS") or (file.crs.to_wkt() if file.crs else "")
            t = file.transform
            affine = (t.c, t.a, t.b, t.f, t.d, t.e)
            _check_grid(crs, affine, where)
            if file.crs is None or not _same(crs, file.crs.to_wkt()):
                raise BadInput("SNS-024", where=where, detail="GRID_CRS")
            bands = file.read().astype(np.float64)
    except (RasterioError, CPLE_BaseError, UnicodeDecodeError, OSError) as error:
        raise BadInput("SNS-020", where=where, detail=str(error)[:200]) from error
    return _map_of(bands, crs, affine, where)


def _from_zarr(path: Path) -> SearchMap:
    bands, affine, tags = read_planes(path)
    where = str(path)
    if len(bands) != len(BANDS) or tags.get("SCHEMA") != SCHEMA:
        raise BadInput("SNS-023", where=where, found=str(tags.get("SCHEMA", len(bands))), wanted=SCHEMA)
    _check_grid(str(tags.get("GRID_CRS", "")), affine, where)
    return _map_of(bands, str(tags["GRID_CRS"]), affine, where)


def _map_of(bands: Floats, crs: str, affine: Affine6, where: str) -> SearchMap:
    _check_values(bands, where)
    looks = None if (bands[2] < 0.0).all() else bands[2].astype(np.int64)
    return SearchMap(bands[0], bands[1], crs, affine, looks)


def _check_bands(file: Any, where: str) -> None:
    wanted = tuple(band.name for band in BANDS)
    if file.count != len(BANDS) or tuple(file.descriptions) != wanted:
        raise BadInput("SNS-023", where=where, found=str(file.descriptions), wanted=", ".join(wanted))
    if any(np.dtype(kind).kind != "f" for kind in file.dtypes):
        raise BadInput("SNS-023", where=where, found=str(file.dtypes), wanted="float64")


def _check_grid(text: str, affine: tuple[float, ...], where: str) -> None:
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise BadInput("SNS-024", where=where, detail=str(error)[:120]) from error
    operation = crs.coordinate_operation
    method = operation.method_name.casefold() if operation else ""
    metres = all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info[:2])
    if not (crs.is_projected and metres and any(name in method for name in _EQUAL_AREA)):
        raise BadInput("SNS-024", where=where, detail=f"{crs.name}: {method or '-'}")
    x0, dx, rx, y0, ry, dy = affine
    square = dx > 0.0 and abs(dx + dy) <= _SQUARE * dx and rx == ry == 0.0
    if not (square and np.isfinite((x0, y0)).all()):
        raise BadInput("SNS-024", where=where, detail=f"{affine}")


def _same(first: str, second: str) -> bool:
    """GeoTIFF keys carry a projection and not its name: what they mean is compared at places about its
    middle.
    """
    from atalaya.earth.ortho.grid import lon_lat

    offsets = np.array([0.0, 200_000.0, -150_000.0, 90_000.0])
    one, two = lon_lat(first, offsets, offsets[::-1]), lon_lat(second, offsets, offsets[::-1])
    return bool(np.allclose(one, two, rtol=0.0, atol=1e-9, equal_nan=True))


def _check_values(bands: Floats, where: str) -> None:
    rate, hidden, looks = bands
    if not (np.isfinite(rate) & (rate >= 0.0)).all():
        raise BadInput(
            "SNS-025", where=where, band="rate", count=int((~(rate >= 0.0) | np.isinf(rate)).sum())
        )
    if not ((hidden >= 0.0) & (hidden <= 1.0)).all():
        raise BadInput(
            "SNS-025", where=where, band="hidden", count=int((~((hidden >= 0.0) & (hidden <= 1.0))).sum())
        )
    whole = (looks == np.floor(looks)) & (looks >= -1.0) & (looks < 2.0**53)
    if not whole.all() or ((looks < 0.0).any() and not (looks < 0.0).all()):
        raise BadInput("SNS-025", where=where, band="looks", count=int((~whole | (looks < 0.0)).sum()))
