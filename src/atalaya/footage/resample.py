"""A track at the times of the frames: exact where a packet belongs to the frame, else between or held."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.sensor_track import SensorTrack

EXACT_US = 1_000
"""A packet this near in time is the frame's own."""

BETWEEN_US = 2_000_000
"""Longest gap between packets over which the motion is taken as even."""

HELD_US = 30_000_000
"""Longest time a single packet stands for frames after or before it (ST 0601 report-on-change)."""


class PoseSource(IntEnum):
    """Where a frame's pose comes from."""

    NONE = 0
    EXACT = 1
    INTERPOLATED = 2
    HELD = 3


_CIRCULAR = {
    "sensor_lon_deg",
    "centre_lon_deg",
    "corner_lon_deg",
    "heading_true_deg",
    "rel_azimuth_deg",
    "rel_roll_deg",
}
_SIGNED = {"sensor_lon_deg", "centre_lon_deg", "corner_lon_deg"}


def at_frames(
    track: SensorTrack, t_us: NDArray[np.int64], rows: NDArray[np.intp]
) -> tuple[SensorTrack, NDArray[np.uint8]]:
    """The track at each frame.

    Args:
        track: n packets, in order of arrival.
        t_us: (m,) time of each frame; negative where it has none.
        rows: (m,) the packet bound to each frame, -1 where none.

    Returns:
        The track of m rows, and (m,) uint8 `PoseSource`.
    """
    source = np.full(len(rows), PoseSource.NONE, np.uint8)
    bound = rows >= 0
    if not len(track) or not bound.any():
        return track.take(np.full(len(rows), -1)), source
    apart = np.abs(t_us - track.t_us[rows])
    timed = bound & (t_us >= 0)
    source[bound & ~timed] = PoseSource.HELD
    source[timed & (apart <= HELD_US)] = PoseSource.HELD
    source[timed & (apart <= EXACT_US)] = PoseSource.EXACT
    result = track.take(np.where(source == PoseSource.NONE, -1, rows))
    loose = np.flatnonzero(source == PoseSource.HELD)
    if len(loose):
        between = _interpolate(track, result, t_us, loose)
        source[between] = PoseSource.INTERPOLATED
    stamped = np.where((t_us >= 0) & (source != PoseSource.NONE), t_us, result.t_us)
    result.t_us[:] = stamped
    return result, source


def _interpolate(
    track: SensorTrack, result: SensorTrack, t_us: NDArray[np.int64], loose: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Fill rows that lie between two near packets, in place; which rows those were."""
    order = np.argsort(track.t_us, kind="stable")
    times = track.t_us[order]
    after = np.searchsorted(times, t_us[loose])
    inside = (t_us[loose] >= 0) & (after > 0) & (after < len(times))
    rows, after = loose[inside], after[inside]
    gap = times[after] - times[after - 1]
    near = (gap > 0) & (gap <= BETWEEN_US)
    rows, after, gap = rows[near], after[near], gap[near]
    share = (t_us[rows] - times[after - 1]) / gap
    first, second = order[after - 1], order[after]
    for name, column in vars(track).items():
        if not isinstance(column, np.ndarray) or name == "t_us":
            continue
        low, high = column[first], column[second]
        weight = share.reshape(-1, *([1] * (column.ndim - 1)))
        step = high - low
        if name in _CIRCULAR:
            step = (step + 180.0) % 360.0 - 180.0
        mixed = low + weight * step
        if name in _CIRCULAR:
            mixed = (mixed + 180.0) % 360.0 - 180.0 if name in _SIGNED else mixed % 360.0
        getattr(result, name)[rows] = mixed
    return rows
