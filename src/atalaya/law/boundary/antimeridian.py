"""Rings that cross the antimeridian or enclose a pole, cut so that every polygon lies within ±180 degrees.

Each ring is unwrapped along its vertices (a step of more than 180 degrees of longitude goes the short way);
one that turns once round the axis encloses a pole and is closed along it. RFC 7946 section 3.1.9.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary.polygons import multipolygon

Floats = NDArray[np.float64]

SEAM_DEG = 180.0


def crosses(rings: NDArray[np.object_]) -> bool:
    """Whether any ring jumps over the antimeridian or leaves ±180 degrees."""
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(coordinates):
        return False
    lon = coordinates[:, 0]
    jumps = (np.abs(np.diff(lon)) > SEAM_DEG) & (ring[1:] == ring[:-1])
    return bool(jumps.any() or np.abs(lon).max() > SEAM_DEG)


def cut(polygon: shapely.Polygon) -> shapely.Geometry:
    """The same ground as one polygon with coordinates in [-180, 180].

    Args:
        polygon: rings whose longitudes may jump from 180 to -180, run on beyond ±180, or turn round a pole.

    Returns:
        a multipolygon, valid; empty where nothing was left.
    """
    shell = _unwrapped(np.asarray(polygon.exterior.coords)[:, :2])
    west, east = shell[:, 0].min(), shell[:, 0].max()
    holes = []
    for ring in polygon.interiors:
        hole = _unwrapped(np.asarray(ring.coords)[:, :2])
        middle = hole[:, 0].mean()
        turns = [turn for turn in (-360.0, 0.0, 360.0) if west <= middle + turn <= east]
        hole[:, 0] += turns[0] if turns else 0.0
        holes.append(hole)
    whole = shapely.make_valid(shapely.Polygon(shell, holes))
    parts = []
    for turn in (-360.0, 0.0, 360.0):
        world = shapely.box(-SEAM_DEG + turn, -90.0, SEAM_DEG + turn, 90.0)
        part = multipolygon(shapely.intersection(whole, world))
        parts.append(shapely.transform(part, lambda xy, turn=turn: xy - [turn, 0.0]))
    return multipolygon(shapely.union_all(parts))


def _unwrapped(ring: Floats) -> Floats:
    """The ring in running longitudes that start within ±180; closed along the pole where it encloses one."""
    lon = np.unwrap(ring[:, 0], period=360.0)
    lon -= 360.0 * np.floor((lon[0] + SEAM_DEG) / 360.0)
    open_ring = np.column_stack((lon, ring[:, 1]))
    turn = lon[-1] - lon[0]
    if abs(turn) < SEAM_DEG:
        return open_ring
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    return np.vstack((open_ring, [[lon[-1], pole], [lon[0], pole], open_ring[0]]))
