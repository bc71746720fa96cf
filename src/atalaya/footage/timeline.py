"""One continuous time line, in 90 kHz ticks, out of PTS that wrap at 2^33 or restart inside a file."""

TICKS = 90_000
WRAP = 1 << 33
_BACK = TICKS // 2
_NEVER = 1 << 62


class Timeline:
    """Unwraps the PTS of all streams of a recording.

    A 33-bit wrap (every 26 h 30 min 44 s) is removed. Where pieces with their own clocks were glued together,
    the PTS fall back: what follows is then moved behind what came before. A jump forward is left: it may be a
    true gap. The video leads; a stream that reaches the seam before the video is settled later by `settled`.

    Args:
        wraps: whether the container's PTS have 33 bits (MPEG-TS, MPEG-PS).
        start: first PTS of the leading stream, in ticks, None where unknown.
    """

    def __init__(self, *, wraps: bool, start: int | None) -> None:
        self._wraps = wraps
        self._base = WRAP if wraps and start is not None and start < 0 else 0
        self._start = start
        self._last: dict[int, int] = {}
        self._part: dict[int, int] = {}
        self._furthest: dict[int, int] = {}
        self.shifts = [0]
        self.jumps_forward = 0

    def place(self, stream: int, pts: int, *, leads: bool = False, step: int = 0) -> tuple[int, int]:
        """(ticks without wrap, number of the part between restarts) of one time stamp.

        Args:
            stream: which stream it is from.
            pts: ticks as the container gives them.
            leads: whether this stream decides where a later part goes; give its DTS.
            step: ticks from one packet of the leading stream to the next.
        """
        last = self._last.get(stream, self._start)
        value = pts + self._base
        if self._wraps and last is not None:
            near = last if stream in self._last else last + self._base
            value = near + (value - near + WRAP // 2) % WRAP - WRAP // 2
        part = self._part.get(stream, 0)
        if stream in self._last:
            gap = value - self._last[stream]
            if gap < -_BACK:
                part = self._part[stream] = part + 1 if leads else min(part + 1, len(self.shifts))
                if leads:
                    self.shifts.append(self._furthest[stream] + self.shifts[-1] + step - value)
                    self._furthest[stream] = -_NEVER
            elif leads and gap > 10 * TICKS:
                self.jumps_forward += 1
        self._last[stream] = value
        if leads:
            self._furthest[stream] = max(self._furthest.get(stream, -_NEVER), value)
        return value, part

    def last(self, stream: int) -> int | None:
        """The last time stamp placed for a stream, as the container would give it."""
        return self._last[stream] - self._base if stream in self._last else None

    def settled(self, value: int, part: int) -> int:
        """A placed time stamp on the continuous time line."""
        return value + self.shifts[min(part, len(self.shifts) - 1)]
