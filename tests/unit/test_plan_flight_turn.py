"""Turns and Dubins paths: vectors of the field note, an oracle by force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.plan.flight import dubins_path, turn_radius_m, turn_time_s

KNOT_MS = 1852.0 / 3600.0
RADIUS_M = 500.0
SPEED_MS = 50.0


@pytest.mark.parametrize(("bank", "radius", "half_turn"), [(30.0, 1870.0, 57.0), (25.0, 2315.0, 71.0)])
def test_radius_and_half_turn_of_the_note(bank: float, radius: float, half_turn: float) -> None:
    assert turn_radius_m(200 * KNOT_MS, bank) == pytest.approx(radius, abs=1.0)
    assert turn_time_s(180.0, 200 * KNOT_MS, bank) == pytest.approx(half_turn, abs=0.5)


def walked(
    start: float, pieces: list[tuple[int, float]], wind: tuple[float, float]
) -> tuple[float, float, float, float]:
    """End, heading and time of turns (side, metres) and straights flown step by step by their definition."""
    x, y, heading, time = 0.0, 0.0, start, 0.0
    for side, length in pieces:
        if side == 0:
            x, y = x + length * np.sin(heading), y + length * np.cos(heading)
        else:
            after = heading + side * length / RADIUS_M
            x += side * RADIUS_M * (np.cos(heading) - np.cos(after))
            y += side * RADIUS_M * (np.sin(after) - np.sin(heading))
            heading = after
        time += length / SPEED_MS
    return x + wind[0] * time, y + wind[1] * time, heading, time


def pieces_of(word: str, parts: tuple[float, float, float]) -> list[tuple[int, float]]:
    return [({"L": -1, "S": 0, "R": 1}[letter], part) for letter, part in zip(word, parts, strict=True)]


def course(heading: float, wind: tuple[float, float]) -> float:
    east, north = SPEED_MS * np.sin(heading) + wind[0], SPEED_MS * np.cos(heading) + wind[1]
    return float(np.degrees(np.arctan2(east, north)))


shapes = st.lists(st.tuples(st.sampled_from([-1, 0, 1]), st.floats(0.0, 2500.0)), min_size=1, max_size=5)
winds = st.tuples(st.floats(0.0, 30.0), st.floats(0.0, 2 * np.pi)).map(
    lambda w: (float(w[0] * np.sin(w[1])), float(w[0] * np.cos(w[1])))
)


@settings(max_examples=150, deadline=None)
@given(shape=shapes, start=st.floats(-np.pi, np.pi))
def test_no_flyable_path_is_shorter_and_the_path_found_ends_where_it_should(
    shape: list[tuple[int, float]], start: float
) -> None:
    x, y, heading, time = walked(start, shape, (0.0, 0.0))
    found = dubins_path(x, y, np.degrees(start), np.degrees(heading), airspeed_ms=SPEED_MS, radius_m=RADIUS_M)
    assert found.seconds <= time + 1e-5
    ex, ey, end, _ = walked(start, pieces_of(found.word.name, found.parts_m), (0.0, 0.0))
    assert (ex, ey) == pytest.approx((x, y), abs=0.02)
    assert np.cos(end - heading) == pytest.approx(1.0, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(shape=shapes, start=st.floats(-np.pi, np.pi), wind=winds)
def test_in_wind_the_path_ends_where_it_should_on_its_course(
    shape: list[tuple[int, float]], start: float, wind: tuple[float, float]
) -> None:
    x, y, heading, _ = walked(start, shape, wind)
    found = dubins_path(
        x,
        y,
        course(start, wind),
        course(heading, wind),
        airspeed_ms=SPEED_MS,
        radius_m=RADIUS_M,
        wind_ms=wind,
    )
    ex, ey, end, took = walked(start, pieces_of(found.word.name, found.parts_m), wind)
    assert took == pytest.approx(found.seconds, abs=2e-3)
    assert (ex, ey) == pytest.approx((x, y), abs=0.2)
    assert np.cos(end - heading) == pytest.approx(1.0, abs=1e-6)


def test_all_six_words_occur() -> None:
    rng = np.random.default_rng(4)
    words = {
        dubins_path(
            *rng.uniform(-1500, 1500, 2), *rng.uniform(0, 360, 2), airspeed_ms=50.0, radius_m=500.0
        ).word.name
        for _ in range(3000)
    }
    assert words == {"LSL", "RSR", "LSR", "RSL", "RLR", "LRL"}
