"""Where a gimballed camera on a moving platform looks: rotations, boresight, pixel directions.

Angles degrees. Frames: NED (north, east, down) at the sensor; body (forward, right, down); camera
(forward, right in the image, down in the image). A direction in NED is
Rz(heading) Ry(pitch) Rx(roll) Rz(rel. azimuth) Ry(rel. elevation) Rx(rel. roll) [1, x, y]  (MISB ST 0601,
items 5-7 and 18-20): pitch and elevation are positive upwards, roll positive right side down.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def _matrix(angle_deg: ArrayLike, axis: int) -> Floats:
    angle = np.radians(np.asarray(angle_deg, np.float64))
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.zeros((*angle.shape, 3, 3))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turned[..., axis, axis] = 1.0
    turned[..., first, first] = cos
    turned[..., second, second] = cos
    turned[..., first, second] = -sin
    turned[..., second, first] = sin
    return turned


def rotation_x(angle_deg: ArrayLike) -> Floats:
    """(..., 3, 3) rotation about the first axis (roll)."""
    return _matrix(angle_deg, 0)


def rotation_y(angle_deg: ArrayLike) -> Floats:
    """(..., 3, 3) rotation about the second axis (pitch, elevation): [[c, 0, s], [0, 1, 0], [-s, 0, c]]."""
    return _matrix(angle_deg, 1)


def rotation_z(angle_deg: ArrayLike) -> Floats:
    """(..., 3, 3) rotation about the third axis (heading, azimuth)."""
    return _matrix(angle_deg, 2)


def rotation_zyx(yaw_deg: ArrayLike, pitch_deg: ArrayLike, roll_deg: ArrayLike) -> Floats:
    """(..., 3, 3) Rz(yaw) Ry(pitch) Rx(roll), in one step.

    Args:
        yaw_deg, pitch_deg, roll_deg: (...) degrees; broadcast together.
    """
    yaw, pitch, roll = (np.radians(np.asarray(part, np.float64)) for part in (yaw_deg, pitch_deg, roll_deg))
    cy, sy, cp, sp, cr, sr = (
        np.cos(yaw),
        np.sin(yaw),
        np.cos(pitch),
        np.sin(pitch),
        np.cos(roll),
        np.sin(roll),
    )
    turned = np.empty((*np.broadcast_shapes(yaw.shape, pitch.shape, roll.shape), 3, 3))
    turned[..., 0, 0], turned[..., 1, 0], turned[..., 2, 0] = cy * cp, sy * cp, -sp
    turned[..., 0, 1], turned[..., 0, 2] = cy * sp * sr - sy * cr, cy * sp * cr + sy * sr
    turned[..., 1, 1], turned[..., 1, 2] = sy * sp * sr + cy * cr, sy * sp * cr - cy * sr
    turned[..., 2, 1], turned[..., 2, 2] = cp * sr, cp * cr
    return turned


def angles_zyx(rotation: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Yaw (0..360), pitch (-90..90) and roll (-180..180) whose `rotation_zyx` is the given (..., 3, 3)."""
    turned = np.asarray(rotation, np.float64)
    yaw = np.degrees(np.arctan2(turned[..., 1, 0], turned[..., 0, 0])) % 360.0
    pitch = np.degrees(np.arcsin(np.clip(-turned[..., 2, 0], -1.0, 1.0)))
    roll = np.degrees(np.arctan2(turned[..., 2, 1], turned[..., 2, 2]))
    return yaw, pitch, roll


def direction(azimuth_deg: ArrayLike, elevation_deg: ArrayLike) -> Floats:
    """(..., 3) unit vector of an azimuth (clockwise from the first axis) and an elevation (positive up)."""
    azimuth, elevation = (
        np.radians(np.asarray(azimuth_deg, np.float64)),
        np.radians(np.asarray(elevation_deg)),
    )
    level = np.cos(elevation)
    parts = np.broadcast_arrays(level * np.cos(azimuth), level * np.sin(azimuth), -np.sin(elevation))
    return np.stack(parts, axis=-1)


def azimuth_elevation(vector: ArrayLike) -> tuple[Floats, Floats]:
    """Azimuth (0..360) and elevation (positive up), degrees, of (..., 3) vectors whose third axis is down."""
    v = np.asarray(vector, np.float64)
    level = np.hypot(v[..., 0], v[..., 1])
    azimuth = np.degrees(np.arctan2(v[..., 1], v[..., 0])) % 360.0
    return azimuth, np.degrees(np.arctan2(-v[..., 2], level))


def camera_to_ned(
    heading_deg: ArrayLike,
    pitch_deg: ArrayLike,
    roll_deg: ArrayLike,
    rel_azimuth_deg: ArrayLike,
    rel_elevation_deg: ArrayLike,
    rel_roll_deg: ArrayLike,
) -> Floats:
    """(..., 3, 3) rotation from the camera frame to NED; its first column is the boresight."""
    platform = rotation_zyx(heading_deg, pitch_deg, roll_deg)
    return platform @ rotation_zyx(rel_azimuth_deg, rel_elevation_deg, rel_roll_deg)


def boresight_ned(
    heading_deg: ArrayLike,
    pitch_deg: ArrayLike,
    roll_deg: ArrayLike,
    rel_azimuth_deg: ArrayLike,
    rel_elevation_deg: ArrayLike,
) -> Floats:
    """(..., 3) unit vector in NED of the optical axis; the camera's own roll does not move it."""
    platform = rotation_zyx(heading_deg, pitch_deg, roll_deg)
    forward = direction(rel_azimuth_deg, rel_elevation_deg)
    return np.asarray(np.einsum("...ij,...j->...i", platform, forward))


def pixel_in_camera(
    column: ArrayLike, row: ArrayLike, width: int, height: int, hfov_deg: ArrayLike, vfov_deg: ArrayLike
) -> Floats:
    """(..., 3) directions [1, x, y] in the camera frame of pixels of an undistorted image.

    Args:
        column, row: (...) pixel indices from 0 at the upper left; index i spans [i, i + 1), its centre
            i + 0.5 is what an integer means here.
        width, height: pixels.
        hfov_deg, vfov_deg: (...) full angles of the image.
    """
    x = (2.0 * (np.asarray(column, np.float64) + 0.5) / width - 1.0) * _half_tangent(hfov_deg)
    y = (2.0 * (np.asarray(row, np.float64) + 0.5) / height - 1.0) * _half_tangent(vfov_deg)
    return np.stack(np.broadcast_arrays(np.ones_like(x * y), x, y), axis=-1)


def corners_in_camera(hfov_deg: ArrayLike, vfov_deg: ArrayLike) -> Floats:
    """(..., 4, 3) directions [1, x, y] of the upper left, upper right, lower right and lower left corner."""
    x, y = np.broadcast_arrays(_half_tangent(hfov_deg), _half_tangent(vfov_deg))
    one = np.ones_like(x)
    ring = ((-x, -y), (x, -y), (x, y), (-x, y))
    return np.stack([np.stack((one, right, down), axis=-1) for right, down in ring], axis=-2)


def _half_tangent(fov_deg: ArrayLike) -> Floats:
    return np.asarray(np.tan(np.radians(np.asarray(fov_deg, np.float64)) / 2.0))
