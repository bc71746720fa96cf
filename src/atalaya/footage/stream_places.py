"""Where the bytes of one KLV stream came from, over all its stretches: PTS and place in the file."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.klv_stream import NONE, KlvStream

Ints = NDArray[np.int64]


@dataclass
class StreamPlaces:
    """Grows with every stretch; 24 bytes for each transport packet of metadata."""

    start: list[Ints] = field(default_factory=list)
    pts: list[Ints] = field(default_factory=list)
    pos: list[Ints] = field(default_factory=list)

    def add(self, stretch: KlvStream) -> None:
        """Take the next stretch."""
        self.start.append(stretch.chunk_start + stretch.offset)
        self.pts.append(stretch.chunk_pts)
        self.pos.append(stretch.chunk_pos)

    def of(self, offsets: Ints) -> tuple[Ints, Ints]:
        """PTS and file position of the chunk that holds each offset, -1 where unknown."""
        if not self.start or not len(offsets):
            return np.full(len(offsets), NONE, np.int64), np.full(len(offsets), NONE, np.int64)
        start = np.concatenate(self.start)
        rows = np.searchsorted(start, offsets, side="right") - 1
        inside = rows >= 0
        pts, pos = np.concatenate(self.pts)[rows], np.concatenate(self.pos)[rows]
        return np.where(inside, pts, NONE), np.where(inside, pos, NONE)
