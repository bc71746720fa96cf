"""Damaged KLV streams with a known answer: which packets came through intact, and where they lie."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from atalaya.klv.keys import LABELS, Family

UAS_LABEL = LABELS[Family.ST0601]


@dataclass(frozen=True)
class Damaged:
    """A stream made of packets, some damaged.

    Args:
        data: the stream.
        intact: (offset, packet) of every packet that is in it unchanged and whole.
        damaged: how many packets were damaged.
        originals: every packet before the damage.
    """

    data: bytes
    intact: list[tuple[int, bytes]]
    damaged: int
    originals: frozenset[bytes]

    def missed(self, accepted: Iterable[tuple[int, int]]) -> list[int]:
        """Offsets of intact packets that are not among the accepted (offset, length).

        Where a packet lost its last bytes and the next begins with the very same ones, the stream holds two
        whole packets that overlap: one of them is enough.
        """
        found = set(accepted)
        lost = [at for at, packet in self.intact if (at, len(packet)) not in found]
        return [at for at in lost if not any(self._whole(a, n) for a, n in found if a < at < a + n)]

    def _whole(self, at: int, size: int) -> bool:
        return self.data[at : at + size] in self.originals


Hurt = Callable[[np.random.Generator, bytes, bytes], bytes]
"""From a packet and another packet to the bytes left in the first one's place."""


def delete(rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """Lose up to 60 bytes somewhere."""
    at = int(rng.integers(len(packet)))
    return packet[:at] + packet[at + int(rng.integers(1, 61)) :]


def flip(rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """Change one to eight bits anywhere."""
    hurt = bytearray(packet)
    for at in rng.integers(len(packet), size=int(rng.integers(1, 9))):
        hurt[at] ^= 1 << int(rng.integers(8))
    return bytes(hurt)


def flip_label(rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """Change a byte of the label."""
    at = int(rng.integers(16))
    return packet[:at] + bytes([packet[at] ^ int(rng.integers(1, 256))]) + packet[at + 1 :]


def flip_length(rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """Change a byte of the length."""
    at = 16 + int(rng.integers(2))
    return packet[:at] + bytes([packet[at] ^ int(rng.integers(1, 256))]) + packet[at + 1 :]


def flip_checksum(rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """Change the checksum item."""
    at = len(packet) - 1 - int(rng.integers(4))
    return packet[:at] + bytes([packet[at] ^ int(rng.integers(1, 256))]) + packet[at + 1 :]


def truncate(rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """Lose the rest."""
    return packet[: int(rng.integers(len(packet)))]


def insert(rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """Gain up to 200 random bytes inside."""
    at = int(rng.integers(1, len(packet)))
    return packet[:at] + rng.bytes(int(rng.integers(1, 200))) + packet[at:]


def splice(rng: np.random.Generator, packet: bytes, other: bytes) -> bytes:
    """The head of one packet on the tail of another."""
    return packet[: int(rng.integers(1, len(packet)))] + other[int(rng.integers(1, len(other))) :]


def false_label(rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """A label with an absurd or a plausible length in the middle of the value."""
    at = int(rng.integers(20, len(packet)))
    lengths = (
        b"\x84\xff\xff\xff\xff",
        b"\x83\x03\x00\x00",
        b"\x00",
        b"\x80",
        b"\xff",
        b"\x82\x01\x00",
        b"\x10",
    )
    return packet[:at] + UAS_LABEL + lengths[int(rng.integers(len(lengths)))] + packet[at:]


def huge_length(_rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """A claim of 4 GB."""
    return packet[:16] + b"\x84\xff\xff\xff\xff" + packet[18:]


def no_length(_rng: np.random.Generator, packet: bytes, _other: bytes) -> bytes:
    """A length of zero."""
    return packet[:16] + b"\x00" + packet[18:]


HURTS: tuple[Hurt, ...] = (
    *(delete, flip, flip_label, flip_length, flip_checksum, truncate, insert, splice, false_label),
    *(huge_length, no_length),
)


def damaged_stream(
    rng: np.random.Generator,
    packets: Sequence[bytes],
    share: float,
    hurts: Sequence[Hurt] = HURTS,
    junk: float = 0.05,
) -> Damaged:
    """The packets in a row, each damaged with probability `share`, random bytes before some of them.

    Args:
        rng: source of chance.
        packets: good packets, in order.
        share: probability that one is damaged.
        hurts: kinds of damage to choose from.
        junk: probability of 1 to 400 random bytes before a packet.
    """
    parts: list[bytes] = []
    intact: list[tuple[int, bytes]] = []
    offset = damaged = 0
    kinds = rng.integers(len(hurts), size=len(packets))
    unlucky = rng.random(len(packets)) < share
    filled = rng.random(len(packets)) < junk
    for i, packet in enumerate(packets):
        if filled[i]:
            filler = rng.bytes(int(rng.integers(1, 400)))
            parts.append(filler)
            offset += len(filler)
        if unlucky[i]:
            left = hurts[kinds[i]](rng, packet, packets[(i * 7 + 3) % len(packets)])
            damaged += 1
        else:
            left = packet
            intact.append((offset, packet))
        parts.append(left)
        offset += len(left)
    return Damaged(b"".join(parts), intact, damaged, frozenset(packets))
