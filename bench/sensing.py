"""Sensing and effort: updates of large maps, allocations against exact answers and SciPy, footprints and
NIIRS.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.optimize import minimize

from atalaya.plan.effort import Problem, allocate, allocate_resources, problem, stone
from atalaya.sensing import SearchMap, after_look, endurance_h, niirs, platform
from atalaya.sensing.lateral_range import cookie_cutter_pod, inverse_cube_pod, random_pod
from bench.measure import Measure, best_of, interleaved
from bench.shared import shared

ROOM = "sensing"
Floats = NDArray[np.float64]

UPDATE_CELLS = 1000
ALLOCATION_CELLS = 100_000
RANDOM_CASES = 1000
SLSQP_CASES = 20
SORAL = ("case0", "case1", "case2", "case3", "case4", "case5", "case6", "2by2", "washburn")


def measures() -> Iterator[Measure]:
    """Every measure of sensing and of effort."""
    yield update()
    yield allocation(1, None)
    yield allocation(3, None)
    yield random_cases()
    yield against_scipy()
    yield soral()
    yield circular_normal()
    yield from formulas()


def update() -> Measure:
    """Posterior of a million cells after a look, against the same in plain numpy."""
    rng = np.random.default_rng(1)
    shape = (UPDATE_CELLS, UPDATE_CELLS)
    prior = SearchMap(rng.random(shape), rng.random(shape), "EPSG:6933", (0.0, 500.0, 0.0, 0.0, 0.0, -500.0))
    chance = rng.random(shape)
    after_look(prior, chance)

    def plain() -> tuple[Floats, Floats]:
        kept = prior.hidden + (1.0 - prior.hidden) * (1.0 - chance)
        return prior.rate * kept, prior.hidden / kept

    ours, theirs = interleaved(7, lambda: after_look(prior, chance), plain)
    return Measure(
        ROOM,
        "posterior of 1,000,000 cells",
        ours,
        "s",
        0.2,
        "less",
        f"numpy {np.__version__}",
        theirs,
        note="peer: the formula alone, values not checked",
    )


def large(resources: int) -> tuple[Floats, Floats, Floats]:
    """A map of many poor cells and few rich ones."""
    rng = np.random.default_rng(2)
    worth = rng.gamma(0.3, 1.0, ALLOCATION_CELLS)
    speed = rng.uniform(0.0, 3.0, (ALLOCATION_CELLS, resources))
    return worth, speed, rng.uniform(0.5, 1.0, resources) * ALLOCATION_CELLS / 10.0


def allocation(resources: int, goal: float | None) -> Measure:
    """Seconds for a map of 100,000 cells."""
    worth, speed, hours = large(resources)
    answer = allocate_resources(worth, speed, hours)
    seconds = best_of(2, lambda: allocate_resources(worth, speed, hours))
    return Measure(
        ROOM,
        f"allocation, 100,000 cells, {resources} resource(s)",
        seconds,
        "s",
        goal,
        "less",
        note=f"proved within {answer.gap:.1e} of the best",
    )


def drawn(seed: int) -> Problem:
    """A random case of up to four resources."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 15)), int(rng.integers(1, 5))
    speed = rng.uniform(0, 3, (n, m)) * (rng.uniform(size=(n, m)) < 0.8)
    return problem(rng.dirichlet(np.ones(n)), speed, rng.uniform(0, 5, m))


def random_cases() -> Measure:
    """Widest gap between what is found and the proof that nothing finds more."""
    gaps = []
    for seed in range(RANDOM_CASES):
        case = drawn(seed)
        answer = allocate_resources(case.worth, case.speed, case.hours)
        gaps.append(answer.bound - answer.found)
    return Measure(
        ROOM, f"gap to the dual bound, {RANDOM_CASES} cases", max(gaps), "probability", 1e-6, "less"
    )


