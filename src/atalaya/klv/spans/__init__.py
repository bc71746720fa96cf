"""Where one item lies in every packet, and its distinct contents: texts, security sets, nested sets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.klv.framer import PacketTable
from atalaya.klv.keys import Family


@dataclass(frozen=True)
class Spans:
    """One item of n ST 0601 packets.

        packets: the packets, n rows
        at: (n,) int64, offset of the value in the packets' buffer, -1 where the item is absent
        length: (n,) int64, bytes of the value
        changed: (n,) bool, whether the item is there and differs from its previous occurrence

    A repeated item counts with its last occurrence.
    """

    packets: PacketTable
    at: NDArray[np.int64]
    length: NDArray[np.int64]
    changed: NDArray[np.bool_]

    def value(self, row: int) -> bytes:
        """The bytes of the item in one packet; the item must be there."""
        begin = int(self.at[row])
        return self.packets.buffer[begin : begin + int(self.length[row])].tobytes()

    def distinct(self) -> dict[bytes, int]:
        """Every content that occurs and the first row that has it, in order of appearance."""
        seen: dict[bytes, int] = {}
        for row in np.flatnonzero(self.changed):
            seen.setdefault(self.value(int(row)), int(row))
        return seen

    def last(self) -> bytes | None:
        """The last content, None where the item never occurs."""
        rows = np.flatnonzero(self.at >= 0)
        return self.value(int(rows[-1])) if len(rows) else None


def item_spans(packets: PacketTable, tag: int) -> Spans:
    """Find one item in every ST 0601 packet of a table, in one compiled pass.

    Args:
        packets: what the framer accepted; packets of other families are left out.
        tag: of the item, any number.
    """
    from atalaya.klv.spans import kernels

    uas = packets.of(Family.ST0601)
    at = np.full(len(uas), -1, np.int64)
    length, changed = np.zeros(len(uas), np.int64), np.zeros(len(uas), np.bool_)
    kernels.find(uas.buffer, uas.value_start - uas.base, uas.value_length, tag, at, length, changed)
    return Spans(uas, at, length, changed)
