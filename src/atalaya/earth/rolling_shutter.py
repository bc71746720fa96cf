"""Rows of one picture that were read one after another: when each was, and where the camera then stood."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RollingShutter:
    """How a sensor reads its rows.

    height: rows      readout_s: from the first row to the last, negative where it reads upwards
    stamped_at: part of the read-out, 0 to 1, at which the frame's time stamp was taken
    """

    height: int
    readout_s: float
    stamped_at: float = 0.5

    def offsets_s(self, row: ArrayLike) -> Floats:
        """(...) seconds from the frame's time stamp to rows, which need not be whole."""
        part = np.asarray(row, np.float64) / max(self.height - 1, 1)
        return np.asarray((part - self.stamped_at) * self.readout_s)

    def poses(self, row: ArrayLike, time_s: ArrayLike, known: Pose) -> Pose:
        """(n,) poses at which rows of a frame were read.

        Args:
            row: (n,) rows. time_s: (m,) seconds from the frame's time stamp of the `known` m poses.
        """
        return interpolated(time_s, known, self.offsets_s(np.atleast_1d(np.asarray(row, np.float64))))


def interpolated(time_s: ArrayLike, known: Pose, at_s: ArrayLike) -> Pose:
    """Poses between known ones: positions on straight lines, attitudes at constant turn between neighbours.

    Before the first and after the last the nearest motion is continued.

    Args:
        time_s: (m,) rising seconds, m >= 2. known: m poses. at_s: (n,) seconds.

    Raises:
        BadInput: EAR-024, fewer than two poses, or times that do not rise.
    """
    times, at = np.asarray(time_s, np.float64), np.atleast_1d(np.asarray(at_s, np.float64))
    if times.ndim != 1 or len(times) < 2 or not (np.diff(times) > 0.0).all():
        raise BadInput("EAR-024", where=f"{times.size} times")
    before = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 2)
    part = ((at - times[before]) / (times[before + 1] - times[before]))[:, None]
    origin = np.broadcast_to(known.origin_m, (len(times), 3))
    turned = np.broadcast_to(known.camera_to_ecef, (len(times), 3, 3))
    start = turned[before]
    turn = rotation_vector(np.swapaxes(start, 1, 2) @ turned[before + 1])
    return Pose(
        origin[before] + part * (origin[before + 1] - origin[before]), start @ rotation_of(part * turn)
    )


def rotation_of(vector: Floats) -> Floats:
    """(n, 3, 3) rotations of (n, 3) rotation vectors, radians (Rodrigues)."""
    angle = np.linalg.norm(vector, axis=1)[:, None, None]
    x, y, z = vector.T
    zero = np.zeros_like(x)
    cross = np.stack((zero, -z, y, z, zero, -x, -y, x, zero), axis=1).reshape(-1, 3, 3)
    # sin(a)/a and (1 - cos a)/a^2, both without loss at small angles
    return np.asarray(
        np.eye(3)
        + np.sinc(angle / np.pi) * cross
        + 0.5 * np.sinc(angle / (2.0 * np.pi)) ** 2 * (cross @ cross)
    )


def rotation_vector(rotation: Floats) -> Floats:
    """(n, 3) rotation vectors, radians, of (n, 3, 3) rotations by less than half a turn."""
    axis = np.stack(
        (
            rotation[:, 2, 1] - rotation[:, 1, 2],
            rotation[:, 0, 2] - rotation[:, 2, 0],
            rotation[:, 1, 0] - rotation[:, 0, 1],
        ),
        axis=1,
    )
    sine = np.linalg.norm(axis, axis=1) / 2.0
    cosine = (np.trace(rotation, axis1=1, axis2=2) - 1.0) / 2.0
    angle = np.arctan2(sine, cosine)
    scale = np.where(sine > 1e-12, angle / np.where(sine > 1e-12, 2.0 * sine, 1.0), 0.5)
    return np.asarray(axis * scale[:, None])
