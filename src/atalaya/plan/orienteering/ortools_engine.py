"""The routing library of OR-Tools (Google, Apache-2.0) behind the port: guided local search with optional
visits."""

from typing import Any

import numpy as np

from atalaya.base.errors import NotFound
from atalaya.plan.orienteering.engine import Allowance, Progress
from atalaya.plan.orienteering.problem import OrienteeringProblem
from atalaya.plan.orienteering.routes import Routes, check
from atalaya.plan.orienteering.whole_numbers import FAR, allowed, needed

LONGEST_S = 30 * 86_400
"""No search of ours lasts a month."""


class OrtoolsEngine:
    """Guided local search of OR-Tools; a visit left out costs its prize.

    Times are multiplied by `scale` and rounded up, limits down. The library has no seed: the same problem
    and count of solutions give the same answer.

    Args:
        scale: whole numbers per unit of time; None chooses a power of ten, near 1e5 for the longest budget.
        prize_scale: penalty for a missed unit of prize; None takes `OrienteeringProblem.prize_scale`. Guided
            local search reshapes the costs of ways and stalls where prizes drown them: less finds more on
            large problems.

    Raises:
        NotFound: ORI-020 OR-Tools is not installed.
    """

    name = "ortools"

    def __init__(self, scale: float | None = None, prize_scale: float | None = None) -> None:
        try:
            from ortools.constraint_solver import pywrapcp, routing_enums_pb2
        except ImportError as error:
            raise NotFound("ORI-020", engine="ortools") from error
        self._wrap = pywrapcp
        self._enums = routing_enums_pb2
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
        """The best routes OR-Tools found within the allowance; empty routes where it found none."""
        nodes = np.flatnonzero(problem.reachable())
        fleet = np.flatnonzero(problem.able)
        empty = Routes(tuple(() for _ in range(problem.vehicles)), 0.0, self.name)
        if not len(nodes) or allowance.spent(0):
            return empty
        places = [int(node) for node in np.unique(np.concatenate([nodes, problem.start, problem.end]))]
        manager, routing = self._model(problem, places, nodes)
        rounds = 0

        def enough() -> bool:
            return allowance.spent(rounds)

        def count() -> None:
            nonlocal rounds
            rounds += 1

        routing.AddAtSolutionCallback(count)
        routing.AddSearchMonitor(routing.solver().CustomLimit(enough))
        solution = routing.SolveWithParameters(self._parameters(allowance))
        if solution is None:
            return empty
        visits: list[tuple[int, ...]] = [() for _ in range(problem.vehicles)]
        for row, v in enumerate(fleet):
            visits[v] = self._route(row, places, manager, routing, solution)
        found = Routes(tuple(visits), check(problem, visits).prize, self.name, rounds)
        if progress is not None:
            progress(found)
        return found

    def _model(self, problem: OrienteeringProblem, places: list[int], nodes: Any) -> tuple[Any, Any]:
        spans = (problem.limits - problem.departs)[problem.able]
        scale = self._scale or 10.0 ** np.round(5.0 - np.log10(max(float(spans.max()), 1e-9)))
        worth = self._prize_scale or scale * problem.prize_scale()
        index = {node: row for row, node in enumerate(places)}
        fleet = np.flatnonzero(problem.able)
        ends = [[index[int(node)] for node in side[fleet]] for side in (problem.start, problem.end)]
        manager = self._wrap.RoutingIndexManager(len(places), len(fleet), *ends)
        routing = self._wrap.RoutingModel(manager)
        self._time(problem, places, scale, manager, routing)
        for node in nodes:
            penalty = max(1, round(float(problem.prize[node]) * worth))
            routing.AddDisjunction([manager.NodeToIndex(index[int(node)])], penalty)
        return manager, routing

    def _time(
        self, problem: OrienteeringProblem, places: list[int], scale: float, manager: Any, routing: Any
    ) -> None:
        origin = float(problem.departs.min())
        fleet = np.flatnonzero(problem.able)
        limits = [allowed(float(limit) - origin, scale) for limit in problem.limits[fleet]]
        service = problem.service[places].copy()
        service[np.isin(places, [problem.start, problem.end])] = 0.0
        transits, arcs = [], []
        for ways in problem.cost:
            cost = np.ceil(np.minimum(ways[np.ix_(places, places)] * scale, FAR) - 1e-6).astype(np.int64)
            np.fill_diagonal(cost, 0)
            takes = cost + np.ceil(service * scale - 1e-6).astype(np.int64)[:, None]
            arcs.append(routing.RegisterTransitMatrix(cost.tolist()))
            transits.append(routing.RegisterTransitMatrix(takes.tolist()))
        for row, v in enumerate(fleet):
            routing.SetArcCostEvaluatorOfVehicle(arcs[problem.kind[v]], row)
        routing.AddDimensionWithVehicleTransitAndCapacity(
            [transits[kind] for kind in problem.kind],
            max(limits) if problem.timed else 0,
            limits,
            False,
            "time",
        )
        clock = routing.GetDimensionOrDie("time")
        for row, v in enumerate(fleet):
            leaves = max(float(problem.departs[v]), float(problem.opens[problem.start[v]])) - origin
            moment = needed(leaves, scale)
            clock.CumulVar(routing.Start(row)).SetRange(moment, moment)
        for row, node in enumerate(places):
            if problem.timed and node not in problem.start and node not in problem.end:
                opens = needed(max(float(problem.opens[node]) - origin, 0.0), scale)
                closes = allowed(float(problem.closes[node]) - origin, scale)
                clock.CumulVar(manager.NodeToIndex(row)).SetRange(opens, max(opens, closes))

    def _parameters(self, allowance: Allowance) -> Any:
        parameters = self._wrap.DefaultRoutingSearchParameters()
        parameters.first_solution_strategy = self._enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        parameters.local_search_metaheuristic = self._enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        # The allowance ends the search; this limit only keeps the library from warning that there is none.
        parameters.time_limit.seconds = LONGEST_S
        if allowance.iterations is not None:
            parameters.solution_limit = max(1, allowance.iterations)
        return parameters

    def _route(self, v: int, places: list[int], manager: Any, routing: Any, solution: Any) -> tuple[int, ...]:
        visits = []
        index = solution.Value(routing.NextVar(routing.Start(v)))
        while not routing.IsEnd(index):
            visits.append(places[manager.IndexToNode(index)])
            index = solution.Value(routing.NextVar(index))
        return tuple(visits)
