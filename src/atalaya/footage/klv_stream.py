"""One KLV stream of a recording: its bytes in one piece, and where each piece of them came from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NONE = -1
"""Stands for "no PTS" and "position unknown"."""


@dataclass(frozen=True)
class KlvStream:
    """The payload of one KLV stream, or of a stretch of it.

    Args:
        pid: packet identifier of MPEG-TS, track number of MP4, 0 for a bare KLV file.
        carriage: how it is carried, in words.
        payload: (n,) uint8, contiguous: what the framer reads.
        chunk_start: (m,) int64, offset in `payload` of each transport packet's content.
        chunk_pts: (m,) int64, 90 kHz ticks on the clip's unwrapped time line, -1 where the packet has none.
        chunk_pos: (m,) int64, byte position in the file, -1 where unknown.
        offset: offset of `payload[0]` in the whole stream (0 unless this is a later stretch).
        programme: number of the MPEG-TS programme it belongs to, 0 where there is none.
        bare: a bare KLV file: position in the file and offset in the stream are the same.
    """

    pid: int
    carriage: str
    payload: NDArray[np.uint8]
    chunk_start: Ints
    chunk_pts: Ints
    chunk_pos: Ints
    offset: int = 0
    programme: int = 0
    bare: bool = False

    def __len__(self) -> int:
        return len(self.payload)

    def chunk_of(self, offsets: Ints) -> NDArray[np.intp]:
        """Row of the chunk that holds each offset of the whole stream; -1 before the first."""
        found: NDArray[np.intp] = np.searchsorted(self.chunk_start, offsets - self.offset, side="right") - 1
        return found

    def pts_at(self, offsets: Ints) -> Ints:
        """PTS of the chunk at each offset of the whole stream, -1 where none."""
        return self._pick(self.chunk_pts, offsets)

    def pos_at(self, offsets: Ints) -> Ints:
        """Byte position in the file of the chunk at each offset of the whole stream, -1 where unknown."""
        return np.asarray(offsets, np.int64) if self.bare else self._pick(self.chunk_pos, offsets)

    def _pick(self, values: Ints, offsets: Ints) -> Ints:
        rows = self.chunk_of(np.asarray(offsets, np.int64))
        if not len(values):
            return np.full(len(rows), NONE, np.int64)
        return np.where(rows >= 0, values[np.maximum(rows, 0)], NONE)


def joined(parts: Sequence[KlvStream]) -> KlvStream:
    """Consecutive stretches of one stream as one; needs at least one."""
    first = parts[0]
    if len(parts) == 1:
        return first
    starts = [part.chunk_start + (part.offset - first.offset) for part in parts]
    return replace(
        first,
        payload=np.concatenate([part.payload for part in parts]),
        chunk_start=np.concatenate(starts),
        chunk_pts=np.concatenate([part.chunk_pts for part in parts]),
        chunk_pos=np.concatenate([part.chunk_pos for part in parts]),
    )
