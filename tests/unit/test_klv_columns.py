"""Columns: states, repeats, layouts, Arrow; the packet codec is the reference."""

import os
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest

from atalaya.base.errors import Usage
from atalaya.klv import UNKNOWN, Malformed, Special, checksum, decode_packet, encode_st0601
from atalaya.klv.ber import write_length
from atalaya.klv.columns import (
    COMMON_TAGS,
    NUMERIC_KINDS,
    Columns,
    Fault,
    decode_columns,
    numeric_items,
    read_columns,
)
from atalaya.klv.framer import frame
from atalaya.klv.keys import LABELS, Family
from atalaya.klv.st0601 import BY_TAG, ITEMS
from atalaya.klv.table import LocalSet
from atalaya.klv.values import State

EVERY = tuple(item.tag for item in ITEMS if item.kind in NUMERIC_KINDS and item.tag != 2)
TIME = b"\x02\x08" + (1_340_980_354_100_000).to_bytes(8, "big")


def packet(body: bytes, start: bytes = TIME) -> bytes:
    value = start + body + b"\x01\x02"
    whole = LABELS[Family.ST0601] + write_length(len(value) + 2) + value
    return whole + checksum.running_sum(whole).to_bytes(2, "big")


def one(body: bytes, tag: int) -> tuple[float, State]:
    columns = read_columns(packet(body), EVERY)
    name = BY_TAG[tag].name
    return float(columns[name][0]), State(columns.states[name][0])


def reference(items: LocalSet, tag: int) -> tuple[float, State]:
    """Value and state by the packet codec."""
    if tag not in items:
        return np.nan, State.ABSENT
    value = items[tag]
    if value is UNKNOWN:
        return np.nan, State.UNKNOWN
    if isinstance(value, Special):
        return np.nan, value.state
    if isinstance(value, Malformed):
        return np.nan, State.MALFORMED
    assert isinstance(value, (int, float))
    return float(value), State.VALUE


def same_as_codec(columns: Columns, packets: Sequence[bytes]) -> int:
    compared = 0
    sets = [decode_packet(data).items for data in packets]
    for item in columns.items:
        expected = [reference(items, item.tag) for items in sets]
        values, states = np.array(expected).T
        assert columns.states[item.name].tolist() == states.tolist(), item
        np.testing.assert_allclose(columns[item.name], values, rtol=1e-12, atol=1e-12)
        compared += int((states == State.VALUE).sum())
    return compared


@pytest.mark.parametrize(
    ("body", "tag", "state"),
    [
        (b"", 13, State.ABSENT),
        (b"\x0d\x00", 13, State.UNKNOWN),
        (b"\x06\x02\x80\x00", 6, State.OUT_OF_RANGE),
        (b"\x0d\x04\x80\x00\x00\x00", 13, State.RESERVED),
        (b"\x17\x04\x80\x00\x00\x00", 23, State.OFF_EARTH),
        (b"\x0d\x03\x00\x00\x00", 13, State.MALFORMED),
        (b"\x16\x04\x00\x00\x00\x01", 22, State.MALFORMED),
        (b"\x60\x03\xc8\x00\x00", 96, State.POSITIVE_INFINITY),
        (b"\x60\x03\xe8\x00\x00", 96, State.NEGATIVE_INFINITY),
        (b"\x60\x03\xd0\x00\x00", 96, State.NOT_A_NUMBER),
        (b"\x60\x03\xe0\x00\x00", 96, State.BELOW_MINIMUM),
        (b"\x60\x03\xe1\x00\x00", 96, State.ABOVE_MAXIMUM),
        (b"\x60\x03\xc0\x00\x01", 96, State.OTHER_SPECIAL),
        (b"\x60\x09" + bytes(9), 96, State.MALFORMED),
        (b"\x81\x09\x09" + bytes(9), 137, State.MALFORMED),
    ],
)
def test_states(body: bytes, tag: int, state: State) -> None:
    value, found = one(body, tag)
    assert found is state
    assert np.isnan(value)


