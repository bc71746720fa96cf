"""Positions and tracks against one layer: whose area, how deep, where the line is crossed.

Distances are geodesics of WGS 84; the boundary is the layer's own line, straight in longitude and latitude
between its (densified) vertices. Cuts at the antimeridian and at the poles are no boundary.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from atalaya.earth import geodetic_to_ecef
from atalaya.law.boundary.layer import Layer
from atalaya.law.boundary.polygons import rings_in
from atalaya.law.boundary.record import LayerRecord

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PIECE_M = 1000.0
NEAREST = 32


@dataclass(frozen=True)
class Memberships:
    """Which points lie in which areas, where areas overlap: one row per (point, area), ordered by both.

    Args:
        point: (m,) number of the point.
        area: (m,) number of the area.
    """

    point: Ints
    area: NDArray[np.int32]


@dataclass(frozen=True)
class Crossings:
    """Where geodesic segments cross an area's boundary, ordered by (segment, fraction).

    Args:
        segment: (m,) number of the segment.
        fraction: (m,) 0..1, share of the segment's length at the crossing.
        entering: (m,) whether the segment comes into the area there.
        lon_deg, lat_deg: (m,) the place.
    """

    segment: Ints
    fraction: Floats
    entering: Bools
    lon_deg: Floats
    lat_deg: Floats


class LayerIndex:
    """A layer made ready for many questions.

    Attributes:
        record: what the layer is, with its bound B.
        areas: codes by area number.
    """

    def __init__(self, layer: Layer) -> None:
        self.record: LayerRecord = layer.record
        self.areas: tuple[str, ...] = layer.areas
        self._polygons = layer.polygons
        self._boxes = shapely.bounds(layer.polygons)
        shapely.prepare(self._polygons)
        self._boundaries: dict[int, _Boundary] = {}

    @property
    def boxes(self) -> Floats:
        """(len(areas), 4) west, south, east, north of each area, degrees."""
        return self._boxes  # type: ignore[no-any-return]

    def area_at(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.int32]:
        """The area each point lies in.

        Args:
            lon_deg, lat_deg: (n,) degrees; NaN is in no area.

        Returns:
            (n,) area numbers, the lowest where areas overlap; -1 for none.
        """
        found = self.areas_at(lon_deg, lat_deg)
        number = np.full(len(np.atleast_1d(lon_deg)), -1, np.int32)
        number[found.point[::-1]] = found.area[::-1]
        return number

    def areas_at(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Memberships:
        """Every area each point lies in."""
        lon, lat = _points(lon_deg, lat_deg)
        rows, areas = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
        for area, (west, south, east, north) in enumerate(self._boxes):
            near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
            inside = near[shapely.contains_xy(self._polygons[area], lon[near], lat[near])]
            rows.append(inside)
            areas.append(np.full(len(inside), area, np.int32))
        point, number = np.concatenate(rows), np.concatenate(areas)
        order = np.lexsort((number, point))
        return Memberships(point[order], number[order])

    def contains(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Bools:
        """(n,) whether each point lies in one area."""
        lon, lat = _points(lon_deg, lat_deg)
        known = np.isfinite(lon)
        inside = np.zeros(len(lon), np.bool_)
        inside[known] = shapely.contains_xy(self._polygons[area], lon[known], lat[known])
        return inside

    def depth_m(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """(n,) signed geodesic metres to the area's boundary, + inside; NaN for NaN."""
        lon, lat = _points(lon_deg, lat_deg)
        _, _, distance = self.nearest(area, lon, lat)
        return np.where(self.contains(area, lon, lat), distance, -distance)

    def depth_bounds_m(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
        """(n,) certain lower and upper bounds of `depth_m`."""
        depth = self.depth_m(area, lon_deg, lat_deg)
        return depth, depth

    def touched(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Bools:
        """(n-1,) whether the segment from each point to the next may meet any boundary (conservative)."""
        lon, _ = _points(lon_deg, lat_deg)
        return np.ones(max(len(lon) - 1, 0), np.bool_)

    def crossings(
        self, area: int, lon0_deg: ArrayLike, lat0_deg: ArrayLike, lon1_deg: ArrayLike, lat1_deg: ArrayLike
    ) -> Crossings:
        """Where geodesic segments cross the boundary of one area, also with both ends on one side."""
        lon0, lat0 = _points(lon0_deg, lat0_deg)
        lon1, lat1 = _points(lon1_deg, lat1_deg)
        rows: list[tuple[int, float, bool, float, float]] = []
        for number in np.flatnonzero(np.isfinite(lon0 + lon1)):
            ends = (lon0[number], lat0[number], lon1[number], lat1[number])
            for fraction, entering, lon, lat in _crossed(self, area, *ends):
                rows.append((int(number), fraction, entering, lon, lat))
        columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
        kinds = (np.int64, np.float64, np.bool_, np.float64, np.float64)
        return Crossings(*(np.asarray(part, kind) for part, kind in zip(columns, kinds, strict=True)))

    def nearest(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """The nearest place of an area's boundary.

        Returns:
            (n,) its longitude and latitude (degrees) and its geodesic distance (metres).
        """
        lon, lat = _points(lon_deg, lat_deg)
        return self.boundary(area).nearest(lon, lat)

    def boundary(self, area: int) -> "_Boundary":
        """The edges of one area, made when first asked for."""
        if area not in self._boundaries:
            self._boundaries[area] = _Boundary(self._polygons[area])
        return self._boundaries[area]


class _Boundary:
    def __init__(self, polygon: shapely.Geometry) -> None:
        coordinates, ring = shapely.get_coordinates(rings_in(polygon), return_index=True)
        same = ring[1:] == ring[:-1]
        start, end = coordinates[:-1][same], coordinates[1:][same]
        seam = (np.abs(start[:, 0]) >= 180.0) & (start[:, 0] == end[:, 0])
        polar = (np.abs(start[:, 1]) >= 90.0) & (start[:, 1] == end[:, 1])
        self.start, self.end = start[~(seam | polar)], end[~(seam | polar)]

    @cached_property
    def edges(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.linestrings(np.stack((self.start, self.end), axis=1)))

    @cached_property
    def pieces(self) -> tuple[Floats, Floats, cKDTree]:
        length = 111_320.0 * np.hypot(*(self.end - self.start).T)
        count = np.maximum(np.ceil(length / PIECE_M).astype(int), 1)
        edge = np.repeat(np.arange(len(count)), count)
        step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        step_end = (step + 1) / count[edge]
        span = self.end - self.start
        start = self.start[edge] + span[edge] * (step / count[edge])[:, None]
        end = self.start[edge] + span[edge] * step_end[:, None]
        middle = (start + end) / 2
        return start, end, cKDTree(geodetic_to_ecef(middle[:, 0], middle[:, 1], 0.0))

    def nearest(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats, Floats]:
        start, end, tree = self.pieces
        place_lon, place_lat, distance = (np.full(len(lon), np.nan) for _ in range(3))
        known = np.flatnonzero(np.isfinite(lon))
        if not len(known):
            return place_lon, place_lat, distance
        points = geodetic_to_ecef(lon[known], lat[known], 0.0)
        _, near = tree.query(points, min(NEAREST, len(start)))
        near = near.reshape(len(known), -1)
        a, b = (geodetic_to_ecef(part[near, 0], part[near, 1], 0.0) for part in (start, end))
        along = b - a
        ahead = np.sum((points[:, None] - a) * along, -1)
        share = np.clip(ahead / np.maximum(np.sum(along**2, -1), 1e-9), 0.0, 1.0)
        place = start[near] + (end - start)[near] * share[..., None]
        shape = share.shape
        _, _, metres = _geod().inv(
            np.broadcast_to(lon[known, None], shape).ravel(),
            np.broadcast_to(lat[known, None], shape).ravel(),
            place[..., 0].ravel(),
            place[..., 1].ravel(),
        )
        metres = np.asarray(metres).reshape(shape)
        best = metres.argmin(axis=1)
        rows = np.arange(len(known))
        place_lon[known], place_lat[known] = place[rows, best].T
        distance[known] = metres[rows, best]
        return place_lon, place_lat, distance


def _crossed(
    index: LayerIndex, area: int, lon0: float, lat0: float, lon1: float, lat1: float
) -> list[tuple[float, bool, float, float]]:
    """Crossings of one segment: candidates on short chords, then the side of every piece between them."""
    geod = _geod()
    azimuth, _, length = geod.inv(lon0, lat0, lon1, lat1)
    pieces = int(length // PIECE_M) + 1
    shares = np.linspace(0.0, 1.0, pieces + 1)

    def at(share: Floats) -> tuple[Floats, Floats]:
        many = np.full(len(share), 1.0)
        lon, lat, _ = geod.fwd(lon0 * many, lat0 * many, azimuth * many, length * share)
        return np.asarray(lon), np.asarray(lat)

    lon, lat = at(shares)
    candidates: list[float] = []
    boundary = index.boundary(area)
    for piece in range(pieces):
        west = lon[piece]
        east = west + (lon[piece + 1] - west + 180.0) % 360.0 - 180.0
        for turn in (-360.0, 0.0, 360.0):
            chord = shapely.LineString([(west + turn, lat[piece]), (east + turn, lat[piece + 1])])
            for edge in boundary.edges.query(chord, predicate="intersects"):
                meet = chord.intersection(boundary.edges.geometries[edge])
                if not meet.is_empty:
                    share = chord.project(meet.centroid, normalized=True)
                    candidates.append((piece + share) / pieces)
    if not candidates:
        return []
    cuts = np.concatenate(([0.0], np.unique(candidates), [1.0]))
    inside = index.contains(area, *at((cuts[:-1] + cuts[1:]) / 2))
    changed = np.flatnonzero(inside[1:] != inside[:-1])
    place_lon, place_lat = at(cuts[changed + 1])
    return [
        (float(cuts[i + 1]), bool(inside[i + 1]), float(x), float(y))
        for i, x, y in zip(changed, place_lon, place_lat, strict=True)
    ]


def layer_index(layer: Layer) -> LayerIndex:
    """The index of a layer."""
    return LayerIndex(layer)


def _points(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Longitudes within [-180, 180) and latitudes; NaN in both where either is unusable."""
    lon = np.atleast_1d(np.asarray(lon_deg, np.float64))
    lat = np.atleast_1d(np.asarray(lat_deg, np.float64))
    usable = np.isfinite(lon) & (np.abs(lat) <= 90.0)
    turned = np.where(np.abs(lon) > 180.0, (lon + 180.0) % 360.0 - 180.0, lon)
    return np.where(usable, turned, np.nan), np.where(usable, lat, np.nan)


def _geod() -> Any:
    from pyproj import Geod

    return Geod(ellps="WGS84")
