"""Grounds whose meetings with a ray are known on paper: planes, and a valley between two of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import ecef_to_geodetic, enu_basis, geodetic_to_ecef
from atalaya.earth.surface import Hits, HitStatus, SurfaceKind

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Faces:
    """Half-planes in the tangent frame of one place; a ray meets the nearest that it comes to from above.

    faces: (north_from_m, north_to_m, height at north 0 of the frame, rise per metre north); each stretches
    without end east and west. What lies north or south of all of them is OUTSIDE.
    """

    lon_deg: float
    lat_deg: float
    faces: tuple[tuple[float, float, float, float], ...]

    @property
    def kind(self) -> SurfaceKind:
        return "dtm"

    @property
    def source(self) -> str:
        return "faces"

    @property
    def frame(self) -> tuple[Floats, Floats]:
        return geodetic_to_ecef(self.lon_deg, self.lat_deg, 0.0), enu_basis(self.lon_deg, self.lat_deg)

    def hits(self, origin_m: Floats, toward: Floats) -> Hits:
        zero, enu = self.frame
        ray = np.atleast_2d(toward) @ enu
        ray /= np.linalg.norm(ray, axis=1, keepdims=True)
        start = (np.broadcast_to(origin_m, ray.shape) - zero) @ enu
        best = np.full(len(ray), np.inf)
        for first, last, base, rise in self.faces:
            with np.errstate(invalid="ignore", divide="ignore"):
                t = (base + rise * start[:, 1] - start[:, 2]) / (ray[:, 2] - rise * ray[:, 1])
            north = start[:, 1] + t * ray[:, 1]
            met = (t > 0.0) & (north >= first) & (north <= last) & (ray[:, 2] < rise * ray[:, 1])
            best = np.where(met & (t < best), t, best)
        found = np.isfinite(best)
        reach = np.where(found, best, np.nan)
        lon, lat, height = ecef_to_geodetic(zero + (start + reach[:, None] * ray) @ enu.T)
        gone = np.where(ray[:, 2] > 0.0, HitStatus.SKY, HitStatus.OUTSIDE)
        return Hits(np.where(found, HitStatus.HIT, gone).astype(np.uint8), reach, lon, lat, height)

    def height_hae_m(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        zero, enu = self.frame
        place = geodetic_to_ecef(lon_deg, lat_deg, np.zeros_like(lon_deg))
        off = (place - zero) @ enu
        level = np.full(len(off), np.nan)
        for first, last, base, rise in self.faces:
            there = (off[:, 1] >= first) & (off[:, 1] <= last)
            level = np.where(there, base + rise * off[:, 1], level)
        # the tangent plane rises above the ellipsoid by what `off` sinks below it
        return np.asarray(level - off[:, 2])


def sensor_over(ground: Faces, north_m: float, up_m: float) -> tuple[float, float, float]:
    """Longitude, latitude, height of a place in the ground's frame."""
    zero, enu = ground.frame
    lon, lat, height = ecef_to_geodetic(zero + enu @ np.array([0.0, north_m, up_m]))
    return float(lon), float(lat), float(height)
