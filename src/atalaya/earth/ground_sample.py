"""How large the pixels of a picture are on the ground."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.earth.camera import Lens, Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis, geodetic_to_ecef, up_vector
from atalaya.earth.surface import LevelSurface, Surface

Floats = NDArray[np.float64]


@runtime_checkable
class KnowsNormals(Protocol):
    """A surface that knows the plane of its ground, as `Terrain` does."""

    def normals(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """(n, 3) upward unit normals, ECEF."""


@dataclass(frozen=True)
class GroundSample:
    """Size of pixels on the ground, metres; NaN where there is none.

    across_m: (n,) across the look     along_m: (n,) along it, on the local plane     grazing_deg: (n,)
    """

    across_m: Floats
    along_m: Floats
    grazing_deg: Floats


def ground_sample_of(
    lens: Lens, pose: Pose, surface: Surface, column: ArrayLike, row: ArrayLike
) -> GroundSample:
    """Size on the ground of (n,) pixels of one picture: range times the angle of a pixel, and that over the
    sine of the angle at which the look meets the local plane.
    """
    columns, rows = (np.atleast_1d(np.asarray(part, np.float64)) for part in (column, row))
    ray = _unit(lens.directions(columns, rows)) @ pose.camera_to_ecef.T
    hits = surface.hits(pose.origin_m, ray)
    normal = local_normals(surface, hits.lon_deg, hits.lat_deg)
    with np.errstate(invalid="ignore"):
        sine = np.clip(-np.sum(ray * normal, axis=1), 0.0, 1.0)
        across = hits.range_m * _pixel_angle(lens, columns, rows)
        along = np.where(sine > 0.0, across / np.where(sine > 0.0, sine, 1.0), np.inf)
    return GroundSample(across, np.where(hits.found, along, np.nan), np.degrees(np.arcsin(sine)))


def local_normals(surface: Surface, lon_deg: Floats, lat_deg: Floats) -> Floats:
    """(n, 3) upward unit normals, ECEF, of the plane of the ground at places; NaN where unknown."""
    if isinstance(surface, LevelSurface):
        return up_vector(lon_deg, lat_deg)
    if isinstance(surface, KnowsNormals):
        return surface.normals(lon_deg, lat_deg)
    # any other surface: its heights a metre to each side
    basis = enu_basis(lon_deg, lat_deg)
    here = geodetic_to_ecef(lon_deg, lat_deg, surface.height_hae_m(lon_deg, lat_deg))
    slopes = []
    for axis in (0, 1):
        ends = [ecef_to_geodetic(here + sign * basis[..., axis]) for sign in (-1.0, 1.0)]
        low, high = (surface.height_hae_m(lon, lat) for lon, lat, _ in ends)
        slopes.append((high - low) / 2.0)
    local = np.stack((-slopes[0], -slopes[1], np.ones_like(slopes[0])), axis=-1)
    return _unit(np.asarray(np.einsum("...ij,...j->...i", basis, local)))


def _pixel_angle(lens: Lens, column: Floats, row: Floats) -> Floats:
    """Radians that a pixel spans: the mean of both directions of the image."""
    spans = []
    for half in ((0.5, 0.0), (0.0, 0.5)):
        one, other = (
            _unit(lens.directions(column + sign * half[0], row + sign * half[1])) for sign in (-1, 1)
        )
        spans.append(2.0 * np.arcsin(np.minimum(np.linalg.norm(one - other, axis=1) / 2.0, 1.0)))
    return np.asarray(np.sqrt(spans[0] * spans[1]))


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector, axis=-1, keepdims=True))
