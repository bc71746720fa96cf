"""A frame laid on a reference picture of the ground: its pose corrected, or kept, with the reason.

Tiles of the frame's orthophoto are correlated with the reference by their doubled-angle gradients, only where
the metadata's covariance allows; the shifts are ties of a pose adjustment with the metadata as prior. A shift
alone cannot mend attitude, rotation and parallax; six values of the pose can.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.earth.camera import Lens, Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid, frame_places, grid_of_frame
from atalaya.earth.ortho.orthophoto import orthophoto
from atalaya.earth.ortho.reduced import reduced, reduction
from atalaya.earth.registration.adjustment import Adjusted, adjust
from atalaya.earth.registration.gradient import doubled_angle
from atalaya.earth.registration.pose_change import changed, checked_covariance
from atalaya.earth.registration.reference import Reference
from atalaya.earth.registration.sights import Sights, sights_of
from atalaya.earth.registration.ties import TILE_CELLS, Ties, find_ties, tile_places
from atalaya.earth.surface import Surface

Floats = NDArray[np.float64]

LEAST_TILES = 4
LEAST_WEIGHT = 0.3
LEAST_AGREEING = 0.5
LARGEST_FORM = 22.5
"""chi-squared of 6 degrees of freedom, probability 0.999."""

_TIE_SD_CELLS = 0.5
_FLOOR_CELLS = 0.5
_OVERLAP = 4.0
_MOST_CELLS = 64e6
_FAR = 2.5
_SMALLER_TILE = 128


@dataclass(frozen=True)
class Statistics:
    """How a registration went.

    tiles: asked      kept: with a clear peak      used: near the seed      agreeing: with weight > 0.3
    cell_m: of the grid both were compared on      margin: median of the kept (a wrong place has about 0.3)
    residual_m: median of the agreeing ties after the adjustment      tie_sd_m: their scatter, each axis
    prior_form: change^T S^-1 change, six degrees of freedom
    """

    tiles: int = 0
    kept: int = 0
    used: int = 0
    agreeing: int = 0
    cell_m: float = float("nan")
    margin: float = float("nan")
    residual_m: float = float("nan")
    tie_sd_m: float = float("nan")
    prior_form: float = float("nan")


@dataclass(frozen=True)
class GroundTies:
    """n tiles found in the reference, for other adjustments too.

    column, row: (n,) pixel of the frame      lon_deg, lat_deg, height_hae_m: (n,) where it truly is
    weight: (n,) 0..1 how well it fits the adjusted pose
    """

    column: Floats
    row: Floats
    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.column)


_NO_TIES = GroundTies(*(np.empty(0) for _ in range(6)))


@dataclass(frozen=True)
class Registration:
    """What became of it.

    pose: corrected when accepted, else the metadata's      covariance: (6, 6) of `pose_change.VALUES`
    reason: why the metadata's pose was kept; None when accepted
    change: (6,) values applied; zeros when kept
    """

    pose: Pose
    covariance: Floats
    accepted: bool
    reason: Finding | None
    ties: GroundTies
    statistics: Statistics
    change: Floats


def register(
    frame_image: NDArray[np.uint8],
    lens: Lens,
    pose: Pose,
    pose_covariance: ArrayLike,
    reference: Reference,
    surface: Surface,
    *,
    cell_m: float | None = None,
    crs: str | None = None,
    tile_cells: int = TILE_CELLS,
) -> Registration:
    """Correct a pose by a picture of the ground whose place is known.

    Args:
        frame_image: (h, w) or (h, w, bands) uint8.
        lens, pose: as the metadata has them.
        pose_covariance: (6, 6) of the metadata's pose, see `pose_change.VALUES` and `pose_covariance`.
        reference: raster or orthophoto, with its own error.
        surface: the ground.
        cell_m: of the grid for the comparison; the coarser of both pictures when None.
        crs: of that grid; the UTM zone of the place when None.
        tile_cells: side of the tiles; half of it when fewer than four fit.

    Returns:
        The corrected pose with its covariance, or the metadata's with the reason.

    Raises:
        BadInput: EAR-080 to EAR-084 (frame and grid), EAR-086 (reference), EAR-088 (covariance).
    """
    prior = checked_covariance(pose_covariance)
    frame, grid = _prepared(Frame(frame_image, lens, pose), reference, surface, cell_m, crs)
    keep = _Keeper(pose, prior, grid.cell_m)
    laid = orthophoto(frame, surface, grid)
    values, known = reference.on(grid)
    common = laid.seen & known
    size, places = _tiles(common, tile_cells)
    if len(places) < LEAST_TILES:
        return keep("EAR-090", {"tiles": len(places), "least": LEAST_TILES}, tiles=len(places))
    fields = doubled_angle(laid.image.mean(axis=0, dtype=np.float32), laid.seen), doubled_angle(values, known)
    middles = np.array(places, np.float64) + 0.5 * (size - 1)
    sights = sights_of(pose, surface, grid, middles[:, 1], middles[:, 0], size)
    covariance = _shift_covariance(sights, prior, reference.error_m, grid.cell_m)
    ties = find_ties(*fields, common, covariance, places, size)
    counts = {"tiles": ties.tiles, "kept": len(ties), "used": int(ties.used.sum())}
    if counts["used"] < LEAST_TILES:
        return keep("EAR-091", {**counts, "least": LEAST_TILES}, **counts)
    return _judged(keep, frame, grid, ties, size, prior, reference, surface, counts)


def _prepared(
    frame: Frame, reference: Reference, surface: Surface, cell_m: float | None, crs: str | None
) -> tuple[Frame, Grid]:
    """Frame reduced to the grid's cells, and the grid."""
    places = frame_places(frame.lens, frame.pose, surface)
    footprint = float(np.median(places[3])) if places[3].size else 1.0
    cell = cell_m or max(footprint, reference.cell_m)
    chosen = reference.crs if crs is None else crs
    limit = None
    if places[3].size:
        away = np.linalg.norm(geodetic_to_ecef(*places[:3]) - frame.pose.origin_m, axis=1)
        limit = _FAR * float(np.median(away))
    grid = grid_of_frame(frame.lens, frame.pose, surface, crs=chosen, cell_m=cell, range_limit_m=limit)
    if grid.width * grid.height > _MOST_CELLS:
        cell *= float(np.sqrt(grid.width * grid.height / _MOST_CELLS))
        grid = grid_of_frame(frame.lens, frame.pose, surface, crs=chosen, cell_m=cell, range_limit_m=limit)
    return reduced(frame, reduction(frame, surface, grid.cell_m)), grid


