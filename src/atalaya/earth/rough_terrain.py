"""Rough ground made from a seed: what tests, benches and the digital range fly over.

A Gaussian field whose amplitudes fall as frequency^-1.95: fractal like real mountains, flat below one wave in
400 posts. With a standard deviation of 450 m at posts of one arc second the slopes have a median near
26 degrees and a 90th percentile near 42.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.grid_map import Affine
from atalaya.earth.terrain import Terrain
from atalaya.earth.vertical import VerticalName

Floats = NDArray[np.float64]

_ARC_SECOND = 1.0 / 3600.0


@dataclass(frozen=True)
class RoughTerrain:
    """Heights over longitude and latitude.

    heights_m: (n, n) float32, from the north, metres in whatever datum its user gives it
    west_deg, north_deg: the first post      step_deg: between posts
    """

    heights_m: NDArray[np.float32]
    west_deg: float
    north_deg: float
    step_deg: float

    @property
    def post_affine(self) -> Affine:
        """x = a + b column + c row, y = d + e column + f row."""
        return (self.west_deg, self.step_deg, 0.0, self.north_deg, 0.0, -self.step_deg)

    def terrain(self, *, vertical_datum: VerticalName = "hae", refraction: float = 0.0) -> Terrain:
        """The ground held in memory."""
        return Terrain.from_posts(
            self.heights_m,
            4326,
            self.post_affine,
            vertical_datum=vertical_datum,
            kind="dtm",
            name="rough terrain",
            refraction=refraction,
        )

    def write(self, path: Path, *, vertical_epsg: int | None = None, tile: int = 512) -> None:
        """A tiled, compressed GeoTIFF in WGS 84, with the vertical CRS if one is given (5773 is EGM96)."""
        import rasterio
        from rasterio.transform import Affine as Transform

        half = self.step_deg / 2.0
        crs = "EPSG:4326" if vertical_epsg is None else f"EPSG:4326+{vertical_epsg}"
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            dtype="float32",
            count=1,
            height=self.heights_m.shape[0],
            width=self.heights_m.shape[1],
            crs=crs,
            transform=Transform(
                self.step_deg, 0.0, self.west_deg - half, 0.0, -self.step_deg, self.north_deg + half
            ),
            tiled=True,
            blockxsize=tile,
            blockysize=tile,
            compress="deflate",
            predictor=3,
        ) as file:
            file.write(self.heights_m, 1)


def rough_ground(
    generator: np.random.Generator,
    *,
    posts: int = 3601,
    west_deg: float = -107.0,
    north_deg: float = 26.0,
    step_deg: float = _ARC_SECOND,
    mean_m: float = 1500.0,
    deviation_m: float = 450.0,
    exponent: float = 1.95,
    flat_below: float = 1.0 / 400.0,
) -> RoughTerrain:
    """Make a square of rough ground.

    Args:
        generator: gives the same ground for the same state.
        posts: along a side.
        west_deg, north_deg: the first post, upper left.
        step_deg: between posts.
        mean_m, deviation_m: of the heights.
        exponent: amplitude falls as frequency to minus this.
        flat_below: cycles per post under which the spectrum no longer rises.
    """
    noise = np.fft.rfft2(generator.standard_normal((posts, posts)))
    rows, columns = np.fft.fftfreq(posts)[:, None], np.fft.rfftfreq(posts)[None, :]
    noise *= np.maximum(np.hypot(rows, columns), flat_below) ** -exponent
    noise[0, 0] = 0.0
    field = np.fft.irfft2(noise, s=(posts, posts))
    field *= deviation_m / field.std()
    return RoughTerrain((mean_m + field).astype(np.float32), west_deg, north_deg, step_deg)
