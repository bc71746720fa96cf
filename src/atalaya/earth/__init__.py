"""The figure of the Earth and lines of sight to it.

In: longitudes, latitudes and heights with their datum; attitudes and gimbal angles as in MISB ST 0601.
Out: Cartesian positions, directions, and the place where a line of sight meets a surface of given height.
WGS 84 (NGA.STND.0036), EGM96 for mean sea level.
"""

from atalaya.earth.attitude import (
    angles_zyx,
    azimuth_elevation,
    boresight_ned,
    camera_to_ned,
    corners_in_camera,
    direction,
    pixel_in_camera,
    rotation_zyx,
)
from atalaya.earth.ellipsoid import (
    ecef_to_geodetic,
    enu_basis,
    geodesic,
    geodetic_to_ecef,
    ned_basis,
    up_vector,
)
from atalaya.earth.geoid import HeightDatum, converted_height_m, require_same_datum, undulation_m
from atalaya.earth.sightline import point_at_height, range_to_height

__all__ = [
    "HeightDatum",
    "angles_zyx",
    "azimuth_elevation",
    "boresight_ned",
    "camera_to_ned",
    "converted_height_m",
    "corners_in_camera",
    "direction",
    "ecef_to_geodetic",
    "enu_basis",
    "geodesic",
    "geodetic_to_ecef",
    "ned_basis",
    "pixel_in_camera",
    "point_at_height",
    "range_to_height",
    "require_same_datum",
    "rotation_zyx",
    "undulation_m",
    "up_vector",
]
