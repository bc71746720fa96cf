"""Bind every frame to its metadata: by time stamps in the pictures (SEI), else PTS, else place in the file.

Each clock is checked before it is believed: calendar, status bits, rate against PTS, constant offset to the
metadata. What was refused, and why, is a finding.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.footage.clock_checks import (
    Offset,
    calendar_share,
    nearest,
    offset_between,
    rate,
    runs_true,
    ticks_to_us,
    whole_epoch,
)
from atalaya.footage.frame_index import FrameIndex
from atalaya.klv.st0604 import LOCKED

Ints = NDArray[np.int64]
Method = Literal["sei", "pts", "position", "none"]

NONE = -1
_US = 1_000_000
_GOOD_SHARE = 0.9
_LEAST_TOLERANCE_US = 50_000


@dataclass(frozen=True)
class FrameClock:
    """When each frame was taken and which metadata row belongs to it.

    Args:
        method: how the frames were bound.
        t_us: (n,) int64, time of each frame in microseconds, -1 where unknown.
        row: (n,) int64, row of the metadata packet, -1 where none is near enough.
        residual_us: (n,) int64, time (or PTS) of the metadata minus that of the frame, 0 where no row.
        uncertainty_us: (n,) int64, how far the frame's time may be from the metadata's clock by this method.
        interpolated: (n,) bool, frames whose own stamp was missing or refused and came from the neighbours.
        offset_us: time of the metadata minus time of the picture at equal PTS; 0 where it cannot be known.
        tolerance_us: a row farther away than this is not taken.
        findings: how it went, and what was refused.
    """

    method: Method
    t_us: Ints
    row: Ints
    residual_us: Ints
    uncertainty_us: Ints
    interpolated: NDArray[np.bool_]
    offset_us: int
    tolerance_us: int
    findings: tuple[Finding, ...]

    @property
    def bound(self) -> int:
        """Frames that have a row."""
        return int(np.count_nonzero(self.row >= 0))


@dataclass(frozen=True)
class _Packets:
    """Metadata packets with what is known of their times."""

    t_us: Ints
    pts_us: Ints
    timed: NDArray[np.bool_]
    pos: Ints
    clock_ok: bool


def bind_frames(index: FrameIndex, packet_t_us: Ints, packet_pts: Ints, packet_pos: Ints) -> FrameClock:
    """Bind frames to metadata packets.

    Args:
        index: the frames.
        packet_t_us: (m,) int64, time each packet states, microseconds.
        packet_pts: (m,) int64, 90 kHz ticks on the index's time line, -1 where none.
        packet_pos: (m,) int64, byte position in the file, -1 where unknown.
    """
    if not len(index) or not len(packet_t_us):
        return _unbound(len(index), ())
    findings: list[Finding] = []
    frame_us = ticks_to_us(index.pts)
    packets = _packets(packet_t_us, packet_pts, packet_pos, findings)
    by_pts = _pts_usable(index, frame_us, packets, findings)
    by_place = _place_rows(index, packets.pos)
    pictures = _picture_times(index, frame_us, findings)
    if pictures is not None:
        bound = _bind_by_sei(index, frame_us, packets, pictures, by_place, by_pts, findings)
        if bound is not None:
            return _reported(bound, findings)
    if by_pts:
        return _reported(_bind_by_pts(index, frame_us, packets), findings)
    if by_place is not None:
        return _reported(_bind_by_place(index, frame_us, packets, by_place), findings)
    findings.append(Finding("FTG-046", Severity.ERROR))
    return _unbound(len(index), tuple(findings))


def _unbound(n: int, findings: tuple[Finding, ...]) -> FrameClock:
    none, zero = np.full(n, NONE, np.int64), np.zeros(n, np.int64)
    return FrameClock("none", none, none.copy(), zero, zero.copy(), np.zeros(n, np.bool_), 0, 0, findings)


def _packets(t_us: Ints, pts: Ints, pos: Ints, findings: list[Finding]) -> _Packets:
    timed = pts != NONE
    pts_us = ticks_to_us(pts)
    ok = calendar_share(t_us) >= _GOOD_SHARE
    if not ok:
        findings.append(Finding("FTG-047", Severity.WARNING))
    elif timed.sum() >= 3:
        slope = rate(t_us[timed], pts_us[timed])
        if not runs_true(slope):
            ok = False
            findings.append(Finding("FTG-055", Severity.WARNING, details={"rate": round(slope, 3)}))
    return _Packets(t_us, pts_us, timed, pos, ok)


def _pts_usable(index: FrameIndex, frame_us: Ints, packets: _Packets, findings: list[Finding]) -> bool:
    """Whether the packets' PTS can tie them to frames: most have one, near the video's at the same place."""
    timed = packets.timed
    if timed.mean() < 0.5:
        return False
    pts_us = packets.pts_us[timed]
    inside = (pts_us >= frame_us[0] - 10 * _US) & (pts_us <= frame_us[-1] + 10 * _US)
    share = float(inside.mean())
    covered = min(frame_us[-1], pts_us.max()) - max(frame_us[0], pts_us.min())
    if covered < 0 or (share < 0.5 and covered < 0.5 * (frame_us[-1] - frame_us[0])):
        findings.append(Finding("FTG-054", Severity.WARNING))
        return False
    pos = packets.pos[timed]
    known = (pos >= 0) & inside
    if known.sum() >= 3 and (index.pos >= 0).all():
        places = np.sort(index.pos)
        beside = frame_us[np.clip(np.searchsorted(places, pos[known]) - 1, 0, len(places) - 1)]
        mux = offset_between(pts_us[known], beside)
        if mux.spread_us > 2 * _US or abs(mux.median_us) > 30 * _US:
            findings.append(Finding("FTG-045", Severity.WARNING, details={"spread_s": mux.spread_us / _US}))
            return False
    return True


def _place_rows(index: FrameIndex, packet_pos: Ints) -> Ints | None:
    """For each frame the last packet before it in the file; the n-th shown frame takes the n-th stored one's.

    Metadata runs in the order of time while frames are stored reordered; a muxer lets it keep pace with the
    decode order, so ranks, not frames, are compared.
    """
    known = packet_pos >= 0
    if not known.any() or (index.pos < 0).any():
        return None
    rows = np.flatnonzero(known)
    rows = rows[np.argsort(packet_pos[rows], kind="stable")]
    places = np.sort(index.pos)
    before = np.searchsorted(packet_pos[rows], places, side="left") - 1
    second = places[min(1, len(places) - 1)]
    before[:1] = max(int(before[0]), 0 if packet_pos[rows[0]] < second else -1)
    return np.where(before >= 0, rows[np.maximum(before, 0)], NONE).astype(np.int64)


@dataclass(frozen=True)
class _Pictures:
    """Time of each picture by its own stamp, gaps filled by PTS."""

    t_us: Ints
    interpolated: NDArray[np.bool_]


def _picture_times(index: FrameIndex, frame_us: Ints, findings: list[Finding]) -> _Pictures | None:
    """The SEI clock if it passes every check that needs no metadata; None with a finding otherwise."""
    has = index.sei_us != NONE
    if not has.any():
        return None
    formed = has & (index.sei_status & LOCKED == LOCKED)
    rejected: Finding | None = None
    if formed.sum() < _GOOD_SHARE * has.sum():
        status = f"0x{int(index.sei_status[has][0]):02X}"
        rejected = Finding("FTG-040", Severity.WARNING, count=int(has.sum()), details={"status": status})
    elif calendar_share(index.sei_us[formed]) < _GOOD_SHARE:
        rejected = Finding("FTG-051", Severity.WARNING, count=int(has.sum()))
    else:
        slope = rate(index.sei_us[formed], frame_us[formed])
        if not runs_true(slope):
            rejected = Finding("FTG-052", Severity.WARNING, details={"rate": round(slope, 4)})
    if rejected is not None:
        findings.append(rejected)
        return None
    return _filled(index, frame_us, formed, findings)


def _filled(
    index: FrameIndex, frame_us: Ints, formed: NDArray[np.bool_], findings: list[Finding]
) -> _Pictures:
    """Stamps that stand more than a second off the median line of SEI over PTS, or miss, are interpolated."""
    line = offset_between(index.sei_us[formed], frame_us[formed])
    drift = 0.01 * (frame_us[-1] - frame_us[0])
    stray = np.abs(index.sei_us - frame_us - line.median_us) > _US + drift
    good = formed & ~stray
    if not good.any():
        good = formed
    missing = ~good
    t_us = index.sei_us.copy()
    if missing.any():
        ahead = (index.sei_us - frame_us)[good]
        rows = np.clip(np.searchsorted(np.flatnonzero(good), np.flatnonzero(missing)) - 1, 0, len(ahead) - 1)
        t_us[missing] = frame_us[missing] + ahead[rows]
        findings.append(Finding("FTG-049", Severity.INFO, count=int(missing.sum())))
    if (index.sei_status[good] & 0x80).any():
        findings.append(
            Finding("FTG-048", Severity.INFO, count=int((index.sei_status[good] & 0x80 != 0).sum()))
        )
    return _Pictures(t_us, missing)


def _bind_by_sei(
    index: FrameIndex,
    frame_us: Ints,
    packets: _Packets,
    pictures: _Pictures,
    by_place: Ints | None,
    by_pts: bool,
    findings: list[Finding],
) -> FrameClock | None:
    """By the time in the pictures, once its offset to the metadata's clock is known to be constant."""
    if not packets.clock_ok:
        return None
    apart = _clock_offset(frame_us, packets, pictures, by_place, by_pts)
    step = ticks_to_us(np.array([max(index.interval, 1)]))[0]
    limit = max(_tolerance(np.sort(packets.t_us), int(step)), 2 * int(step))
    if apart.n and apart.spread_us > limit:
        findings.append(
            Finding("FTG-053", Severity.WARNING, details={"spread_ms": round(apart.spread_us / 1000, 1)})
        )
        return None
    late = apart.n > 0 and abs(apart.median_us) > limit
    if late and whole_epoch(apart.median_us):
        return _differing_epochs(index, frame_us, packets, pictures, apart, by_place, by_pts, findings)
    order = np.argsort(packets.t_us, kind="stable")
    row, residual = _take_nearest(packets.t_us, order, pictures.t_us, limit)
    if late:
        code = "FTG-042" if apart.median_us < 0 else "FTG-050"
        seconds = round(abs(apart.median_us) / _US, 3)
        findings.append(Finding(code, Severity.WARNING, details={"offset_s": seconds}))
    uncertainty = np.where(pictures.interpolated, int(step), 1).astype(np.int64)
    offset = apart.median_us if late else 0
    return FrameClock(
        "sei", pictures.t_us, row, residual, uncertainty, pictures.interpolated, offset, limit, ()
    )


