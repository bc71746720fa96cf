"""Pictures of a recording: all of them, key frames only, or a window of time, each exactly once."""

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.footage.clip import Clip
from atalaya.footage.frame_index import TICKS, FrameIndex

Pixels = Literal["grey", "rgb"]

_LUMA_FIRST = frozenset(
    f"{family}{chroma}"
    for family in ("yuv", "yuvj")
    for chroma in ("410p", "411p", "420p", "422p", "440p", "444p")
) | {"gray", "nv12", "nv16", "nv21", "nv24", "yuva420p", "yuva422p", "yuva444p"}
_DEEP_LUMA = re.compile(r"(?:yuv4\d\dp|gray)(10|12)le$")
_UNSEEKABLE = frozenset({"h264", "hevc", "mpegvideo"})
"""Bare video without a container: read from the start, always."""
_LATE = 32
"""Frames past the end of a window after which nothing of it can come any more."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture.

    Args:
        pts: 90 kHz ticks on the clip's time line.
        index: row in the clip's frame index.
        array: grey (h, w) uint8, a view of the decoder's luma plane with its stride (luma as coded, mostly
            16-235); or rgb (h, w, 3) uint8.
    """

    pts: int
    index: int
    array: NDArray[np.uint8]


class FrameReader:
    """Decodes pictures of a clip; each iterator opens the file anew, so several may run at once.

    Decoding uses no threads inside: run several files or `seams` at once instead.

    Args:
        clip: the recording.
        pixels: "grey" without conversion, or "rgb".

    Attributes:
        index: the clip's frame index.
        failed: packets that could not be decoded so far.

    Raises:
        BadInput: FTG-010, the clip has no video.
    """

    def __init__(self, clip: Clip, pixels: Pixels = "grey") -> None:
        if clip.video is None:
            raise BadInput("FTG-010", where=clip.source)
        self.failed = 0
        self._clip = clip
        self.index = clip.frame_index()
        self._picture = grey_plane if pixels == "grey" else _rgb
        self._rows = self.index.packet_rows()
        self._first_packet = np.full(len(self.index), len(self._rows), np.int64)
        np.minimum.at(self._first_packet, self._rows, np.arange(len(self._rows)))
        by_place = np.argsort(self.index.pos, kind="stable")
        self._sorted_places = self.index.pos[by_place]
        self._sorted_numbers = self._first_packet[by_place]
        self._keys = np.flatnonzero(self.index.key)

    def all(self) -> Iterator[Frame]:
        """Every frame that decodes, in presentation order."""
        return self._rows_between(0, len(self.index))

    def window(self, start_pts: int, end_pts: int) -> Iterator[Frame]:
        """The frames with start_pts <= pts < end_pts; windows that share their seams share no frame."""
        first, last = np.searchsorted(self.index.pts, (start_pts, end_pts))
        return self._rows_between(int(first), int(last))

    def key_frames(self, start_pts: int | None = None, end_pts: int | None = None) -> Iterator[Frame]:
        """Key frames only (of a window); what lies between them is not even read."""
        pts = self.index.pts[self._keys]
        after = np.full(len(pts), True) if start_pts is None else pts >= start_pts
        before = np.full(len(pts), True) if end_pts is None else pts < end_pts
        wanted = self._keys[after & before]
        if self._clip.container in _UNSEEKABLE:
            rows = set(wanted.tolist())
            yield from (frame for frame in self.all() if frame.index in rows)
            return
        with closing(self._clip.open_container()) as container:
            stream = self._prepared(container)
            given = -1
            for row in wanted:
                frame = self._one(container, stream, int(row))
                if frame is not None and frame.index > given:
                    given = frame.index
                    yield frame

    @property
    def findings(self) -> list[Finding]:
        """What went wrong so far."""
        return [Finding("FTG-060", Severity.WARNING, count=self.failed)] if self.failed else []

    def _prepared(self, container: Any) -> Any:
        stream = container.streams.best("video")
        if stream.codec_context is None:
            raise BadInput("FTG-061", where=self._clip.source)
        stream.thread_type = "NONE"
        stream.codec_context.copy_opaque = True
        return stream

    def _rows_between(self, first: int, last: int) -> Iterator[Frame]:
        for row, picture in self.pictures(first, last):
            yield Frame(int(self.index.pts[row]), row, self._picture(picture))

    def pictures(self, first: int, last: int) -> Iterator[tuple[int, Any]]:
        """(row, decoder's picture) of rows first <= row < last, from the last key frame shown before them."""
        back = 1
        while first < last:
            begin = self._key_before(first, back)
            with closing(self._decoded(begin)) as frames:
                head = next((frame for frame in frames if frame[0] >= first), None)
                if begin == 0 or (head is not None and head[0] == first):
                    if head is not None:
                        yield from _once(chain((head,), frames), first, last)
                    return
            back *= 2  # that key frame does not suffice (open GOP, gradual refresh): start farther back

    def _key_before(self, row: int, back: int) -> int:
        """First packet of the `back`-th key frame shown at or before a row; 0 for the file's start."""
        place = int(np.searchsorted(self._keys, row, side="right")) - back
        return int(self._first_packet[self._keys[place]]) if place >= 0 else 0

    def _decoded(self, begin: int) -> Generator[tuple[int, Any], None, None]:
        """(row, picture) from a packet number on, in the decoder's order, from the file opened anew.

        The decoder carries each packet's number along to its picture (the first field's for two fields).
        """
        with closing(self._clip.open_container()) as container:
            stream = self._prepared(container)
            for number, packet in self._packets(container, stream, begin):
                packet.opaque = number
                yield from self._decode(stream.codec_context, packet)
            yield from self._decode(stream.codec_context, None)

    def _decode(self, context: Any, packet: Any) -> list[tuple[int, Any]]:
        try:
            pictures = context.decode(packet)
        except av.FFmpegError:
            self.failed += 1
            return []
        return [(int(self._rows[p.opaque]), p) for p in pictures if p.opaque is not None]

    def _packets(self, container: Any, stream: Any, begin: int) -> Iterator[tuple[int, Any]]:
        """(number, packet) from a packet number on, numbered as the frame index saw them.

        After a seek the first packet whose byte position is known to the index tells where reading stands; if
        that is behind `begin`, or never comes, the file is counted through from its start.
        """
        for target in (begin, 0) if begin else (0,):
            if not self._seek(container, stream, target) and target:
                continue
            number = None if target else 0
            for packet in self._readable(container, stream):
                if number is None:
                    number = self._number_at(packet.pos)
                    if number is None:
                        continue
                    if number > begin:
                        break
                if number >= len(self._rows):
                    return
                if number >= begin:
                    yield number, packet
                number += 1
            else:
                if number is not None:
                    return

    def _readable(self, container: Any, stream: Any) -> Iterator[Any]:
        try:
            for packet in container.demux(stream):
                if packet.size and not packet.is_discard:
                    yield packet
        except av.FFmpegError:
            self.failed += 1

    def _seek(self, container: Any, stream: Any, begin: int) -> bool:
        """Go near a packet: to its byte in a transport stream, by time elsewhere; False if it cannot."""
        row = int(self._rows[begin])
        try:
            if self._clip.container == "mpegts":
                place = max(int(self.index.pos[row]), 0) if begin else 0
                container.seek(place, stream=stream, unsupported_byte_offset=True)
            else:
                units = round(int(self.index.pts[row]) / (TICKS * stream.time_base))
                container.seek(units, stream=stream, backward=True)
        except (av.FFmpegError, OverflowError):
            return False
        return True

    def _number_at(self, place: int | None) -> int | None:
        """Number of the frame's first packet at a byte position; None unless exactly one frame has it."""
        if place is None:
            return None
        first, last = (int(np.searchsorted(self._sorted_places, place, side)) for side in ("left", "right"))
        return int(self._sorted_numbers[first]) if last == first + 1 else None

    def _one(self, container: Any, stream: Any, row: int) -> Frame | None:
        """A key frame from its own packets; where they do not suffice, the first picture from there on."""
        context = stream.codec_context
        begin = int(self._first_packet[row])
        end = begin + int(self.index.packets[row])
        for enough in (end, end + 300):
            context.flush_buffers()
            for number, packet in self._packets(container, stream, begin):
                packet.opaque = number
                found = self._decode(context, packet)
                if not found and number + 1 >= enough:
                    found = self._decode(context, None)
                if found:
                    context.flush_buffers()
                    got, picture = found[0]
                    return Frame(int(self.index.pts[got]), got, self._picture(picture))
                if number + 1 >= enough:
                    break
        return None


