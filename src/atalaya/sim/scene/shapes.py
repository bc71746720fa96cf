"""Outlines of things on the ground, as (n, 2) rings in metres and as shapely polygons."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from atalaya.sim.scene.things import Decal, Solid

Floats = NDArray[np.float64]

_BLOB_CORNERS = 32
_ROUGHNESS = 0.24


def box_ring(east_m: float, north_m: float, length_m: float, width_m: float, bearing_deg: float) -> Floats:
    """(4, 2) corners of a rectangle; its length lies along the bearing, clockwise from grid north."""
    along = np.array([math.sin(math.radians(bearing_deg)), math.cos(math.radians(bearing_deg))])
    across = np.array([along[1], -along[0]])
    signs = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]], np.float64) / 2.0
    ring = np.array([east_m, north_m]) + np.outer(signs[:, 0] * length_m, along)
    return np.asarray(ring + np.outer(signs[:, 1] * width_m, across))


def blob_ring(
    generator: np.random.Generator,
    east_m: float,
    north_m: float,
    length_m: float,
    width_m: float,
    bearing_deg: float,
) -> Floats:
    """(32, 2) corners of an uneven ellipse: simple, since it is seen whole from its middle."""
    turn = np.linspace(0.0, 2.0 * np.pi, _BLOB_CORNERS, endpoint=False)
    waves = np.arange(2, 9)
    phases = generator.uniform(0.0, 2.0 * np.pi, waves.size)
    heights = generator.normal(0.0, _ROUGHNESS, waves.size) / waves
    radius = np.clip(1.0 + np.cos(np.outer(turn, waves) + phases) @ heights, 0.55, 1.35)
    along, across = 0.5 * length_m * radius * np.cos(turn), 0.5 * width_m * radius * np.sin(turn)
    sine, cosine = math.sin(math.radians(bearing_deg)), math.cos(math.radians(bearing_deg))
    return np.stack(
        (east_m + along * sine + across * cosine, north_m + along * cosine - across * sine), axis=1
    )


def footprint(thing: Solid | Decal) -> shapely.Polygon:
    """What a thing covers on the ground."""
    if isinstance(thing, Decal):
        return shapely.polygons(thing.ring_m)
    return shapely.polygons(
        box_ring(thing.east_m, thing.north_m, thing.length_m, thing.width_m, thing.bearing_deg)
    )


def line_polygon(points_m: ArrayLike, width_m: float) -> shapely.Geometry:
    """A track or hose of some width along its middle line."""
    return shapely.buffer(
        shapely.linestrings(np.asarray(points_m, np.float64)), width_m / 2.0, cap_style="flat", quad_segs=3
    )


def outer_ring(shape: shapely.Geometry) -> Floats:
    """(n, 2) the outer ring of the largest polygon of a shape, not closed; (0, 2) where there is none."""
    parts = [one for one in shapely.get_parts(shape) if isinstance(one, shapely.Polygon) and not one.is_empty]
    if not parts:
        return np.empty((0, 2))
    largest = max(parts, key=lambda one: one.area)
    return np.asarray(shapely.get_coordinates(largest.exterior)[:-1])


def smoothed(points_m: Floats, rounds: int = 2) -> Floats:
    """A path with its corners cut (Chaikin 1974); its ends stay."""
    for _ in range(rounds):
        if len(points_m) < 3:
            return points_m
        first, second = points_m[:-1], points_m[1:]
        cut = np.stack((0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second), axis=1).reshape(-1, 2)
        points_m = np.concatenate((points_m[:1], cut[1:-1], points_m[-1:]))
    return points_m


def any_overlap(shape: shapely.Geometry, others: Sequence[shapely.Geometry], gap_m: float = 0.0) -> bool:
    """Whether a shape comes nearer than a gap to any of some others."""
    return bool(others) and bool(np.any(shapely.dwithin(np.array(others, object), shape, max(gap_m, 1e-9))))
