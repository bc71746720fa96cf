"""The framer's verdicts, case by case."""

import numpy as np
import pytest

from atalaya.klv import checksum, encode_st0601
from atalaya.klv.ber import write_length
from atalaya.klv.framer import Checksum, Framer, Reason, frame
from atalaya.klv.keys import LABELS, Family

A = encode_st0601({2: 1_340_980_354_100_000, 5: 10.0, 3: "alpha"})
B = encode_st0601({2: 1_340_980_354_133_333, 5: 20.0})
UAS = LABELS[Family.ST0601]


def sealed(body: bytes, label: bytes = UAS, head: bytes = b"\x01\x02") -> bytes:
    """A set with a right running sum, its checksum item headed by `head`."""
    packet = label + write_length(len(body) + len(head) + 2) + body + head
    return packet + checksum.running_sum(packet).to_bytes(2, "big")


def verdicts(data: bytes, **options: int) -> tuple[list[tuple[int, int]], list[tuple[int, int, Reason]]]:
    found = Framer(**options).whole(data)
    accepted = list(zip(found.packets.start.tolist(), found.packets.length.tolist(), strict=True))
    return accepted, [(r.offset, r.length, r.reason) for r in found.rejected]


def test_two_packets_and_nothing_else() -> None:
    found = frame(A + B)
    assert verdicts(A + B) == ([(0, len(A)), (len(A), len(B))], [])
    assert found.packets.packet(1) == B
    assert found.packets.value(1) == B[17:]
    assert set(found.packets.checksum) == {Checksum.GOOD}
    assert set(found.packets.family) == {Family.ST0601}


@pytest.mark.parametrize("data", [b"", b"\x06", UAS[:4], b"\x00" * 40])
def test_nothing_to_find(data: bytes) -> None:
    accepted, rejected = verdicts(data)
    assert accepted == []
    assert sum(length for _, length, _ in rejected) == len(data)


def test_filler_is_junk() -> None:
    accepted, rejected = verdicts(b"\xff" * 7 + A + b"\x00" * 9)
    assert accepted == [(7, len(A))]
    assert rejected == [(0, 7, Reason.JUNK), (7 + len(A), 9, Reason.JUNK)]


def test_bad_checksum_is_counted_and_stays_readable() -> None:
    hurt = A[:30] + bytes([A[30] ^ 1]) + A[31:]
    framer = Framer()
    found = framer.whole(hurt + B)
    assert found.packets.start.tolist() == [len(A)]
    assert [(r.offset, r.length, r.reason, r.code) for r in found.rejected] == [
        (0, len(A), Reason.CHECKSUM, "KLV-102")
    ]
    assert framer.counts.bad_checksum == 1
    assert found.suspects.packet(0) == hurt
    assert found.suspects.checksum[0] == Checksum.BAD


def test_lost_bytes_do_not_take_the_next_packet_along() -> None:
    hurt = A[:25] + A[30:]
    accepted, rejected = verdicts(hurt + B)
    assert accepted == [(len(hurt), len(B))]
    assert rejected == [(0, len(hurt), Reason.NO_CHECKSUM)]


def test_the_end_cuts_a_packet() -> None:
    accepted, rejected = verdicts(A + B[:-3])
    assert accepted == [(0, len(A))]
    assert rejected == [(len(A), len(B) - 3, Reason.TRUNCATED)]


def test_a_packet_inside_a_false_claim_is_found_at_the_end() -> None:
    lying = UAS + b"\x82\x10\x00"
    accepted, rejected = verdicts(lying + A + B)
    assert accepted == [(19, len(A)), (19 + len(A), len(B))]
    assert rejected == [(0, 19, Reason.TRUNCATED)]


@pytest.mark.parametrize("length", [b"\x80", b"\xff", b"\x85\x00\x00\x00\x00\x20", b"\x00"])
def test_unusable_lengths(length: bytes) -> None:
    accepted, rejected = verdicts(UAS + length + A)
    assert accepted == [(16 + len(length), len(A))]
    assert rejected == [(0, 16 + len(length), Reason.BAD_LENGTH)]


def test_a_claim_of_four_gigabytes_waits_for_nothing() -> None:
    framer = Framer()
    framer.feed(UAS + b"\x84\xff\xff\xff\xff")
    found = framer.feed(A + b"\x00" * 20)
    assert found.packets.start.tolist() == [21]
    assert [r.reason for r in found.rejected] == [Reason.OVERSIZE]


def test_longest_set_believed_is_a_choice() -> None:
    long = sealed(b"\x03\x81\xc8" + b"x" * 200)
    assert verdicts(long)[0] == [(0, len(long))]
    assert verdicts(long, max_packet_bytes=100)[1] == [(0, len(long), Reason.OVERSIZE)]


def test_non_minimal_lengths_are_read() -> None:
    body = B[17:-4]
    packet = UAS + b"\x83\x00\x00" + bytes([len(body) + 4]) + body + b"\x01\x02"
    packet += checksum.running_sum(packet).to_bytes(2, "big")
    assert verdicts(packet + A)[0] == [(0, len(packet)), (len(packet), len(A))]
    odd = sealed(body, head=b"\x01\x81\x02")
    assert verdicts(odd)[0] == [(0, len(odd))]


