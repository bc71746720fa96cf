"""Time windows: when there is light, weather or permission, and the earliest start that fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.sun import RISE_DEG, sun_windows
from atalaya.plan.waypoint import LegKind, Waypoint, WaypointKind

Floats = NDArray[np.float64]
Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Windows:
    """Intervals [start, end) of `t_us` that are open, rising and apart.

    Args:
        intervals: in any order; those that touch or overlap become one.
        name: what they are of, for people ("daylight").

    Raises:
        BadInput: FLT-009, an interval ends before it starts.
    """

    intervals: tuple[Interval, ...]
    name: str = ""

    def __post_init__(self) -> None:
        joined: list[Interval] = []
        for start, end in sorted(self.intervals):
            if end < start:
                raise BadInput("FLT-009", where=self.name, start=start, end=end)
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            elif end > start:
                joined.append((start, end))
        object.__setattr__(self, "intervals", tuple(joined))

    def __and__(self, other: "Windows") -> "Windows":
        """Open in both."""
        both = [
            (max(a, c), min(b, d))
            for a, b in self.intervals
            for c, d in other.intervals
            if max(a, c) < min(b, d)
        ]
        return Windows(tuple(both), ", ".join(name for name in (self.name, other.name) if name))

    def contains(self, start_us: int, end_us: int) -> bool:
        """Whether a whole interval is open."""
        return any(a <= start_us and end_us <= b for a, b in self.intervals)

    def gaps(self, start_us: int, end_us: int) -> tuple[Interval, ...]:
        """The closed parts of an interval."""
        found, at = [], start_us
        for a, b in self.intervals:
            if b <= at or a >= end_us:
                continue
            if a > at:
                found.append((at, a))
            at = max(at, b)
        if at < end_us:
            found.append((at, end_us))
        return tuple(found)

    def earliest(self, after_us: int, seconds: float) -> int | None:
        """The first time not before another at which something of this length fits; None if it never does."""
        length = round(seconds * 1e6)
        for a, b in self.intervals:
            start = max(a, after_us)
            if start + length <= b:
                return start
        return None

    def opens(self, t_us: int) -> int | None:
        """The first open time not before another; None if there is none."""
        return next((max(a, t_us) for a, b in self.intervals if b > t_us), None)


def all_of(parts: Iterable[Windows]) -> Windows | None:
    """Open in every one; None for no rule at all."""
    joined: Windows | None = None
    for part in parts:
        joined = part if joined is None else joined & part
    return joined


def daylight(
    lon_deg: float, lat_deg: float, start_us: int, end_us: int, *, above_deg: float = RISE_DEG
) -> Windows:
    """When the sun stands above an elevation at a place, to the second, between two times."""
    return Windows(sun_windows(start_us, end_us, lon_deg, lat_deg, above_deg=above_deg), "daylight")


def with_wait(
    waypoints: Sequence[Waypoint], before: int, seconds: float, radius_m: float
) -> tuple[Waypoint, ...]:
    """The waypoints with a circle put in where the aircraft waits.

    Args:
        before: index of the waypoint at whose place it waits before going on. seconds: at least so long.
        radius_m: of the circle, positive clockwise.

    Raises:
        BadInput: FLT-006, there is no waypoint before it.
    """
    if not 0 < before < len(waypoints):
        raise BadInput("FLT-006", count=before)
    here = waypoints[before]
    wait = replace(
        here,
        kind=WaypointKind.LOITER,
        leg=LegKind.TRANSIT,
        task=None,
        loiter_s=seconds,
        loiter_radius_m=radius_m,
    )
    return (*waypoints[:before], wait, *waypoints[before:])
