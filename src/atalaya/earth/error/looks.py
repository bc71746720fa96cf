"""The lines of sight whose ground is asked for, with the axes their errors turn about."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.attitude import camera_to_ned, rotation_z, rotation_zyx
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, geodetic_to_ecef, ned_basis

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Looks:
    """n lines of sight. ECEF, metres, unless said otherwise.

    origin_m: (n, 3) sensor        camera_to_ecef: (n, 3, 3) rotation (camera: forward, right, down)
    direction: (n, 3) [1, x, y] in the camera, of the mark
    platform_axes: (n, 3, 3) unit rows: about them an error of heading, pitch and roll turns the camera
    gimbal_axes: (n, 3, 3) unit rows: likewise gimbal azimuth, elevation and roll
    pixel_tangent: (n,) size of a pixel as a change of x: 1 / focal length in pixels
    velocity_mps: (n, 3)           slew_dps: (n, 3) rotation of the camera, degrees per second
    range_m, range_sigma_m: (n,) measured slant range and its one sigma; NaN where none was measured
    """

    origin_m: Floats
    camera_to_ecef: Floats
    direction: Floats
    platform_axes: Floats
    gimbal_axes: Floats
    pixel_tangent: Floats
    velocity_mps: Floats
    slew_dps: Floats
    range_m: Floats
    range_sigma_m: Floats

    def __len__(self) -> int:
        return len(self.origin_m)

    @property
    def toward(self) -> Floats:
        """(n, 3) unit vectors, ECEF."""
        ray = np.einsum("nij,nj->ni", self.camera_to_ecef, self.direction)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(ray / np.linalg.norm(ray, axis=1, keepdims=True))

    def take(self, rows: NDArray[np.intp]) -> "Looks":
        """The looks of some rows."""
        return Looks(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def looks_from_angles(
    lon_deg: ArrayLike,
    lat_deg: ArrayLike,
    height_hae_m: ArrayLike,
    heading_deg: ArrayLike,
    pitch_deg: ArrayLike,
    roll_deg: ArrayLike,
    rel_azimuth_deg: ArrayLike = 0.0,
    rel_elevation_deg: ArrayLike = 0.0,
    rel_roll_deg: ArrayLike = 0.0,
    *,
    direction: ArrayLike = (1.0, 0.0, 0.0),
    pixel_tangent: ArrayLike = 0.0,
    velocity_ned_mps: ArrayLike = (0.0, 0.0, 0.0),
    slew_ned_dps: ArrayLike = (0.0, 0.0, 0.0),
    range_m: ArrayLike = np.nan,
    range_sigma_m: ArrayLike = np.nan,
) -> Looks:
    """Looks of a gimballed camera as ST 0601 items 5-7, 13-15 and 18-20 describe it; all broadcast to (n,).

    Args:
        height_hae_m: of the sensor above the ellipsoid.
        direction: (n, 3) or (3,) [1, x, y] in the camera; the optical axis by default.
        velocity_ned_mps, slew_ned_dps: (n, 3) or (3,) over ground, and rotation vector of the camera.
    """
    angles = (heading_deg, pitch_deg, roll_deg, rel_azimuth_deg, rel_elevation_deg, rel_roll_deg)
    given = [np.asarray(part, np.float64) for part in (lon_deg, lat_deg, height_hae_m, *angles)]
    rows = np.broadcast_shapes((1,), *(part.shape for part in given), np.asarray(direction).shape[:-1])
    lon, lat, height, heading, pitch, roll, azimuth, elevation, turn = (
        np.broadcast_to(part, rows) for part in given
    )
    ned = ned_basis(lon, lat)
    platform = rotation_zyx(heading, pitch, roll)
    after_heading, after_azimuth = rotation_z(heading), platform @ rotation_z(azimuth)
    camera = camera_to_ned(heading, pitch, roll, azimuth, elevation, turn)
    down = np.broadcast_to((0.0, 0.0, 1.0), (*rows, 3))
    platform_axes = np.stack((down, after_heading[..., 1], platform[..., 0]), axis=1)
    gimbal_axes = np.stack((platform[..., 2], after_azimuth[..., 1], camera[..., 0]), axis=1)
    return Looks(
        origin_m=geodetic_to_ecef(lon, lat, height),
        camera_to_ecef=ned @ camera,
        direction=np.broadcast_to(np.asarray(direction, np.float64), (*rows, 3)),
        platform_axes=platform_axes @ ned.transpose(0, 2, 1),
        gimbal_axes=gimbal_axes @ ned.transpose(0, 2, 1),
        pixel_tangent=np.broadcast_to(np.asarray(pixel_tangent, np.float64), rows),
        velocity_mps=_to_ecef(ned, velocity_ned_mps),
        slew_dps=_to_ecef(ned, slew_ned_dps),
        range_m=np.broadcast_to(np.asarray(range_m, np.float64), rows),
        range_sigma_m=np.broadcast_to(np.asarray(range_sigma_m, np.float64), rows),
    )


def looks_from_pose(
    pose: Pose,
    direction: Floats,
    pixel_tangent: ArrayLike = 0.0,
    *,
    range_m: ArrayLike = np.nan,
    range_sigma_m: ArrayLike = np.nan,
) -> Looks:
    """Looks of a camera of which only place and attitude are known (a photograph).

    Platform and gimbal are then one: heading turns about the vertical, pitch about the level axis across the
    camera's forward one, roll about the forward one.

    Args:
        direction: (n, 3) [1, x, y] in the camera.

    Raises:
        BadInput: EAR-062, pose and directions do not have the same number of rows.
    """
    ray = np.atleast_2d(np.asarray(direction, np.float64))
    if pose.origin_m.ndim == 2 and len(pose.origin_m) not in (1, len(ray)):
        raise BadInput("EAR-062", poses=len(pose.origin_m), directions=len(ray))
    n = len(ray)
    origin = np.broadcast_to(pose.origin_m, (n, 3))
    camera = np.broadcast_to(pose.camera_to_ecef, (n, 3, 3))
    lon, lat, _ = ecef_to_geodetic(origin)
    axes = _level_axes(camera, ned_basis(lon, lat)[..., 2])
    zero = np.zeros((n, 3))
    return Looks(
        origin,
        camera,
        ray,
        axes,
        axes,
        np.broadcast_to(np.asarray(pixel_tangent, np.float64), (n,)),
        zero,
        zero,
        np.broadcast_to(np.asarray(range_m, np.float64), (n,)),
        np.broadcast_to(np.asarray(range_sigma_m, np.float64), (n,)),
    )


def _level_axes(camera: Floats, down: Floats) -> Floats:
    """(n, 3, 3) rows: down, the level axis to the right of the camera's forward one, forward."""
    forward = camera[..., 0]
    across = np.cross(down, forward)
    length = np.linalg.norm(across, axis=-1, keepdims=True)
    # straight down there is no level axis "across": the camera's own right one is level then
    right = np.where(length > 1e-6, across / np.maximum(length, 1e-6), camera[..., 1])
    return np.stack((down, right, forward), axis=1)


def _to_ecef(ned: Floats, vector: ArrayLike) -> Floats:
    given = np.broadcast_to(np.asarray(vector, np.float64), (len(ned), 3))
    return np.asarray(np.einsum("nij,nj->ni", ned, given))
