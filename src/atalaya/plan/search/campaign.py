"""Many sorties over many days: planned flight by flight by any executor, with the same result."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.search.evaluate import expected_finds, lengths_in_cells
from atalaya.plan.search.planner import plan_paths
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.prune import pruned
from atalaya.plan.search.starts import plan_from_starts
from atalaya.plan.search.track import flown_track

Floats = NDArray[np.float64]
AT_HOME = 8
"""A path of so few way points hardly left the base: it is begun anew from the best box."""

MARGIN = 3
"""Cells around the reach of a task that are sent along."""


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """Paths of all sorties and what each adds.

    Args:
        paths: per sortie, in the problem's order, (n, 2) way points, metres.
        finds: facilities expected to be found by all.
        per_sortie: (k,) float64, what each adds to those before it.
        complete: False where it was stopped; the sorties not planned fly their shortest way.
    """

    paths: tuple[Floats, ...]
    finds: float
    per_sortie: Floats
    complete: bool


@dataclass(frozen=True, slots=True)
class SortieTask:
    """One flight to plan, alone: what a worker is sent."""

    problem: SearchProblem
    seed: int
    iterations: int

    def run(self) -> Floats:
        """The path, metres."""
        cold = plan_paths(self.problem, seed=self.seed, iterations=self.iterations)
        if self.iterations and len(cold.paths[0]) <= AT_HOME and self.problem.worth.max() > 0:
            return plan_from_starts(self.problem, seed=self.seed, iterations=self.iterations).paths[0]
        return pruned(self.problem, cold.paths)[0]


def plan_campaign(
    problem: SearchProblem,
    *,
    days: Sequence[Sequence[int]],
    seed: int = 0,
    iterations: int = 600_000,
    executor: Executor | None = None,
    stop: Callable[[], bool] | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> CampaignPlan:
    """Plan the sorties of each day side by side, each on its share of the map, the days one after the other.

    Each day the cells are shared among its sorties; every sortie is a task of its own. The flights of the day
    are then credited in order, transit over the others' cells too, and the next day plans on what is left.
    The result depends on problem, days, seed and iterations only, not on the executor.

    Args:
        problem: the map and all sorties.
        days: indices of the sorties of each day; the days are planned in this order.
        seed: of the campaign.
        iterations: changes tried per sortie.
        executor: anything with `submit` as concurrent.futures has it (a Dask client's `get_executor()` too);
            None plans in this thread.
        stop: asked after each sortie.
        progress: told the share of sorties planned and the finds so far.

    Raises:
        NotFound: SEA-004 a sortie cannot even fly from its start to its end.
    """
    left = problem.worth
    paths: dict[int, Floats] = {}
    total, found = sum(len(day) for day in days), 0.0
    stopped = False
    for day in days:
        shares = shared_cells(problem, left, list(day))
        tasks = [
            SortieTask(_alone(problem, left * share, k), seed * 1_000_003 + k, 0 if stopped else iterations)
            for k, share in zip(day, shares, strict=True)
        ]
        for k, path in zip(day, _done(tasks, executor), strict=True):
            paths[k] = path
            before = left.sum()
            left = left * _missed(problem, k, path)
            found += float(before - left.sum())
            stopped = stopped or bool(stop and stop())
            if progress:
                progress(len(paths) / total, found)
    ordered = tuple(paths[k] for k in range(len(problem.sorties)))
    scored = expected_finds(problem, ordered)
    return CampaignPlan(ordered, scored.finds, scored.per_sortie, not stopped)


def _done(tasks: Sequence[SortieTask], executor: Executor | None) -> list[Floats]:
    if executor is None:
        return [task.run() for task in tasks]
    futures = [executor.submit(task.run) for task in tasks]
    return [future.result() for future in futures]


def _missed(problem: SearchProblem, k: int, path: Floats) -> Floats:
    """(rows, columns) chance that sortie k misses what is not hidden."""
    sortie = problem.sorties[k]
    length, _ = lengths_in_cells(problem, flown_track(sortie, path))
    return np.asarray(np.exp(-problem.effectiveness * length * sortie.sweep_m / problem.cell_m**2))


def _alone(problem: SearchProblem, worth: Floats, k: int) -> SearchProblem:
    """The problem of one sortie on the cells given to it."""
    return replace(problem, rate=worth, hidden=np.zeros_like(worth), sorties=(problem.sorties[k],))


def shared_cells(problem: SearchProblem, left: Floats, day: Sequence[int]) -> list[Floats]:
    """For each sortie of a day (rows, columns) of 0 and 1: every cell is some sortie's, effort balanced.

    Cells go to the sortie of least (distance from its base plus a handicap); handicaps are moved until the
    effort that water filling would spend in each part fits the endurance of its sortie.
    """
    if len(day) == 1:
        return [np.ones(problem.shape)]
    return _balanced(problem, left, day)


def _balanced(problem: SearchProblem, left: Floats, day: Sequence[int]) -> list[Floats]:
    rows, columns = problem.shape
    v, u = np.mgrid[0:rows, 0:columns] + 0.5
    able = np.array([s.endurance_s * s.airspeed_ms for s in (problem.sorties[k] for k in day)])
    effort = _effort(problem, left, float(able.sum()), day)
    place = _seeds(problem, effort, u, v, day)
    able = able / able.sum() * effort.sum()
    weight = np.zeros(len(day))
    owner = np.zeros((rows, columns), dtype=np.int64)
    for turn in range(60):
        apart = np.array([np.hypot(u - p[0], v - p[1]) for p in place])
        owner = np.argmin(apart + weight[:, None, None], axis=0)
        got = np.bincount(owner.ravel(), effort.ravel(), len(day))
        if turn < 40:
            inside = np.maximum(got, 1e-12)
            middle = np.column_stack(
                [np.bincount(owner.ravel(), (effort * axis).ravel(), len(day)) / inside for axis in (u, v)]
            )
            place = np.where((got > 1e-9)[:, None], middle, place)
        weight += 0.25 * np.sqrt(rows * columns / len(day)) * np.clip(got / able - 1, -1, 1) * 0.95**turn
    return [(owner == i).astype(np.float64) for i in range(len(day))]


def _effort(problem: SearchProblem, left: Floats, reach_m: float, day: Sequence[int]) -> Floats:
    """(rows, columns) metres that water filling flies over each cell (Charnes and Cooper 1958)."""
    sweep = np.mean([problem.sorties[k].sweep_m for k in day])
    rate = np.maximum(sweep / problem.cell_m**2 * problem.effectiveness, 1e-300)
    worth = np.where(left > 0, left, 1e-300)
    low, high = -700.0, float(np.log(np.max(worth * rate)))
    for _ in range(80):
        price = (low + high) / 2
        spent = np.maximum(0.0, (np.log(worth) + np.log(rate) - price) / rate)
        low, high = (price, high) if spent.sum() > reach_m else (low, price)
    return np.asarray(np.maximum(0.0, (np.log(worth) + np.log(rate) - high) / rate))


def _seeds(problem: SearchProblem, effort: Floats, u: Floats, v: Floats, day: Sequence[int]) -> Floats:
    """(k, 2) first middles of the parts: sectors of equal effort around the mean base."""
    bases = problem.grid(np.array([problem.sorties[k].start for k in day]))
    bearing = np.arctan2(v - bases[:, 1].mean(), u - bases[:, 0].mean()).ravel()
    order = np.argsort(bearing, kind="stable")
    share = np.cumsum(effort.ravel()[order]) / max(float(effort.sum()), 1e-300)
    part = np.minimum((share * len(day)).astype(np.int64), len(day) - 1)
    weights = effort.ravel()[order]
    inside = np.maximum(np.bincount(part, weights, len(day)), 1e-12)
    middle = [np.bincount(part, weights * axis.ravel()[order], len(day)) / inside for axis in (u, v)]
    return np.column_stack(middle)
