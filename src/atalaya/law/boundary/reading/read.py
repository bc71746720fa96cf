"""A user's file as a layer."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.hashing import sha256_bytes
from atalaya.law.boundary.layer import Layer
from atalaya.law.boundary.polygons import multipolygon, polygons_in
from atalaya.law.boundary.reading.features import Feature, read_features
from atalaya.law.boundary.reading.repair import area_km2, repaired
from atalaya.law.boundary.record import LayerRecord, Repair

KEYS = (
    "A3",
    "iso_a3",
    "ISO_A3",
    "ADM0_A3",
    "iso3",
    "ISO3",
    "iso2",
    "ICAO",
    "icao",
    "id",
    "ID",
    "name",
    "NAME",
)
"""Columns tried, in this order, where no key is named."""

SIDECARS = (".dbf", ".prj", ".shx", ".cpg")
LONGEST_STEP_M = 1000.0


def read_layer(path: Path, record: LayerRecord, key: str | None = None) -> Layer:
    """A layer from a file; what had to be repaired is in its record.

    Args:
        path: GeoPackage, GeoJSON, TopoJSON, (Geo)Parquet, Shapefile, FlatGeobuf or KML.
        record: what the user says about it; repairs and hash are filled in.
        key: column that names the areas; without it the first of `KEYS` that is there.

    Raises:
        NotFound: LAY-007. BadInput: LAY-008, LAY-009 (unreadable), LAY-010 (nothing in it), LAY-011 (no such
            column), LAY-012 (coordinate system unknown), LAY-013 (coordinates that are none on earth).
    """
    found = read_features(path)
    column = _key_column(found.features, key, path)
    shapes: dict[str, list[shapely.Geometry]] = {}
    repairs: list[Repair] = []
    for number, feature in enumerate(found.features):
        if feature.shape is None or not len(polygons_in(feature.shape)):
            continue
        name = str(feature.fields[column]) if column else path.stem
        shape = _in_degrees(feature.shape, found.crs, where=f"{path}, {name} ({number})")
        mended, done = repaired(shape, name, record.edge, closed=feature.closed)
        repairs += done
        if not mended.is_empty:
            shapes.setdefault(name, []).append(mended)
    if not shapes:
        raise BadInput("LAY-010", where=str(path), features=len(found.features))
    areas = tuple(sorted(shapes))
    polygons = np.empty(len(areas), dtype=object)
    for number, area in enumerate(areas):
        polygons[number] = _merged(area, shapes[area], repairs)
    return Layer(replace(record, repairs=tuple(repairs), sha256=hash_of(path)), areas, polygons)


def hash_of(path: Path) -> str:
    """SHA-256 of a file as received; of a Shapefile, of its parts one after the other."""
    parts = [path] + [path.with_suffix(end) for end in SIDECARS if path.suffix.lower() == ".shp"]
    return sha256_bytes(b"".join(part.read_bytes() for part in parts if part.is_file()))


def _key_column(features: Sequence[Feature], key: str | None, path: Path) -> str | None:
    """The column that names areas; None for a file of one feature without any."""
    columns = list(features[0].fields) if features else []
    if key is not None:
        if features and any(key not in feature.fields for feature in features):
            raise BadInput("LAY-011", where=str(path), key=key, columns=", ".join(map(str, columns)) or "-")
        return key
    for candidate in KEYS:
        if features and all(feature.fields.get(candidate) is not None for feature in features):
            return candidate
    if len(features) > 1:
        raise BadInput("LAY-011", where=str(path), key="-", columns=", ".join(map(str, columns)) or "-")
    return None


def _in_degrees(shape: shapely.Geometry, crs: str, *, where: str) -> shapely.Geometry:
    """The shape in WGS 84 longitude and latitude."""
    coordinates = shapely.get_coordinates(shape)
    if not np.isfinite(coordinates).all():
        raise BadInput("LAY-013", where=where, detail="NaN")
    if crs and not _is_wgs84(crs):
        shape = _transformed(shape, crs, where=where)
        coordinates = shapely.get_coordinates(shape)
    elif not crs and not _degrees(coordinates):
        raise BadInput("LAY-012", where=where)
    if np.abs(coordinates[:, 1]).max() > 90.0 and np.abs(coordinates[:, 0]).max() <= 90.0:
        raise BadInput("LAY-014", where=where)
    if not _degrees(coordinates):
        worst = coordinates[np.abs(coordinates).max(axis=1).argmax()]
        raise BadInput("LAY-013", where=where, detail=f"({worst[0]:g}, {worst[1]:g})")
    return shape


def _degrees(coordinates: NDArray[np.float64]) -> bool:
    return bool(np.abs(coordinates[:, 0]).max() <= 540.0 and np.abs(coordinates[:, 1]).max() <= 90.0)


@cache
def _is_wgs84(crs: str) -> bool:
    from pyproj import CRS

    return bool(_crs(crs).equals(CRS("OGC:CRS84"), ignore_axis_order=True))


@cache
def _crs(crs: str) -> Any:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS(crs)
    except CRSError as error:
        raise BadInput("LAY-012", where=crs[:200]) from error


def _transformed(shape: shapely.Geometry, crs: str, *, where: str) -> shapely.Geometry:
    from pyproj import Transformer

    source = _crs(crs)
    if source.is_projected:  # a straight edge of a projection is curved on the globe: follow it
        step = LONGEST_STEP_M / source.axis_info[0].unit_conversion_factor
        shape = shapely.segmentize(shape, step)
    change = Transformer.from_crs(source, "OGC:CRS84", always_xy=True)
    moved = shapely.transform(shape, lambda xy: np.column_stack(change.transform(*xy.T)))
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise BadInput("LAY-013", where=where, detail=str(source.name))
    return moved


def _merged(area: str, shapes: list[shapely.Geometry], repairs: list[Repair]) -> shapely.Geometry:
    if len(shapes) == 1:
        return shapes[0]
    joined = multipolygon(shapely.union_all(shapes))
    before = math.fsum(area_km2(shape) for shape in shapes)
    repairs.append(Repair(area, "merged", before, area_km2(joined)))
    return joined
