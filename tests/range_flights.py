"""Small planned sorties for tests of the flight: search lines, turns, an orbit. Not a test itself."""

import numpy as np

from atalaya.earth import LevelSurface
from atalaya.plan.flight import WindField, fly
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.platform import Platform
from atalaya.sensing.platforms import platform

GROUND_M = 1400.0
LEVEL = LevelSurface(GROUND_M)
START_US = 1_768_490_000_000_000


def lines(
    plane: Platform,
    *,
    bearing_deg: float = 90.0,
    depression_deg: float = 45.0,
    rows: int = 2,
    loiter_s: float = 120.0,
    turned: float = 0.0,
) -> list[Waypoint]:
    """Search lines a few minutes long and an orbit, climbing at the start."""
    big = plane.loiter_ms > 50.0
    span, height = (0.06, 5500.0) if big else (0.012, 2300.0)
    sensor = plane.sensors[0]
    task = SensorTask(sensor.name, sensor.modes[-1].name, bearing_deg, depression_deg)
    points = [Waypoint(-107.0, 25.0, height - 200.0)]
    for row in range(rows):
        for end in (-1.0, 1.0) if row % 2 == 0 else (1.0, -1.0):
            x, y = end * span, (row - 0.5) * span
            leg = LegKind.SEARCH if (end < 0.0) == (row % 2 == 0) else LegKind.TURN
            east, north = x * np.cos(turned) - y * np.sin(turned), x * np.sin(turned) + y * np.cos(turned)
            points.append(Waypoint(-106.9 + east, 25.0 + north, height, leg=leg, task=task))
    if loiter_s > 0.0:
        circle = {"loiter_s": loiter_s, "loiter_radius_m": 4000.0 if big else 500.0}
        points.append(Waypoint(-106.9, 25.0, height, WaypointKind.LOITER, LegKind.LOITER, task, **circle))
    points.append(Waypoint(-106.9, 25.0 + 2 * span, height))
    return points


def planned(name: str, wind: WindField, **form: float) -> tuple[Platform, list[Waypoint], FlightPath]:
    """A platform, its waypoints and the path."""
    plane = platform(name)
    points = lines(plane, **form)  # type: ignore[arg-type]
    return plane, points, fly(points, plane, start_us=START_US, fuel=plane.tank.capacity, wind=wind)
