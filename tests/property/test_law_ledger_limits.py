"""In the band or not: against dense evaluation of the straight lines between fixes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.law.ledger.limits import LONGEST_GAP_US, between_limits
from atalaya.law.ledger.steps import Tri

heights = st.one_of(st.floats(-500, 4000, allow_nan=False), st.just(1000.0), st.just(2000.0), st.just(np.nan))
steps = st.sampled_from([1_000_000, 5_000_000, LONGEST_GAP_US, LONGEST_GAP_US + 1])


@pytest.mark.proves("LAW-007")
@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(steps, heights), min_size=2, max_size=12))
def test_equals_the_straight_lines_between_fixes(fixes: list[tuple[int, float]]) -> None:
    t_us = np.cumsum([step for step, _ in fixes])
    height = np.array([metres for _, metres in fixes])
    found = between_limits(t_us, height, 1000.0, 2000.0)
    rng = np.random.default_rng(len(fixes))
    asked = np.unique(rng.integers(t_us[0], t_us[-1], 200))
    between = np.searchsorted(t_us, asked, side="right") - 1
    for instant, segment in zip(asked, between, strict=True):
        low, high = height[segment], height[segment + 1]
        span = t_us[segment + 1] - t_us[segment]
        value = Tri(int(found.at(np.array([instant]))[0]))
        if not np.isfinite(low + high) or span > LONGEST_GAP_US:
            assert value is Tri.UNKNOWN
            continue
        metres = low + (high - low) * (instant - t_us[segment]) / span
        tolerance = abs(high - low) / span * 2 + 1e-6
        if min(abs(metres - 1000), abs(metres - 2000)) > tolerance:
            assert value is (Tri.YES if 1000 < metres < 2000 else Tri.NO)


def test_level_flight_on_the_limit_is_inside() -> None:
    t_us = np.arange(10) * 1_000_000
    assert set(between_limits(t_us, np.full(10, 2000.0), 1000.0, 2000.0).value) == {Tri.YES}
    assert set(between_limits(t_us, np.full(10, 2000.01), 1000.0, 2000.0).value) == {Tri.NO}
