"""All KLV of a recording: framed, counted, and turned into columns, texts and reported targets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.footage.klv_stream import NONE, KlvStream
from atalaya.footage.sensor_track import Floats
from atalaya.footage.stream_conformance import StreamConformance
from atalaya.footage.stream_places import StreamPlaces
from atalaya.footage.targets import TargetReader
from atalaya.klv import eg0104
from atalaya.klv.columns import COMMON_TAGS, Columns, Fault, decode_columns
from atalaya.klv.eg0104_columns import decode_eg0104_columns
from atalaya.klv.framer import Checksum, Framed, Framer, PacketTable
from atalaya.klv.keys import Family
from atalaya.klv.spans import item_spans
from atalaya.klv.values import State

Ints = NDArray[np.int64]

TEXT_TAGS = (3, 4, 10, 11, 59, 107)
"""Mission, tail number, platform, sensor, call sign, operational base."""

PLATFORM_TAG = 10
STORES_TAGS = (60, 61, 140)
SECURITY_TAG, COUNTRY_TAG, VMTI_TAG, ERROR_TAG = 48, 122, 74, 102
KEPT_TAGS = (*TEXT_TAGS, *STORES_TAGS, SECURITY_TAG, COUNTRY_TAG)
WANTED = (*COMMON_TAGS, 136, 137)
"""Numeric items: the common ones and what turns time stamps into UTC."""

MOST_CONTENTS = 256
"""Distinct contents of one item that are kept; more than that is noise, not information."""


@dataclass(frozen=True)
class StreamMetadata:
    """What one KLV stream holds.

    Args:
        pid: of the stream. carriage: how it is carried, in words.
        packets: number of sets by family. bad_checksum: sets that failed theirs. rejected_bytes: in no set.
        family: ST0601 or EG0104, whichever there is more of; UNKNOWN where there is neither.
        t_us, pts, pos: (n,) int64 of that family's packets; pts and pos are -1 where unknown.
        values, states: columns by item name, (n,) float64 and uint8 `State`.
        presence: number of packets that hold each tag (ST 0601).
        contents: tag to distinct contents and the packet each first occurs in.
        security_sets: distinct ST 0102 sets that travel by themselves or inside EG 0104 sets.
        damaged_stores: contents of stores items in packets whose checksum does not match, by tag.
        error_packet: the first packet that states its own errors (item 102), whole.
        targets: objects that VMTI sets reported.
        findings: of framing. conformance: what the packets say against their standard.
    """

    pid: int
    carriage: str
    packets: dict[Family, int]
    bad_checksum: int
    rejected_bytes: int
    family: Family
    t_us: Ints
    pts: Ints
    pos: Ints
    values: dict[str, Floats]
    states: dict[str, NDArray[np.uint8]]
    presence: dict[int, int]
    contents: dict[int, dict[bytes, int]]
    security_sets: tuple[bytes, ...]
    damaged_stores: dict[int, tuple[bytes, ...]]
    error_packet: bytes | None
    targets: TargetReader
    findings: tuple[Finding, ...]
    conformance: tuple[Finding, ...]

    def __len__(self) -> int:
        return len(self.t_us)


class StreamReader:
    """Takes the stretches of one KLV stream in order and gives what it holds."""

    def __init__(self, first: KlvStream) -> None:
        self._pid, self._carriage = first.pid, first.carriage
        self._framer = Framer()
        self._places = StreamPlaces()
        self._columns: dict[Family, list[Columns]] = {Family.ST0601: [], Family.EG0104: []}
        self._packets: dict[Family, int] = {}
        self._contents: dict[int, dict[bytes, int]] = {tag: {} for tag in KEPT_TAGS}
        self._security: dict[bytes, None] = {}
        self._damaged: dict[int, dict[bytes, None]] = {tag: {} for tag in STORES_TAGS}
        self._error_packet: bytes | None = None
        self._targets = TargetReader()
        self._conformance = StreamConformance(first.pid)
        self._rows = 0
        self._scrap = 0

    def add(self, stretch: KlvStream) -> None:
        """Take the next stretch."""
        self._places.add(stretch)
        self._take(self._framer.feed(stretch.payload))

    def finish(self) -> StreamMetadata:
        """The stream has ended."""
        self._take(self._framer.finish())
        family = max(self._columns, key=lambda one: sum(len(part) for part in self._columns[one]))
        parts = [part for part in self._columns[family] if len(part)]
        start = np.concatenate([part.start for part in parts]) if parts else np.zeros(0, np.int64)
        pts, pos = self._places.of(start)
        t_us = [np.where(part.t_state == State.VALUE, part.t_us, NONE) for part in parts]
        presence: dict[int, int] = {}
        for part in self._columns[Family.ST0601]:
            for tag, count in part.tags().items():
                presence[tag] = presence.get(tag, 0) + count
        names = [item.name for item in parts[0].items] if parts else []
        return StreamMetadata(
            pid=self._pid,
            carriage=self._carriage,
            packets=self._packets,
            bad_checksum=self._framer.counts.bad_checksum,
            rejected_bytes=sum(self._framer.counts.rejected.bytes.values()) + self._scrap,
            family=family if parts else Family.UNKNOWN,
            t_us=np.concatenate(t_us) if t_us else np.zeros(0, np.int64),
            pts=pts,
            pos=pos,
            values={name: np.concatenate([part.values[name] for part in parts]) for name in names},
            states={name: np.concatenate([part.states[name] for part in parts]) for name in names},
            presence=presence,
            contents=self._contents,
            security_sets=tuple(self._security),
            damaged_stores={tag: tuple(contents) for tag, contents in self._damaged.items()},
            error_packet=self._error_packet,
            targets=self._targets,
            findings=self._rejected_findings(),
            conformance=self._conformance.findings(),
        )

    def _take(self, framed: Framed) -> None:
        packets = framed.packets
        for tag, kept in self._damaged.items():
            for content in item_spans(framed.suspects, tag).distinct():
                if len(kept) < MOST_CONTENTS:
                    kept[content] = None
        packets, columns = self._trusted(packets)
        for number, count in zip(*np.unique(packets.family, return_counts=True), strict=True):
            family = Family(int(number))
            self._packets[family] = self._packets.get(family, 0) + int(count)
        uas = packets.of(Family.ST0601)
        self._conformance.take(packets, columns)
        if columns is not None:
            self._columns[Family.ST0601].append(columns)
            self._keep_contents(uas, columns)
            stating = np.flatnonzero(columns.has(ERROR_TAG))
            if self._error_packet is None and len(stating):
                self._error_packet = uas.packet(int(stating[0]))
            self._targets.embedded(item_spans(uas, VMTI_TAG), columns.t_us, self._rows)
            self._rows += len(uas)
        universal = packets.of(Family.EG0104)
        if len(universal):
            self._columns[Family.EG0104].append(decode_eg0104_columns(universal))
            self._keep_security(eg0104.TABLE.read(universal.value(0)).raw(SECURITY_TAG))
        self._targets.standalone(packets.of(Family.ST0903))
        markings = packets.of(Family.ST0102_LOCAL, Family.ST0102_UNIVERSAL)
        for row in range(min(len(markings), MOST_CONTENTS)):
            self._keep_security(markings.value(row))

    def _trusted(self, packets: PacketTable) -> tuple[PacketTable, Columns | None]:
        """The packets to be believed, and columns of the ST 0601 ones.

        A set without checksum whose first item is not even a time stamp is scrap of a damaged one, and a set
        of no known standard tells nothing here.
        """
        packets = packets.take(packets.family != Family.UNKNOWN)
        uas = packets.of(Family.ST0601)
        if not len(uas):
            return packets, None
        columns = decode_columns(uas, WANTED)
        scrap = (uas.checksum == Checksum.MISSING) & (columns.faults & Fault.TIME_NOT_FIRST != 0)
        if not scrap.any():
            return packets, columns
        self._scrap += int(uas.length[scrap].sum())
        whole = np.ones(len(packets), np.bool_)
        whole[np.flatnonzero(packets.family == Family.ST0601)[scrap]] = False
        left = uas.take(~scrap)
        return packets.take(whole), decode_columns(left, WANTED) if len(left) else None

    def _rejected_findings(self) -> tuple[Finding, ...]:
        found = self._framer.counts.rejected.findings()
        if self._scrap:
            found.append(Finding("KLV-103", Severity.WARNING, where="", details={"bytes": self._scrap}))
        return tuple(
            replace(finding, where=f"PID {self._pid}, {finding.where}".rstrip(", ")) for finding in found
        )

    def _keep_security(self, content: bytes | None) -> None:
        if content is not None and len(self._security) < MOST_CONTENTS:
            self._security[content] = None

    def _keep_contents(self, packets: PacketTable, columns: Columns) -> None:
        for tag in KEPT_TAGS:
            if not columns.has(tag).any():
                continue
            kept = self._contents[tag]
            for content, row in item_spans(packets, tag).distinct().items():
                if len(kept) < MOST_CONTENTS:
                    kept.setdefault(content, self._rows + row)


def read_streams(stretches: Iterable[tuple[KlvStream, ...]]) -> tuple[StreamMetadata, ...]:
    """Every KLV stream of a recording, from stretches in file order."""
    readers: dict[int, StreamReader] = {}
    for streams in stretches:
        for stream in streams:
            if stream.pid not in readers:
                readers[stream.pid] = StreamReader(stream)
            readers[stream.pid].add(stream)
    return tuple(reader.finish() for reader in readers.values())


def main_stream(streams: Iterable[StreamMetadata]) -> StreamMetadata | None:
    """The stream that says where the sensor looked: most packets, then with PTS, then the lowest PID."""
    posed = [stream for stream in streams if len(stream)]
    return min(posed, key=lambda s: (-len(s), -int((s.pts != NONE).sum()), s.pid), default=None)
