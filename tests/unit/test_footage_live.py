"""Live input over loopback: what arrives is read like a file; what does not arrive is told in plain words."""

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.footage.clip import Clip
from atalaya.footage.live import rtp_payload
from tests.shared_data import shared

_CHUNK = 7 * 188


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _datagrams(path: Path, *, rtp: bool) -> Iterator[bytes]:
    data = path.read_bytes()
    for number, start in enumerate(range(0, len(data), _CHUNK)):
        header = struct.pack(">BBHII", 0x80, 33, (number + 65_500) & 0xFFFF, number * 10, 7) if rtp else b""
        yield header + data[start : start + _CHUNK]


def _send(datagrams: list[bytes], port: int) -> threading.Thread:
    def run() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sleep(0.2)
            for datagram in datagrams:
                sender.sendto(datagram, ("127.0.0.1", port))
                sleep(0.0005)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("scheme", ["udp", "rtp"])
def test_a_stream_received_over_loopback_is_the_file_that_was_sent(scheme: str) -> None:
    path = shared("klv/kwiver/h264_klv.ts")
    datagrams = list(_datagrams(path, rtp=scheme == "rtp"))
    if scheme == "rtp":
        datagrams[10], datagrams[12] = datagrams[12], datagrams[10]
        datagrams.insert(20, datagrams[19])
    port = _free_port()
    sender = _send(datagrams, port)
    with Clip.open(f"{scheme}://127.0.0.1:{port}", duration_s=10, timeout_s=1.0) as clip:
        sender.join()
        (stream,) = clip.metadata()
        with Clip.open(path) as sent:
            (original,) = sent.metadata()
            np.testing.assert_array_equal(stream.payload, original.payload)
            np.testing.assert_array_equal(clip.frame_index().pts, sent.frame_index().pts)
        copy = clip.path
    assert not copy.exists()


def test_the_byte_bound_ends_the_reception() -> None:
    path = shared("klv/kwiver/h264_klv.ts")
    port = _free_port()
    sender = _send(list(_datagrams(path, rtp=False)), port)
    with Clip.open(f"udp://127.0.0.1:{port}", max_bytes=40_000, timeout_s=1.0) as clip:
        assert clip.path.stat().st_size == 40_000
        assert 0 < len(clip.frame_index()) < 30
    sender.join()


def test_silence_foreign_addresses_and_protocols_are_told_apart() -> None:
    with pytest.raises(BadInput, match="FTG-007"):
        Clip.open(f"udp://127.0.0.1:{_free_port()}", timeout_s=0.2)
    with pytest.raises(BadInput, match="FTG-009"):
        Clip.open("udp://192.0.2.1:5000", timeout_s=0.2)
    with pytest.raises(BadInput, match="FTG-009"):
        Clip.open("udp://127.0.0.1", timeout_s=0.2)
    with pytest.raises(BadInput, match="FTG-008"):
        Clip.open("srt://127.0.0.1:5000")


def test_rtp_that_is_no_transport_stream_is_refused() -> None:
    port = _free_port()
    sender = _send([struct.pack(">BBHII", 0x80, 96, n, n, 7) + b"\x65" * 40 for n in range(5)], port)
    with pytest.raises(BadInput, match="FTG-011"):
        Clip.open(f"rtp://127.0.0.1:{port}", timeout_s=0.6)
    sender.join()


def test_rtp_header_with_sources_extension_and_padding() -> None:
    body = b"\x47" + bytes(187)
    header = struct.pack(">BBHII", 0x80 | 0x20 | 0x10 | 2, 33, 1, 2, 3) + bytes(8)
    extension = b"\xbe\xde\x00\x01" + bytes(4)
    assert rtp_payload(header + extension + body + b"\0\0\0\x04") == body
    assert rtp_payload(b"\x00" * 40) is None
    assert rtp_payload(b"\x80") is None


def _serve_rtsp(listener: socket.socket, data: bytes) -> None:
    """A server for one client: MPEG-TS in RTP, interleaved in the connection (RFC 2326 section 10.12)."""
    description = (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track1\r\n"
    )
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as requests:
        while line := requests.readline():
            verb = line.split(b" ")[0]
            number = b"0"
            while (header := requests.readline()).strip():
                if header.lower().startswith(b"cseq:"):
                    number = header[5:].strip()
            answer = "RTSP/1.0 200 OK\r\nCSeq: " + number.decode() + "\r\nSession: 1\r\n"
            if verb == b"DESCRIBE":
                answer += f"Content-Type: application/sdp\r\nContent-Length: {len(description)}\r\n\r\n"
                answer += description
            elif verb == b"SETUP":
                answer += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
            else:
                answer += "\r\n"
            connection.sendall(answer.encode())
            if verb == b"PLAY":
                for place in range(0, len(data), _CHUNK):
                    count = place // _CHUNK
                    rtp = struct.pack(">BBHII", 0x80, 33, count & 0xFFFF, count * 100, 7)
                    rtp += data[place : place + _CHUNK]
                    connection.sendall(struct.pack(">cBH", b"$", 0, len(rtp)) + rtp)
                return


def test_an_rtsp_session_is_copied_with_its_metadata() -> None:
    path = shared("klv/osh/sample-stream.ts")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_serve_rtsp, args=(listener, path.read_bytes()))
        server.start()
        address = f"rtsp://127.0.0.1:{listener.getsockname()[1]}/live"
        with Clip.open(address, duration_s=20, timeout_s=5) as clip, Clip.open(path) as sent:
            server.join()
            received = sum(len(stream) for stream in clip.metadata())
            assert len(clip.frame_index()) >= 270
            assert received >= 0.95 * len(sent.metadata()[0])


def test_a_refused_rtsp_connection_is_told() -> None:
    with pytest.raises(BadInput, match="FTG-009"):
        Clip.open(f"rtsp://127.0.0.1:{_free_port()}/live", timeout_s=2)
