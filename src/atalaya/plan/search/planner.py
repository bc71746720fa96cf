"""Our paths: annealing of way points with exact finds, begun at the better of greedy and box."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import now_us
from atalaya.base.errors import BadInput
from atalaya.plan.search.evaluate import expected_finds
from atalaya.plan.search.kernels import Fleet, Ground, anneal
from atalaya.plan.search.problem import SearchProblem
from atalaya.plan.search.route import Router
from atalaya.plan.search.start import mended, shortest, toward_worth
from atalaya.plan.search.state import Score, fleet_of, ground_of

Floats = NDArray[np.float64]
Progress = Callable[[float, float], None]
"""Called with the share done and the finds of the best paths so far."""

CHUNKS = 100
HOT, COLD, WARM = 1.0, 0.01, 0.1
PRICED_S = 60.0
"""Temperatures are in finds of so many seconds at the price of time."""

WIDEST = 2.0
"""Sweep widths (cells at least) a way point is moved by at most."""

ROOM = 1.6
"""Way points there is room for, per cell that can be flown over."""


@dataclass(frozen=True, slots=True)
class PathPlan:
    """Paths and what they find.

    Args:
        paths: per sortie (n, 2) way points, metres, start and end included.
        finds: facilities expected to be found, by `expected_finds`.
        iterations: changes tried.
        complete: False where it was stopped before its budget was used.
    """

    paths: tuple[Floats, ...]
    finds: float
    iterations: int
    complete: bool


def plan_paths(
    problem: SearchProblem,
    *,
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    warm: Sequence[Floats] | None = None,
    stop: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> PathPlan:
    """Way points for every sortie that find the most together, never worse than `warm`.

    Args:
        problem: the map and the flights.
        seed: of the annealing; the same seed and iterations give the same paths.
        iterations: changes to try, 1,000,000 a sortie by default; about 300,000 a second.
        seconds: of the wall clock, instead of iterations; only decides when to stop.
        warm: paths to begin with, one per sortie, metres: of the plan before; what can no longer be flown (a
            moved start, less endurance) is mended. Without them every sortie begins with its shortest way.
        stop: asked about a hundred times; True ends with the best so far.
        progress: told as often.

    Raises:
        NotFound: SEA-004 a sortie cannot even fly from its start to its end.
        BadInput: SEA-005 not one warm path per sortie.
    """
    begun = _begun(problem, warm)
    tries = iterations if iterations is not None else 1_000_000 * max(1, len(problem.sorties))
    run = _Annealing.of(problem, begun, seed, HOT if warm is None else WARM)
    rounds = max(1, tries // CHUNKS)
    first_us, done, share = now_us(), 0, 0.0
    while share < 1:
        run.step(rounds, share, min(1.0, share + 1 / CHUNKS))
        done += rounds
        if seconds is None:
            share = done / (rounds * CHUNKS)
        else:
            share = max(1e-9, (now_us() - first_us) / 1e6 / seconds)
        if progress:
            progress(min(share, 1.0), run.best_finds)
        if stop and stop():
            break
    paths = run.best_paths()
    return PathPlan(paths, expected_finds(problem, paths).finds, done, share >= 1)


def _begun(problem: SearchProblem, warm: Sequence[Floats] | None) -> list[Floats]:
    """A flyable path per sortie, in cells."""
    score = Score.of(problem)
    router = Router(score.ground)
    if warm is None:
        return [_cold(problem, router, score, k) for k in range(len(problem.sorties))]
    if len(warm) != len(problem.sorties):
        raise BadInput("SEA-005", where="warm", detail=f"{len(warm)} / {len(problem.sorties)}")
    return [mended(problem, router, score, k, problem.grid(path)) for k, path in enumerate(warm)]


def _cold(problem: SearchProblem, router: Router, score: Score, k: int) -> Floats:
    """Where a sortie without an earlier path begins; what it finds is taken from those after it."""
    line = toward_worth(problem, router, score, k, shortest(problem, router, score, k))
    score.take(k, line)
    return line


@dataclass(slots=True)
class _Annealing:
    problem: SearchProblem
    ground: Ground
    fleet: Fleet
    seed: NDArray[np.uint64]
    work: tuple[Floats, Floats, NDArray[np.int64], Floats]
    hot: float
    widest: float
    whole: float
    best_finds: float
    best: tuple[Floats, NDArray[np.int64]]

    @classmethod
    def of(cls, problem: SearchProblem, begun: list[Floats], seed: int, hot: float) -> "_Annealing":
        ground = ground_of(problem)
        whole = float(ground.left.sum())
        reach = max(s.endurance_s * s.airspeed_ms for s in problem.sorties) / problem.cell_m
        room = max(int(ROOM * reach) + 16, 16 + max(len(path) for path in begun))
        fleet = fleet_of(problem, ground, begun, room)
        fleet.price[:] = [_price(problem, k) for k in range(len(problem.sorties))]
        words = np.random.default_rng(seed).integers(1, 2**63, 1, dtype=np.uint64)
        work = (np.zeros((64, 2)), np.zeros((32, 2)), np.zeros(3, dtype=np.int64), np.zeros(1))
        best = (fleet.points.copy(), fleet.counts.copy())
        widest = WIDEST * max(1.0, *(s.sweep_m / problem.cell_m for s in problem.sorties))
        return cls(
            problem, ground, fleet, words, work, hot, widest, whole, whole - float(ground.left.sum()), best
        )

    def step(self, rounds: int, begin: float, end: float) -> None:
        """Some of the changes, from one share of the schedule to another; keeps the best."""
        scale = PRICED_S * float(self.fleet.price.mean())
        hot, cold = (scale * self.hot * (COLD / self.hot) ** share for share in (begin, end))
        anneal(
            self.ground, self.fleet, self.seed, *self.work[:3], rounds, hot, cold, self.widest, self.work[3]
        )
        finds = self.whole - float(self.ground.left.sum())
        if finds > self.best_finds:
            self.best_finds = finds
            self.best = (self.fleet.points.copy(), self.fleet.counts.copy())

    def best_paths(self) -> tuple[Floats, ...]:
        """In metres."""
        points, count = self.best
        return tuple(self.problem.metres(points[k, : count[k]]) for k in range(len(count)))


def _price(problem: SearchProblem, k: int) -> float:
    """A first guess of what a second is worth: half the mean of the best cells that could be flown over."""
    sortie = problem.sorties[k]
    cells = sortie.endurance_s * sortie.airspeed_ms / problem.cell_m
    worth = np.sort(problem.worth.ravel())[::-1]
    reached = worth[: max(1, int(cells))].sum() * (1 - np.exp(-sortie.sweep_m / problem.cell_m))
    return max(float(reached) * 0.5 / sortie.endurance_s, 1e-12)
