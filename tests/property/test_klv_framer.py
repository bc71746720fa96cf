"""Laws of the framer: chunks do not matter, every byte is explained, intact packets always come through."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.klv import encode_st0601
from atalaya.klv.framer import Framed, Framer, RejectedTable, frame
from tests.klv_mutations import HURTS, Damaged, Hurt, damaged_stream
from tests.klv_packets import packets


def made_packets(count: int) -> list[bytes]:
    """Small good packets of changing layout."""
    found = []
    for i in range(count):
        values: dict[int | str, object] = {
            2: 1_340_980_354_100_000 + i,
            13: 34.7 + i / 999,
            5: float(i % 360),
        }
        if i % 5 == 0:
            values[96] = 120.5 + i
        if i % 7 == 0:
            values[3] = "m" * (i % 40)
        found.append(encode_st0601(values))
    return found


PACKETS = made_packets(120)

Found = tuple[list[tuple[int, int, int]], list[tuple[int, int, int]], list[tuple[int, int]]]


def gathered(parts: list[Framed]) -> Found:
    """Accepted, rejected and suspect extents of successive feeds."""
    accepted = [
        (int(s), int(n), int(f))
        for p in parts
        for s, n, f in zip(p.packets.start, p.packets.length, p.packets.family, strict=True)
    ]
    suspects = [
        (int(s), int(n)) for p in parts for s, n in zip(p.suspects.start, p.suspects.length, strict=True)
    ]
    ranges = RejectedTable.joined(p.rejected for p in parts)
    return accepted, [(r.offset, r.length, int(r.reason)) for r in ranges], suspects


def in_chunks(data: bytes, cuts: list[int], largest: int = 4096) -> Found:
    framer = Framer(max_packet_bytes=largest)
    edges = [0, *sorted(cuts), len(data)]
    parts = []
    for a, b in pairwise(edges):
        parts.append(framer.feed(data[a:b]))
        assert framer.waiting_bytes <= largest + largest // 64 + (b - a) + 32
    parts.append(framer.finish())
    counts = framer.counts
    assert counts.accepted_bytes + sum(counts.rejected_bytes.values()) == counts.fed_bytes == len(data)
    return gathered(parts)


def check_tiling(found: Found, size: int) -> None:
    """Accepted and rejected ranges tile the stream; equal neighbours among the rejected are joined."""
    accepted, rejected, _ = found
    tiles = sorted([(s, n) for s, n, _ in accepted] + [(s, n) for s, n, _ in rejected])
    position = 0
    for start, length in tiles:
        assert start == position
        assert length > 0
        position += length
    assert position == size
    for (s, n, why), (after, _, then) in pairwise(rejected):
        assert s + n < after or why != then


def check(made: Damaged, found: Found) -> None:
    check_tiling(found, len(made.data))
    assert not made.missed((start, length) for start, length, _ in found[0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 3000), max_size=30), st.sampled_from([0.0, 0.1, 0.6]))
def test_cuts_do_not_matter(seed: int, cuts: list[int], share: float) -> None:
    made = damaged_stream(np.random.default_rng(seed), PACKETS[:40], share, junk=0.2)
    cuts = [cut % (len(made.data) + 1) for cut in cuts]
    whole = gathered([frame(made.data, max_packet_bytes=4096)])
    assert in_chunks(made.data, cuts) == whole
    check(made, whole)


@pytest.mark.parametrize("step", [1, 2, 7, 188, 1316])
def test_fixed_chunks_do_not_matter(step: int) -> None:
    made = damaged_stream(np.random.default_rng(step), PACKETS, 0.3, junk=0.2)
    whole = gathered([frame(made.data, max_packet_bytes=4096)])
    assert in_chunks(made.data, list(range(step, len(made.data), step))) == whole


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=8))
def test_anything_is_explained(data: bytes, cuts: list[int]) -> None:
    whole = gathered([frame(data)])
    check_tiling(whole, len(data))
    assert in_chunks(data, [min(cut, len(data)) for cut in cuts], 1 << 18) == whole


LABEL = PACKETS[0][:16]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [LABEL, LABEL[:5], b"\x82\x00\x20", b"\x01\x02", b"\x84\xff", PACKETS[1], PACKETS[0][16:]]
            ),
        ),
        max_size=14,
    ),
    st.integers(1, 40),
)
def test_fragments_of_sets_are_explained(parts: list[bytes], step: int) -> None:
    data = b"".join(parts)
    whole = gathered([frame(data, max_packet_bytes=600)])
    check_tiling(whole, len(data))
    assert in_chunks(data, list(range(step, len(data), step)), 600) == whole


@pytest.mark.parametrize("hurt", HURTS, ids=lambda hurt: hurt.__name__)
def test_each_kind_of_damage_costs_the_damaged_alone(hurt: Hurt) -> None:
    rng = np.random.default_rng(11)
    made = damaged_stream(rng, PACKETS * 10, 0.1, (hurt,), junk=0.0)
    assert made.damaged > 60
    found = gathered([frame(made.data)])
    check(made, found)
    # What is accepted elsewhere is a splice that happens to give a whole packet again, or a scrap of a label
    # that reads as a tiny set of an unknown standard; no hurt packet is taken for a good ST 0601 one.
    intact, whole = {at for at, _ in made.intact}, set(PACKETS)
    elsewhere = [(at, size) for at, size, family in found[0] if family and at not in intact]
    assert all(made.data[at : at + size] in whole for at, size in elsewhere)


@pytest.mark.parametrize(
    "name", ["klv/osh/sample-stream.ts", "klv/kwiver/h264_klv.ts", "klv/kwiver/aphill_klv_10s.ts"]
)
def test_a_tenth_damaged_in_real_streams(name: str) -> None:
    good = packets(name)
    for seed in range(8):
        made = damaged_stream(np.random.default_rng(seed), good * (1 + 600 // len(good)), 0.1)
        found = gathered([frame(made.data)])
        check(made, found)
