"""How a list of waypoints is flown: track with rounded corners, time with wind, height with climb, fuel by
weight.

What is flown between waypoints:

* corners between legs of one sort are rounded (fly-by), the turn drifting with the wind;
* the ends of search legs are passed over on the leg's course, so that every metre of it is seen; the way from
  one search leg to the next is the shortest path of turns and straights (Dubins) in moving air;
* a corner too sharp or too near for rounding is flown over, and the next leg starts with the turn back;
* climbs start with their leg, descents end with it; what a leg is too short for is gained in circles at its
  start or lost in circles at its end. On search legs height changes evenly. A LOITER is a circle about its
  waypoint.

Airspeed is horizontal (a 5 m/s climb at 60 m/s shortens it by 0.3 %); distances are those on the ellipsoid.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import SEMI_MAJOR_M, geodetic_to_ecef, ned_basis
from atalaya.earth.geoid import converted_height_m
from atalaya.earth.surface import Surface
from atalaya.plan.flight import kernels
from atalaya.plan.flight.fuel import burn_factor, fuel_left, require_load
from atalaya.plan.flight.wind import CALM, WindField, ground_speed_ms
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.plane import between
from atalaya.plan.waypoint import LegKind, Waypoint, WaypointKind
from atalaya.sensing.platform import Platform

Floats = NDArray[np.float64]

GROUND_GAP_M = 100.0
"""A base so far from the ground of the terrain model has a height of another datum, or of another place."""

_SLOW = frozenset({LegKind.SEARCH, LegKind.LOITER, LegKind.TURN})


@dataclass(frozen=True, slots=True)
class Route:
    """Waypoints as columns: what the compiled parts take.

    lon_deg, lat_deg, height_m: (n,)      airspeed_ms: (n,) of the leg that starts there
    mode: (n,) int64, see `kernels`       keep_out: (n,) an OVER takes the course of the leg after it
    search: (n,) whether the leg searches  stay_s, circle_m: (n,) of a LOITER
    """

    lon_deg: Floats
    lat_deg: Floats
    height_m: Floats
    airspeed_ms: Floats
    mode: NDArray[np.int64]
    keep_out: NDArray[np.bool_]
    search: NDArray[np.bool_]
    stay_s: Floats
    circle_m: Floats


def fly(
    waypoints: Sequence[Waypoint],
    platform: Platform,
    *,
    start_us: int,
    fuel: float,
    wind: WindField = CALM,
    terrain: Surface | None = None,
) -> FlightPath:
    """How waypoints are expected to be flown.

    Args:
        waypoints: at least two; the first is where it starts at `start_us`, the last where it ends.
        platform: its speeds, rates, bank and tank. Legs without an airspeed of their own are flown at loiter
            speed if they search, turn or loiter, else at cruise speed.
        fuel: loaded at the start, in the unit of the tank. It may become negative on the way: `check_path`
            says.
        terrain: to hold the heights of take-off and landing against; None for no such check.

    Raises:
        BadInput: FLT-001 wind as fast as the aircraft; FLT-004 no such load; FLT-005 a waypoint that is
            nowhere; FLT-006 fewer than two; FLT-007 no turn joins two legs; FLT-008 a base far from the
            ground.
    """
    require_load(platform.tank, fuel)
    route = columns_of(waypoints, platform)
    if terrain is not None:
        _require_on_ground(waypoints, terrain)
    air = _wind_at_waypoints(route, start_us, wind)
    tan_bank = float(np.tan(np.radians(platform.bank_deg)))
    legs = len(route.lon_deg) - 1
    climb, sink = np.zeros(legs), np.zeros(legs)
    rows = _track(route, air, climb, sink, tan_bank)
    seconds = _seconds(rows, route, start_us, wind)
    short = _missing_s(rows, seconds, route, platform)
    if short.any():
        climb, sink = np.maximum(short, 0.0), np.maximum(-short, 0.0)
        rows = _track(route, air, climb, sink, tan_bank)
        seconds = _seconds(rows, route, start_us, wind)
    return _with_heights(rows, seconds, route, platform, start_us, fuel)


def columns_of(waypoints: Sequence[Waypoint], platform: Platform) -> Route:
    """Waypoints as columns.

    Raises:
        BadInput: FLT-005, FLT-006.
    """
    if len(waypoints) < 2:
        raise BadInput("FLT-006", count=len(waypoints))
    lon, lat, height, stay, circle = np.array(
        [(p.lon_deg, p.lat_deg, p.height_msl_m, p.loiter_s, p.loiter_radius_m) for p in waypoints], np.float64
    ).T
    speed = np.array(
        [p.airspeed_ms or (platform.loiter_ms if p.leg in _SLOW else platform.cruise_ms) for p in waypoints]
    )
    sound = (
        np.isfinite(lon + lat + height + stay + circle + speed)
        & (np.abs(lat) < 89.0)
        & (np.abs(lon) <= 540.0)
    )
    sound &= (speed > 0.0) & (stay >= 0.0) & (height > -1000.0) & (height < 40_000.0)
    if not sound.all():
        at = int(np.flatnonzero(~sound)[0])
        raise BadInput("FLT-005", where=f"waypoint {at}", detail=repr(waypoints[at]))
    search = np.array([p.leg is LegKind.SEARCH for p in waypoints])
    search[-1] = False
    before = np.concatenate(([False], search[:-1]))
    mode = np.where(before != search, kernels.OVER, kernels.BY).astype(np.int64)
    mode[[p.kind is WaypointKind.LOITER for p in waypoints]] = kernels.LOITER
    keep_out = search.copy()
    keep_out[0] = True
    return Route(lon, lat, height, speed, mode, keep_out, search, stay, circle)


def _require_on_ground(waypoints: Sequence[Waypoint], terrain: Surface) -> None:
    for point in (waypoints[0], waypoints[-1]):
        if point.kind not in (WaypointKind.TAKEOFF, WaypointKind.LAND):
            continue
        lon, lat = np.array([point.lon_deg]), np.array([point.lat_deg])
        ground = converted_height_m(terrain.height_hae_m(lon, lat), lon, lat, have="hae", want="msl")[0]
        if np.isfinite(ground) and abs(ground - point.height_msl_m) > GROUND_GAP_M:
            raise BadInput(
                "FLT-008", where=point.label, height=f"{point.height_msl_m:.0f}", ground=f"{ground:.0f}"
            )


def _wind_at_waypoints(route: Route, start_us: int, wind: WindField) -> Floats:
    """(n, 2) wind about each waypoint at about the time it is passed."""
    place = geodetic_to_ecef(route.lon_deg, route.lat_deg, 0.0)
    length = np.linalg.norm(np.diff(place, axis=0), axis=1)
    seconds = np.concatenate(([0.0], np.cumsum(length / route.airspeed_ms[:-1] + route.stay_s[:-1])))
    t_us = start_us + (seconds * 1e6).astype(np.int64)
    return wind.at(t_us, route.height_m, route.lon_deg, route.lat_deg)


def _track(route: Route, air: Floats, climb: Floats, sink: Floats, tan_bank: float) -> Floats:
    lon, lat = np.radians(route.lon_deg), np.radians(route.lat_deg)
    needed = 64 * len(lon) + 256
    while True:
        rows = np.empty((needed, 5))
        count, state, leg = kernels.track(
            lon, lat, route.airspeed_ms, air, route.mode, route.keep_out, route.stay_s, route.circle_m,
            climb, sink, tan_bank, rows,
        )  # fmt: skip
        if state == kernels.WIND_TOO_STRONG:
            speed, fast = float(np.hypot(*air[leg])), float(route.airspeed_ms[leg])
            raise BadInput("FLT-001", where=f"leg {leg}", wind=f"{speed:.1f}", airspeed=f"{fast:.1f}")
        if state == kernels.NO_TURN:
            raise BadInput("FLT-007", where=f"leg {leg}")
        if count <= needed:
            return rows[:count]
        needed = int(count)


def _seconds(rows: Floats, route: Route, start_us: int, wind: WindField) -> Floats:
    """(m - 1,) time of each piece between rows, by the wind triangle in the wind of its place and time."""
    lon, lat = np.degrees(rows[:, 0]), np.degrees(rows[:, 1])
    place = geodetic_to_ecef(lon, lat, 0.0)
    step = np.diff(place, axis=0)
    chord = np.linalg.norm(step, axis=1)
    length = chord * (1.0 + (chord / SEMI_MAJOR_M) ** 2 / 24.0) * rows[1:, 4]
    leg = rows[1:, 2].astype(np.int64)
    speed = route.airspeed_ms[leg]
    mid_lon, mid_lat = between(lon[:-1], lat[:-1], lon[1:], lat[1:], 0.5)
    local = np.einsum("nji,nj->ni", ned_basis(mid_lon, mid_lat), step)
    course = np.degrees(np.arctan2(local[:, 1], local[:, 0]))
    about = start_us + (np.cumsum(length / speed) * 1e6).astype(np.int64)
    air = wind.at(about, route.height_m[leg], mid_lon, mid_lat)
    over_ground = ground_speed_ms(speed, air, course)
    if not (over_ground > 0.0).all():
        at = int(np.flatnonzero(~(over_ground > 0.0))[0])
        raise BadInput(
            "FLT-001", where=f"leg {leg[at]}", wind=f"{np.hypot(*air[at]):.1f}", airspeed=f"{speed[at]:.1f}"
        )
    return np.asarray(length / over_ground)


def _spans(rows: Floats, seconds: Floats, legs: int) -> tuple[Floats, Floats, Floats]:
    """Time of each row, and of start (after the circles of a LOITER) and end of each leg."""
    time = np.concatenate(([0.0], np.cumsum(seconds)))
    leg = rows[1:, 2].astype(np.int64)
    ends = np.searchsorted(leg, np.arange(legs), side="right")
    orbit_s = np.bincount(leg, np.where(rows[1:, 3] == kernels.ORBIT, seconds, 0.0), legs + 1)[:legs]
    starts = np.concatenate(([0], ends[:-1]))
    return time, time[starts] + orbit_s, time[ends]


def _missing_s(rows: Floats, seconds: Floats, route: Route, platform: Platform) -> Floats:
    """(legs,) seconds a leg is too short by for its climb (positive) or descent (negative)."""
    _, start, end = _spans(rows, seconds, len(route.lon_deg) - 1)
    rise = np.diff(route.height_m)
    need = np.where(rise > 0.0, rise / platform.climb_ms, -rise / platform.descent_ms)
    short = np.maximum(need - (end - start), 0.0)
    return np.where(short > 1e-3, np.copysign(short, rise), 0.0)


def _with_heights(
    rows: Floats, seconds: Floats, route: Route, platform: Platform, start_us: int, fuel: float
) -> FlightPath:
    legs = len(route.lon_deg) - 1
    time, start, end = _spans(rows, seconds, legs)
    rise = np.diff(route.height_m)
    rate = np.where(rise > 0.0, platform.climb_ms, platform.descent_ms)
    even = route.search[:-1] & (end > start)
    rate = np.where(even, np.abs(rise) / np.maximum(end - start, 1e-9), rate)
    rate = np.maximum(rate, 1e-9)
    bend = np.where(rise > 0.0, start, end) + rise / rate
    bends = bend[(np.abs(rise) > 0.0) & (bend > start + 1e-3) & (bend < end - 1e-3)]
    lon, lat, time, leg = _with_rows(rows, time, np.concatenate((bends, start[start > time[0]])))
    first, last = start[np.minimum(leg, legs - 1)], end[np.minimum(leg, legs - 1)]
    of = np.minimum(leg, legs - 1)
    gained = np.clip((time - first) * rate[of], 0.0, np.abs(rise[of]))
    still = np.clip((last - time) * rate[of], 0.0, np.abs(rise[of]))
    low, high = route.height_m[of], route.height_m[of + 1]
    height = np.where(rise[of] > 0.0, np.minimum(low + gained, high), np.minimum(low, high + still))
    pieces = np.diff(time)
    factor = burn_factor(platform, route.airspeed_ms[of[1:]], np.diff(height) > 0.1 * pieces)
    whose = np.append(of[1:], legs)
    return FlightPath(
        start_us + np.rint(time * 1e6).astype(np.int64),
        (lon + 180.0) % 360.0 - 180.0,
        lat,
        height,
        fuel_left(platform, fuel, pieces, factor),
        whose,
    )


def _with_rows(rows: Floats, time: Floats, extra: Floats) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Longitude, latitude, time and leg with rows added at more times; none is added twice."""
    lon, lat, leg = np.degrees(rows[:, 0]), np.degrees(rows[:, 1]), rows[:, 2].astype(np.int64)
    extra = np.unique(extra)
    at = np.searchsorted(time, extra)
    far = (at > 0) & (at < len(time))
    extra, at = extra[far], at[far]
    far = (extra - time[at - 1] > 1e-3) & (time[at] - extra > 1e-3)
    extra, at = extra[far], at[far]
    share = (extra - time[at - 1]) / (time[at] - time[at - 1])
    more_lon, more_lat = between(lon[at - 1], lat[at - 1], lon[at], lat[at], share)
    return (
        np.insert(lon, at, more_lon),
        np.insert(lat, at, more_lat),
        np.insert(time, at, extra),
        np.insert(leg, at, leg[at]),
    )
