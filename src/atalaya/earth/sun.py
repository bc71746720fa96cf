"""Where the sun stands, and when it rises and sets.

Low-precision solar coordinates of Meeus, "Astronomical Algorithms" (2nd ed. 1998), chapter 25, as NOAA's
solar calculator uses them: true to 0.01 degrees between 1950 and 2050. Elevations are geometric unless
refraction is asked for (Bennett's formula at 1010 hPa and 10 degrees C); rise and set are at -0.833 degrees
(upper limb, refraction).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RISE_DEG = -0.833
CIVIL_DEG, NAUTICAL_DEG, ASTRONOMICAL_DEG = -6.0, -12.0, -18.0

_J2000_US = 946_728_000_000_000
_CENTURY_US = 36525 * 86_400_000_000
_MINUTE_US = 60_000_000
_SAMPLE_US = 10 * _MINUTE_US
_DELTA_T_S = 69.0
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class SunPosition:
    """Directions to the sun, degrees: elevation over the horizon, azimuth clockwise from true north."""

    elevation_deg: Floats
    azimuth_deg: Floats


def sun_position(
    t_us: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike, *, refraction: bool = False
) -> SunPosition:
    """Where the sun stands; arguments broadcast.

    Args:
        t_us: microseconds UTC since 1970. lon_deg, lat_deg: WGS 84, degrees.
        refraction: add what the air lifts it by, as seen.
    """
    t = np.asarray(t_us, np.int64)
    right_ascension, declination = _equatorial(t)
    hour = np.radians(_sidereal_deg(t) + np.asarray(lon_deg, np.float64)) - right_ascension
    lat = np.radians(np.asarray(lat_deg, np.float64))
    north = np.cos(lat) * np.sin(declination) - np.sin(lat) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    up = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(hour)
    # 8.8 arc seconds of parallax: the observer stands on the surface
    elevation = np.degrees(np.arctan2(up, np.hypot(north, east)))
    elevation = elevation - 8.794 / 3600.0 * np.cos(np.radians(elevation))
    if refraction:
        elevation = elevation + refraction_deg(elevation)
    azimuth = np.degrees(np.arctan2(east, north)) % 360.0
    return SunPosition(np.asarray(elevation), np.asarray(azimuth))


def refraction_deg(elevation_deg: ArrayLike) -> Floats:
    """What the air lifts a true elevation by (Saemundsson's form of Bennett's formula); 0 well below the
    horizon.
    """
    true = np.asarray(elevation_deg, np.float64)
    clipped = np.clip(true, -1.0, 90.0)
    lift = 1.02 / np.tan(np.radians(clipped + 10.3 / (clipped + 5.11))) / 60.0
    return np.asarray(np.where(true >= -1.0, np.maximum(lift, 0.0), 0.0))


def sun_windows(
    start_us: int, end_us: int, lon_deg: float, lat_deg: float, *, above_deg: float = RISE_DEG
) -> tuple[tuple[int, int], ...]:
    """Times in [start_us, end_us] when the sun's geometric elevation is above a threshold, to a second.

    Args:
        above_deg: `RISE_DEG` for sunrise to sunset, `CIVIL_DEG` for dawn to dusk, or any other.

    Returns:
        (from, to) pairs in order, microseconds UTC; empty in polar night, the whole span in polar day.
    """
    if end_us <= start_us:
        return ()
    times = np.append(np.arange(start_us, end_us, _SAMPLE_US, dtype=np.int64), np.int64(end_us))
    lit = sun_position(times, lon_deg, lat_deg).elevation_deg > above_deg
    turns = np.flatnonzero(lit[1:] != lit[:-1])
    edges = _crossings(times[turns], times[turns + 1], lit[turns], lon_deg, lat_deg, above_deg)
    marks = ([start_us] if lit[0] else []) + [int(edge) for edge in edges] + ([end_us] if lit[-1] else [])
    return tuple(zip(marks[::2], marks[1::2], strict=True))


def _crossings(
    before: Ints, after: Ints, lit: NDArray[np.bool_], lon_deg: float, lat_deg: float, above_deg: float
) -> Ints:
    """By halving, to a microsecond."""
    low, high = before.copy(), after.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) // 2
        same = (sun_position(middle, lon_deg, lat_deg).elevation_deg > above_deg) == lit
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high


def _equatorial(t_us: Ints) -> tuple[Floats, Floats]:
    """Apparent right ascension and declination, radians (Meeus 25.2 to 25.8)."""
    century = (t_us - _J2000_US + int(_DELTA_T_S * 1e6)) / _CENTURY_US
    mean_longitude = 280.46646 + century * (36000.76983 + century * 0.0003032)
    anomaly = np.radians(357.52911 + century * (35999.05029 - century * 0.0001537))
    centre = (
        (1.914602 - century * (0.004817 + century * 0.000014)) * np.sin(anomaly)
        + (0.019993 - century * 0.000101) * np.sin(2.0 * anomaly)
        + 0.000289 * np.sin(3.0 * anomaly)
    )
    node = np.radians(125.04 - 1934.136 * century)
    longitude = np.radians(mean_longitude + centre - 0.00569 - 0.00478 * np.sin(node))
    tilt = np.radians(_obliquity_deg(century) + 0.00256 * np.cos(node))
    ascension = np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))
    return np.asarray(ascension), np.asarray(np.arcsin(np.sin(tilt) * np.sin(longitude)))


def _obliquity_deg(century: Floats) -> Floats:
    return np.asarray(
        23.0 + (26.0 + (21.448 - century * (46.815 + century * (0.00059 - century * 0.001813))) / 60.0) / 60.0
    )


def _sidereal_deg(t_us: Ints) -> Floats:
    """Greenwich apparent sidereal time, degrees (Meeus 12.4, nutation to its first term); UT1 is UTC."""
    days = (t_us - _J2000_US) / 86_400e6
    century = days / 36525.0
    mean = 280.46061837 + 360.98564736629 * days + century**2 * (0.000387933 - century / 38710000.0)
    nutation = -17.2 / 3600.0 * np.sin(np.radians(125.04 - 1934.136 * century))
    return np.asarray((mean + nutation * np.cos(np.radians(23.4393))) % 360.0)