@pytest.mark.parametrize(
    ("body", "tag", "value"),
    [
        (b"\x05\x02\x71\xc2", 5, 159.974364843213),
        (b"\x06\x02\xfd\x3d", 6, -0.431531723990600),
        (b"\x0d\x04\x55\x95\xb6\x6d", 13, 60.1768229669783),
        (b"\x27\x01\x84", 39, -124.0),
        (b"\x60\x03\x00\xd9\x2a", 96, 13898.5),
        (b"\x60\x08\x80" + bytes(7), 96, 2097152.0),
        (b"\x77\x02\x3b\x60", 119, -50.0),
        (b"\x6e\x02\x4d\xaf", 110, 19887.0),
        (b"\x6e\x83\x00\x00\x02\x4d\xaf", 110, 19887.0),
        (b"\x81\x08\x01\x1e", 136, 30.0),
        (b"\x81\x08\x01\xe2", 136, -30.0),
        (b"\x81\x09\x05\x01\x2b\x8d\xc6\x35", 137, 5025678901.0),
        (b"\x81\x09\x08\x80" + bytes(7), 137, -(2.0**63)),
        (b"\x48\x08\xff" + bytes(7), 72, 18374686479671623680.0),
    ],
)
def test_values(body: bytes, tag: int, value: float) -> None:
    assert one(body, tag) == (pytest.approx(value, rel=1e-12), State.VALUE)


def test_the_last_of_a_repeated_item_counts() -> None:
    columns = read_columns(packet(b"\x05\x02\x00\x00\x05\x02\xff\xff"))
    assert columns["platform_heading_true_deg"].tolist() == [360.0]
    assert columns.faults.tolist() == [Fault.REPEATED]
    assert columns.repeats == {5: 1}
    allowed = read_columns(packet(b"\x66\x01\x00\x66\x01\x01"))
    assert allowed.faults.tolist() == [0]


def test_faults_of_order_and_structure() -> None:
    late = packet(TIME, start=b"\x05\x02\x00\x00")
    assert read_columns(late).faults.tolist() == [Fault.TIME_NOT_FIRST]
    assert read_columns(packet(b"\x81\x48\x01\x00")).faults.tolist() == [Fault.HIGH_TAG]
    # The last item claims more than there is: the set is vouched for by its checksum, only that item is lost.
    broken = packet(b"\x05\x02\x10\x00\x0d\x60\x00\x00\x00\x00")
    columns = read_columns(broken)
    assert columns.faults[0] & Fault.BROKEN
    assert columns["platform_heading_true_deg"][0] == pytest.approx(22.5, abs=1e-3)
    assert columns.states["sensor_latitude_deg"][0] == State.MALFORMED


@pytest.mark.parametrize(
    ("start", "state"),
    [(b"", 0), (b"\x02\x00", 2), (b"\x02\x07" + bytes(7), 6), (b"\x02\x08\xff" + bytes(7), 6), (TIME, 1)],
)
def test_time_has_a_state(start: bytes, state: int) -> None:
    columns = read_columns(packet(b"\x05\x02\x00\x00", start))
    assert columns.t_state.tolist() == [state]
    assert columns.t_us.tolist() == [1_340_980_354_100_000 if state == 1 else 0]


def test_presence_by_tag() -> None:
    columns = read_columns(packet(b"\x30\x00\x81\x0a\x01\x00") + packet(b""))
    assert columns.has(48).tolist() == [True, False]
    assert columns.has(138).tolist() == [True, False]
    assert columns.tags() == {1: 2, 2: 2, 48: 1, 138: 1}


def changing_packets(rng: np.random.Generator, count: int) -> list[bytes]:
    """Packets whose layout changes often, some runs equal."""
    found, body = [], b""
    for i in range(count):
        if i % 9 == 0 or rng.random() < 0.1:
            tags = rng.permutation(EVERY[1:])[: rng.integers(0, 40)]
        parts = []
        for tag in tags:
            item = BY_TAG[int(tag)]
            length = item.length or int(rng.integers(0, 9)) if i % 9 else item.length or 3
            if rng.random() < 0.02:
                length = int(rng.integers(0, 12))
            head = bytes([tag]) if tag < 128 else bytes([0x80 | tag >> 7, tag & 0x7F])
            parts.append(head + bytes([length]) + rng.bytes(length))
        body = b"".join(parts)
        found.append(packet(body))
    return found


def test_any_mix_of_layouts_reads_like_the_codec() -> None:
    packets = changing_packets(np.random.default_rng(5), 900)
    columns = read_columns(b"".join(packets), EVERY)
    assert same_as_codec(columns, packets) > 5000


