"""A frame's pose corrected by a picture whose place is known, with the budget that then holds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.cameras import FrameCamera, pictures
from atalaya.earth import ecef_to_geodetic, enu_basis
from atalaya.earth.camera import Pose
from atalaya.earth.error import ErrorBudget, Term
from atalaya.earth.registration import RasterReference, Registration, pose_covariance, register
from atalaya.earth.surface import Surface
from atalaya.footage.analyse import Analysis
from atalaya.footage.clip import Clip

Floats = NDArray[np.float64]

_POSITION = ("position_east_m", "position_north_m", "position_up_m")
_ATTITUDE = ("heading_deg", "pitch_deg", "roll_deg")
_REPLACED = (
    *("gimbal_azimuth_deg", "gimbal_elevation_deg", "gimbal_roll_deg", "time_s", "geoid_m"),
    *("boresight_azimuth_deg", "boresight_elevation_deg", "boresight_roll_deg"),
)


@dataclass(frozen=True)
class ReferencePicture:
    """A georeferenced raster and the standard deviation of its own place, metres, each axis."""

    path: Path
    error_m: float


def registered(
    clip: Clip,
    analysis: Analysis,
    camera: FrameCamera,
    surface: Surface,
    reference: ReferencePicture,
    budget: ErrorBudget,
) -> Registration:
    """Compare a frame with the reference; the metadata's pose stays where the comparison is not conclusive.

    Raises:
        BadInput: EAR-080 to EAR-088, the frame meets no ground or the reference cannot be used.
    """
    image = next(pictures(clip, analysis, np.array([camera.frame]), "grey"))
    prior = _prior(budget)
    source = RasterReference(reference.path, reference.error_m)
    return register(image, camera.lens, camera.pose, prior, source, surface)


def _prior(budget: ErrorBudget) -> Floats:
    """(6, 6) of the metadata's pose: its position, and all that turns the line of sight."""

    def together(*names: str) -> float:
        return float(np.linalg.norm([budget.term(name).total for name in names]))

    level = max(
        together("pitch_deg", "gimbal_elevation_deg", "boresight_elevation_deg"),
        together("roll_deg", "gimbal_roll_deg", "boresight_roll_deg"),
    )
    upright = together("heading_deg", "gimbal_azimuth_deg", "boresight_azimuth_deg")
    return pose_covariance([together(name) for name in _POSITION], [level, level, upright])


def budget_after(budget: ErrorBudget, found: Registration) -> ErrorBudget:
    """The budget of a registered frame: what its ties left of position and attitude, with their correlations.

    Terms of pixel, focal length and terrain stay; those the pose has absorbed vanish. For looks made from a
    pose, whose heading turns about the vertical, pitch about the level axis and roll about the forward one.
    """
    turn = np.zeros((6, 6))
    turn[:3, :3] = np.eye(3)
    turn[3:, 3:] = np.linalg.inv(_axes(found.pose)).T
    covariance = turn @ found.covariance @ turn.T
    sigma = np.sqrt(np.diag(covariance))
    names = (*_POSITION, *_ATTITUDE)
    terms = {name: Term(0.0, float(sd), "calibrated") for name, sd in zip(names, sigma, strict=True)}
    terms |= {name: Term(0.0, 0.0, "calibrated") for name in _REPLACED}
    matrix = covariance / np.outer(sigma, sigma)
    pairs = tuple(
        (names[i], names[j], float(np.clip(matrix[i, j], -0.999, 0.999))) for i in range(6) for j in range(i)
    )
    changed = budget.with_terms(**terms)
    quantised = {name: 0.0 for name in vars(changed) if name.startswith("quantised_")}
    return ErrorBudget(**{**vars(changed), **quantised, "correlations": pairs})


def _axes(pose: Pose) -> Floats:
    """(3, 3) rows, ENU: the axes a look from a pose turns about: down, level to the right, forward."""
    lon, lat, _ = ecef_to_geodetic(pose.origin_m)
    forward = enu_basis(lon, lat).T @ pose.camera_to_ecef[:, 0]
    down = np.array([0.0, 0.0, -1.0])
    right = np.cross(down, forward)
    if np.linalg.norm(right) < 1e-6:  # straight down: the image's own right
        right = enu_basis(lon, lat).T @ pose.camera_to_ecef[:, 1]
    return np.stack([down, right / np.linalg.norm(right), forward])
