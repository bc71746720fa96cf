"""Published instances: proved optima, certified routes, and scores of other heuristics.

Optima of the orienteering files: OR-Tools 9.15 CP-SAT, circuit constraint, distances x 10^4 rounded up.
Scores with time windows: the results of one published heuristic, stored beside the instances.
"""

import json

import pytest

from atalaya.plan.orienteering import check, read_instance, solve
from tests.shared_data import shared


@pytest.mark.parametrize(
    ("name", "optimum"),
    [
        ("Tsiligirides_1/tsiligirides_problem_1_budget_46.txt", 175),
        ("Tsiligirides_2/tsiligirides_problem_2_budget_30.txt", 265),
        ("Tsiligirides_3/tsiligirides_problem_3_budget_050.txt", 520),
        ("ChaoSet_66/set_66_1_060.txt", 915),
    ],
)
def test_proved_optima_of_one_route_are_found(name: str, optimum: int) -> None:
    problem = read_instance(shared(f"plan/op/{name}")).problem
    assert solve(problem, seed=1, iterations=40_000).prize == optimum


def test_an_open_instance_is_solved_at_least_as_well_as_ever_proved() -> None:
    problem = read_instance(shared("plan/op/ChaoSet_64/set_64_1_40.txt")).problem
    assert 714 <= solve(problem, seed=1, iterations=40_000).prize <= 744


def test_certified_routes_of_others_are_accepted() -> None:
    certified = json.loads(shared("plan/top/certified_above_file.json").read_text())
    assert len(certified) == 4
    for name, entry in certified.items():
        problem = read_instance(shared(f"plan/top/Set{name[1]}/{name}.txt")).problem
        assert check(problem, entry["routes"]).prize == entry["score"]


@pytest.mark.parametrize(
    ("name", "known"), [("p1.3.p", 220), ("p2.2.h", 230), ("p3.4.q", 560), ("p4.4.r", 1211), ("p7.2.q", 1044)]
)
def test_teams_come_close_to_the_best_known_within_moments(name: str, known: int) -> None:
    problem = read_instance(shared(f"plan/top/Set{name[1]}/{name}.txt")).problem
    assert solve(problem, seed=1, iterations=40_000).prize >= 0.985 * known


def test_a_budget_too_short_for_the_way_home_collects_nothing() -> None:
    problem = read_instance(shared("plan/top/Set4/p4.4.a.txt")).problem
    assert solve(problem, seed=1, iterations=100).prize == 0.0


@pytest.mark.parametrize(("name", "vehicles", "known"), [("pr05", 2, 1023), ("pr10", 3, 1433)])
def test_time_windows_give_sane_results(name: str, vehicles: int, known: int) -> None:
    problem = read_instance(shared(f"plan/toptw/toptw/{name}.txt"), vehicles=vehicles).problem
    assert solve(problem, seed=1, iterations=20_000).prize >= 0.97 * known
