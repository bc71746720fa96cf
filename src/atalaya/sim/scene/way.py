"""The way of a track from a site to the nearest road, over the ground where it is cut most easily.

Least cost over a grid of sixteen neighbours (Dijkstra): length times 1 + (grade / 12 %)^2 times how rough the
cell is, water dear, things of other sites and houses barred.
"""

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from atalaya.sim.scene.ground import Ground
from atalaya.sim.scene.shapes import smoothed

Floats = NDArray[np.float64]

LONGEST_M = 2500.0
"""Farther from a road than this no track is led."""

_EASY_GRADE = 0.12
_WATER_COST = 6.0
_MARGIN_M = 160.0
_CELLS = 110.0
_FINEST_M = 6.0
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))
_ROUGHNESS, _ROUGH_CELLS = 0.9, 1.6


def way_to_road(
    ground: Ground,
    east_m: float,
    north_m: float,
    barred: list[shapely.Geometry],
    generator: np.random.Generator,
) -> Floats | None:
    """(n, 2) metres, from the site to the middle of a road; None where there is no way.

    Args:
        barred: what it must not cross. generator: of what the grid does not show, trees and boulders.
    """
    road_east, road_north, _ = ground.roads.nearest(east_m, north_m)
    away_m = math.hypot(road_east - east_m, road_north - north_m)
    if away_m > LONGEST_M:
        return None
    cell_m = max(_FINEST_M, (away_m + 2.0 * _MARGIN_M) / _CELLS)
    west, east = min(east_m, road_east) - _MARGIN_M, max(east_m, road_east) + _MARGIN_M
    south, north = min(north_m, road_north) - _MARGIN_M, max(north_m, road_north) + _MARGIN_M
    columns, rows = int((east - west) / cell_m) + 1, int((north - south) / cell_m) + 1
    grid_east, grid_north = np.meshgrid(west + cell_m * np.arange(columns), south + cell_m * np.arange(rows))
    rough = gaussian_filter(generator.standard_normal(grid_east.shape), _ROUGH_CELLS)
    rough = np.exp(_ROUGHNESS * rough / rough.std())
    graph = _graph(ground, grid_east, grid_north, cell_m, barred, rough)
    start = int(np.argmin(np.hypot(grid_east - east_m, grid_north - north_m)))
    cost, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    reached = ground.roads.away_m(grid_east, grid_north, cell_m).ravel() <= 0.75 * cell_m
    cost = np.where(reached, cost, np.inf)
    end = int(np.argmin(cost))
    if not np.isfinite(cost[end]):
        return None
    nodes = [end]
    while nodes[-1] != start:
        nodes.append(int(before[nodes[-1]]))
    path = np.stack((grid_east.ravel()[nodes], grid_north.ravel()[nodes]), axis=1)[::-1]
    road_east, road_north, _ = ground.roads.nearest(*path[-1])
    middle = path[1:-1]
    return smoothed(np.concatenate(([[east_m, north_m]], middle, [[road_east, road_north]])), rounds=3)


def _graph(
    ground: Ground,
    east_m: Floats,
    north_m: Floats,
    cell_m: float,
    barred: list[shapely.Geometry],
    rough: Floats,
) -> coo_array:
    height = ground.country.height_msl_m(east_m, north_m)
    open_ = np.isfinite(height)
    if barred:
        closed = shapely.union_all(shapely.buffer(np.array(barred, object), 3.0))
        open_ &= ~shapely.contains_xy(closed, east_m, north_m)
    dear = rough * np.where(ground.waters.away_m(east_m, north_m, cell_m) < cell_m, _WATER_COST, 1.0)
    numbers = np.arange(height.size).reshape(height.shape)
    starts, ends, costs = [], [], []
    for down, right in _STEPS:
        here, there = _pair(down, right)
        ok = open_[here] & open_[there]
        run_m = cell_m * math.hypot(down, right)
        grade = (height[there] - height[here])[ok] / run_m
        starts.append(numbers[here][ok])
        ends.append(numbers[there][ok])
        costs.append(run_m * (1.0 + (grade / _EASY_GRADE) ** 2) * np.maximum(dear[here], dear[there])[ok])
    return coo_array(
        (np.concatenate(costs), (np.concatenate(starts), np.concatenate(ends))),
        shape=(height.size, height.size),
    ).tocsr()


def _pair(down: int, right: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices of a grid and of the neighbours of its cells that way."""
    rows = (slice(None, -down or None), slice(down, None))
    if right >= 0:
        return (rows[0], slice(None, -right or None)), (rows[1], slice(right, None))
    return (rows[0], slice(-right, None)), (rows[1], slice(None, right))
