"""The rest of a sortie after a break: a way to the place along legs that were checked, then what was left.

Autopilots forget what the sensor did, so the leg that is taken up carries its task again. The way there is
flown with the sensor off over the legs of the same sortie, from its beginning or back from its end, whichever
is shorter: their airspace, terrain and heights were checked; those of a straight line never were.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import NotFound
from atalaya.earth.ellipsoid import geod
from atalaya.plan.flight.splitting import between_cuts
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import LegKind, Waypoint, WaypointKind

Floats = NDArray[np.float64]
MOST_KM = 10.0
SAME_PLACE_M = 200.0


@dataclass(frozen=True)
class Rest:
    """What is left of a sortie.

    Args:
        sortie: to fly, without times. leg, share: where it is taken up, and how much of that leg was flown.
        way_m: to get there. search_m: of search legs it still flies.
    """

    sortie: Sortie
    leg: int
    share: float
    way_m: float
    search_m: float


def place_on(sortie: Sortie, at: str) -> tuple[int, float]:
    """Leg and share of it: a waypoint's number begins its leg; a place is the nearest on the legs.

    Raises:
        NotFound: CLI-037, no such waypoint, or no leg within 10 km.
    """
    last = len(sortie.waypoints) - 1
    missing = NotFound("CLI-037", where=sortie.id, value=at[:60], last=last, most_km=f"{MOST_KM:g}")
    if at.strip().isdecimal():
        if int(at) >= last:
            raise missing
        return int(at), 0.0
    try:
        lon, lat = (float(part) for part in at.split(","))
    except ValueError:
        raise missing from None
    away, share = _nearest(sortie.waypoints, lon, lat)
    # a look is worth more than a way: of two legs that pass about as near, the searching one is meant
    search = np.array([p.leg is LegKind.SEARCH for p in sortie.waypoints[:-1]])
    leg = int(np.argmin(away + np.where(search, 0.0, SAME_PLACE_M)))
    if not away[leg] <= MOST_KM * 1e3:
        raise missing
    return (leg, float(share[leg])) if share[leg] < 1.0 or leg + 1 >= last else (leg + 1, 0.0)


def rest_of(sortie: Sortie, at: tuple[int, float], *, airborne: bool = False, direct: bool = False) -> Rest:
    """The sortie from a place on it to its landing.

    Args:
        at: leg and share, of `place_on`.
        airborne: no take-off and no way: it begins at the place.
        direct: straight from the base to the place, over ground nobody has checked.
    """
    points = sortie.waypoints
    work = list(between_cuts(points, at, (len(points) - 1, 0.0)))
    if work[0].kind is WaypointKind.TAKEOFF:
        way, work = [work[0]], work[1:]
    elif airborne:
        way = []
    elif direct:
        way = [points[0]]
    else:
        way = _checked_way(points, at, work[0])
    flown = (*(_unarmed(point) for point in way), *work)
    length = _lengths(flown)
    search = np.array([p.leg is LegKind.SEARCH for p in flown[:-1]])
    nothing, none = np.empty(0, np.int64), np.empty(0)
    path = FlightPath(nothing, none, none, none, none, nothing)
    rest = replace(sortie, id=f"{sortie.id}-rest", waypoints=flown, path=path, expected_finds=0.0)
    return Rest(rest, *at, float(length[: len(way)].sum()), float(length[search].sum()))


def _checked_way(points: tuple[Waypoint, ...], at: tuple[int, float], goal: Waypoint) -> list[Waypoint]:
    """The sortie's own legs from the base to a place: those before it, or backwards those after it."""
    ahead = list(points[: at[0] + 1])
    if at[1] == 0.0:
        ahead = ahead[:-1] or ahead
    first, last = points[0], points[-1]
    apart = float(geod().inv(first.lon_deg, first.lat_deg, last.lon_deg, last.lat_deg)[2])
    if apart > SAME_PLACE_M:
        return ahead
    behind = [first, *reversed(points[at[0] + 1 : -1])]
    ways = [way for way in (ahead, behind) if way]
    return min(ways, key=lambda way: float(_lengths((*way, goal)).sum()))


def _unarmed(point: Waypoint) -> Waypoint:
    """The waypoint without a look, and without a stay."""
    kind = point.kind if point.kind is WaypointKind.TAKEOFF else WaypointKind.FLY
    return replace(
        point, kind=kind, leg=LegKind.TRANSIT, task=None, loiter_s=0.0, loiter_radius_m=0.0, airspeed_ms=None
    )


def _lengths(points: tuple[Waypoint, ...]) -> Floats:
    lon, lat = (np.array([getattr(p, name) for p in points]) for name in ("lon_deg", "lat_deg"))
    return np.asarray(geod().inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2], np.float64)


def _nearest(points: tuple[Waypoint, ...], lon_deg: float, lat_deg: float) -> tuple[Floats, Floats]:
    """Distance of a place from each leg, metres, and the share of the leg where it is nearest."""
    lon, lat = (np.array([getattr(p, name) for p in points]) for name in ("lon_deg", "lat_deg"))
    azimuth, _, far = geod().inv(np.full(len(lon), lon_deg), np.full(len(lon), lat_deg), lon, lat)
    angle = np.radians(azimuth)
    xy = np.column_stack((far * np.sin(angle), far * np.cos(angle)))
    step = np.diff(xy, axis=0)
    square = np.maximum((step**2).sum(axis=1), 1e-12)
    share = np.clip(-(xy[:-1] * step).sum(axis=1) / square, 0.0, 1.0)
    return np.hypot(*(xy[:-1] + share[:, None] * step).T), share
