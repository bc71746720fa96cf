"""Paths from more than one start: annealing from far ground, and from the best box where that is left behind.

Changes of a path are local. Over ground of equal worth, or with ground of worth far from the base, a sortie
may stay at home or wander; a lawnmower over the best box is a start that neither spoils.
"""

from collections.abc import Callable

import numpy as np

from atalaya.plan.search.box import best_box
from atalaya.plan.search.evaluate import Evaluation, expected_finds
from atalaya.plan.search.planner import PathPlan, plan_paths
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.prune import pruned

LOPSIDED = 0.5
"""A sortie that finds less per hour than this share of the best one's was left behind."""

AS_GOOD = 0.985
"""Share of our finds from which on the box is flown itself: straight lines are easier to fly and to check."""

CLIMBS = 20


def plan_from_starts(
    problem: SearchProblem,
    *,
    seed: int = 0,
    iterations: int = 1_000_000,
    stop: Callable[[], bool] | None = None,
) -> PathPlan:
    """Way points for every sortie, the best of two starts, few of them; the box itself where it is as good.

    Args:
        iterations: changes tried from each start, for all sorties together.

    Raises:
        NotFound: SEA-004 a sortie cannot even fly from its start to its end.
    """
    cold = plan_paths(problem, seed=seed, iterations=iterations, stop=stop)
    box = best_box(problem, seed=seed, climbs=CLIMBS)
    flown = expected_finds(problem, box)
    found = cold
    if _lopsided(expected_finds(problem, cold.paths)) or flown.finds > LOPSIDED * cold.finds:
        warm = plan_paths(problem, seed=seed, iterations=iterations, warm=box, stop=stop)
        found = max(cold, warm, key=lambda plan: plan.finds)
    if flown.flyable and flown.finds >= AS_GOOD * found.finds:
        return PathPlan(box, flown.finds, found.iterations, found.complete)
    fewer = pruned(problem, found.paths)
    return PathPlan(fewer, expected_finds(problem, fewer).finds, found.iterations, found.complete)


def _lopsided(found: Evaluation) -> bool:
    per_hour = found.per_sortie / np.maximum(found.time_s, 600.0)
    return bool(per_hour.min() < LOPSIDED * per_hour.max())
