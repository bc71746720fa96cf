"""The real ground: any raster of heights, with its datums, met exactly by rays.

Heights between posts are bilinear in row and column. Rays are straight in space (the Earth's curvature is in
the geometry, not in a formula) or bent by standard refraction. Sources: notes of Bowring, "The accuracy of
geodetic latitude and height equations", Survey Review 28 (1985); Tevs, Ihrke and Seidel, "Maximum mipmaps for
fast, accurate, and scalable dynamic height field rendering" (2008).
"""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from pyproj.exceptions import ProjError

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import enu_basis
from atalaya.earth.grid_map import Affine, GridMap, grid_map
from atalaya.earth.march import kernels
from atalaya.earth.march.store import BlockStore
from atalaya.earth.raster_source import RasterSource
from atalaya.earth.surface import Hits, SurfaceKind
from atalaya.earth.vertical import VerticalName, known_vertical

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STANDARD_REFRACTION = 0.13
"""Share of the Earth's curvature by which light bends back to it in an average atmosphere."""

FARTHEST_M = 500_000.0
DEFAULT_MEMORY_MB = 1024.0


@dataclass(frozen=True)
class Terrain:
    """Ground from a raster; a `Surface`.

    source: file and vertical datum, for people      kind: "dsm", "dtm" or "unknown"
    shape: rows and columns of posts                 refraction: 0 for straight rays, 0.13 for standard air
    farthest_m: rays longer than this are BEYOND_HORIZON

    Any number of threads may ask at once. The same rays give the same answers; on a terrain larger than its
    memory to a micrometre, whatever it held before.
    """

    source: str
    kind: SurfaceKind
    shape: tuple[int, int]
    grid_map: GridMap
    refraction: float
    farthest_m: float
    _store: BlockStore
    _file: RasterSource | None = None

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        vertical_datum: VerticalName | None = None,
        kind: SurfaceKind | None = None,
        nodata: float | None = None,
        refraction: float = 0.0,
        farthest_m: float = FARTHEST_M,
        memory_mb: float = DEFAULT_MEMORY_MB,
    ) -> Self:
        """Open any raster of heights that GDAL reads: GeoTIFF, COG, DTED, SRTM .hgt, VRT ...

        Args:
            path: the file.
            vertical_datum: "msl" and "egm96" (the same here), "egm2008" or "hae"; None to take it from the
                file's CRS or from what its product is known for.
            kind: "dsm" with roofs and crowns, "dtm" without; None for what the product is known for.
            nodata: value of posts without data, over what the file says.
            refraction: share of the Earth's curvature light follows, `STANDARD_REFRACTION` or 0.
            farthest_m: how far rays are followed.
            memory_mb: what posts may take; a larger raster is paged in blocks.

        Raises:
            NotFound: EAR-015 no such file.
            DatumError: EAR-010 the vertical datum is nowhere stated; EAR-011 its geoid is not installed;
                EAR-012 file and user contradict each other.
            BadInput: EAR-013 no CRS; EAR-014 not one band of numbers; EAR-016 heights no ground has;
                EAR-017 unreadable; EAR-018 unknown unit; EAR-019 fewer than 2 x 2 posts; EAR-021 not a
                raster; EAR-022 no data at all; EAR-025 a CRS or transform that puts it nowhere on Earth.
        """
        file = RasterSource(path, vertical=vertical_datum, kind=kind, nodata=nodata)
        try:
            store = BlockStore(file.shape, file.read, file.map, memory_mb=memory_mb)
            if store.empty:
                raise BadInput("EAR-022", where=str(path))
        except BaseException:
            file.close()
            raise
        label = f"{Path(path).name}, {file.vertical.label}, {file.kind}"
        return cls(label, file.kind, file.shape, file.map, refraction, farthest_m, store, file)

    @classmethod
    def from_posts(
        cls,
        heights_m: ArrayLike,
        crs: int | str,
        post_affine: Affine,
        *,
        vertical_datum: VerticalName,
        kind: SurfaceKind = "unknown",
        name: str = "posts in memory",
        refraction: float = 0.0,
        farthest_m: float = FARTHEST_M,
    ) -> Self:
        """Ground from an array.

        Args:
            heights_m: (rows, columns) metres in the given datum, NaN where unknown.
            crs: of the two affine coordinates, as pyproj reads it (4326 for longitude and latitude).
            post_affine: x = a + b column + c row, y = d + e column + f row.

        Raises:
            BadInput: EAR-019 fewer than 2 x 2 posts, EAR-022 no data, EAR-025 nowhere on Earth.
        """
        posts = np.array(heights_m, np.float64, ndmin=2)
        if min(posts.shape) < 2:
            raise BadInput("EAR-019", where=name, rows=posts.shape[0], columns=posts.shape[1])
        try:
            where = grid_map(CRS.from_user_input(crs), post_affine, (posts.shape[0], posts.shape[1]))
        except (ProjError, ValueError) as error:
            raise BadInput("EAR-025", where=name, detail=str(error)) from error
        vertical = known_vertical(vertical_datum, None, None, where=name)
        if vertical.undulation is not None:
            row, column = np.meshgrid(*(np.arange(n, dtype=np.float64) for n in posts.shape), indexing="ij")
            posts += vertical.undulation(*where.places(row, column))
        if not np.isfinite(posts).any():
            raise BadInput("EAR-022", where=name)
        held = posts.astype(np.float32)
        store = BlockStore(
            held.shape, lambda r, re, c, ce: held[r:re, c:ce], where, memory_mb=held.nbytes / 1e5
        )
        return cls(
            f"{name}, {vertical.label}, {kind}", kind, held.shape, where, refraction, farthest_m, store
        )

    def close(self) -> None:
        """Give the file back; only a terrain larger than its memory still reads it."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def ceiling_hae_m(self) -> float:
        """No ground of the model is known to be, or can be, higher (metres above the ellipsoid)."""
        return self._store.ceiling_m

    @property
    def spacing_m(self) -> tuple[float, float]:
        """Metres between rows and between columns in the middle of the model."""
        return self.grid_map.spacing_m

    def hits(self, origin_m: Floats, toward: Floats) -> Hits:
        """First meeting of n rays with the ground; see `Surface`.

        Args:
            origin_m: (n, 3) or (3,) metres, ECEF. toward: (n, 3) directions, ECEF, of any length.
        """
        directions = np.ascontiguousarray(np.atleast_2d(np.asarray(toward, np.float64)))
        origins = np.ascontiguousarray(np.atleast_2d(np.asarray(origin_m, np.float64)))
        n = len(directions)
        status = np.full(n, kernels.PAUSED, np.uint8)
        found = np.empty((n, 4))
        paused = self._store.fresh_marks(n)

        def action(grid: kernels.Grid, ceiling: float) -> Ints:
            todo = np.flatnonzero(status == kernels.PAUSED)
            kernels.first_hits(
                origins,
                directions,
                todo,
                self.refraction,
                self.farthest_m,
                ceiling,
                grid,
                status,
                found,
                paused,
            )
            return self._store.blocks_of(paused, status)

        self._store.run(action)
        return Hits(status, *(np.ascontiguousarray(found[:, k]) for k in range(4)))

    def height_hae_m(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """(...) metres above the ellipsoid, bilinear; NaN outside the model and in its voids."""
        return self._sampled(lon_deg, lat_deg, slopes=False)[0]

    def slopes(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """(..., 2) rise of the local plane in metres per metre east and north; NaN where unknown."""
        return self._sampled(lon_deg, lat_deg, slopes=True)[1]

    def normals(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """(..., 3) unit normals of the local plane, upwards, ECEF; NaN where unknown."""
        slopes = self.slopes(lon_deg, lat_deg)
        local = np.concatenate((-slopes, np.ones((*slopes.shape[:-1], 1))), axis=-1)
        local /= np.linalg.norm(local, axis=-1, keepdims=True)
        return np.asarray(np.einsum("...ij,...j->...i", enu_basis(lon_deg, lat_deg), local))

    def sightlines(
        self,
        lon_deg: Floats,
        lat_deg: Floats,
        observer_m: Floats,
        *,
        height_hae_m: Floats | None = None,
        above_m: float = 0.5,
        posts: Floats | None = None,
    ) -> NDArray[np.uint8]:
        """Whether places and observers see each other: 1 free, 0 hidden, 2 not known (outside, void).

        Args:
            lon_deg, lat_deg: (n,) degrees. observer_m: (n, 3) or (3,) metres, ECEF.
            height_hae_m: (n,) of the places; None for `above_m` over the ground.
            posts: (n, 2) rows and columns of the places, where the caller knows them.
        """
        lon, lat = (np.ascontiguousarray(part, np.float64) for part in (lon_deg, lat_deg))
        observers = np.ascontiguousarray(np.atleast_2d(np.asarray(observer_m, np.float64)))
        height = np.empty(0) if height_hae_m is None else np.ascontiguousarray(height_hae_m, np.float64)
        known = np.empty((0, 2)) if posts is None else np.ascontiguousarray(posts, np.float64)
        seen = np.full(len(lon), kernels.PAUSED, np.uint8)
        paused = self._store.fresh_marks(len(lon))

        def action(grid: kernels.Grid, ceiling: float) -> Ints:
            todo = np.flatnonzero(seen == kernels.PAUSED)
            kernels.sightlines(
                lon,
                lat,
                known,
                height,
                above_m,
                observers,
                todo,
                self.refraction,
                ceiling,
                grid,
                seen,
                paused,
            )
            return self._store.blocks_of(paused, seen)

        self._store.run(action)
        return seen

    def _sampled(self, lon_deg: ArrayLike, lat_deg: ArrayLike, *, slopes: bool) -> tuple[Floats, Floats]:
        lon, lat = np.broadcast_arrays(np.asarray(lon_deg, np.float64), np.asarray(lat_deg, np.float64))
        flat_lon, flat_lat = np.ascontiguousarray(lon.ravel()), np.ascontiguousarray(lat.ravel())
        out, wanted = np.full(lon.size, np.nan), np.full(lon.size, 0, np.int64)
        rise = np.full((lon.size if slopes else 0, 2), np.nan)

        def action(grid: kernels.Grid, ceiling: float) -> Ints:
            kernels.heights_at(flat_lon, flat_lat, grid, out, rise, wanted)
            return np.asarray(wanted[wanted >= 0])

        self._store.run(action)
        return out.reshape(lon.shape), rise.reshape((*lon.shape, 2)) if slopes else rise
