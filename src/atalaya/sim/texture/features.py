"""Areas and lines of a country and its scene, found by place: what a tile has to paint."""

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.sim.country.country import Country
from atalaya.sim.material import materials
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Decal

Floats = NDArray[np.float64]

_CORNERS = 3
_SEGMENTS = 64
"""Points of a line that go together in the index: a long river does not touch every tile."""


class Features:
    """What is painted over the cover, in order: areas of the country, its lines, areas of the scene.

    Args:
        country, scene: whose.
    """

    def __init__(self, country: Country, scene: Scene) -> None:
        self.points: list[Floats] = []
        self.widths: list[float] = []
        self.codes: list[int] = []
        self.heats: list[float] = []
        self._areas(country.patches)
        for line in country.lines:
            for start in range(0, max(len(line.points_m) - 1, 1), _SEGMENTS):
                piece = np.ascontiguousarray(line.points_m[start : start + _SEGMENTS + 1], np.float64)
                self._add(piece, line.width_m, line.material, 0.0)
        # a track of a site lies over the road it leaves
        self._areas(scene.decals)
        boxes = [
            shapely.box(*(p.min(axis=0) - w), *(p.max(axis=0) + w))
            for p, w in zip(self.points, self.widths, strict=True)
        ]
        self._index = shapely.STRtree(boxes)

    def heats_with(self, scene: Scene) -> list[float]:
        """Heat of each feature where the areas of the scene have those of another hour."""
        drawn = [decal.heat_k for decal in scene.decals if len(decal.ring_m) >= _CORNERS]
        return [*self.heats[: len(self.heats) - len(drawn)], *drawn]

    def over(self, west_m: float, south_m: float, east_m: float, north_m: float) -> Iterable[int]:
        """Numbers of the features whose box meets a rectangle, in the order they are painted."""
        found = self._index.query(shapely.box(west_m, south_m, east_m, north_m))
        return [int(n) for n in np.sort(found)]

    def _areas(self, decals: Iterable[Decal]) -> None:
        for decal in decals:
            if len(decal.ring_m) >= _CORNERS:
                ring = np.ascontiguousarray(decal.ring_m, np.float64)
                self._add(ring, 0.0, decal.material, decal.heat_k)

    def _add(self, points: Floats, width: float, material: str, heat_k: float) -> None:
        self.points.append(points)
        self.widths.append(width)
        self.codes.append(materials()[material].code)
        self.heats.append(heat_k)
