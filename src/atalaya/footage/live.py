"""Receive live video into a temporary copy, bounded in time and size, to be read like any recording."""

import heapq
import socket
import struct
import tempfile
from time import monotonic
from typing import IO, Any
from urllib.parse import SplitResult, urlsplit

import av

from atalaya.base.errors import BadInput
from atalaya.footage.mpegts import SYNC

_DATAGRAM = 1 << 16
_SOCKET_BUFFER = 4 << 20
_REORDER = 32
"""RTP packets held back so that one that was overtaken can still take its place."""


def capture(address: str, *, duration_s: float, max_bytes: int, timeout_s: float) -> "IO[bytes]":
    """Receive until `duration_s`, `max_bytes` or a silence of `timeout_s`; the copy vanishes when closed.

    Raises:
        BadInput: FTG-007 nothing came; FTG-009 the address cannot be opened; FTG-011 RTP without MPEG-TS.
    """
    parts = _split(address)
    copy = tempfile.NamedTemporaryFile(prefix="atalaya-live-", suffix=".ts")  # noqa: SIM115  the caller closes it
    try:
        if parts.scheme == "rtsp":
            _from_rtsp(address, copy.name, duration_s, max_bytes, timeout_s)
        else:
            _from_socket(parts, copy, duration_s, max_bytes, timeout_s)
        copy.flush()
        if copy.seek(0, 2) == 0:
            raise BadInput("FTG-007", where=address, seconds=min(timeout_s, duration_s))
    except BaseException:
        copy.close()
        raise
    return copy


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        if parts.scheme != "rtsp" and not parts.port:
            raise ValueError("no port")
    except ValueError as error:
        raise BadInput("FTG-009", where=address, reason=str(error)) from error
    return parts


def _from_socket(
    parts: SplitResult, copy: "IO[bytes]", duration_s: float, max_bytes: int, timeout_s: float
) -> None:
    order = _RtpOrder() if parts.scheme == "rtp" else None
    written = 0
    with _listener(parts) as receiver:
        end = monotonic() + duration_s
        while written < max_bytes and (left := end - monotonic()) > 0:
            receiver.settimeout(min(left, timeout_s))
            try:
                datagram = receiver.recv(_DATAGRAM)
            except (TimeoutError, KeyboardInterrupt):
                break  # silence, or the user has enough: what came is kept
            for payload in (datagram,) if order is None else order.take(datagram):
                written += copy.write(payload[: max_bytes - written])
    for payload in () if order is None else order.rest():
        written += copy.write(payload[: max_bytes - written])
    if order is not None and order.foreign and not written:
        raise BadInput("FTG-011", where=parts.geturl())


def _listener(parts: SplitResult) -> socket.socket:
    host = (parts.hostname or "").removeprefix("@")
    try:
        found = socket.getaddrinfo(host or None, parts.port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
        family, _, _, _, where = found[0]
        receiver = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        raise BadInput("FTG-009", where=parts.geturl(), reason=error.strerror or str(error)) from error
    try:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER)
        receiver.bind(where)
        if family == socket.AF_INET and 224 <= int(str(where[0]).split(".")[0]) <= 239:
            group = struct.pack("4sL", socket.inet_aton(str(where[0])), socket.INADDR_ANY)
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    except OSError as error:
        receiver.close()
        raise BadInput("FTG-009", where=parts.geturl(), reason=error.strerror or str(error)) from error
    return receiver


class _RtpOrder:
    """Payloads of RTP packets (RFC 3550) in the order of their sequence numbers, each once."""

    def __init__(self) -> None:
        self._held: list[tuple[int, bytes]] = []
        self._last: int | None = None
        self._given = -1
        self.foreign = 0

    def take(self, packet: bytes) -> list[bytes]:
        """Hold a packet and release those that need not wait any more."""
        payload = rtp_payload(packet)
        if payload is None:
            self.foreign += 1
            return []
        number = int.from_bytes(packet[2:4], "big")
        if self._last is not None:
            number = self._last + (number - self._last + 0x8000) % 0x10000 - 0x8000
        self._last = number
        heapq.heappush(self._held, (number, payload))
        return self._release(_REORDER)

    def rest(self) -> list[bytes]:
        """Everything still held."""
        return self._release(0)

    def _release(self, keep: int) -> list[bytes]:
        ready = []
        while len(self._held) > keep:
            number, payload = heapq.heappop(self._held)
            if self._given < 0 or number > self._given:
                ready.append(payload)
                self._given = number
        return ready


def rtp_payload(packet: bytes) -> bytes | None:
    """The MPEG-TS bytes of an RTP packet, None if it is none (RFC 3550 section 5.1, RFC 2250 section 2)."""
    if len(packet) < 13 or packet[0] >> 6 != 2:
        return None
    start = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10 and len(packet) >= start + 4:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - packet[-1] if packet[0] & 0x20 else len(packet)
    payload = packet[start:end]
    return payload if payload[:1] == bytes((SYNC,)) else None


def _from_rtsp(address: str, path: str, duration_s: float, max_bytes: int, timeout_s: float) -> None:
    """Copy the streams of an RTSP session, undecoded, into an MPEG transport stream."""
    try:
        with (
            av.open(address, options={"rtsp_transport": "tcp"}, timeout=timeout_s) as source,
            av.open(path, "w", format="mpegts") as sink,
        ):
            _copy_session(source, sink, monotonic() + duration_s, max_bytes)
    except (av.FFmpegError, OSError) as error:
        raise BadInput("FTG-009", where=address, reason=error.strerror or str(error)) from error


def _copy_session(source: Any, sink: Any, end: float, max_bytes: int) -> None:
    """Copy packets until a bound is met; metadata without a time stamp takes that of the video before it."""
    outputs: dict[int, Any] = {}
    for stream in source.streams:
        if stream.type == "video":
            outputs[stream.index] = sink.add_stream_from_template(stream)
        elif stream.type == "data" and stream.name == "klv":
            outputs[stream.index] = sink.add_data_stream("klv")
    taken = 0
    latest: int | None = None
    try:
        for packet in source.demux():
            if packet.stream_index in outputs and packet.size:
                if packet.dts is None and packet.stream.type == "data":
                    packet.pts = packet.dts = latest
                if packet.dts is None:
                    continue
                if packet.stream.type == "video":
                    latest = packet.dts
                packet.stream = outputs[packet.stream_index]
                taken += packet.size
                sink.mux(packet)
            if monotonic() > end or taken > max_bytes:
                return
    except av.FFmpegError:
        if not taken:
            raise
