"""What the turret is told on each leg, and how it follows within its rates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.surface import Surface
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.platform import Platform, Sensor
from atalaya.sim.flight import kernels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TURRET_STEP_S = 0.1
"""Between two thoughts of the turret's controller; its motion is a spline through them."""

HOME_DEG = (0.0, -30.0)
"""Bearing from the nose and elevation of a turret nobody has told anything."""

_BLOCK = 200_000
_ON_CIRCLE = 1.25
"""Farther from a LOITER's middle than this many radii the aircraft has left its circle."""


@dataclass(frozen=True, eq=False)
class Segments:
    """Stretches of one command, (m,) each, in order of time; seconds, degrees, radians for `kernels`."""

    start_s: Floats
    kind: Ints
    bearing: Floats
    elevation: Floats
    stare_m: Floats
    rate: Floats
    pull: Floats
    low: Floats
    high: Floats
    hfov_deg: Floats
    vfov_deg: Floats
    sensor: Ints

    def row(self, seconds: Floats) -> Ints:
        """(n,) which one holds."""
        return np.maximum(np.searchsorted(self.start_s, seconds, side="right") - 1, 0)


@dataclass(frozen=True, eq=False)
class Program:
    """What the turret does: commands, and (k, 2) control points of where it truly looks (radians)."""

    segments: Segments
    looked: Floats
    sensors: tuple[str, ...]

    def at(self, seconds: Floats) -> tuple[Ints, Floats]:
        """(n,) segment and (n, 2) azimuth and elevation."""
        segment = self.segments.row(seconds)
        out = np.empty((len(seconds), 2))
        kernels.spline(seconds, 0.0, TURRET_STEP_S, self.looked, out)
        fixed = self.segments.kind[segment] == kernels.FIXED
        out[fixed, 0] = self.segments.bearing[segment][fixed]
        out[fixed, 1] = self.segments.elevation[segment][fixed]
        return segment, out


@dataclass(frozen=True, slots=True)
class _Order:
    start_s: float
    sensor: Sensor
    task: SensorTask | None
    stare_m: tuple[float, float, float] | None


def program_of(
    path: FlightPath,
    waypoints: Sequence[Waypoint],
    platform: Platform,
    state: Callable[[Floats], Floats],
    terrain: Surface | None,
) -> Program:
    """Commands of a sortie and how the turret follows them.

    Where no leg has a task the turret waits as the next one wants it.

    Args:
        state: (n, 9) of `kernels.motion` at seconds.

    Raises:
        BadInput: RNG-002, RNG-003.
    """
    names = tuple(f"{one.name}/{mode.name}" for one in platform.sensors for mode in one.modes)
    segments = _segments(_orders(path, waypoints, platform, terrain), platform, names)
    duration = (path.t_us[-1] - path.t_us[0]) / 1e6
    count = int(np.ceil(duration / TURRET_STEP_S)) + 4
    at = np.clip((np.arange(count) - 1) * TURRET_STEP_S, 0.0, duration)
    row = segments.row(at)
    command, looked = np.empty((count, 2)), np.empty((count, 2))
    chosen = (segments.kind, segments.bearing, segments.elevation, segments.stare_m)
    for first in range(0, count, _BLOCK):
        part = slice(first, first + _BLOCK)
        kernels.commands(state(at[part]), row[part], *chosen, command[part])
    kernels.track(command, row, TURRET_STEP_S, segments.rate, segments.pull, looked)
    return Program(segments, looked, names)


