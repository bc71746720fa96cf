"""Turns: radius by speed and bank, shortest paths of bounded curvature, drift with the wind.

Sources: Dubins, American Journal of Mathematics 79 (1957); Shkel and Lumelsky, Robotics and Autonomous
Systems 34 (2001); for moving air McGee and Hedrick, "Optimal path planning with a kinematic airplane model"
(2007).
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.plan.flight import kernels

Floats = NDArray[np.float64]
STANDARD_GRAVITY = 9.80665


class Word(IntEnum):
    """Left, straight, right: the six shapes a shortest path can have."""

    LSL = 0
    RSR = 1
    LSR = 2
    RSL = 3
    RLR = 4
    LRL = 5


@dataclass(frozen=True, slots=True)
class Dubins:
    """A shortest path. length_m in the air; word; parts: its three lengths, metres; seconds with wind."""

    length_m: float
    word: Word
    parts_m: tuple[float, float, float]
    seconds: float


def turn_radius_m(airspeed_ms: ArrayLike, bank_deg: ArrayLike) -> Floats:
    """v^2 / (g tan bank)."""
    return np.asarray(airspeed_ms, np.float64) ** 2 / (STANDARD_GRAVITY * np.tan(np.radians(bank_deg)))


def turn_time_s(angle_deg: ArrayLike, airspeed_ms: ArrayLike, bank_deg: ArrayLike) -> Floats:
    """Seconds to turn by an angle; in them a wind moves the turn by its speed times this."""
    angle = np.abs(np.radians(np.asarray(angle_deg, np.float64)))
    return np.asarray(angle * turn_radius_m(airspeed_ms, bank_deg) / np.asarray(airspeed_ms, np.float64))


def dubins_path(
    east_m: float,
    north_m: float,
    start_course_deg: float,
    end_course_deg: float,
    *,
    airspeed_ms: float,
    radius_m: float,
    wind_ms: tuple[float, float] = (0.0, 0.0),
) -> Dubins:
    """The quickest way from the origin on a ground course to a place on a ground course.

    Args:
        east_m, north_m: of the end. wind_ms: towards east and north. radius_m: of a turn in the air.

    Raises:
        BadInput: FLT-001 wind as fast as the aircraft, FLT-007 no path found.
    """
    east, north = wind_ms
    speed = float(np.hypot(east, north))
    if not speed < airspeed_ms:
        raise BadInput("FLT-001", wind=f"{speed:.1f}", airspeed=f"{airspeed_ms:.1f}")
    first, last = (
        kernels.heading_for(np.radians(course), airspeed_ms, east, north)
        for course in (start_course_deg, end_course_deg)
    )
    seconds, word = kernels.windy_dubins(east_m, north_m, first, last, airspeed_ms, radius_m, east, north)
    if seconds < 0.0:
        raise BadInput("FLT-007")
    x, y = east_m - east * seconds, north_m - north * seconds
    length, t, p, q = kernels.dubins_of(word, x, y, first, last, radius_m)
    parts = (float(t) * radius_m, float(p) * radius_m, float(q) * radius_m)
    return Dubins(float(length), Word(word), parts, float(seconds))
