"""Paths on search maps: scored exactly, flyable, better than the box and the greedy."""

import numpy as np
import pytest

from atalaya.base.errors import BadInput, NotFound
from atalaya.plan.search import (
    SearchProblem,
    SearchSortie,
    best_box,
    density_greedy,
    expected_finds,
    flown_track,
    myopic,
    plan_paths,
)

CELL_M = 2000.0


def sortie(**others: object) -> SearchSortie:
    usual = {
        "start": (25e3, 25e3), "end": (25e3, 25e3), "airspeed_ms": 100.0, "turn_radius_m": 1850.0,
        "endurance_s": 5400.0, "sweep_m": 2000.0,
    }  # fmt: skip
    return SearchSortie(**(usual | others))  # type: ignore[arg-type]


def speckle(seed: int, sorties: tuple[SearchSortie, ...], **others: object) -> SearchProblem:
    rate = np.random.default_rng(seed).lognormal(0, 1.5, (25, 25))
    rate /= rate.sum()
    return SearchProblem(rate, np.zeros_like(rate), CELL_M, sorties, north_m=50e3, **others)  # type: ignore[arg-type]


def test_a_straight_flight_over_one_cell_finds_what_the_exponential_law_says() -> None:
    rate = np.zeros((1, 3))
    rate[0, 1] = 2.0
    flight = sortie(start=(0.0, 1000.0), end=(6000.0, 1000.0), wind_ms=(10.0, 0.0))
    scored = expected_finds(
        SearchProblem(rate, np.full((1, 3), 0.25), CELL_M, (flight,), north_m=2000.0),
        [np.array([[0.0, 1000.0], [6000.0, 1000.0]])],
    )
    assert scored.finds == pytest.approx(2.0 * 0.75 * (1 - np.exp(-1)))
    assert scored.time_s[0] == pytest.approx(6000 / 110)
    assert scored.flyable


def test_a_square_turn_is_an_arc_inside_its_corner() -> None:
    track = flown_track(sortie(), np.array([[0.0, 0.0], [10e3, 0.0], [10e3, 10e3]]))
    assert track.t_s[-1] * 100 == pytest.approx(20e3 - 2 * 1850 + np.pi / 2 * 1850)
    turning = np.hypot(track.x_m - (10e3 - 1850), track.y_m - 1850)[1:-1]
    assert turning == pytest.approx(np.full(len(turning), 1850.0))


def test_ours_beats_box_greedy_and_myopic() -> None:
    problem = speckle(3, (sortie(wind_ms=(6.0, -5.0)),))
    finds = {}
    for name, paths in {
        "box": best_box(problem, climbs=40, headings_deg=(0.0, 60.0, 120.0)),
        "greedy": density_greedy(problem, reaches=(10.0,)),
        "myopic": myopic(problem),
        "ours": plan_paths(problem, iterations=200_000).paths,
    }.items():
        scored = expected_finds(problem, paths)
        assert scored.flyable, name
        finds[name] = scored.finds
    assert finds["ours"] > 1.4 * finds["box"]
    assert finds["ours"] > 1.08 * finds["greedy"]
    assert finds["ours"] > finds["myopic"]


def test_the_same_seed_and_iterations_give_the_same_paths() -> None:
    problem = speckle(4, (sortie(), sortie(end=(5e3, 5e3))))
    one, two = (plan_paths(problem, seed=9, iterations=30_000) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.paths, two.paths, strict=True))


def test_stop_keeps_the_best_so_far_and_progress_rises() -> None:
    problem, told = speckle(5, (sortie(),)), []
    plan = plan_paths(
        problem,
        iterations=100_000,
        stop=lambda: len(told) > 20,
        progress=lambda share, finds: told.append((share, finds)),
    )
    assert not plan.complete
    assert [finds for _, finds in told] == sorted(finds for _, finds in told)
    assert expected_finds(problem, plan.paths).finds == pytest.approx(told[-1][1])


def test_no_way_home_is_said() -> None:
    flyable = np.ones((25, 25), dtype=bool)
    flyable[:, 12] = False
    with pytest.raises(NotFound, match="SEA-004"):
        plan_paths(
            speckle(6, (sortie(start=(5e3, 25e3), end=(45e3, 25e3)),), flyable=flyable), iterations=100
        )


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("SEA-002", {"wind_ms": (100.0, 0.0)}),
        ("SEA-002", {"endurance_s": np.nan}),
        ("SEA-003", {"end": (60e3, 5e3)}),
    ],
)
def test_bad_sorties_are_refused(code: str, change: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=code):
        speckle(0, (sortie(**change),))


def test_bad_maps_and_paths_are_refused() -> None:
    with pytest.raises(BadInput, match="SEA-001"):
        SearchProblem(np.full((2, 2), np.nan), np.zeros((2, 2)), 1.0, ())
    with pytest.raises(BadInput, match="SEA-001"):
        SearchProblem(np.ones((2, 2)), np.zeros((2, 3)), 1.0, ())
    with pytest.raises(BadInput, match="SEA-005"):
        expected_finds(speckle(0, (sortie(),)), [np.array([[0.0, 0.0], [1.0, 1.0]])])


def test_a_warm_plan_continues_from_where_the_aircraft_is() -> None:
    whole = speckle(7, (sortie(),))
    before = plan_paths(whole, iterations=60_000).paths[0]
    here = tuple(before[3] + 0.5 * (before[4] - before[3]))
    now = speckle(8, (sortie(start=here, endurance_s=3000.0),))
    warm = plan_paths(now, iterations=20_000, warm=[before[4:]])
    assert expected_finds(now, warm.paths).flyable
    assert warm.paths[0][0] == pytest.approx(here)
