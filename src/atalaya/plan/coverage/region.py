"""The area to cover, checked, moved to a local origin, with a hair of margin that keeps every leg inside."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]
Area: TypeAlias = BaseGeometry  # Polygon or MultiPolygon; shapely has no types

MARGIN_OF_SIZE, MARGIN_OF_SWATH = 1e-6, 1e-3
MOST_VERTICES = 500
COARSEST = 0.05


@dataclass(frozen=True, slots=True)
class Region:
    """What is planned in; local coordinates are metres east and north of `origin`.

    Args:
        origin: (2,) float64, what was subtracted from the caller's coordinates.
        area: what has to be covered.
        free: where lines and transits have their ends: a hair inside of `walls`.
        walls: (m, 4) float64, edges no leg may touch.
        corners: (r, 2) float64, where shortest ways may bend, a hair away from the walls.
        unreachable_m2: what of the area no leg from the largest part can reach.
    """

    origin: Floats
    area: Area
    free: Area
    walls: Floats
    corners: Floats
    unreachable_m2: float


def checked_area(area: BaseGeometry, where: str = "area") -> Area:
    """The polygon, if it is one.

    Raises:
        BadInput: COV-001 rings that cross or holes outside; COV-002 no polygon, empty, not finite, no area.
    """
    if not isinstance(area, Polygon | MultiPolygon):
        raise BadInput("COV-002", where=where, detail=type(area).__name__)
    if area.is_empty or not np.isfinite(shapely.get_coordinates(area)).all():
        raise BadInput("COV-002", where=where, detail="empty or not finite")
    if not area.is_valid:
        raise BadInput("COV-001", where=where, detail=shapely.is_valid_reason(area))
    west, south, east, north = area.bounds
    if area.area <= 1e-12 * max(east - west, north - south) ** 2:
        raise BadInput("COV-002", where=where, detail="no area")
    return area


def refuse_degrees(area: Area, swath_m: float) -> None:
    """Metres are asked for: coordinates within degree ranges under a swath wider than the area are degrees.

    Raises:
        BadInput: COV-004.
    """
    west, south, east, north = area.bounds
    like_degrees = west >= -180 and east <= 360 and south >= -90 and north <= 90
    if like_degrees and swath_m > max(east - west, north - south):
        raise BadInput("COV-004", swath_m=swath_m, width=f"{east - west:.6g}", height=f"{north - south:.6g}")


def region_of(area: Area, swath_m: float, *, within: Area | None, keep_inside: bool) -> Region:
    """Prepare an area.

    Args:
        area: checked, metres.
        swath_m: metres.
        within: where legs may run; None for the area itself (for several pieces: anywhere but in holes).
        keep_inside: False lets transits leave the outer border; holes are never entered.
    """
    origin = np.array(area.envelope.centroid.coords[0])
    area = _moved(area, origin)
    size = max(area.bounds[2] - area.bounds[0], area.bounds[3] - area.bounds[1])
    margin = min(MARGIN_OF_SIZE * size, MARGIN_OF_SWATH * swath_m)
    room = area if within is None else _moved(within, origin)
    plain = _light(room, margin, min(COARSEST * swath_m, 1e-3 * size))
    inner = plain.buffer(-margin, join_style="mitre")
    open_outside = not keep_inside or (within is None and area.geom_type == "MultiPolygon")
    if open_outside:
        rings = [ring for part in parts_of(plain) for ring in part.interiors]
        corners = _convex(rings, margin)
    else:
        inner = _largest(inner)
        rings = [r for part in parts_of(plain) for r in (part.exterior, *part.interiors)]
        corners = _reflex(inner)
    free = inner if within is None else shapely.intersection(inner, area)
    free = _polygons_of(free)
    lost = (
        area.area - shapely.intersection(area, free.buffer(3 * margin)).area if _splits(plain, inner) else 0.0
    )
    return Region(origin, area, free, edges_of(rings), corners, max(lost, 0.0))


def edges_of(rings: list[shapely.LinearRing]) -> Floats:
    """(m, 4) float64: the edges of rings."""
    if not rings:
        return np.empty((0, 4))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    edges = np.hstack([xy[:-1], xy[1:]])
    return np.asarray(edges[ring[:-1] == ring[1:]])


def rings_of(area: Area) -> list[shapely.LinearRing]:
    """Every ring, outer and inner."""
    return [ring for part in parts_of(area) for ring in (part.exterior, *part.interiors)]


def _moved(area: Area, origin: Floats) -> Area:
    moved: Area = shapely.transform(shapely.force_2d(area), lambda xy: xy - origin)
    return moved


def parts_of(area: BaseGeometry) -> list[Polygon]:
    """Its polygons."""
    return [part for part in shapely.get_parts(area) if isinstance(part, Polygon) and not part.is_empty]


def _polygons_of(shape: BaseGeometry) -> Area:
    parts = parts_of(shape)
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _light(area: Area, margin: float, coarsest: float) -> Area:
    """The area with few enough vertices, never larger than it was."""
    step = margin
    plain = area
    while shapely.get_num_coordinates(plain) > MOST_VERTICES and step <= coarsest:
        inner = area.simplify(0.1 * step).buffer(-1.2 * step, join_style="mitre")
        plain = _polygons_of(inner.simplify(step))
        step *= 3
    return plain if plain.area > 0 else area


def _largest(inner: BaseGeometry) -> Area:
    return max(parts_of(inner), key=lambda part: part.area, default=Polygon())


def _splits(plain: BaseGeometry, inner: BaseGeometry) -> bool:
    return abs(plain.area - inner.area) > 0.01 * plain.area or len(parts_of(plain)) != len(parts_of(inner))


def _turns(ring: shapely.LinearRing) -> tuple[Floats, Floats]:
    """Vertices of a ring and the cross product of the edges before and after each."""
    xy = np.asarray(ring.coords)[:-1, :2]
    before, after = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
    return xy, before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]


def _reflex(area: Area) -> Floats:
    """Vertices with more than 180 degrees of area around them: where shortest ways inside bend."""
    found = [np.empty((0, 2))]
    for part in parts_of(shapely.orient_polygons(area)):
        for ring in (part.exterior, *part.interiors):
            xy, turn = _turns(ring)
            found.append(xy[turn < 0])
    return np.vstack(found)


def _convex(rings: list[shapely.LinearRing], margin: float) -> Floats:
    """Vertices of obstacles, pushed out by the margin: where shortest ways around them bend."""
    found = [np.empty((0, 2))]
    for ring in rings:
        xy, turn = _turns(Polygon(ring).buffer(margin, join_style="mitre").normalize().exterior)
        found.append(xy[turn < 0])
    return np.vstack(found)
