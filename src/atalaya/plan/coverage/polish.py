"""A last search over the path itself: vertices dropped or moved where it gets cheaper and sees no less.

What the path sees is measured on rows across the area, exact along each row, so that a move is judged in
microseconds; the result is checked exactly afterwards and only kept if it holds.
"""

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.plan.coverage import kernels
from atalaya.plan.coverage.lines.closing import uncovered
from atalaya.plan.coverage.lines.strips import turned
from atalaya.plan.coverage.region import edges_of, rings_of
from atalaya.plan.coverage.task import Task

Floats = NDArray[np.float64]
Rows = tuple[NDArray[np.int64], Floats, float, bool, float, float, float, float]
ROWS_PER_SWATH, LEAST_ROWS, MOST_ROWS = 12.0, 250, 400
TARGET, ATTEMPTS = 0.8, 4
TRIES_PER_POINT, MOST_TRIES = 60, 12_000
CLEAN = 0.05
PRICE, HEAT = 5.0, 0.03


def polished(
    task: Task, legs: Floats, which: NDArray[np.int64], left_m2: float
) -> tuple[Floats, NDArray[np.int64]]:
    """Legs (k, 4) with kinds (-1 for transits) made cheaper; those given where nothing was gained.

    A path that leaves next to nothing open is left as it is: its lines end at borders square to them.

    Args:
        task: what is asked.
        legs, which: the path and for each leg its line, -1 for a transit.
        left_m2: what it leaves uncovered.
    """
    area = task.region.area
    allowed = (1 - task.share) * area.area
    if len(legs) < 3 or left_m2 <= CLEAN * allowed:
        return legs, which
    hop = kernels.leg_costs(np.zeros((1, 2)), np.array([[task.spacing_m, 0.0]]), task.transits.rule)[0]
    rows = _rows(task, legs, which)
    points = np.vstack([legs[:1, :2], legs[:, 2:]])
    kinds = np.append(which >= 0, False).astype(np.int64)
    fixed = np.array([task.start is not None, task.end is not None])
    t = task.transits
    grid = (t.walls, t.first, t.items, t.box, t.side)
    draws = np.random.default_rng(task.seed).random((min(TRIES_PER_POINT * len(points), MOST_TRIES), 6))
    target, price = TARGET * allowed, PRICE * hop / task.swath_m**2
    for _ in range(ATTEMPTS):
        found, found_kinds = kernels.polished(
            points, kinds, fixed, t.rule, grid, rows, target / rows[7], price * rows[7], HEAT * hop, draws
        )
        new = np.hstack([found[:-1], found[1:]])
        left = float(shapely.area(uncovered(area, new, task.swath_m, task.footprint)).sum())
        if left <= allowed:
            return new, np.where(found_kinds[:-1] > 0, 0, -1)
        target, price = target - 1.3 * (left - allowed), price * 1.5
    return legs, which


def _rows(task: Task, legs: Floats, which: NDArray[np.int64]) -> Rows:
    """Rows at half a right angle to the longest line: neither sides of bands nor their ends hide between."""
    length = np.where(which >= 0, np.hypot(*(legs[:, 2:] - legs[:, :2]).T), 0.0)
    longest = legs[int(length.argmax())]
    angle = math.atan2(longest[3] - longest[1], longest[2] - longest[0]) + math.pi / 4
    edges = edges_of(rings_of(turned(task.region.area, angle)))
    low, high = edges[:, 1].min(), edges[:, 1].max()
    rows = np.clip(ROWS_PER_SWATH * (high - low) / task.swath_m, LEAST_ROWS, MOST_ROWS)
    pitch = (high - low) / float(rows)
    base = float(low + 0.5 * pitch)
    first, inside = kernels.rows_of(edges, base, pitch, int(rows))
    disc = task.footprint == "disc"
    return first, inside, task.swath_m / 2, disc, math.cos(angle), math.sin(angle), base, float(pitch)