def against_scipy() -> Measure:
    """Seconds for small cases, SLSQP beside, and how far the two differ."""
    cases = [case for case in (drawn(50_000 + seed) for seed in range(2 * SLSQP_CASES)) if case.speed.any()]
    cases = cases[:SLSQP_CASES]

    def ours() -> list[float]:
        return [allocate_resources(case.worth, case.speed, case.hours).found for case in cases]

    ours()
    mine, theirs = interleaved(2, ours, lambda: [slsqp(case) for case in cases])
    apart = np.array(ours()) - np.array([slsqp(case) for case in cases])
    return Measure(
        ROOM,
        f"{SLSQP_CASES} small allocations",
        mine,
        "s",
        better="less",
        peer=f"SLSQP, scipy {scipy.__version__}",
        peer_value=theirs,
        note=f"ours less theirs: {apart.min():.1e} ... {apart.max():.1e} in probability",
    )


def slsqp(case: Problem) -> float:
    """What SciPy's general solver finds, its answer made feasible."""
    n, m = case.speed.shape
    spare = {"type": "ineq", "fun": lambda t: case.hours - t.reshape(n, m).sum(axis=0)}
    start = np.tile(case.hours / (n + 1.0), (n, 1)).ravel()
    answer = minimize(
        lambda t: case.left(t.reshape(n, m)).sum(),
        start,
        method="SLSQP",
        bounds=[(0, None)] * (n * m),
        constraints=[spare],
        options={"ftol": 1e-12, "maxiter": 500},
    )
    effort = np.maximum(answer.x.reshape(n, m), 0.0)
    return case.found(effort * np.minimum(1.0, case.hours / np.maximum(effort.sum(axis=0), 1e-300)))


def soral() -> Measure:
    """Widest difference in probability from SORAL's exact answers."""
    name = "largest difference from SORAL's cases"
    folder = shared("plan/soral/matlab")
    if folder is None:
        return Measure(
            ROOM, name, None, "probability", 1e-6, "less", note="SORAL's cases are not beside this checkout"
        )
    apart = [soral_difference(folder / f"{case}.mat") for case in SORAL]
    return Measure(ROOM, name, max(apart), "probability", 1e-6, "less", note=f"{len(SORAL)} cases")


def soral_difference(path: Path) -> float:
    """Difference of one case; worth scaled to add up to one where it adds up to more."""
    data = loadmat(path)
    case = problem(data["p"].ravel() * 1.0, data["w"] * 1.0, data["T"].ravel() * 1.0)
    answer = allocate_resources(case.worth, case.speed, case.hours)
    return abs(answer.found - case.found(data["answer"] * 1.0)) / max(1.0, float(case.worth.sum()))


def circular_normal() -> Measure:
    """Stone's closed form against a grid of half units."""
    edge = np.arange(-60.0, 60.0, 0.5) + 0.25
    east, north = np.meshgrid(edge, edge)
    worth = np.exp(-(east**2 + north**2) / 200.0) / (200.0 * np.pi) * 0.25
    apart = [
        abs(
            allocate(worth, np.full(worth.size, 4.0), 20.0 * time).found
            - float(stone.chance_found(10.0, 20.0, time))
        )
        for time in (1.0, 5.0, 20.0, 60.0, 200.0)
    ]
    return Measure(
        ROOM, "Stone's circular normal case, half-unit grid", max(apart), "probability", 1e-6, "less"
    )


def formulas() -> Iterator[Measure]:
    """Closed formulas against the field note's figures."""
    quality = abs(float(niirs(0.52832, 0.35, 50.0, 90.0)) - 5.015165370148)
    yield Measure(ROOM, "GIQE-5 against the worked value", quality, "NIIRS", 1e-6, "less")
    table = {
        cookie_cutter_pod: (0.5, 1.0, 1.0, 1.0),
        inverse_cube_pod: (0.469116, 0.789909, 0.939888, 0.987811),
        random_pod: (0.393469, 0.632121, 0.776870, 0.864665),
    }
    apart = max(float(np.abs(law([0.5, 1, 1.5, 2]) - values).max()) for law, values in table.items())
    yield Measure(ROOM, "table of chances of detection", apart, "probability", 1e-6, "less")
    hours = {"mq9a": 27.0, "mq9a-loaded": 14.0, "mq9b": 48.2, "mq9b-light": 48.2}
    off = max(abs(endurance_h(platform(name)) / value - 1.0) for name, value in hours.items())
    yield Measure(ROOM, "endurance figures", 100.0 * off, "%", 2.0, "less")
