"""The engine of this project: ruin and recreate with annealing, restarted, its routes recombined; on one
core."""

import numpy as np

from atalaya.plan.orienteering.engine import Allowance, Progress
from atalaya.plan.orienteering.problem import OrienteeringProblem
from atalaya.plan.orienteering.routes import Routes
from atalaya.plan.orienteering.ruin import kernels
from atalaya.plan.orienteering.ruin.arrays import Model
from atalaya.plan.orienteering.ruin.model import (
    empty_plan,
    empty_pool,
    empty_work,
    model_of,
    visits_of,
    write_plan,
)
from atalaya.plan.orienteering.set_packing import packed

FIRST_CYCLES = (2_000, 8_000, 30_000)
"""Rounds of the first coolings: short, so that there is a fair answer early, on large problems too."""

CYCLE = 100_000
"""Rounds of every later cooling."""

HOT, WARM, COLD = 2.0, 0.5, 0.02
"""Temperatures in mean prizes: at the start of a cooling from nothing, from the best so far, and at the
end."""

SLOTS, COLUMNS, BRANCHES = 4096, 500, 50
"""Routes remembered, most of them recombined at a time, and branches of that search."""


class OwnEngine:
    """Ruin and recreate with annealing.

    The same problem, seed and count of iterations give the same routes. Making the engine compiles its
    kernels (once per machine), so that an allowance of seconds is not spent on that.
    """

    name = "own"

    def __init__(self) -> None:
        tiny = OrienteeringProblem(
            prize=np.array([0.0, 1.0]),
            cost=np.zeros((1, 2, 2)),
            budget=np.ones(1),
            start=np.zeros(1, np.int64),
            end=np.zeros(1, np.int64),
        )
        self.solve(tiny, seed=0, allowance=Allowance.of(iterations=1))

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
        nothing = Routes(
            tuple(() for _ in range(problem.vehicles)), 0.0, self.name, complete=not len(model.nodes)
        )
        if not len(model.nodes):
            return nothing
        return _Search(model, seed, nothing, allowance, progress).run()


class _Search:
    """One run: coolings from nothing and from the best so far in turn, and what they share."""

    def __init__(
        self, model: Model, seed: int, nothing: Routes, allowance: Allowance, progress: Progress | None
    ) -> None:
        self.model, self.found, self.rounds = model, nothing, 0
        self.allowance, self.progress = allowance, progress
        self.mean = float(model.prize[model.nodes].mean())
        self.now, self.trial, self.best = (empty_plan(model) for _ in range(3))
        self.work, self.pool = empty_work(model), empty_pool(model, SLOTS)
        self.state = np.random.default_rng(seed).integers(1, 1 << 63, 1, dtype=np.uint64)
        # About a hundredth of a second: so often are clock and stop asked.
        self.chunk = max(10, 50_000 // len(model.nodes))

    def run(self) -> Routes:
        """Cycles until the allowance is spent or nothing is left to collect."""
        cycle = 0
        while not self._over():
            early = cycle < len(FIRST_CYCLES)
            warm = not early and cycle % 3 == 2
            self._cool(FIRST_CYCLES[cycle] if early else CYCLE // 2 if warm else CYCLE, warm)
            if not early and not warm and not self._over():
                self._recombine()
            cycle += 1
        return Routes(
            self.found.visits, self.found.prize, self.found.engine, self.rounds, self.found.complete
        )

    def _over(self) -> bool:
        return self.found.complete or self.allowance.spent(self.rounds)

    def _cool(self, total: int, warm: bool) -> None:
        visits = self.found.visits if warm else ()
        write_plan(self.model, self.now, visits)
        kernels.copy_plan(self.now, self.trial)
        kernels.copy_plan(self.now, self.best)
        self.work.fresh[:] = False
        span = max(float((self.model.limit - self.model.leaves).max()), 1e-9)
        heats = np.array([WARM if warm else HOT, COLD, 0.01 / span, 1.0]) * self.mean
        prize, used = kernels.score(self.model, self.now)
        value = np.array([prize - heats[2] * used, prize, used])
        done = 0
        while done < total and not self._over():
            rounds = min(self.chunk, total - done)
            if self.allowance.iterations is not None:
                rounds = min(rounds, self.allowance.iterations - self.rounds)
            kernels.anneal(
                self.model, self.now, self.trial, self.best, self.work, self.pool, self.state, value,
                rounds, done, total, heats,
            )  # fmt: skip
            done += rounds
            self.rounds += rounds
            if value[1] > self.found.prize:
                self._keep(visits_of(self.best))

    def _recombine(self) -> None:
        pool, prize = self.pool, self.model.prize
        slots = np.flatnonzero(pool.size)
        routes = [tuple(pool.route[slot, : pool.size[slot]].tolist()) for slot in slots]
        worth = np.array([prize[list(route)].sum() for route in routes])
        first = np.argsort(-worth, kind="stable")[:COLUMNS]
        chosen = packed(
            [routes[index] for index in first],
            pool.group[slots[first]],
            np.bincount(self.model.group),
            prize,
            branches=BRANCHES,
            seconds=self.allowance.left_s(),
        )
        if chosen and worth[first[chosen]].sum() > self.found.prize:
            self._keep(self._dealt([(int(pool.group[slots[first[c]]]), routes[first[c]]) for c in chosen]))

    def _dealt(self, chosen: list[tuple[int, tuple[int, ...]]]) -> tuple[tuple[int, ...], ...]:
        """Routes handed to the vehicles of their group."""
        visits: list[tuple[int, ...]] = [() for _ in self.model.kind]
        free = {
            group: list(np.flatnonzero(self.model.group == group)) for group in set(self.model.group.tolist())
        }
        for group, route in chosen:
            visits[free[group].pop(0)] = route
        return tuple(visits)

    def _keep(self, visits: tuple[tuple[int, ...], ...]) -> None:
        prize = float(sum(self.model.prize[node] for route in visits for node in route))
        complete = sum(len(route) for route in visits) == len(self.model.nodes)
        self.found = Routes(visits, prize, "own", self.rounds, complete)
        if self.progress is not None:
            self.progress(self.found)
