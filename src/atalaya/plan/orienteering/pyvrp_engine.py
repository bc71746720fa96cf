"""PyVRP (Wouda, Lan and Kool, INFORMS J. Computing 36(4), 2024) behind the port: peer and second opinion."""

from typing import Any

import numpy as np

from atalaya.base.errors import NotFound
from atalaya.plan.orienteering.engine import Allowance, Progress
from atalaya.plan.orienteering.problem import Floats, OrienteeringProblem
from atalaya.plan.orienteering.routes import Routes, check
from atalaya.plan.orienteering.whole_numbers import FAR, allowed, needed


class PyvrpEngine:
    """Hybrid genetic search of PyVRP with optional clients.

    PyVRP counts in whole numbers: times are multiplied by `scale` and rounded up, limits down, so that what
    it returns holds for the real numbers.

    Args:
        scale: whole numbers per unit of time; None chooses a power of ten, near 1e5 for the longest budget.
        prize_scale: cost of a missed unit of prize; None takes `OrienteeringProblem.prize_scale`.

    Raises:
        NotFound: ORI-020 PyVRP is not installed.
    """

    name = "pyvrp"

    def __init__(self, scale: float | None = None, prize_scale: float | None = None) -> None:
        try:
            import pyvrp
        except ImportError as error:
            raise NotFound("ORI-020", engine="pyvrp") from error
        self._pyvrp = pyvrp
        self._scale = scale
        self._prize_scale = prize_scale

    def solve(
        self,
        problem: OrienteeringProblem,
        *,
        seed: int,
        allowance: Allowance,
        progress: Progress | None = None,
    ) -> Routes:
        """The best routes PyVRP found within the allowance; empty routes where it found none that hold."""
        nodes = np.flatnonzero(problem.reachable())
        fleet = np.flatnonzero(problem.able)
        empty = Routes(tuple(() for _ in range(problem.vehicles)), 0.0, self.name)
        if not len(nodes) or allowance.spent(0):
            return empty
        model = self._model(problem, nodes)
        rounds = 0

        def enough(best_cost: int) -> bool:
            nonlocal rounds
            rounds += 1
            return allowance.spent(rounds - 1)

        result = model.solve(
            enough, seed=seed % (1 << 32), collect_stats=False, display=False, missing_value=FAR
        )
        if not result.best.is_feasible():
            return empty
        visits: list[tuple[int, ...]] = [() for _ in range(problem.vehicles)]
        for route in result.best.routes():
            visits[fleet[route.vehicle_type()]] = tuple(
                int(nodes[stop.idx]) for stop in route if stop.is_client()
            )
        found = Routes(tuple(visits), check(problem, visits).prize, self.name, rounds)
        if progress is not None:
            progress(found)
        return found

    def _model(self, problem: OrienteeringProblem, nodes: Any) -> Any:
        spans = (problem.limits - problem.departs)[problem.able]
        scale = self._scale or 10.0 ** np.round(5.0 - np.log10(max(float(spans.max()), 1e-9)))
        worth = self._prize_scale or scale * problem.prize_scale()
        origin = float(problem.departs.min())
        model = self._pyvrp.Model()
        bases = np.unique(np.concatenate([problem.start, problem.end]))
        spots = {int(node): model.add_location(0, 0) for node in [*nodes, *bases]}
        depots = {int(node): model.add_depot(spots[int(node)]) for node in bases}
        for node in nodes:
            model.add_client(
                spots[int(node)],
                service_duration=int(np.ceil(problem.service[node] * scale - 1e-6)),
                tw_early=needed(max(float(problem.opens[node]), origin) - origin, scale),
                tw_late=allowed(float(problem.closes[node]) - origin, scale),
                prize=max(1, round(float(problem.prize[node]) * worth)),
                required=False,
            )
        profiles = [self._profile(model, ways, spots, scale) for ways in problem.cost]
        plain = not problem.timed and not problem.service[nodes].any()
        for v in np.flatnonzero(problem.able):
            leaves = max(float(problem.departs[v]), float(problem.opens[problem.start[v]])) - origin
            limit = float(problem.limits[v]) - origin
            timing: Any = (
                {"max_distance": allowed(limit - leaves, scale)}
                if plain
                else {
                    "tw_early": needed(leaves, scale),
                    "start_late": needed(leaves, scale),
                    "tw_late": allowed(limit, scale),
                }
            )
            model.add_vehicle_type(
                1,
                start_depot=depots[int(problem.start[v])],
                end_depot=depots[int(problem.end[v])],
                profile=profiles[problem.kind[v]],
                **timing,
            )
        return model

    def _profile(self, model: Any, ways: Floats, spots: dict[int, Any], scale: float) -> Any:
        profile = model.add_profile()
        for i, here in spots.items():
            for j, there in spots.items():
                cost = 0 if i == j else needed(float(ways[i, j]), scale)
                model.add_edge(here, there, cost, cost, profile)
        return profile
