"""Whether polygons are usable, also where one has a hundred thousand holes (GEOS takes minutes for those).

Usable means: every ring is simple, rings touch at single places at most, holes lie within their shell and
apart from each other, and polygons lie apart. That is OGC validity (ISO 19125-1, 6.1.11) but for interiors
that touching rings cut in two, which neither containment nor areas nor GEOS's overlays mind.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary.polygons import polygons_in

MANY = 300
"""Holes from which on looking at them one by one is quicker than GEOS's own check."""

AT_PLACES = "F***0****"
"""DE-9IM: apart, or boundaries meet in single places only."""


def is_sound(shape: shapely.Geometry) -> bool:
    """Whether every polygon of a geometry is usable, and all of them together."""
    parts = polygons_in(shape)
    many = shapely.get_num_interior_rings(parts) >= MANY
    if not many.any():
        return bool(shapely.is_valid(shape))
    alone = bool(shapely.is_valid(parts[~many]).all()) and all(_sound(part) for part in parts[many])
    return alone and _polygons_apart(parts)


def _polygons_apart(parts: NDArray[np.object_]) -> bool:
    """Whether every polygon lies beside every other or in one of its holes."""
    shells = shapely.polygons(shapely.get_exterior_ring(parts))
    shapely.prepare(shells)
    first, second = shapely.STRtree(shells).query(shells)
    larger = shapely.area(shells[first]) > shapely.area(shells[second])
    equal = (shapely.area(shells[first]) == shapely.area(shells[second])) & (first < second)
    first, second = first[larger | equal], second[larger | equal]
    near = shapely.intersects(shells[first], shells[second])
    for big in np.unique(first[near]):
        small = shells[second[near & (first == big)]]
        holes = shapely.STRtree(shapely.polygons(shapely.get_rings(parts[big])[1:]))
        lost = np.ones(len(small), np.bool_)
        lost[holes.query(small, predicate="covered_by")[0]] = False
        if not shapely.relate_pattern(shells[big], small[lost], AT_PLACES).all():
            return False
    return True


def _sound(polygon: shapely.Polygon) -> bool:
    shell = shapely.Polygon(polygon.exterior)
    holes = shapely.polygons(shapely.get_rings(polygon)[1:])
    if not (shapely.is_valid(shell) and shapely.is_valid(holes).all()):
        return False
    shapely.prepare(shell)
    touching = holes[~shapely.contains_properly(shell, holes)]
    return bool(shapely.covers(shell, touching).all()) and _apart(holes)


def _apart(parts: NDArray[np.object_]) -> bool:
    """Whether no two of them share more than single places."""
    first, second = shapely.STRtree(parts).query(parts, predicate="intersects")
    once = first < second
    return bool(shapely.relate_pattern(parts[first[once]], parts[second[once]], AT_PLACES).all())
