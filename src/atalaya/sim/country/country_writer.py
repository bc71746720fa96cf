"""A country as ordinary files: terrain.tif, cover.tif, country.gpkg, country.json.

The same country gives the same bytes: GDAL's date in the GeoPackage is set to 1970.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError
from atalaya.base.whole_file import whole_file
from atalaya.sim.country.country import Country
from atalaya.sim.country.layers import LAYERS, LayerKind, Things, rows_of
from atalaya.sim.material import materials

VERSION = 1
TERRAIN, COVER, LAYERS_FILE, DESCRIPTION = "terrain.tif", "cover.tif", "country.gpkg", "country.json"
EGM96_EPSG = 5773

_TILE = 512
_SHOWN_GAIN, _SHOWN_GAMMA = 2.4, 1.0 / 1.9


def write_country(country: Country, folder: Path | str) -> None:
    """Write all of it; each file appears whole or not at all, the description last.

    Raises:
        AtalayaError: CTY-014, it cannot be written.
    """
    into = Path(folder)
    with _told(into):
        with whole_file(into / TERRAIN) as path:
            _write_terrain(country, path)
        with whole_file(into / COVER) as path:
            _write_cover(country, path)
        with whole_file(into / f"{COVER}.aux.xml") as path:
            path.write_text(_categories(), encoding="utf-8")
        with whole_file(into / LAYERS_FILE) as path:
            _write_layers(country, path)
        with whole_file(into / DESCRIPTION) as path:
            path.write_text(_description(country), encoding="utf-8")


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    from pyogrio.errors import DataSourceError
    from rasterio.errors import RasterioError

    try:
        yield
    except (OSError, RasterioError, DataSourceError) as error:
        raise AtalayaError("CTY-014", where=str(folder), detail=str(error)[:200]) from error


def _description(country: Country) -> str:
    rows, columns = country.heights_msl_m.shape
    told = {
        "schema": "atalaya.country/1",
        "version": VERSION,
        "name": country.name,
        "seed": country.seed,
        "epsg": country.epsg,
        "west_m": country.west_m,
        "north_m": country.north_m,
        "post_m": country.post_m,
        "rows": rows,
        "columns": columns,
        "cover_m": country.cover_m,
        "vertical_datum": "EGM96",
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _profile(
    shape: tuple[int, ...], crs: str, west_m: float, north_m: float, cell_m: float
) -> dict[str, Any]:
    from rasterio.transform import from_origin

    return {
        "driver": "GTiff",
        "count": 1,
        "height": shape[0],
        "width": shape[1],
        "crs": crs,
        "transform": from_origin(west_m, north_m, cell_m, cell_m),
        "tiled": True,
        "blockxsize": _TILE,
        "blockysize": _TILE,
        "compress": "deflate",
        "zlevel": 1,
        "num_threads": 1,
    }


def _write_terrain(country: Country, path: Path) -> None:
    """Posts are the middles of pixels: the file starts half a post farther out."""
    import rasterio

    half, post = country.post_m / 2.0, country.post_m
    crs = f"EPSG:{country.epsg}+{EGM96_EPSG}"
    shape = country.heights_msl_m.shape
    profile = _profile(shape, crs, country.west_m - half, country.north_m + half, post)
    with rasterio.open(path, "w", dtype="float32", predictor=3, **profile) as file:
        file.write(country.heights_msl_m, 1)
        file.set_band_description(1, "height above mean sea level (EGM96)")
        file.set_band_unit(1, "metre")


def _write_cover(country: Country, path: Path) -> None:
    import rasterio

    profile = _profile(
        country.cover.shape, f"EPSG:{country.epsg}", country.west_m, country.north_m, country.cover_m
    )
    with rasterio.open(path, "w", dtype="uint8", photometric="palette", **profile) as file:
        file.write(country.cover, 1)
        file.write_colormap(1, _colours())
        file.set_band_description(1, "cover")


def _colours() -> dict[int, tuple[int, int, int, int]]:
    made = {}
    for each in materials().values():
        shown = (np.array([each.red, each.green, each.blue]) * _SHOWN_GAIN).clip(0.0, 1.0) ** _SHOWN_GAMMA
        red, green, blue = (int(part) for part in shown * 255.0)
        made[each.code] = (red, green, blue, 255)
    return made


def _categories() -> str:
    """GDAL's own side file for names of categories, which GIS show beside the colours."""
    names = [""] * 256
    for each in materials().values():
        names[each.code] = each.name
    rows = "".join(f"<Category>{name}</Category>" for name in names)
    band = f'<PAMRasterBand band="1"><CategoryNames>{rows}</CategoryNames></PAMRasterBand>'
    return f"<PAMDataset>{band}</PAMDataset>\n"


def _write_layers(country: Country, path: Path) -> None:
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z"})
    held = rows_of(country)
    for number, kind in enumerate(LAYERS):
        shapes, things = held[kind.name]
        names = [column.name for column in kind.columns]
        pyogrio.raw.write(
            os.fspath(path),
            np.asarray(shapely.to_wkb(shapes), object),
            _columns(kind, things),
            names,
            layer=kind.name,
            driver="GPKG",
            geometry_type=kind.geometry,
            crs=f"EPSG:{country.epsg}",
            append=number > 0,
        )


def _columns(kind: LayerKind, things: Things) -> list[NDArray[Any]]:
    dtypes = {"text": object, "material": object, "number": np.float64, "count": np.int64}
    return [
        np.array([getattr(thing, column.name) for thing in things], dtypes[column.kind])
        for column in kind.columns
    ]
