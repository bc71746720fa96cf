"""Write full-motion video: H.264 or H.265 with ST 0604 time stamps in every picture, and KLV beside it.

The stream is what MISB ST 1402 wants: KLV asynchronous (0x06, 0xBD, no PTS) or synchronous (0x15, 0xFC, PTS
of its frame), programme tables and clock references often enough, bytes paced so that no buffer overflows.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

from atalaya.footage.sei import unit_starts
from atalaya.footage.ts_pacer import TsPacer
from atalaya.klv.st0604 import LOCKED, TimeStamp, make_unit

VideoCodec = Literal["h264", "hevc"]
Carriage = Literal["asynchronous", "synchronous"]
Picture = NDArray[np.uint8] | tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]

TICKS = 90_000
_FIRST_PTS = 2 * TICKS
_PROFILE_BYTE = {32: 6, 33: 3}
"""Offset of the profile from the header of a video and of a sequence parameter set."""
_ENCODERS = {"h264": "libx264", "hevc": "libx265"}
_SLICES: dict[str, Callable[[int], bool]] = {
    "h264": lambda header: 1 <= header & 0x1F <= 5,
    "hevc": lambda header: (header >> 1) & 0x3F <= 31,
}


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How to code a stream.

    Args:
        width, height: pixels, even.
        frame_rate: frames per second.
        codec: "h264" (High) or "hevc" (Main 10).
        carriage: of the KLV.
        bit_rate: of the video, bits per second; 0 chooses 0.1 bit per pixel and frame.
        key_interval: frames from one key frame to the next.
        b_frames: bidirectional frames between references; readers that look at time stamps in file order, as
            strict verifiers do, then see them go back.
        preset: of the encoder.
    """

    width: int
    height: int
    frame_rate: Fraction = Fraction(30)
    codec: VideoCodec = "h264"
    carriage: Carriage = "asynchronous"
    bit_rate: int = 0
    key_interval: int = 30
    b_frames: int = 0
    preset: str = "veryfast"

    @property
    def video_bit_rate(self) -> int:
        """Bits per second of the video."""
        return self.bit_rate or max(400_000, round(0.1 * self.width * self.height * self.frame_rate))


@dataclass(frozen=True, slots=True)
class _Shot:
    t_us: int
    status: int


class KlvVideoWriter:
    """Writes frames with their metadata; use as a context manager.

    Args:
        path: file to make.
        form: how to code it.
    """

    def __init__(self, path: Path, form: StreamFormat) -> None:
        self._form = form
        self._encoder = _encoder(form)
        self._step = TICKS / form.frame_rate
        self._shots: dict[int, _Shot] = {}
        self._klv: deque[tuple[int, tuple[bytes, ...]]] = deque()
        self._count = 0
        self._file = path.open("wb")
        self._pacer = TsPacer(self._file, form.codec, form.carriage, form.video_bit_rate)

    def write(
        self,
        picture: Picture,
        t_us: int,
        klv: bytes | Iterable[bytes] = (),
        *,
        status: int = LOCKED,
    ) -> None:
        """Add a frame.

        Args:
            picture: grey (h, w) or rgb (h, w, 3) uint8; grey becomes luma as it is. Or luma (h, w) with Cb
                and Cr (h / 2, w / 2), uint8, video range.
            t_us: when it was taken, microseconds UTC; goes into its SEI.
            klv: packets that describe it, VMTI inside them or as sets of their own.
            status: ST 0603 status byte of the clock.

        Raises:
            ValueError: the picture has another size than the stream.
        """
        shape = (picture[0] if isinstance(picture, tuple) else picture).shape[:2]
        if shape != (self._form.height, self._form.width):
            raise ValueError(f"picture is {shape}, stream {(self._form.height, self._form.width)}")
        frame = _video_frame(picture)
        frame.pts = self._count
        frame.time_base = 1 / self._form.frame_rate
        frame.pict_type = 0  # else the encoder takes over the type, and every frame becomes a key frame
        self._shots[self._count] = _Shot(t_us, status)
        packets = (klv,) if isinstance(klv, bytes) else tuple(klv)
        self._klv.append((self._ticks(self._count), tuple(p for p in packets if p)))
        self._count += 1
        for coded in self._encoder.encode(frame):
            self._put(coded)

    def close(self) -> None:
        """Write what the encoder still holds, and close the file; calling it again does nothing."""
        if self._file.closed:
            return
        try:
            if self._count:
                for coded in self._encoder.encode(None):
                    self._put(coded)
            self._pacer.finish()
        finally:
            self._file.close()

    def __enter__(self) -> "KlvVideoWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ticks(self, number: int) -> int:
        return _FIRST_PTS + round(number * self._step)

    def _put(self, coded: Any) -> None:
        """Stamp an access unit and send it behind the metadata whose turn it is.

        Units come in decode order, metadata in the order of time; each unit lets one frame's metadata go
        first, so none comes later than the frame it describes.
        """
        shot = self._shots.pop(coded.pts)
        unit = stamped(
            _as_main10(bytes(coded)) if self._form.codec == "hevc" else bytes(coded),
            self._form.codec,
            TimeStamp(shot.t_us, shot.status),
        )
        pts, dts = self._ticks(coded.pts), self._ticks(coded.dts)
        klv_pts, packets = self._klv.popleft()
        self._pacer.start_unit(dts)
        for packet in packets:
            self._pacer.put_klv(packet, klv_pts)
        self._pacer.put_video(unit, pts, dts)


