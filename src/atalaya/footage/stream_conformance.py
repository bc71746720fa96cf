"""Conformance of a KLV stream of any length: its first packets item by item, all by their structure."""

import numpy as np

from atalaya.base.finding import Finding, Severity, merged
from atalaya.klv.columns import Columns, Fault
from atalaya.klv.conformance import StreamCheck
from atalaya.klv.framer import PacketTable
from atalaya.klv.keys import Family
from atalaya.klv.packet import decode_packet
from atalaya.klv.st0903 import VmtiState

MOST_PACKETS = 20_000
"""Packets judged item by item: eleven minutes at 30 Hz, about a second of work."""

_FAULTS = {
    Fault.TIME_NOT_FIRST: ("KLV-010", Severity.ERROR),
    Fault.CHECKSUM_NOT_LAST: ("KLV-011", Severity.ERROR),
    Fault.BROKEN: ("KLV-028", Severity.ERROR),
}
_NOT_OURS = {"KLV-032"}
"""Stores and weapons are looked for in every packet elsewhere."""


class StreamConformance:
    """Feed it the packets of one stream in order, with the columns of the ST 0601 ones."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._check = StreamCheck()
        self._vmti = VmtiState()
        self._read = 0
        self._later: list[Finding] = []
        self._unread = 0

    def take(self, packets: PacketTable, columns: Columns | None) -> None:
        """The next packets; `columns` holds those of them that are ST 0601."""
        reading = min(len(packets), MOST_PACKETS - self._read)
        for row in range(reading):
            packet = decode_packet(packets.packet(row), vmti=self._vmti)
            self._check.add(packet, f"PID {self._pid}, byte {int(packets.start[row])}")
        self._read += reading
        self._unread += len(packets) - reading
        if columns is not None and reading < len(packets):
            skipped = int((packets.family[:reading] == Family.ST0601).sum())
            self._later += _structural(columns, skipped, self._pid)

    def findings(self) -> tuple[Finding, ...]:
        """What the stream does against its standard, worst first."""
        found = [finding for finding in self._check.findings() if finding.code not in _NOT_OURS]
        if self._unread:
            details: dict[str, object] = {"read": self._read, "packets": self._read + self._unread}
            found.append(Finding("KLV-038", Severity.INFO, where=f"PID {self._pid}", details=details))
        return tuple(merged([*found, *self._later]))


def _structural(columns: Columns, first: int, pid: int) -> list[Finding]:
    """Faults the columnar pass noted from row `first` on."""
    found = []
    for fault, (code, severity) in _FAULTS.items():
        rows = first + np.flatnonzero(columns.faults[first:] & fault)
        if len(rows):
            where = f"PID {pid}, byte {int(columns.start[rows[0]])}"
            found.append(Finding(code, severity, len(rows), where))
    return found
