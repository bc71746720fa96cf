"""One resource under a law of detection given as a table: bought piece by piece, the steepest first.

A table with increasing returns somewhere (a sensor that sees nothing on its first pass) is replaced by its
concave hull for the bound; then at most one cell stops inside a piece of the hull that is not on the table.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.plan.effort.allocation import Allocation, problem

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PodTable:
    """A law of detection by its points, straight in between and level after the last.

    coverage: (k,) rising from 0      chance: (k,) in [0, 1], not falling, 0 at coverage 0
    """

    coverage: Floats
    chance: Floats

    def __call__(self, coverage: ArrayLike) -> Floats:
        """Chance of detection at a coverage."""
        return np.asarray(np.interp(np.asarray(coverage, np.float64), self.coverage, self.chance))

    def hull(self) -> "PodTable":
        """The least concave law above it."""
        kept: list[int] = []
        for here in range(self.coverage.size):
            while len(kept) >= 2 and self._slope(kept[-2], kept[-1]) <= self._slope(kept[-1], here):
                kept.pop()
            kept.append(here)
        return PodTable(self.coverage[kept], self.chance[kept])

    def _slope(self, first: int, second: int) -> float:
        rise = self.chance[second] - self.chance[first]
        return float(rise / (self.coverage[second] - self.coverage[first]))


def pod_table(coverage: ArrayLike, chance: ArrayLike) -> PodTable:
    """Check a table; a missing point at coverage 0 is added.

    Raises:
        BadInput: SNS-017, fewer than two points, coverage that does not rise, chances that fall or are none.
    """
    c, p = np.asarray(coverage, np.float64), np.asarray(chance, np.float64)
    if c.ndim == 1 and c.shape == p.shape and c.size and c[0] > 0.0:
        c, p = np.append(0.0, c), np.append(0.0, p)
    right = c.ndim == 1 and c.shape == p.shape and c.size >= 2 and bool(np.isfinite(c).all())
    if not (right and c[0] == 0.0 and p[0] == 0.0 and (np.diff(c) > 0.0).all()):
        raise BadInput("SNS-017", points=c.size)
    if not ((np.diff(p) >= 0.0).all() and (p >= 0.0).all() and (p <= 1.0).all()):
        raise BadInput("SNS-017", points=c.size)
    return PodTable(c, p)


def allocate_tabulated(
    worth: ArrayLike, speed: ArrayLike, hours: float, table: PodTable, *, hidden: ArrayLike | None = None
) -> Allocation:
    """The allocation that finds most under a table, exact where it is concave; O(n k log n k).

    Args:
        worth: (n,) expected facilities. speed: (n,) coverage per hour. hours: to spend. table: of
            `pod_table`.
        hidden: (n,) share that no look can show.

    Returns:
        Found is by the table itself; the bound is by its concave hull.

    Raises:
        BadInput: SNS-015, SNS-016, see `allocation.problem`.
    """
    case = problem(worth, speed, hours, hidden)
    hull = table.hull()
    w, total = case.speed[:, 0], float(case.hours[0])
    length, rise = np.diff(hull.coverage), np.diff(hull.chance)
    able = np.flatnonzero((w > 0.0) & (case.worth > 0.0))
    # pieces of all cells: what each finds per hour, and how many hours it takes
    margin = (case.worth[able] * w[able])[:, None] * (rise / length)
    cost = length / w[able][:, None]
    order = np.argsort(-margin, axis=None, kind="stable")
    used = np.diff(np.minimum(np.cumsum(cost.ravel()[order]), total), prepend=0.0)
    pieces = np.zeros(cost.size)
    pieces[order] = np.where(margin.ravel()[order] > 0.0, used, 0.0)
    effort = np.zeros(w.size)
    effort[able] = pieces.reshape(cost.shape).sum(axis=1)
    open_pieces = order[(pieces[order] < cost.ravel()[order]) & (margin.ravel()[order] > 0.0)]
    price = float(margin.ravel()[open_pieces[0]]) if open_pieces.size else 0.0
    found = float(case.worth @ table(w * effort))
    bound = float(case.worth @ hull(w * effort))
    return Allocation(effort[:, None], found, np.array([price]), max(found, bound))
