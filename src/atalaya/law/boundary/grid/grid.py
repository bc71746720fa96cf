"""The grid of a layer: made once, asked millions of times a second."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.law.boundary.edges import Edges
from atalaya.law.boundary.grid import kernels
from atalaya.law.boundary.grid.tables import GridTables
from atalaya.law.boundary.gridding.build import tables_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of a layer.

    Args:
        polygons: one geometry per area, for the rare point that rounding could decide either way.
        tables: the cells as kernels read them.
    """

    polygons: NDArray[np.object_]
    tables: GridTables

    def area_at(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        """(n,) area numbers, the lowest where areas overlap, -1 for none."""
        found = np.empty(len(lon), np.int32)
        unsure = np.empty(len(lon), np.int64)
        doubtful = unsure[: kernels.areas_of_points(lon, lat, self.tables, found, unsure)]
        for point in doubtful:
            place = shapely.Point(lon[point], lat[point])
            inside = np.flatnonzero(shapely.contains(self.polygons, place))
            found[point] = inside[0] if len(inside) else -1
        return found

    def contains(self, area: int, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """(n,) whether each point lies in one area."""
        inside = np.empty(len(lon), np.bool_)
        unsure = np.empty(len(lon), np.int64)
        doubtful = unsure[: kernels.points_in_area(area, lon, lat, self.tables, inside, unsure)]
        if len(doubtful):
            inside[doubtful] = shapely.contains_xy(self.polygons[area], lon[doubtful], lat[doubtful])
        return inside

    def memberships(self, lon: Floats, lat: Floats) -> tuple[Ints, NDArray[np.int32]]:
        """(m,) point numbers and area numbers, ordered by both: every area of every point."""
        many = kernels.memberships_of_points(lon, lat, self.tables, np.empty((0, 3), np.int64))
        rows = np.empty((many, 3), np.int64)
        kernels.memberships_of_points(lon, lat, self.tables, rows)
        point, area, state = rows.T
        kept = state == 1
        for row in np.flatnonzero(state == 2):
            place = lon[point[row]], lat[point[row]]
            kept[row] = shapely.contains_xy(self.polygons[area[row]], *place)
        return point[kept], area[kept].astype(np.int32)

    def touched(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """(n-1,) whether the geodesic from each point to the next may meet an edge."""
        out = np.zeros(max(len(lon) - 1, 0), np.bool_)
        kernels.segments_touched(lon, lat, self.tables, self.blocks_below, out)
        return out

    @cached_property
    def blocks_below(self) -> NDArray[np.int32]:
        """(rows + 1, columns + 1) how many border cells lie south-west of each corner."""
        columns, rows, cells = self.tables.columns, self.tables.rows, self.tables.cells
        border = (cells < -1) & (-2 - cells < self.tables.blocks)
        total = np.zeros((rows + 1, columns + 1), np.int32)
        np.cumsum(np.cumsum(border.reshape(rows, columns), 0, np.int32), 1, np.int32, out=total[1:, 1:])
        return total


def grid_of(polygons: NDArray[np.object_], edges: Edges) -> Grid:
    """The grid of a layer.

    Args:
        polygons: (areas,) valid geometries within ±180 degrees; edges: of the same.
    """
    return Grid(polygons, tables_of(edges))
