"""Lay access units and KLV into a transport stream at a steady rate, tables and clock in time."""

from typing import IO, Literal

from stanag4609.transport.metadata import asynchronous_klv_stream, synchronous_klv_stream
from stanag4609.transport.mpegts import ProgramClockReference
from stanag4609.transport.mux import (
    MAX_ASYNC_PES_PAYLOAD,
    TransportMuxer,
    encode_pcr_packet,
    encode_pes_packet,
)
from stanag4609.transport.psi import ElementaryStreamInfo

PMT_PID, VIDEO_PID, KLV_PID = 0x1000, 0x100, 0x101

_TICKS = 90_000
_CLOCK = 27_000_000
_PACKET_BITS = 188 * 8
_PCR_EVERY = _CLOCK * 25 // 1000
_PCR_SLACK = _CLOCK * 50 // 1000
"""A packet is left whole rather than parted by a clock reference that is at most this late."""
_TABLES_EVERY = _CLOCK // 10
_EARLIEST = _CLOCK * 7 // 10
"""How long before its decoding time a unit may begin to arrive: less than a second, so buffers hold it."""
_STREAM_TYPES = {"h264": 0x1B, "hevc": 0x24}
_KLV_BITS = 600_000
_KLV_BUFFER_KIB = 200


class TsPacer:
    """Writes the packets of one programme; time is a 27 MHz clock that advances with every packet sent.

    Args:
        sink: file opened for writing bytes.
        codec: of the video.
        carriage: of the KLV.
        video_bit_rate: bits per second.
    """

    def __init__(
        self,
        sink: IO[bytes],
        codec: Literal["h264", "hevc"],
        carriage: Literal["asynchronous", "synchronous"],
        video_bit_rate: int,
    ) -> None:
        self._sink = sink
        self._synchronous = carriage == "synchronous"
        rate = round(1.25 * video_bit_rate) + _KLV_BITS
        self._per_packet = _CLOCK * _PACKET_BITS // rate
        self._muxer = TransportMuxer(
            transport_stream_id=1,
            program_number=1,
            program_map_pid=PMT_PID,
            pcr_pid=VIDEO_PID,
            streams=(
                ElementaryStreamInfo(_STREAM_TYPES[codec], VIDEO_PID, ()),
                _klv_stream(self._synchronous, rate),
            ),
        )
        self._started = False
        self._counter = 15  # of the video packet last written: a clock reference repeats it
        self._now = self._next_pcr = self._next_tables = 0

    def start_unit(self, dts: int) -> None:
        """Wait, sending only clock references and tables, until the unit with this DTS (ticks) may begin."""
        earliest = dts * (_CLOCK // _TICKS) - _EARLIEST
        if not self._started:
            self._started = True
            self._now = self._next_pcr = self._next_tables = earliest
        while self._now < earliest:
            self._upkeep()
            self._now = max(self._now, min(earliest, self._next_pcr, self._next_tables))

    def put_klv(self, packet: bytes, pts: int) -> None:
        """Send one KLV packet; its PTS (ticks) is written in synchronous carriage only.

        Asynchronous bytes are sent as they are, so that a damaged packet can be rehearsed.
        """
        if self._synchronous:
            self._send(self._muxer.mux_sync_klv(KLV_PID, packet, pts=pts % (1 << 33)))
            return
        for offset in range(0, len(packet), MAX_ASYNC_PES_PAYLOAD):
            part = packet[offset : offset + MAX_ASYNC_PES_PAYLOAD]
            pes = encode_pes_packet(part, stream_id=0xBD, data_alignment_indicator=offset == 0)
            self._send(self._muxer.mux_pes(KLV_PID, pes))

    def put_video(self, unit: bytes, pts: int, dts: int) -> None:
        """Send one access unit."""
        pes = encode_pes_packet(
            unit,
            stream_id=0xE0,
            pts=pts % (1 << 33),
            dts=None if dts == pts else dts % (1 << 33),
            unbounded=True,
        )
        self._send(self._muxer.mux_pes(VIDEO_PID, pes))

    def finish(self) -> None:
        """A last clock reference, so that the arrival of the last bytes is known."""
        if self._started:
            self._next_pcr = self._now
            self._upkeep()

    def _send(self, packets: tuple[bytes, ...]) -> None:
        self._upkeep()
        for packet in packets:
            if self._now >= self._next_pcr + _PCR_SLACK:
                self._upkeep()
            self._write(packet)

    def _upkeep(self) -> None:
        if self._now >= self._next_tables:
            self._next_tables = self._now + _TABLES_EVERY
            for packet in self._muxer.program_tables():
                self._write(packet)
        if self._now >= self._next_pcr:
            self._next_pcr = self._now + _PCR_EVERY
            base, extension = divmod(self._now, 300)
            clock = ProgramClockReference(base % (1 << 33), extension)
            self._write(encode_pcr_packet(pid=VIDEO_PID, pcr=clock, continuity_counter=self._counter))

    def _write(self, packet: bytes) -> None:
        self._sink.write(packet)
        if packet[1] & 0x1F == VIDEO_PID >> 8 and packet[2] == VIDEO_PID & 0xFF:
            self._counter = packet[3] & 0x0F
        self._now += self._per_packet


def _klv_stream(synchronous: bool, rate: int) -> ElementaryStreamInfo:
    if not synchronous:
        return asynchronous_klv_stream(KLV_PID)
    return synchronous_klv_stream(
        KLV_PID,
        metadata_input_leak_rate=rate // 400 + 1,  # KLV may come as fast as the stream itself
        metadata_buffer_size=_KLV_BUFFER_KIB,
        metadata_output_leak_rate=0,
    )
