"""Lenses: pinhole, Brown's distortion (OpenCV's order), equidistant fisheye. Each is a `camera.Lens`.

Pixels count from 0 in the middle of the upper left one, as in OpenCV; the middle of an image is at
((width - 1) / 2, (height - 1) / 2). Sources: Brown, "Close-range camera calibration" (1971); Kannala and
Brandt, "A generic camera model and calibration method" (2006), both as OpenCV writes them.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.odd_polynomial import OddPolynomial

Floats = NDArray[np.float64]

_ROUND_TRIP = 1e-9
_NEWTON_STEPS = 8
_WIDEST_AHEAD = np.radians(89.0)


@dataclass(frozen=True)
class Pinhole:
    """A lens without distortion.

    width, height: of the image, pixels
    focal_x_px, focal_y_px: pixels      centre_column, centre_row: where the optical axis meets the image

    Raises:
        BadInput: EAR-023, no image or no focal length.
    """

    width: int
    height: int
    focal_x_px: float
    focal_y_px: float
    centre_column: float
    centre_row: float

    def __post_init__(self) -> None:
        numbers = (self.focal_x_px, self.focal_y_px, self.centre_column, self.centre_row)
        if min(self.width, self.height) < 1 or not np.isfinite(numbers).all() or min(numbers[:2]) <= 0.0:
            raise BadInput("EAR-023", where=f"{self.width} x {self.height}, focal {numbers[0]}, {numbers[1]}")

    @classmethod
    def from_fov(cls, width: int, height: int, hfov_deg: float, vfov_deg: float | None = None) -> Self:
        """A lens centred on its image; square pixels where the vertical angle is not given.

        Raises:
            BadInput: EAR-023, an angle not between 0 and 180 degrees.
        """
        angles = (hfov_deg,) if vfov_deg is None else (hfov_deg, vfov_deg)
        if not all(0.0 < angle < 180.0 for angle in angles):
            raise BadInput("EAR-023", where=f"{width} x {height}, angles {angles}")
        focal_x = width / 2.0 / float(np.tan(np.radians(hfov_deg) / 2.0))
        focal_y = focal_x if vfov_deg is None else height / 2.0 / float(np.tan(np.radians(vfov_deg) / 2.0))
        return cls(width, height, focal_x, focal_y, (width - 1) / 2.0, (height - 1) / 2.0)

    @classmethod
    def from_focal(cls, width: int, height: int, focal_mm: float, sensor_width_mm: float) -> Self:
        """A lens centred on its image with square pixels.

        Raises:
            BadInput: EAR-023, a length that is not positive.
        """
        if not (focal_mm > 0.0 and sensor_width_mm > 0.0):
            raise BadInput("EAR-023", where=f"focal {focal_mm} mm, sensor {sensor_width_mm} mm")
        focal = focal_mm / sensor_width_mm * width
        return cls(width, height, focal, focal, (width - 1) / 2.0, (height - 1) / 2.0)

    def directions(self, column: Floats, row: Floats) -> Floats:
        """See `camera.Lens`."""
        x, y = self._plane(column, row)
        x, y = self._straightened(x, y)
        return np.stack((np.where(np.isfinite(x + y), 1.0, np.nan), x, y), axis=-1)

    def pixels(self, direction: Floats) -> tuple[Floats, Floats]:
        """See `camera.Lens`."""
        ray = np.asarray(direction, np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = ray[..., 0] > 0.0
            x, y = (np.where(ahead, ray[..., k] / ray[..., 0], np.nan) for k in (1, 2))
        x, y = self._distorted(x, y)
        return x * self.focal_x_px + self.centre_column, y * self.focal_y_px + self.centre_row

    def _plane(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        x = (np.asarray(column, np.float64) - self.centre_column) / self.focal_x_px
        y = (np.asarray(row, np.float64) - self.centre_row) / self.focal_y_px
        return x, y

    def _straightened(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return x, y

    def _distorted(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return x, y


@dataclass(frozen=True)
class Brown(Pinhole):
    """Radial and tangential distortion, OpenCV's k1 k2 p1 p2 k3.

    x_d = x (1 + k1 r^2 + k2 r^4 + k3 r^6) + 2 p1 x y + p2 (r^2 + 2 x^2), y_d likewise with p1 and p2 changed.
    Past the radius where the distorted one no longer grows, and wherever the inversion does not come back
    to 1e-9, directions and pixels are NaN.
    """

    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    p1: float = 0.0
    p2: float = 0.0

    @cached_property
    def _radial(self) -> OddPolynomial:
        return OddPolynomial((self.k1, self.k2, self.k3))

    @property
    def radius_limit(self) -> float:
        """Tangent of the largest angle from the axis the model can tell apart; infinite where none is."""
        return self._radial.limit

    def _bent(self, x: Floats, y: Floats) -> tuple[Floats, ...]:
        """Distorted x and y, and their derivatives by x x, x y, y y (the cross ones are equal)."""
        square = x * x + y * y
        factor, slope = self._radial.factor(square), self._radial.factor_slope(square)
        bent_x = x * factor + 2.0 * self.p1 * x * y + self.p2 * (square + 2.0 * x * x)
        bent_y = y * factor + self.p1 * (square + 2.0 * y * y) + 2.0 * self.p2 * x * y
        by_xx = factor + 2.0 * x * x * slope + 2.0 * self.p1 * y + 6.0 * self.p2 * x
        by_xy = 2.0 * x * y * slope + 2.0 * self.p1 * x + 2.0 * self.p2 * y
        by_yy = factor + 2.0 * y * y * slope + 6.0 * self.p1 * y + 2.0 * self.p2 * x
        return bent_x, bent_y, by_xx, by_xy, by_yy

    def _valid(self, x: Floats, y: Floats, xx: Floats, xy: Floats, yy: Floats) -> NDArray[np.bool_]:
        inside = x * x + y * y < self._radial.limit**2
        return np.asarray(inside & (xx * yy - xy * xy > 0.0))

    def _distorted(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        with np.errstate(invalid="ignore", over="ignore"):
            bent_x, bent_y, xx, xy, yy = self._bent(x, y)
            good = self._valid(x, y, xx, xy, yy)
        return np.where(good, bent_x, np.nan), np.where(good, bent_y, np.nan)

    def _straightened(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Newton's method in the plane from the inverse of the radial part."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            radius = np.hypot(x, y)
            start = np.minimum(radius, self._radial.value(np.asarray(min(self._radial.limit, 1e6))))
            scale = np.where(radius > 0.0, self._radial.inverse(start) / radius, 1.0)
            u, v = x * scale, y * scale
            for _ in range(_NEWTON_STEPS):
                bent_x, bent_y, xx, xy, yy = self._bent(u, v)
                det = xx * yy - xy * xy
                miss_x, miss_y = bent_x - x, bent_y - y
                u, v = u - (yy * miss_x - xy * miss_y) / det, v - (xx * miss_y - xy * miss_x) / det
            bent_x, bent_y, xx, xy, yy = self._bent(u, v)
            back = np.hypot(bent_x - x, bent_y - y) < _ROUND_TRIP
            good = back & self._valid(u, v, xx, xy, yy)
        return np.where(good, u, np.nan), np.where(good, v, np.nan)


@dataclass(frozen=True)
class Fisheye(Pinhole):
    """Equidistant lens: distance from the centre is f (a + k1 a^3 + k2 a^5 + k3 a^7 + k4 a^9) of the angle a.

    Directions are [1, x, y] up to 89 degrees from the axis and of unit length beyond, where they may point
    backwards. Past the angle where the distance no longer grows, directions and pixels are NaN.
    """

    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0

    @cached_property
    def _radial(self) -> OddPolynomial:
        return OddPolynomial((self.k1, self.k2, self.k3, self.k4), most=np.pi)

    @classmethod
    def from_fov(cls, width: int, height: int, hfov_deg: float, vfov_deg: float | None = None) -> Self:
        """An equidistant lens without further distortion, centred on its image.

        Raises:
            BadInput: EAR-023, an angle not between 0 and 360 degrees.
        """
        angles = (hfov_deg,) if vfov_deg is None else (hfov_deg, vfov_deg)
        if not all(0.0 < angle <= 360.0 for angle in angles):
            raise BadInput("EAR-023", where=f"{width} x {height}, angles {angles}")
        focal_x = width / float(np.radians(hfov_deg))
        focal_y = focal_x if vfov_deg is None else height / float(np.radians(vfov_deg))
        return cls(width, height, focal_x, focal_y, (width - 1) / 2.0, (height - 1) / 2.0)

    @classmethod
    def from_focal(cls, width: int, height: int, focal_mm: float, sensor_width_mm: float) -> Self:
        """See `Pinhole.from_focal`; the focal length is that of the equidistant law."""
        return super().from_focal(width, height, focal_mm, sensor_width_mm)

    @property
    def angle_limit_deg(self) -> float:
        """Largest angle from the axis the model can tell apart."""
        return float(np.degrees(self._radial.limit))

    def directions(self, column: Floats, row: Floats) -> Floats:
        """See `camera.Lens`."""
        x, y = self._plane(column, row)
        away = np.hypot(x, y)
        angle = self._radial.inverse(away)
        with np.errstate(invalid="ignore", divide="ignore"):
            ahead = angle < _WIDEST_AHEAD
            forward = np.where(ahead, 1.0, np.cos(angle)) + 0.0 * angle
            aside = np.where(away > 0.0, np.where(ahead, np.tan(angle), np.sin(angle)) / away, 1.0)
        return np.stack((forward, x * aside, y * aside), axis=-1)

    def pixels(self, direction: Floats) -> tuple[Floats, Floats]:
        """See `camera.Lens`; what lies behind the camera may be in the image."""
        ray = np.asarray(direction, np.float64)
        away = np.hypot(ray[..., 1], ray[..., 2])
        angle = np.arctan2(away, ray[..., 0])
        with np.errstate(invalid="ignore", divide="ignore"):
            known = (angle <= self._radial.limit) & np.isfinite(away) & (away + np.abs(ray[..., 0]) > 0.0)
            scale = np.where(away > 0.0, self._radial.value(angle) / away, 1.0)
        scale = np.where(known, scale, np.nan)
        column = ray[..., 1] * scale * self.focal_x_px + self.centre_column
        return column, ray[..., 2] * scale * self.focal_y_px + self.centre_row
