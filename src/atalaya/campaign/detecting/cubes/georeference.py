"""Where the pixels of a cube lie: by a map projection of its raster, or by a table of places beside it."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError
from atalaya.base.finding import Finding, Severity
from atalaya.detect.spectral.envi_cube import EnviCube, cube_files, open_cube
from atalaya.earth import geodetic_to_ecef

Floats = NDArray[np.float64]

_PROBES = 12
_GCPS = 14


class Georeference(Protocol):
    """Places of pixels.

    source: in words, for the result.
    """

    @property
    def source(self) -> str:
        """In words."""
        ...

    def places(self, column: Floats, row: Floats) -> tuple[Floats, Floats, Floats]:
        """(n,) longitudes, latitudes and heights above the ellipsoid of pixels; NaN where unknown.

        Args:
            column, row: counted from 0 in the middle of the first; may be fractions.
        """
        ...

    def profile(self) -> dict[str, Any]:
        """What a raster of the same pixels is written with."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ByMap:
    """A raster in a coordinate reference system.

    Args:
        crs, transform: as rasterio has them. to_wgs84: of pyproj.
    """

    crs: Any
    transform: Any
    to_wgs84: Any

    @property
    def source(self) -> str:
        """See `Georeference`."""
        return f"map info, {self.crs.to_string()[:80]}"

    def places(self, column: Floats, row: Floats) -> tuple[Floats, Floats, Floats]:
        """See `Georeference`; a map states no heights."""
        x, y = self.transform @ (np.asarray(column) + 0.5, np.asarray(row) + 0.5)
        lon, lat = self.to_wgs84.transform(x, y)
        known = np.isfinite(lon) & np.isfinite(lat)
        nothing = np.full(np.shape(lon), np.nan)
        return np.where(known, lon, np.nan), np.where(known, lat, np.nan), nothing

    def profile(self) -> dict[str, Any]:
        """See `Georeference`."""
        return {"crs": self.crs, "transform": self.transform}


@dataclass(frozen=True, slots=True, eq=False)
class ByTable:
    """Longitude and latitude, and height where there is one, of each pixel: NAME_igm beside NAME."""

    table: EnviCube

    @property
    def source(self) -> str:
        """See `Georeference`."""
        return f"places of pixels, {self.table.data.name}"

    def places(self, column: Floats, row: Floats) -> tuple[Floats, Floats, Floats]:
        """See `Georeference`: straight lines between the four pixels about."""
        head = self.table.header
        column = np.clip(np.asarray(column, np.float64), 0.0, head.columns - 1)
        row = np.clip(np.asarray(row, np.float64), 0.0, head.lines - 1)
        if not row.size:
            return np.empty(0), np.empty(0), np.empty(0)
        first, after = int(row.min()), min(int(row.max()) + 2, head.lines)
        values, valid = self.table.block(first, after)
        known = _sound(values.astype(np.float64), valid)
        left, above = np.floor(column).astype(np.intp), np.floor(row).astype(np.intp) - first
        right, below = np.minimum(left + 1, head.columns - 1), np.minimum(above + 1, len(known) - 1)
        across, down = (column - np.floor(column))[:, None], (row - np.floor(row))[:, None]
        # of a neighbour without weight nothing need be known
        upper = _between(known[above, left], known[above, right], across)
        mixed = _between(upper, _between(known[below, left], known[below, right], across), down)
        height = mixed[:, 2] if mixed.shape[1] > 2 else np.full(len(mixed), np.nan)
        return mixed[:, 0], mixed[:, 1], height

    def profile(self) -> dict[str, Any]:
        """See `Georeference`: ground control points, from which a GIS lays the raster down."""
        from rasterio.control import GroundControlPoint

        column, row = _net(self.table.header.columns, self.table.header.lines, _GCPS)
        lon, lat, height = self.places(column, row)
        known = np.isfinite(lon)
        points = [
            GroundControlPoint(row=r + 0.5, col=c + 0.5, x=x, y=y, z=z if np.isfinite(z) else 0.0)
            for r, c, x, y, z in zip(*(part[known] for part in (row, column, lon, lat, height)), strict=True)
        ]
        return {"crs": "EPSG:4326", "gcps": points} if len(points) >= 4 else {}


