"""Geodesic segments as short chords in longitude and latitude that stay within a centimetre of them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import geodesic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ASIDE_M = 0.01
LONGEST_M, SHORTEST_M = 1000.0, 10.0
RADIUS_M = 6_371_000.0


@dataclass(frozen=True, eq=False)
class Chords:
    """Chords of several segments, one after the other.

    Args:
        lon, lat, dlon, dlat: (c,) starts and extents, degrees; dlon goes the short way round.
        segment: (c,) number of the segment; first: (n,) its first chord; count: (n,) how many it has.
    """

    lon: Floats
    lat: Floats
    dlon: Floats
    dlat: Floats
    segment: Ints
    first: Ints
    count: Ints

    def places(self, segment: Ints, fraction: Floats) -> tuple[Floats, Floats]:
        """Longitudes (within ±180) and latitudes at shares of segments."""
        along = fraction * self.count[segment]
        step = np.minimum(along.astype(np.int64), self.count[segment] - 1)
        chord = self.first[segment] + step
        share = along - step
        lon = self.lon[chord] + share * self.dlon[chord]
        turned = np.where(np.abs(lon) > 180.0, (lon + 180.0) % 360.0 - 180.0, lon)
        return turned, self.lat[chord] + share * self.dlat[chord]


def chords_of(
    lon0: Floats,
    lat0: Floats,
    lon1: Floats,
    lat1: Floats,
    *,
    aside_m: float = ASIDE_M,
    longest_m: float = LONGEST_M,
) -> Chords:
    """The chords of geodesics between points; no NaN.

    Args:
        lon0, lat0, lon1, lat1: (n,) degrees within ±180 and ±90.
        aside_m: how far a chord may lie beside its geodesic; longest_m: how long it may be.
    """
    count = _count(lon0, lat0, lon1, lat1, aside_m, longest_m)
    first = np.cumsum(count) - count
    segment = np.repeat(np.arange(len(count)), count)
    lon, lat = lon0[segment], lat0[segment]
    end_lon, end_lat = lon1[segment], lat1[segment]
    long = np.flatnonzero(count > 1)
    if len(long):
        metres, azimuth = geodesic(lon0[long], lat0[long], lon1[long], lat1[long])
        inner = count[long] - 1
        of_long = np.repeat(np.arange(len(long)), inner)
        step = np.arange(len(of_long)) - np.repeat(np.cumsum(inner) - inner, inner)
        chord = first[long][of_long] + step
        share = (step + 1) / count[long][of_long]
        start = lon0[long][of_long], lat0[long][of_long]
        middle_lon, middle_lat = _direct(*start, azimuth[of_long], metres[of_long] * share)
        end_lon[chord], end_lat[chord] = middle_lon, middle_lat
        lon[chord + 1], lat[chord + 1] = middle_lon, middle_lat
    dlon = (end_lon - lon + 180.0) % 360.0 - 180.0
    return Chords(lon, lat, dlon, end_lat - lat, segment, first, count)


def _count(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats, aside_m: float, longest_m: float) -> Ints:
    """How many chords each segment needs: a chord of length L leaves a geodesic by L^2 tan(lat) / 8 R."""
    dlon = np.abs((lon1 - lon0 + 180.0) % 360.0 - 180.0)
    steepest = np.maximum(np.abs(lat0), np.abs(lat1)) + dlon * 0.5  # a geodesic bulges towards the pole
    mildest = np.where(lat0 * lat1 < 0.0, 0.0, np.minimum(np.abs(lat0), np.abs(lat1)))
    metres = 111_700.0 * np.hypot(dlon * np.cos(np.radians(mildest)), lat1 - lat0)
    tangent = np.tan(np.radians(np.minimum(steepest, 89.999)))
    longest = np.sqrt(8.0 * RADIUS_M * aside_m / np.maximum(tangent, 1e-6))
    count: Ints = np.ceil(metres / np.clip(longest, SHORTEST_M, longest_m)).astype(np.int64)
    return np.maximum(count, 1)


def _direct(lon: Floats, lat: Floats, azimuth: Floats, metres: Floats) -> tuple[Floats, Floats]:
    east, north, _ = _geod().fwd(lon, lat, azimuth, metres)
    return np.asarray(east, np.float64), np.asarray(north, np.float64)


@cache
def _geod() -> Any:
    from pyproj import Geod

    return Geod(ellps="WGS84")
