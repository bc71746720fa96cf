"""Seeded random polygons with holes, for tests and bench of coverage."""

import numpy as np
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

WIDEST_GAP_RAD = 2.6


def random_area(seed: int, holes: int, size_m: float = 1000.0) -> BaseGeometry:
    """A star-shaped polygon of 5 to 19 corners with up to `holes` convex holes that do not touch."""
    rng = np.random.default_rng(seed)
    outer = _star(rng, int(rng.integers(5, 20)), 0.35) * size_m / 2
    area: BaseGeometry = Polygon(outer * np.array([rng.uniform(1, 2), 1.0])).buffer(0)
    west, south, east, north = area.bounds
    for _ in range(40 * holes):
        if len(area.interiors) >= holes:
            break
        place = rng.uniform((west, south), (east, north))
        hole = Polygon(place + _star(rng, int(rng.integers(3, 8)), 1.0) * rng.uniform(0.02, 0.08) * size_m)
        if area.contains(hole.buffer(0.004 * size_m)):
            area = area.difference(hole)
    return area


def _star(rng: np.random.Generator, corners: int, least: float) -> np.ndarray:
    while True:
        angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
        if np.diff(np.append(angle, angle[0] + 2 * np.pi)).max() < WIDEST_GAP_RAD:
            break
    return np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(least, 1.0, corners)[:, None]
