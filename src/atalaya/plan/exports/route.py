"""Sorties as lines and areas for maps: what KML, GeoJSON, GPX and tables carry, neutral of the format."""

import math
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.plan.exports.compare import (
    Difference,
    Tolerance,
    fence_differences,
    ring_differences,
    same_number,
)
from atalaya.plan.exports.fence import NO_FENCE, Fence, RallyPoint, Ring, checked_fence, on_earth
from atalaya.plan.exports.mission import DEEPEST_M, HIGHEST_M, checked_rally
from atalaya.plan.exports.xml_text import plain_text
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import Waypoint


@dataclass(frozen=True, slots=True)
class Swath:
    """An area that belongs to a leg.

    Args:
        kind: "corridor" where the aircraft may be, "sensor" what the sensor is to see.
        leg: index of the waypoint its leg starts at.
        ring: (lon_deg, lat_deg) of its corners, the first not repeated.
        heights_msl_m: of the corners, above mean sea level (EGM96); None for an area on the ground.
    """

    kind: str
    leg: int
    ring: Ring
    heights_msl_m: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One sortie as its waypoints.

    Args:
        id: of the sortie.
        waypoints: heights above mean sea level (EGM96); NaN where a file of others states none.
        t_us: (n,) when each is reached, microseconds UTC; None where not known.
        swaths: areas of its legs.
    """

    id: str
    waypoints: tuple[Waypoint, ...]
    t_us: tuple[int | None, ...] = ()
    swaths: tuple[Swath, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteFile:
    """All that one file of a map format holds."""

    routes: tuple[Route, ...]
    fence: Fence = NO_FENCE
    rally: tuple[RallyPoint, ...] = ()


ALL_FIELDS = frozenset(
    {
        "height_msl_m",
        "kind",
        "leg",
        "label",
        "task",
        "loiter_s",
        "loiter_radius_m",
        "airspeed_ms",
        "t_us",
        "swaths",
        "fence",
        "rally",
    }
)
"""What a format may carry besides id, longitude and latitude."""


def route_of(sortie: Sortie, swaths: Iterable[Swath] = ()) -> Route:
    """A sortie's waypoints with the times its path reaches them, rounded as formats carry them.

    Raises:
        BadInput: XPT-025, fewer than two waypoints; XPT-004, a waypoint that is no place on Earth.
    """
    if len(sortie.waypoints) < 2:
        raise BadInput("XPT-025", where=sortie.id, count=len(sortie.waypoints))
    return checked_route(Route(sortie.id, sortie.waypoints, _reached(sortie), tuple(swaths)), where=sortie.id)


def _reached(sortie: Sortie) -> tuple[int | None, ...]:
    """When the leg of each waypoint begins; the last waypoint ends the path."""
    path, count = sortie.path, len(sortie.waypoints)
    if not len(path.t_us):
        return (None,) * count
    first = np.searchsorted(path.waypoint, np.arange(count))
    rows = np.minimum(first, len(path.t_us) - 1)
    return tuple(int(t) for t in path.t_us[rows])


def checked_route(route: Route, *, where: str = "", heights: bool = True) -> Route:
    """The same route, places rounded to 1e-7 degrees, heights to millimetres.

    Args:
        heights: False lets heights be unknown (NaN).

    Raises:
        BadInput: XPT-004.
    """
    points = tuple(
        _checked_waypoint(point, f"{where} waypoint {n}", heights=heights)
        for n, point in enumerate(route.waypoints)
    )
    times = route.t_us if len(route.t_us) == len(points) else (None,) * len(points)
    swaths = tuple(_checked_swath(swath, f"{where} {swath.kind} {swath.leg}") for swath in route.swaths)
    return replace(route, id=plain_text(route.id) or "R", waypoints=points, t_us=times, swaths=swaths)


def _checked_waypoint(point: Waypoint, where: str, *, heights: bool) -> Waypoint:
    if not on_earth(point.lon_deg, point.lat_deg):
        raise BadInput("XPT-004", where=where, name="lon, lat", value=(point.lon_deg, point.lat_deg))
    known = math.isfinite(point.height_msl_m) and DEEPEST_M <= point.height_msl_m <= HIGHEST_M
    if not known and (heights or not math.isnan(point.height_msl_m)):
        raise BadInput("XPT-004", where=where, name="height_msl_m", value=point.height_msl_m)
    return replace(
        point,
        lon_deg=round(point.lon_deg, 7),
        lat_deg=round(point.lat_deg, 7),
        height_msl_m=round(point.height_msl_m, 3),
        label=plain_text(point.label),
    )


def _checked_swath(swath: Swath, where: str) -> Swath:
    if any(not on_earth(lon, lat) for lon, lat in swath.ring) or len(swath.ring) < 3:
        raise BadInput("XPT-012", where=where, detail=str(len(swath.ring)))
    ring = tuple((round(lon, 7), round(lat, 7)) for lon, lat in swath.ring)
    heights = swath.heights_msl_m
    return replace(
        swath, ring=ring, heights_msl_m=None if heights is None else tuple(round(h, 3) for h in heights)
    )


def unused_name(wanted: str, taken: Container[str]) -> str:
    """A name for a route of a file of others, where several may bear the same."""
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted} ({count})"
    return name


def checked_file(file: RouteFile, *, where: str = "") -> RouteFile:
    """The same content, rounded; see `checked_route`, `checked_fence`.

    Raises:
        BadInput: XPT-004, XPT-012.
    """
    return RouteFile(
        tuple(checked_route(route, where=f"{where} {route.id}", heights=False) for route in file.routes),
        checked_fence(file.fence, where=where),
        checked_rally(file.rally, where=where),
    )


def route_differences(
    expected: RouteFile, found: RouteFile, fields: frozenset[str], tolerance: Tolerance
) -> Iterator[Difference]:
    """All differences of two files in the fields a format carries."""
    if len(expected.routes) != len(found.routes):
        yield Difference("routes", len(expected.routes), len(found.routes))
    for one, other in zip(expected.routes, found.routes, strict=False):
        yield from _routes(one, other, fields, tolerance)
    if "fence" in fields:
        yield from fence_differences(expected.fence, found.fence, tolerance)
    if "rally" in fields:
        pairs = [[(p.lon_deg, p.lat_deg) for p in file.rally] for file in (expected, found)]
        yield from ring_differences("rally", pairs[0], pairs[1], tolerance)
        for number, (a, b) in enumerate(zip(expected.rally, found.rally, strict=False), 1):
            if not same_number(a.height_msl_m, b.height_msl_m, tolerance.height_m):
                yield Difference(f"rally {number} height_msl_m", a.height_msl_m, b.height_msl_m)


def _routes(one: Route, other: Route, fields: frozenset[str], tolerance: Tolerance) -> Iterator[Difference]:
    if one.id != other.id:
        yield Difference("route id", one.id, other.id)
    places = [[(p.lon_deg, p.lat_deg) for p in route.waypoints] for route in (one, other)]
    yield from ring_differences(one.id, places[0], places[1], tolerance)
    for number, (a, b) in enumerate(zip(one.waypoints, other.waypoints, strict=False)):
        yield from _waypoints(f"{one.id} waypoint {number}", a, b, fields, tolerance)
    if "t_us" in fields and one.t_us != other.t_us:
        yield Difference(f"{one.id} times", one.t_us, other.t_us)
    if "swaths" in fields:
        yield from _swaths(one, other, tolerance)


def _waypoints(
    place: str, one: Waypoint, other: Waypoint, fields: frozenset[str], tolerance: Tolerance
) -> Iterator[Difference]:
    if "height_msl_m" in fields and not same_number(one.height_msl_m, other.height_msl_m, tolerance.height_m):
        yield Difference(f"{place} height_msl_m", one.height_msl_m, other.height_msl_m)
    for name in ("kind", "leg", "label", "task", "loiter_s", "loiter_radius_m", "airspeed_ms"):
        if name in fields and getattr(one, name) != getattr(other, name):
            yield Difference(f"{place} {name}", getattr(one, name), getattr(other, name))


def _swaths(one: Route, other: Route, tolerance: Tolerance) -> Iterator[Difference]:
    if len(one.swaths) != len(other.swaths):
        yield Difference(f"{one.id} swaths", len(one.swaths), len(other.swaths))
    for a, b in zip(one.swaths, other.swaths, strict=False):
        place = f"{one.id} {a.kind} {a.leg}"
        if (a.kind, a.leg) != (b.kind, b.leg):
            yield Difference(place, (a.kind, a.leg), (b.kind, b.leg))
        yield from ring_differences(place, a.ring, b.ring, tolerance)
        first, second = a.heights_msl_m, b.heights_msl_m
        same = (first is None) == (second is None) and all(
            same_number(x, y, tolerance.height_m) for x, y in zip(first or (), second or (), strict=False)
        )
        if not same:
            yield Difference(f"{place} heights", first, second)
