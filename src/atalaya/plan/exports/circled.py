"""Climbs and descents in circles: which heights a path gains and loses without getting on, for missions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import geod
from atalaya.plan.sortie import Sortie

AT_M = 60.0
"""A circle begins and ends where it was entered; so near counts as there."""

LEAST_M = 100.0


@dataclass(frozen=True, slots=True)
class Circled:
    """Height gained or lost in circles about one place.

    Args:
        height_msl_m: at the beginning of a descent, or at the end of a climb. radius_m: of the circles.
    """

    height_msl_m: float
    radius_m: float


def climbed(sortie: Sortie) -> Circled | None:
    """The circles after take-off, by the sortie's path; None where it climbs on its way."""
    path = sortie.path
    rows = np.flatnonzero(path.waypoint == 0)
    return _circled(sortie, rows)


def descended(sortie: Sortie) -> Circled | None:
    """The circles before the landing; None where it descends on its way."""
    path = sortie.path
    rows = np.flatnonzero(path.waypoint >= len(sortie.waypoints) - 2)
    return _circled(sortie, rows[::-1])


def _circled(sortie: Sortie, rows: NDArray[np.intp]) -> Circled | None:
    """Rows in order away from the place."""
    path = sortie.path
    if len(rows) < 4:
        return None
    lon, lat = path.lon_deg[rows], path.lat_deg[rows]
    away = geod().inv(np.full(len(rows), lon[0]), np.full(len(rows), lat[0]), lon, lat)[2]
    left = np.flatnonzero(away > AT_M)
    back = np.flatnonzero(away <= AT_M)
    if not len(left) or not np.any(back > left[0]):
        return None
    last = int(back[back > left[0]][-1])
    height = float(path.height_msl_m[rows[last]])
    if abs(height - float(path.height_msl_m[rows[0]])) < LEAST_M:
        return None
    return Circled(height, round(float(away[:last].max()) / 2.0, 1))
