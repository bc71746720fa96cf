"""Small pictures of the range: a rough country, cameras that look at places in it. Not a test itself."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, geodetic_to_ecef
from atalaya.earth.geoid import undulation_m
from atalaya.earth.lens import Pinhole
from atalaya.sim.camera import CameraLook, Renderer
from atalaya.sim.country.country import Country
from atalaya.sim.scene.scene import Scene
from atalaya.sim.weather import Weather
from tests.plain_camera import looking_at
from tests.plain_country import plain_country

Floats = NDArray[np.float64]

DAY_US = 1_768_500_000_000_000  # 2026-01-15 18:00 UTC, 10:50 by the sun
NIGHT_US = DAY_US + 12 * 3_600_000_000
EO, IR = CameraLook("EO"), CameraLook("IR")


@cache
def rough(seed: int, relief_m: float = 160.0) -> Country:
    """Eight kilometres square of rough ground, the same object for the same seed."""
    return plain_country(seed, relief_m=relief_m)


def on_ground(country: Country, east_m: Floats, north_m: Floats, above_m: float | Floats = 0.0) -> Floats:
    """(..., 3) ECEF of places on or over the ground."""
    lon, lat = country.lonlat(east_m, north_m)
    return geodetic_to_ecef(
        lon, lat, country.height_msl_m(east_m, north_m) + undulation_m(lon, lat) + above_m
    )


def toward(
    country: Country, east_m: float, north_m: float, azimuth_deg: float, depression_deg: float, slant_m: float
) -> Pose:
    """A camera that looks at a place on the ground."""
    lon, lat = (float(part) for part in country.lonlat(east_m, north_m))
    height = float(country.height_msl_m(east_m, north_m)) + float(undulation_m(lon, lat))
    return looking_at(lon, lat, height, azimuth_deg, depression_deg, slant_m)


def seen_at(lens: Pinhole, pose: Pose, ecef_m: Floats) -> tuple[Floats, Floats]:
    """Columns and rows of places by the lens of the earth room."""
    return lens.pixels((ecef_m - pose.origin_m) @ pose.camera_to_ecef)


def renderer(
    country: Country, scene: Scene | None = None, look: CameraLook = EO, *, seed: int = 3, **weather: float
) -> Renderer:
    """Of a country in settled weather."""
    return Renderer(country, scene or Scene(), Weather(**weather), look, seed=seed)


@dataclass(frozen=True)
class Trial:
    """A camera over rough country, drawn from a seed."""

    country: Country
    lens: Pinhole
    pose: Pose

    @classmethod
    def drawn(cls, seed: int, width: int = 320, height: int = 180) -> "Trial":
        """Depressions 8 to 89 degrees, fields of view 0.8 to 22, slants 1.5 to 9 km."""
        rng = np.random.default_rng(seed)
        country = rough(int(rng.integers(3)), float(rng.choice([60.0, 160.0, 500.0])))
        west, south, east, north = country.bounds_m
        place = rng.uniform(west + 1500.0, east - 1500.0), rng.uniform(south + 1500.0, north - 1500.0)
        pose = toward(country, *place, rng.uniform(0, 360), rng.uniform(8, 89), rng.uniform(1500, 9000))
        view_deg = float(np.exp(rng.uniform(np.log(0.8), np.log(22.0))))
        return cls(country, Pinhole.from_fov(width, height, view_deg), pose)

    @property
    def rays(self) -> Floats:
        """(h, w, 3) of every pixel by the lens, depth 1, ECEF."""
        row, column = np.indices((self.lens.height, self.lens.width), np.float64)
        return self.lens.directions(column, row) @ self.pose.camera_to_ecef.T

    def true_depth_m(self) -> Floats:
        """(h, w) by one ray of `Terrain.hits` for every pixel; NaN for none."""
        rays = self.rays
        hits = self.country.terrain.hits(self.pose.origin_m, rays.reshape(-1, 3))
        depth = np.where(hits.found, hits.range_m, np.nan) / np.linalg.norm(rays, axis=-1).ravel()
        return depth.reshape(rays.shape[:2])

    def off_px(self, depth_m: Floats) -> Floats:
        """(h, w) how far from its pixel the ground that was taken for it is projected by the lens."""
        row, column = np.indices(depth_m.shape, np.float64)
        lon, lat, _ = ecef_to_geodetic(self.pose.origin_m + depth_m[..., None] * self.rays)
        ground = geodetic_to_ecef(lon, lat, self.country.terrain.height_hae_m(lon, lat))
        seen_column, seen_row = seen_at(self.lens, self.pose, ground)
        return np.hypot(seen_column - column, seen_row - row)
