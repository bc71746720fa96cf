"""Bytes of a stream that are in no accepted KLV set, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity


class Reason(IntEnum):
    """Why bytes are in no accepted set; `code` explains it in words."""

    JUNK = 1
    CHECKSUM = 2
    NO_CHECKSUM = 3
    TRUNCATED = 4
    BAD_LENGTH = 5
    OVERSIZE = 6
    STRUCTURE = 7
    CELL_HEADER = 8

    @property
    def code(self) -> str:
        """Key of the catalogue, KLV-101 ..."""
        return f"KLV-{100 + self.value}"


@dataclass(frozen=True, slots=True)
class RejectedRange:
    """Bytes in no accepted set, and why."""

    offset: int
    length: int
    reason: Reason

    @property
    def code(self) -> str:
        """Key of the catalogue."""
        return self.reason.code


@dataclass(frozen=True)
class RejectedTable:
    """Byte ranges in no accepted set, ascending, equal neighbours joined.

    start, length: (n,) int64      reason: (n,) uint8, `Reason`
    """

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    reason: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.start)

    def __iter__(self) -> Iterator[RejectedRange]:
        for start, length, reason in zip(self.start, self.length, self.reason, strict=True):
            yield RejectedRange(int(start), int(length), Reason(int(reason)))

    @classmethod
    def joined(cls, tables: "Iterable[RejectedTable]") -> "RejectedTable":
        """The tables of successive feeds as one."""
        every = list(tables) or [no_ranges()]
        return cls(
            np.concatenate([table.start for table in every]),
            np.concatenate([table.length for table in every]),
            np.concatenate([table.reason for table in every]),
        )

    def findings(self) -> list[Finding]:
        """One finding per reason: how many ranges, how many bytes, where the first lies."""
        sums = RejectedSums()
        sums.add(self)
        return sums.findings()


@dataclass
class RejectedSums:
    """Rejected ranges of a stream so far, by reason."""

    ranges: dict[Reason, int] = field(default_factory=dict)
    bytes: dict[Reason, int] = field(default_factory=dict)
    first: dict[Reason, int] = field(default_factory=dict)
    """Offset of the first range."""

    def add(self, table: RejectedTable) -> None:
        """Count some more ranges."""
        for number in np.unique(table.reason):
            reason, rows = Reason(int(number)), table.reason == number
            self.ranges[reason] = self.ranges.get(reason, 0) + int(rows.sum())
            self.bytes[reason] = self.bytes.get(reason, 0) + int(table.length[rows].sum())
            self.first.setdefault(reason, int(table.start[rows][0]))

    def findings(self) -> list[Finding]:
        """One finding per reason: how many ranges, how many bytes, where the first lies."""
        return [
            Finding(
                reason.code,
                Severity.INFO if reason is Reason.CELL_HEADER else Severity.WARNING,
                self.ranges[reason],
                f"byte {self.first[reason]}",
                {"bytes": self.bytes[reason]},
            )
            for reason in sorted(self.ranges)
        ]


def no_ranges() -> RejectedTable:
    """An empty table."""
    return RejectedTable(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))
