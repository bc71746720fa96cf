"""A search map as a Zarr store (version 3, a folder): what programs open while the map is being worked with.

One array of three planes (rate, hidden, looks) with its X and Y; what the GeoTIFF says in tags is said here
in attributes. GDAL writes and reads it.
"""

import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError

from atalaya.base.errors import AtalayaError

Floats = NDArray[np.float64]

Affine6 = tuple[float, float, float, float, float, float]

SUFFIX = ".zarr"


def write_planes(bands: Floats, affine: Affine6, tags: dict[str, str], path: Path) -> None:
    """Write planes (k, rows, columns), the whole store or none of it.

    Raises:
        AtalayaError: EAR-085, it cannot be written.
    """
    x0, dx, rx, y0, ry, dy = affine
    shape = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2], "dtype": "float64"}
    transform = rasterio.Affine(dx, rx, x0, ry, dy, y0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.stem}.", dir=path.parent) as folder:
            made = Path(folder) / path.name
            with rasterio.open(
                made, "w", driver="Zarr", FORMAT="ZARR_V3", transform=transform, **shape
            ) as file:
                file.write(bands)
                file.update_tags(**tags)
            _describe(made, tags)
            if path.exists():
                path.replace(Path(folder) / "old") if path.is_dir() else path.unlink()
            shutil.move(made, path)
    except (OSError, RasterioError) as error:
        raise AtalayaError("EAR-085", where=str(path), detail=str(error)[:200]) from error


def _describe(store: Path, tags: dict[str, str]) -> None:
    """Attributes of the array, for those who read without GDAL; GDAL reads `_CRS` but does not write it."""
    for file in store.glob("*/zarr.json"):
        array = json.loads(file.read_text(encoding="utf-8"))
        if len(array.get("shape", ())) == 3:
            array["attributes"] = {**tags, "_CRS": {"wkt": CRS(tags["GRID_CRS"]).to_wkt()}}
            file.write_text(json.dumps(array, indent=1), encoding="utf-8")


def read_planes(path: Path) -> tuple[Floats, Affine6, dict[str, Any]]:
    """Planes, affine and attributes.

    Raises:
        rasterio.errors.RasterioError, OSError: it is no store, or damaged.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", NotGeoreferencedWarning
        )  # a damaged store has no X and Y: told as such
        with rasterio.open(path) as file:
            if file.count == 0:
                raise RasterioIOError("no planes")
            t = file.transform
            return file.read().astype(np.float64), (t.c, t.a, t.b, t.f, t.d, t.e), dict(file.tags())
