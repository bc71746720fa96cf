"""One pass over a recording: KLV bytes of every stream and the index of every frame, nothing decoded."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np

from atalaya.footage.frame_index import FrameIndex, FrameIndexBuilder
from atalaya.footage.h264_fields import FieldReader, prefix_bytes
from atalaya.footage.klv_stream import NONE, KlvStream
from atalaya.footage.mpegts import Declared
from atalaya.footage.sei import packet_stamp
from atalaya.footage.stream_info import klv_carriage, standard_carriage
from atalaya.footage.timeline import TICKS, WRAP, Timeline

_LABEL = b"\x06\x0e\x2b\x34"


@dataclass
class _Track:
    """KLV of one stream since the last segment was handed out."""

    pid: int
    declared: Declared | None
    factor: Fraction
    payload: bytearray = field(default_factory=bytearray)
    start: "array[int]" = field(default_factory=lambda: array("q"))
    value: "array[int]" = field(default_factory=lambda: array("q"))
    part: "array[int]" = field(default_factory=lambda: array("q"))
    pos: "array[int]" = field(default_factory=lambda: array("q"))
    offset: int = 0
    stream_id: int = -1
    with_pts: bool = False
    is_klv: bool = False

    def cut(self, timeline: Timeline, container: str) -> KlvStream:
        """Hand out what has gathered and start anew."""
        values, parts = np.array(self.value, np.int64), np.array(self.part, np.int64)
        shifts = np.array(timeline.shifts, np.int64)
        pts = np.where(parts < 0, NONE, values + shifts[np.clip(parts, 0, len(shifts) - 1)])
        stretch = KlvStream(
            pid=self.pid,
            carriage=klv_carriage(self.declared, self.stream_id, self.with_pts, container),
            payload=np.frombuffer(bytes(self.payload), np.uint8),
            chunk_start=np.array(self.start, np.int64),
            chunk_pts=pts,
            chunk_pos=np.array(self.pos, np.int64),
            offset=self.offset,
            programme=self.declared.programme if self.declared else 0,
        )
        self.offset += len(self.payload)
        self.payload = bytearray()
        for values_ in (self.start, self.value, self.part, self.pos):
            del values_[:]
        return stretch


class DemuxPass:
    """Reads an open container from its start to its end, once.

    After `segments` is exhausted (or stopped early) the attributes and `index` tell what was met.
    """

    def __init__(self, container: Any, declared: Mapping[int, Declared], video: Any) -> None:
        self._container = container
        self._name = str(container.format.name).partition(",")[0]
        self._video = video
        self._builder = FrameIndexBuilder()
        self._tracks = {
            stream.index: _Track(stream.id, declared.get(stream.id), stream.time_base * TICKS)
            for stream in container.streams
            if stream.type == "data"
        }
        start = _start_ticks(video) if video is not None else None
        self.timeline = Timeline(wraps=self._name in ("mpegts", "mpeg"), start=start)
        self.corrupt = 0
        self.untimed = 0
        self.error = ""
        self.error_place = -1

    def segments(self, max_bytes: int) -> Iterator[tuple[KlvStream, ...]]:
        """KLV of all streams, at most about `max_bytes` of it at a time."""
        take_video = self._video_reader()
        video_index = self._video.index if self._video is not None else -1
        gathered = 0
        for packet in self._packets():
            if packet.stream_index == video_index:
                take_video(packet)
            else:
                track = self._tracks.get(packet.stream_index)
                if track is not None and packet.size:
                    gathered += self._take_data(track, packet)
                    if gathered >= max_bytes:
                        yield self._cut()
                        gathered = 0
        yield self._cut()

    def _packets(self) -> Iterator[Any]:
        wanted = [s for s in self._container.streams if s is self._video or s.index in self._tracks]
        if not wanted:
            return
        try:
            yield from self._container.demux(*wanted)
        except av.FFmpegError as error:
            self.error = error.strerror or str(error)

    def _cut(self) -> tuple[KlvStream, ...]:
        return tuple(
            track.cut(self.timeline, self._name)
            for track in self._tracks.values()
            if track.is_klv or _named_klv(self._container, track)
        )

    def _take_data(self, track: _Track, packet: Any) -> int:
        if not track.start and not track.offset:
            track.is_klv = track.is_klv or _LABEL in bytes(packet)
            if packet.has_sidedata("mpegts_stream_id"):
                track.stream_id = bytes(packet.get_sidedata("mpegts_stream_id"))[0]
        track.start.append(len(track.payload))
        track.pos.append(NONE if packet.pos is None else packet.pos)
        if packet.pts is None:
            track.value.append(NONE)
            track.part.append(-1)
        else:
            track.with_pts = True
            value, part = self.timeline.place(packet.stream_index, round(packet.pts * track.factor))
            track.value.append(value)
            track.part.append(part)
        track.payload += memoryview(packet)
        return int(packet.size)

    def _video_reader(self) -> Any:
        stream = self._video
        if stream is None:
            return None
        codec = stream.codec_context.name
        extradata = bytes(stream.codec_context.extradata or b"")
        prefix = prefix_bytes(codec, extradata)
        fields = FieldReader(extradata) if codec == "h264" else None
        factor = stream.time_base * TICKS
        rate = stream.average_rate or stream.base_rate or 25
        step = round(TICKS / rate)
        timeline, builder = self.timeline, self._builder
        exact = factor == 1
        place_of = -1

        def take(packet: Any) -> None:
            nonlocal place_of
            if not packet.size or packet.is_discard:
                return
            if packet.is_corrupt:
                self.corrupt += 1
            pts, dts = packet.pts, packet.dts
            if pts is None and dts is None:
                self.untimed += 1
                last = timeline.last(stream.index)
                pts = dts = 0 if last is None else last + step
            else:
                pts = dts if pts is None else pts
                dts = pts if dts is None else dts
                if not exact:
                    pts, dts = round(pts * factor), round(dts * factor)
            value, part = timeline.place(stream.index, dts, leads=True, step=step)
            shown = timeline.settled(value + (pts - dts + WRAP // 2) % WRAP - WRAP // 2, part)
            if packet.pos is not None:
                place_of = packet.pos
            key = packet.is_keyframe
            view = memoryview(packet)
            builder.add(
                shown,
                place_of,
                key,
                packet_stamp(view, codec, prefix),
                fields.read(view, key) if fields is not None else None,
            )

        return take

    def index(self) -> FrameIndex:
        """The frames met so far."""
        rate = self._video.average_rate if self._video is not None else None
        return self._builder.index(round(TICKS / rate) if rate else 0)

    def carriages(self) -> dict[int, str]:
        """How KLV is carried, by PID, for the streams that hold any."""
        return {
            track.pid: klv_carriage(track.declared, track.stream_id, track.with_pts, self._name)
            for track in self._tracks.values()
            if track.offset and track.is_klv
        }

    def nonstandard(self) -> list[tuple[int, str]]:
        """PID and carriage of the KLV streams that ST 1402 does not know."""
        return [
            (track.pid, klv_carriage(track.declared, track.stream_id, track.with_pts, self._name))
            for track in self._tracks.values()
            if track.offset and not standard_carriage(track.declared, track.stream_id, track.with_pts)
        ]


def _start_ticks(stream: Any) -> int | None:
    return None if stream.start_time is None else round(stream.start_time * stream.time_base * TICKS)


def _named_klv(container: Any, track: _Track) -> bool:
    return any(s.id == track.pid and s.type == "data" and s.name == "klv" for s in container.streams)
