"""A line to fly, from any planner: points, and on which legs the sensor works."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.exports import Home
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FlownLine:
    """A line to fly.

    Args:
        name: of the area or pattern.
        points: (k, 2) float64: longitude and latitude (WGS 84, degrees), or metres where `planar`.
        sweep: (k - 1,) bool, whether the sensor works on the leg to the next point.
        height_msl_m: (k,) float64 above mean sea level (EGM96); None where nobody said.
        planar: metres in a plane without a place on Earth.
    """

    name: str
    points: Floats
    sweep: NDArray[np.bool_]
    height_msl_m: Floats | None = None
    planar: bool = False

    def runs(self) -> list[tuple[Floats, bool]]:
        """Pieces with the sensor on or off throughout, in order of flight: (points, sensor on)."""
        if not len(self.sweep):
            return []
        turns = np.flatnonzero(np.diff(self.sweep)) + 1
        edges = [0, *turns.tolist(), len(self.sweep)]
        return [(self.points[a : b + 1], bool(self.sweep[a])) for a, b in pairwise(edges)]


def as_sortie(line: FlownLine, height_msl_m: Floats, home: Home | None, trigger_m: float | None) -> Sortie:
    """The line as a sortie without times: every swept leg arms the sensor anew.

    Args:
        height_msl_m: (k,) of its points.
        home: where it takes off and lands; None for the line alone.
        trigger_m: distance between stills; None for video.
    """
    task = SensorTask("camera", "default", trigger_m=trigger_m)
    points = [
        Waypoint(
            float(lon),
            float(lat),
            float(height),
            leg=LegKind.SEARCH if on else LegKind.TRANSIT,
            task=task if on else None,
        )
        for (lon, lat), height, on in zip(line.points, height_msl_m, [*line.sweep, False], strict=True)
    ]
    if home is not None:
        at = (home.lon_deg, home.lat_deg, home.height_msl_m)
        points = [
            Waypoint(*at, kind=WaypointKind.TAKEOFF),
            *points,
            Waypoint(*at, kind=WaypointKind.LAND),
        ]
    return Sortie(line.name, "", "", "", "", tuple(points), _no_path())


def _no_path() -> FlightPath:
    none = np.empty(0)
    nothing = np.empty(0, np.int64)
    return FlightPath(nothing, none, none, none, none, nothing)