def _orders(
    path: FlightPath, waypoints: Sequence[Waypoint], platform: Platform, terrain: Surface | None
) -> list[_Order]:
    seconds = (path.t_us - path.t_us[0]) / 1e6
    home = platform.sensors[0]
    orders: list[_Order] = []
    legs, firsts = np.unique(path.waypoint, return_index=True)
    for leg, first in zip(legs.tolist(), firsts.tolist(), strict=True):
        point = waypoints[leg]
        task = point.task
        sensor = _sensor_of(platform, task, leg) if task is not None else home
        start = float(seconds[first])
        if task is None or point.kind is not WaypointKind.LOITER:
            orders.append(_Order(start, sensor, task, None))
            continue
        orders.append(_Order(start, sensor, task, _stared(point, terrain, leg)))
        away = _circle_end(path, seconds, point, leg)
        still = task if point.leg is LegKind.SEARCH else None
        if away is not None:
            orders.append(_Order(away, sensor, still, None))
    return orders


def _circle_end(path: FlightPath, seconds: Floats, point: Waypoint, leg: int) -> float | None:
    """When the aircraft leaves the circle of a LOITER; None where it stays on it to the end of the leg."""
    rows = np.flatnonzero(path.waypoint == leg)
    here = geodetic_to_ecef(path.lon_deg[rows], path.lat_deg[rows], 0.0)
    away = np.linalg.norm(here - geodetic_to_ecef(point.lon_deg, point.lat_deg, 0.0), axis=1)
    near = np.flatnonzero(away <= _ON_CIRCLE * max(abs(point.loiter_radius_m), float(away[0]), 1.0))
    last = int(near[-1])
    return float(seconds[rows[last]]) if last + 1 < len(rows) else None


def _stared(point: Waypoint, terrain: Surface | None, leg: int) -> tuple[float, float, float]:
    height = float("nan")
    if terrain is not None:
        height = float(terrain.height_hae_m(np.array([point.lon_deg]), np.array([point.lat_deg]))[0])
    if not np.isfinite(height):
        raise BadInput("RNG-003", where=f"waypoint {leg}")
    x, y, z = geodetic_to_ecef(point.lon_deg, point.lat_deg, height).tolist()
    return x, y, z


def _sensor_of(platform: Platform, task: SensorTask, leg: int) -> Sensor:
    for one in platform.sensors:
        if one.name == task.sensor and any(mode.name == task.mode for mode in one.modes):
            return one
    names = ", ".join(f"{one.name}/{mode.name}" for one in platform.sensors for mode in one.modes)
    raise BadInput("RNG-002", where=f"waypoint {leg}", task=f"{task.sensor}/{task.mode}", names=names)


def _segments(orders: Sequence[_Order], platform: Platform, names: tuple[str, ...]) -> Segments:
    rows = []
    ahead: _Order | None = None
    for order in reversed(orders):  # from the end: a turret without a task gets ready for the next
        if order.task is not None:
            ahead = order
        rows.append(_row(order, ahead, platform, names))
    rows.reverse()
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    names_of = list(Segments.__dataclass_fields__)
    by_name = dict(zip(names_of, columns, strict=True))
    for name in ("bearing", "elevation", "rate", "pull", "low", "high"):
        by_name[name] = np.radians(by_name[name])
    return Segments(**by_name)


def _row(
    order: _Order, ahead: _Order | None, platform: Platform, names: tuple[str, ...]
) -> tuple[object, ...]:
    source = ahead or order
    task, sensor = source.task, source.sensor
    mode = next((one for one in sensor.modes if task is not None and one.name == task.mode), sensor.modes[0])
    bearing, elevation = HOME_DEG if task is None else (task.bearing_relative_deg, -task.depression_deg)
    moves = sensor.slew_deg_s > 0.0 and sensor.slew_deg_s2 > 0.0
    kind = kernels.LEVEL if moves else kernels.FIXED
    if moves and order.stare_m is not None:
        kind = kernels.STARE
    index = -1 if order.task is None else names.index(f"{sensor.name}/{mode.name}")
    return (
        order.start_s,
        kind,
        bearing,
        elevation,
        order.stare_m or (0.0, 0.0, 0.0),
        max(sensor.slew_deg_s, 1e-3),
        max(sensor.slew_deg_s2, 1e-3),
        sensor.lowest_deg,
        sensor.highest_deg,
        mode.horizontal_deg,
        mode.vertical_deg,
        index,
    )
