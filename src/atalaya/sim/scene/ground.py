"""What a site asks of a country: how steep, how far from water, roads and houses, what grows there."""

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from atalaya.sim.country.country import Country, GroundLine
from atalaya.sim.material import materials
from atalaya.sim.scene.shapes import footprint, line_polygon

Floats = NDArray[np.float64]

WATERS = ("stream", "river")
ROADS = ("road", "track")
WATER_MATERIALS = ("water", "muddy_water")
EDGE_M = 15.0
"""Things keep this far from the border of the country."""

_STEP_M = 12.0
_FAR_M = 1e9


class Ground:
    """A country with its indexes; answers do not depend on the order of its lines, patches or solids."""

    def __init__(self, country: Country) -> None:
        self.country = country
        lines = sorted(country.lines, key=_line_key)
        self.waters = _Lines([one for one in lines if one.kind in WATERS])
        self.roads = _Lines([one for one in lines if one.kind in ROADS])
        self.houses = [footprint(one) for one in country.solids]
        self._house_tree = shapely.STRtree(self.houses)
        ponds = [footprint(one) for one in country.patches if one.material in WATER_MATERIALS]
        beds = [line_polygon(one.points_m, one.width_m + 2.0) for one in lines if len(one.points_m) > 1]
        self._blocked = shapely.STRtree([*self.houses, *ponds, *beds])
        west, south, east, north = country.bounds_m
        self.bounds = shapely.box(west + EDGE_M, south + EDGE_M, east - EDGE_M, north - EDGE_M)
        self._towns = [one for one in country.settlements if one.kind != "farm"]

    def gradient(self, east_m: ArrayLike, north_m: ArrayLike) -> tuple[Floats, Floats]:
        """Rise per metre to the east and to the north, over 24 m."""
        east, north = np.asarray(east_m, np.float64), np.asarray(north_m, np.float64)
        height = self.country.height_msl_m
        to_east = height(east + _STEP_M, north) - height(east - _STEP_M, north)
        to_north = height(east, north + _STEP_M) - height(east, north - _STEP_M)
        return to_east / (2.0 * _STEP_M), to_north / (2.0 * _STEP_M)

    def slope_deg(self, east_m: ArrayLike, north_m: ArrayLike) -> Floats:
        """Steepness; NaN at the border of the country and beyond."""
        return np.asarray(np.degrees(np.arctan(np.hypot(*self.gradient(east_m, north_m)))))

    def downhill_deg(self, east_m: float, north_m: float) -> float:
        """Bearing of the steepest way down, from grid north; 0 beyond the border, where nothing is placed."""
        to_east, to_north = np.nan_to_num(self.gradient(east_m, north_m))
        return float(np.degrees(np.arctan2(-to_east, -to_north)) % 360.0)

    def cover(self, east_m: ArrayLike, north_m: ArrayLike) -> NDArray[np.uint8]:
        """Code of the material of the ground; 0 outside."""
        country = self.country
        column = np.floor((np.asarray(east_m) - country.west_m) / country.cover_m).astype(np.intp)
        row = np.floor((country.north_m - np.asarray(north_m)) / country.cover_m).astype(np.intp)
        rows, columns = country.cover.shape
        inside = (row >= 0) & (column >= 0) & (row < rows) & (column < columns)
        codes = country.cover[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
        return np.where(inside, codes, 0).astype(np.uint8)

    def canopy_m(self, east_m: float, north_m: float) -> float:
        """How high the crowns are that may hide things there: of woods or of scrub."""
        return 9.0 if int(self.cover(east_m, north_m)) == materials()["woodland"].code else 4.0

    def settlement_m(self, east_m: ArrayLike, north_m: ArrayLike) -> Floats:
        """Metres to the edge of the nearest town or village; 0 inside it."""
        east, north = np.asarray(east_m, np.float64), np.asarray(north_m, np.float64)
        away = np.full(np.broadcast(east, north).shape, _FAR_M)
        for town in self._towns:
            away = np.minimum(away, np.hypot(east - town.east_m, north - town.north_m) - town.radius_m)
        return np.asarray(np.maximum(away, 0.0))

    def houses_m(self, east_m: ArrayLike, north_m: ArrayLike) -> Floats:
        """Metres to the nearest solid of the country."""
        return _nearest(self._house_tree, len(self.houses), east_m, north_m)

    def houses_near(self, east_m: float, north_m: float, within_m: float = 3000.0) -> list[shapely.Geometry]:
        """Outlines of the country's solids about a place."""
        disc = shapely.Point(east_m, north_m).buffer(within_m, quad_segs=4)
        return [self.houses[i] for i in sorted(self._house_tree.query(disc).tolist())]

    def free(self, shape: shapely.Geometry) -> bool:
        """Whether a shape lies in the country and on none of its houses, roads, streams or ponds."""
        return bool(self.bounds.contains(shape)) and not len(
            self._blocked.query(shape, predicate="intersects")
        )


class _Lines:
    """Lines of one sort, cut into straight pieces so that boxes say where they are."""

    def __init__(self, lines: list[GroundLine]) -> None:
        self.lines = [one for one in lines if len(one.points_m) > 1]
        pieces = [np.stack((one.points_m[:-1], one.points_m[1:]), axis=1) for one in self.lines]
        self._width_m = np.concatenate(
            [[0.0], *(np.full(len(p), one.width_m) for one, p in zip(self.lines, pieces, strict=True))]
        )[1:]
        self._pieces = shapely.linestrings(np.concatenate(pieces)) if pieces else np.empty(0, object)
        self._tree = shapely.STRtree(self._pieces)

    def __len__(self) -> int:
        return len(self.lines)

    def away_m(self, east_m: ArrayLike, north_m: ArrayLike, within_m: float | None = None) -> Floats:
        """Metres to the middle of the nearest; 1e9 where there is none, or none within a limit."""
        return _nearest(self._tree, len(self._pieces), east_m, north_m, within_m)

    def nearest(self, east_m: float, north_m: float) -> tuple[float, float, float]:
        """The nearest point of them, and how wide that line is."""
        here = shapely.Point(east_m, north_m)
        piece = int(self._tree.nearest(here))
        line = self._pieces[piece]
        point = shapely.line_interpolate_point(line, shapely.line_locate_point(line, here))
        return point.x, point.y, float(self._width_m[piece])

    def bearing_deg(self, east_m: float, north_m: float) -> float:
        """Which way the nearest of them runs, from grid north."""
        ends = shapely.get_coordinates(self._pieces[int(self._tree.nearest(shapely.Point(east_m, north_m)))])
        run = ends[-1] - ends[0]
        return float(np.degrees(np.arctan2(run[0], run[1])) % 180.0)

    def bed(self, shape: shapely.Geometry) -> shapely.Geometry:
        """What the lines near a shape cover."""
        found = sorted(set(self._tree.query(shape, predicate="intersects").tolist()))
        strips = [shapely.buffer(self._pieces[i], self._width_m[i] / 2.0, quad_segs=4) for i in found]
        return shapely.union_all(strips) if strips else shapely.Polygon()


def _nearest(
    tree: shapely.STRtree, size: int, east_m: ArrayLike, north_m: ArrayLike, within_m: float | None = None
) -> Floats:
    east, north = np.broadcast_arrays(np.asarray(east_m, np.float64), np.asarray(north_m, np.float64))
    away = np.full(east.shape, _FAR_M)
    if size:
        index, found = tree.query_nearest(
            shapely.points(east.ravel(), north.ravel()),
            max_distance=within_m,
            return_distance=True,
            all_matches=False,
        )
        flat = away.ravel()
        flat[index[0]] = found
        away = flat.reshape(east.shape)
    return away


def _line_key(line: GroundLine) -> tuple[str, int, tuple[float, ...]]:
    points = np.asarray(line.points_m, np.float64)
    return line.kind, len(points), tuple(points[[0, -1]].ravel().tolist() if len(points) else ())


def canonical_lines(country: Country, kinds: Iterable[str]) -> list[GroundLine]:
    """Lines of some kinds in an order of their own, whatever the order in the country."""
    wanted = set(kinds)
    return sorted((one for one in country.lines if one.kind in wanted), key=_line_key)
