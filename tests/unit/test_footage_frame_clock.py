"""Frames bound to metadata: real files, every method, clocks that lie, delays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from atalaya.footage.clip import Clip
from atalaya.footage.frame_clock import FrameClock, bind_frames
from atalaya.footage.frame_index import FrameIndex, FrameIndexBuilder
from atalaya.footage.writer import StreamFormat
from atalaya.klv.st0604 import LOCKED, TimeStamp
from tests.made_stream import make
from tests.shared_data import shared

Ints = NDArray[np.int64]
START_US = 1_700_000_000_000_000
STEP = 3_003
STEP_US = 33_366 + 2 / 3


def _index(frames: int = 300, *, sei: bool = True, status: int = LOCKED, scale: float = 1.0) -> FrameIndex:
    builder = FrameIndexBuilder()
    for n in range(frames):
        stamp = TimeStamp(START_US + round(n * STEP_US * scale), status) if sei else None
        builder.add(900_000 + n * STEP, 1_000 + 5_000 * n, n % 30 == 0, stamp, None)
    return builder.index()


def _packets(count: int = 300, every: float = 1.0) -> tuple[Ints, Ints, Ints]:
    n = np.arange(count) * every
    t_us = START_US + np.round(n * STEP_US).astype(np.int64)
    return t_us, 900_000 + np.round(n * STEP).astype(np.int64), (500 + 5_000 * n).astype(np.int64)


def _none(values: Ints) -> Ints:
    return np.full_like(values, -1)


def _codes(clock: FrameClock) -> list[str]:
    return [finding.code for finding in clock.findings]


def _packet_times(payload: bytes) -> tuple[Ints, Ints]:
    """Times and offsets of the packets of a stream that holds ST 0601 or EG 0104 only."""
    times, places = [], []
    for mark, ahead in ((bytes.fromhex("0702010101050000"), 9), (b"\x0e\x01\x03\x01\x01\x00\x00\x00", None)):
        place = payload.find(mark)
        while place >= 0:
            start = place + ahead if ahead else payload.find(b"\x02\x08", place) + 2
            times.append(int.from_bytes(payload[start : start + 8], "big"))
            places.append(place)
            place = payload.find(mark, place + 8)
    return np.array(times, np.int64), np.array(places, np.int64)


def _bound(path: Path) -> FrameClock:
    with Clip.open(path) as clip:
        (stream,) = clip.metadata()
        t_us, places = _packet_times(stream.payload.tobytes())
        return bind_frames(clip.frame_index(), t_us, stream.pts_at(places), stream.pos_at(places))


@pytest.mark.parametrize(
    ("name", "method", "frames", "worst"),
    [
        ("osh/sample-stream.ts", "sei", 277, 0),
        ("kwiver/h264_klv.ts", "sei", 30, 0),
        ("kwiver/h265_klv.ts", "sei", 30, 0),
        ("kwiver/mpeg2_klv.ts", "sei", 30, 0),
        ("kwiver/aphill_klv_10s.ts", "pts", 10, 16_684),
        ("kwiver/aphill_short.ts", "pts", 48, 33_367),
    ],
)
def test_real_recordings(name: str, method: str, frames: int, worst: int) -> None:
    clock = _bound(shared(f"klv/{name}"))
    assert (clock.method, clock.bound) == (method, frames)
    assert int(np.abs(clock.residual_us).max()) <= worst
    if method == "sei":
        assert clock.row.tolist() == list(range(frames))


def test_the_sei_of_aphill_is_refused_with_the_reason() -> None:
    clock = _bound(shared("klv/kwiver/aphill_short.ts"))
    refused = next(finding for finding in clock.findings if finding.code == "FTG-040")
    assert "0x00" in refused.message
    assert clock.row[:3].tolist() == [1, 2, 3]


def test_all_three_methods_agree_on_a_clean_recording() -> None:
    t_us, pts, pos = _packets()
    for index, packet_pts, method in (
        (_index(), pts, "sei"),
        (_index(sei=False), pts, "pts"),
        (_index(sei=False), _none(pts), "position"),
    ):
        clock = bind_frames(index, t_us, packet_pts, pos)
        assert clock.method == method
        assert clock.row.tolist() == list(range(300))
        assert int(np.abs(clock.t_us - t_us).max()) <= 1
        assert int(clock.uncertainty_us.max()) < 100_000
    assert bind_frames(_index(sei=False), t_us, _none(pts), _none(pos)).method == "none"


@pytest.mark.parametrize(
    ("index", "code"),
    [
        (_index(status=0x00), "FTG-040"),
        (replace(_index(), sei_us=_index().sei_us * 1000), "FTG-051"),
        (replace(_index(), sei_us=_index().sei_us - START_US), "FTG-051"),
        (_index(scale=1.05), "FTG-052"),
        (_index(scale=0.0), "FTG-052"),
    ],
)
def test_a_clock_in_the_pictures_that_lies_is_refused(index: FrameIndex, code: str) -> None:
    t_us, pts, pos = _packets()
    clock = bind_frames(index, t_us, pts, pos)
    assert clock.method == "pts"
    assert code in _codes(clock)
    assert clock.row.tolist() == list(range(300))


def test_a_clock_that_drifts_slowly_against_the_metadata_is_refused() -> None:
    t_us, pts, pos = _packets(3_000)
    clock = bind_frames(_index(3_000, scale=1.005), t_us, pts, pos)
    assert clock.method == "pts"
    assert "FTG-053" in _codes(clock)
    assert clock.row.tolist() == list(range(3_000))


@pytest.mark.parametrize("lag_frames", [225, 30, 3, -30])
def test_a_constant_delay_is_found_within_one_frame(lag_frames: int) -> None:
    t_us, pts, pos = _packets(900)
    clock = bind_frames(_index(900), t_us, pts + lag_frames * STEP, pos)
    assert clock.method == "sei"
    assert abs(clock.offset_us + lag_frames * STEP_US) <= STEP_US
    assert ("FTG-042" if lag_frames > 0 else "FTG-050") in _codes(clock)
    assert clock.row.tolist() == list(range(900))


def test_a_delay_of_seven_and_a_half_seconds_in_a_written_stream(tmp_path: Path) -> None:
    made = make(tmp_path / "late.ts", StreamFormat(160, 128, carriage="synchronous"), 360, lag_frames=225)
    clock = _bound(made.path)
    assert clock.method == "sei"
    assert abs(clock.offset_us + 7_500_000) <= 33_334
    assert clock.row[:135].tolist() == list(range(135))
    assert (clock.row[140:] == -1).all()
    found = next(finding for finding in clock.findings if finding.code == "FTG-042")
    assert "7.5 s after" in found.message


def test_clocks_of_two_epochs_are_bound_by_pts() -> None:
    t_us, pts, pos = _packets()
    clock = bind_frames(_index(), t_us + 18_000_000, pts, pos)
    assert clock.method == "pts"
    assert "FTG-043" in _codes(clock)
    assert clock.offset_us == 18_000_000
    assert clock.row.tolist() == list(range(300))


def test_garbage_pts_of_metadata_give_way_to_place() -> None:
    t_us, pts, pos = _packets()
    generator = np.random.default_rng(3)
    scattered = generator.permutation(pts)
    clock = bind_frames(_index(sei=False), t_us, scattered, pos)
    assert clock.method == "position"
    assert {"FTG-045"} <= set(_codes(clock))
    elsewhere = bind_frames(_index(sei=False), t_us, pts + 10**9, pos)
    assert elsewhere.method == "position"
    assert "FTG-054" in _codes(elsewhere)


def test_metadata_without_a_usable_clock_is_still_bound() -> None:
    t_us, pts, pos = _packets()
    unset = bind_frames(_index(), t_us - START_US, pts, pos)
    assert (unset.method, unset.bound) == ("pts", 300)
    assert "FTG-047" in _codes(unset)
    frozen = bind_frames(_index(), np.full_like(t_us, START_US), pts, pos)
    assert (frozen.method, frozen.bound) == ("pts", 300)
    assert "FTG-055" in _codes(frozen)
    placed = bind_frames(_index(sei=False), t_us - START_US, _none(pts), pos)
    assert (placed.method, placed.row.tolist()) == ("position", list(range(300)))


def test_slow_metadata_takes_the_nearest_packet_and_gaps_stay_empty() -> None:
    t_us, pts, pos = _packets(100, every=3)
    clock = bind_frames(_index(), t_us, pts, pos)
    assert clock.method == "sei"
    assert clock.row[:8].tolist() == [0, 0, 1, 1, 1, 2, 2, 2]
    keep = (np.arange(100) < 30) | (np.arange(100) > 60)
    gappy = bind_frames(_index(sei=False), t_us[keep], pts[keep], pos[keep])
    assert (gappy.row == -1).sum() > 80
    assert "FTG-044" in _codes(gappy)
    assert (np.diff(gappy.t_us) > 0).all()


def test_missing_and_stray_stamps_come_from_their_neighbours() -> None:
    index = _index()
    sei = index.sei_us.copy()
    sei[[5, 100]] = -1
    sei[200] += 3_600_000_000
    t_us, pts, pos = _packets()
    clock = bind_frames(replace(index, sei_us=sei), t_us, pts, pos)
    assert clock.method == "sei"
    assert clock.row.tolist() == list(range(300))
    assert np.flatnonzero(clock.interpolated).tolist() == [5, 100, 200]
    assert "FTG-049" in _codes(clock)


def test_nothing_to_bind() -> None:
    t_us, pts, pos = _packets(0)
    assert bind_frames(_index(10), t_us, pts, pos).row.tolist() == [-1] * 10
    assert len(bind_frames(FrameIndexBuilder().index(), *_packets(5)).row) == 0
    one = bind_frames(_index(1), *_packets(1))
    assert one.row.tolist() == [0]
