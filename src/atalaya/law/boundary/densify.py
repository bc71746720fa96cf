"""Vertices added so that straight lines in longitude and latitude follow what a layer's edges mean."""

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary.crossing.chords import chords_of
from atalaya.law.boundary.record import Edge

Floats = NDArray[np.float64]

ASIDE_M = 0.1
"""How far a drawn line may lie beside the one that is meant."""

LONGEST_M = 1e6
SAME_PARALLEL_DEG = 1e-9


def densified(polygon: shapely.Polygon, edge: Edge) -> shapely.Polygon:
    """A polygon whose rings follow geodesics, or parallels where both ends have one latitude.

    Args:
        polygon: longitudes may jump at the antimeridian.
        edge: planar edges are left as they are.
    """
    if edge is Edge.PLANAR:
        return polygon
    rings = [_ring(np.asarray(ring.coords)[:, :2], edge) for ring in (polygon.exterior, *polygon.interiors)]
    return shapely.Polygon(rings[0], rings[1:])


def _ring(ring: Floats, edge: Edge) -> Floats:
    start, end = ring[:-1], ring[1:]
    chords = chords_of(*start.T, *end.T, aside_m=ASIDE_M, longest_m=LONGEST_M)
    kept = np.ones(len(chords.lon), np.bool_)
    lon, lat = chords.lon, chords.lat
    if edge is Edge.PARALLEL:
        level = np.abs(start[:, 1] - end[:, 1]) <= SAME_PARALLEL_DEG
        first = np.zeros(len(lon), np.bool_)
        first[chords.first] = True
        kept = first | ~level[chords.segment]
    points = np.column_stack((lon[kept], lat[kept]))
    return np.vstack((points, ring[-1:]))
