"""From a problem to the arrays of the kernels and back."""

from collections.abc import Sequence

import numpy as np

from atalaya.plan.orienteering.problem import OrienteeringProblem
from atalaya.plan.orienteering.ruin import kernels
from atalaya.plan.orienteering.ruin.arrays import Floats, Ints, Model, Plan, Pool, Work


def model_of(problem: OrienteeringProblem) -> Model:
    """The problem as the kernels want it; places nobody can reach or that are worth nothing are left out."""
    limits = problem.limits
    nodes = np.flatnonzero(problem.reachable())
    service = problem.service.copy()
    prize = problem.prize.copy()
    for bases in (problem.start, problem.end):
        service[bases] = prize[bases] = 0.0
    # A way that does not exist costs more than any vehicle has, but stays a number: sums of it can be
    # compared.
    never = 1e3 * (1.0 + float(np.max((limits - problem.departs)[problem.able], initial=0.0)))
    cost = np.minimum(problem.cost, never)
    for ways in cost:
        np.fill_diagonal(ways, 0.0)
    apart = (cost + cost.transpose(0, 2, 1)).min(axis=0)[:, nodes]
    return Model(
        prize=prize,
        worth=np.log(np.maximum(prize, 1e-300)),
        service=service,
        cost=np.ascontiguousarray(cost),
        kind=problem.kind,
        start=problem.start,
        end=problem.end,
        opens=problem.opens,
        closes=problem.closes,
        leaves=np.maximum(problem.departs, problem.opens[problem.start]),
        limit=np.where(problem.able, limits, -np.inf),
        nodes=nodes,
        near=np.ascontiguousarray(nodes[np.argsort(apart, axis=1, kind="stable")]),
        timed=np.array([problem.timed]),
        group=_groups(problem, limits),
        mark=np.random.default_rng(0).integers(1, 1 << 63, problem.nodes, dtype=np.uint64),
    )


def empty_plan(model: Model) -> Plan:
    """Room for one solution."""
    nodes, vehicles = len(model.prize), len(model.kind)
    shape = (vehicles, len(model.nodes) + 3)
    return Plan(
        route=np.zeros(shape, np.int64),
        size=np.zeros(vehicles, np.int64),
        early=np.zeros(shape),
        late=np.zeros(shape),
        owner=np.full(nodes, -1, np.int64),
        place=np.zeros(nodes, np.int64),
    )


def empty_work(model: Model) -> Work:
    """Room that the kernels write to."""
    nodes, vehicles = len(model.prize), len(model.kind)
    return Work(
        delta=np.zeros((nodes, vehicles)),
        spot=np.zeros((nodes, vehicles), np.int64),
        weight=np.zeros(nodes),
        waiting=np.zeros(nodes, np.int64),
        touched=np.zeros(vehicles, np.bool_),
        fresh=np.zeros(vehicles, np.bool_),
        back=np.zeros(len(model.nodes) + 3),
        line=np.zeros(len(model.nodes) + 3, np.int64),
    )


def visits_of(plan: Plan) -> tuple[tuple[int, ...], ...]:
    """The places each vehicle visits, in order."""
    sizes: Ints = plan.size
    return tuple(
        tuple(int(node) for node in route[1 : size + 1])
        for route, size in zip(plan.route, sizes, strict=True)
    )


def write_plan(model: Model, plan: Plan, visits: Sequence[Sequence[int]]) -> None:
    """Make the plan visit these places; none at all for an empty sequence."""
    kernels.clear(model, plan)
    for v, route in enumerate(visits):
        plan.route[v, 1 : len(route) + 2] = [*route, model.end[v]]
        plan.size[v] = len(route)
        kernels.retime(model, plan, v)


def empty_pool(model: Model, slots: int) -> Pool:
    """Room for routes worth remembering."""
    shape = (slots, len(model.nodes) + 3)
    return Pool(
        np.zeros(shape, np.int64),
        np.zeros(slots, np.int64),
        np.zeros(slots, np.uint64),
        np.zeros(slots, np.int64),
    )


def _groups(problem: OrienteeringProblem, limits: Floats) -> Ints:
    columns = [problem.kind, problem.start, problem.end, limits, problem.departs]
    table = np.stack([column.astype(np.float64) for column in columns], axis=1)
    groups: Ints = np.unique(table, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return groups
