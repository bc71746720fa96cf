"""Time stamps in pictures (ST 0604), field pictures, and the time line of PTS."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.footage.h264_fields import FieldReader, prefix_bytes
from atalaya.footage.sei import packet_stamp, unit_starts
from atalaya.footage.timeline import TICKS, WRAP, Timeline
from atalaya.klv.st0604 import (
    LOCKED,
    Codec,
    TimeStamp,
    escaped,
    find_stamps,
    make_stamp,
    make_unit,
    parse_stamp,
    status_byte,
    unescaped,
)

CODECS: list[Codec] = ["h264", "hevc", "mpeg2video"]
_SLICE = {"h264": b"\x00\x00\x01\x65", "hevc": b"\x00\x00\x01\x26\x01", "mpeg2video": b"\x00\x00\x01\x01"}


def test_the_worked_stamp() -> None:
    payload = b"MISPmicrosectime" + bytes.fromhex("1F0004FFC39DFF51A8FF2B20")
    stamp = parse_stamp(payload)
    assert stamp == TimeStamp(1_340_980_354_100_000, 0x1F)
    assert stamp.t_us == 1_340_980_354_100_000
    assert stamp.locked
    assert stamp.well_formed
    assert not stamp.jumped
    assert make_stamp(stamp, "h264") == payload


def test_status_bits() -> None:
    assert status_byte() == LOCKED == 0x1F
    assert status_byte(locked=False) == 0x9F
    assert status_byte(jumped=True, backwards=True) == 0x7F
    assert status_byte(backwards=True) == 0x1F
    assert not TimeStamp(1, 0x9F).locked
    assert TimeStamp(1, 0x5F).jumped
    assert not TimeStamp(1, 0x00).well_formed


def test_nanoseconds_are_for_h265_only() -> None:
    stamp = TimeStamp(1_340_980_354_100_000_999, nanoseconds=True)
    assert stamp.t_us == 1_340_980_354_100_000
    assert parse_stamp(make_stamp(stamp, "hevc")) == stamp
    with pytest.raises(ValueError, match="nanosecond"):
        make_stamp(stamp, "h264")
    with pytest.raises(ValueError, match="64 bits"):
        make_stamp(TimeStamp(1 << 64), "h264")
    assert TimeStamp((1 << 64) - 1).t_us == (1 << 63) - 1


def test_bytes_that_are_no_stamp() -> None:
    good = make_stamp(TimeStamp(7), "h264")
    assert parse_stamp(good[:-1]) is None
    assert parse_stamp(b"x" + good[1:]) is None
    assert parse_stamp(good[:19] + b"\x00" + good[20:]) is None


@given(st.binary(max_size=60))
def test_emulation_prevention_round_trip(data: bytes) -> None:
    protected = escaped(data)
    assert unescaped(protected) == data
    assert not any(
        protected[i : i + 2] == b"\0\0" and protected[i + 2] < 3 for i in range(len(protected) - 2)
    )


@given(
    st.integers(0, (1 << 64) - 1),
    st.integers(0, 255),
    st.sampled_from(CODECS),
    st.binary(max_size=5000),
    st.binary(max_size=400),
)
def test_stamps_are_found_wherever_they_lie(
    value: int, status: int, codec: Codec, before: bytes, after: bytes
) -> None:
    stamp = TimeStamp(value, status)
    filler = b"\x00\x00\x01\x06\x05" + escaped(before) if codec == "h264" else b""
    unit = filler + make_unit(stamp, codec) + _SLICE[codec] + after
    assert packet_stamp(memoryview(unit), codec) == stamp
    assert next(find_stamps(unit)) == stamp


def test_nothing_is_looked_for_behind_the_first_slice() -> None:
    stamp = make_unit(TimeStamp(9), "h264")
    assert packet_stamp(memoryview(_SLICE["h264"] + bytes(4000) + stamp), "h264") is None
    assert packet_stamp(memoryview(stamp), "vp9") is None
    prefixed = (4000).to_bytes(4, "big") + b"\x65" + bytes(3999)
    assert packet_stamp(memoryview(prefixed), "h264", 4) is None


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_length_prefixed_units(codec: Codec) -> None:
    stamp = TimeStamp(1_700_000_000_000_000)
    unit = make_unit(stamp, codec)[4:]
    data = len(unit).to_bytes(4, "big") + unit + (5).to_bytes(4, "big") + b"\x65\x01\x02\x03\x04"
    assert packet_stamp(memoryview(data), codec, 4) == stamp
    assert unit_starts(data, 4) == [4, 8 + len(unit)]


def test_prefix_bytes_of_configuration_records() -> None:
    assert prefix_bytes("h264", bytes.fromhex("014d401fffe1")) == 4
    assert prefix_bytes("h264", bytes.fromhex("014d401ffde1")) == 2
    assert prefix_bytes("h264", bytes.fromhex("00000001674d")) == 0
    assert prefix_bytes("hevc", b"\x01" + bytes(20) + b"\xff") == 4
    assert prefix_bytes("mpeg2video", b"\x01") == 0


@given(st.binary(max_size=300), st.booleans())
def test_field_reader_takes_any_bytes(data: bytes, key: bool) -> None:
    reader = FieldReader(data)
    reader.read(memoryview(b"\0\0\1\x67" + data), True)
    reader.read(memoryview(b"\0\0\1\x65" + data), key)


def test_pts_that_wrap_go_on() -> None:
    line = Timeline(wraps=True, start=WRAP - 5 * TICKS)
    placed = [line.place(0, (WRAP - 5 * TICKS + n * 3000) % WRAP, leads=True, step=3000) for n in range(300)]
    assert np.diff([value for value, _ in placed]).tolist() == [3000] * 299
    assert {part for _, part in placed} == {0}
    early, _ = line.place(1, 100)
    assert early == WRAP + 100


def test_a_start_just_before_the_wrap_is_lifted() -> None:
    line = Timeline(wraps=True, start=-9_000)
    assert line.place(0, -9_000, leads=True)[0] == WRAP - 9_000
    assert line.place(1, -6_000)[0] == WRAP - 6_000
    assert line.place(0, 0, leads=True)[0] == WRAP


def test_glued_recordings_are_set_one_behind_the_other() -> None:
    line = Timeline(wraps=True, start=900_000)
    starts = (900_000, 126_000, 4_000_000 - 3_000 * 99)
    stamps = [start + n * 3000 for start in starts for n in range(100)]
    shown = [line.settled(*line.place(0, stamp, leads=True, step=3000)) for stamp in stamps]
    assert np.diff(shown[:200]).tolist() == [3000] * 199
    assert line.jumps_forward == 1
    assert len(line.shifts) == 2


def test_metadata_that_reaches_a_seam_first_is_settled_by_the_video() -> None:
    line = Timeline(wraps=True, start=900_000)
    for n in range(100):
        line.place(0, 900_000 + 3000 * n, leads=True, step=3000)
        line.place(1, 900_000 + 3000 * n)
    ahead = line.place(1, 90_000)
    video = line.place(0, 90_000, leads=True, step=3000)
    assert line.settled(*ahead) == line.settled(*video) == 900_000 + 3000 * 100
