"""Any vector file that GDAL reads (GeoPackage, GeoJSON, shapefile, KML ...) as layers on a search map's
grid.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from atalaya.base.errors import BadInput, NotFound
from atalaya.sensing.map_grid import MapGrid, covered_share

Floats = NDArray[np.float64]
Shapes = NDArray[Any]

_LONGEST_CELLS = 8.0
_AT_ONCE = 200_000
_LINES, _AREAS = (1, 2, 5), (3, 6)


@dataclass(frozen=True)
class Features:
    """Shapes of one file in the metres of a map's grid, and their attributes by name."""

    shapes: Shapes
    fields: dict[str, NDArray[Any]]


def read_features(path: Path | str, grid: MapGrid, *, layer: str | None = None) -> Features:
    """All features of a layer, projected; those without a geometry are left out.

    Args:
        layer: its name; the first with geometries when None.

    Raises:
        NotFound: SNS-005, there is no such file.
        BadInput: SNS-020, unreadable; SNS-021, no reference system; SNS-022, no features.
    """
    where = str(path)
    if not Path(path).exists():
        raise NotFound("SNS-005", where=where, detail="?")
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        if not names or (layer is not None and layer not in names):
            raise BadInput("SNS-022", where=where, detail=", ".join(names))
        meta, _, blobs, columns = pyogrio.raw.read(path, layer=layer or names[0])
        shapes = shapely.from_wkb(blobs, on_invalid="ignore")
    except (DataSourceError, DataLayerError, ValueError, OSError, shapely.GEOSException) as error:
        raise BadInput("SNS-020", where=where, detail=str(error)[:200]) from error
    fields = dict(zip((str(name) for name in meta["fields"]), columns, strict=True))
    flat = _projected(shapely.force_2d(shapes), str(meta["crs"] or ""), grid, where)
    kept = ~(shapely.is_missing(flat) | shapely.is_empty(flat))
    if not kept.any():
        raise BadInput("SNS-022", where=where, detail="0")
    return Features(flat[kept], {name: column[kept] for name, column in fields.items()})


def distance_layer(features: Features, grid: MapGrid) -> Floats:
    """(rows, columns) metres from the middle of each cell to the nearest feature; 0 in an area."""
    parts = shapely.get_parts(shapely.get_parts(features.shapes))
    kinds = shapely.get_type_id(parts)
    pieces = [parts[kinds == 0]]
    edges = parts[np.isin(kinds, _LINES)]
    areas = parts[np.isin(kinds, _AREAS)]
    rings = shapely.get_rings(areas) if areas.size else areas
    longest_m = _LONGEST_CELLS * grid.grid.cell_m
    pieces.extend(_segments(lines, longest_m) for lines in (edges, rings) if lines.size)
    tree = shapely.STRtree(np.concatenate(pieces))
    columns, rows = np.meshgrid(np.arange(grid.grid.width), np.arange(grid.grid.height))
    east, north = (part.ravel() for part in grid.grid.east_north(columns, rows))
    found = np.empty(east.size)
    for start in range(0, east.size, _AT_ONCE):
        middles = shapely.points(east[start : start + _AT_ONCE], north[start : start + _AT_ONCE])
        index, away = tree.query_nearest(middles, return_distance=True, all_matches=False)
        found[start + index[0]] = away
    if areas.size:
        over = shapely.STRtree(areas)
        for start in range(0, east.size, _AT_ONCE):
            middles = shapely.points(east[start : start + _AT_ONCE], north[start : start + _AT_ONCE])
            found[start + over.query(middles, predicate="intersects")[0]] = 0.0
    return found.reshape(grid.shape)


def covered_layer(features: Features, grid: MapGrid) -> Floats:
    """(rows, columns) part of each cell that areas of a file cover, to a sixteenth."""
    return covered_share(shapely.union_all(shapely.make_valid(features.shapes)), grid.grid)


def class_layer(features: Features, grid: MapGrid, field: str) -> Floats:
    """(rows, columns) value of a numeric field of the last feature at the middle of each cell; NaN where
    none is.

    Raises:
        BadInput: SNS-022, there is no such field, or it holds no numbers.
    """
    from rasterio.features import rasterize
    from rasterio.transform import from_origin

    values = features.fields.get(field)
    if values is None or np.asarray(values).dtype.kind not in "iuf":
        raise BadInput("SNS-022", where=field, detail=", ".join(features.fields))
    cells = grid.grid
    return np.asarray(
        rasterize(
            zip(features.shapes, np.asarray(values, np.float64), strict=True),
            out_shape=grid.shape,
            transform=from_origin(cells.west_m, cells.north_m, cells.cell_m, cells.cell_m),
            fill=np.nan,
            dtype="float64",
        )
    )


def _segments(lines: Shapes, longest_m: float) -> Shapes:
    """Straight pieces of lines, short enough that their boxes say where they are."""
    fine = shapely.segmentize(lines, longest_m)
    points, owner = shapely.get_coordinates(fine, return_index=True)
    same = owner[1:] == owner[:-1]
    ends = np.stack((points[:-1][same], points[1:][same]), axis=1)
    return np.asarray(shapely.linestrings(ends))


def _projected(shapes: Shapes, crs: str, grid: MapGrid, where: str) -> Shapes:
    if not crs:
        raise BadInput("SNS-021", where=where)
    try:
        change = Transformer.from_crs(
            CRS.from_user_input(crs), CRS.from_user_input(grid.grid.crs), always_xy=True
        )
    except (CRSError, ProjError) as error:
        raise BadInput("SNS-020", where=where, detail=str(error)[:200]) from error

    def moved(points: Floats) -> Floats:
        return np.stack(tuple(change.transform(points[:, 0], points[:, 1])), axis=1)

    flat = shapely.transform(shapes, moved)
    # what lies on the far side of the Earth has no place in the projection
    finite = np.array([np.isfinite(shapely.get_coordinates(one)).all() for one in flat], np.bool_)
    return np.asarray(np.where(finite, flat, None))
