"""What a recording says of its streams before any packet is read."""

from dataclasses import dataclass
from fractions import Fraction

from atalaya.footage.mpegts import Declared

_TYPE_NAMES = {
    0x01: "MPEG-1 video",
    0x02: "MPEG-2 video",
    0x03: "MPEG-1 audio",
    0x04: "MPEG-2 audio",
    0x06: "private data",
    0x0F: "AAC audio",
    0x10: "MPEG-4 video",
    0x11: "AAC LATM audio",
    0x15: "metadata in PES",
    0x1B: "H.264 video",
    0x24: "H.265 video",
}


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The video stream.

    Args:
        codec: FFmpeg's name: "h264", "hevc", "mpeg2video" ...
        profile: of the codec, "" where unknown.
        width, height: pixels.
        frame_rate: frames per second as declared or guessed, 0 where unknown.
        duration_s: seconds as declared, 0 where unknown; the frame index gives the true span.
        interlaced: None where the stream does not say.
        start_pts: first PTS in `time_base` units as the container gives it.
        time_base: seconds per PTS unit of the container (the frame index counts 1/90000 throughout).
    """

    codec: str
    profile: str
    width: int
    height: int
    frame_rate: float
    duration_s: float
    interlaced: bool | None
    start_pts: int
    time_base: Fraction


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One stream of any kind.

    Args:
        pid: packet identifier of MPEG-TS, track number elsewhere.
        kind: "video", "audio", "data", "klv", "subtitle" ...
        codec: FFmpeg's name, "" where it knows none.
        stream_type: of the MPEG-TS programme map, -1 where there is none.
        carriage: in words.
        programme: number of the MPEG-TS programme, 0 where there is none.
    """

    pid: int
    kind: str
    codec: str
    stream_type: int
    carriage: str
    programme: int = 0


def stream_type_words(stream_type: int) -> str:
    """`0x1B H.264 video`."""
    name = _TYPE_NAMES.get(stream_type, "")
    return f"0x{stream_type:02X} {name}".strip()


def klv_carriage(declared: Declared | None, stream_id: int, with_pts: bool, container: str) -> str:
    """How KLV is carried, in words; `stream_id` is that of its PES packets, -1 where unknown."""
    if declared is None:
        return f"data track ({container})"
    pts = "PTS" if with_pts else "no PTS"
    if declared.stream_type == 0x15:
        return f"synchronous 0x15 ({pts})"
    if declared.stream_type == 0x06 and stream_id == 0xBD and not with_pts:
        return "asynchronous (0xBD, no PTS)"
    sender = f"0x{stream_id:02X} and " if stream_id >= 0 else ""
    return f"0x{declared.stream_type:02X} with {sender}{pts}"


def standard_carriage(declared: Declared | None, stream_id: int, with_pts: bool) -> bool:
    """Whether ST 1402 knows this way of carrying KLV (tracks of other containers are not judged)."""
    if declared is None:
        return True
    if declared.stream_type == 0x15:
        return with_pts and stream_id in (0xFC, -1)
    return declared.stream_type == 0x06 and stream_id in (0xBD, -1) and not with_pts
