"""The exact optimum of tiny orienteering problems by dynamic programming over sets, and problems to ask it
about."""

import itertools

import numpy as np

from atalaya.plan.orienteering import OrienteeringProblem


def optimum(problem: OrienteeringProblem) -> float:
    """The most prize that can be collected; every set of places, every order."""
    bases = {*problem.start.tolist(), *problem.end.tolist()}
    nodes = [node for node in range(problem.nodes) if node not in bases]
    prize = [
        sum(problem.prize[node] for place, node in enumerate(nodes) if chosen >> place & 1)
        for chosen in range(1 << len(nodes))
    ]
    best = [0.0] * (1 << len(nodes))
    for v in range(problem.vehicles):
        able = [chosen for chosen, fits in enumerate(feasible(problem, v, nodes)) if fits]
        grown = best.copy()
        for free in range(1 << len(nodes)):
            for chosen in able:
                if chosen & free == chosen:
                    grown[free] = max(grown[free], prize[chosen] + best[free & ~chosen])
        best = grown
    return best[-1]


def feasible(problem: OrienteeringProblem, v: int, nodes: list[int]) -> list[bool]:
    """For every set of places whether vehicle v can visit them all."""
    ways, start, end = problem.cost[problem.kind[v]], problem.start[v], problem.end[v]
    leaves = max(problem.departs[v], problem.opens[start])
    earliest = {(0, -1): leaves}
    fits = [False] * (1 << len(nodes))
    fits[0] = True
    for chosen in range(1, 1 << len(nodes)):
        for last in range(len(nodes)):
            if not chosen >> last & 1:
                continue
            before = chosen & ~(1 << last)
            begins = [
                max(
                    moment + service(problem, nodes, i) + ways[start if i < 0 else nodes[i], nodes[last]],
                    problem.opens[nodes[last]],
                )
                for i in range(-1, len(nodes))
                if (moment := earliest.get((before, i))) is not None
            ]
            begins = [begin for begin in begins if begin <= problem.closes[nodes[last]] + 1e-9]
            if begins:
                earliest[chosen, last] = min(begins)
                reach = min(begins) + problem.service[nodes[last]] + ways[nodes[last], end]
                fits[chosen] |= bool(reach <= problem.limits[v] + 1e-9)
    return fits


def service(problem: OrienteeringProblem, nodes: list[int], i: int) -> float:
    """Time spent at a place; none at the start."""
    return 0.0 if i < 0 else float(problem.service[nodes[i]])


def walked(ways: np.ndarray) -> np.ndarray:
    """Costs made to obey the triangle inequality: the shortest walk from each place to each other."""
    shortest = ways.copy()
    np.fill_diagonal(shortest, 0.0)
    for middle in range(len(ways)):
        shortest = np.minimum(shortest, shortest[:, middle, None] + shortest[None, middle, :])
    return shortest


def tiny(flavour: str, seed: int) -> OrienteeringProblem:
    """A random problem of seven places and two vehicles, in whole numbers: no engine loses by rounding."""
    rng = np.random.default_rng([seed, len(flavour)])
    nodes = 9
    flat = np.ceil(np.hypot(*(rng.uniform(0, 40, (2, nodes, 1)) - rng.uniform(0, 40, (2, 1, nodes)))))
    ways = walked(np.minimum(flat, flat.T))
    asymmetric = walked(rng.integers(5, 40, (nodes, nodes)).astype(float))
    opens = np.full(nodes, -np.inf)
    closes = np.full(nodes, np.inf)
    opens[2:] = rng.integers(0, 50, nodes - 2)
    closes[2:] = opens[2:] + rng.integers(5, 40, nodes - 2)
    base = {"prize": rng.integers(1, 30, nodes).astype(float), "budget": np.array([60.0, 75.0])}
    ends = {"start": np.array([0, 0]), "end": np.array([1, 1])}
    extra = {
        "plain": {"cost": ways[None]},
        "asymmetric": {"cost": asymmetric[None]},
        "service": {"cost": ways[None], "service": rng.integers(0, 12, nodes).astype(float)},
        "windows": {
            "cost": asymmetric[None],
            "opens": opens,
            "closes": closes,
            "service": rng.integers(0, 5, nodes).astype(float),
        },
        "fleet": {
            "cost": np.stack([ways, asymmetric]),
            "kind": np.array([0, 1]),
            "start": np.array([0, 1]),
            "end": np.array([0, 0]),
            "departs": np.array([3.0, 10.0]),
        },
    }[flavour]
    return OrienteeringProblem(**{**base, **ends, **extra})


FLAVOURS = ("plain", "asymmetric", "service", "windows", "fleet")
CASES = tuple(itertools.product(FLAVOURS, range(6)))
