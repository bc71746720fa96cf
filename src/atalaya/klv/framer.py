"""Framing: from a byte stream in any chunks to the KLV sets in it, and a reason for every other byte.

A set is found by its 16-byte SMPTE label, its BER length and, where the family has one, its checksum. A
length is never trusted past a failed checksum: the search goes on one byte after the label that failed, so
that damage costs the damaged sets alone. The result does not depend on how the stream was cut into chunks.

Sources: SMPTE ST 336 (labels, BER), MISB ST 0601 item 1 (running sum), ST 0806 item 1 (CRC-32), ST 1204,
ST 1402 (metadata cells).
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.klv.keys import LABELS, masked
from atalaya.klv.packet_table import Bytes, Checksum, Ints, PacketTable
from atalaya.klv.rejected import Reason, RejectedRange, RejectedSums, RejectedTable, no_ranges

__all__ = [
    "MAX_PACKET_BYTES",
    "Checksum",
    "Chunk",
    "Framed",
    "Framer",
    "PacketTable",
    "Reason",
    "RejectedRange",
    "RejectedTable",
    "StreamCounts",
    "frame",
    "words_of",
]

Chunk: TypeAlias = bytes | bytearray | memoryview | Bytes

MAX_PACKET_BYTES: Final = 1 << 18
"""Default for the longest set believed. A live reader waits for at most this much before it rejects a damaged
length; lower it where feeds are slow."""


_LABELS: Final = np.array([list(masked(label)) for label in LABELS.values()], np.uint8).view(np.uint64)
_FAMILIES: Final = np.array(list(LABELS), np.uint8)
_PATIENCE: Final = 64
"""After re-reading n bytes of damage the framer waits for n / 64 more, which keeps hostile streams linear."""


@dataclass(frozen=True)
class Framed:
    """What some bytes of a stream gave.

    Args:
        packets: accepted sets, in order.
        suspects: what carried a label of a checksummed family but failed its checksum, at the length it
            claimed. Such extents may overlap each other and accepted sets; they are for a closer look only.
        rejected: the bytes in no accepted set that are explained by now.
    """

    packets: PacketTable
    suspects: PacketTable
    rejected: RejectedTable


@dataclass
class StreamCounts:
    """Sums over a stream so far; accepted and rejected bytes add up to those fed once it is finished."""

    fed_bytes: int = 0
    packets: int = 0
    accepted_bytes: int = 0
    bad_checksum: int = 0
    """Sets of a checksummed family that fail their checksum, or lack it."""
    rejected: RejectedSums = field(default_factory=RejectedSums)

    @property
    def rejected_bytes(self) -> dict[Reason, int]:
        """Bytes in no accepted set, by reason."""
        return self.rejected.bytes


class Framer:
    """Feed it a stream in pieces of any size; each call returns the sets that became whole.

    Memory is bounded by `max_packet_bytes` plus the largest piece, whatever the stream claims, and time by
    the number of bytes.

    Args:
        max_packet_bytes: a set that claims to be longer is rejected at once (`Reason.OVERSIZE`).
    """

    def __init__(self, *, max_packet_bytes: int = MAX_PACKET_BYTES) -> None:
        from atalaya.klv.scan import kernels

        self._kernels = kernels
        self._largest = max_packet_bytes
        self._state = np.zeros(kernels.STATE_SIZE, np.int64)
        self._pending = bytearray()
        self._base = 0
        self._needed = 17
        self.counts = StreamCounts()

    @property
    def waiting_bytes(self) -> int:
        """Bytes fed that are neither accepted nor rejected yet."""
        return len(self._pending)

    def feed(self, chunk: Chunk) -> Framed:
        """Take the next bytes of the stream."""
        self.counts.fed_bytes += len(chunk)
        if not self._pending and len(chunk) >= self._needed:
            return self._scan(_owned(chunk), final=False)
        self._pending += _flat(chunk)
        if len(self._pending) < self._needed:
            return self._nothing()
        return self._scan(self._taken(), final=False)

    def finish(self) -> Framed:
        """The stream has ended: decide on what is left. The framer must not be fed afterwards."""
        return self._scan(self._taken(), final=True)

    def whole(self, data: Chunk) -> Framed:
        """Frame a complete stream held in memory; not to be mixed with `feed`."""
        self.counts.fed_bytes += len(data)
        return self._scan(_owned(data), final=True)

    def _taken(self) -> Bytes:
        data = np.frombuffer(self._pending, np.uint8)
        self._pending = bytearray()
        return data

    def _nothing(self) -> Framed:
        nothing = np.zeros((6, 0), np.int64)
        empty = _table(np.zeros(0, np.uint8), self._base, nothing)
        return Framed(empty, empty, no_ranges())

    def _scan(self, data: Bytes, *, final: bool) -> Framed:
        kernels, state = self._kernels, self._state
        data.flags.writeable = False
        words = words_of(data)
        packets = np.empty((6, len(data) // 96 + 16), np.int64)
        suspects = np.empty((6, 16), np.int64)
        rejected = np.empty((3, 64), np.int64)
        for slot in (kernels.PACKETS, kernels.SUSPECTS, kernels.REJECTED, kernels.REWORK, kernels.BAD_SUMS):
            state[slot] = 0
        settings = (self._base, final, self._largest, _LABELS, _FAMILIES, state)
        while kernels.scan(data, words, *settings, packets, suspects, rejected) == kernels.FULL:
            packets = _roomier(packets, int(state[kernels.PACKETS]))
            suspects = _roomier(suspects, int(state[kernels.SUSPECTS]))
            rejected = _roomier(rejected, int(state[kernels.REJECTED]) + 6)
        found = Framed(
            _table(data, self._base, packets[:, : state[kernels.PACKETS]]),
            _table(data, self._base, suspects[:, : state[kernels.SUSPECTS]]),
            _ranges(rejected[:, : state[kernels.REJECTED]]),
        )
        self._keep(data)
        self._count(found)
        return found

    def _keep(self, data: Bytes) -> None:
        """Carry over what is undecided, and five bytes before it that may turn out a cell header."""
        kernels, state = self._kernels, self._state
        keep = max(int(state[kernels.GAP]), int(state[kernels.POS]) - 5, self._base)
        self._pending = bytearray(data[keep - self._base :])
        self._base = keep
        rework = int(state[kernels.REWORK])
        patience = (rework + len(self._pending)) // _PATIENCE if rework else 0
        self._needed = max(int(state[kernels.NEEDED]) - keep, len(self._pending) + max(patience, 1))

    def _count(self, found: Framed) -> None:
        counts = self.counts
        counts.packets += len(found.packets)
        counts.accepted_bytes += int(found.packets.length.sum())
        counts.bad_checksum += int(self._state[self._kernels.BAD_SUMS])
        counts.rejected.add(found.rejected)


def _flat(chunk: Chunk) -> bytes | bytearray | memoryview:
    return chunk.tobytes() if isinstance(chunk, np.ndarray) else chunk


def _owned(chunk: Chunk) -> Bytes:
    """The bytes as an array that nobody changes later: a view of `bytes`, a copy of anything mutable."""
    if isinstance(chunk, bytes):
        return np.frombuffer(chunk, np.uint8)
    if isinstance(chunk, np.ndarray) and not chunk.flags.writeable and chunk.flags.c_contiguous:
        return chunk
    return np.frombuffer(bytes(_flat(chunk)), np.uint8)


def words_of(data: Bytes) -> NDArray[np.uint64]:
    """(n - 7,) uint64: the little-endian words that begin at every byte of the data, without a copy."""
    count = max(len(data) - 7, 0)
    return np.ndarray((count,), "<u8", data if count else bytes(8), strides=(1,))


def _roomier(table: Ints, used: int) -> Ints:
    rows = table.shape[1]
    if used < rows:
        return table
    larger = np.empty((len(table), 2 * rows + 64), np.int64)
    larger[:, :rows] = table
    return larger


def _table(data: Bytes, base: int, rows: Ints) -> PacketTable:
    family, start, length, value_start, value_length, checksum = rows
    return PacketTable(
        data,
        base,
        family.astype(np.uint8),
        start,
        length,
        value_start,
        value_length,
        checksum.astype(np.uint8),
    )


def _ranges(rows: Ints) -> RejectedTable:
    return RejectedTable(rows[0], rows[1], rows[2].astype(np.uint8))


def frame(data: Chunk, *, max_packet_bytes: int = MAX_PACKET_BYTES) -> Framed:
    """Every set of a complete stream in memory (`bytes` are not copied), and why other bytes are in none."""
    return Framer(max_packet_bytes=max_packet_bytes).whole(data)
