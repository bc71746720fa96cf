"""Boxes of a country and its scene as a spectrometer meets them from above, and the crowns over them."""

import numpy as np
from numpy.typing import NDArray

from atalaya.sim.camera import kernels as camera
from atalaya.sim.country.country import Country
from atalaya.sim.cube.near import lists_of
from atalaya.sim.material import materials
from atalaya.sim.scene.things import Solid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MASK_CELL_M = 0.25
_MARGIN_M = 8.0
_SHADOW_HEIGHTS = 12.0


class Standing:
    """All boxes as arrays; see `kernels.mixtures` for `boxes`, `faces`, `masks` and `mask`.

    Args:
        country: whose ground they stand on. things: the boxes, in the order of the camera's.
    """

    def __init__(self, country: Country, things: tuple[Solid, ...]) -> None:
        self.things = things
        count = len(things)
        self.boxes, self.faces = np.zeros((count, 11)), np.zeros((count, 2), np.uint8)
        self.masks = np.zeros((count, 3), np.int64)
        east, north = np.array([s.east_m for s in things]), np.array([s.north_m for s in things])
        if count:
            lon, lat = country.lonlat(east, north)
            self.boxes[:, 2] = country.terrain.height_hae_m(lon, lat)
        pieces = [np.zeros(1, np.uint8)]
        first = 1
        for n, s in enumerate(things):
            bearing = np.radians(s.bearing_deg)
            half = (s.length_m / 2.0, s.width_m / 2.0)
            cover = s.canopy_m if s.concealment > 0.0 else 0.0
            self.boxes[n, :2] = s.east_m, s.north_m
            self.boxes[n, 3:10] = np.cos(bearing), np.sin(bearing), *half, s.bottom_m, s.top_m, cover
            self.boxes[n, 10] = np.hypot(*half)
            self.faces[n] = materials()[s.material].code, materials()[s.side].code
            if cover:
                mask = _crowns(n, float(np.hypot(*half)), s.concealment)
                self.masks[n] = first, *mask.shape
                pieces.append(mask.ravel())
                first += mask.size
        self.mask = np.concatenate(pieces)

    def near(
        self, ground: Floats, footprint_m: float, lean: float, sun_up: float
    ) -> tuple[Floats, Ints, Ints]:
        """Boxes as the kernel wants them, and those that each of some lines may touch.

        Args:
            ground: (l, c, 3) of the pixels. footprint_m: of a pixel. lean: metres a ray moves aside per metre
                of height, at most. sun_up: sine of the sun's elevation.

        Returns:
            (n, 11) boxes with their reach; (l + 1,) first of each line in (q,) numbers of boxes.
        """
        boxes = self.boxes.copy()
        shadow = min(1.0 / max(sun_up, 0.02), _SHADOW_HEIGHTS) if sun_up > 0.0 else 0.0
        boxes[:, 10] += boxes[:, 8] * (shadow + lean) + 2.0 * footprint_m
        reach = boxes[:, 10:11]
        return boxes, *lists_of(ground, boxes[:, :2] - reach, boxes[:, :2] + reach)


def _crowns(number: int, half_m: float, concealment: float) -> NDArray[np.uint8]:
    """Where crowns hide a box, by the pattern that hides it from the camera."""
    size = int(np.ceil(2.0 * (half_m + _MARGIN_M) / MASK_CELL_M))
    middle = (np.arange(size) + 0.5 - size / 2.0) * MASK_CELL_M
    crown = np.empty((size, size))
    camera.crowns(middle, middle, number, crown)
    return (crown < concealment).astype(np.uint8)
