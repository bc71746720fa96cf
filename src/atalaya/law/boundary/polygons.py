"""The polygons inside any geometry: collections, lines and points that repairs leave behind are set aside."""

import numpy as np
import shapely
from numpy.typing import NDArray

POLYGON = int(shapely.GeometryType.POLYGON)
"""GEOS's number of a polygon; all that hold several geometries come after it."""


def polygons_in(geometry: shapely.Geometry) -> NDArray[np.object_]:
    """(n,) polygons, valid or not, out of a polygon, multipolygon or collection of any depth."""
    parts = np.atleast_1d(np.asarray(geometry, dtype=object))
    while (shapely.get_type_id(parts) > POLYGON).any():
        parts = shapely.get_parts(parts)
    kept: NDArray[np.object_] = parts[(shapely.get_type_id(parts) == POLYGON) & ~shapely.is_empty(parts)]
    return kept


def multipolygon(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """All polygons inside a geometry as one multipolygon; empty where there are none."""
    return shapely.MultiPolygon(list(polygons_in(geometry)))


def rings_in(geometry: shapely.Geometry) -> NDArray[np.object_]:
    """Every ring of every polygon inside a geometry."""
    rings: NDArray[np.object_] = shapely.get_rings(polygons_in(geometry))
    return rings
