"""What may be believed of a track: flags per fix, runs that are quarantined whole, and why.

A position is no observation where it is impossible, out of time, older than it may be, or a repeat of the
last
one while the aircraft moves. Where the step between two fixes needs more than the highest possible speed, the
track falls into runs. The heaviest chain of runs that one aircraft can fly is believed; every other run,
lying between two impossible steps (or beyond one), is quarantined whole. Fixes whose speed fits neither their
displacement nor their height weigh next to nothing. Nothing is deleted.
"""

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.earth.track import kernels
from atalaya.earth.track.integrity_limits import IntegrityLimits
from atalaya.earth.track.track import Track

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LONGEST_LOOK = 1 << 24
"""Pairs of runs that are compared at most, so that a hostile file costs seconds, not hours."""

MISMATCH_WEIGHT, SLOW_WEIGHT = 1e-3, -1e-3
"""What a fix counts in a run's weight when its speed does not fit its displacement, or its height: a run
of the second kind is believed only where there is nothing else."""


class Flag(IntFlag):
    """What is odd about a fix."""

    IMPOSSIBLE = kernels.IMPOSSIBLE
    """Not a number, off the globe, or exactly 0, 0."""
    TIME_ORDER = kernels.TIME_ORDER
    """Its time is not later than that of the fix before, and the place is another."""
    FUTURE = kernels.FUTURE
    """Later than the caller says it can be."""
    SPEED = kernels.SPEED
    """It cannot be reached from the fix before at the highest speed."""
    FROZEN = kernels.FROZEN
    """The same place for longer than a position may age, while ground speed says motion."""
    STALE = kernels.STALE
    """Its position was older than it may be when recorded."""
    MISMATCH = kernels.MISMATCH
    """Ground speed and displacement disagree."""
    SLOW_AT_HEIGHT = kernels.SLOW_AT_HEIGHT
    """Too slow for the height it states."""
    NO_INTEGRITY = kernels.NO_INTEGRITY
    """The source states no position error."""
    REPEATED = kernels.REPEATED
    """The position of the fix before, filled forward."""
    QUARANTINED = kernels.QUARANTINED
    """In a run between impossible steps."""


UNBELIEVED = Flag(kernels.UNUSABLE | kernels.QUARANTINED)
"""A fix with any of these is no observation of where the aircraft was."""


