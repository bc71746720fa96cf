"""Where an autopilot itself may fly and where it may come down: fence and rally points of no format.

A fence is the last guard in the air, never the first: legs are checked while planning.
"""

import math
from dataclasses import dataclass

from shapely.geometry import Polygon
from shapely.validation import explain_validity

from atalaya.base.errors import BadInput

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class FencePolygon:
    """A closed polygon.

    Args:
        ring: (lon_deg, lat_deg) of its corners, WGS 84, the first not repeated.
        inclusion: True to stay inside, False to stay outside.
    """

    ring: Ring
    inclusion: bool = True


@dataclass(frozen=True, slots=True)
class FenceCircle:
    """A circle on the ground; inclusion as for a polygon."""

    lon_deg: float
    lat_deg: float
    radius_m: float
    inclusion: bool = True


@dataclass(frozen=True, slots=True)
class Fence:
    """All areas of one fence; no heights, since MAVLink fences have none."""

    polygons: tuple[FencePolygon, ...] = ()
    circles: tuple[FenceCircle, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.polygons or self.circles)


NO_FENCE = Fence()


@dataclass(frozen=True, slots=True)
class RallyPoint:
    """A place to loiter or land when the mission cannot go on; above mean sea level (EGM96)."""

    lon_deg: float
    lat_deg: float
    height_msl_m: float


def on_earth(lon_deg: float, lat_deg: float) -> bool:
    """Whether a pair of numbers can be a place: finite, longitude first."""
    return (
        math.isfinite(lon_deg) and math.isfinite(lat_deg) and abs(lon_deg) <= 180.0 and abs(lat_deg) <= 90.0
    )


def checked_fence(fence: Fence, *, where: str = "") -> Fence:
    """The same fence with places rounded to MAVLink's 1e-7 degrees, radii to centimetres.

    Raises:
        BadInput: XPT-012, a polygon has fewer than three corners, crosses itself or spans the antimeridian;
            XPT-004, a corner or radius is not a possible number.
    """
    polygons = tuple(
        FencePolygon(_checked_ring(area.ring, f"{where} polygon {n}"), area.inclusion)
        for n, area in enumerate(fence.polygons, 1)
    )
    circles = tuple(
        FenceCircle(
            *_place(area.lon_deg, area.lat_deg, f"{where} circle {n}"),
            _radius(area.radius_m, f"{where} circle {n}"),
            area.inclusion,
        )
        for n, area in enumerate(fence.circles, 1)
    )
    return Fence(polygons, circles)


def _checked_ring(ring: Ring, where: str) -> Ring:
    corners = tuple(_place(lon, lat, where) for lon, lat in ring)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners = corners[:-1]
    if len(corners) < 3:
        raise BadInput("XPT-012", where=where, detail=f"{len(corners)} < 3")
    longitudes = [lon for lon, _ in corners]
    if max(longitudes) - min(longitudes) > 180.0:
        raise BadInput("XPT-012", where=where, detail="180°")
    shape = Polygon(corners)
    if not shape.is_valid or shape.area == 0.0:
        raise BadInput("XPT-012", where=where, detail=explain_validity(shape))
    return corners


def _place(lon_deg: float, lat_deg: float, where: str) -> tuple[float, float]:
    if not on_earth(lon_deg, lat_deg):
        raise BadInput("XPT-004", where=where, name="lon, lat", value=f"{lon_deg}, {lat_deg}")
    return round(lon_deg, 7), round(lat_deg, 7)


def _radius(radius_m: float, where: str) -> float:
    if not (math.isfinite(radius_m) and 0.0 < radius_m < 1e7):
        raise BadInput("XPT-004", where=where, name="radius", value=radius_m)
    return round(radius_m, 2)
