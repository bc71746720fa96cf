"""How long an aircraft stays up: fuel burnt as a power of the mass that is left.

burn = a W^n per hour. At constant lift coefficient n = 1.5, and loitering from W0 down to W1 takes
E = (2 / a) (1 / sqrt W1 - 1 / sqrt W0) hours (Breguet's formula for endurance of a propeller aircraft).
A battery does not grow lighter: its draw is constant.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sensing.platform import Platform, Tank

Regime = Literal["loiter", "cruise", "climb", "descent"]

DESCENT_FACTOR = 0.5
"""Burn in descent as a multiple of that at loiter: power is set back (assumed; half is high for
turboprops).
"""


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a flight in one regime, for so many hours."""

    regime: Regime
    hours: float


def burn_per_h(tank: Tank, mass_kg: float, regime: Regime = "loiter") -> float:
    """What is used per hour at a mass, in the tank's unit."""
    exponent = tank.mass_exponent if _burns(tank) else 0.0
    return float(_factor(tank, regime) * tank.coefficient * mass_kg**exponent)


def endurance_h(
    platform: Platform,
    *,
    load: float | None = None,
    payload_kg: float | None = None,
    reserve_share: float | None = None,
    regime: Regime = "loiter",
) -> float:
    """Hours in one regime from take-off until the reserve is reached.

    Args:
        load: fuel or charge at take-off, the tank's unit; all it holds when None.
        payload_kg, reserve_share: over those of the profile.

    Raises:
        BadInput: SNS-006, a load beyond the tank, or a share outside [0, 1).
    """
    tank = platform.tank
    loaded = tank.capacity if load is None else load
    share = tank.reserve_share if reserve_share is None else reserve_share
    if not 0.0 <= loaded <= tank.capacity:
        raise BadInput("SNS-006", name="load", value=loaded, allowed=f"0 ... {tank.capacity:g} {tank.unit}")
    if not 0.0 <= share < 1.0:
        raise BadInput("SNS-006", name="reserve_share", value=share, allowed="0 ... 1")
    dry = platform.empty_kg + (platform.payload_kg if payload_kg is None else payload_kg)
    usable = loaded * (1.0 - share)
    if not _burns(tank):
        return usable / burn_per_h(tank, dry, regime)
    return _hours(dry + loaded, dry + loaded - usable, tank, _factor(tank, regime))


def left_after(
    platform: Platform, phases: Sequence[Phase], *, load: float | None = None
) -> NDArray[np.float64]:
    """(phases + 1,) what is in the tank before the first phase and after each; below zero is not flown: NaN.

    Each phase is integrated exactly: the burn law separates.
    """
    tank = platform.tank
    dry = platform.empty_kg + platform.payload_kg
    left = [tank.capacity if load is None else load]
    for phase in phases:
        left.append(_after(tank, dry, left[-1], phase))
    return np.array(left)


def coefficient_for(hours: float, start_kg: float, end_kg: float, *, mass_exponent: float = 1.5) -> float:
    """The coefficient `a` with which loitering from one mass to another takes so many hours."""
    return _integral(start_kg, end_kg, mass_exponent) / hours


def _after(tank: Tank, dry_kg: float, left: float, phase: Phase) -> float:
    if not left >= 0.0:
        return math.nan
    factor, n = _factor(tank, phase.regime), tank.mass_exponent
    if not _burns(tank) or n == 0.0:
        remaining = left - factor * tank.coefficient * phase.hours
    elif n == 1.0:
        remaining = (dry_kg + left) * math.exp(-factor * tank.coefficient * phase.hours) - dry_kg
    else:
        power = (dry_kg + left) ** (1.0 - n) + (n - 1.0) * factor * tank.coefficient * phase.hours
        remaining = power ** (1.0 / (1.0 - n)) - dry_kg if power > 0.0 else math.nan
    return remaining if remaining >= 0.0 else math.nan


def _hours(start_kg: float, end_kg: float, tank: Tank, factor: float) -> float:
    return _integral(start_kg, end_kg, tank.mass_exponent) / (factor * tank.coefficient)


def _integral(start_kg: float, end_kg: float, n: float) -> float:
    """Of W^-n from the end to the start."""
    if n == 1.0:
        return math.log(start_kg / end_kg)
    return float((end_kg ** (1.0 - n) - start_kg ** (1.0 - n)) / (n - 1.0))


def _burns(tank: Tank) -> bool:
    return tank.unit == "kg"


def _factor(tank: Tank, regime: Regime) -> float:
    factors = {
        "loiter": 1.0,
        "cruise": tank.cruise_factor,
        "climb": tank.climb_factor,
        "descent": DESCENT_FACTOR,
    }
    return factors[regime]
