"""Arrays of a problem and its paths as the kernels take them, and back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.search.kernels import CELL, ENDURANCE, SPEED, Fleet, Ground, begin, commit, gain, portion
from atalaya.plan.search.problem import SearchProblem, SearchSortie

Floats = NDArray[np.float64]
SLACK_S = 1e-6
SPARE = 1 - 1e-9
"""Turns are planned this much tighter, so that rounding never makes a corner too sharp."""


def ground_of(problem: SearchProblem, left: Floats | None = None) -> Ground:
    """The map for the kernels; `left` what is left of each cell's worth, all of it by default."""
    rows, columns = problem.shape
    worth = problem.worth if left is None else left
    closed = np.pad(~problem.flyable, 1, constant_values=not problem.outside)
    near = np.zeros((rows, columns), dtype=bool)
    for dr in range(3):
        for dc in range(3):
            near |= closed[dr : dr + rows, dc : dc + columns]
    looked = problem.worth > 0
    return Ground(
        left=worth.ravel().copy(),
        weight=np.where(looked, problem.effectiveness, 0.0).ravel(),
        open=problem.flyable.ravel().astype(np.uint8),
        near=near.ravel().astype(np.uint8),
        chance=np.cumsum(worth.ravel()),
        delta=np.zeros(rows * columns),
        stamp=np.zeros(rows * columns, dtype=np.int64),
        touched=np.zeros(rows * columns, dtype=np.int64),
        size=np.array([rows, columns, int(problem.outside)]),
        mark=np.zeros(2, dtype=np.int64),
    )


def facts_of(problem: SearchProblem, sortie: SearchSortie) -> Floats:
    """(8,) what the kernels need of a sortie, in the order of their constants."""
    we, wn = sortie.wind_ms
    return np.array(
        [
            sortie.turn_radius_m / problem.cell_m / SPARE,
            sortie.airspeed_ms,
            we,
            -wn,
            sortie.endurance_s - SLACK_S,
            sortie.sweep_m / problem.cell_m,
            problem.cell_m,
            0.0,
        ]
    )


@dataclass(slots=True)
class Score:
    """Scores single paths on what is left of a map; the tool of the simple planners."""

    problem: SearchProblem
    ground: Ground
    facts: Floats

    @classmethod
    def of(cls, problem: SearchProblem) -> "Score":
        """Ready for the first sortie, nothing searched yet."""
        return cls(problem, ground_of(problem), np.array([facts_of(problem, s) for s in problem.sorties]))

    def __call__(self, k: int, line: Floats) -> tuple[float, float]:
        """Finds and seconds of (n, 2) way points in cells flown by sortie k; infinite if it cannot."""
        begin(self.ground)
        seconds = portion(self.ground, self.facts, k, line, len(line), 0.0, 0.0, 1.0)
        return float(gain(self.ground)), float(seconds) if seconds >= 0 else np.inf

    def reach(self, k: int) -> float:
        """Cells that sortie k can fly over in still air."""
        return float(self.facts[k, ENDURANCE] * self.facts[k, SPEED] / self.facts[k, CELL])

    def take(self, k: int, line: Floats) -> float:
        """Count a path as flown; what it found."""
        found, seconds = self(k, line)
        if np.isfinite(seconds):
            commit(self.ground)
        return found


def fleet_of(problem: SearchProblem, ground: Ground, paths: Sequence[Floats], room: int) -> Fleet:
    """Flyable paths (way points in cells) as the annealer takes them; the ground loses what they find."""
    facts = np.array([facts_of(problem, s) for s in problem.sorties])
    points = np.zeros((len(paths), room, 2))
    time = np.zeros(len(paths))
    for k, path in enumerate(paths):
        points[k, : len(path)] = path
        begin(ground)
        time[k] = portion(ground, facts, k, path, len(path), 0.0, 0.0, 1.0)
        commit(ground)
    count = np.array([len(path) for path in paths])
    return Fleet(points, count, facts, time, np.zeros(len(paths)))
