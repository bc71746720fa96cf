"""Which things are in which picture: where in it, how large, how much of them is to be seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sightings:
    """Things in one picture, n rows. Pixels count from 0 in the middle of the upper left one.

    index: (n,) int64, place of the thing among the renderer's `things`
    column, row: (n,) of its middle, by exact projection
    box: (n, 4) first column and row, last column and row of the pixels it fills; of its outline where it is
        smaller than a pixel or hidden
    outline_px: (n,) pixels it would fill with nothing before it     visible_px: (n,) pixels it fills
    slant_m: (n,) from the camera
    """

    index: NDArray[np.int64]
    column: Floats
    row: Floats
    box: Floats
    outline_px: Floats
    visible_px: Floats
    slant_m: Floats

    def __len__(self) -> int:
        return len(self.index)

    def __add__(self, other: "Sightings") -> "Sightings":
        both = ((getattr(self, name), getattr(other, name)) for name in self.__dataclass_fields__)
        return Sightings(*(np.concatenate(pair) for pair in both))

    @classmethod
    def none(cls) -> "Sightings":
        """Of a picture without things."""
        empty = np.empty(0)
        return cls(np.empty(0, np.int64), empty, empty, np.empty((0, 4)), empty, empty, empty)
