"""Greedy flights: always on to the place that finds most per second, as long as home can be reached."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.search.kernels import ENDURANCE, weigh
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.route import Router
from atalaya.plan.search.start import ends, finished, shortest
from atalaya.plan.search.state import Score

Floats = NDArray[np.float64]
POWERS = (0.8, 1.0, 1.25)
REACHES = (4.0, 10.0, 25.0)
NEAR_CELLS = 2.9
TRIES = 40


def myopic(problem: SearchProblem) -> tuple[Floats, ...]:
    """Always on to the neighbouring cell that finds most per second: one path per sortie, metres."""
    return _flights(problem, [(1.0, NEAR_CELLS)])


def density_greedy(
    problem: SearchProblem, *, powers: Sequence[float] = POWERS, reaches: Sequence[float] = REACHES
) -> tuple[Floats, ...]:
    """Always on to the cell with the greatest finds / seconds ** power within reach, all on the way credited.

    Every combination of power and reach (in cells) is flown and the best kept, sortie by sortie.

    Raises:
        NotFound: SEA-004 a sortie cannot even fly from its start to its end.
    """
    return _flights(problem, [(power, reach) for power in powers for reach in reaches])


def _flights(problem: SearchProblem, settings: Sequence[tuple[float, float]]) -> tuple[Floats, ...]:
    score, paths = Score.of(problem), []
    router = Router(score.ground)
    for k in range(len(problem.sorties)):
        plain = shortest(problem, router, score, k)
        lines = [plain, *(_flight(problem, router, score, k, plain, *setting) for setting in settings)]
        best = max(lines, key=lambda line: score(k, line)[0])
        score.take(k, best)
        paths.append(problem.metres(best))
    return tuple(paths)


def _flight(
    problem: SearchProblem, router: Router, score: Score, k: int, plain: Floats, power: float, reach: float
) -> Floats:
    """One flight, way points in cells."""
    start, _ = ends(problem, k)
    line, best = np.array([start]), plain
    left = score.ground.left.copy()
    shown = np.zeros((len(left), 3))
    while True:
        count = weigh(score.ground, score.facts, k, line[-3:], len(line[-3:]), power, reach, shown)
        order = np.argsort(-shown[:count, 2])[:TRIES]
        for place in shown[order, :2]:
            home = _home(problem, router, score, k, np.vstack((line, place)))
            if home is not None:
                line, best = np.vstack((line, place)), home
                break
        else:
            break
        score.ground.left[:] = left
        score.take(k, line) if len(line) > 1 else None
    score.ground.left[:] = left
    return best


def _home(problem: SearchProblem, router: Router, score: Score, k: int, line: Floats) -> Floats | None:
    """The line with the first way home that fits the time, None where there is none."""
    for whole in finished(problem, router, k, line):
        seconds = score(k, whole)[1]
        if seconds <= score.facts[k, ENDURANCE]:
            return whole
        if np.isfinite(seconds):
            break
    return None
