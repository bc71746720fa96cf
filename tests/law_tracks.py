"""Tracks with known answers: the straddling orbit of the field note, circles about a meridian, random
flights."""

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from atalaya.earth.track import Track, track_of

Floats = NDArray[np.float64]
GEOD = Geod(ellps="WGS84")
START_US = 1_700_000_000_000_000


def straddling_orbit(seconds: int = 43_200) -> Track:
    """12 h at 1 Hz along the US-Mexico line, with the formulas of the note."""
    s = np.arange(float(seconds))
    omega = 60 / 5000
    x = -20000 + 0.3 * s + 5000 * np.cos(omega * s)
    y = 5000 * np.sin(omega * s)
    lon = -110.94 + x / (111320 * np.cos(np.radians(31.33)))
    return flown(s, lon, 31.3327 + y / 110900, speed_mps=60.3)


def circling(radius_m: float, offset_m: float, turns: int = 4, speed_mps: float = 60.0) -> Track:
    """Geodesic circles whose centre lies `offset_m` west of the meridian 10 E at 45 N."""
    centre_lon, centre_lat, _ = GEOD.fwd(10.0, 45.0, 270.0, offset_m)
    period_s = 2 * np.pi * radius_m / speed_mps
    s = np.arange(0.0, turns * period_s, 1.0)
    azimuth = np.degrees(s * speed_mps / radius_m)
    many = np.ones(len(s))
    lon, lat, _ = GEOD.fwd(centre_lon * many, centre_lat * many, azimuth, radius_m * many)
    return flown(s, np.asarray(lon), np.asarray(lat), speed_mps=speed_mps)


def flown(s: Floats, lon: Floats, lat: Floats, *, speed_mps: float, radius_m: float = 10.0) -> Track:
    """A track whose source states speed and position radius."""
    return track_of(
        START_US + np.rint(s * 1e6).astype(np.int64),
        lon,
        lat,
        aircraft="T1",
        ground_speed_mps=np.full(len(s), speed_mps),
        containment_m=np.full(len(s), radius_m),
    )


def wandering(
    rng: np.random.Generator, seconds: int, speed_mps: float, turn_deg: float
) -> tuple[Floats, Floats, Floats]:
    """Times, longitudes and latitudes of a flight at 1 Hz that turns at random, from near 10 E 45 N."""
    heading = np.radians(np.cumsum(rng.normal(0.0, turn_deg, seconds)) + rng.uniform(0, 360))
    x = np.cumsum(speed_mps * np.sin(heading)) + rng.uniform(-8000, 8000)
    y = np.cumsum(speed_mps * np.cos(heading)) + rng.uniform(-8000, 8000)
    return np.arange(float(seconds)), 10.0 + x / 78_847.0, 45.0 + y / 111_132.0
