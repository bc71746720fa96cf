"""An answer to an orienteering problem, and the check of it that knows nothing of how it was found."""

from collections.abc import Sequence
from dataclasses import dataclass

from atalaya.base.errors import VerificationFailed
from atalaya.plan.orienteering.problem import TOLERANCE, OrienteeringProblem


@dataclass(frozen=True)
class Routes:
    """Which places each vehicle visits, in order.

    Args:
        visits: one tuple of node indices per vehicle, its start and end left out.
        prize: what they collect together.
        engine: who found them.
        rounds: iterations the engine made; 0 where it does not tell.
        complete: whether every place that can be reached at all is visited, so that nothing better exists.
    """

    visits: tuple[tuple[int, ...], ...]
    prize: float
    engine: str = ""
    rounds: int = 0
    complete: bool = False


@dataclass(frozen=True)
class Certificate:
    """What `check` recomputed of routes it found admissible.

    Args:
        prize: sum over the places visited.
        lengths: time of each vehicle from departure to arrival, waiting and service included.
        begins: for each vehicle, when service begins at each place visited.
    """

    prize: float
    lengths: tuple[float, ...]
    begins: tuple[tuple[float, ...], ...]


def check(problem: OrienteeringProblem, routes: Routes | Sequence[Sequence[int]]) -> Certificate:
    """Recompute every length, arrival and prize of routes from the problem alone.

    Args:
        problem: the problem.
        routes: one sequence of node indices per vehicle, its start and end left out.

    Raises:
        VerificationFailed: ORI-010 not one route per vehicle, ORI-011 a place that is none or a base,
            ORI-012 a place visited twice, ORI-013 a budget exceeded, ORI-014 a window missed.
    """
    visits = routes.visits if isinstance(routes, Routes) else routes
    if len(visits) != problem.vehicles:
        raise VerificationFailed("ORI-010", found=len(visits), wanted=problem.vehicles)
    bases = {*problem.start.tolist(), *problem.end.tolist()}
    seen: set[int] = set()
    for v, route in enumerate(visits):
        for node in route:
            where = f"vehicle {v}, place {node}"
            if not 0 <= node < problem.nodes or node in bases:
                raise VerificationFailed("ORI-011", where=where)
            if node in seen:
                raise VerificationFailed("ORI-012", where=where)
            seen.add(node)
    flown = [_flown(problem, v, route) for v, route in enumerate(visits)]
    prize = float(sum(problem.prize[node] for route in visits for node in route))
    return Certificate(prize, tuple(length for length, _ in flown), tuple(begins for _, begins in flown))


def _flown(problem: OrienteeringProblem, v: int, route: Sequence[int]) -> tuple[float, tuple[float, ...]]:
    if not route and not problem.able[v]:
        return 0.0, ()
    ways, here, last = problem.cost[problem.kind[v]], int(problem.start[v]), int(problem.end[v])
    now = max(float(problem.departs[v]), float(problem.opens[here]))
    begins = []
    for node in route:
        now = max(now + float(ways[here, node]), float(problem.opens[node]))
        if now > problem.closes[node] + TOLERANCE:
            raise VerificationFailed(
                "ORI-014",
                where=f"vehicle {v}, place {node}",
                begins=f"{now:g}",
                closes=f"{problem.closes[node]:g}",
            )
        begins.append(now)
        now += float(problem.service[node])
        here = node
    now += 0.0 if here == last and not route else float(ways[here, last])
    used = now - float(problem.departs[v])
    if now > problem.limits[v] + TOLERANCE:
        has = problem.limits[v] - problem.departs[v]
        raise VerificationFailed("ORI-013", where=f"vehicle {v}", used=f"{used:.9g}", has=f"{has:.9g}")
    return used, tuple(begins)
