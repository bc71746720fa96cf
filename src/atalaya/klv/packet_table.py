"""Framed KLV sets as columns over the buffer that holds them."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.klv.keys import Family

Bytes: TypeAlias = NDArray[np.uint8]
Ints: TypeAlias = NDArray[np.int64]


class Checksum(IntEnum):
    """What the checksum says of a set."""

    NONE = 0
    """The family has none that is known here; the items fill the set exactly."""
    GOOD = 1
    BAD = 2
    MISSING = 3
    """The family requires one and the set has none."""


@dataclass(frozen=True)
class PacketTable:
    """Sets found in a buffer, one row each. Offsets count from the first byte of the stream.

    buffer: (bytes,) uint8, read-only; its first byte lies at offset `base`
    family: (n,) uint8, `keys.Family`; UNKNOWN for any other set or pack (label 06 0E 2B 34 02 ...)
    checksum: (n,) uint8, `Checksum`
    start, length: (n,) int64, from the first label byte to the last value byte
    value_start, value_length: (n,) int64
    """

    buffer: Bytes
    base: int
    family: Bytes
    start: Ints
    length: Ints
    value_start: Ints
    value_length: Ints
    checksum: Bytes

    def __len__(self) -> int:
        return len(self.start)

    def packet(self, row: int) -> bytes:
        """All bytes of one set, label included."""
        begin = int(self.start[row]) - self.base
        return self.buffer[begin : begin + int(self.length[row])].tobytes()

    def value(self, row: int) -> bytes:
        """The value bytes of one set."""
        begin = int(self.value_start[row]) - self.base
        return self.buffer[begin : begin + int(self.value_length[row])].tobytes()

    def take(self, rows: NDArray[Any]) -> "PacketTable":
        """Some rows (indices or mask) over the same buffer."""
        columns = (self.family, self.start, self.length, self.value_start, self.value_length, self.checksum)
        return PacketTable(self.buffer, self.base, *(column[rows] for column in columns))

    def of(self, *families: Family) -> "PacketTable":
        """The rows of some families."""
        return self.take(np.isin(self.family, families))
