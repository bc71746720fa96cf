"""Layers of a vector file as checked shapes in a country's projection, and rows of checked columns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from atalaya.base.errors import BadInput
from atalaya.sim.country.layers import Column, LayerKind, Row, checked_column

_MOST_FEATURES = 2_000_000
_TYPES = {"LineString": (1, 5), "Polygon": (3, 6), "Point": (0, 4)}

Shapes = NDArray[Any]

_NONE = np.array(None, object)


class LayerFile:
    """A GeoPackage (or any file GDAL reads) that may hold layers of a country.

    Args:
        path: the file. epsg, bounds_m: of the country.

    Raises:
        BadInput: CTY-015, it cannot be read.
    """

    def __init__(self, path: Path, epsg: int, bounds_m: tuple[float, float, float, float]) -> None:
        self._path, self._where = path, str(path)
        self._epsg, self._bounds = epsg, bounds_m
        try:
            self._names = {str(name) for name, _ in pyogrio.list_layers(path)}
        except (DataSourceError, ValueError, OSError) as error:
            raise BadInput("CTY-015", where=self._where, detail=str(error)[:160]) from error

    def rows(self, kind: LayerKind) -> Iterator[tuple[shapely.Geometry, Row]]:
        """Shapes inside the country and their columns; none for a layer that is not there.

        Raises:
            BadInput: CTY-010 a column is missing; CTY-011 a geometry, CTY-012 a value does not serve;
                CTY-013 no or no known CRS; CTY-015 unreadable.
        """
        if kind.name not in self._names:
            return
        crs, fields, shapes = self._read(kind)
        columns = {column.name: self._column(kind, column, fields, len(shapes)) for column in kind.columns}
        self._check(kind, shapes)
        flat = self._projected(kind, shapely.force_2d(shapes), crs)
        parts, index = shapely.get_parts(flat, return_index=True)
        for part, number in zip(self._cut(parts), index, strict=True):
            for piece in _simple(part, _TYPES[kind.geometry][0]):
                yield piece, {name: values[number] for name, values in columns.items()}

    def _read(self, kind: LayerKind) -> tuple[str, dict[str, NDArray[Any]], Shapes]:
        try:
            count = pyogrio.read_info(self._path, layer=kind.name)["features"]
            if count > _MOST_FEATURES:
                raise BadInput("CTY-011", where=self._where, layer=kind.name, detail=f"{count} features")
            meta, _, blobs, values = pyogrio.raw.read(self._path, layer=kind.name)
            shapes = shapely.from_wkb(blobs if blobs is not None else np.empty(0, object))
        except (DataSourceError, DataLayerError, ValueError, OSError, shapely.GEOSException) as error:
            raise BadInput("CTY-015", where=f"{self._where}: {kind.name}", detail=str(error)[:160]) from error
        fields = dict(zip((str(name) for name in meta["fields"]), values, strict=True))
        return str(meta["crs"] or ""), fields, np.asarray(shapes, object)

    def _column(self, kind: LayerKind, column: Column, fields: dict[str, NDArray[Any]], n: int) -> list[Any]:
        values = fields.get(column.name)
        if values is None:
            if column.default is None:
                wanted = ", ".join(each.name for each in kind.columns if each.default is None)
                raise BadInput(
                    "CTY-010", where=self._where, layer=kind.name, column=column.name, wanted=wanted
                )
            values = np.full(n, column.default, object)
        return checked_column(values, column, kind.name, self._where)

    def _check(self, kind: LayerKind, shapes: Shapes) -> None:
        good = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        good &= np.isin(shapely.get_type_id(shapes), _TYPES[kind.geometry])
        good &= np.array([np.isfinite(shapely.get_coordinates(shape)).all() for shape in shapes], np.bool_)
        if kind.geometry == "Polygon":
            good[good] &= shapely.is_valid(shapes[good])
            parts, index = shapely.get_parts(np.where(good, shapes, _NONE), return_index=True)
            good[index[shapely.get_num_interior_rings(parts) > 0]] = False
        if not good.all():
            row = int(np.flatnonzero(~good)[0])
            shown = "NULL" if shapes[row] is None else str(shapes[row].geom_type)
            detail = f"{shown}, {row + 1}"
            raise BadInput("CTY-011", where=self._where, layer=kind.name, detail=detail)

    def _projected(self, kind: LayerKind, shapes: Shapes, crs: str) -> Shapes:
        if not len(shapes):
            return shapes
        try:
            source, target = CRS.from_user_input(crs), CRS.from_epsg(self._epsg)
            if source.to_2d() == target:
                return shapes
            change = Transformer.from_crs(source, target, always_xy=True)
        except (CRSError, ProjError) as error:
            detail = str(error)[:120] or "CRS"
            raise BadInput("CTY-013", where=self._where, layer=kind.name, detail=detail) from error

        def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.stack(change.transform(points[:, 0], points[:, 1]), axis=1)

        made = shapely.transform(shapes, moved)
        finite = np.array([np.isfinite(shapely.get_coordinates(shape)).all() for shape in made], np.bool_)
        if not finite.any():
            raise BadInput("CTY-013", where=self._where, layer=kind.name, detail=crs[:40])
        return np.asarray(np.where(finite, made, _NONE))

    def _cut(self, parts: Shapes) -> Shapes:
        """What of each lies in the country; a part wholly inside stays as it is, to the last bit."""
        area = shapely.box(*self._bounds)
        shapely.prepare(area)
        inside = shapely.covers(area, parts)
        made = parts.copy()
        made[~inside] = shapely.intersection(parts[~inside], area)
        return made


def _simple(part: shapely.Geometry, type_id: int) -> list[shapely.Geometry]:
    return [
        piece
        for piece in shapely.get_parts(part)
        if shapely.get_type_id(piece) == type_id and not piece.is_empty
    ]