def test_blocks_join_without_a_seam() -> None:
    """More packets than the kernel takes at once; an item that comes late and leaves again."""
    early = [encode_st0601({2: 10**15 + i, 5: float(i % 360)}) for i in range(1500)]
    late = [encode_st0601({2: 10**15 + i, 13: i / 100}) for i in range(1500, 2600)]
    columns = read_columns(b"".join(early + late + early[:1100]))
    assert columns.t_us[1499:1502].tolist() == [10**15 + 1499, 10**15 + 1500, 10**15 + 1501]
    latitude, states = columns["sensor_latitude_deg"], columns.states["sensor_latitude_deg"]
    assert np.isnan(latitude[:1500]).all()
    assert np.isnan(latitude[2600:]).all()
    assert np.allclose(latitude[1500:2600], np.arange(1500, 2600) / 100, atol=1e-7)
    assert (states == State.VALUE).sum() == 1100
    assert np.isnan(columns["slant_range_m"]).all()
    assert len(columns) == len(columns["slant_range_m"]) == 3700


def test_items_by_tag_or_name() -> None:
    columns = read_columns(packet(b"\x08\x01\x40"), [8, "platform_true_airspeed_mps", "slant_range_m"])
    assert [item.tag for item in columns.items] == [8, 21]
    assert columns["platform_true_airspeed_mps"].tolist() == [64.0]
    assert len(numeric_items()) == len(COMMON_TAGS)


@pytest.mark.parametrize("item", [3, 48, 2, 999, "no_such_item", "security"])
def test_items_that_are_no_numbers_are_refused(item: int | str) -> None:
    with pytest.raises(Usage, match="KLV-110"):
        numeric_items([item])


def test_arrow_shares_memory_and_has_nulls() -> None:
    columns = read_columns(packet(b"\x05\x02\x00\x00") + packet(b"\x05\x00") + packet(b"\x15\x04" + bytes(4)))
    table = columns.to_arrow()
    heading = table["platform_heading_true_deg"]
    assert heading.to_pylist() == [0.0, None, None]
    assert table["slant_range_m"].null_count == 2
    assert table["sensor_latitude_deg"].null_count == 3
    assert table["t_us"].null_count == 0
    assert heading.chunk(0).buffers()[1].address == columns["platform_heading_true_deg"].ctypes.data


def test_no_packets() -> None:
    columns = read_columns(b"")
    assert len(columns) == 0
    assert columns.to_arrow().num_rows == 0


def test_other_families_are_left_out() -> None:
    core = LABELS[Family.MIIS] + b"\x12\x01\x20" + bytes(16)
    columns = read_columns(core + packet(b"") + core)
    assert columns.start.tolist() == [len(core)]


def test_suspects_can_be_decoded() -> None:
    hurt = bytearray(packet(b"\x05\x02\x40\x00"))
    hurt[-1] ^= 1
    columns = decode_columns(frame(bytes(hurt)).suspects)
    assert columns["platform_heading_true_deg"][0] == pytest.approx(90.0, abs=0.01)


PROGRAM = """
import hashlib, numpy as np
from atalaya.klv.columns import decode_columns
from atalaya.klv.framer import Framer
from tests.klv_mutations import damaged_stream
from tests.unit.test_klv_columns import EVERY, changing_packets
rng = np.random.default_rng(2)
data = damaged_stream(rng, changing_packets(rng, 60), 0.3).data
framer, digest = Framer(max_packet_bytes=2000), hashlib.sha256()
for part in (framer.feed(data[:3000]), framer.feed(data[3000:]), framer.finish()):
    for table in (part.packets, part.suspects):
        columns = decode_columns(table, EVERY)
        for name in columns.values:
            digest.update(columns.values[name].tobytes() + columns.states[name].tobytes())
        digest.update(repr([columns.start, columns.t_us, columns.faults, columns.present]).encode())
    digest.update(repr(list(part.rejected)).encode())
print(digest.hexdigest())
"""


def test_uncompiled_kernels_give_the_same_answers() -> None:
    found = set()
    for disable in ("0", "1"):
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM],
            env={**os.environ, "NUMBA_DISABLE_JIT": disable},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        found.add(run.stdout)
    assert len(found) == 1
