"""A picture made smaller by whole factors before it is laid on cells much coarser than its pixels."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Lens
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import frame_places
from atalaya.earth.surface import Surface

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReducedLens:
    """The lens of a picture whose pixels are the means of `factor` x `factor` pixels of the original."""

    base: Lens
    factor: int

    @property
    def width(self) -> int:
        """See `Lens`; pixels that do not fill a square at the right edge are lost."""
        return self.base.width // self.factor

    @property
    def height(self) -> int:
        """See `Lens`."""
        return self.base.height // self.factor

    def directions(self, column: Floats, row: Floats) -> Floats:
        """See `Lens`."""
        k = self.factor
        return self.base.directions((column + 0.5) * k - 0.5, (row + 0.5) * k - 0.5)

    def pixels(self, direction: Floats) -> tuple[Floats, Floats]:
        """See `Lens`."""
        column, row = self.base.pixels(direction)
        return (column + 0.5) / self.factor - 0.5, (row + 0.5) / self.factor - 0.5


def reduced(frame: Frame, factor: int) -> Frame:
    """The frame with each `factor` x `factor` pixels averaged into one; itself for 1."""
    if factor <= 1:
        return frame
    lens = ReducedLens(frame.lens, factor)
    pixels = frame.pixels[: lens.height * factor, : lens.width * factor]
    sums = np.zeros((lens.height, lens.width, pixels.shape[2]), np.uint32)
    for row in range(factor):
        for column in range(factor):
            sums += pixels[row::factor, column::factor]
    area = factor * factor
    means = ((sums + area // 2) // area).astype(np.uint8)
    return replace(frame, image=means if frame.image.ndim == 3 else means[..., 0], lens=lens)


def reduction(frame: Frame, surface: Surface, cell_m: float) -> int:
    """The factor at which pixels come nearest to, and stay below, the size of cells.

    Bilinear sampling looks at two pixels a side: cells of many pixels would be noise.
    """
    footprint = frame_places(frame.lens, frame.pose, surface)[3]
    if footprint.size == 0:
        return 1
    most = max(1, min(frame.lens.width, frame.lens.height) // 2)
    return int(np.clip(np.floor(cell_m / np.median(footprint)), 1, most))
