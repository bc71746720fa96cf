"""The edges of a layer's rings as flat arrays, by area; cuts at the antimeridian and the poles told apart."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary.polygons import polygons_in

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges from (ax, ay) to (bx, by), degrees, straight in longitude and latitude, ordered by area.

    Args:
        ax, ay, bx, by: (n,) degrees.
        area: (n,) area numbers, ascending.
        start: (areas + 1,) first edge of each area.
        cut: (n,) whether an edge only closes a polygon along the antimeridian or at a pole: no boundary.
    """

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    area: NDArray[np.int32]
    start: NDArray[np.int64]
    cut: NDArray[np.bool_]

    @property
    def ends(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The four columns as kernels take them."""
        return self.ax, self.ay, self.bx, self.by


def edges_of(polygons: NDArray[np.object_]) -> Edges:
    """Every edge of one geometry per area."""
    parts = [polygons_in(shape) for shape in polygons]
    area_of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    rings, part_of = shapely.get_rings(np.concatenate([*parts, []]), return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    joined = (ring_of[1:] == ring_of[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    (ax, ay), (bx, by) = (np.ascontiguousarray(part[joined].T) for part in (points[:-1], points[1:]))
    area = area_of[part_of[ring_of[:-1][joined]]].astype(np.int32)
    start = np.searchsorted(area, np.arange(len(parts) + 1))
    at_antimeridian = (np.abs(ax) >= 180.0) & (ax == bx)
    at_pole = (np.abs(ay) >= 90.0) & (ay == by)
    return Edges(ax, ay, bx, by, area, start, at_antimeridian | at_pole)
