"""What a path costs: its length, its time in wind, or the time of a vehicle that stops at every corner."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]


class Cost(Protocol):
    """A cost of straight legs; a path costs the sum of its legs."""

    @property
    def unit(self) -> str:
        """Unit of the cost: "m" or "s"."""
        ...

    @property
    def rule(self) -> Floats:
        """(6,) float64 as `kernels.leg_cost` reads it."""
        ...


@dataclass(frozen=True, slots=True)
class Length:
    """Metres flown."""

    unit = "m"

    @property
    def rule(self) -> Floats:
        """As `kernels.leg_cost` reads it."""
        return np.array([0.0, 1.0, 0.0, 0.0, 0.0, 1.0])


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds at constant airspeed in a constant wind (wind triangle), and seconds for each turn.

    Args:
        airspeed_ms: true airspeed.
        wind_ms: (east, north), where the wind blows to.
        turn_s: added at each corner of the path.
    """

    airspeed_ms: float
    wind_ms: tuple[float, float] = (0.0, 0.0)
    turn_s: float = 0.0
    unit = "s"

    def __post_init__(self) -> None:
        positive("airspeed_ms", self.airspeed_ms)
        if not (math.isfinite(self.turn_s) and self.turn_s >= 0):
            raise BadInput("COV-003", name="turn_s", value=self.turn_s)
        wind = math.hypot(*self.wind_ms)
        if not wind < self.airspeed_ms:
            raise BadInput("COV-011", wind_ms=f"{wind:g}", airspeed_ms=f"{self.airspeed_ms:g}")

    @property
    def rule(self) -> Floats:
        """As `kernels.leg_cost` reads it."""
        return np.array([1.0, self.airspeed_ms, *self.wind_ms, self.turn_s, 1.0])


@dataclass(frozen=True, slots=True)
class Ramped:
    """Seconds of a multicopter that rests at both ends of each leg: full acceleration, cruise, full braking.

    A leg of length L takes L/v + v/a, or 2 sqrt(L/a) where v is not reached.
    """

    speed_ms: float
    acceleration_ms2: float
    unit = "s"

    def __post_init__(self) -> None:
        positive("speed_ms", self.speed_ms)
        positive("acceleration_ms2", self.acceleration_ms2)

    @property
    def rule(self) -> Floats:
        """As `kernels.leg_cost` reads it."""
        return np.array([2.0, self.speed_ms, 0.0, 0.0, 0.0, self.acceleration_ms2])


def positive(name: str, value: float) -> float:
    """The value, if it is a positive number.

    Raises:
        BadInput: COV-003.
    """
    if not (math.isfinite(value) and value > 0):
        raise BadInput("COV-003", name=name, value=value)
    return float(value)
