"""A lens with what a calibration found put on top of it, whatever kind of lens it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Lens

Floats = NDArray[np.float64]

_ROUNDS = 25
_CLOSED = 1e-10


@dataclass(frozen=True)
class CorrectedLens:
    """pixel = base(x') + centre, x' = (1 + focal_change) (1 + k1 r^2) x: a `Lens` itself.

    Args:
        base: nominal lens.
        focal_change: relative, 0 = none.
        k1: radial, r in focal lengths before the change.
        column_px, row_px: shift of the image.
    """

    base: Lens
    focal_change: float = 0.0
    k1: float = 0.0
    column_px: float = 0.0
    row_px: float = 0.0

    @property
    def width(self) -> int:
        """See `Lens`."""
        return self.base.width

    @property
    def height(self) -> int:
        """See `Lens`."""
        return self.base.height

    def directions(self, column: Floats, row: Floats) -> Floats:
        """See `Lens`; NaN also beyond the radius where x' stops growing with x."""
        shift = (np.asarray(column, np.float64) - self.column_px, np.asarray(row, np.float64) - self.row_px)
        nominal = self.base.directions(*shift)
        with np.errstate(invalid="ignore", divide="ignore"):
            bent = nominal[:, 1:] / nominal[:, :1] / (1.0 + self.focal_change)
        far = np.hypot(bent[:, 0], bent[:, 1])
        radius = _straightened(far, self.k1)
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.where(far > 0.0, radius / far, radius * 0.0 + 1.0)
        return np.column_stack((np.where(np.isfinite(scale), 1.0, np.nan), bent * scale[:, None]))

    def pixels(self, direction: Floats) -> tuple[Floats, Floats]:
        """See `Lens`; NaN also beyond the radius where x' stops growing with x."""
        with np.errstate(invalid="ignore", divide="ignore"):
            xy = direction[:, 1:] / np.where(direction[:, :1] > 0.0, direction[:, :1], np.nan)
        square = np.sum(xy * xy, axis=1)
        growing = 1.0 + 3.0 * self.k1 * square > 0.0
        scale = np.where(growing, (1.0 + self.focal_change) * (1.0 + self.k1 * square), np.nan)
        column, row = self.base.pixels(np.column_stack((np.ones(len(xy)), xy * scale[:, None])))
        return column + self.column_px, row + self.row_px


def _straightened(bent: Floats, k1: float) -> Floats:
    """Radius r of r (1 + k1 r^2) = bent by Newton's steps; NaN where there is none."""
    radius = np.array(bent, np.float64)
    if k1 == 0.0:
        return radius
    limit = np.sqrt(-1.0 / (3.0 * k1)) if k1 < 0.0 else np.inf
    radius = np.minimum(radius, limit)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(_ROUNDS):
            miss = radius * (1.0 + k1 * radius**2) - bent
            if not np.any(np.abs(miss) > _CLOSED):
                break
            radius = np.minimum(radius - miss / (1.0 + 3.0 * k1 * radius**2), limit)
        closed = np.abs(radius * (1.0 + k1 * radius**2) - bent) <= 1e-8
    return np.where(closed, radius, np.nan)
