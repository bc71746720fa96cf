"""Time windows: when there is light, weather or permission, and the earliest start that fits.

Position of the sun: J. Meeus, Astronomical Algorithms (1998), chapter 25, low accuracy (0.01 degree until
2100).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.plan.waypoint import LegKind, Waypoint, WaypointKind

Floats = NDArray[np.float64]
Interval = tuple[int, int]

SUNRISE_DEG = -0.833
"""Height of the sun's middle at sunrise: half its width and mean refraction below the horizon."""

CIVIL_TWILIGHT_DEG = -6.0
_STEP_US = 300_000_000
_J2000_US = 946_728_000_000_000


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


def sun_elevation_deg(t_us: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
    """Height of the sun's middle over the horizon, degrees, without refraction; arguments broadcast."""
    days = (np.asarray(t_us, np.float64) - _J2000_US) / 86_400e6
    anomaly = np.radians(357.5291 + 0.98560028 * days)
    centre = 1.9148 * np.sin(anomaly) + 0.02 * np.sin(2 * anomaly) + 0.0003 * np.sin(3 * anomaly)
    longitude = np.radians(280.4665 + 0.98564736 * days + centre)
    tilt = np.radians(23.4393 - 3.563e-7 * days)
    declination = np.arcsin(np.sin(tilt) * np.sin(longitude))
    ascension = np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))
    hour = np.radians(280.46062 + 360.98564737 * days + np.asarray(lon_deg, np.float64)) - ascension
    lat = np.radians(np.asarray(lat_deg, np.float64))
    sine = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(hour)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))


def daylight(
    lon_deg: float, lat_deg: float, start_us: int, end_us: int, *, above_deg: float = SUNRISE_DEG
) -> Windows:
    """When the sun stands above an elevation at a place, to the second, between two times."""
    grid = np.append(np.arange(start_us, end_us, _STEP_US, dtype=np.int64), np.int64(end_us))
    up = sun_elevation_deg(grid, lon_deg, lat_deg) > above_deg
    turns = np.flatnonzero(up[1:] != up[:-1])
    times = [_crossing(int(grid[k]), int(grid[k + 1]), lon_deg, lat_deg, above_deg) for k in turns]
    bounds = ([start_us] if up[0] else []) + times + ([end_us] if up[-1] else [])
    return Windows(tuple(zip(bounds[::2], bounds[1::2], strict=True)), "daylight")


def _crossing(low_us: int, high_us: int, lon_deg: float, lat_deg: float, above_deg: float) -> int:
    below = bool(sun_elevation_deg(low_us, lon_deg, lat_deg) > above_deg)
    while high_us - low_us > 500_000:
        middle = (low_us + high_us) // 2
        if bool(sun_elevation_deg(middle, lon_deg, lat_deg) > above_deg) == below:
            low_us = middle
        else:
            high_us = middle
    return high_us


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
