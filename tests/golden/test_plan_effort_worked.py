"""Allocation of effort against exact answers: Stone, Charnes and Cooper, Washburn (SORAL), looks.

SORAL's cases (ctwardy/soral, MIT) lie in the `.mat` files of the optional data; the table of one-resource
cases is the field note's.
"""

import numpy as np
import pytest
from scipy.io import loadmat

from atalaya.plan.effort import (
    allocate,
    allocate_resources,
    best_looks,
    bound_for,
    kkt_violation,
    least_cost_looks,
    least_expected_cost,
    problem,
    stone,
)
from tests.shared_data import shared

SORAL = ("case0", "case1", "case2", "case3", "case4", "case5", "case6", "2by2", "washburn")

TABLE = [
    (
        (0.1935, 0.2581, 0.2903, 0.2581),
        (1 / 28, 1 / 30, 1 / 14, 1 / 12),
        40.0,
        (1.473435, 8.150982, 16.119701, 14.255882),
        0.4492576371,
    ),
    ((8, 4, 1, 2), (1, 4, 12, 8), 0.05, (0, 0.033333, 0, 0.016667), 0.7489600857),
    ((4, 2, 8, 1), (4, 1, 1, 12), 0.10, (0.092980, 0, 0, 0.007020), 1.3231518087),
    ((2, 4, 2), (9, 3, 6), 0.20, (0.073224, 0.084517, 0.042259), 2.3090433280),
    ((1, 4, 20, 0), (8, 4, 0, 10), 0.50, (0.108904, 0.391096, 0, 0), 3.7446968770),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row[2]))
@pytest.mark.proves("SNS-006")
def test_one_resource_as_in_the_note(row: tuple) -> None:  # type: ignore[type-arg]
    worth, speed, hours, effort, found = row
    answer = allocate(worth, speed, hours)
    assert answer.effort[:, 0] == pytest.approx(np.array(effort), abs=1e-6)
    assert answer.found == pytest.approx(found, abs=1e-9)
    assert answer.found <= answer.bound <= answer.found + 1e-12


@pytest.mark.parametrize("name", SORAL)
@pytest.mark.proves("SNS-006")
def test_soral(name: str) -> None:
    data = loadmat(shared(f"plan/soral/matlab/{name}.mat"))
    worth, speed, hours = data["p"].ravel() * 1.0, data["w"] * 1.0, data["T"].ravel() * 1.0
    case = problem(worth, speed, hours)
    truth = case.found(data["answer"] * 1.0)
    answers = [allocate_resources(worth, speed, hours)]
    if hours.size == 1:
        answers.append(allocate(worth, speed[:, 0], float(hours[0])))
    for answer in answers:
        # in probability: worth need not add up to 1
        assert abs(answer.found - truth) <= 1e-9 * max(1.0, float(worth.sum()))
        assert answer.effort == pytest.approx(data["answer"], abs=1e-6)
        assert (answer.effort.sum(axis=0) <= hours * (1.0 + 1e-12)).all()
        assert kkt_violation(case, answer.effort, answer.price) <= 1e-9


def test_what_washburn_and_the_two_by_two_leave() -> None:
    worth = (1000, 1000, 2000, 2000)
    speed = ((1, 3, 0), (2, 2, 1), (3, 2, 0), (4, 1, 1))
    answer = allocate_resources(worth, speed, (3, 2, 1))
    assert 6000.0 - answer.found == pytest.approx(106.20774, abs=1e-5)
    assert answer.price == pytest.approx(np.array([74.97, 74.97, 37.48]), abs=0.01)
    assert bound_for(problem(worth, speed, (3, 2, 1)), answer.effort) == pytest.approx(answer.found, rel=1e-9)
    small = allocate_resources((0.5, 0.5), ((0.1, 0.05), (0.02, 0.005)), (16.1, 13.9))
    assert 1.0 - small.found == pytest.approx(0.5343241304, abs=1e-10)


@pytest.mark.proves("SNS-006")
def test_stones_circular_normal_case() -> None:
    times = np.array([1.0, 5.0, 20.0, 60.0, 200.0])
    truth = (0.02695097, 0.11025621, 0.31134746, 0.58151367, 0.87115156)
    assert stone.chance_found(10.0, 20.0, times) == pytest.approx(np.array(truth), abs=1e-8)
    assert stone.mean_time(10.0, 20.0) == pytest.approx(94.2477796, abs=1e-7)


@pytest.mark.proves("SNS-006")
def test_a_grid_of_half_units_gives_stones_case() -> None:
    edge = np.arange(-60.0, 60.0, 0.5) + 0.25
    east, north = np.meshgrid(edge, edge)
    worth = np.exp(-(east**2 + north**2) / 200.0) / (200.0 * np.pi) * 0.25
    for time in (1.0, 5.0, 20.0, 60.0, 200.0):
        # coverage of a cell per unit of track length: 1 / its area
        answer = allocate(worth, np.full(worth.size, 1.0 / 0.25), 20.0 * time)
        assert answer.found == pytest.approx(stone.chance_found(10.0, 20.0, time), abs=1e-6)
        radius = np.hypot(east, north).ravel()
        searched = radius[answer.effort[:, 0] > 0.0].max()
        assert searched == pytest.approx(stone.searched_radius(10.0, 20.0, time), abs=0.6)
        density = stone.effort_density(10.0, 20.0, time, radius)
        assert answer.effort[:, 0] / 0.25 == pytest.approx(density, abs=0.01)


def test_stones_mean_time_is_the_integral_of_not_having_found() -> None:
    time = np.linspace(0.0, 20_000.0, 2_000_001)
    left = 1.0 - stone.chance_found(10.0, 20.0, time)
    assert np.trapezoid(left, time) == pytest.approx(stone.mean_time(10.0, 20.0), rel=1e-5)


def test_equal_looks_of_the_note() -> None:
    cells, found = best_looks((0.5, 0.3, 0.2), (0.3, 0.5, 0.9), 12)
    assert found[[0, 2, 5, 11]] == pytest.approx(np.array([0.18, 0.48, 0.7335, 0.9204255]), abs=1e-12)
    assert cells[0] == 2
    order = least_cost_looks((0.5, 0.3, 0.2), (0.3, 0.5, 0.9), (1.0, 2.0, 1.5), 10)
    assert list(order + 1) == [1, 3, 1, 2, 1, 1, 2, 1, 1, 2]
    cost = least_expected_cost((0.5, 0.3, 0.2), (0.3, 0.5, 0.9), (1.0, 2.0, 1.5))
    assert cost == pytest.approx(6.935631257513, abs=1e-9)
