"""Free space on a plane, and the shortest way through it.

Obstacles are taken up only when a way meets them: a way that is the shortest among some of them and meets
none of the others is the shortest among all. What is found is checked again on the ellipsoid by whoever
asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.plan.airspace.visibility import kernels
from atalaya.plan.airspace.volume import Volume, VolumeKind
from atalaya.plan.plane import TangentPlane

Floats = NDArray[np.float64]

CORNER_GAP_M = 1.0
"""How far from a corner of free space a way passes it."""

_EARTH_M = 6.37e6
_QUADRANT = 3
_ROUND = 1.0 / np.cos(np.pi / (4 * _QUADRANT))
"""A buffer's arcs are drawn by chords: so much wider, and the chords lie outside of the arc."""


@dataclass(frozen=True, eq=False)
class Border:
    """Rings of one obstacle, or of what must not be left, with free space on their left.

    area: polygons, metres: closed to ways for an obstacle, open for the other
    edges: (m, 4)      ring: (m,) int64 of each edge, from 0
    corners: (k, 2) where ways can bend, sides: (k, 4) directions of the edges there, corner_ring: (k,) int64
    """

    area: shapely.Geometry
    edges: Floats
    ring: NDArray[np.int64]
    corners: Floats
    sides: Floats
    corner_ring: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FreeSpace:
    """Where a flight may be, on a plane: inside one area, if there is one, and outside of others.

    Args:
        inside: what must not be left; None for no such thing. outside: obstacles, which may overlap.
    """

    inside: Border | None
    outside: tuple[Border, ...]

    @cached_property
    def _joined(self) -> Border:
        """All rings in one."""
        parts = [*self.outside, *([self.inside] if self.inside else [])]
        first = np.concatenate(([0], np.cumsum([part.ring.max(initial=-1) + 1 for part in parts]))).astype(
            np.int64
        )
        return Border(
            shapely.Polygon(),
            np.ascontiguousarray(np.vstack([np.empty((0, 4)), *(part.edges for part in parts)])),
            np.concatenate([part.ring + at for part, at in zip(parts, first, strict=False)] or [first[:0]]),
            np.vstack([np.empty((0, 2)), *(part.corners for part in parts)]),
            np.vstack([np.empty((0, 4)), *(part.sides for part in parts)]),
            np.concatenate(
                [part.corner_ring + at for part, at in zip(parts, first, strict=False)] or [first[:0]]
            ),
        )

    @cached_property
    def region(self) -> shapely.Geometry:
        """Free space as polygons, a little smaller than its borders; unbounded space is cut 5,000 km away."""
        area = self.inside.area if self.inside else shapely.box(-5e6, -5e6, 5e6, 5e6)
        closed = shapely.union_all([part.area for part in self.outside])
        return shapely.buffer(shapely.difference(area, closed), -2.0 * CORNER_GAP_M)

    @cached_property
    def _known(self) -> dict[bytes, Floats | None]:
        return {}

    def way(self, start_m: Floats, goal_m: Floats) -> Floats | None:
        """(k, 2) the shortest way between two places of the plane, both included; None where there is none.

        A place outside free space is left, or reached, by a straight line from the nearest free place.
        """
        key = np.concatenate((start_m, goal_m)).tobytes()
        if key not in self._known:
            self._known[key] = self._way(start_m, goal_m)
        return self._known[key]

    def is_free(self, place_m: Floats) -> bool:
        """Whether a place is in free space and off its borders."""
        point = shapely.Point(place_m)
        if self.inside is not None and not self.inside.area.buffer(-0.01).contains(point):
            return False
        return not any(shapely.dwithin(part.area, point, 0.01) for part in self.outside)

    def _way(self, start_m: Floats, goal_m: Floats) -> Floats | None:
        start, goal = self._freed(start_m, goal_m), self._freed(goal_m, start_m)
        if start is None or goal is None:
            return None
        path = _through(self._joined, np.vstack((start, goal)))
        if path is None:
            return None
        before = [start_m] if np.any(start != start_m) else np.empty((0, 2))
        after = [goal_m] if np.any(goal != goal_m) else np.empty((0, 2))
        return np.vstack((before, path, after))

    def _freed(self, place_m: Floats, other_m: Floats) -> Floats | None:
        """The place itself, or the nearest free one (of the part that holds the other end)."""
        if self.is_free(place_m):
            return place_m
        if self.region.is_empty:
            return None
        other = shapely.Point(other_m)
        parts = [part for part in shapely.get_parts(self.region) if part.contains(other)]
        line = shapely.shortest_line(parts[0] if parts else self.region, shapely.Point(place_m))
        return np.asarray(shapely.get_coordinates(line)[0])