def _between(one: Floats, other: Floats, share: Floats) -> Floats:
    return np.where(share == 0.0, one, one * (1.0 - share) + other * share)


def _sound(values: Floats, valid: NDArray[np.bool_]) -> Floats:
    """Places that are places; NaN for others."""
    lon, lat = values[..., 0], values[..., 1]
    with np.errstate(invalid="ignore"):
        good = valid & (np.abs(lon) <= 180.0) & (np.abs(lat) < 90.0)
    return np.where(good[..., None], values, np.nan)


def _net(columns: int, lines: int, across: int) -> tuple[Floats, Floats]:
    column = np.unique(np.linspace(0, columns - 1, min(across, columns)).round())
    row = np.unique(np.linspace(0, lines - 1, min(across, lines)).round())
    grid = np.meshgrid(column, row)
    return grid[0].ravel(), grid[1].ravel()


def georeference(cube: EnviCube) -> tuple[Georeference | None, list[Finding]]:
    """How the pixels of a cube are laid down, None where nothing says; a table of places goes first."""
    try:
        found = _table_beside(cube) or _map_of(cube)
    except AtalayaError as error:
        return None, [_unusable(f"{error.code} {error.text.what}")]
    except Exception as error:  # noqa: BLE001  a projection nobody can read costs places, not claims
        return None, [_unusable(f"{type(error).__name__}: {error}"[:200])]
    if found is None:
        return None, [Finding("DET-028", Severity.WARNING)]
    if not np.isfinite(spacing_m(found, cube)):
        return None, [_unusable(found.source)]
    return found, []


def spacing_m(where: Georeference, cube: EnviCube) -> float:
    """Ground sample distance: middling root of the area between neighbours; NaN where nothing is known."""
    head = cube.header
    if head.lines < 2 or head.columns < 2:
        return float("nan")
    column, row = _net(head.columns - 1, head.lines - 1, _PROBES)
    corner = _ground(where, column, row)
    right, below = _ground(where, column + 1, row) - corner, _ground(where, column, row + 1) - corner
    area = np.linalg.norm(np.cross(right, below), axis=1)
    area = area[np.isfinite(area) & (area > 0.0)]
    return float(np.sqrt(np.median(area))) if len(area) else float("nan")


def _ground(where: Georeference, column: Floats, row: Floats) -> Floats:
    lon, lat, _ = where.places(column, row)
    return np.asarray(geodetic_to_ecef(lon, lat, np.zeros(len(lon))))


def _table_beside(cube: EnviCube) -> ByTable | None:
    stem = cube.header_path.with_suffix("")
    for header in (stem.with_name(f"{stem.name}_igm.hdr"), stem.with_name(f"{stem.stem}_igm.hdr")):
        pair = cube_files(header) if header.is_file() else None
        if pair is None:
            continue
        table = open_cube(*pair)
        same = (table.header.lines, table.header.columns) == (cube.header.lines, cube.header.columns)
        if same:
            return ByTable(table)
        raise AtalayaError("DET-033", where=str(header))
    return None


def _map_of(cube: EnviCube) -> ByMap | None:
    if not cube.header.georeferenced:
        return None
    import rasterio
    from pyproj import Transformer
    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(Path(cube.data), driver="ENVI") as file:
            crs, transform = file.crs, file.transform
    if crs is None or transform.is_identity:
        raise AtalayaError("DET-033", where=str(cube.header_path))
    return ByMap(crs, transform, Transformer.from_crs(crs.to_wkt(), "EPSG:4979", always_xy=True))


def _unusable(reason: str) -> Finding:
    return Finding("DET-034", Severity.WARNING, details={"reason": reason})
