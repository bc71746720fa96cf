"""Lines on the ground keep their ends, their steps and their grades, whatever they are."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from atalaya.sim.country.curve import along, every, inside, smoothed
from atalaya.sim.country.grading import eased
from atalaya.sim.country.noise import doubled
from atalaya.sim.country.place_names import place_name

COORDINATE = st.floats(-1e5, 1e5, width=32)
LINES = st.integers(2, 40).flatmap(lambda n: arrays(np.float64, (n, 2), elements=COORDINATE))


@settings(deadline=None)  # the first call imports scipy
@given(LINES, st.floats(0.5, 8.0))
def test_smoothing_keeps_ends_and_stays_near(points: np.ndarray, reach: float) -> None:
    made = smoothed(points, reach)
    assert made.shape == points.shape
    assert np.array_equal(made[[0, -1]], points[[0, -1]])
    assert np.isfinite(made).all()


@given(LINES, st.floats(100.0, 1e5))
def test_steps_are_no_longer_than_asked(points: np.ndarray, step: float) -> None:
    made = every(points, step)
    assert np.allclose(made[[0, -1]], points[[0, -1]])
    assert np.hypot(*np.diff(made, axis=0).T).max() <= step * (1 + 1e-9)
    assert along(made)[-1] <= along(points)[-1] * (1 + 1e-9) + 1e-6


@given(LINES)
def test_parts_inside_are_inside_and_in_order(points: np.ndarray) -> None:
    bounds = (-5e4, -5e4, 5e4, 5e4)
    parts = inside(points, bounds)
    joined = np.concatenate([*parts, np.empty((0, 2))])
    assert (np.abs(joined) <= 5e4).all()
    assert all(len(part) >= 2 for part in parts)


@given(arrays(np.float64, 30, elements=st.floats(-500, 3000)), st.floats(0.1, 50.0))
def test_an_eased_profile_keeps_its_grade_and_good_ground(ground: np.ndarray, rise: float) -> None:
    at = np.arange(30) * rise
    made = eased(ground, at)
    assert np.abs(np.diff(made)).max() <= rise * (1 + 1e-9) + 1e-6
    gentle = np.clip(ground, 0, rise)
    assert np.allclose(eased(gentle, at), gentle)


@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 99))
def test_doubling_keeps_the_posts_and_is_exact_on_planes(rows: int, columns: int, seed: int) -> None:
    a, b, c = np.random.default_rng(seed).normal(size=3)
    plane = a + b * np.arange(rows)[:, None] + c * np.arange(columns)[None, :]
    made = doubled(plane)
    wanted = a + b * np.arange(2 * rows - 1)[:, None] / 2 + c * np.arange(2 * columns - 1)[None, :] / 2
    assert np.allclose(made, wanted)


def test_names_are_never_given_twice() -> None:
    taken: set[str] = set()
    generator = np.random.default_rng(1)
    names = [place_name("village", generator, taken) for _ in range(20_000)]
    assert len(set(names)) == len(names) == len(taken)
