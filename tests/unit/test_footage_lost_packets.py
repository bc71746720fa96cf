"""Packets that never arrived are counted where a sender keeps its beat, and never where it keeps none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atalaya.footage.lost_packets import lost_packets

START = 1_768_000_000_000_000


def times(rate: float, count: int) -> np.ndarray:
    return START + np.rint(np.arange(count) * 1e6 / rate).astype(np.int64)


@given(
    st.sampled_from([1.0, 5.0, 25.0, 29.97, 30.0, 59.94]),
    st.lists(st.integers(1, 398), min_size=1, max_size=60, unique=True),
)
def test_every_missing_packet_is_counted(rate: float, gone: list[int]) -> None:
    (found,) = lost_packets(np.delete(times(rate, 400), gone))
    assert found.code == "FTG-088"
    assert found.count == len(gone)


@given(st.integers(0, 2**32), st.sampled_from([5.0, 30.0]))
def test_a_sender_without_a_beat_loses_nothing(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.exponential(1e6 / rate, 400).astype(np.int64) + 1
    assert lost_packets(START + np.cumsum(steps)) == []


def test_whole_streams_short_ones_and_odd_times_are_left_alone() -> None:
    assert lost_packets(times(29.97, 5000)) == []
    assert lost_packets(np.delete(times(30.0, 40), 20)) == []
    assert lost_packets(np.full(100, -1, np.int64)) == []
    glued = np.concatenate((times(30.0, 100), times(30.0, 100) + 10**12))
    assert lost_packets(glued) == []
