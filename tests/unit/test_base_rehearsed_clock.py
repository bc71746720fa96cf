"""The clock of a rehearsal: it begins where it is told, goes on, and is nobody else's."""

import threading

import pytest

from atalaya.base.clock import now_us, rehearsed_at

THEN_US = 1_773_100_800_000_000
"""2026-03-10T00:00:00Z."""

_WHILE_US = 60_000_000


def test_it_begins_at_its_instant_and_goes_on() -> None:
    with rehearsed_at(THEN_US):
        first, second = now_us(), now_us()
    assert THEN_US <= first <= second < THEN_US + _WHILE_US


def test_afterwards_the_present_is_the_present() -> None:
    before = now_us()
    with rehearsed_at(THEN_US):
        pass
    assert now_us() >= before


def test_an_error_inside_gives_the_clock_back() -> None:
    before = now_us()
    with pytest.raises(KeyError), rehearsed_at(THEN_US):
        raise KeyError
    assert now_us() >= before


def test_one_inside_another_gives_back_the_outer() -> None:
    with rehearsed_at(THEN_US):
        with rehearsed_at(THEN_US + 10 * _WHILE_US):
            assert now_us() >= THEN_US + 10 * _WHILE_US
        assert THEN_US <= now_us() < THEN_US + _WHILE_US


def test_other_threads_keep_their_time() -> None:
    before, seen = now_us(), list[int]()
    with rehearsed_at(THEN_US):
        other = threading.Thread(target=lambda: seen.append(now_us()))
        other.start()
        other.join()
    assert seen[0] >= before
