"""Features as GeoPackage and FlatGeobuf, which QGIS and every other GIS open."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from atalaya.store.workspace import written_whole

WGS84 = "EPSG:4326"

# GDAL stamps the time of writing into a GeoPackage unless told otherwise; equal input shall give equal bytes.
pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z"})


@dataclass(frozen=True)
class Layer:
    """Features of one kind.

    Args:
        name: layer name.
        geometry_type: "Point", "LineString", "Polygon", "MultiPolygon" ..., with " Z" for heights.
        geometries: (n,) shapely geometries, longitude and latitude, WGS 84.
        fields: columns of n values each; masked arrays hold nulls.
    """

    name: str
    geometry_type: str
    geometries: NDArray[np.object_]
    fields: Mapping[str, NDArray[Any]]


def write_geopackage(layers: list[Layer], path: Path) -> None:
    """All layers in one GeoPackage, whole or not at all; empty layers keep their columns.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    with written_whole(path) as partial:
        for layer in layers:
            _write(layer, partial, "GPKG", append=partial.exists())


def write_flatgeobuf(layer: Layer, path: Path) -> None:
    """One layer as FlatGeobuf with a spatial index, whole or not at all.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    with written_whole(path) as partial:
        _write(layer, partial, "FlatGeobuf", append=False)


def _write(layer: Layer, path: Path, driver: str, *, append: bool) -> None:
    names = list(layer.fields)
    masks = [np.ma.getmaskarray(layer.fields[name]) for name in names]
    try:
        pyogrio.raw.write(
            os.fspath(path),
            np.asarray(shapely.to_wkb(layer.geometries, output_dimension=3), dtype=object),
            [np.ma.getdata(layer.fields[name]) for name in names],
            names,
            field_mask=masks if any(mask.any() for mask in masks) else None,
            layer=layer.name,
            driver=driver,
            geometry_type=layer.geometry_type,
            crs=WGS84,
            append=append,
        )
    except pyogrio.errors.DataSourceError as error:
        raise OSError(str(error)) from error


def parts_across_antimeridian(polygon: shapely.Polygon) -> shapely.Geometry:
    """A polygon in longitudes that may jump from 180 to -180, as a valid geometry within ±180 degrees.

    Rings are unwrapped along their vertices, then cut at the meridian (RFC 7946 section 3.1.9).
    """
    lon, lat = np.array(polygon.exterior.coords)[:, :2].T
    unwrapped = np.degrees(np.unwrap(np.radians(lon)))
    ring = shapely.Polygon(np.column_stack([unwrapped, lat]))
    if unwrapped.min() >= -180 and unwrapped.max() <= 180:
        return ring
    whole = shapely.make_valid(ring)
    parts = []
    for turn in (-360.0, 0.0, 360.0):
        world = shapely.box(-180 + turn, -90, 180 + turn, 90)
        part = shapely.intersection(whole, world)
        if not part.is_empty:
            parts.append(shapely.transform(part, lambda xy, turn=turn: xy - [turn, 0.0]))
    return shapely.union_all(parts)
