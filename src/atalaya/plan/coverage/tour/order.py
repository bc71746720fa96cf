"""In which order, and which way, lines are flown: each line is a node with two directions (rural postman)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.coverage.kernels import leg_costs
from atalaya.plan.coverage.tour import kernels
from atalaya.plan.coverage.transits import Transits

Floats = NDArray[np.float64]
Ends = NDArray[np.int64]

NEIGHBOURS = 10
STEPS_PER_LINE, MOST_STEPS = 6000, 300_000
HOT, WARM, COLD = 0.5, 0.1, 0.005


@dataclass(frozen=True, slots=True)
class Tour:
    """Lines in order.

    Args:
        lines: (n, 4) float64, as given.
        ends: (n,) int64 in order of flight: 2 i if line i is flown as given, 2 i + 1 if backwards.
        cost: lines and transits, in the unit of the rule.
    """

    lines: Floats
    ends: Ends
    cost: float

    @property
    def flown(self) -> Floats:
        """(n, 4) the lines in order and direction of flight."""
        points = self.lines.reshape(-1, 2)
        return np.hstack([points[self.ends], points[self.ends ^ 1]])


@dataclass(frozen=True, slots=True)
class Problem:
    """The matrix of a set of lines, start and end being two more nodes (free ones cost nothing to reach).

    Args:
        points: (2 n + 4, 2) ends of lines, then start twice and end twice.
        hop: (2 n + 4, 2 n + 4) from exit end to entry end.
        own: (2 n + 4,) of a node by its entry end.
        symmetric: whether backwards costs the same.
        open_ends: whether start and end are left to the search.
    """

    points: Floats
    hop: Floats
    own: Floats
    symmetric: bool
    open_ends: tuple[bool, bool]

    @property
    def lines(self) -> int:
        """How many lines."""
        return len(self.own) // 2 - 2

    def closed(self, ends: Ends) -> Ends:
        """The order with start and end around it."""
        n = 2 * self.lines
        return np.concatenate([[n], ends, [n + 2]]).astype(np.int64)

    def cost(self, ends: Ends) -> float:
        """What an order costs."""
        return float(kernels.tour_cost(self.closed(ends), self.hop, self.own))


def problem_of(lines: Floats, transits: Transits, start: Floats | None, end: Floats | None) -> Problem:
    """Every way between the ends of lines, and to start and end."""
    places = [lines.reshape(-1, 2)]
    anywhere = lines[0, :2] if len(lines) else np.zeros(2)
    places += [np.vstack([p, p]) if p is not None else np.vstack([anywhere] * 2) for p in (start, end)]
    points = np.vstack(places)
    return _priced(points, transits.costs(points, points), transits, (start is None, end is None))


def extended(problem: Problem, new: Floats, transits: Transits) -> Problem:
    """The problem with new lines (k, 4) after the others."""
    n, more = 2 * problem.lines, new.reshape(-1, 2)
    points = np.insert(problem.points, n, more, axis=0)
    added = np.arange(n, n + len(more))
    kept = np.delete(np.arange(len(points)), added)
    hop = np.empty((len(points), len(points)))
    hop[np.ix_(kept, kept)] = problem.hop
    hop[:, added] = transits.costs(points, more)
    hop[added, :] = hop[:, added].T if problem.symmetric else transits.costs(more, points)
    return _priced(points, hop, transits, problem.open_ends)


def _priced(points: Floats, hop: Floats, transits: Transits, open_ends: tuple[bool, bool]) -> Problem:
    n = len(points) - 4
    for k, free in enumerate(open_ends):
        if free:
            hop[n + 2 * k : n + 2 * k + 2, :] = 0.0
            hop[:, n + 2 * k : n + 2 * k + 2] = 0.0
    own = np.zeros(n + 4)
    own[0:n:2] = leg_costs(points[0:n:2], points[1:n:2], transits.rule)
    own[1:n:2] = leg_costs(points[1:n:2], points[0:n:2], transits.rule)
    symmetric = transits.rule[0] != 1.0 or not transits.rule[2:4].any()
    return Problem(points, hop, own, bool(symmetric), open_ends)


def nearest_first(problem: Problem) -> Ends:
    """Lines one after another, always the cheapest to reach from where the last one ended."""
    n = problem.lines
    open_ends = np.ones(2 * n, dtype=bool)
    reach = problem.hop[:, : 2 * n] + problem.own[None, : 2 * n] * 1e-9
    at, ends = 2 * n, []
    for _ in range(n):
        at = int(np.where(open_ends, reach[at], np.inf).argmin())
        ends.append(at)
        open_ends[[at, at ^ 1]] = False
        at ^= 1
    return np.array(ends, dtype=np.int64)


def ordered(
    lines: Floats, problem: Problem, *, seed: int, effort: float = 1.0, first: Ends | None = None
) -> Tour:
    """A good order: nearest first, then annealed, then the exact choice of directions for that order.

    Args:
        lines: (n, 4) what `problem` was made of.
        problem: costs.
        seed: of the random moves; the same seed gives the same order.
        effort: how many tries, in units of the usual number.
        first: an order to start from, then improved only mildly.
    """
    if len(lines) == 0:
        return Tour(lines, np.empty(0, dtype=np.int64), problem.cost(np.empty(0, dtype=np.int64)))
    ends = nearest_first(problem) if first is None else first
    state = np.array([seed * 2654435761 + 88172645463325252], dtype=np.uint64)
    n = len(lines)
    steps = int(min(STEPS_PER_LINE * n, MOST_STEPS) * effort)
    near, typical = _near(problem)
    hot = (HOT if first is None else WARM) * typical
    entry = problem.closed(ends)
    found = kernels.anneal(
        entry, problem.hop, problem.own, near, steps, hot, COLD * typical, problem.symmetric, state
    )
    found = kernels.best_ways_through(found, problem.hop, problem.own)[1:-1]
    best = min((ends, found), key=problem.cost)
    return Tour(lines, best, problem.cost(best))


def _near(problem: Problem) -> tuple[Ends, float]:
    """(2n + 4, m) ends cheapest to reach from each end, and a typical cost of the cheapest."""
    n = 2 * problem.lines
    reach = problem.hop[:, :n].copy()
    rows = np.arange(n)
    reach[rows, rows] = reach[rows, rows ^ 1] = np.inf
    m = min(NEIGHBOURS, max(n - 2, 1))
    near = np.argpartition(reach, m - 1, axis=1)[:, :m]
    least = np.sort(reach[:n], axis=1)[:, min(1, n - 1)]
    finite = least[np.isfinite(least)]
    return near.astype(np.int64), float(max(np.median(finite) if len(finite) else 1.0, 1e-9))
