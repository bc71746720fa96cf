"""The engine of this project: ruin and recreate with annealing, restarted, on one core."""

import numpy as np

from atalaya.plan.orienteering.engine import Allowance, Progress
from atalaya.plan.orienteering.problem import OrienteeringProblem
from atalaya.plan.orienteering.routes import Routes
from atalaya.plan.orienteering.ruin.arrays import Model
from atalaya.plan.orienteering.ruin.model import empty_plan, empty_work, model_of, visits_of

CYCLE = 100_000
"""Rounds of one cooling."""


class OwnEngine:
    """Ruin and recreate. The same problem, seed and count of iterations give the same routes."""

    name = "own"

    def solve(
        self,
        problem: OrienteeringProblem,
        *,
        seed: int,
        allowance: Allowance,
        progress: Progress | None = None,
    ) -> Routes:
        """The best routes found within the allowance."""
        model = model_of(problem)
        empty = Routes(
            tuple(() for _ in range(problem.vehicles)), 0.0, self.name, complete=len(model.nodes) == 0
        )
        if not len(model.nodes) or allowance.spent(0):
            return empty
        return _Search(model, seed, empty).run(allowance, progress)


class _Search:
    def __init__(self, model: Model, seed: int, empty: Routes) -> None:
        self.model = model
        self.found = empty
        self.rounds = 0
        self.all = float(model.prize[model.nodes].sum())
        self.mean = self.all / len(model.nodes)
        self.now, self.trial, self.best = (empty_plan(model) for _ in range(3))
        self.work = empty_work(model)
        self.state = np.random.default_rng(seed).integers(1, 1 << 63, 1, dtype=np.uint64)
        self.chunk = max(20, 100_000 // len(model.nodes))

    def run(self, allowance: Allowance, progress: Progress | None) -> Routes:
        while not (self.found.complete or allowance.spent(self.rounds)):
            self._cycle(allowance, progress)
        return Routes(self.found.visits, self.found.prize, "own", self.rounds, self.found.complete)

    def _cycle(self, allowance: Allowance, progress: Progress | None) -> None:
        from atalaya.plan.orienteering.ruin import kernels

        kernels.clear(self.model, self.now)
        kernels.copy_plan(self.now, self.trial)
        kernels.copy_plan(self.now, self.best)
        value = np.array([-np.inf, 0.0, np.inf])
        span = float((self.model.limit - self.model.leaves).max())
        thrift = 0.01 * self.mean / max(span, 1e-9)
        tune = np.array([5.0, 10.0, 0.3, 1.0, 0.0, 0.5])
        done = 0
        while done < CYCLE and not (self.found.complete or allowance.spent(self.rounds)):
            rounds = min(self.chunk, CYCLE - done)
            if allowance.iterations is not None:
                rounds = min(rounds, allowance.iterations - self.rounds)
            kernels.anneal(
                self.model, self.now, self.trial, self.best, self.work, self.state, value, rounds,
                2.0 * self.mean, 0.02 * self.mean, done, CYCLE, thrift, tune,
            )  # fmt: skip
            done += rounds
            self.rounds += rounds
            if value[1] > self.found.prize:
                self._keep(float(value[1]), progress)

    def _keep(self, prize: float, progress: Progress | None) -> None:
        visits = visits_of(self.best)
        complete = sum(len(route) for route in visits) == len(self.model.nodes)
        self.found = Routes(visits, prize, "own", self.rounds, complete)
        if progress is not None:
            progress(self.found)
