"""WGS 84: geodetic and Cartesian coordinates, local frames, geodesics. Angles degrees, lengths metres."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SEMI_MAJOR_M = 6378137.0
"""Equatorial radius a of WGS 84."""

FLATTENING = 1.0 / 298.257223563
SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - FLATTENING)
ECCENTRICITY_SQUARED = FLATTENING * (2.0 - FLATTENING)


def geodetic_to_ecef(lon_deg: ArrayLike, lat_deg: ArrayLike, height_hae_m: ArrayLike) -> Floats:
    """Earth-centred Cartesian coordinates of geodetic places.

    Args:
        lon_deg, lat_deg, height_hae_m: (...) degrees, degrees, metres above the ellipsoid.

    Returns:
        (..., 3) metres, ECEF.
    """
    lon, lat, height = (np.asarray(part, np.float64) for part in (lon_deg, lat_deg, height_hae_m))
    lam, phi = np.radians(lon), np.radians(lat)
    sin_phi, cos_phi = np.sin(phi), np.cos(phi)
    prime_vertical = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi**2)
    across = (prime_vertical + height) * cos_phi
    along_axis = (prime_vertical * (1.0 - ECCENTRICITY_SQUARED) + height) * sin_phi
    parts = np.broadcast_arrays(across * np.cos(lam), across * np.sin(lam), along_axis)
    return np.stack(parts, axis=-1)


def ecef_to_geodetic(xyz_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Longitude, latitude (degrees) and height above the ellipsoid (metres) of Cartesian points.

    Bowring's iteration on the parametric latitude (Survey Review 23, 1976), three rounds: exact to
    1e-9 m in height from the sea floor to far above any aircraft.

    Args:
        xyz_m: (..., 3) metres, ECEF.
    """
    xyz = np.asarray(xyz_m, np.float64)
    x, y, z = xyz[..., 0], xyz[..., 1], xyz[..., 2]
    across = np.hypot(x, y)
    second = ECCENTRICITY_SQUARED / (1.0 - ECCENTRICITY_SQUARED)
    beta = np.arctan2(SEMI_MAJOR_M * z, SEMI_MINOR_M * across)
    phi = beta
    for _ in range(3):
        phi = np.arctan2(
            z + second * SEMI_MINOR_M * np.sin(beta) ** 3,
            across - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * np.cos(beta) ** 3,
        )
        beta = np.arctan2((1.0 - FLATTENING) * np.sin(phi), np.cos(phi))
    sin_phi = np.sin(phi)
    radius = SEMI_MAJOR_M * np.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi**2)
    height = across * np.cos(phi) + z * sin_phi - radius
    return np.degrees(np.arctan2(y, x)), np.degrees(phi), height


def up_vector(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
    """(..., 3) unit normals of the ellipsoid, ECEF."""
    lam, phi = np.radians(np.asarray(lon_deg, np.float64)), np.radians(np.asarray(lat_deg, np.float64))
    cos_phi = np.cos(phi)
    return np.stack(np.broadcast_arrays(cos_phi * np.cos(lam), cos_phi * np.sin(lam), np.sin(phi)), axis=-1)


def ned_basis(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
    """(..., 3, 3) rotation from local north-east-down to ECEF; its columns are north, east, down."""
    lam, phi = np.radians(np.asarray(lon_deg, np.float64)), np.radians(np.asarray(lat_deg, np.float64))
    lam, phi = np.broadcast_arrays(lam, phi)
    sin_lam, cos_lam, sin_phi, cos_phi = np.sin(lam), np.cos(lam), np.sin(phi), np.cos(phi)
    north = np.stack((-sin_phi * cos_lam, -sin_phi * sin_lam, cos_phi), axis=-1)
    east = np.stack((-sin_lam, cos_lam, np.zeros_like(lam)), axis=-1)
    down = np.stack((-cos_phi * cos_lam, -cos_phi * sin_lam, -sin_phi), axis=-1)
    return np.stack((north, east, down), axis=-1)


def enu_basis(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
    """(..., 3, 3) rotation from local east-north-up to ECEF; its columns are east, north, up."""
    ned = ned_basis(lon_deg, lat_deg)
    return np.stack((ned[..., 1], ned[..., 0], -ned[..., 2]), axis=-1)


@cache
def geod() -> Any:
    """The solver of geodesics (GeographicLib, by PROJ), made once."""
    from pyproj import Geod  # costs tens of milliseconds: only who measures on the ellipsoid pays

    return Geod(ellps="WGS84")


def geodesic(
    lon1_deg: ArrayLike, lat1_deg: ArrayLike, lon2_deg: ArrayLike, lat2_deg: ArrayLike
) -> tuple[Floats, Floats]:
    """Length (metres) and true azimuth at the first point (degrees, 0..360) of geodesics on the ellipsoid.

    Karney's solution as in GeographicLib, by PROJ. NaN in, NaN out.
    """
    places = (np.asarray(part, np.float64) for part in (lon1_deg, lat1_deg, lon2_deg, lat2_deg))
    lon1, lat1, lon2, lat2 = (np.array(part, np.float64) for part in np.broadcast_arrays(*places))
    bad = ~np.isfinite(lon1 + lat1 + lon2 + lat2)
    for part in (lon1, lat1, lon2, lat2):
        part[bad] = 0.0
    forward, _, length = geod().inv(lon1, lat1, lon2, lat2)
    azimuth = np.asarray(forward, np.float64) % 360.0
    distance = np.asarray(length, np.float64)
    return np.where(bad, np.nan, distance), np.where(bad, np.nan, azimuth)
