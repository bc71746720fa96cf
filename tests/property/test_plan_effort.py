"""Laws of allocations: feasible, proved by their bound, in agreement with SciPy and with each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from atalaya.base.errors import BadInput
from atalaya.plan.effort import (
    Problem,
    allocate,
    allocate_inverse_cube,
    allocate_resources,
    allocate_tabulated,
    best_looks,
    bound_for,
    dual_bound,
    kkt_violation,
    least_cost_looks,
    least_expected_cost,
    pod_table,
    problem,
)
from atalaya.sensing.lateral_range import inverse_cube_pod, random_pod

RANDOM_CASES = 1000
SLSQP_CASES = 60


def drawn(seed: int, most_cells: int = 15, most_resources: int = 4) -> Problem:
    """A case with cells and resources that are of no use here and there, hours from scarce to plenty."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, most_cells)), int(rng.integers(1, most_resources + 1))
    worth = rng.uniform(0, 1, n) * rng.choice([1, 1, 1, 0], n) * 10.0 ** rng.uniform(-2, 2)
    speed = rng.uniform(0, 3, (n, m)) * (rng.uniform(size=(n, m)) < 0.8) * 10.0 ** rng.uniform(-1, 1)
    return problem(worth, speed, rng.uniform(0, 5, m) * rng.choice([1, 1, 1, 0.01, 0], m))


@pytest.mark.proves("SNS-006", "SNS-007")
def test_a_thousand_random_cases_are_proved_optimal() -> None:
    for seed in range(RANDOM_CASES):
        case = drawn(seed)
        answer = allocate_resources(case.worth, case.speed, case.hours)
        total = max(float(case.worth.sum()), 1e-300)
        assert (answer.effort >= 0.0).all()
        assert (answer.effort.sum(axis=0) <= case.hours * (1.0 + 1e-12)).all()
        assert answer.found == pytest.approx(case.found(answer.effort), abs=1e-12 * total)
        assert answer.found <= answer.bound <= answer.found + 1e-9 * total, seed
        assert kkt_violation(case, answer.effort, answer.price) <= 1e-6, seed


@pytest.mark.proves("SNS-006")
def test_scipy_finds_nothing_better() -> None:
    agreed = 0
    for seed in range(SLSQP_CASES):
        case = drawn(10_000 + seed, most_cells=6, most_resources=3)
        n, m = case.speed.shape
        total = max(float(case.worth.sum()), 1e-12)

        def left(t, case=case, total=total):  # type: ignore[no-untyped-def]
            return case.left(t.reshape(case.speed.shape)).sum() / total

        spare = [
            {
                "type": "ineq",
                "fun": lambda t, j=j, case=case: case.hours[j] - t.reshape(case.speed.shape)[:, j].sum(),
            }
            for j in range(m)
        ]
        start = np.tile(case.hours / (n + 1.0), (n, 1)).ravel()
        theirs = minimize(
            left, start, method="SLSQP", bounds=[(0, None)] * start.size, constraints=spare,
            options={"ftol": 1e-12, "maxiter": 500},
        )  # fmt: skip
        ours = allocate_resources(case.worth, case.speed, case.hours)
        other = np.maximum(theirs.x.reshape(n, m), 0.0)
        other *= np.minimum(1.0, case.hours / np.maximum(other.sum(axis=0), 1e-300))
        assert case.found(other) <= ours.found + 1e-9 * total
        agreed += abs(case.found(other) - ours.found) <= 1e-6 * total
    assert agreed >= 0.9 * SLSQP_CASES


@given(st.integers(0, 10**6))
@settings(max_examples=80, deadline=None)
def test_one_resource_two_ways(seed: int) -> None:
    case = drawn(seed, most_resources=1)
    hours = float(case.hours[0])
    first = allocate(case.worth, case.speed[:, 0], hours)
    # the same hours as two halves of one resource
    second = allocate_resources(case.worth, np.repeat(case.speed, 2, axis=1), (hours / 2.0, hours / 2.0))
    assert first.found == pytest.approx(second.found, abs=1e-9 * max(case.worth.sum(), 1e-300))
    assert first.gap <= 1e-9


