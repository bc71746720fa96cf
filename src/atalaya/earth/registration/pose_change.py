"""Small changes of a pose and what they do on the ground."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis

Floats = NDArray[np.float64]

VALUES = ("east_m", "north_m", "up_m", "about_east_deg", "about_north_deg", "about_up_deg")
"""The six values of a change of pose and of its covariance, in this order: a move, and a right-handed
rotation about the axes of the local frame at the camera (after the camera's own attitude)."""


def pose_covariance(position_sd_m: ArrayLike, attitude_sd_deg: ArrayLike) -> Floats:
    """(6, 6) of independent errors.

    Args:
        position_sd_m: one for all, or (east, north, up). attitude_sd_deg: one, or about (east, north, up).
    """
    position = np.broadcast_to(np.asarray(position_sd_m, np.float64), (3,))
    attitude = np.broadcast_to(np.asarray(attitude_sd_deg, np.float64), (3,))
    return np.diag(np.concatenate((position, attitude)) ** 2)


def checked_covariance(covariance: ArrayLike) -> Floats:
    """A (6, 6) covariance that has an inverse.

    Raises:
        BadInput: EAR-088, another shape, not symmetric, or not positive definite.
    """
    found = np.asarray(covariance, np.float64)
    if found.shape != (6, 6):
        raise BadInput("EAR-088", detail=f"shape {found.shape}")
    if not (np.isfinite(found).all() and np.allclose(found, found.T, rtol=1e-6, atol=0.0)):
        raise BadInput("EAR-088", detail="not finite and symmetric")
    sd = np.sqrt(np.maximum(found.diagonal(), 0.0))
    if sd.min() == 0.0 or np.linalg.eigvalsh(found / np.outer(sd, sd))[0] <= 1e-12:
        raise BadInput("EAR-088", detail="not positive definite")
    return found


def local_basis(pose: Pose) -> Floats:
    """(3, 3) columns east, north, up at the camera, ECEF."""
    lon, lat, _ = ecef_to_geodetic(pose.origin_m)
    return enu_basis(lon, lat)


def changed(pose: Pose, change: Floats) -> Pose:
    """The pose moved and turned by six `VALUES`."""
    basis = local_basis(pose)
    turn = rotation(basis @ np.radians(change[3:]))
    return Pose(pose.origin_m + basis @ change[:3], turn @ pose.camera_to_ecef)


def rotation(vector_rad: Floats) -> Floats:
    """(3, 3) rotation about a vector by its length (Rodrigues)."""
    angle = float(np.linalg.norm(vector_rad))
    x, y, z = vector_rad
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    half = 0.5 * float(np.sinc(angle / (2.0 * np.pi))) ** 2
    turned: Floats = np.eye(3) + float(np.sinc(angle / np.pi)) * cross + half * (cross @ cross)
    return turned


def ground_jacobian(pose: Pose, place_m: Floats, normal: Floats) -> Floats:
    """(n, 3, 6) how places on the ground, held by their pixels, move with the pose: metres per value.

    dX = P (dC + t w x d), P = I - d n^T / (n^T d).

    Args:
        place_m: (n, 3) ECEF. normal: (n, 3) of the ground there.
    """
    basis = local_basis(pose)
    ray = place_m - pose.origin_m
    slope = np.sum(ray * normal, axis=1)
    slope = np.where(np.abs(slope) < 1e-9, -1e-9, slope)
    plane = np.eye(3) - ray[:, :, None] * normal[:, None, :] / slope[:, None, None]
    turned = np.cross(basis.T[None, :, :], ray[:, None, :]).transpose(0, 2, 1)
    return np.asarray(np.concatenate((plane @ basis, np.radians(plane @ turned)), axis=2))
