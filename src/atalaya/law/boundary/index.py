"""Positions and tracks against one layer: whose area, how deep, where the line is crossed.

Distances are geodesics of WGS 84; the boundary is the layer's own line, straight in longitude and latitude
between its (densified) vertices. Cuts at the antimeridian and at the poles are no boundary. Longitudes may be
any; a position that is not finite, or beyond a pole, is nowhere: no area, NaN depth, no crossing.
"""

import threading
import weakref
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.law.boundary.bounds.cells import DepthCells
from atalaya.law.boundary.crossing.crossing import Crossings, crossings_of
from atalaya.law.boundary.edges import edges_of
from atalaya.law.boundary.grid.grid import grid_of
from atalaya.law.boundary.layer import Layer
from atalaya.law.boundary.nearest.tree import Tree, tree_of
from atalaya.law.boundary.record import LayerRecord
from atalaya.law.boundary.sections import SectionBounds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Memberships:
    """Which points lie in which areas, where areas overlap: one row per (point, area), ordered by both.

    Args:
        point: (m,) number of the point.
        area: (m,) number of the area.
    """

    point: Ints
    area: NDArray[np.int32]


class LayerIndex:
    """A layer made ready for millions of questions; threads may share it.

    Attributes:
        record: what the layer is, with its bound B.
        areas: codes by area number.
    """

    def __init__(self, layer: Layer) -> None:
        self.record: LayerRecord = layer.record
        self.areas: tuple[str, ...] = layer.areas
        self._edges = edges_of(layer.polygons)
        self._grid = grid_of(layer.polygons, self._edges)
        self._trees: dict[int, Tree] = {}
        self._cells: dict[int, DepthCells] = {}
        self._bounds: dict[int, SectionBounds] = {}
        self._growing = threading.Lock()

    @cached_property
    def boxes(self) -> Floats:
        """(len(areas), 4) west, south, east, north of each area, degrees."""
        made = np.empty((len(self.areas), 4))
        for area, first in enumerate(self._edges.start[:-1]):
            own = slice(first, self._edges.start[area + 1])
            lon0, lat0, lon1, lat1 = (part[own] for part in self._edges.ends)
            made[area] = (
                min(lon0.min(), lon1.min()), min(lat0.min(), lat1.min()),
                max(lon0.max(), lon1.max()), max(lat0.max(), lat1.max()),
            )  # fmt: skip
        return made

    def area_at(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.int32]:
        """The area each point lies in.

        Args:
            lon_deg, lat_deg: (n,) degrees.

        Returns:
            (n,) area numbers, the lowest where areas overlap; -1 for none.
        """
        return self._grid.area_at(*_points(lon_deg, lat_deg))

    def areas_at(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Memberships:
        """Every area each of (n,) points lies in."""
        return Memberships(*self._grid.memberships(*_points(lon_deg, lat_deg)))

    def contains(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Bools:
        """(n,) whether each point lies in one area."""
        return self._grid.contains(area, *_points(lon_deg, lat_deg))

    def depth_m(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """(n,) signed geodesic metres to the area's boundary, + inside; NaN for NaN."""
        lon, lat = _points(lon_deg, lat_deg)
        _, _, distance = self.nearest(area, lon, lat)
        return np.where(self._grid.contains(area, lon, lat), distance, -distance)

    def depth_bounds_m(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
        """(n,) certain lower and upper bounds of `depth_m`, a kilometre apart or less than a third of it.

        Cells of depths are worked out where positions ask for them, so a second look at a place is quick.
        """
        with self._growing:
            if area not in self._cells:
                self._cells[area] = DepthCells(lambda lon, lat: self.depth_m(area, lon, lat))
        return self._cells[area].bounds_m(*_wrapped(*_points(lon_deg, lat_deg)))

    def touched(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Bools:
        """(n-1,) whether the geodesic from each point to the next may meet any boundary edge.

        Never False where one is met; True costs a look at `crossings`. False where an end is nowhere.
        """
        return self._grid.touched(*_points(lon_deg, lat_deg))

    def crossings(
        self, area: int, lon0_deg: ArrayLike, lat0_deg: ArrayLike, lon1_deg: ArrayLike, lat1_deg: ArrayLike
    ) -> Crossings:
        """Where (n,) geodesic segments cross the boundary of one area, also with both ends on one side."""
        start, end = _wrapped(*_points(lon0_deg, lat0_deg)), _wrapped(*_points(lon1_deg, lat1_deg))
        return crossings_of(self._grid, area, *start, *end)

    def nearest(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """The nearest place of an area's boundary to each of (n,) points.

        Returns:
            its longitude and latitude (degrees) and its geodesic distance (metres); NaN for NaN.
        """
        lon, lat = _points(lon_deg, lat_deg)
        out_lon, out_lat, distance = (np.full(len(lon), np.nan) for _ in range(3))
        known = np.flatnonzero(np.isfinite(lon) & (np.abs(lat) <= 90.0))
        found = self._tree(area).nearest(lon[known], lat[known])
        out_lon[known], out_lat[known], distance[known] = found[:3]
        return out_lon, out_lat, distance

    def bound_m(self, area: int, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """(n,) the bound B in effect at each point: what |depth| must exceed (with r) to be certain.

        Where the record's sections have bounds of their own, a good line far from a poor one keeps its own
        (see `sections.SectionBounds`); NaN for NaN.
        """
        with self._growing:
            if area not in self._bounds:
                self._bounds[area] = SectionBounds(self.record, self.areas, self._edges, area)
        lon, lat = _wrapped(*_points(lon_deg, lat_deg))
        out = np.full(len(lon), np.nan)
        known = np.flatnonzero(np.isfinite(lon))
        out[known] = self._bounds[area].at(lon[known], lat[known])
        return out

    def _tree(self, area: int) -> Tree:
        with self._growing:
            if area not in self._trees:
                edges = self._edges
                own = np.arange(edges.start[area], edges.start[area + 1])
                own = own[~edges.cut[own]]
                self._trees[area] = tree_of(*(part[own] for part in edges.ends))
            return self._trees[area]


_INDEXES: weakref.WeakKeyDictionary[Layer, LayerIndex] = weakref.WeakKeyDictionary()
_MAKING = threading.Lock()


def layer_index(layer: Layer) -> LayerIndex:
    """The index of a layer, made once (about a second for the world) and kept as long as the layer."""
    with _MAKING:
        if layer not in _INDEXES:
            _INDEXES[layer] = LayerIndex(layer)
        return _INDEXES[layer]


def _points(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
    lon = np.ascontiguousarray(np.atleast_1d(np.asarray(lon_deg, np.float64)))
    lat = np.ascontiguousarray(np.atleast_1d(np.asarray(lat_deg, np.float64)))
    if lon.shape != lat.shape or lon.ndim != 1:
        raise ValueError(f"longitudes {lon.shape} and latitudes {lat.shape} are not (n,) both")
    return lon, lat


def _wrapped(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Longitudes within ±180; NaN in both where a position is nowhere."""
    beyond = ~((lon >= -180.0) & (lon <= 180.0) & (np.abs(lat) <= 90.0))
    if not beyond.any():
        return lon, lat
    usable = np.isfinite(lon) & (np.abs(lat) <= 90.0)
    turned = np.where(beyond, (np.where(usable, lon, 0.0) + 180.0) % 360.0 - 180.0, lon)
    return np.where(usable, turned, np.nan), np.where(usable, lat, np.nan)
