"""A copy of a recording that browsers play, every frame at its own time: frame n stays frame n.

Time begins at the first picture shown: browsers wait through an earlier start, and edit lists round. The
header is written last, because only then the reorder delay of B-frames is known; one written first shifts
every frame by it. H.264, VP9 and AV1 are copied as they are; all else is coded anew as H.264, and said so.
"""

import os
from contextlib import closing, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.base.hashing import sha256_file
from atalaya.footage.clip import Clip
from atalaya.footage.decode import FrameReader
from atalaya.footage.frame_index import TICKS

_TICK = Fraction(1, TICKS)
_PLAYED = frozenset({"h264", "vp9", "av1"})
_MP4 = {"movflags": "frag_keyframe+delay_moov+default_base_moof", "movie_timescale": str(TICKS)}


@dataclass(frozen=True, slots=True)
class WebCopy:
    """A playable copy.

    Args:
        path: the MP4 file; video only.
        shift_pts: ticks taken from every PTS: a frame shows at (pts - shift_pts) / 90000 seconds.
        transcoded: whether the pictures were coded anew.
        findings: what to say of it.
    """

    path: Path
    shift_pts: int
    transcoded: bool
    findings: tuple[Finding, ...]


def web_copy(clip: Clip, cache: Path, *, sha256: str = "") -> WebCopy:
    """The copy of a clip in a cache folder, made on first use and found by content hash afterwards.

    Args:
        clip: the recording.
        cache: folder of copies; made if absent.
        sha256: hex hash of the recording, worked out if not given.

    Raises:
        BadInput: FTG-010, no video; FTG-070, the copy cannot be made.
    """
    if clip.video is None or not len(clip.frame_index()):
        raise BadInput("FTG-010", where=clip.source)
    shift = int(clip.frame_index().pts[0])
    anew = clip.video.codec not in _PLAYED
    path = cache / f"{sha256 or sha256_file(clip.path)}.mp4"
    if not path.exists():
        _make(clip, path, shift, anew)
    found = Finding("FTG-071", Severity.INFO, details={"codec": clip.video.codec})
    return WebCopy(path, shift, anew, (found,) if anew else ())


def _make(clip: Clip, path: Path, shift: int, anew: bool) -> None:
    """Write beside the target and rename, so that a copy is whole or absent."""
    making = path.with_name(f".making-{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(making), "w", format="mp4", container_options=_MP4) as sink:
            if anew:
                _transcode(clip, sink, shift)
            else:
                _copy(clip, sink, shift)
        making.replace(path)
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput("FTG-070", where=clip.source, reason=reason) from error
    finally:
        with suppress(OSError):
            making.unlink(missing_ok=True)


def _copy(clip: Clip, sink: Any, shift: int) -> None:
    """Copy packets; each keeps its distance to the frame it belongs to on the clip's time line."""
    index = clip.frame_index()
    rows = index.packet_rows()
    with closing(clip.open_container()) as container:
        stream = container.streams.best("video")
        out = sink.add_stream_from_template(stream)
        out.time_base = _TICK
        factor = stream.time_base * TICKS
        offset, before = 0, -1
        number = 0
        for packet in container.demux(stream):
            if not packet.size or packet.is_discard or number >= len(rows):
                continue
            row = int(rows[number])
            number += 1
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is not None and row != before:
                offset, before = int(index.pts[row]) - shift - round(stamp * factor), row
            pts = int(index.pts[row]) - shift if stamp is None else round(stamp * factor) + offset
            dts = None if packet.dts is None else round(packet.dts * factor) + offset
            packet.time_base = _TICK
            packet.pts, packet.dts = pts, dts
            packet.stream = out
            sink.mux(packet)


def _transcode(clip: Clip, sink: Any, shift: int) -> None:
    """Code every picture anew as H.264 without B-frames, at its own PTS."""
    reader = FrameReader(clip)
    video = clip.video
    assert video is not None
    out = sink.add_stream("libx264", rate=round(video.frame_rate) or 25)
    out.width, out.height, out.pix_fmt = video.width & ~1, video.height & ~1, "yuv420p"
    out.time_base = out.codec_context.time_base = _TICK
    out.options = {"preset": "ultrafast", "crf": "20", "g": "30", "threads": "1"}
    for row, picture in reader.pictures(0, len(clip.frame_index())):
        shown = picture.reformat(width=out.width, height=out.height, format="yuv420p")
        shown.pts, shown.time_base = int(reader.index.pts[row]) - shift, _TICK
        shown.pict_type = 0
        for packet in out.encode(shown):
            sink.mux(packet)
    for packet in out.encode(None):
        sink.mux(packet)
