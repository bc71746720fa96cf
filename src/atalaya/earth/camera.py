"""What a camera is to geometry: a lens that turns pixels into directions, at a place, with an attitude."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Lens(Protocol):
    """Pixels to directions and back. Camera axes: forward, right in the image, down in the image.

    Pixels count from 0 at the upper left; an integer means the middle of a pixel.
    """

    @property
    def width(self) -> int:
        """Of the image, pixels."""

    @property
    def height(self) -> int:
        """Of the image, pixels."""

    def directions(self, column: Floats, row: Floats) -> Floats:
        """(n, 3) directions [1, x, y] of (n,) pixels; NaN beyond where the lens model can be inverted."""

    def pixels(self, direction: Floats) -> tuple[Floats, Floats]:
        """(n,) columns and rows of (n, 3) directions; NaN behind the camera and beyond the lens model."""


@dataclass(frozen=True)
class Pose:
    """Where a camera is and how it is turned.

    origin_m: (3,) or (n, 3) metres, ECEF      camera_to_ecef: (3, 3) or (n, 3, 3) rotation
    """

    origin_m: Floats
    camera_to_ecef: Floats