@pytest.mark.proves("SNS-007")
@given(st.integers(0, 10**6), st.floats(0.0, 3.0))
@settings(max_examples=80, deadline=None)
def test_any_prices_bound_any_allocation(seed: int, factor: float) -> None:
    case = drawn(seed)
    rng = np.random.default_rng(seed)
    some = rng.dirichlet(np.ones(case.worth.size), case.hours.size).T * case.hours
    best = allocate_resources(case.worth, case.speed, case.hours)
    bound = dual_bound(case, best.price * factor + rng.uniform(0, 1e-3, case.hours.size))
    assert case.found(some) <= best.found + 1e-9 * case.worth.sum()
    assert best.found <= bound + 1e-9 * case.worth.sum()
    assert best.found <= bound_for(case, some) + 1e-9 * case.worth.sum()
    assert bound_for(case, best.effort) <= best.found + 1e-5 * max(case.worth.sum(), 1e-300)


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_more_hours_find_more_at_a_lower_price(seed: int) -> None:
    case = drawn(seed)
    less = allocate_resources(case.worth, case.speed, case.hours)
    more = allocate_resources(case.worth, case.speed, case.hours * 1.5)
    slack = 1e-9 * case.worth.sum()
    assert more.found >= less.found - slack
    # concave: what half as much again finds is at most the price of it
    assert more.found - less.found <= float(less.price @ case.hours) * 0.5 + slack


