"""Points to pixels and ranges under a set of unknowns, with exact derivatives by every unknown.

A point X is seen from C = C0 + own and shared error + velocity lag with the camera turned by
R = Rz(heading) Exp(own error + turn rate lag) R0 M(boresight):  a = R^T (X - C), (x, y) = (a1, a2) / a0,
(x', y') = (1 + focal_change) (1 + k1 r^2) (x, y), pixel = lens(x', y') + centre.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import rotation_zyx
from atalaya.earth.calibration.block import SHARED, Block, Floats, Unknowns
from atalaya.earth.calibration.statements import (
    COLUMN,
    DRIFT,
    EAST,
    FOCAL,
    HEADING,
    HEIGHT,
    K1,
    LAG,
    PITCH,
    ROLL,
    ROW,
    YAW,
)
from atalaya.earth.camera import Lens

_RAD = np.pi / 180.0
_STEP = 1e-5
"""Of the central difference through a lens, in focal lengths: truncation and rounding both below 1e-9."""


@dataclass(frozen=True)
class Cameras:
    """All looks under a set of unknowns, and how they move with them.

    origin_m: (L, 3)    rotation: (L, 3, 3) camera to frame
    shift: (L, 3, 19) derivative of the origin, turn: (L, 3, 19) of the rotation (vector, frame axes, applied
    last), by the 13 shared and the look's 6 own states.
    """

    origin_m: Floats
    rotation: Floats
    shift: Floats
    turn: Floats


@dataclass(frozen=True)
class Predicted:
    """value: (N, 2) pixels or (D, 1) metres; by_camera: (N, 2, 19); by_point: (N, 2, 3)."""

    value: Floats
    by_camera: Floats
    by_point: Floats


def cross_matrix(vector: Floats) -> Floats:
    """(..., 3, 3) matrices [v]x with [v]x w = v x w."""
    v = np.asarray(vector, np.float64)
    turned = np.zeros((*v.shape[:-1], 3, 3))
    turned[..., 0, 1], turned[..., 0, 2], turned[..., 1, 2] = -v[..., 2], v[..., 1], -v[..., 0]
    turned[..., 1, 0], turned[..., 2, 0], turned[..., 2, 1] = v[..., 2], -v[..., 1], v[..., 0]
    return turned


def exponential(vector_rad: Floats) -> tuple[Floats, Floats]:
    """(..., 3, 3) rotations of rotation vectors, and their left Jacobians (Rodrigues; Sola 2018, eq. 145)."""
    v = np.asarray(vector_rad, np.float64)
    angle = np.linalg.norm(v, axis=-1)[..., None, None]
    small = angle < 1e-4
    safe = np.where(small, 1.0, angle)
    first = np.where(small, 1.0 - angle**2 / 6, np.sin(safe) / safe)
    second = np.where(small, 0.5 - angle**2 / 24, (1 - np.cos(safe)) / safe**2)
    third = np.where(small, 1 / 6 - angle**2 / 120, (safe - np.sin(safe)) / safe**3)
    k = cross_matrix(v)
    k2 = k @ k
    one = np.eye(3)
    return one + first * k + second * k2, one + second * k + third * k2


def cameras(block: Block, unknowns: Unknowns) -> Cameras:
    """Where all looks are and how they are turned."""
    shared, pose, looks = unknowns.shared, unknowns.pose, block.looks
    lag = shared[LAG] + shared[DRIFT] * block.hours
    up = block.enu[:, :, 2]
    common = shared[EAST : HEIGHT + 1]
    origin = block.origin_m + np.einsum("lij,lj->li", block.enu, pose[:, :3] + common)
    origin = origin + block.velocity_m_s * lag[:, None]
    rate = block.turn_rate_deg_s * _RAD
    own, left = exponential(
        np.einsum("lij,lj->li", block.turn_axes, pose[:, 3:] * _RAD) + rate * lag[:, None]
    )
    north, _ = exponential(-up * (shared[HEADING] * _RAD))
    yaw, pitch, roll = shared[YAW], shared[PITCH], shared[ROLL]
    stated = north @ own @ block.rotation
    shift = np.zeros((looks, 3, SHARED + 6))
    shift[:, :, SHARED : SHARED + 3] = block.enu
    shift[:, :, LAG], shift[:, :, DRIFT] = block.velocity_m_s, block.velocity_m_s * block.hours[:, None]
    shift[:, :, EAST : HEIGHT + 1] = block.enu
    turn = np.zeros_like(shift)
    turn[:, :, YAW] = stated[:, :, 2] * _RAD
    turn[:, :, PITCH] = stated @ rotation_zyx(yaw, 0.0, 0.0)[:, 1] * _RAD
    turn[:, :, ROLL] = stated @ rotation_zyx(yaw, pitch, 0.0)[:, 0] * _RAD
    turn[:, :, HEADING] = -up * _RAD
    inner = north @ left
    turn[:, :, SHARED + 3 :] = inner @ block.turn_axes * _RAD
    turn[:, :, LAG] = np.einsum("lij,lj->li", inner, rate)
    turn[:, :, DRIFT] = turn[:, :, LAG] * block.hours[:, None]
    return Cameras(origin, stated @ rotation_zyx(yaw, pitch, roll), shift, turn)


def predicted_marks(block: Block, unknowns: Unknowns) -> Predicted:
    """Pixels of all marks; NaN for a point behind its camera or beyond its lens."""
    seen = cameras(block, unknowns)
    look, shared = block.mark_look, unknowns.shared
    away = unknowns.points[block.mark_point] - seen.origin_m[look]
    rotation = seen.rotation[look]
    a = np.einsum("nji,nj->ni", rotation, away)
    with np.errstate(invalid="ignore", divide="ignore"):
        depth = np.where(a[:, 0] > 0.0, a[:, 0], np.nan)
        xy = a[:, 1:] / depth[:, None]
    by_ray = np.zeros((len(look), 2, 3))
    by_ray[:, 0, 1] = by_ray[:, 1, 2] = 1.0 / depth
    by_ray[:, :, 0] = -xy / depth[:, None]
    scale, square = 1.0 + shared[FOCAL], np.sum(xy * xy, axis=1)
    radial = 1.0 + shared[K1] * square
    folded = 1.0 + 3.0 * shared[K1] * square <= 0.0  # the model would bring outer rays back inwards
    xy = np.where(folded[:, None], np.nan, xy)
    bent = scale * radial[:, None] * xy
    by_xy = scale * (radial[:, None, None] * np.eye(2) + 2.0 * shared[K1] * xy[:, :, None] * xy[:, None, :])
    value, by_bent = _through(block.lenses, block.lens_of[look], bent)
    by_point = by_bent @ by_xy @ by_ray @ np.swapaxes(rotation, 1, 2)
    by_camera = by_point @ (cross_matrix(away) @ seen.turn[look] - seen.shift[look])
    by_camera[:, :, FOCAL] += np.einsum("nij,nj->ni", by_bent, radial[:, None] * xy)
    by_camera[:, :, K1] += np.einsum("nij,nj->ni", by_bent, scale * square[:, None] * xy)
    by_camera[:, 0, COLUMN] += 1.0
    by_camera[:, 1, ROW] += 1.0
    return Predicted(value + shared[[COLUMN, ROW]], by_camera, by_point)


def predicted_ranges(block: Block, unknowns: Unknowns) -> Predicted:
    """Distances from cameras to points."""
    seen = cameras(block, unknowns)
    away = unknowns.points[block.range_point] - seen.origin_m[block.range_look]
    length = np.linalg.norm(away, axis=1)
    unit = (away / length[:, None])[:, None, :]
    return Predicted(length[:, None], -unit @ seen.shift[block.range_look], unit)


def _through(lenses: tuple[Lens, ...], which: NDArray[np.intp], xy: Floats) -> tuple[Floats, Floats]:
    """(N, 2) pixels of (N, 2) image-plane positions by each one's lens, and the (N, 2, 2) derivative."""
    value, slope = np.full((len(xy), 2), np.nan), np.full((len(xy), 2, 2), np.nan)
    for number, lens in enumerate(lenses):
        mine = np.flatnonzero(which == number)
        if not len(mine):
            continue
        value[mine] = lens_pixels(lens, xy[mine])
        for axis in (0, 1):
            step = np.zeros(2)
            step[axis] = _STEP
            ahead, behind = lens_pixels(lens, xy[mine] + step), lens_pixels(lens, xy[mine] - step)
            slope[mine, :, axis] = (ahead - behind) / (2.0 * _STEP)
    return value, slope


def lens_pixels(lens: Lens, xy: Floats) -> Floats:
    """(n, 2) column, row of (n, 2) image-plane positions (right, down, in units of the distance forward)."""
    column, row = lens.pixels(np.column_stack((np.ones(len(xy)), xy)))
    return np.column_stack((column, row))