def _clock_offset(
    frame_us: Ints, packets: _Packets, pictures: _Pictures, by_place: Ints | None, by_pts: bool
) -> Offset:
    """Metadata's time minus the picture's at the same PTS or, without PTS, at the same place."""
    if by_pts:
        rows = np.flatnonzero(packets.timed)
        order = rows[np.argsort(packets.pts_us[rows], kind="stable")]
        near = order[nearest(packets.pts_us[order], frame_us)]
        gap = frame_us - packets.pts_us[near]
        inside = np.abs(gap) <= _tolerance(packets.pts_us[order], 0)
        return offset_between(packets.t_us[near][inside] + gap[inside], pictures.t_us[inside])
    if by_place is None:
        return Offset(0, 0, 0)
    has = by_place >= 0
    return offset_between(packets.t_us[by_place[has]], pictures.t_us[has])


def _differing_epochs(
    index: FrameIndex,
    frame_us: Ints,
    packets: _Packets,
    pictures: _Pictures,
    apart: Offset,
    by_place: Ints | None,
    by_pts: bool,
    findings: list[Finding],
) -> FrameClock | None:
    """The two clocks count from different epochs: PTS (or place) binds, the metadata's time is taken."""
    findings.append(
        Finding("FTG-043", Severity.WARNING, details={"offset_s": round(apart.median_us / _US, 3)})
    )
    if by_pts:
        return replace(_bind_by_pts(index, frame_us, packets), offset_us=apart.median_us)
    if by_place is not None:
        return replace(_bind_by_place(index, frame_us, packets, by_place), offset_us=apart.median_us)
    return None


