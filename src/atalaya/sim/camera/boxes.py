"""Upright boxes of a country and its scene, and those of them that may be in a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.geoid import undulation_m
from atalaya.earth.lens import Pinhole
from atalaya.sim.camera.frame_geometry import FrameGeometry
from atalaya.sim.camera.sightings import Sightings
from atalaya.sim.country.country import Country
from atalaya.sim.scene.things import Solid

Floats = NDArray[np.float64]

_LEAST_PX = 0.02
"""Things that would fill less of a picture than this leave no trace in eight bits."""
_SHADOW_HEIGHTS = 12.0
"""A shadow reaches at most so many heights into a picture before it is too faint to matter."""


@dataclass(frozen=True)
class BoxesInSight:
    """Boxes near a picture, farthest first.

    index: (n,) among all     boxes: (n, 12) as `kernels.solids` takes them
    column, row: (n,) of the ground under each
    """

    index: NDArray[np.int64]
    boxes: Floats
    column: Floats
    row: Floats

    def sightings(self, geometry: FrameGeometry, found: Floats) -> Sightings:
        """Rows for those that are in the picture; found: (n, 6) as the kernel left it."""
        kept = found[:, 4] > 0.0
        middle = self.boxes[kept, :3].copy()
        middle[:, 2] += self.boxes[kept, 7:9].mean(axis=1)
        column, row, _ = geometry.pixels(middle)
        box = found[kept, :4].copy()
        small = box[:, 0] > box[:, 2]
        half = 0.5 * np.sqrt(found[kept, 4])
        outline = np.stack((column - half, row - half, column + half, row + half), axis=1)
        box[small] = outline[small]
        slant = np.linalg.norm(middle - geometry.eye, axis=1)
        return Sightings(self.index[kept], column, row, box, found[kept, 4], found[kept, 5], slant)


class Boxes:
    """All boxes, ready to be placed in a picture.

    Args:
        country: whose ground they stand on. things: the boxes.
    """

    def __init__(self, country: Country, things: tuple[Solid, ...]) -> None:
        east = np.array([s.east_m for s in things])
        north = np.array([s.north_m for s in things])
        lon, lat = country.lonlat(east, north)
        height = country.height_msl_m(east, north) + undulation_m(lon, lat)
        self.ground_m = geodetic_to_ecef(lon, lat, height)
        bearing = np.radians([s.bearing_deg for s in things])
        self._boxes = np.zeros((len(things), 12))
        self._boxes[:, 3], self._boxes[:, 4] = np.cos(bearing), np.sin(bearing)
        for n, s in enumerate(things):
            half = (s.length_m / 2.0, s.width_m / 2.0)
            self._boxes[n, 5:11] = *half, s.bottom_m, s.top_m, s.concealment, s.canopy_m
        self._reach_m = np.hypot(self._boxes[:, 5], self._boxes[:, 6]) + _SHADOW_HEIGHTS * self._boxes[:, 8]

    def in_sight(self, geometry: FrameGeometry, lens: Pinhole) -> BoxesInSight:
        """Those whose outline or shadow may touch a picture."""
        local = geometry.chart.to_local(self.ground_m)
        column, row, depth = geometry.pixels(local)
        scale = lens.focal_x_px / np.maximum(depth, 1.0)
        reach = self._reach_m * scale + 2.0
        near = (depth > 10.0) & (np.abs(column - lens.width / 2.0) < lens.width / 2.0 + reach)
        near &= np.abs(row - lens.height / 2.0) < lens.height / 2.0 + reach
        near &= 4.0 * self._boxes[:, 5] * self._boxes[:, 6] * scale**2 > _LEAST_PX
        index = np.flatnonzero(near)
        # equal depths in their order
        index = index[np.argsort(-depth[index], kind="stable")]
        boxes = self._boxes[index]
        boxes[:, :3] = local[index]
        return BoxesInSight(index.astype(np.int64), boxes, column[index], row[index])
