"""A set of lines made into a path: ordered, joined by shortest ways, its gaps closed by strokes."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.plan.coverage.closing import strokes, uncovered
from atalaya.plan.coverage.order import Ends, Problem, Tour, extended, nearest_first, ordered, problem_of
from atalaya.plan.coverage.region import Region
from atalaya.plan.coverage.transits import Transits

Floats = NDArray[np.float64]
ROUNDS = 4
CLOSER = 0.9


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked.

    Args:
        region: prepared area.
        transits: ways in it, under the cost.
        swath_m, spacing_m: width seen, distance of lines.
        footprint: "band" or "disc".
        share: of the area that must be covered.
        start, end: local metres, or None.
        seed: of the search.
    """

    region: Region
    transits: Transits
    swath_m: float
    spacing_m: float
    footprint: str
    share: float
    start: Floats | None
    end: Floats | None
    seed: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A path, in local coordinates.

    Args:
        tour: order of lines (strokes are lines too).
        left_m2: area not covered by any leg.
        main: how many of the tour's lines are no strokes.
    """

    tour: Tour
    left_m2: float
    main: int


def joined(task: Task, tour: Tour) -> tuple[Floats, NDArray[np.int64]]:
    """Legs (k, 4) of the whole path, and for each the line it is or -1 for a transit."""
    flown = tour.flown
    stops = [task.start, *flown.reshape(-1, 2), task.end]
    legs, which = [np.empty((0, 4))], []
    for k in range(0, len(stops), 2):
        a, b = stops[k], stops[k + 1]
        if a is not None and b is not None:
            way = task.transits.way(a, b)
            legs.append(np.hstack([way[:-1], way[1:]]))
            which += [-1] * (len(way) - 1)
        if k // 2 < len(flown):
            legs.append(flown[k // 2 : k // 2 + 1])
            which.append(int(tour.ends[k // 2] >> 1))
    return np.vstack(legs), np.array(which, dtype=np.int64)


def drafted(
    task: Task, lines: Floats, *, effort: float, search: bool = True, first: Ends | None = None
) -> Draft:
    """Order lines, then close gaps until the share is reached or nothing more can be closed.

    Args:
        task: what is asked.
        lines: (n, 4) local metres.
        effort: of the search.
        search: False orders by nearest first only, and puts strokes where they cost least.
        first: an order to begin with.
    """
    problem = problem_of(lines, task.transits, task.start, task.end)
    if search:
        tour = ordered(lines, problem, seed=task.seed, effort=effort, first=first)
    else:
        ends = nearest_first(problem) if first is None else first
        tour = Tour(lines, ends, problem.cost(ends))
    main, allowed = len(lines), (1 - task.share) * task.region.area.area
    left, best = np.inf, None
    for _ in range(ROUNDS):
        legs, _ = joined(task, tour)
        gaps = uncovered(task.region.area, legs, task.swath_m, task.footprint)
        left = float(shapely.area(gaps).sum())
        if best is None or left < best.left_m2:
            best = Draft(tour, left, main)
        if left <= allowed:
            break
        more = strokes(gaps, task.region.free, legs, task.swath_m, CLOSER * allowed)
        if len(more) == 0:
            break
        lines = np.vstack([lines, more])
        problem = extended(problem, more, task.transits)
        ends = inserted(problem, tour.ends, np.arange(len(lines) - len(more), len(lines)))
        tour = Tour(lines, ends, problem.cost(ends))
        if search:
            tour = ordered(lines, problem, seed=task.seed, effort=effort, first=ends)
    return best if best is not None else Draft(tour, left, main)


def inserted(problem: Problem, ends: Ends, new: Ends) -> Ends:
    """The order with new lines put, one by one, where they cost least."""
    for line in new:
        closed = problem.closed(ends)
        leave, enter = closed[:-1] ^ 1, closed[1:]
        base = problem.hop[leave, enter]
        added = [
            problem.hop[leave, e] + problem.own[e] + problem.hop[e ^ 1, enter] - base
            for e in (2 * line, 2 * line + 1)
        ]
        way = int(added[1].min() < added[0].min())
        ends = np.insert(ends, int(added[way].argmin()), 2 * line + way)
    return ends