def _as_main10(unit: bytes) -> bytes:
    """An H.265 access unit whose parameter sets say Main 10, the profile MISP adopts (MISP-2018.2-113).

    A Main stream of 8 bits is a Main 10 stream too and carries its compatibility flag (H.265 A.3.3); the
    encoder names the narrower one. The profile is the first byte behind the identifiers of a VPS or SPS.
    """
    changed = bytearray(unit)
    for start in unit_starts(unit, 0):
        place = start + _PROFILE_BYTE.get((unit[start] >> 1) & 0x3F, len(unit))
        if place < len(unit) and changed[place] & 0x1F == 1:
            changed[place] += 1
    return bytes(changed)


def stamped(unit: bytes, codec: VideoCodec, stamp: TimeStamp) -> bytes:
    """An Annex B access unit with a time stamp before its first slice."""
    is_slice = _SLICES[codec]
    place = next(start for start in unit_starts(unit, 0) if is_slice(unit[start])) - 3
    if place and unit[place - 1] == 0:
        place -= 1
    return unit[:place] + make_unit(stamp, codec) + unit[place:]


def _encoder(form: StreamFormat) -> Any:
    context: Any = av.CodecContext.create(_ENCODERS[form.codec], "w")
    context.width, context.height, context.pix_fmt = form.width, form.height, "yuv420p"
    context.time_base, context.framerate = 1 / form.frame_rate, form.frame_rate
    context.bit_rate = form.video_bit_rate
    context.gop_size, context.max_b_frames = form.key_interval, form.b_frames
    rate = {"maxrate": str(form.video_bit_rate), "bufsize": str(form.video_bit_rate // 2)}
    if form.codec == "h264":
        extra = {"aud": "1", "sc_threshold": "0", "threads": "1"}
    else:
        keys = f"keyint={form.key_interval}:min-keyint={form.key_interval}:open-gop=0:scenecut=0"
        once = "aud=1:repeat-headers=1:info=0:log-level=none:pools=none:frame-threads=1"
        extra = {"x265-params": f"{once}:{keys}:bframes={form.b_frames}"}
    context.options = {"preset": form.preset, **rate, **extra}
    return context


def _video_frame(picture: Picture) -> Any:
    if isinstance(picture, np.ndarray) and picture.ndim == 3:
        coloured: Any = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        return coloured.reformat(format="yuv420p")
    luma, *chroma = picture if isinstance(picture, tuple) else (picture,)
    height, width = luma.shape
    frame: Any = av.VideoFrame(width, height, "yuv420p")
    for n, plane in enumerate(frame.planes):
        lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        if n == 0:
            lines[:height, :width] = luma
        elif chroma:
            lines[: height // 2, : width // 2] = chroma[n - 1]
        else:
            lines[:] = 128
    return frame
