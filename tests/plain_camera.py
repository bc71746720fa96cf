"""The simplest cameras: a pinhole, one with distortion, one that sees half the world, and where they look."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import camera_to_ned
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, geodetic_to_ecef, ned_basis

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlainLens:
    """Focal length in pixels, optical axis in the middle of the picture."""

    width: int
    height: int
    focal_px: float

    def directions(self, column: Floats, row: Floats) -> Floats:
        x = (np.asarray(column, np.float64) + 0.5 - self.width / 2.0) / self.focal_px
        y = (np.asarray(row, np.float64) + 0.5 - self.height / 2.0) / self.focal_px
        return np.stack((np.ones_like(x), x, y), axis=-1)

    def pixels(self, direction: Floats) -> tuple[Floats, Floats]:
        ahead = np.where(direction[..., 0] > 0.0, direction[..., 0], np.nan)
        column = direction[..., 1] / ahead * self.focal_px + self.width / 2.0 - 0.5
        return column, direction[..., 2] / ahead * self.focal_px + self.height / 2.0 - 0.5


@dataclass(frozen=True)
class BarrelLens:
    """x (1 + k r^2) of a plain lens, inverted by Newton's steps."""

    width: int
    height: int
    focal_px: float
    k: float = -0.08

    def directions(self, column: Floats, row: Floats) -> Floats:
        bent = PlainLens(self.width, self.height, self.focal_px).directions(column, row)[..., 1:]
        far = np.hypot(bent[..., 0], bent[..., 1])
        radius = far.copy()
        for _ in range(30):
            radius -= (radius * (1.0 + self.k * radius**2) - far) / (1.0 + 3.0 * self.k * radius**2)
        scale = np.where(far > 0.0, radius / np.where(far > 0.0, far, 1.0), 1.0)
        return np.concatenate((np.ones((*far.shape, 1)), bent * scale[..., None]), axis=-1)

    def pixels(self, direction: Floats) -> tuple[Floats, Floats]:
        ahead = np.where(direction[..., 0] > 0.0, direction[..., 0], np.nan)
        xy = direction[..., 1:] / ahead[..., None]
        bent = xy * (1.0 + self.k * np.sum(xy * xy, axis=-1, keepdims=True))
        plain = np.concatenate((np.ones_like(bent[..., :1]), bent), axis=-1)
        return PlainLens(self.width, self.height, self.focal_px).pixels(plain)


@dataclass(frozen=True)
class RoundLens:
    """Radius in the picture proportional to the angle from the axis: a fisheye, to 100 degrees off axis."""

    width: int
    height: int
    focal_px: float

    def directions(self, column: Floats, row: Floats) -> Floats:
        flat = PlainLens(self.width, self.height, self.focal_px).directions(column, row)[..., 1:]
        angle = np.hypot(flat[..., 0], flat[..., 1])
        ratio = np.sinc(angle / np.pi)
        found = np.stack((np.cos(angle), flat[..., 0] * ratio, flat[..., 1] * ratio), axis=-1)
        return np.where(angle[..., None] < np.radians(100.0), found, np.nan)

    def pixels(self, direction: Floats) -> tuple[Floats, Floats]:
        across = np.hypot(direction[..., 1], direction[..., 2])
        angle = np.arctan2(across, direction[..., 0])
        scale = np.where(across > 0.0, angle / np.where(across > 0.0, across, 1.0), 1.0 / direction[..., 0])
        scale = np.where(angle < np.radians(100.0), scale, np.nan)
        column = direction[..., 1] * scale * self.focal_px + self.width / 2.0 - 0.5
        return column, direction[..., 2] * scale * self.focal_px + self.height / 2.0 - 0.5


def looking_at(
    lon_deg: float, lat_deg: float, height_m: float, azimuth_deg: float, depression_deg: float, range_m: float
) -> Pose:
    """A camera whose optical axis meets a place at a depression (at the place) from a distance."""
    aim = geodetic_to_ecef(lon_deg, lat_deg, height_m)
    basis = ned_basis(lon_deg, lat_deg)
    turn = camera_to_ned(azimuth_deg, 0.0, 0.0, 0.0, -depression_deg, 0.0)
    origin = aim - range_m * (basis @ turn)[:, 0]
    lon, lat, _ = ecef_to_geodetic(origin)
    assert np.isfinite(lon + lat)
    return Pose(origin, basis @ turn)


def texture(rows: int, columns: int, seed: int = 1) -> NDArray[np.uint8]:
    """Ground-like grey picture: noise of several scales."""
    generator = np.random.default_rng(seed)
    total = np.zeros((rows, columns))
    for step, weight in ((64, 40.0), (16, 30.0), (4, 20.0), (1, 6.0)):
        coarse = generator.standard_normal((rows // step + 2, columns // step + 2))
        total += weight * np.kron(coarse, np.ones((step, step)))[:rows, :columns]
    return np.clip(128.0 + 0.7 * total, 0, 255).astype(np.uint8)
