"""Every frame of a recording in the order it is shown, known without decoding any."""

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.h264_fields import FieldPicture
from atalaya.klv.st0604 import TimeStamp

Ints = NDArray[np.int64]

NONE = -1
TICKS = 90_000
"""PTS ticks per second, for every container."""


@dataclass(frozen=True)
class FrameIndex:
    """Frames in presentation order; a field-coded frame is one row.

    Args:
        pts: (n,) int64, 90 kHz ticks on the clip's unwrapped time line.
        pos: (n,) int64, byte position of the frame's first packet in the file, -1 where unknown.
        key: (n,) bool, whether decoding can start here.
        sei_us: (n,) int64, ST 0604 time in the frame as written, -1 where there is none.
        sei_status: (n,) uint8, ST 0603 status byte beside it, 0 where there is none.
        duration: (n,) int64, ticks until the next frame.
        order: (n,) int64, rank of the frame in decode (file) order.
        packets: (n,) uint8, packets that make the frame: 2 for a pair of fields.
    """

    pts: Ints
    pos: Ints
    key: NDArray[np.bool_]
    sei_us: Ints
    sei_status: NDArray[np.uint8]
    duration: Ints
    order: Ints
    packets: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def interval(self) -> int:
        """Median ticks from frame to frame; 0 for fewer than two frames."""
        return int(np.median(np.diff(self.pts))) if len(self) > 1 else 0

    @property
    def span_s(self) -> float:
        """Seconds from the first frame's start to the last one's end."""
        return float(self.pts[-1] + self.duration[-1] - self.pts[0]) / TICKS if len(self) else 0.0

    def packet_rows(self) -> NDArray[np.intp]:
        """(packets,) row of the frame that each video packet of the file belongs to, in file order."""
        decode_order = np.argsort(self.order, kind="stable")
        rows: NDArray[np.intp] = np.repeat(decode_order, self.packets[decode_order])
        return rows

    def at_pts(self, pts: int) -> int:
        """Row of the frame with exactly this PTS, -1 if there is none."""
        row = int(np.searchsorted(self.pts, pts))
        return row if row < len(self) and self.pts[row] == pts else NONE


class FrameIndexBuilder:
    """Takes video packets in file order, pairs fields, and gives the index."""

    def __init__(self) -> None:
        self._pts, self._pos, self._sei = array("q"), array("q"), array("q")
        self._key, self._status, self._packets = bytearray(), bytearray(), bytearray()
        self._open_field: FieldPicture | None = None

    def __len__(self) -> int:
        return len(self._pts)

    def add(self, pts: int, pos: int, key: bool, stamp: TimeStamp | None, field: FieldPicture | None) -> None:
        """Take one packet; a second field joins the frame before it."""
        if field is not None and self._completes(field):
            self._packets[-1] = 2
            self._pts[-1] = min(self._pts[-1], pts)
            if stamp is not None and self._sei[-1] == NONE:
                self._sei[-1], self._status[-1] = stamp.t_us, stamp.status
            self._open_field = None
            return
        self._open_field = field
        self._pts.append(pts)
        self._pos.append(pos)
        self._key.append(key)
        self._sei.append(NONE if stamp is None else stamp.t_us)
        self._status.append(0 if stamp is None else stamp.status)
        self._packets.append(1)

    def _completes(self, field: FieldPicture) -> bool:
        first = self._open_field
        return first is not None and first.frame_num == field.frame_num and first.bottom != field.bottom

    def index(self, nominal: int = 0) -> FrameIndex:
        """The frames so far, as shown; the last lasts as long as the median one (or `nominal` ticks)."""
        pts = np.array(self._pts, np.int64)
        order = np.argsort(pts, kind="stable")
        shown = pts[order]
        gaps = np.diff(shown)
        last = int(np.median(gaps)) if len(gaps) else nominal
        return FrameIndex(
            pts=shown,
            pos=np.array(self._pos, np.int64)[order],
            key=np.frombuffer(bytes(self._key), np.uint8).astype(np.bool_)[order],
            sei_us=np.array(self._sei, np.int64)[order],
            sei_status=np.frombuffer(bytes(self._status), np.uint8)[order],
            duration=np.append(gaps, last)[: len(pts)].astype(np.int64),
            order=order.astype(np.int64),
            packets=np.frombuffer(bytes(self._packets), np.uint8)[order],
        )
