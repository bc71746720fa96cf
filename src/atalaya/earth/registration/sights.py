"""Where the ground of tiles is seen by a pose: what the adjustment compares with where they truly lie."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis, geodetic_to_ecef, up_vector
from atalaya.earth.ortho.grid import Grid
from atalaya.earth.registration.pose_change import changed, ground_jacobian
from atalaya.earth.surface import Surface
from atalaya.earth.terrain import Terrain

Floats = NDArray[np.float64]

_SAMPLES = (-0.25, 0.0, 0.25)
_SAME_M = 1.0


@dataclass(frozen=True)
class Sights:
    """Lines of sight through sample places of n tiles, as the pose of the orthophoto has them.

    places_m: (n, k, 3) ECEF      usable: (n, k) seen, and not behind something
    """

    pose: Pose
    surface: Surface
    places_m: Floats
    usable: NDArray[np.bool_]
    _directions: Floats
    _basis: Floats

    def predicted(self, change: Floats) -> tuple[Floats, Floats]:
        """(n, 2) metres east and north that the tiles move when the pose is changed, mean of their samples,
        NaN where none is left; (n, 2, 6) how that moves with the values of the change.
        """
        pose = changed(self.pose, change)
        n, k, _ = self.places_m.shape
        places = np.full((n, k, 3), np.nan)
        usable = self.usable
        hits = self.surface.hits(pose.origin_m, self._directions[usable] @ pose.camera_to_ecef.T)
        places[usable] = geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m)
        moves = np.einsum("nkj,nji->nki", places - self.places_m, self._basis[..., :2])
        known = np.isfinite(moves).all(axis=2)
        slopes = np.zeros((n, k, 2, 6))
        slopes[known] = self._slopes(places[known], np.nonzero(known)[0])
        count = known.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(known[..., None], moves, 0.0).sum(axis=1) / count[:, None]
            slope = slopes.sum(axis=1) / count[:, None, None]
        return np.where(count[:, None] > 0, mean, np.nan), np.where(count[:, None, None] > 0, slope, 0.0)

    def _slopes(self, places: Floats, tile: NDArray[np.intp]) -> Floats:
        lon, lat, _ = ecef_to_geodetic(places)
        full = ground_jacobian(self.pose, places, normals(self.surface, lon, lat))
        return np.asarray(np.einsum("mij,mik->mkj", full, self._basis[tile][..., :2]))

    def jacobian(self) -> Floats:
        """(n, 2, 6) metres east and north per value, at no change."""
        return self.predicted(np.zeros(6))[1]


def sights_of(pose: Pose, surface: Surface, grid: Grid, column: Floats, row: Floats, size: int) -> Sights:
    """Sample places of tiles whose middles are given in cells of a grid.

    Args:
        size: side of the tiles, cells.
    """
    offsets = np.array([(x, y) for y in _SAMPLES for x in _SAMPLES]) * size
    columns = column[:, None] + offsets[:, 0]
    rows = row[:, None] + offsets[:, 1]
    lon, lat = grid.lon_lat(columns, rows)
    height = surface.height_hae_m(lon.ravel(), lat.ravel()).reshape(lon.shape)
    places = geodetic_to_ecef(lon, lat, height)
    ray = places - pose.origin_m
    known = np.isfinite(ray).all(axis=2)
    usable = np.zeros(known.shape, np.bool_)
    hits = surface.hits(pose.origin_m, ray[known])
    usable[known] = np.abs(hits.range_m - np.linalg.norm(ray[known], axis=1)) < _SAME_M
    middle_lon, middle_lat = grid.lon_lat(column, row)
    return Sights(pose, surface, places, usable, ray @ pose.camera_to_ecef, enu_basis(middle_lon, middle_lat))


def normals(surface: Surface, lon_deg: Floats, lat_deg: Floats) -> Floats:
    """(n, 3) of the ground, ECEF; straight up where it is not known."""
    up = up_vector(lon_deg, lat_deg)
    if not isinstance(surface, Terrain):
        return up
    found = surface.normals(lon_deg, lat_deg)
    return np.where(np.isfinite(found), found, up)
