"""How good the look at a cell is: ground sample distance, grazing angle, ground error."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis, geodetic_to_ecef
from atalaya.earth.error.circular import circular_factor
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid
from atalaya.earth.surface import Surface
from atalaya.earth.terrain import Terrain

Floats = NDArray[np.float64]

QUALITY_STEP = 8
"""Cells between places of the quality bands, unless asked otherwise."""

_LOWEST_SINE = 1e-3


@dataclass(frozen=True)
class Looks:
    """Lines of sight from the ground to a camera, n of them.

    place_m: (n, 3) ECEF of the ground          toward_camera: (n, 3) unit vectors, ECEF
    normal: (n, 3) unit normals of the ground   range_m: (n,) distance of the camera
    """

    place_m: Floats
    toward_camera: Floats
    normal: Floats
    range_m: Floats

    @property
    def grazing_sine(self) -> Floats:
        """(n,) sine of the angle between line and local plane; at least a thousandth."""
        return np.asarray(np.maximum(np.sum(self.toward_camera * self.normal, axis=1), _LOWEST_SINE))


GroundError = Callable[[Looks], Floats]
"""Gives (n,) CE90 in metres of looks."""


@dataclass(frozen=True)
class Quality:
    """At every `step`-th cell, in the middle of `step` x `step` cells; NaN where the camera sees no ground.

    gsd_m: (r, c) ground covered by a pixel along the look      ce90_m: (r, c) NaN without an error function
    grazing_deg: (r, c) angle between line of sight and ground
    """

    step: int
    gsd_m: NDArray[np.float32]
    ce90_m: NDArray[np.float32]
    grazing_deg: NDArray[np.float32]


def quality_of(block: Grid, frame: Frame, surface: Surface, step: int, error: GroundError | None) -> Quality:
    """Quality of a block of cells; occlusion is not asked (see the state of the cells)."""
    rows = np.minimum(np.arange(0, block.height, step) + 0.5 * (step - 1), block.height - 1)
    columns = np.minimum(np.arange(0, block.width, step) + 0.5 * (step - 1), block.width - 1)
    column, row = (part.ravel() for part in np.meshgrid(columns, rows))
    lon, lat = block.lon_lat(column, row)
    height = surface.height_hae_m(lon, lat)
    place = geodetic_to_ecef(lon, lat, height)
    chord = frame.pose.origin_m - place
    away = np.linalg.norm(chord, axis=1)
    looks = Looks(place, chord / away[:, None], _normals(surface, lon, lat, block.cell_m), away)
    turn = _pixel_angle(frame, -chord @ frame.pose.camera_to_ecef)
    seen = np.isfinite(turn) & np.isfinite(height)
    gsd = np.where(seen, away * turn / looks.grazing_sine, np.nan)
    grazing = np.where(seen, np.degrees(np.arcsin(np.minimum(looks.grazing_sine, 1.0))), np.nan)
    ce90 = np.full(gsd.shape, np.nan)
    if error is not None and seen.any():
        chosen = Looks(place[seen], looks.toward_camera[seen], looks.normal[seen], away[seen])
        ce90[seen] = error(chosen)
    shape = (len(rows), len(columns))
    return Quality(step, *(part.reshape(shape).astype(np.float32) for part in (gsd, ce90, grazing)))


def _pixel_angle(frame: Frame, toward: Floats) -> Floats:
    """(n,) radians a pixel spans where directions of the camera frame meet it; NaN outside the frame."""
    with np.errstate(invalid="ignore"):
        column, row = frame.lens.pixels(toward)
        inside = (
            (column >= -0.5)
            & (row >= -0.5)
            & (column <= frame.lens.width - 0.5)
            & (row <= frame.lens.height - 0.5)
        )
        unit = toward / np.linalg.norm(toward, axis=1, keepdims=True)
        angles = []
        for over, down in ((0.5, 0.0), (0.0, 0.5)):
            first = frame.lens.directions(column - over, row - down)
            second = frame.lens.directions(column + over, row + down)
            first = first / np.linalg.norm(first, axis=1, keepdims=True)
            second = second / np.linalg.norm(second, axis=1, keepdims=True)
            angles.append(np.linalg.norm(np.cross(first - second, unit), axis=1))
        return np.where(inside, np.sqrt(angles[0] * angles[1]), np.nan)


def _normals(surface: Surface, lon: Floats, lat: Floats, cell_m: float) -> Floats:
    if isinstance(surface, Terrain):
        return surface.normals(lon, lat)
    basis = enu_basis(lon, lat)
    place = geodetic_to_ecef(lon, lat, 0.0)
    slopes = []
    for axis in (0, 1):
        ahead, behind = (ecef_to_geodetic(place + sign * cell_m * basis[..., axis]) for sign in (1.0, -1.0))
        rise = surface.height_hae_m(ahead[0], ahead[1]) - surface.height_hae_m(behind[0], behind[1])
        slopes.append(np.where(np.isfinite(rise), rise / (2.0 * cell_m), 0.0))
    local = np.stack((-slopes[0], -slopes[1], np.ones_like(slopes[0])), axis=-1)
    local /= np.linalg.norm(local, axis=1, keepdims=True)
    return np.asarray(np.einsum("nij,nj->ni", basis, local))


@dataclass(frozen=True)
class FirstOrderError:
    """A `GroundError` of a few standard deviations, to first order: valid away from ridges and low angles.

    dX = P (dC + t w x d) + d (n_z / n.d) dz with P = I - d n^T / (n^T d).

    Args:
        position_m: camera, each axis. attitude_deg: each axis. terrain_m: height of the ground.
    """

    position_m: float
    attitude_deg: float
    terrain_m: float

    def __call__(self, looks: Looks) -> Floats:
        """(n,) CE90 in metres, in the local horizontal plane."""
        d, n = -looks.toward_camera, looks.normal
        up = looks.place_m / np.linalg.norm(looks.place_m, axis=1, keepdims=True)
        along = np.sum(n * d, axis=1)
        along = np.where(np.abs(along) < _LOWEST_SINE, -_LOWEST_SINE, along)[:, None, None]
        plane = np.eye(3) - d[:, :, None] * n[:, None, :] / along
        turned = looks.range_m[:, None, None] * np.radians(self.attitude_deg) * _cross(d)
        moved = self.position_m * plane
        tilted = plane @ turned
        raised = d[:, :, None] * (np.sum(n * up, axis=1)[:, None, None] / along) * self.terrain_m
        level = np.eye(3) - up[:, :, None] * up[:, None, :]
        parts = level @ np.concatenate((moved, tilted, raised), axis=2)
        eigen = np.linalg.eigvalsh(parts @ parts.transpose(0, 2, 1))
        larger, smaller = (np.sqrt(np.maximum(eigen[:, k], 0.0)) for k in (2, 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(larger > 0.0, smaller / larger, 0.0)
        return larger * circular_factor(ratio)


def _cross(vector: Floats) -> Floats:
    """(n, 3, 3) matrices M with M w = w x v."""
    out = np.zeros((len(vector), 3, 3))
    x, y, z = vector.T
    out[:, 0, 1], out[:, 0, 2] = z, -y
    out[:, 1, 0], out[:, 1, 2] = -z, x
    out[:, 2, 0], out[:, 2, 1] = y, -x
    return out
