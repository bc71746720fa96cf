"""The area of work: one local frame in metres, its fine grid, and what is expected there before any look."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.ortho.grid import Grid
from atalaya.locate.model import CLASSES
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]

CONFUSERS_PER_FACILITY = 3.0
BACKGROUND_PER_FACILITY = 46.0
"""Starting values (prior .02, .06, .92): measure them for the country searched."""


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """Ground of one equal-area projection; cells are numbered row by row from the north-west.

    Args:
        grid: fine cells. density: (classes, cells) expected places per square metre that looks can show.
        hidden: (cells,) expected facilities per square metre that no look of these sensors can show.
        split: fine cells along the edge of one cell of the search map.
    """

    grid: Grid
    density: Floats
    hidden: Floats
    split: int = 1

    @property
    def cells(self) -> int:
        """How many."""
        return self.grid.width * self.grid.height

    @property
    def cell_m2(self) -> float:
        """Area of a fine cell."""
        return self.grid.cell_m**2

    def cell_of(self, z_m: Floats) -> NDArray[np.int64]:
        """(n,) cells of places (n, 2) metres; -1 outside."""
        grid = self.grid
        column = np.floor((z_m[:, 0] - grid.west_m) / grid.cell_m)
        row = np.floor((grid.north_m - z_m[:, 1]) / grid.cell_m)
        inside = (column >= 0) & (column < grid.width) & (row >= 0) & (row < grid.height)
        return np.where(inside, np.where(inside, row * grid.width + column, 0.0), -1).astype(np.int64)

    def to_lon_lat(self, z_m: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude, degrees, of places (n, 2) metres."""
        grid = self.grid
        column = (z_m[:, 0] - grid.west_m) / grid.cell_m - 0.5
        row = (grid.north_m - z_m[:, 1]) / grid.cell_m - 0.5
        return grid.lon_lat(column, row)

    def from_lon_lat(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """(n, 2) metres east, north in the frame of the area."""
        from atalaya.earth.ortho.grid import east_north

        return np.stack(east_north(self.grid.crs, np.asarray(lon_deg), np.asarray(lat_deg)), axis=1)


def area_of(
    prior: SearchMap,
    *,
    split: int = 4,
    confusers_per_km2: float | None = None,
    background_per_km2: float | None = None,
) -> Area:
    """The area a search map covers, in finer cells.

    Args:
        prior: facilities expected per cell before the first look.
        split: fine cells along the edge of one of its cells.
        confusers_per_km2, background_per_km2: places alike, and places that give a tracklet by chance;
            default: 3 and 46 per facility of the map's mean, spread evenly.

    Raises:
        BadInput: LOC-003, a map without expectation, or expectations that are no numbers.
    """
    rate = np.asarray(prior.rate, np.float64)
    if split < 1 or not np.isfinite(rate).all() or (rate < 0.0).any() or not rate.sum() > 0.0:
        raise BadInput("LOC-003", split=split)
    coarse = prior.grid
    grid = Grid(
        coarse.crs,
        coarse.west_m,
        coarse.north_m,
        coarse.cell_m / split,
        coarse.width * split,
        coarse.height * split,
    )
    per_m2 = fine(rate, split) / coarse.cell_m**2
    share = fine(np.asarray(prior.hidden, np.float64), split)
    covered = per_m2 > 0.0
    mean = float(per_m2[covered].mean())
    confusers = CONFUSERS_PER_FACILITY * mean if confusers_per_km2 is None else confusers_per_km2 * 1e-6
    background = BACKGROUND_PER_FACILITY * mean if background_per_km2 is None else background_per_km2 * 1e-6
    density = np.empty((len(CLASSES), per_m2.size))
    density[0], density[1], density[2] = per_m2 * (1.0 - share), confusers * covered, background * covered
    return Area(grid, density, per_m2 * share, split)


def fine(coarse: Floats, split: int) -> Floats:
    """(cells,) values of a coarse raster on the fine grid."""
    return np.repeat(np.repeat(coarse, split, axis=0), split, axis=1).ravel()


def summed(values: Floats, area: Area) -> Floats:
    """(rows, columns) of the search map: fine cells (cells,) added up."""
    grid, k = area.grid, area.split
    blocks = values.reshape(grid.height // k, k, grid.width // k, k)
    return np.asarray(blocks.sum(axis=(1, 3)))