@dataclass(frozen=True)
class Runs:
    """Runs of rows that are quarantined.

    first, last: (k,) row numbers, both included
    start_us, end_us: (k,) times of those rows
    step_in_m, step_out_m: (k,) lengths of the impossible steps into and out of it; NaN at the track's ends
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    step_in_m: Floats
    step_out_m: Floats

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Integrity:
    """The judgement of a track.

    flags: (n,) uint16, sums of `Flag`
    credible: (n,) bool, an observation of where the aircraft was
    runs: quarantined runs
    limits: the thresholds used
    """

    flags: NDArray[np.uint16]
    credible: Bools
    runs: Runs
    limits: IntegrityLimits

    def counts(self) -> dict[str, int]:
        """How many fixes carry each flag, by its name in lower case; flags nobody carries are left out."""
        found = {flag.name or "": int((self.flags & flag.value != 0).sum()) for flag in Flag}
        return {name.lower(): count for name, count in found.items() if count}

    def as_json(self) -> dict[str, object]:
        """Counts, quarantined runs and thresholds."""
        runs = [
            {"start": iso(int(start)), "end": iso(int(end)), "fixes": int(last - first + 1)}
            for start, end, first, last in zip(
                self.runs.start_us, self.runs.end_us, self.runs.first, self.runs.last, strict=True
            )
        ]
        return {
            "fixes": len(self.flags),
            "credible": int(self.credible.sum()),
            "flags": self.counts(),
            "quarantined_runs": runs,
            "vmax_mps": self.limits.vmax_mps,
            "max_age_s": self.limits.max_age_s,
        }


def integrity_of(track: Track, limits: IntegrityLimits | None = None) -> Integrity:
    """Judge every fix of a track.

    Sources: note on position integrity of the flight data; RTCA DO-260B for what a missing category means.
    """
    limits = limits or IntegrityLimits()
    fix_us = track.fix_t_us
    latest = np.iinfo(np.int64).max if limits.not_after_us is None else limits.not_after_us
    flags = kernels.flag_fixes(
        fix_us, track.lon_deg, track.lat_deg, track.ground_speed_mps, track.position_age_s,
        _any_height(track),
        track.containment_m, latest, limits.vmax_mps, limits.time_slack_s, limits.max_age_s,
        limits.moving_mps, limits.mismatch_share, limits.mismatch_mps, limits.mismatch_s,
        limits.slow_mps, limits.high_from_m, limits.high_to_m,
    )  # fmt: skip
    runs = _quarantine(track, fix_us, flags, limits)
    return Integrity(flags, flags & UNBELIEVED.value == 0, runs, limits)


def _any_height(track: Track) -> Floats:
    """Pressure altitude where there is one, else a geometric height: only to tell high from low."""
    heights = (track.height_pressure_m, track.height_hae_m, track.height_msl_m)
    present = [height for height in heights if height.strides != (0,)]
    if not present:
        return track.height_pressure_m
    found = present[0]
    for other in present[1:]:
        missing = ~np.isfinite(found)
        if not missing.any():
            break
        found = np.where(missing, other, found)
    return found


def _quarantine(
    track: Track, fix_us: NDArray[np.int64], flags: NDArray[np.uint16], limits: IntegrityLimits
) -> Runs:
    jumps = np.flatnonzero(flags & Flag.SPEED.value)
    if not len(jumps):
        none = np.empty(0, np.int64)
        return Runs(none, none, none, none, np.empty(0), np.empty(0))
    usable = np.flatnonzero(flags & kernels.UNUSABLE == 0)
    begins = np.unique(np.concatenate((usable[:1], jumps, _thawed(track, usable, flags, limits))))
    ends = np.append(usable[np.searchsorted(usable, begins[1:]) - 1], usable[-1])
    slow, odd = (flags[usable] & flag.value != 0 for flag in (Flag.SLOW_AT_HEIGHT, Flag.MISMATCH))
    weight = np.where(slow, SLOW_WEIGHT, np.where(odd, MISMATCH_WEIGHT, 1.0))
    weighed = np.concatenate(([0.0], np.cumsum(weight)))
    place = np.append(np.searchsorted(usable, begins), len(usable))
    look_back = max(64, LONGEST_LOOK // len(begins))
    chosen = kernels.heaviest_chain(
        begins, ends, np.diff(weighed[place]), fix_us, track.lon_deg, track.lat_deg,
        limits.vmax_mps, limits.time_slack_s, look_back,
    )  # fmt: skip
    bounds = np.append(begins, len(flags))
    bounds[0] = 0
    dropped = np.flatnonzero(~chosen)
    for run in dropped:
        flags[bounds[run] : bounds[run + 1]] |= Flag.QUARANTINED.value
    return _joined(track, dropped, bounds, begins, ends)


def _thawed(
    track: Track, usable: NDArray[np.intp], flags: NDArray[np.uint16], limits: IntegrityLimits
) -> NDArray[np.intp]:
    """Fixes at which a place held too long gives way to one that the record cannot have reached in that step.

    The time it was held may make the step possible, so it is no impossible step; a run may begin there all
    the same, as a false position often does when the true one is lost.
    """
    after = usable[usable > 0]
    held = after[flags[after - 1] & (Flag.FROZEN.value | Flag.STALE.value) != 0]
    reach = limits.vmax_mps * ((track.t_us[held] - track.t_us[held - 1]) * 1e-6 + limits.time_slack_s)
    lon, lat = track.lon_deg, track.lat_deg
    went = kernels.pairs_m(lon[held - 1], lat[held - 1], lon[held], lat[held])
    thawed: NDArray[np.intp] = held[went > reach]
    return thawed


def _joined(
    track: Track,
    dropped: NDArray[np.intp],
    bounds: NDArray[np.int64],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> Runs:
    """Neighbouring quarantined runs as one, with the steps that bound it."""
    new = np.flatnonzero(np.diff(dropped, prepend=-2) > 1)
    from_run, to_run = dropped[new], dropped[np.append(new[1:], len(dropped)) - 1]
    first, last = bounds[from_run], bounds[to_run + 1] - 1

    def step(before: NDArray[np.int64], after: NDArray[np.int64]) -> Floats:
        lon, lat = track.lon_deg, track.lat_deg
        metres: Floats = kernels.pairs_m(lon[before], lat[before], lon[after], lat[after])
        return metres

    step_in = np.where(from_run > 0, step(ends[np.maximum(from_run - 1, 0)], begins[from_run]), np.nan)
    nothing_after = to_run + 1 >= len(begins)
    after = begins[np.minimum(to_run + 1, len(begins) - 1)]
    step_out = np.where(nothing_after, np.nan, step(ends[to_run], after))
    return Runs(first, last, track.t_us[first], track.t_us[last], step_in, step_out)
