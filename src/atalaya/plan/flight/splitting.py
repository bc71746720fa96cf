"""A sortie too long for its fuel cut in several: each resumes exactly where the one before stopped.

The cut is a place on a search leg (or its end). The next sortie starts its search there, in the same
direction, and the waypoint it resumes at carries the sensor's task again: autopilots forget triggers on a
resumed mission.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import geod
from atalaya.plan.flight.flying import fly
from atalaya.plan.flight.fuel import reserve_of
from atalaya.plan.flight.wind import CALM, WindField
from atalaya.plan.waypoint import LegKind, Waypoint, WaypointKind
from atalaya.sensing.platform import Platform

Way = Callable[[Waypoint, Waypoint], Sequence[Waypoint]]
"""Waypoints of the way between two places, neither included."""

_HALVINGS = 30
_SHORTEST_M = 50.0


@dataclass(frozen=True, slots=True)
class Part:
    """One sortie of several.

    Args:
        waypoints: from take-off to landing.
        resumes_at, stops_at: where on the whole list it works: leg and share of that leg flown before.
    """

    waypoints: tuple[Waypoint, ...]
    resumes_at: tuple[int, float]
    stops_at: tuple[int, float]


def split(
    waypoints: Sequence[Waypoint],
    base: Waypoint,
    recovery: Waypoint,
    platform: Platform,
    *,
    start_us: int,
    fuel: float,
    wind: WindField = CALM,
    way: Way | None = None,
    turnaround_s: float = 3600.0,
) -> tuple[Part, ...]:
    """Sorties that together fly every search leg of a list exactly once.

    Args:
        waypoints: the work, without take-off and landing.
        way: how to get from base to work and back (around airspace, for instance); None for straight.
        turnaround_s: on the ground between two sorties.

    Raises:
        BadInput: FLT-016, not even the start of a search leg can be reached and left again; and what `fly`
        raises.
    """
    parts: list[Part] = []
    at: tuple[int, float] = (0, 0.0)
    end = (len(waypoints) - 1, 0.0)
    begin_us = start_us
    while at < end:

        def sortie(stop: tuple[int, float], start: tuple[int, float] = at) -> tuple[Waypoint, ...]:
            return _joined(between_cuts(waypoints, start, stop), base, recovery, way)

        def lasts(stop: tuple[int, float], begin: int = begin_us) -> bool:
            path = fly(sortie(stop), platform, start_us=begin, fuel=fuel, wind=wind)
            return bool(path.fuel[-1] >= reserve_of(platform.tank, fuel))

        stop = _farthest(waypoints, at, end, lasts)
        if stop <= at:
            raise BadInput("FLT-016", where=f"leg {at[0]}")
        path = fly(sortie(stop), platform, start_us=begin_us, fuel=fuel, wind=wind)
        parts.append(Part(sortie(stop), at, stop))
        begin_us = int(path.t_us[-1]) + round(turnaround_s * 1e6)
        at = _next_search(waypoints, stop)
    return tuple(parts)


def between_cuts(
    waypoints: Sequence[Waypoint], start: tuple[int, float], stop: tuple[int, float]
) -> tuple[Waypoint, ...]:
    """The part of a list of waypoints between two cuts (leg, share), sensor tasks repeated at the first."""
    inner = list(waypoints[start[0] + 1 : stop[0] + 1])
    first = resume_point(waypoints, *start)
    if stop[1] > 0.0:
        inner.append(resume_point(waypoints, *stop))
    last = inner[-1]
    inner[-1] = replace(last, leg=LegKind.TRANSIT, task=None)
    return (first, *inner)


def resume_point(waypoints: Sequence[Waypoint], leg: int, share: float) -> Waypoint:
    """The place on a leg from where to go on, with the leg's task."""
    here = waypoints[leg]
    task = here.task
    if share > 0.0:
        there = waypoints[leg + 1]
        azimuth, _, length = geod().inv(here.lon_deg, here.lat_deg, there.lon_deg, there.lat_deg)
        lon, lat, _ = geod().fwd(here.lon_deg, here.lat_deg, azimuth, length * share)
        height = here.height_msl_m + share * (there.height_msl_m - here.height_msl_m)
        here = replace(
            here, lon_deg=lon, lat_deg=lat, height_msl_m=height, kind=WaypointKind.FLY, loiter_s=0.0
        )
    if here.leg is LegKind.SEARCH and task is None:
        earlier = (point.task for point in reversed(waypoints[:leg]) if point.task is not None)
        task = next(earlier, None)
    return replace(here, task=task)


def _joined(
    work: Sequence[Waypoint], base: Waypoint, recovery: Waypoint, way: Way | None
) -> tuple[Waypoint, ...]:
    first = replace(base, kind=WaypointKind.TAKEOFF, leg=LegKind.TRANSIT)
    last = replace(recovery, kind=WaypointKind.LAND, leg=LegKind.TRANSIT, task=None)
    out = way(first, work[0]) if way else ()
    back = way(work[-1], last) if way else ()
    return (first, *out, *work, *back, last)


def _farthest(
    waypoints: Sequence[Waypoint],
    at: tuple[int, float],
    end: tuple[int, float],
    lasts: Callable[[tuple[int, float]], bool],
) -> tuple[int, float]:
    """The last cut after `at` that a sortie lasts for; `at` itself where there is none."""
    if lasts(end):
        return end
    low, high = at[0], end[0]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if lasts((middle, 0.0)) else (low, middle)
    if waypoints[low].leg is not LegKind.SEARCH:
        return (low, 0.0) if low > at[0] else at
    here, there = waypoints[low], waypoints[low + 1]
    _, _, length = geod().inv(here.lon_deg, here.lat_deg, there.lon_deg, there.lat_deg)
    least = (at[1] if low == at[0] else 0.0) + min(_SHORTEST_M / max(length, 1e-9), 1.0)
    best, share_low, share_high = (low, 0.0) if low > at[0] else at, least, 1.0
    for _ in range(_HALVINGS):
        if share_high - share_low < 1e-4 * _SHORTEST_M / max(length, 1e-9) or share_low >= 1.0:
            break
        share = 0.5 * (share_low + share_high)
        if lasts((low, share)):
            best, share_low = (low, share), share
        else:
            share_high = share
    return best


def _next_search(waypoints: Sequence[Waypoint], cut: tuple[int, float]) -> tuple[int, float]:
    """The cut itself, or the start of the next search leg where it is not on one."""
    leg = cut[0]
    while leg < len(waypoints) - 1 and waypoints[leg].leg is not LegKind.SEARCH:
        leg += 1
    return cut if leg == cut[0] else (leg, 0.0)


def covered_m(parts: Sequence[Part], waypoints: Sequence[Waypoint]) -> float:
    """Metres of search legs that the parts fly."""
    lon, lat = (np.array([getattr(p, name) for p in waypoints]) for name in ("lon_deg", "lat_deg"))
    _, _, length = geod().inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    total = 0.0
    for part in parts:
        (first, from_share), (last, to_share) = part.resumes_at, part.stops_at
        for leg in range(first, min(last + 1, len(length))):
            if waypoints[leg].leg is LegKind.SEARCH:
                low = from_share if leg == first else 0.0
                high = to_share if leg == last else 1.0
                total += float(length[leg]) * (high - low)
    return total
