"""Where a camera looks, as three angles, also where it looks straight down."""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import angles_zyx
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, ned_basis

Floats = NDArray[np.float64]

_STEEP = 1e-7


def camera_angles(pose: Pose) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Longitude, latitude, height above the ellipsoid; yaw, pitch and roll of the camera, (n,) each.

    The angles are absolute: Rz(yaw) Ry(pitch) Rx(roll) turns camera axes to north, east, down. Straight down
    (or up) only the difference of yaw and roll means anything: roll is 0 then.
    """
    origin = np.atleast_2d(np.asarray(pose.origin_m, np.float64))
    camera = np.asarray(pose.camera_to_ecef, np.float64).reshape(-1, 3, 3)
    lon, lat, height = ecef_to_geodetic(origin)
    basis = ned_basis(lon, lat)
    turned = np.stack([(basis[:, :, k, None] * camera).sum(axis=1) for k in range(3)], axis=1)
    yaw, pitch, roll = angles_zyx(turned)
    steep = np.hypot(turned[:, 0, 0], turned[:, 1, 0]) < _STEEP
    plumb = np.degrees(np.arctan2(-turned[:, 0, 1], turned[:, 1, 1])) % 360.0
    return lon, lat, height, np.where(steep, plumb, yaw), pitch, np.where(steep, 0.0, roll)
