"""What a frame covers on level ground, and how fine: closed formulas for planning.

Height h over the ground, depression d of the optical axis, field of view H across x V along: near edge at
h / tan(d + V/2), far edge at h / tan(d - V/2), infinite where that ray does not come down; slant h / sin d;
width at the middle 2 slant tan(H/2). On terrain, and with the Earth's figure, use `view.footprint_on`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.attitude import camera_to_ned, corners_in_camera
from atalaya.sensing.platform import FieldOfView

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FlatFootprint:
    """Ground distances from the point below the sensor, metres; shapes as the arguments broadcast.

    near_m, far_m: along the look; negative behind the aircraft, far infinite where the horizon is in the
        frame
    slant_m: to the middle of the frame      width_m: across the look there
    """

    near_m: Floats
    far_m: Floats
    slant_m: Floats
    width_m: Floats

    @property
    def depth_m(self) -> Floats:
        """Along the look."""
        return np.asarray(self.far_m - self.near_m)


def flat_footprint(height_m: ArrayLike, depression_deg: ArrayLike, fov: FieldOfView) -> FlatFootprint:
    """The footprint of a frame on level ground.

    Args:
        height_m: over the ground. depression_deg: of the optical axis as it truly points: add the body's
            attitude
            to the gimbal's, see `true_depression_deg`.

    Raises:
        BadInput: SNS-006, a height not above zero, or a depression outside (0, 90].
    """
    height, depression = np.asarray(height_m, np.float64), np.asarray(depression_deg, np.float64)
    if not (np.isfinite(height) & (height > 0.0)).all():
        raise BadInput("SNS-006", name="height_m", value=np.min(height), allowed="> 0")
    if not ((depression > 0.0) & (depression <= 90.0)).all():
        raise BadInput("SNS-006", name="depression_deg", value=np.min(depression), allowed="0 ... 90")
    half = fov.vertical_deg / 2.0
    steep = np.asarray(depression + half)
    slant = height / np.sin(np.radians(depression))
    return FlatFootprint(
        _reach(height, steep),
        np.where(depression > half, _reach(height, depression - half), np.inf),
        np.asarray(slant),
        np.asarray(2.0 * slant * np.tan(np.radians(fov.horizontal_deg) / 2.0)),
    )


def gsd_m(slant_m: ArrayLike, fov: FieldOfView) -> tuple[Floats, Floats]:
    """Across and along in the plane of the image, metres: slant range times the mean angle of a pixel."""
    slant = np.asarray(slant_m, np.float64)
    across = slant * np.radians(fov.horizontal_deg) / fov.columns
    return np.asarray(across), np.asarray(slant * np.radians(fov.vertical_deg) / fov.rows)


def flat_corners(
    height_m: ArrayLike,
    fov: FieldOfView,
    *,
    heading_deg: ArrayLike = 0.0,
    pitch_deg: ArrayLike = 0.0,
    roll_deg: ArrayLike = 0.0,
    bearing_relative_deg: ArrayLike = 0.0,
    depression_deg: ArrayLike = 90.0,
) -> Floats:
    """(..., 4, 2) metres north and east of the point below, of a frame's corners on level ground, body
    attitude and gimbal angles together; NaN where a corner looks at the sky.

    Corners: upper left, upper right, lower right, lower left. Angles as in MISB ST 0601, depression
        positive down.
    """
    turned = camera_to_ned(
        heading_deg, pitch_deg, roll_deg, bearing_relative_deg, -np.asarray(depression_deg, np.float64), 0.0
    )
    rays = corners_in_camera(fov.horizontal_deg, fov.vertical_deg) @ np.swapaxes(turned, -1, -2)
    down = rays[..., 2:]
    height = np.asarray(height_m, np.float64)[..., None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(down > 0.0, rays[..., :2] / down * height, np.nan))


def true_depression_deg(
    pitch_deg: ArrayLike, roll_deg: ArrayLike, bearing_relative_deg: ArrayLike, depression_deg: ArrayLike
) -> Floats:
    """Depression of the optical axis below the horizon, body attitude added to the gimbal's angles."""
    axis = camera_to_ned(
        0.0, pitch_deg, roll_deg, bearing_relative_deg, -np.asarray(depression_deg, np.float64), 0.0
    )[..., 2, 0]
    return np.asarray(np.degrees(np.arcsin(np.clip(axis, -1.0, 1.0))))


def _reach(height: Floats, angle_deg: Floats) -> Floats:
    """h / tan(angle), through straight down to behind."""
    angle = np.radians(angle_deg)
    with np.errstate(divide="ignore"):
        return np.asarray(height * np.cos(angle) / np.sin(angle))
