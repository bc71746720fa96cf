"""Every engine behind the orienteering port: its routes hold, and on tiny problems they are the best there
are."""

import numpy as np
import pytest

from atalaya.base.errors import Usage
from atalaya.plan.orienteering import (
    ENGINES,
    Engine,
    OrienteeringProblem,
    Routes,
    check,
    engine_named,
    solve,
)
from tests.orienteering_oracle import CASES, optimum, tiny

ROUNDS = {"own": 3000, "pyvrp": 300, "ortools": 1500}
"""Enough for tiny problems."""

SHARE = {"own": 1.0, "pyvrp": 1.0, "ortools": 0.95}
"""Of the optimum; guided local search stalls where prizes drown the costs of ways, as they must here."""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return engine_named(request.param)


@pytest.mark.proves("ORI-101", "ORI-102")
@pytest.mark.parametrize(("flavour", "seed"), CASES)
def test_tiny_problems_are_solved_as_well_as_by_enumeration(engine: Engine, flavour: str, seed: int) -> None:
    problem = tiny(flavour, seed)
    found = solve(problem, seed=1, iterations=ROUNDS[engine.name], engine=engine)
    assert found.prize == check(problem, found).prize
    best = optimum(problem)
    assert SHARE[engine.name] * best <= found.prize <= best


@pytest.mark.proves("ORI-101")
def test_places_out_of_reach_and_without_prize_are_left_out(engine: Engine) -> None:
    cost = np.full((1, 5, 5), 10.0)
    cost[0, :, 3] = cost[0, 3, :] = np.inf
    problem = OrienteeringProblem(
        prize=np.array([50.0, 5.0, 0.0, 90.0, 7.0]),
        cost=cost,
        budget=np.array([31.0]),
        start=np.array([0]),
        end=np.array([0]),
    )
    found = solve(problem, seed=3, iterations=50, engine=engine)
    assert sorted(found.visits[0]) == [1, 4]
    assert found.prize == 12.0


def test_nothing_in_reach_is_an_answer(engine: Engine) -> None:
    problem = OrienteeringProblem(
        prize=np.array([0.0, 5.0]),
        cost=np.full((1, 2, 2), 10.0),
        budget=np.array([19.0, 0.0]),
        start=np.array([0, 0]),
        end=np.array([0, 0]),
    )
    assert solve(problem, seed=0, iterations=5, engine=engine).visits == ((), ())


def test_seconds_end_the_search_and_progress_only_rises(engine: Engine) -> None:
    seen: list[Routes] = []
    moments = iter(np.arange(0.0, 1e6, 0.01))
    problem = tiny("plain", 2)
    found = solve(
        problem, seed=1, seconds=0.5, engine=engine, clock=lambda: float(next(moments)), progress=seen.append
    )
    assert seen
    assert [routes.prize for routes in seen] == sorted(routes.prize for routes in seen)
    assert seen[-1].prize == found.prize > 0


def test_a_stop_ends_the_search_with_the_best_so_far(engine: Engine) -> None:
    asked = iter([*[False] * 30, *[True] * 1000])
    problem = tiny("fleet", 4)
    found = solve(problem, seed=1, engine=engine, stop=lambda: next(asked))
    assert check(problem, found).prize == found.prize


def test_an_engine_nobody_knows_and_a_search_without_end_are_refused() -> None:
    with pytest.raises(Usage, match="ORI-021"):
        solve(tiny("plain", 0), seed=1, iterations=1, engine="magic")
    with pytest.raises(Usage, match="ORI-022"):
        solve(tiny("plain", 0), seed=1)
