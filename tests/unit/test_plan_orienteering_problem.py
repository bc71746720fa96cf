"""What is an orienteering problem, and what are admissible routes of it."""

from typing import Any

import numpy as np
import pytest

from atalaya.base.errors import BadInput, VerificationFailed
from atalaya.plan.orienteering import OrienteeringProblem, check, solve
from tests.orienteering_oracle import FLAVOURS, tiny


def given(**changes: Any) -> dict[str, Any]:
    cost = np.array([[0, 3, 4, 8], [3, 0, 5, 6], [4, 5, 0, 2], [8, 6, 2, 0]], float)
    base = {"prize": [0, 5, 7, 0], "cost": cost[None], "budget": [14.0], "start": [0], "end": [3]}
    return {**base, **changes}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"prize": [0, 5, 7]}, "ORI-001"),
        ({"service": [1, 2]}, "ORI-001"),
        ({"cost": np.zeros((4, 4))}, "ORI-001"),
        ({"start": [0, 0]}, "ORI-001"),
        ({"prize": [0, np.nan, 7, 0]}, "ORI-002"),
        ({"prize": [0, -1, 7, 0]}, "ORI-002"),
        ({"cost": np.full((1, 4, 4), np.nan)}, "ORI-002"),
        ({"budget": [np.inf]}, "ORI-002"),
        ({"budget": ["much"]}, "ORI-002"),
        ({"departs": [np.nan]}, "ORI-002"),
        ({"closes": [np.nan] * 4}, "ORI-002"),
        ({"start": [4]}, "ORI-003"),
        ({"end": [-1]}, "ORI-003"),
        ({"kind": [1]}, "ORI-003"),
        ({"start": [0.5]}, "ORI-003"),
        ({"opens": [0, 9, 0, 0], "closes": [9, 8, 9, 99]}, "ORI-004"),
        ({"budget": [7.9]}, "ORI-005"),
        ({"closes": [99, 99, 99, 7]}, "ORI-005"),
    ],
)
def test_what_cannot_be_a_problem_is_refused_with_its_place(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as raised:
        OrienteeringProblem(**given(**changes))
    assert raised.value.code == code
    if code != "ORI-005":
        assert raised.value.where.startswith((*changes, "place 1", "cost"))


def test_arrays_of_a_problem_cannot_be_changed_afterwards() -> None:
    prize = np.array([0.0, 5.0, 7.0, 0.0])
    problem = OrienteeringProblem(**given(prize=prize))
    prize[1] = 99.0
    assert problem.prize[1] == 5.0
    with pytest.raises(ValueError, match="read-only"):
        problem.prize[1] = 99.0


def test_a_vehicle_that_cannot_reach_its_end_may_be_left_out() -> None:
    problem = OrienteeringProblem(**given(budget=[7.0, 9.0], start=[0, 0], end=[3, 3], may_stay=True))
    assert problem.able.tolist() == [False, True]
    found = solve(problem, seed=1, iterations=20)
    assert found.visits == ((), (2,))
    assert check(problem, found).lengths == (0.0, 6.0)


def test_a_certificate_tells_lengths_and_beginnings() -> None:
    windows = {"opens": [0, 5, 0, 0], "closes": [99, 6, 99, 99], "service": [9, 1, 2, 9]}
    problem = OrienteeringProblem(**given(budget=[20.0], departs=[1.0], **windows))
    certificate = check(problem, [[1, 2]])
    assert certificate.prize == 12.0
    # out at 1, at place 1 by 4, waits until 5, leaves at 6, at place 2 by 11, leaves at 13, home at 15
    assert certificate.begins == ((5.0, 11.0),)
    assert certificate.lengths == (14.0,)


@pytest.mark.proves("ORI-103")
@pytest.mark.parametrize(
    ("routes", "changes", "code"),
    [
        ([[1], [2]], {}, "ORI-010"),
        ([[0]], {}, "ORI-011"),
        ([[3]], {}, "ORI-011"),
        ([[7]], {}, "ORI-011"),
        ([[-3]], {}, "ORI-011"),
        ([[1, 1]], {}, "ORI-012"),
        ([[1, 2]], {"budget": [9.9]}, "ORI-013"),
        ([[1, 2]], {"service": [0, 3, 2, 0]}, "ORI-013"),
        ([[2, 1]], {"closes": [99, 8, 99, 99]}, "ORI-014"),
    ],
)
def test_routes_that_break_a_rule_are_refused(
    routes: list[list[int]], changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(VerificationFailed) as raised:
        check(OrienteeringProblem(**given(**changes)), routes)
    assert raised.value.code == code


@pytest.mark.proves("ORI-104")
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_seed_and_a_count_of_iterations_decide_the_routes(flavour: str) -> None:
    problem = tiny(flavour, 9)
    first, second = (solve(problem, seed=5, iterations=2500) for _ in range(2))
    assert first == second
