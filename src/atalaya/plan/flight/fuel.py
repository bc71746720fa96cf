"""Fuel by weight: burn = coefficient * mass^exponent * factor of the phase; lighter aircraft burn less."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sensing.platform import Platform, Tank

Floats = NDArray[np.float64]


def burn_factor(platform: Platform, airspeed_ms: Floats, climbing: NDArray[np.bool_]) -> Floats:
    """(n,) burn as a multiple of that at loiter speed: linear between loiter and cruise speed, held beyond.

    Args:
        airspeed_ms: (n,) true. climbing: (n,) whether height is gained; the larger of the two factors holds
            then.
    """
    tank = platform.tank
    slow, fast = sorted((platform.loiter_ms, platform.cruise_ms))
    share = np.clip((airspeed_ms - slow) / max(fast - slow, 1e-9), 0.0, 1.0)
    level = 1.0 + share * (tank.cruise_factor - 1.0)
    return np.where(climbing, np.maximum(level, tank.climb_factor), level)


def fuel_left(platform: Platform, loaded: float, seconds: Floats, factor: Floats) -> Floats:
    """(n + 1,) what is left before and after each of n pieces, in the unit of the tank; negative once it is
    gone.

    With m' = -c f m^p, u = m^(1 - p) falls or rises linearly in time: the integral is exact, piece by piece.

    Args:
        loaded: at the start, in that unit. seconds, factor: (n,).
    """
    tank = platform.tank
    used = np.concatenate(([0.0], np.cumsum(seconds * factor))) * tank.coefficient / 3600.0
    dry = platform.empty_kg + platform.payload_kg
    if tank.unit == "Wh":
        return np.asarray(loaded - used * dry**tank.mass_exponent)
    power = tank.mass_exponent
    if abs(power - 1.0) < 1e-9:
        return np.asarray((dry + loaded) * np.exp(-used) - dry)
    whole = (dry + loaded) ** (1.0 - power) + (power - 1.0) * used
    return np.asarray(np.maximum(whole, 1e-300) ** (1.0 / (1.0 - power)) - dry)


def reserve_of(tank: Tank, loaded: float) -> float:
    """What must be left at landing, in the unit of the tank."""
    return tank.reserve_share * loaded


def require_load(tank: Tank, loaded: float) -> None:
    """Refuse a load that is none, or more than the tank holds.

    Raises:
        BadInput: FLT-004.
    """
    if not (np.isfinite(loaded) and 0.0 < loaded <= tank.capacity * (1.0 + 1e-9)):
        raise BadInput("FLT-004", loaded=f"{loaded:g}", capacity=f"{tank.capacity:g}", unit=tank.unit)
