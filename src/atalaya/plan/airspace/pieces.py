"""A flight path cut in short straight pieces: what is held against volumes and ground."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import geod, geodetic_to_ecef
from atalaya.earth.geoid import undulation_m
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.plane import between

Floats = NDArray[np.float64]

LONGEST_M = 2_000.0
_CHORD_M = 50_000.0


@dataclass(frozen=True, slots=True)
class Pieces:
    """m straight pieces, ends in columns.

    lon_deg, lat_deg, height_msl_m, geoid_m: (m, 2)      t_us: (m, 2) float64
    leg: (m,) index of the waypoint whose leg it is on    row: (m,) row of the path it starts after or at
    """

    lon_deg: Floats
    lat_deg: Floats
    height_msl_m: Floats
    geoid_m: Floats
    t_us: Floats
    leg: NDArray[np.int64]
    row: NDArray[np.int64]

    @property
    def ends_m(self) -> tuple[Floats, Floats]:
        """(m, 3) each: both ends on the ellipsoid, ECEF."""
        first, second = (geodetic_to_ecef(self.lon_deg[:, k], self.lat_deg[:, k], 0.0) for k in (0, 1))
        return first, second

    def at(self, piece: int, share: float) -> tuple[int, float, float, float]:
        """Time, longitude, latitude and height at a share of one piece."""
        lon, lat = between(
            self.lon_deg[piece : piece + 1, 0],
            self.lat_deg[piece : piece + 1, 0],
            self.lon_deg[piece : piece + 1, 1],
            self.lat_deg[piece : piece + 1, 1],
            share,
        )
        t, h = (
            float(x[piece, 0] + share * (x[piece, 1] - x[piece, 0])) for x in (self.t_us, self.height_msl_m)
        )
        return round(t), float(lon[0]), float(lat[0]), h


def pieces_of(path: FlightPath, longest_m: float = LONGEST_M) -> Pieces:
    """The pieces of a path, none longer than asked for; rows are joined by geodesics."""
    place = geodetic_to_ecef(path.lon_deg, path.lat_deg, 0.0)
    chord = np.linalg.norm(np.diff(place, axis=0), axis=1)
    count = np.maximum(np.ceil(chord / longest_m), 1.0).astype(np.int64)
    row = np.repeat(np.arange(len(count)), count)
    first = (np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)) / count[row]
    share = np.stack((first, first + 1.0 / count[row]), axis=1)
    lon, lat = _places(path, row, share, chord)
    height, t = (
        x[row, None] + share * np.diff(x)[row, None]
        for x in (path.height_msl_m, path.t_us.astype(np.float64))
    )
    return Pieces(lon, lat, height, undulation_m(lon, lat), t, path.waypoint[:-1][row], row)


def _places(path: FlightPath, row: NDArray[np.int64], share: Floats, chord: Floats) -> tuple[Floats, Floats]:
    lon1, lat1, lon2, lat2 = path.lon_deg[:-1], path.lat_deg[:-1], path.lon_deg[1:], path.lat_deg[1:]
    lon, lat = between(lon1[row, None], lat1[row, None], lon2[row, None], lat2[row, None], share)
    long = chord[row] > _CHORD_M
    if long.any():
        azimuth, _, length = geod().inv(lon1, lat1, lon2, lat2)
        which = row[long]
        start = np.broadcast_arrays(lon1[which, None], lat1[which, None], azimuth[which, None], share[long])
        lon[long], lat[long], _ = geod().fwd(*start[:3], share[long] * length[which, None])
    return lon, lat
