"""Laws of the search map after looks: thinning, the cap, order, reports."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from atalaya.base.errors import BadInput
from atalaya.sensing import SearchMap, after_look, after_looks, after_report, chance_found
from atalaya.sensing.update import bayes, evidence, from_log_odds, log_odds

SHAPE = (4, 5)
share = st.floats(0.0, 1.0)
shares = arrays(np.float64, SHAPE, elements=share)
rates = arrays(np.float64, SHAPE, elements=st.floats(0.0, 10.0))


def made(rate: np.ndarray, hidden: np.ndarray) -> SearchMap:
    return SearchMap(
        rate, hidden, "EPSG:6933", (0.0, 1000.0, 0.0, 0.0, 0.0, -1000.0), np.zeros(SHAPE, np.int64)
    )


@pytest.mark.proves("SNS-003")
@given(rates, shares, st.lists(shares, min_size=1, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_looks_in_any_order_give_one_map(rate, hidden, chances, random) -> None:  # type: ignore[no-untyped-def]
    first = second = made(rate, hidden)
    for chance in chances:
        first = after_look(first, chance)
    random.shuffle(chances)
    for chance in chances:
        second = after_look(second, chance)
    np.testing.assert_allclose(first.rate, second.rate, rtol=1e-9, atol=1e-300)
    assert (first.looks == second.looks).all()
    np.testing.assert_allclose(first.rate * first.hidden, rate * hidden, rtol=1e-9, atol=1e-12)
    assert ((first.hidden >= 0.0) & (first.hidden <= 1.0 + 1e-12)).all()
    missed = np.prod([1.0 - chance for chance in chances], axis=0)
    wanted = rate * (hidden + (1.0 - hidden) * missed)
    np.testing.assert_allclose(first.rate, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.proves("SNS-003")
@given(share, st.floats(0.0, 0.999), st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_repeats_are_capped(hidden: float, chance: float, looks: int) -> None:
    now = made(np.ones(SHAPE), np.full(SHAPE, hidden))
    for _ in range(looks):
        now = after_look(now, chance)
    found = 1.0 - now.rate[0, 0]
    assert found == pytest.approx(float(chance_found(chance, hidden, looks)), abs=1e-12)
    assert found <= 1.0 - hidden + 1e-12


@given(rates, shares, st.lists(st.tuples(st.integers(0, 19), share), max_size=12))
@settings(max_examples=60, deadline=None)
def test_looks_of_some_cells_are_looks_of_all_with_none_elsewhere(rate, hidden, looks) -> None:  # type: ignore[no-untyped-def]
    prior = made(rate, hidden)
    wanted = prior
    for cell, chance in looks:
        everywhere = np.full(SHAPE, np.nan)
        everywhere.flat[cell] = chance
        wanted = after_look(wanted, everywhere)
    cells = np.array([cell for cell, _ in looks], np.int64)
    found = after_looks(prior, cells, np.array([chance for _, chance in looks], np.float64))
    np.testing.assert_array_equal(found.rate, wanted.rate)
    np.testing.assert_array_equal(found.hidden, wanted.hidden)
    np.testing.assert_array_equal(found.looks, wanted.looks)
    np.testing.assert_array_equal(prior.rate, rate)


def test_a_thinned_map_is_what_simulated_searches_leave() -> None:
    """Facilities drawn, hidden or not, looked at: what stays undetected where nothing was reported."""
    rng = np.random.default_rng(4)
    rate, hidden, chance, false_alarms, worlds = 1.3, 0.3, 0.6, 0.4, 400_000
    there = rng.poisson(rate, worlds)
    seen = rng.binomial(rng.binomial(there, 1.0 - hidden), chance)
    wrong = rng.poisson(false_alarms, worlds)
    prior = made(np.full(SHAPE, rate), np.full(SHAPE, hidden))
    after = after_look(prior, chance).rate[0, 0]
    quiet = (seen == 0) & (wrong == 0)
    assert there[quiet].mean() == pytest.approx(after, rel=0.01)
    for reports in (1, 2):
        told = seen + wrong == reports
        answer = after_report(prior, (0, 0), chance=chance, false_alarms=false_alarms, reports=reports)
        assert seen[told].mean() == pytest.approx(answer.expected_found, rel=0.02)
        assert (there - seen)[told].mean() == pytest.approx(answer.after.rate[0, 0], rel=0.02)


@given(
    st.floats(1e-6, 1 - 1e-6),
    st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.booleans())),
)
@settings(max_examples=100, deadline=None)
def test_evidence_adds_up_as_bayes_says(prior: float, looks: list[tuple[float, float, bool]]) -> None:
    told, total = prior, log_odds(prior)
    for chance, false_alarm, reported in looks[:6]:
        told = float(bayes(told, chance, false_alarm, reported=reported))
        total = total + evidence(chance, false_alarm, reported=reported)
    assert from_log_odds(total) == pytest.approx(told, abs=1e-9)


def test_certainty_stays_certain_and_no_look_is_no_evidence() -> None:
    assert bayes(0.5, 0.3, 0.0, reported=True) == 1.0
    assert bayes(0.5, 1.0, 0.2, reported=False) == 0.0
    assert bayes(0.5, 0.0, 0.0, reported=False) == 0.5


@pytest.mark.parametrize("chance", [1.5, -0.1, np.full((2, 2), 0.5)])
def test_looks_that_are_no_chances_are_refused(chance) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput, match=r"SNS-01[23]"):
        after_look(made(np.ones(SHAPE), np.zeros(SHAPE)), chance)


def test_cells_outside_are_refused() -> None:
    prior = made(np.ones(SHAPE), np.zeros(SHAPE))
    for cells in ([20], [-1], [0, 1]):
        with pytest.raises(BadInput, match="SNS-012"):
            after_looks(prior, np.array(cells), np.array([0.5]))
    for wrong in ({"cell": (4, 0)}, {"chance": 2.0}, {"false_alarms": -1.0}, {"false_alarms": np.nan}):
        with pytest.raises(BadInput, match="SNS-006"):
            after_report(prior, **{"cell": (0, 0), "chance": 0.5, "false_alarms": 0.1, **wrong})  # type: ignore[arg-type]
