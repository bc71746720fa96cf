"""Every change of what a height or a speed counts from, each by name; nothing is converted in passing."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from atalaya.base.errors import DatumError
from atalaya.earth.geoid import undulation_m
from atalaya.plan.exports.mission import Frame, Home

FOOT_M = 0.3048
KNOT_MS = 1852.0 / 3600.0

Ground = Callable[[float, float], float]
"""Height of the ground above mean sea level (EGM96), metres, at (lon_deg, lat_deg)."""


class Heights(StrEnum):
    """What the heights of an exported mission count from."""

    MSL = "msl"
    RELATIVE = "relative"
    TERRAIN = "terrain"


FRAME_OF = {Heights.MSL: Frame.MSL, Heights.RELATIVE: Frame.RELATIVE, Heights.TERRAIN: Frame.TERRAIN}


def height_in_frame(
    lon_deg: float, lat_deg: float, height_msl_m: float, frame: Frame, home: Home, ground: Ground | None
) -> float:
    """A height above mean sea level as a frame counts it.

    Raises:
        DatumError: XPT-007, above terrain where nothing knows the ground.
    """
    if frame == Frame.MSL:
        return height_msl_m
    if frame == Frame.RELATIVE:
        return height_msl_m - home.height_msl_m
    below = np.nan if ground is None else float(ground(lon_deg, lat_deg))
    if not np.isfinite(below):
        raise DatumError("XPT-007", where=f"{lat_deg:.5f}, {lon_deg:.5f}", have="MSL", want=frame.name)
    return height_msl_m - below


def height_from_frame(
    lon_deg: float,
    lat_deg: float,
    height_m: float,
    frame: Frame,
    home: Home | None,
    ground: Ground | None = None,
) -> float:
    """A height of a frame above mean sea level (EGM96).

    Raises:
        DatumError: XPT-007, relative to a home that is not known, or above a ground that is not.
    """
    if frame == Frame.MSL:
        return height_m
    if frame == Frame.RELATIVE and home is not None:
        return height_m + home.height_msl_m
    below = np.nan
    if frame == Frame.TERRAIN and ground is not None:
        below = float(ground(lon_deg, lat_deg))
    if not np.isfinite(below):
        raise DatumError("XPT-007", where=f"{lat_deg:.5f}, {lon_deg:.5f}", have=frame.name, want="MSL")
    return height_m + below


def hae_of_msl(lon_deg: float, lat_deg: float, height_msl_m: float) -> float:
    """Height above the ellipsoid (WGS 84) of one above mean sea level (EGM96)."""
    return height_msl_m + float(undulation_m(lon_deg, lat_deg))


def msl_of_hae(lon_deg: float, lat_deg: float, height_hae_m: float) -> float:
    """Height above mean sea level (EGM96) of one above the ellipsoid (WGS 84)."""
    return height_hae_m - float(undulation_m(lon_deg, lat_deg))


def density_ratio(height_msl_m: float) -> float:
    """Air density over that at sea level in the standard atmosphere (ICAO Doc 7488, to 20 km)."""
    if height_msl_m <= 11_000.0:
        return float((1.0 - 2.25577e-5 * height_msl_m) ** 4.2559)
    return float(0.29708 * np.exp(-(height_msl_m - 11_000.0) / 6341.6))


def equivalent_airspeed_ms(true_ms: float, height_msl_m: float) -> float:
    """What an autopilot's instrument reads: EAS = TAS sqrt(density ratio), standard atmosphere."""
    return float(true_ms * np.sqrt(density_ratio(height_msl_m)))
