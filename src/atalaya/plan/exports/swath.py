"""Areas of a sortie's legs: the corridor the aircraft is to keep to, and the ground its sensor is to see.

The sensor's strip is that of flat ground below the leg (footprint of the field of view, swept); a map of what
was truly seen comes from the terrain model, after the flight.
"""

import math
from collections.abc import Iterator

from atalaya.earth.ellipsoid import geod
from atalaya.plan.exports.heights import Ground
from atalaya.plan.exports.route import Swath
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import SensorTask, Waypoint
from atalaya.sensing.platform import FieldOfView, Platform

FARTHEST_DEG = 1.0
"""A ray nearer to the horizon than this has no useful end on flat ground."""


def corridors_of(sortie: Sortie, half_width_m: float) -> tuple[Swath, ...]:
    """A strip of `half_width_m` to both sides of every leg, at the heights of its two ends."""
    return tuple(_corridor(sortie, half_width_m))


def _corridor(sortie: Sortie, half_width_m: float) -> Iterator[Swath]:
    for leg, (start, end) in enumerate(zip(sortie.waypoints, sortie.waypoints[1:], strict=False)):
        if (ring := _strip(start, end, -half_width_m, half_width_m)) is not None:
            near, far = start.height_msl_m, end.height_msl_m
            yield Swath("corridor", leg, ring, (near, far, far, near))


def sensor_swaths(sortie: Sortie, platform: Platform, ground: Ground) -> tuple[Swath, ...]:
    """The strip of ground each leg with a sensor task looks at.

    Args:
        sortie: the flight.
        platform: has the sensors and fields of view its tasks name; a task of another sensor has no strip.
        ground: height of the ground, metres above mean sea level.
    """
    modes = {(sensor.name, mode.name): mode for sensor in platform.sensors for mode in sensor.modes}
    swaths = []
    for leg, (start, end) in enumerate(zip(sortie.waypoints, sortie.waypoints[1:], strict=False)):
        mode = None if start.task is None else modes.get((start.task.sensor, start.task.mode))
        if start.task is None or mode is None:
            continue
        above_m = start.height_msl_m - ground(start.lon_deg, start.lat_deg)
        left, right = _across(start.task, mode, above_m)
        if right > left and (ring := _strip(start, end, left, right)) is not None:
            swaths.append(Swath("sensor", leg, ring))
    return tuple(swaths)


def _across(task: SensorTask, mode: FieldOfView, above_m: float) -> tuple[float, float]:
    """Metres across the track, right positive, that a field of view sweeps on flat ground.

    A look to the side sweeps with its vertical angle, a look ahead or straight down with its horizontal one.
    """
    if not above_m > 0.0:
        return 0.0, 0.0
    bearing = math.radians(task.bearing_relative_deg)
    lateral = math.sin(bearing) * math.cos(math.radians(task.depression_deg))
    if abs(lateral) < 0.1:
        slant = above_m / math.sin(math.radians(max(task.depression_deg, FARTHEST_DEG)))
        half = slant * math.tan(math.radians(mode.horizontal_deg / 2.0))
        return -half, half
    near = above_m / math.tan(math.radians(min(task.depression_deg + mode.vertical_deg / 2.0, 179.0)))
    far = above_m / math.tan(math.radians(max(task.depression_deg - mode.vertical_deg / 2.0, FARTHEST_DEG)))
    edges = sorted((near * math.sin(bearing), far * math.sin(bearing)))
    return edges[0], edges[1]


def _strip(
    start: Waypoint, end: Waypoint, left_m: float, right_m: float
) -> tuple[tuple[float, float], ...] | None:
    """Corners of the strip between two distances to the right of a leg; None for a leg of no length."""
    azimuth, back, length = geod().inv(start.lon_deg, start.lat_deg, end.lon_deg, end.lat_deg)
    if length < 0.1:
        return None
    arrival = back + 180.0
    corners = (
        (start, azimuth, left_m),
        (end, arrival, left_m),
        (end, arrival, right_m),
        (start, azimuth, right_m),
    )
    ring = []
    for point, along, offset in corners:
        lon, lat, _ = geod().fwd(point.lon_deg, point.lat_deg, along + 90.0, offset)
        ring.append((float(lon), float(lat)))
    return tuple(ring)
