"""A plane on which geodesics are straight: the ellipsoid seen from the Earth's centre (gnomonic).

Straight lines of the plane are great ellipses. On 100 km they lie within 5 mm of the geodesic through their
ends; edges longer than that are cut first. Distances on the plane are true near its centre and grow with
(d / R)^2: 6 parts in a million at 15 km, 1 in 4000 at 100 km.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.earth.ellipsoid import ECCENTRICITY_SQUARED, SEMI_MAJOR_M, geodetic_to_ecef, ned_basis

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TangentPlane:
    """A plane that touches the ellipsoid at its centre.

    Args:
        lon_deg, lat_deg: of the centre.
    """

    lon_deg: float
    lat_deg: float

    def to_plane(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """(..., 2) metres east and north; NaN beyond 80 degrees from the centre."""
        centre = geodetic_to_ecef(self.lon_deg, self.lat_deg, 0.0)
        north, east, down = ned_basis(self.lon_deg, self.lat_deg).T
        place = geodetic_to_ecef(lon_deg, lat_deg, 0.0)
        depth = -(place @ down)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(depth > 0.17 * SEMI_MAJOR_M, -(centre @ down) / depth, np.nan)
        return np.stack((place @ east * scale, place @ north * scale - centre @ north), axis=-1)

    def to_lonlat(self, xy_m: ArrayLike) -> tuple[Floats, Floats]:
        """Longitudes and latitudes (degrees) of (..., 2) metres east and north."""
        xy = np.asarray(xy_m, np.float64)
        north, east, _ = ned_basis(self.lon_deg, self.lat_deg).T
        place = geodetic_to_ecef(self.lon_deg, self.lat_deg, 0.0) + xy[..., :1] * east + xy[..., 1:] * north
        return onto_ellipsoid(place)


def onto_ellipsoid(place_m: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude, degrees, of rays from the Earth's centre through (..., 3) ECEF points."""
    x, y, z = place_m[..., 0], place_m[..., 1], place_m[..., 2]
    across = np.hypot(x, y)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, (1.0 - ECCENTRICITY_SQUARED) * across))


def between(
    lon1_deg: Floats, lat1_deg: Floats, lon2_deg: Floats, lat2_deg: Floats, share: ArrayLike
) -> tuple[Floats, Floats]:
    """Places at a share of the way between two, for ways up to 100 km (share of the chord).

    Args:
        lon1_deg, lat1_deg, lon2_deg, lat2_deg: (n,) degrees. share: (n,) in 0 .. 1.
    """
    first, second = geodetic_to_ecef(lon1_deg, lat1_deg, 0.0), geodetic_to_ecef(lon2_deg, lat2_deg, 0.0)
    part = np.asarray(share, np.float64)[..., None]
    return onto_ellipsoid(first * (1.0 - part) + second * part)


def centre_of(lon_deg: ArrayLike, lat_deg: ArrayLike) -> TangentPlane:
    """The plane about the middle of places."""
    middle = np.atleast_2d(geodetic_to_ecef(lon_deg, lat_deg, 0.0)).mean(axis=0)
    lon, lat = onto_ellipsoid(middle)
    return TangentPlane(float(lon), float(lat))
