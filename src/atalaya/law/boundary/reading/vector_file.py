"""GeoPackage, Shapefile and what else GDAL reads, through pyogrio."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyogrio
import shapely

from atalaya.law.boundary.reading.parquet_file import wkb_rows

Row = tuple[Mapping[str, Any], shapely.Geometry | None, bool]


def from_vector(path: Path) -> tuple[list[Row], str]:
    """Features of the first layer with geometries, and its coordinate system ("" when it names none).

    Raises:
        pyogrio.errors.DataSourceError, ValueError: it cannot be read.
    """
    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if not layers:
        raise ValueError("no layer with geometries")
    meta, _, blobs, columns = pyogrio.raw.read(path, layer=layers[0])
    names = [str(name) for name in meta["fields"]]
    fields = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    rows = wkb_rows(fields or [{} for _ in blobs], list(blobs))
    return rows, str(meta["crs"] or "")
