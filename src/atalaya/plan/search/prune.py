"""Fewer way points for the same finds: paths an operator can read and a ground station can hold."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.search.evaluate import expected_finds
from atalaya.plan.search.kernels import ENDURANCE
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.state import Score

Floats = NDArray[np.float64]

EACH, ALL = 3e-4, 0.01
"""Share of a sortie's finds that leaving out one way point, and all that are left out, may lose."""

PASSES = 6


def pruned(problem: SearchProblem, paths: Sequence[Floats]) -> tuple[Floats, ...]:
    """The paths without way points that hardly matter; as flyable as before, a hundredth less at most."""
    found = list(paths)
    for k in range(len(found)):
        score = Score.of(problem)
        for other, path in enumerate(found):
            if other != k:
                score.take(other, problem.grid(path))
        found[k] = problem.metres(_fewer(score, k, problem.grid(found[k])))
        found[k][[0, -1]] = paths[k][[0, -1]]
    if expected_finds(problem, found).flyable:
        return tuple(found)
    return tuple(paths)


def _fewer(score: Score, k: int, line: Floats) -> Floats:
    able = score.facts[k, ENDURANCE]
    first, _ = score(k, line)
    least = first * (1.0 - ALL)
    now = first
    for _ in range(PASSES):
        before, i = len(line), 1
        while i < len(line) - 1:
            shorter = np.delete(line, i, axis=0)
            found, seconds = score(k, shorter)
            if seconds <= able and found >= max(least, now - EACH * first):
                line, now = shorter, found
            else:
                i += 1
        if len(line) == before:
            break
    return line