def test_registry_version_is_not_compared() -> None:
    newer = sealed(B[17:-4], UAS[:7] + b"\x0d" + UAS[8:])
    found = frame(newer)
    assert found.packets.family.tolist() == [Family.ST0601]


def test_an_intact_packet_inside_another_belongs_to_the_outer() -> None:
    outer = sealed(b"\x0b" + write_length(len(A)) + A)
    assert verdicts(outer + B)[0] == [(0, len(outer)), (len(outer), len(B))]
    hurt = bytearray(outer)
    hurt[-1] ^= 1
    accepted, rejected = verdicts(bytes(hurt) + B)
    inside = outer.index(A)
    assert accepted == [(inside, len(A)), (len(outer), len(B))]
    assert [why for _, _, why in rejected] == [Reason.CHECKSUM, Reason.JUNK]


def test_stray_cell_headers_are_named() -> None:
    def header(packet: bytes) -> bytes:
        return b"\xfc\x07\xdf" + len(packet).to_bytes(2, "big")

    accepted, rejected = verdicts(header(A) + A + header(B) + B + b"\xfc\x08\xdf\x00\x01" + A)
    assert len(accepted) == 3
    assert [(length, why) for _, length, why in rejected] == [
        (5, Reason.CELL_HEADER),
        (5, Reason.CELL_HEADER),
        (5, Reason.JUNK),
    ]


def test_an_encoder_without_checksums_is_read_and_marked() -> None:
    bare = UAS + bytes([len(B) - 17 - 4]) + B[17:-4]
    found = frame(bare + bare)
    assert found.packets.checksum.tolist() == [Checksum.MISSING] * 2
    accepted, rejected = verdicts(A + bare + B)
    assert accepted == [(0, len(A)), (len(A) + len(bare), len(B))]
    assert rejected == [(len(A), len(bare), Reason.NO_CHECKSUM)]


def test_the_remote_video_terminal_set_has_a_crc() -> None:
    rvt = LABELS[Family.RVT] + b"\x10" + b"\x02\x08" + bytes(8) + b"\x01\x04"
    rvt += checksum.crc32_mpeg2(rvt).to_bytes(4, "big")
    assert frame(rvt).packets.checksum.tolist() == [Checksum.GOOD]
    assert verdicts(rvt[:-1] + b"\x00" + A)[1] == [(0, len(rvt), Reason.CHECKSUM)]


def test_a_core_identifier_stands_alone() -> None:
    core = LABELS[Family.MIIS] + b"\x12\x01\x20" + bytes(16)
    found = frame(core + A)
    assert found.packets.family.tolist() == [Family.MIIS, Family.ST0601]
    assert found.packets.checksum.tolist() == [Checksum.NONE, Checksum.GOOD]


def test_other_sets_are_framed_if_their_items_fill_them() -> None:
    label = bytes.fromhex("060E2B34020B01010E01030399000000")
    other = label + b"\x07" + b"\x05\x01\x00\x09\x02\x00\x00"
    assert frame(other + A).packets.family.tolist() == [Family.UNKNOWN, Family.ST0601]
    broken = label + b"\x07" + b"\x05\x01\x00\x09\x03\x00\x00"
    assert verdicts(broken + A)[1] == [(0, len(broken), Reason.STRUCTURE)]


def test_a_damaged_label_does_not_turn_into_an_unknown_standard() -> None:
    hurt = A[:12] + b"\x77" + A[13:]
    accepted, rejected = verdicts(hurt + B)
    assert accepted == [(len(A), len(B))]
    assert rejected == [(0, len(A), Reason.CHECKSUM)]


def test_a_universal_set_that_lost_its_last_bytes_is_not_completed_by_the_next() -> None:
    item = bytes.fromhex("060E2B3401010101 0701020102040200") + b"\x08" + bytes(8)
    whole = LABELS[Family.EG0104] + bytes([len(item)]) + item
    assert frame(whole * 2).packets.family.tolist() == [Family.EG0104] * 2
    for lost in (1, 4, 8):
        accepted, _ = verdicts(whole[:-lost] + whole)
        assert accepted == [(len(whole) - lost, len(whole))]


def test_any_buffer_is_taken_and_may_be_changed_afterwards() -> None:
    for kind in (bytes, bytearray, memoryview, lambda b: np.frombuffer(b, np.uint8)):
        assert len(frame(kind(A)).packets) == 1
    mutable = bytearray(A)
    found = frame(mutable)
    mutable[:] = bytes(len(A))
    assert found.packets.packet(0) == A


def test_findings_count_ranges_and_bytes() -> None:
    framer = Framer()
    framer.feed(b"\x00" * 50 + A + b"\x00" * 30)
    framer.feed(A)
    framer.finish()
    (finding,) = framer.counts.rejected.findings()
    assert (finding.code, finding.count, finding.where, finding.details) == (
        "KLV-101",
        2,
        "byte 0",
        {"bytes": 80},
    )
    assert "80" in finding.message


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    from atalaya.base.catalogue import text_of

    for lang in ("en", "es"):
        assert "{bytes}" in text_of(reason.code, lang).what
