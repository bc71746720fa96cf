"""Laws of search paths: scores as sampling gives them, closed cells never touched, no plan over its bound."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from atalaya.plan.search import (
    SearchProblem,
    SearchSortie,
    best_box,
    density_greedy,
    expected_finds,
    flown_track,
    path_bound,
    plan_paths,
)
from atalaya.plan.search.bound import length_bound_m

CELL_M = 1000.0


def flight(radius_m: float, endurance_s: float = 1e6, wind: tuple[float, float] = (0.0, 0.0)) -> SearchSortie:
    base = (10e3, 10e3)
    return SearchSortie(base, base, 100.0, radius_m, endurance_s, 800.0, wind)


def ground(
    rng: np.random.Generator, sortie: SearchSortie, share_closed: float, outside: bool
) -> SearchProblem:
    rate = rng.lognormal(0, 1.5, (20, 20))
    flyable = rng.random((20, 20)) >= share_closed
    flyable[7:13, 7:13] = True
    return SearchProblem(
        rate, rng.uniform(0, 0.5, rate.shape), CELL_M, (sortie,), north_m=20e3, flyable=flyable,
        outside=outside, searchable=rng.random((20, 20)) > 0.2, effectiveness=rng.uniform(0.3, 1.5,
        rate.shape),
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.0, 900.0), st.tuples(st.floats(-30, 30), st.floats(-30, 30)))
def test_the_score_is_what_fine_sampling_of_arcs_gives(
    seed: int, radius_m: float, wind: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    problem = ground(rng, flight(radius_m, wind=wind), 0.0, True)
    path = np.vstack(([10e3, 10e3], rng.uniform(1e3, 19e3, (6, 2)), [10e3, 10e3]))
    scored = expected_finds(problem, [path])
    assume(not scored.sharp)
    places, ground_speed = sampled(path, radius_m, wind)
    step = np.hypot(*np.diff(places, axis=0).T)
    middle = (places[1:] + places[:-1]) / 2
    column = np.clip((middle[:, 0] // CELL_M).astype(int), 0, 19)
    row = np.clip(((20e3 - middle[:, 1]) // CELL_M).astype(int), 0, 19)
    length = np.zeros((20, 20))
    np.add.at(length, (row, column), step)
    found = problem.worth * (1 - np.exp(-problem.effectiveness * length * 800.0 / CELL_M**2))
    assert scored.finds == pytest.approx(found.sum(), rel=0.02)
    assert scored.time_s[0] == pytest.approx((step / ground_speed).sum(), rel=2e-3)


def sampled(path: np.ndarray, radius_m: float, wind: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Five-metre steps along legs and true arcs, and the ground speed that makes the airspeed 100 m/s."""
    unit = np.diff(path, axis=0)
    unit /= np.hypot(*unit.T)[:, None]
    parts, at = [path[:1]], path[0]
    for k in range(1, len(path)):
        turn = 0.0
        if k < len(path) - 1:
            turn = np.arctan2(
                unit[k - 1, 0] * unit[k, 1] - unit[k - 1, 1] * unit[k, 0], unit[k - 1] @ unit[k]
            )
        cut = radius_m * np.tan(abs(turn) / 2)
        entry = path[k] - cut * unit[k - 1]
        parts.append(
            at + np.linspace(0, 1, max(2, int(np.hypot(*(entry - at)) / 5)))[1:, None] * (entry - at)
        )
        at = entry
        if cut > 0:
            side = np.sign(turn) * np.array([-unit[k - 1, 1], unit[k - 1, 0]])
            middle, angle = (
                entry + radius_m * side,
                np.linspace(0, turn, max(3, int(radius_m * abs(turn) / 5))),
            )
            cos, sin = np.cos(angle[1:, None]), np.sin(angle[1:, None])
            out = -radius_m * side
            parts.append(middle + cos * out + sin * np.array([-out[1], out[0]]))
            at = parts[-1][-1]
    places = np.concatenate(parts)
    step = np.diff(places, axis=0)
    course = np.arctan2(step[:, 1], step[:, 0])
    speeds = np.full(len(course), 100.0)
    for _ in range(60):  # solve |g e - w| = 100 by iteration
        air = speeds[:, None] * np.column_stack((np.cos(course), np.sin(course))) - wind
        speeds += 100.0 - np.hypot(*air.T)
    return places, speeds


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.02, 0.25), st.booleans())
@pytest.mark.proves("SEA-102", "SEA-103")
def test_no_planner_enters_a_closed_cell_or_flies_too_long(seed: int, share: float, outside: bool) -> None:
    problem = ground(np.random.default_rng(seed), flight(350.0, 900.0, (8.0, -6.0)), share, outside)
    plans = [
        plan_paths(problem, seed=seed, iterations=20_000).paths,
        density_greedy(problem, powers=(1.0,), reaches=(6.0,)),
        best_box(problem, climbs=2, headings_deg=(30.0,)),
    ]
    for paths in plans:
        assert expected_finds(problem, paths).flyable
        track = flown_track(problem.sorties[0], paths[0])
        fine = np.linspace(0, 1, 50)[:, None, None]
        line = np.column_stack((track.x_m, track.y_m))
        u, v = (problem.grid((line[:-1] + fine * np.diff(line, axis=0)).reshape(-1, 2))).T
        margin = 1e-6
        inside = (u > margin) & (u < 20 - margin) & (v > margin) & (v < 20 - margin)
        if not outside:
            assert u.min() > -margin
            assert v.min() > -margin
            assert max(u.max(), v.max()) < 20 + margin
        off_lines = (np.abs(u - np.round(u)) > margin) & (np.abs(v - np.round(v)) > margin)
        kept = inside & off_lines
        assert problem.flyable[v[kept].astype(int), u[kept].astype(int)].all()


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([300.0, 800.0, 1500.0]), st.booleans())
@pytest.mark.proves("SEA-101")
def test_no_plan_is_above_the_bound(seed: int, radius_m: float, outside: bool) -> None:
    rng = np.random.default_rng(seed)
    problem = ground(rng, flight(radius_m, 1500.0, tuple(rng.uniform(-15, 15, 2))), 0.05, outside)
    bound = path_bound(problem, steps=200)
    assert bound.finds <= bound.plain * (1 + 1e-12)
    assert plan_paths(problem, seed=seed, iterations=60_000).finds <= bound.finds


