"""One feature's shape as valid polygons within ±180 degrees, and a record of everything done to it."""

import math

import shapely

from atalaya.law.boundary.antimeridian import crosses, cut
from atalaya.law.boundary.densify import densified
from atalaya.law.boundary.polygons import multipolygon, polygons_in, rings_in
from atalaya.law.boundary.record import Edge, Repair
from atalaya.law.boundary.soundness import is_sound


def repaired(
    shape: shapely.Geometry, feature: str, edge: Edge, *, closed: bool
) -> tuple[shapely.MultiPolygon, tuple[Repair, ...]]:
    """The polygons of a feature and the repairs they needed.

    Args:
        shape: as the file has it, degrees; lines and points among polygons are set aside.
        feature: its key, for the record.
        closed: whether the reader had to close rings.
    """
    done: list[Repair] = []

    def note(what: str, before: shapely.Geometry, after: shapely.Geometry) -> None:
        done.append(Repair(feature, what, area_km2(before), area_km2(after)))

    if closed:
        done.append(Repair(feature, "closed", math.nan, area_km2(shape)))
    polygons = list(polygons_in(shape))
    whole = shapely.MultiPolygon(polygons)
    if any(part.geom_type not in ("Polygon", "MultiPolygon") for part in _members(shape)):
        note("polygons_taken_out", shape, whole)
    polygons = [densified(part, edge) for part in polygons]
    if crosses(rings_in(whole)):
        parts = [cut(part) if crosses(rings_in(part)) else part for part in polygons]
        joined = multipolygon(shapely.union_all([shapely.make_valid(part) for part in parts]))
        note("cut_at_antimeridian", whole, joined)
        return joined, tuple(done)
    result = shapely.MultiPolygon(polygons)
    if not is_sound(result):
        valid = multipolygon(shapely.make_valid(result))
        note("made_valid", result, valid)
        result = valid
    return result, tuple(done)


def area_km2(shape: shapely.Geometry) -> float:
    """Geodesic area of all polygons inside a geometry, holes taken off; NaN where it cannot be told."""
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    total = 0.0
    for polygon in polygons_in(shape):
        shell, *holes = (ring.coords.xy for ring in (polygon.exterior, *polygon.interiors))
        areas = [abs(geod.polygon_area_perimeter(lon, lat)[0]) for lon, lat in (shell, *holes)]
        total += areas[0] - sum(areas[1:])
    return total / 1e6 if math.isfinite(total) else math.nan


def _members(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """The parts of a collection of any depth, multipolygons whole."""
    if shape.geom_type != "GeometryCollection":
        return [shape]
    return [inner for part in shape.geoms for inner in _members(part)]