def _tiles(common: NDArray[np.bool_], size: int) -> tuple[int, list[tuple[int, int]]]:
    places = tile_places(common, size)
    if len(places) < LEAST_TILES and size > _SMALLER_TILE:
        return _SMALLER_TILE, tile_places(common, _SMALLER_TILE)
    return size, places


def _shift_covariance(sights: Sights, prior: Floats, error_m: float, cell_m: float) -> Floats:
    """(n, 2, 2) of each tile's shift (right, down), cells^2, by metadata and reference."""
    jacobian = sights.jacobian()
    ground = jacobian @ prior @ jacobian.transpose(0, 2, 1) + np.eye(2) * (error_m**2 + cell_m**2)
    flip = np.array([1.0, -1.0])
    return np.asarray(ground * flip[:, None] * flip[None, :] / cell_m**2)


def _judged(
    keep: "_Keeper",
    frame: Frame,
    grid: Grid,
    ties: Ties,
    size: int,
    prior: Floats,
    reference: Reference,
    surface: Surface,
    counts: dict[str, int],
) -> Registration:
    """Adjust the pose to ties and decide whether to believe it."""
    sights = sights_of(frame.pose, surface, grid, ties.column, ties.row, size)
    target = np.column_stack((ties.right, -ties.down)) * grid.cell_m
    used = ties.used

    def residuals(change: Floats) -> tuple[Floats, Floats]:
        moved, slope = sights.predicted(change)
        return (target - moved)[used], slope[used]

    overlap = _OVERLAP if len(ties) > 1 else 1.0
    found = adjust(residuals, prior, _TIE_SD_CELLS * grid.cell_m, overlap)
    agreeing = found.weights > LEAST_WEIGHT
    numbers: dict[str, Any] = {
        **counts,
        "agreeing": int(agreeing.sum()),
        "margin": float(np.median(ties.margin)),
        "residual_m": float(np.median(found.residual_m[agreeing])) if agreeing.any() else float("nan"),
        "tie_sd_m": found.tie_sd_m,
        "prior_form": found.prior_form,
    }
    if agreeing.sum() < max(LEAST_TILES, LEAST_AGREEING * len(ties)):
        return keep("EAR-092", {"agreeing": numbers["agreeing"], "kept": len(ties)}, **numbers)
    if not found.prior_form < LARGEST_FORM:
        return keep("EAR-093", {"form": f"{found.prior_form:.1f}", "limit": LARGEST_FORM}, **numbers)
    covariance = found.covariance + _shared_part(found, residuals, reference.error_m, grid.cell_m)
    return Registration(
        changed(frame.pose, found.change),
        covariance,
        True,
        None,
        _ground_ties(frame, grid, surface, ties, used, found),
        Statistics(cell_m=grid.cell_m, **numbers),
        found.change,
    )


def _shared_part(found: Adjusted, residuals: Any, error_m: float, cell_m: float) -> Floats:
    """(6, 6) of what all ties have in common: the reference's own error and the floor of the method."""
    _, slope = residuals(found.change)
    weight = found.weights / (found.tie_sd_m**2 * _OVERLAP)
    gain = found.covariance @ np.einsum("nki,n->ik", slope, weight)
    return np.asarray(gain @ gain.T * (error_m**2 + (_FLOOR_CELLS * cell_m) ** 2))


def _ground_ties(
    frame: Frame, grid: Grid, surface: Surface, ties: Ties, used: NDArray[np.bool_], found: Adjusted
) -> GroundTies:
    column, row = ties.column[used], ties.row[used]
    lon, lat = grid.lon_lat(column, row)
    here = geodetic_to_ecef(lon, lat, surface.height_hae_m(lon, lat))
    pixel = frame.lens.pixels((here - frame.pose.origin_m) @ frame.pose.camera_to_ecef)
    true_lon, true_lat = grid.lon_lat(column + ties.right[used], row + ties.down[used])
    height = surface.height_hae_m(true_lon, true_lat)
    return GroundTies(*pixel, true_lon, true_lat, height, found.weights)


@dataclass(frozen=True)
class _Keeper:
    """Makes the answer that keeps the metadata."""

    pose: Pose
    prior: Floats
    cell_m: float

    def __call__(self, code: str, details: dict[str, Any], **numbers: Any) -> Registration:
        finding = Finding(code, Severity.INFO, details=details)
        statistics = Statistics(cell_m=self.cell_m, **numbers)
        return Registration(self.pose, self.prior, False, finding, _NO_TIES, statistics, np.zeros(6))
