"""Areas and lines of any file a GIS writes, in longitude and latitude or as the metres they are."""

import os
from errno import ENOENT
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput, NotFound
from atalaya.campaign.planning_verbs.named_area import NamedArea

NAMES = ("name", "nombre", "id", "area", "label")
POLYGONS, LINES = (3, 6), (1, 5)
LONGEST_EDGE_M = 3000.0
"""Edges of projected files are straight there; pieces this long are straight in degrees too, within 0.2 m."""


def read_areas(path: Path, *, planar: bool = False) -> list[NamedArea]:
    """The polygons of a file, feature by feature.

    Args:
        planar: coordinates are taken as metres, as they stand.

    Raises:
        NotFound: SNS-005. BadInput: SNS-020 unreadable, SNS-021 no reference system, COV-002 no polygons,
            CLI-031 degrees that are none.
    """
    shapes, names = _features(path, planar=planar)
    found = []
    for shape, name in zip(shapes, names, strict=True):
        parts = shapely.get_parts(shapely.get_parts(shape))
        polygons = parts[np.isin(shapely.get_type_id(parts), POLYGONS)]
        if len(polygons):
            found.append(NamedArea(name, polygons[0] if len(polygons) == 1 else MultiPolygon(list(polygons))))
    if not found:
        raise BadInput("COV-002", where=str(path), detail=_kinds(shapes))
    return found


def read_line(path: Path, *, planar: bool = False) -> NDArray[np.float64]:
    """(n, 2) points of the first line of a file.

    Raises:
        as `read_areas`.
    """
    shapes, _ = _features(path, planar=planar)
    for part in shapely.get_parts(shapely.get_parts(shapes)):
        if shapely.get_type_id(part) == LINES[0]:
            return np.asarray(part.coords)[:, :2]
    raise BadInput("COV-002", where=str(path), detail=_kinds(shapes))


def _features(path: Path, *, planar: bool) -> tuple[NDArray[Any], list[str]]:
    where = str(path)
    if not path.is_file() or path.stat().st_size == 0:
        raise NotFound("SNS-005", where=where, detail="0 B" if path.is_file() else os.strerror(ENOENT))
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        if not layers:
            raise BadInput("COV-002", where=where, detail="0")
        meta, _, blobs, columns = pyogrio.raw.read(path, layer=layers[0])
        shapes = shapely.force_2d(shapely.from_wkb(blobs, on_invalid="ignore"))
    except (DataSourceError, DataLayerError, ValueError, OSError, shapely.GEOSException) as error:
        raise BadInput("SNS-020", where=where, detail=str(error)[:200]) from error
    kept = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    names = _names([str(name) for name in meta["fields"]], columns, len(shapes))
    found = shapes[kept] if planar else _in_degrees(shapes[kept], str(meta["crs"] or ""), where)
    return found, [name for name, keep in zip(names, kept, strict=True) if keep]


def _names(fields: list[str], columns: list[NDArray[Any]], count: int) -> list[str]:
    by_name = {field.casefold(): column for field, column in zip(fields, columns, strict=True)}
    for wanted in NAMES:
        if wanted in by_name:
            texts = ["" if value is None else str(value).strip() for value in by_name[wanted]]
            return [text[:80] or str(n) for n, text in enumerate(texts, 1)]
    return [str(n) for n in range(1, count + 1)]


def _in_degrees(shapes: NDArray[Any], crs: str, where: str) -> NDArray[Any]:
    if not crs:
        raise BadInput("SNS-021", where=where)
    try:
        system = CRS.from_user_input(crs)
        if system == CRS.from_epsg(4326):
            return _checked_degrees(shapes, where)
        change = Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    except (CRSError, ProjError) as error:
        raise BadInput("SNS-020", where=where, detail=str(error)[:200]) from error
    fine = shapes if system.is_geographic else shapely.segmentize(shapes, LONGEST_EDGE_M)
    moved = shapely.transform(fine, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1])))
    return _checked_degrees(np.asarray(moved), where)


def _checked_degrees(shapes: NDArray[Any], where: str) -> NDArray[Any]:
    points = shapely.get_coordinates(shapes)
    bad = ~((np.abs(points[:, 1]) <= 90.0) & (np.abs(points[:, 0]) <= 360.0))
    if bad.any():
        x, y = points[int(bad.argmax())]
        raise BadInput("CLI-031", where=where, x=f"{x:g}", y=f"{y:g}")
    return shapes


def _kinds(shapes: NDArray[Any]) -> str:
    kinds: list[BaseGeometry] = list(shapes)
    return ", ".join(sorted({shape.geom_type for shape in kinds})) or "0"
