"""Every KLV packet of a recording one by one, with its place; for looking closely rather than fast."""

from collections.abc import Iterator
from dataclasses import dataclass

from atalaya.footage.clip import Clip
from atalaya.footage.klv_stream import NONE
from atalaya.footage.stream_places import StreamPlaces
from atalaya.klv import timebase
from atalaya.klv.framer import Framed, Framer, RejectedRange
from atalaya.klv.keys import Family
from atalaya.klv.packet import Packet, decode_packet
from atalaya.klv.st0903 import VmtiState

STRETCH_BYTES = 1 << 20


@dataclass(frozen=True)
class PlacedPacket:
    """One packet, or one byte range that is in no packet, and where it was found.

    Args:
        pid: of its stream. number: of the packet in its stream, -1 for a rejected range.
        offset, length: in the KLV stream, bytes. pts: 90 kHz ticks, -1 where there is none.
        packet: what it says. rejected: why these bytes are in no packet.
        leap_seconds, correction_us: items 136 and 137 as last stated in the stream.
    """

    pid: int
    number: int
    offset: int
    length: int
    pts: int
    packet: Packet | None = None
    rejected: RejectedRange | None = None
    leap_seconds: int | None = None
    correction_us: int = 0

    def utc_us(self, stamp_us: int) -> int:
        """A time stamp of this packet as UTC, by what the stream has said of leap seconds up to here."""
        if self.packet is None or self.packet.family is not Family.ST0601:
            return stamp_us
        return timebase.utc_us(stamp_us, self.leap_seconds, self.correction_us)[0]


class _Stream:
    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.framer = Framer()
        self.places = StreamPlaces()
        self.vmti = VmtiState()
        self.number = 0
        self.leap_seconds: int | None = None
        self.correction_us = 0

    def take(self, framed: Framed) -> Iterator[PlacedPacket]:
        table = framed.packets
        pts, _ = self.places.of(table.start)
        found = []
        for row in range(len(table)):
            packet = decode_packet(table.packet(row), vmti=self.vmti)
            offset, length = int(table.start[row]), int(table.length[row])
            self._remember_time(packet)
            placed = PlacedPacket(
                self.pid,
                self.number,
                offset,
                length,
                int(pts[row]),
                packet,
                leap_seconds=self.leap_seconds,
                correction_us=self.correction_us,
            )
            found.append(placed)
            self.number += 1
        gaps = framed.rejected
        found += [PlacedPacket(self.pid, NONE, gap.offset, gap.length, NONE, rejected=gap) for gap in gaps]
        yield from sorted(found, key=lambda one: one.offset)

    def _remember_time(self, packet: Packet) -> None:
        leap, correction = packet.number("leap_seconds_s"), packet.number("correction_offset_us")
        if leap is not None:
            self.leap_seconds = int(leap)
        if correction is not None:
            self.correction_us = int(correction)


def packets_of(clip: Clip, pid: int | None = None) -> Iterator[PlacedPacket]:
    """Packets and rejected ranges of all KLV streams (or of one), in file order.

    Raises:
        BadInput: FTG-0xx, the container breaks before anything could be read.
    """
    streams: dict[int, _Stream] = {}
    for stretches in clip.segments(STRETCH_BYTES):
        for stretch in stretches:
            if pid is not None and stretch.pid != pid:
                continue
            stream = streams.setdefault(stretch.pid, _Stream(stretch.pid))
            stream.places.add(stretch)
            yield from stream.take(stream.framer.feed(stretch.payload))
    for stream in streams.values():
        yield from stream.take(stream.framer.finish())