def _through(border: Border, ends: Floats) -> Floats | None:
    """The shortest way among rings, taken up as ways meet them."""
    path, hit = ends, np.zeros(int(border.ring.max(initial=-1)) + 1, np.bool_)
    while kernels.rings_hit(path, border.edges, border.ring, hit):
        nodes = np.vstack((ends, border.corners[hit[border.corner_ring]]))
        sides = np.vstack((np.zeros((2, 4)), border.sides[hit[border.corner_ring]]))
        parent = np.full(len(nodes), -1, np.int64)
        if kernels.shortest(nodes, sides, border.edges[hit[border.ring]], parent) < 0.0:
            return None
        chain = [1]
        while chain[-1] != 0:
            chain.append(int(parent[chain[-1]]))
        path = nodes[chain[::-1]]
    return path


def obstacle(plane: TangentPlane, volume: Volume, margin_m: float) -> Border:
    """A keep-out grown by its buffer and a margin."""
    return _border(_moved(volume, plane, margin_m, 1.0), free_inside=False)


def enclosure(plane: TangentPlane, volumes: Sequence[Volume], margin_m: float) -> Border | None:
    """What is inside at least one keep-in, each shrunk by its buffer and a margin; None for no keep-in."""
    if not volumes:
        return None
    return _border(shapely.union_all([_moved(v, plane, margin_m, -1.0) for v in volumes]), free_inside=True)


def free_space(plane: TangentPlane, volumes: Sequence[Volume], margin_m: float) -> FreeSpace:
    """Free space of volumes that all matter: inside one keep-in, if there are any, and outside every
    keep-out.

    Args:
        margin_m: added to each buffer.
    """
    outs = (obstacle(plane, v, margin_m) for v in volumes if v.kind is VolumeKind.KEEP_OUT)
    ins = [v for v in volumes if v.kind is VolumeKind.KEEP_IN]
    return FreeSpace(enclosure(plane, ins, margin_m), tuple(outs))


def _border(area: shapely.Geometry, *, free_inside: bool) -> Border:
    edges, rings, corners, sides, corner_rings = (
        [np.empty((0, 4))],
        [],
        [np.empty((0, 2))],
        [np.empty((0, 4))],
        [],
    )
    count = 0
    for polygon in shapely.get_parts(area):
        if polygon.is_empty or polygon.geom_type != "Polygon":
            continue
        polygon = shapely.geometry.polygon.orient(polygon, 1.0 if free_inside else -1.0)
        for ring in (polygon.exterior, *polygon.interiors):
            xy = np.asarray(ring.coords)[:-1]
            edges.append(np.hstack((xy, np.roll(xy, -1, axis=0))))
            rings.append(np.full(len(xy), count))
            at, beside = _reflex(xy)
            corners.append(at)
            sides.append(beside)
            corner_rings.append(np.full(len(at), count))
            count += 1
    none = [np.empty(0, np.int64)]
    return Border(
        area,
        np.vstack(edges),
        np.concatenate(rings or none).astype(np.int64),
        np.vstack(corners),
        np.vstack(sides),
        np.concatenate(corner_rings or none).astype(np.int64),
    )


def _reflex(xy: Floats) -> tuple[Floats, Floats]:
    """Corners of a ring with free space on its left around which ways can bend, moved a little into it."""
    before, after = np.roll(xy, 1, axis=0) - xy, np.roll(xy, -1, axis=0) - xy
    before /= np.linalg.norm(before, axis=1, keepdims=True)
    after /= np.linalg.norm(after, axis=1, keepdims=True)
    turn = -before[:, 0] * after[:, 1] + before[:, 1] * after[:, 0]
    bends = turn < -1e-9
    away = -(before + after)
    length = np.linalg.norm(away, axis=1, keepdims=True)
    # |b + a| = 2 cos(half the angle between the edges): the gap is kept to both edges, as in a mitre
    half_sine = np.sqrt(np.maximum(1.0 - (length / 2.0) ** 2, 0.0625))
    at = xy + away / np.maximum(length, 1e-12) * CORNER_GAP_M / half_sine
    return at[bends], np.hstack((before, after))[bends]


def _stretch(volume: Volume, plane: TangentPlane) -> float:
    """By how much the plane lengthens distances at the farthest corner of a volume, and a little more."""
    ring = volume.rings[0]
    away = float(np.linalg.norm(plane.to_plane(ring[:, 0], ring[:, 1]), axis=1).max())
    return 1.0 + 1.2 * (away / _EARTH_M) ** 2


def _simpler(volume: Volume, plane: TangentPlane) -> tuple[shapely.Geometry, float]:
    """The polygon with fewer corners, and how far its border may have moved."""
    polygon = volume.polygon_on(plane)
    west, south, east, north = polygon.bounds
    tolerance = float(np.clip(0.004 * max(east - west, north - south), 1.0, 200.0))
    tolerance = min(tolerance, 0.1 * volume.buffer_m + 5.0)
    return shapely.simplify(polygon, tolerance, preserve_topology=True), tolerance


def _moved(volume: Volume, plane: TangentPlane, margin_m: float, side: float) -> shapely.Geometry:
    """The polygon grown (side 1) or shrunk (side -1) by buffer and margin, never by less."""
    polygon, moved = _simpler(volume, plane)
    by = (volume.buffer_m * _stretch(volume, plane) + margin_m + moved) * _ROUND
    return shapely.buffer(polygon, side * by, quad_segs=_QUADRANT)