def _bind_by_pts(index: FrameIndex, frame_us: Ints, packets: _Packets) -> FrameClock:
    rows = np.flatnonzero(packets.timed)
    order = rows[np.argsort(packets.pts_us[rows], kind="stable")]
    step = int(ticks_to_us(np.array([index.interval]))[0])
    limit = _tolerance(packets.pts_us[order], step)
    row, residual = _take_nearest(packets.pts_us, order, frame_us, limit)
    t_us, scatter = _time_line(frame_us, packets, packets.pts_us, order)
    if packets.clock_ok:
        t_us = np.where(row >= 0, packets.t_us[row] - residual, t_us)
    uncertainty = np.full(len(index), max(scatter, step // 2), np.int64)
    return FrameClock("pts", t_us, row, residual, uncertainty, np.zeros(len(index), np.bool_), 0, limit, ())


def _bind_by_place(index: FrameIndex, frame_us: Ints, packets: _Packets, by_place: Ints) -> FrameClock:
    has = by_place >= 0
    step = int(ticks_to_us(np.array([index.interval]))[0])
    if not packets.clock_ok or not has.any():
        stated = np.where(has, packets.t_us[by_place], NONE)
        zero = np.zeros(len(index), np.int64)
        unknown = np.full(len(index), _US, np.int64)
        return FrameClock("position", stated, by_place, zero, unknown, ~has, 0, _US, ())
    lead = offset_between(packets.t_us[by_place[has]], frame_us[has])
    t_us = frame_us + lead.median_us
    interval = _interval(np.sort(packets.t_us))
    limit = max(_tolerance(np.sort(packets.t_us), step), _US)
    residual = np.where(has, packets.t_us[by_place] - t_us, 0)
    row = np.where(has & (np.abs(residual) <= limit), by_place, NONE)
    uncertainty = np.full(len(index), interval + step + lead.spread_us, np.int64)
    residual = np.where(row >= 0, residual, 0)
    return FrameClock(
        "position", t_us, row, residual, uncertainty, np.zeros(len(index), np.bool_), 0, limit, ()
    )


def _time_line(
    frame_us: Ints, packets: _Packets, packet_us: Ints, rows: NDArray[np.intp]
) -> tuple[Ints, int]:
    """Times of the frames by the constant between metadata time and PTS, and the 95 % scatter about it."""
    if not packets.clock_ok:
        return np.full(len(frame_us), NONE, np.int64), _US
    line = offset_between(packets.t_us[rows], packet_us[rows])
    deviation = np.abs(packets.t_us[rows] - packet_us[rows] - line.median_us)
    return frame_us + line.median_us, int(np.quantile(deviation, 0.95))


def _take_nearest(values: Ints, order: NDArray[np.intp], wanted: Ints, limit: int) -> tuple[Ints, Ints]:
    near = order[nearest(values[order], wanted)]
    residual = values[near] - wanted
    taken = np.abs(residual) <= limit
    return np.where(taken, near, NONE).astype(np.int64), np.where(taken, residual, 0)


def _interval(ascending: Ints) -> int:
    gaps = np.diff(ascending)
    gaps = gaps[gaps > 0]
    return int(np.median(gaps)) if len(gaps) else 0


def _tolerance(ascending: Ints, step: int) -> int:
    """One and a half intervals of the metadata, at least one frame and 50 ms."""
    return max(_interval(ascending) * 3 // 2, step, _LEAST_TOLERANCE_US)


def _reported(clock: FrameClock, findings: list[Finding]) -> FrameClock:
    """The clock with what is to be said of it."""
    bound = clock.bound
    code = "FTG-056" if clock.method == "position" else "FTG-041"
    worst = int(np.abs(clock.residual_us).max(initial=0))
    findings.append(
        Finding(
            code,
            Severity.INFO,
            details={
                "bound": bound,
                "frames": len(clock.row),
                "method": clock.method.upper(),
                "tolerance_ms": clock.tolerance_us // 1000,
                "residual_us": worst,
            },
        )
    )
    if bound < len(clock.row):
        findings.append(Finding("FTG-044", Severity.WARNING, count=len(clock.row) - bound))
    return replace(clock, findings=tuple(findings))