def _once(frames: Iterable[tuple[int, Any]], first: int, last: int) -> Iterator[tuple[int, Any]]:
    """Those of rows first <= row < last, each at most once, until all came or none can come any more."""
    missing = np.ones(last - first, np.bool_)
    left = last - first
    for row, picture in frames:
        if first <= row < last and missing[row - first]:
            missing[row - first] = False
            left -= 1
            yield row, picture
        if not left or row >= last + _LATE:
            return


def grey_plane(picture: Any) -> NDArray[np.uint8]:
    """(h, w) uint8 luma of a decoded picture: a view of the decoder's plane where that has 8 bits."""
    deep = _DEEP_LUMA.match(picture.format.name)
    if deep is None and picture.format.name not in _LUMA_FIRST:
        picture = picture.reformat(format="gray")
    plane = picture.planes[0]
    lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: picture.height]
    if deep is not None:
        return (lines.view("<u2")[:, : picture.width] >> (int(deep[1]) - 8)).astype(np.uint8)
    view: NDArray[np.uint8] = lines[:, : picture.width]
    return view


def _rgb(picture: Any) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = picture.to_ndarray(format="rgb24")
    return pixels


def seams(index: FrameIndex, parts: int) -> list[tuple[int, int]]:
    """Windows that cut a recording at key frames into at most `parts` pieces of like length.

    The ends are PTS for `FrameReader.window`: the first begins at the first frame, the last ends behind the
    last, so every frame lies in exactly one.
    """
    if not len(index):
        return []
    keys = index.pts[index.key]
    wanted = np.linspace(index.pts[0], index.pts[-1], parts + 1)[1:-1]
    near = np.searchsorted(keys, wanted)
    cuts = np.unique(keys[near[near < len(keys)]])
    edges = [int(index.pts[0]), *(int(c) for c in cuts if c > index.pts[0]), int(index.pts[-1]) + TICKS]
    return list(pairwise(edges))
