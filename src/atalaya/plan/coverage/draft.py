"""A set of lines made into a path: ordered, joined by shortest ways, its gaps closed by strokes."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.plan.coverage.lines.closing import still_uncovered, strokes, uncovered
from atalaya.plan.coverage.task import Task
from atalaya.plan.coverage.tour.order import Ends, Problem, Tour, extended, nearest_first, ordered, problem_of

Floats = NDArray[np.float64]
ROUNDS, SEARCHED_ROUNDS = 7, 3
CLOSER = 0.5


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
    stops = flown.reshape(-1, 2)
    lead, tail = task.start is not None, task.end is not None
    leave = [*([task.start] if lead else []), *stops[1::2]]
    reach = [*stops[0::2], *([task.end] if tail else [])]
    if not lead:
        reach = reach[1:]
    if not tail:
        leave = leave[:-1]
    ways = task.transits.ways(np.reshape(leave, (-1, 2)), np.reshape(reach, (-1, 2)))
    legs, which = [np.empty((0, 4))], []
    for k in range(len(flown) + 1):
        hop = k if lead else k - 1
        if 0 <= hop < len(ways):
            legs.append(np.hstack([ways[hop][:-1], ways[hop][1:]]))
            which += [-1] * (len(ways[hop]) - 1)
        if k < len(flown):
            legs.append(flown[k : k + 1])
            which.append(int(tour.ends[k] >> 1))
    return np.vstack(legs), np.array(which, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Base:
    """Lines not yet ordered.

    Args:
        lines: (n, 4) local metres.
        problem: all ways between their ends.
        gaps: polygons the lines do not see.
    """

    lines: Floats
    problem: Problem
    gaps: NDArray[np.object_]


def base_of(task: Task, lines: Floats) -> Base:
    """Ways and gaps of a set of lines."""
    gaps = uncovered(task.region.area, lines, task.swath_m, task.footprint)
    return Base(lines, problem_of(lines, task.transits, task.start, task.end), gaps)


def drafted(task: Task, base: Base, *, effort: float) -> Draft:
    """Order lines, then close gaps until the share is reached or nothing more can be closed.

    Args:
        task: what is asked.
        base: lines with their ways and gaps.
        effort: of the search; 0 orders by nearest first only, and puts strokes where they cost least.
    """
    lines, problem, gaps = base.lines, base.problem, base.gaps
    ends = nearest_first(problem)
    tour = Tour(lines, ends, problem.cost(ends))
    if effort:
        tour = ordered(lines, problem, seed=task.seed, effort=effort)
    main, allowed = len(lines), (1 - task.share) * task.region.area.area
    best = Draft(tour, np.inf, main)
    for turn in range(ROUNDS):
        legs, which = joined(task, tour)
        open_gaps = still_uncovered(gaps, legs[which < 0], task.swath_m, task.footprint)
        left = float(shapely.area(open_gaps).sum())
        if left < best.left_m2:
            best = Draft(tour, left, main)
        if left <= allowed or turn == ROUNDS - 1:
            break
        more = strokes(open_gaps, task.region.free, legs, task.swath_m, CLOSER * allowed)
        if len(more) == 0:
            break
        gaps = still_uncovered(gaps, more, task.swath_m, task.footprint)
        lines, problem = np.vstack([lines, more]), extended(problem, more, task.transits)
        ends = inserted(problem, tour.ends, np.arange(len(lines) - len(more), len(lines)))
        tour = Tour(lines, ends, problem.cost(ends))
        if effort and turn < SEARCHED_ROUNDS:  # later ones only insert: new orders would open new gaps
            tour = ordered(lines, problem, seed=task.seed, effort=effort, first=ends)
    return best


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
