"""Country to fly over: heights, cover, lines and areas on the ground, houses; in one metric projection."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

from atalaya.sim.scene.things import Decal, Solid

if TYPE_CHECKING:
    from atalaya.earth.terrain import Terrain

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GroundLine:
    """A road, track, path or stream.

    Args:
        kind: "road", "track", "path", "stream" or "river".
        width_m: of what is seen. material: name of what it is made of.
        points_m: (n, 2) float64, metres east and north in the country's projection.
    """

    kind: str
    width_m: float
    material: str
    points_m: Floats


@dataclass(frozen=True)
class Settlement:
    """A place where people live: named, so that maps can say it.

    Args:
        kind: "town", "village" or "farm".
        east_m, north_m: of its middle. radius_m: that holds nine houses of ten. houses: how many.
    """

    name: str
    kind: str
    east_m: float
    north_m: float
    radius_m: float
    houses: int


@dataclass(frozen=True, eq=False)
class Country:
    """Country as the range flies over it.

    Rows run from the north. Posts are the corners of a grid of `post_m`; the first post is (west_m, north_m).
    Cells of cover are squares of `cover_m`, the first with its upper left corner at that post.

    Args:
        name: for people. seed: of everything made up.
        epsg: of the projection, metres (a UTM zone, WGS 84).
        west_m, north_m, post_m: of the posts.
        heights_msl_m: (rows, columns) float32, metres above mean sea level (EGM96).
        cover: (m, n) uint8, code of the material of each cell, over all of the posts. cover_m: its edge.
        lines, patches, solids: what lies and stands on the ground; painted patches first, then lines.
        settlements: where houses are.
    """

    name: str
    seed: int
    epsg: int
    west_m: float
    north_m: float
    post_m: float
    heights_msl_m: NDArray[np.float32]
    cover: NDArray[np.uint8]
    cover_m: float
    lines: tuple[GroundLine, ...] = ()
    patches: tuple[Decal, ...] = ()
    solids: tuple[Solid, ...] = ()
    settlements: tuple[Settlement, ...] = ()

    @cached_property
    def terrain(self) -> "Terrain":
        """The ground as rays meet it."""
        from atalaya.earth.terrain import Terrain

        return Terrain.from_posts(
            self.heights_hae_m,
            self.epsg,
            (self.west_m, self.post_m, 0.0, self.north_m, 0.0, -self.post_m),
            vertical_datum="hae",
            kind="dtm",
            name=self.name,
        )

    @cached_property
    def heights_hae_m(self) -> NDArray[np.float32]:
        """(rows, columns) metres above the ellipsoid, at the posts."""
        from atalaya.earth.geoid import undulation_m

        rows, columns = self.heights_msl_m.shape
        every = max(1, min(rows, columns) // 64)
        i, j = (
            np.append(np.arange(0, rows - 1, every), rows - 1),
            np.append(np.arange(0, columns - 1, every), columns - 1),
        )
        lon, lat = self.lonlat(
            np.broadcast_to(self.west_m + j * self.post_m, (len(i), len(j))),
            np.broadcast_to((self.north_m - i * self.post_m)[:, None], (len(i), len(j))),
        )
        coarse = np.asarray(undulation_m(lon, lat))
        # the geoid is a 28 km grid: between nodes some posts apart it is straight to a millimetre
        rowwise = np.stack([np.interp(np.arange(columns), j, line) for line in coarse])
        lift = np.stack([np.interp(np.arange(rows), i, column) for column in rowwise.T], axis=1)
        return np.asarray(self.heights_msl_m + lift, np.float32)

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the posts, metres."""
        rows, columns = self.heights_msl_m.shape
        return (
            self.west_m,
            self.north_m - (rows - 1) * self.post_m,
            self.west_m + (columns - 1) * self.post_m,
            self.north_m,
        )

    def lonlat(self, east_m: ArrayLike, north_m: ArrayLike) -> tuple[Floats, Floats]:
        """Longitude and latitude, degrees, WGS 84."""
        east, north = np.broadcast_arrays(east_m, north_m)
        lon, lat = self._geodetic.transform(east, north)
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    def metres(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
        """Metres east and north in the projection."""
        lon, lat = np.broadcast_arrays(lon_deg, lat_deg)
        east, north = self._geodetic.transform(lon, lat, direction="INVERSE")
        return np.asarray(east, np.float64), np.asarray(north, np.float64)

    def height_msl_m(self, east_m: ArrayLike, north_m: ArrayLike) -> Floats:
        """Bilinear ground, metres above mean sea level; NaN outside."""
        column = (np.asarray(east_m, np.float64) - self.west_m) / self.post_m
        row = (self.north_m - np.asarray(north_m, np.float64)) / self.post_m
        rows, columns = self.heights_msl_m.shape
        inside = (row >= 0) & (column >= 0) & (row <= rows - 1) & (column <= columns - 1)
        i = np.clip(np.nan_to_num(np.floor(row)), 0, rows - 2).astype(np.intp)
        j = np.clip(np.nan_to_num(np.floor(column)), 0, columns - 2).astype(np.intp)
        u, v, z = row - i, column - j, self.heights_msl_m
        upper = z[i, j] * (1.0 - v) + z[i, j + 1] * v
        lower = z[i + 1, j] * (1.0 - v) + z[i + 1, j + 1] * v
        return np.where(inside, upper * (1.0 - u) + lower * u, np.nan)

    @cached_property
    def _geodetic(self) -> Transformer:
        return Transformer.from_crs(self.epsg, 4326, always_xy=True)
