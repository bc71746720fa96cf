"""A recording: what it is, its KLV streams and its frames, read in one pass without decoding."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.footage.demux import DemuxPass
from atalaya.footage.frame_index import FrameIndex, FrameIndexBuilder
from atalaya.footage.klv_stream import NONE, KlvStream, joined
from atalaya.footage.mpegts import Declared, declared_streams
from atalaya.footage.source import Source, address_scheme, file_head, kind_of, local_path
from atalaya.footage.stills import Still, read_still
from atalaya.footage.stream_info import StreamInfo, VideoInfo, stream_type_words

SEGMENT_BYTES = 64 << 20
"""KLV bytes held at a time by `Clip.segments`."""

_FORMATS = "mpegts,mpeg,mov,matroska,webm,avi,mxf,asf,flv,h264,hevc,mpegvideo,ivf,gxf"
"""Containers FFmpeg may take a file for; playlists and scripts that open other files are not among them."""

_BARE = "bare KLV file"
_UNSEEN = "declared, no packet seen"


class Clip:
    """A recording, opened; use `Clip.open` as a context manager.

    Attributes:
        path: the file (of a live address: the captured copy).
        source: what the caller named.
        kind: what it is, told by content.
        container: FFmpeg's name of the container, "klv" for bare KLV, "still" for a photograph.
        video: the video stream, None where there is none.
        streams: every stream.
        declared: what the MPEG-TS programme tables say, by PID.
    """

    def __init__(self, path: Path, source: str, kind: Source) -> None:
        self.path = path
        self.source = source
        self.kind = kind
        self.container = str(kind)
        self.video: VideoInfo | None = None
        self.streams: tuple[StreamInfo, ...] = ()
        self.declared: dict[int, Declared] = {}
        self._findings: list[Finding] = []
        self._index: FrameIndex | None = None
        self._metadata: tuple[KlvStream, ...] | None = None
        self._cleanup: list[Any] = []
        self._unread: Any = (
            None  # opened to describe it, kept for the first pass: opening costs a short decode
        )

    @classmethod
    def open(
        cls,
        source: str | Path,
        *,
        duration_s: float = 60.0,
        max_bytes: int = 1 << 30,
        timeout_s: float = 10.0,
    ) -> "Clip":
        """Open a file or receive from a live address.

        Args:
            source: path or `file://` address; `udp://`, `rtp://`, `rtsp://` addresses are received into a
                temporary copy until one of the bounds is met.
            duration_s: of live input, at most.
            max_bytes: of live input, at most.
            timeout_s: how long live input may be silent.

        Raises:
            NotFound: FTG-001, no such file.
            BadInput: FTG-002 to FTG-009: a folder, empty, unreadable, not a recording, nothing received ...
        """
        if address_scheme(source) is not None:
            from atalaya.footage.live import capture

            captured = capture(str(source), duration_s=duration_s, max_bytes=max_bytes, timeout_s=timeout_s)
            clip = cls._of_file(Path(captured.name), str(source))
            clip._cleanup.append(captured)
            return clip
        return cls._of_file(local_path(source), str(source))

    @classmethod
    def _of_file(cls, path: Path, source: str) -> "Clip":
        head = file_head(path)
        clip = cls(path, source, kind_of(head))
        if clip.kind is Source.KLV:
            clip.streams = (StreamInfo(0, "klv", "klv", -1, _BARE),)
            clip._index = FrameIndexBuilder().index()
        elif clip.kind is Source.STILL:
            clip._metadata = ()
            clip._index = FrameIndexBuilder().index()
        else:
            if clip.kind is Source.TRANSPORT_STREAM:
                clip.declared = declared_streams(head)
            clip._describe()
        return clip

    def open_container(self) -> Any:
        """A fresh PyAV container on the file; the caller closes it.

        Raises:
            BadInput: FTG-005, FFmpeg finds no recording in it.
        """
        options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
        try:
            return av.open(f"file:{self.path}", container_options=options)
        except (av.FFmpegError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise BadInput("FTG-005", where=self.source, reason=reason) from error

    def _describe(self) -> None:
        container = self.open_container()
        try:
            self.container = str(container.format.name).partition(",")[0]
            if not container.streams or (self.kind is Source.MOVIE and _only_unknown(container)):
                raise BadInput("FTG-006", where=self.source)
            video = _video_of(container)
            self.video = None if video is None else _video_info(video, container)
            self.streams = tuple(_stream_info(s, self.declared.get(s.id)) for s in container.streams)
        except BaseException:
            container.close()
            raise
        self._unread = container
        missing = set(self.declared) - {stream.pid for stream in self.streams}
        self.streams += tuple(
            StreamInfo(
                pid, "klv" if d.klva else "data", "", d.stream_type, "declared, no packet seen", d.programme
            )
            for pid in missing
            for d in (self.declared[pid],)
        )

    def segments(self, max_bytes: int = SEGMENT_BYTES) -> Iterator[tuple[KlvStream, ...]]:
        """KLV of all streams in stretches of about `max_bytes`, in file order; at the end the index is there.

        Nothing of earlier stretches is kept: a recording of any length passes in bounded memory (the frame
        index takes about 35 bytes a frame). A stream's `offset` says where its stretch begins.
        """
        if self.kind is Source.KLV:
            yield from self._bare_segments(max_bytes)
            return
        if self.kind is Source.STILL:
            return
        container, self._unread = self._unread or self.open_container(), None
        with closing(container):
            run = DemuxPass(container, self.declared, _video_of(container))
            yield from run.segments(max_bytes)
            self._index = run.index()
            self._name_klv(run.carriages())
            self._findings = _pass_findings(run, self._index)

    def _name_klv(self, carriages: dict[int, str]) -> None:
        """Streams that turned out to hold KLV are called so, with how it is carried."""
        self.streams = tuple(
            replace(s, kind="klv", codec="klv", carriage=carriages[s.pid]) if s.pid in carriages else s
            for s in self.streams
        )

    def _bare_segments(self, max_bytes: int) -> Iterator[tuple[KlvStream, ...]]:
        offset = 0
        with self.path.open("rb") as stream:
            while block := stream.read(max_bytes):
                yield (
                    KlvStream(
                        pid=0,
                        carriage=_BARE,
                        payload=np.frombuffer(block, np.uint8),
                        chunk_start=np.zeros(1, np.int64),
                        chunk_pts=np.full(1, NONE, np.int64),
                        chunk_pos=np.full(1, offset, np.int64),
                        offset=offset,
                        bare=True,
                    ),
                )
                offset += len(block)

    def metadata(self) -> tuple[KlvStream, ...]:
        """All KLV streams of the recording, whole; one pass, kept for the next call."""
        if self._metadata is None:
            parts: dict[int, list[KlvStream]] = {}
            for stretch in self.segments():
                for stream in stretch:
                    parts.setdefault(stream.pid, []).append(stream)
            self._metadata = tuple(joined(stretches) for stretches in parts.values())
        return self._metadata

    def frame_index(self) -> FrameIndex:
        """Every frame, in presentation order; from the same pass as the metadata."""
        if self._index is None:
            self.metadata()
        assert self._index is not None
        return self._index

    def still(self) -> Still:
        """What a photograph says of itself.

        Raises:
            BadInput: FTG-090, this is no photograph, or it states no size.
        """
        return read_still(self.path)

    @property
    def findings(self) -> list[Finding]:
        """What is to be known of the recording so far; more once it was read through."""
        silent = self.video is None and any(s.kind == "video" and not s.codec for s in self.streams)
        unknown = [Finding("FTG-061", Severity.ERROR)] if silent else []
        return [*unknown, *self._missing_metadata(), *self._findings]

    def _missing_metadata(self) -> list[Finding]:
        if self.kind in (Source.KLV, Source.STILL):
            return []
        klv = [s for s in self.streams if s.kind == "klv"]
        named = ", ".join(f"{s.kind} {s.codec or '?'} (PID {s.pid})" for s in self.streams)
        if self._metadata is not None and klv:
            full = {stream.pid for stream in self._metadata if len(stream)}
            return [
                Finding("FTG-021", Severity.WARNING, where=f"PID {s.pid}", details={"pid": s.pid})
                for s in klv
                if s.pid not in full
            ]
        if klv or (self._metadata and any(len(stream) for stream in self._metadata)):
            return []
        data = [s for s in self.streams if s.kind == "data"]
        code = "FTG-022" if data else "FTG-020"
        return [Finding(code, Severity.WARNING, details={"streams": named})]

    def close(self) -> None:
        """Drop temporary copies; calling it again does nothing."""
        if self._unread is not None:
            self._unread.close()
            self._unread = None
        while self._cleanup:
            self._cleanup.pop().close()

    def __enter__(self) -> "Clip":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _only_unknown(container: Any) -> bool:
    """Whether a movie file has but streams of no known codec: what is left when its index was cut off."""
    return all(stream.type == "data" and not _codec_name(stream) for stream in container.streams)


def _codec_name(stream: Any) -> str:
    context = stream.codec_context
    return str(context.name if context is not None else getattr(stream, "name", None) or "")


def _video_of(container: Any) -> Any:
    """The video stream, None where there is none that a decoder exists for."""
    best = container.streams.best("video")
    return best if best is not None and best.codec_context is not None else None


def _video_info(stream: Any, container: Any) -> VideoInfo:
    codec = stream.codec_context
    duration = (
        stream.duration * stream.time_base
        if stream.duration
        else Fraction(container.duration or 0, 1_000_000)
    )
    rate = stream.average_rate or stream.base_rate or 0
    order = int(codec.field_order)
    return VideoInfo(
        codec=codec.name,
        profile=codec.profile or "",
        width=codec.width,
        height=codec.height,
        frame_rate=float(rate),
        duration_s=float(duration),
        interlaced=None if order == 0 else order > 1,
        start_pts=stream.start_time or 0,
        time_base=stream.time_base,
    )


def _stream_info(stream: Any, declared: Declared | None) -> StreamInfo:
    context = stream.codec_context
    codec = context.name if context is not None else getattr(stream, "name", None) or ""
    kind = "klv" if codec == "klv" or (stream.type == "data" and declared and declared.klva) else stream.type
    stream_type = declared.stream_type if declared else NONE
    carriage = stream_type_words(stream_type) if declared else "track"
    return StreamInfo(stream.id, kind, codec, stream_type, carriage, declared.programme if declared else 0)


def _pass_findings(run: DemuxPass, index: FrameIndex) -> list[Finding]:
    found: list[Finding] = []
    for pid, carriage in run.nonstandard():
        found.append(Finding("FTG-023", Severity.INFO, where=f"PID {pid}", details={"carriage": carriage}))
    if run.corrupt:
        found.append(Finding("FTG-024", Severity.WARNING, count=run.corrupt))
    if run.error:
        found.append(Finding("FTG-025", Severity.ERROR, details={"reason": run.error, "frames": len(index)}))
    if len(run.timeline.shifts) > 1:
        found.append(Finding("FTG-026", Severity.WARNING, count=len(run.timeline.shifts) - 1))
    if run.timeline.jumps_forward:
        found.append(Finding("FTG-027", Severity.WARNING, count=run.timeline.jumps_forward))
    if run.untimed:
        found.append(Finding("FTG-028", Severity.WARNING, count=run.untimed))
    return found
