"""A search pattern: points in a plane, and on which legs the sensor works."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Legs to fly.

    Args:
        points: (k, 2) float64, metres east and north of the datum, in order of flight.
        sweep: (k - 1,) bool, whether the sensor works on the leg to the next point.
    """

    points: Floats
    sweep: NDArray[np.bool_]

    @property
    def leg_lengths_m(self) -> Floats:
        """(k - 1,) metres."""
        return np.asarray(np.hypot(*np.diff(self.points, axis=0).T))

    @property
    def length_m(self) -> float:
        """Of all legs."""
        return float(self.leg_lengths_m.sum())

    @property
    def bearings_deg(self) -> Floats:
        """(k - 1,) degrees clockwise from north, in [0, 360)."""
        east, north = np.diff(self.points, axis=0).T
        return np.asarray(np.degrees(np.arctan2(east, north)) % 360)


def swept(points: Floats) -> Pattern:
    """A pattern with the sensor on all the way."""
    return Pattern(points, np.ones(max(len(points) - 1, 0), dtype=bool))


def bearing(bearing_deg: float) -> Floats:
    """(2,) unit vector (east, north)."""
    angle = math.radians(bearing_deg)
    return np.array([math.sin(angle), math.cos(angle)])


def walked(bearings_deg: list[float], lengths_m: list[float], start: tuple[float, float]) -> Floats:
    """(k + 1, 2) corners of legs flown one after another."""
    steps = [bearing(b) * length for b, length in zip(bearings_deg, lengths_m, strict=True)]
    corners: Floats = np.vstack([np.zeros(2), np.cumsum(steps, axis=0)]) + np.asarray(start, dtype=np.float64)
    return corners


def positive(name: str, value: float) -> float:
    """The value, if it is a positive number.

    Raises:
        BadInput: COV-003.
    """
    if not (math.isfinite(value) and value > 0):
        raise BadInput("COV-003", name=name, value=value)
    return float(value)
