"""Small full-motion streams made for tests: a moving pattern, one conformant ST 0601 packet per frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.writer import Carriage, KlvVideoWriter, StreamFormat, VideoCodec
from atalaya.klv.packet import encode_st0601

START_US = 1_718_000_000_000_000

_SECURITY = (
    b"\x01\x01\x01"
    b"\x02\x01\x0e"
    b"\x03\x05//USA"
    b"\x0c\x01\x0e"
    b"\x0d\x06" + "USA".encode("utf-16-be") + b"\x16\x02\x00\x0c"
)
_PLATFORM = UUID("5f7c1a44-9d0e-4f6b-8a31-2f6f4a1d7c02")
_MIIS = b"\x01\x68" + UUID("5f7c1a44-9d0e-4f6b-8a31-2f6f4a1d7c01").bytes + _PLATFORM.bytes


def picture(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """A pattern that moves, with the frame's number in twelve blocks of 16 pixels, lower left."""
    y, x = np.mgrid[0:height, 0:width]
    wave = 128 + 60 * np.sin((x + 3 * number) / 9) * np.cos((y - number) / 11)
    shown: NDArray[np.uint8] = wave.astype(np.uint8)
    for bit in range(12):
        shown[-16:, 16 * bit : 16 * bit + 16] = 235 if number >> bit & 1 else 16
    return shown


def read_number(shown: NDArray[np.uint8]) -> int:
    """The number drawn in a picture."""
    strip = shown[-12:-4]
    return sum(int(strip[:, 16 * bit + 4 : 16 * bit + 12].mean() > 125) << bit for bit in range(12))


def packet(t_us: int, number: int = 0, vmti: bytes = b"") -> bytes:
    """An ST 0601 packet with the minimum set of ST 0902, VMTI on request."""
    values: dict[int | str, object] = {
        2: t_us,
        3: "TEST-1",
        5: 90.0 + number * 0.1,
        90: 1.5,
        91: -2.0,
        10: "TEST",
        11: "EO",
        12: "Geodetic WGS84",
        13: 31.5,
        14: -110.25 + number * 1e-5,
        15: 3000.0,
        16: 10.0,
        17: 7.5,
        18: 45.0,
        19: -30.0,
        20: 0.0,
        21: 4000.0,
        22: 700.0,
        23: 31.52,
        24: -110.22,
        25: 1200.0,
        48: _SECURITY,
        94: _MIIS,
    }
    if vmti:
        values[74] = vmti
    return encode_st0601(values)


@dataclass(frozen=True)
class Made:
    """A stream and what went into it."""

    path: Path
    times_us: list[int]
    packets: list[bytes]


def make(path: Path, form: StreamFormat, frames: int = 45, *, lag_frames: int = 0, vmti: bytes = b"") -> Made:
    """Write a stream; with `lag_frames` each packet goes out that many frames after its own."""
    step_us = 1_000_000 / form.frame_rate
    times = [START_US + round(n * step_us) for n in range(frames)]
    packets = [packet(t, n, vmti) for n, t in enumerate(times)]
    with KlvVideoWriter(path, form) as writer:
        for number, t_us in enumerate(times):
            sent = number - lag_frames
            klv = packets[sent] if 0 <= sent < frames else b""
            writer.write(picture(number, form.width, form.height), t_us, klv)
    return Made(path, times, packets)


def forms() -> Iterator[StreamFormat]:
    """Every codec and carriage."""
    codecs: tuple[VideoCodec, ...] = ("h264", "hevc")
    carriages: tuple[Carriage, ...] = ("asynchronous", "synchronous")
    for codec in codecs:
        for carriage in carriages:
            yield StreamFormat(320, 240, codec=codec, carriage=carriage)