@pytest.mark.proves("SEA-101")
@pytest.mark.parametrize("seed", range(4))
def test_the_bound_holds_for_every_walk_on_a_tiny_grid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rate = rng.lognormal(0, 2.0, (5, 5))
    base = (500.0, 500.0)
    sortie = SearchSortie(base, base, 100.0, 0.0, 82.0, 1000.0)
    problem = SearchProblem(rate, np.zeros_like(rate), CELL_M, (sortie,), north_m=5e3)
    moves = np.array([(1000.0, 0.0), (0.0, 1000.0), (-1000.0, 0.0), (0.0, -1000.0)])
    steps = moves[np.array(list(itertools.product(range(4), repeat=8)))]
    walks = np.concatenate((np.zeros((len(steps), 1, 2)), np.cumsum(steps, axis=1)), axis=1) + base
    kept = (walks[:, -1] == base).all(axis=1) & (walks.min(axis=(1, 2)) > 0) & (walks.max(axis=(1, 2)) < 5e3)
    best = 0.0
    for at in (walks[kept] // 1000).astype(int):
        length = np.zeros((5, 5))
        for part in (at[:-1], at[1:]):
            np.add.at(length, (4 - part[:, 1], part[:, 0]), 0.5)
        best = max(best, float((rate * (1 - np.exp(-length))).sum()))
    bound = path_bound(problem, steps=400)
    assert best <= bound.finds
    assert bound.finds < bound.plain


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_no_flight_is_longer_than_its_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wind = tuple(rng.uniform(-40, 40, 2))
    path = np.vstack(([10e3, 10e3], rng.uniform(1e3, 19e3, (5, 2))))
    problem = ground(rng, flight(100.0), 0.0, True)
    sortie = SearchSortie((10e3, 10e3), tuple(path[-1]), 100.0, 100.0, 1e6, 800.0, wind)
    track = flown_track(sortie, path)
    fitted = SearchSortie(sortie.start, sortie.end, 100.0, 100.0, float(track.t_s[-1]), 800.0, wind)
    length = np.hypot(np.diff(track.x_m), np.diff(track.y_m)) @ track.stretch
    limited = SearchProblem(problem.rate, problem.hidden, CELL_M, (fitted,), north_m=20e3)
    assert length <= length_bound_m(limited, 0) * (1 + 1e-12)
