"""What ground a picture shows: its border on the ground, and the cells seen in it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Lens, Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.surface import Hits, HitStatus, Surface

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry

    from atalaya.earth.terrain import Terrain

Floats = NDArray[np.float64]

PER_SIDE = 16
FARTHEST_M = 50_000.0
_RANGE_JUMP = 0.2
_ROUNDS = 6
_HALVINGS = 20
_INSIDE = 9
_NEAREST_POINTS_PX = 0.5


@dataclass(frozen=True)
class Footprint:
    """Border of a picture on the ground, in the order upper left, upper right, lower right, lower left.

    column, row: (n,) pixels the vertices were cast through
    lon_deg, lat_deg, height_hae_m, range_m: (n,) of the vertices; the first is not repeated
    status: (n,) uint8 `HitStatus` of the rays through the picture's own border: where it is not a hit, the
        vertex was moved into the picture to the last ground there
    clipped: (n,) whether it was: horizon, farthest range, edge of the model, void
    farthest_m: range at which it was clipped

    With n = 0 the picture shows no ground at all.
    """

    column: Floats
    row: Floats
    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats
    range_m: Floats
    status: NDArray[np.uint8]
    clipped: NDArray[np.bool_]
    farthest_m: float

    def polygon(self) -> "Polygon | MultiPolygon":
        """The border over longitude and latitude, made valid where ridges fold it; empty without ground.

        Longitudes run on past 180 degrees rather than jump.
        """
        from shapely import Polygon, make_valid

        if len(self.lon_deg) < 3:
            return Polygon()
        lon = self.lon_deg[0] + (self.lon_deg - self.lon_deg[0] + 180.0) % 360.0 - 180.0
        return _areas(make_valid(Polygon(np.stack((lon, self.lat_deg), axis=1))))


@dataclass(frozen=True)
class VisibleCells:
    """Cells of a grid over longitude and latitude that a picture shows: in the frame, and not behind a ridge.

    lon_deg: (c,), lat_deg: (r,) of their middles, from west and from north      seen: (r, c)
    """

    lon_deg: Floats
    lat_deg: Floats
    seen: NDArray[np.bool_]


def footprint_of(
    lens: Lens, pose: Pose, surface: Surface, *, per_side: int = PER_SIDE, farthest_m: float = FARTHEST_M
) -> Footprint:
    """Border of one picture on a surface.

    Rays are cast through `per_side` points of each side, more where neighbouring ranges differ by a fifth.
    Where one meets no ground, the outermost pixel that does is found by halving towards the picture's inside.

    Args:
        pose: one camera (origin (3,), rotation (3, 3)).
        farthest_m: ground farther away is left out.
    """
    cast = _Caster(lens, pose, surface, farthest_m)
    column, row = _border(lens, per_side)
    inside = _ground_inside(cast, lens)
    if inside is None:
        status = cast(column, row).status
        none = np.empty(0)
        return Footprint(none, none, none, none, none, none, status[:0], status[:0] > 0, farthest_m)
    found = _Border(column, row, *cast.clipped(column, row, inside))
    for _ in range(_ROUNDS):
        gap = found.gaps()
        if not gap.any():
            break
        middle_c, middle_r = found.between(gap)
        found = found.inserted(gap, _Border(middle_c, middle_r, *cast.clipped(middle_c, middle_r, inside)))
    hits = found.hits
    return Footprint(
        found.at_column,
        found.at_row,
        hits.lon_deg,
        hits.lat_deg,
        hits.height_hae_m,
        hits.range_m,
        found.status,
        found.status > HitStatus.GRAZING,
        farthest_m,
    )


def visible_cells(
    lens: Lens,
    pose: Pose,
    terrain: "Terrain",
    area: Footprint,
    *,
    cells_along: int = 256,
    above_m: float = 0.5,
) -> VisibleCells:
    """Cells within a footprint's bounds that the picture shows.

    Args:
        cells_along: cells along the longer side of the bounds.
        above_m: a cell is seen if a point so high over its middle is.
    """
    if not len(area.lon_deg):
        return VisibleCells(np.empty(0), np.empty(0), np.empty((0, 0), np.bool_))
    lon, lat = _cells(area, cells_along)
    all_lon, all_lat = (part.ravel() for part in np.meshgrid(lon, lat))
    height = terrain.height_hae_m(all_lon, all_lat)
    toward = geodetic_to_ecef(all_lon, all_lat, height) - pose.origin_m
    with np.errstate(invalid="ignore"):
        column, row = lens.pixels(toward @ pose.camera_to_ecef)
        framed = (np.abs(column - (lens.width - 1) / 2.0) <= lens.width / 2.0) & (
            np.abs(row - (lens.height - 1) / 2.0) <= lens.height / 2.0
        )
    seen = framed & (np.linalg.norm(toward, axis=1) <= area.farthest_m)
    here = np.flatnonzero(seen)
    seen[here] = terrain.sightlines(all_lon[here], all_lat[here], pose.origin_m, above_m=above_m) == 1
    return VisibleCells(lon, lat, seen.reshape(len(lat), len(lon)))


@dataclass(frozen=True)
class _Caster:
    """Rays through pixels of one picture."""

    lens: Lens
    pose: Pose
    surface: Surface
    farthest_m: float

    def __call__(self, column: Floats, row: Floats) -> Hits:
        """Hits through pixels; what lies beyond the farthest range is beyond the horizon."""
        ray = self.lens.directions(column, row) @ self.pose.camera_to_ecef.T
        hits = self.surface.hits(self.pose.origin_m, ray)
        far = hits.found & (hits.range_m > self.farthest_m)
        if not far.any():
            return hits
        parts = (hits.range_m, hits.lon_deg, hits.lat_deg, hits.height_hae_m)
        status = np.where(far, HitStatus.BEYOND_HORIZON, hits.status).astype(np.uint8)
        return Hits(status, *(np.where(far, np.nan, part) for part in parts))

    def clipped(
        self, column: Floats, row: Floats, inside: tuple[float, float]
    ) -> tuple[NDArray[np.uint8], Floats, Floats, Hits]:
        """Status at border pixels; these pixels, or the last with ground on the way inside; hits there."""
        hits = self(column, row)
        status = hits.status
        missing = ~hits.found
        if not missing.any():
            return status, column, row, hits
        # ground lies at 1, none at 0: the halving keeps one of each side
        none, some = np.zeros(missing.sum()), np.ones(missing.sum())
        start_c, start_r = column[missing], row[missing]
        for _ in range(_HALVINGS):
            part = (none + some) / 2.0
            ground = self(
                start_c + part * (inside[0] - start_c), start_r + part * (inside[1] - start_r)
            ).found
            none, some = np.where(ground, none, part), np.where(ground, part, some)
        at_column, at_row = column.copy(), row.copy()
        at_column[missing] += some * (inside[0] - start_c)
        at_row[missing] += some * (inside[1] - start_r)
        return status, at_column, at_row, self(at_column, at_row)


@dataclass(frozen=True)
class _Border:
    """Points of a picture's border, and where they were moved to."""

    column: Floats
    row: Floats
    status: NDArray[np.uint8]
    at_column: Floats
    at_row: Floats
    hits: Hits

    def gaps(self) -> NDArray[np.bool_]:
        """(n,) whether more is to be learnt between a point and the next."""
        ranges, after = self.hits.range_m, np.roll(self.hits.range_m, -1)
        apart = np.hypot(np.roll(self.column, -1) - self.column, np.roll(self.row, -1) - self.row)
        jump = np.abs(after - ranges) > _RANGE_JUMP * np.minimum(after, ranges)
        return np.asarray(jump & (apart > _NEAREST_POINTS_PX))

    def between(self, gap: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Points half way to the next, where there is a gap."""
        column = (self.column + np.roll(self.column, -1)) / 2.0
        row = (self.row + np.roll(self.row, -1)) / 2.0
        return column[gap], row[gap]

    def inserted(self, gap: NDArray[np.bool_], new: "_Border") -> "_Border":
        """With new points after those that have a gap."""
        at = np.flatnonzero(gap) + 1

        def merged(old: NDArray[np.float64], more: NDArray[np.float64]) -> Floats:
            return np.insert(old, at, more)

        mine, theirs = self.hits, new.hits
        hits = Hits(
            np.insert(mine.status, at, theirs.status),
            merged(mine.range_m, theirs.range_m),
            merged(mine.lon_deg, theirs.lon_deg),
            merged(mine.lat_deg, theirs.lat_deg),
            merged(mine.height_hae_m, theirs.height_hae_m),
        )
        return _Border(
            merged(self.column, new.column),
            merged(self.row, new.row),
            np.insert(self.status, at, new.status),
            merged(self.at_column, new.at_column),
            merged(self.at_row, new.at_row),
            hits,
        )


def _border(lens: Lens, per_side: int) -> tuple[Floats, Floats]:
    """Points on the outer edge of the outermost pixels, clockwise from the upper left."""
    part = np.arange(per_side) / per_side
    left, top, right, bottom = -0.5, -0.5, lens.width - 0.5, lens.height - 0.5
    column = [
        left + part * lens.width,
        np.full(per_side, right),
        right - part * lens.width,
        np.full(per_side, left),
    ]
    row = [
        np.full(per_side, top),
        top + part * lens.height,
        np.full(per_side, bottom),
        bottom - part * lens.height,
    ]
    return np.concatenate(column), np.concatenate(row)


def _ground_inside(cast: _Caster, lens: Lens) -> tuple[float, float] | None:
    """The pixel with ground nearest to the middle of all that have; None where the picture shows none."""
    part = (np.arange(_INSIDE) + 0.5) / _INSIDE
    column, row = (
        grid.ravel() for grid in np.meshgrid(part * lens.width - 0.5, part * lens.height - 0.5, indexing="ij")
    )
    edge_c, edge_r = _border(lens, PER_SIDE)
    column, row = np.concatenate((column, edge_c)), np.concatenate((row, edge_r))
    found = cast(column, row).found
    if not found.any():
        return None
    column, row = column[found], row[found]
    nearest = int(np.argmin(np.hypot(column - column.mean(), row - row.mean())))
    return float(column[nearest]), float(row[nearest])


def _cells(area: Footprint, cells_along: int) -> tuple[Floats, Floats]:
    """Middles of square cells over the bounds of a footprint, from west and from north."""
    west = area.lon_deg[0]
    run = west + (area.lon_deg - west + 180.0) % 360.0 - 180.0
    squeeze = np.cos(np.radians(np.mean(area.lat_deg)))
    wide, high = np.ptp(run) * squeeze, np.ptp(area.lat_deg)
    step = max(wide, high) / cells_along or 1.0
    columns, rows = max(1, int(np.ceil(wide / step))), max(1, int(np.ceil(high / step)))
    lon = run.min() + (np.arange(columns) + 0.5) * step / squeeze
    return (lon + 180.0) % 360.0 - 180.0, area.lat_deg.max() - (np.arange(rows) + 0.5) * step


def _areas(shape: "BaseGeometry") -> "Polygon | MultiPolygon":
    """The areas of what `make_valid` gives, which may hold stray lines."""
    from shapely import MultiPolygon, Polygon

    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts = [part for part in getattr(shape, "geoms", ()) if isinstance(part, Polygon | MultiPolygon)]
    polygons = [one for part in parts for one in (part.geoms if isinstance(part, MultiPolygon) else (part,))]
    return MultiPolygon(polygons)