def test_hidden_facilities_cap_what_effort_finds() -> None:
    worth, speed = np.array([1.0, 1.0]), np.array([1.0, 1.0])
    answer = allocate(worth, speed, 1000.0, hidden=[0.6, 0.0])
    assert answer.found == pytest.approx(1.4)
    scarce = allocate(worth, speed, 0.5, hidden=[0.6, 0.0])
    assert scarce.effort[0, 0] == 0.0
    cells, found = best_looks(worth, [0.5, 0.5], 3, hidden=[0.6, 0.0])
    assert list(cells) == [1, 1, 1] or cells[0] == 1
    assert found[-1] <= 1.4


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_inverse_cube_two_ways_and_above_random_search(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    worth, speed, hours = rng.uniform(0, 1, n), rng.uniform(0, 2, n), float(rng.uniform(0.01, 20))
    answer = allocate_inverse_cube(worth, speed, hours)
    fine = np.linspace(0.0, 7.0, 3001)
    table = allocate_tabulated(worth, speed, hours, pod_table(fine, inverse_cube_pod(fine)))
    assert answer.effort.sum() == pytest.approx(hours)
    assert answer.gap <= 1e-9
    assert table.found == pytest.approx(answer.found, abs=1e-5 * n)
    spread = allocate(worth, speed, hours)
    assert answer.found >= spread.found - 1e-12
    # exact where the law is a table of its own: random search, coarse
    coarse = np.linspace(0.0, 50.0, 20_001)
    assert allocate_tabulated(
        worth, speed, hours, pod_table(coarse, random_pod(coarse))
    ).found == pytest.approx(spread.found, abs=1e-5 * n)


def test_a_table_with_rising_returns_is_bounded_by_its_hull() -> None:
    """A sensor that finds nothing before half a coverage: one cell is finished rather than two begun."""
    table = pod_table([0.0, 0.5, 1.0, 2.0], [0.0, 0.0, 0.6, 0.8])
    answer = allocate_tabulated([1.0, 1.0], [1.0, 1.0], 1.0, table)
    assert sorted(answer.effort[:, 0]) == [0.0, 1.0]
    assert answer.found == pytest.approx(0.6)
    assert answer.bound == pytest.approx(0.6)
    short = allocate_tabulated([1.0, 1.0], [1.0, 1.0], 0.75, table)
    assert short.found == pytest.approx(0.3)
    assert short.found <= short.bound == pytest.approx(0.45)


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_greedy_looks_are_best_of_all_sequences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, d = rng.uniform(0, 1, 3), rng.uniform(0.05, 0.95, 3)
    _, found = best_looks(p, d, 5)
    for looks in range(1, 6):
        best = max(
            p[0] * (1 - (1 - d[0]) ** a) + p[1] * (1 - (1 - d[1]) ** b)
            + p[2] * (1 - (1 - d[2]) ** (looks - a - b))
            for a in range(looks + 1) for b in range(looks + 1 - a)
        )  # fmt: skip
        assert found[looks - 1] == pytest.approx(best, abs=1e-12)


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_swapping_two_looks_never_saves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, d, c = rng.dirichlet(np.ones(3)), rng.uniform(0.1, 0.9, 3), rng.uniform(0.5, 3, 3)

    def cost(order):  # type: ignore[no-untyped-def]
        left, total = p.copy(), 0.0
        for cell in order:
            total += c[cell] * left.sum()
            left[cell] *= 1.0 - d[cell]
        return total

    order = list(least_cost_looks(p, d, c, 40))
    least = cost(order)
    for at in range(12):
        other = order.copy()
        other[at], other[at + 1] = other[at + 1], other[at]
        assert cost(other) >= least - 1e-12
    assert least <= least_expected_cost(p, d, c) + 1e-9


def test_what_cannot_be_found_costs_without_end() -> None:
    assert least_expected_cost([0.5, 0.5], [0.5, 0.0], [1.0, 1.0]) == np.inf
    cells, found = best_looks([1.0, 0.0], [1.0, 0.5], 5)
    assert list(cells) == [0]
    assert list(found) == [1.0]


@pytest.mark.parametrize(
    ("worth", "speed", "hours", "hidden", "code"),
    [
        ([1.0], [1.0, 2.0], 1.0, None, "SNS-015"),
        ([1.0, 1.0], [[1.0], [1.0]], [1.0, 2.0], None, "SNS-015"),
        ([1.0, 1.0], [1.0, 1.0], 1.0, [0.1, 0.2, 0.3], "SNS-015"),
        ([-1.0], [1.0], 1.0, None, "SNS-016"),
        ([np.nan], [1.0], 1.0, None, "SNS-016"),
        ([1.0], [np.inf], 1.0, None, "SNS-016"),
        ([1.0], [1.0], -1.0, None, "SNS-016"),
        ([1.0], [1.0], 1.0, [1.5], "SNS-016"),
    ],
)
def test_input_that_is_no_problem_is_refused(worth, speed, hours, hidden, code: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput) as caught:
        allocate_resources(worth, speed, hours, hidden=hidden)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("coverage", "chance"),
    [
        ([0.0], [0.0]),
        ([0, 1], [0, 1.5]),
        ([0, 1, 1], [0, 0.1, 0.2]),
        ([0, 1], [0.5, 0.1]),
        ([0, np.nan], [0, 1]),
    ],
)
def test_tables_that_are_no_laws_are_refused(coverage: list[float], chance: list[float]) -> None:
    with pytest.raises(BadInput, match="SNS-017"):
        pod_table(coverage, chance)


def test_nothing_to_find_or_no_hours() -> None:
    for answer in (
        allocate([0.0, 0.0], [1.0, 1.0], 5.0),
        allocate_resources([1.0], [[0.0, 0.0]], [1.0, 1.0]),
        allocate_inverse_cube([0.0], [1.0], 1.0),
        allocate([1.0], [1.0], 0.0),
        allocate_inverse_cube([1.0], [1.0], 0.0),
    ):
        assert answer.found == 0.0
        assert answer.effort.sum() == 0.0
        assert answer.gap == 0.0
