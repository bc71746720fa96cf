"""Hypotheses: part of each packet is older than the rest of it.

The residual of a lag follows the rate of change of what lags, so that a shift in time removes it. A turn at a
constant rate looks like a constant bias: what a bias explains as well is left to it.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.audit.judge import FALL, MATERIAL_DEG, Fall, fall, middle, spread
from atalaya.footage.audit.report import Proposal
from atalaya.footage.audit.sighting import residual
from atalaya.footage.audit.split import Split, seconds
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]

_POSITION = ("sensor_lon_deg", "sensor_lat_deg", "sensor_height_m")
_ATTITUDE = ("heading_true_deg", "pitch_deg", "roll_deg")
_GIMBAL = ("rel_azimuth_deg", "rel_elevation_deg", "rel_roll_deg")
_TARGET = (
    *("centre_lon_deg", "centre_lat_deg", "centre_height_m", "slant_m", "ground_width_m"),
    *("corner_lon_deg", "corner_lat_deg"),
)
GROUPS: dict[str, tuple[str, ...]] = {
    "AUD-040": _POSITION,
    "AUD-041": _ATTITUDE,
    "AUD-042": _GIMBAL,
    "AUD-043": _ATTITUDE + _GIMBAL,
    "AUD-044": _TARGET,
}
"""Columns that come from one source and therefore lag together, by the code of the finding."""

_CIRCLE = {
    "sensor_lon_deg": 360.0,
    "heading_true_deg": 360.0,
    "rel_azimuth_deg": 360.0,
    "rel_roll_deg": 360.0,
    "centre_lon_deg": 360.0,
    "corner_lon_deg": 360.0,
}
_LONGEST_S, _LEAST_S, _SHORTEST_CLIP_S = 10.0, 0.2, 4.0
_FEWEST, _MOST, _STEPS = 16, 400, 40
_SLOW_ROWS = 1.5
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class TimeShift:
    """Take the columns of a group from `lag_s` seconds later, interpolated; NaN past either end."""

    group: str
    lag_s: float

    def apply(self, track: SensorTrack) -> SensorTrack:
        """The track with that group moved in time."""
        return _Resampler(track).shifted(self.group, self.lag_s, np.arange(len(track)))


class _Resampler:
    """Reads columns of a track at other times, angles the short way round."""

    def __init__(self, track: SensorTrack) -> None:
        self.track = track
        self._known: dict[tuple[str, int], tuple[Floats, Floats]] = {}

    @cached_property
    def _clock(self) -> Floats:
        return seconds(self.track)

    def shifted(self, group: str, lag_s: float, rows: NDArray[np.intp]) -> SensorTrack:
        """The given rows, the group's columns read `lag_s` later."""
        at = self._clock[rows] + lag_s
        part = self.track.take(rows)
        moved = {name: self._read(name, at) for name in GROUPS[group]}
        return replace(part, **moved)  # type: ignore[arg-type]

    def _read(self, name: str, at: Floats) -> Floats:
        values: Floats = getattr(self.track, name)
        if values.ndim == 1:
            return self._series(name, 0, values, at)
        return np.stack([self._series(name, k, values[:, k], at) for k in range(values.shape[1])], axis=-1)

    def _series(self, name: str, index: int, values: Floats, at: Floats) -> Floats:
        if (name, index) not in self._known:
            self._known[name, index] = self._ordered(values, _CIRCLE.get(name))
        clock, known = self._known[name, index]
        if len(clock) < 2:
            return np.full(len(at), np.nan)
        read = np.asarray(np.interp(at, clock, known, left=np.nan, right=np.nan), np.float64)
        return read % 360.0 if name in ("heading_true_deg", "rel_azimuth_deg", "rel_roll_deg") else read

    def _ordered(self, values: Floats, circle: float | None) -> tuple[Floats, Floats]:
        use = np.flatnonzero(np.isfinite(values))
        clock, first = np.unique(self._clock[use], return_index=True)
        known = values[use][first]
        return clock, np.unwrap(known, period=circle) if circle and len(known) else known


@dataclass(frozen=True)
class _Tried:
    code: str
    lag_s: float
    proof: Fall
    score: float
    biased: bool


def find_lag(track: SensorTrack, split: Split) -> Proposal | None:
    """The group of columns and the time by which it is late, if a shift in time explains the residual."""
    clock = seconds(track)
    lasted = float(np.ptp(clock[split.rows]))
    before = residual(track.take(split.rows))
    if len(split.rows) < _FEWEST or lasted < _SHORTEST_CLIP_S or not spread(before.off_deg) >= MATERIAL_DEG:
        return None
    resampler = _Resampler(track)
    still = _off(resampler, "AUD-040", 0.0, split.rows, np.arange(len(split.rows)))
    if not spread(still) >= MATERIAL_DEG / 2.0:
        return None  # constant errors explain it all
    fit, accept = np.searchsorted(split.rows, split.fit), np.searchsorted(split.rows, split.accept)
    step = middle(np.diff(clock))
    grid = _grid(min(_LONGEST_S, lasted / 4.0), step)
    tried = []
    for code in GROUPS:
        for biased in (False, True):
            lag = _best_lag(resampler, code, split, grid, biased)
            after = _off(resampler, code, lag, split.rows, fit if biased else None)
            first = _off(resampler, code, 0.0, split.rows, fit if biased else None)
            proof = fall((first[fit], first[accept]), (after[fit], after[accept]), 1, 2 * len(GROUPS))
            tried.append(_Tried(code, lag, proof, max(spread(after[fit]), spread(after[accept])), biased))
    still = _off(resampler, "AUD-040", 0.0, split.rows, fit)
    constant = max(spread(still[fit]), spread(still[accept]))
    least = {code: max(_LEAST_S, 0.7 * step, step * _hold(track, code)) for code in GROUPS}
    chosen = _chosen(tried, constant, least)
    return _proposal(chosen, split) if chosen else None


def _chosen(tried: list[_Tried], constant: float, least_s: dict[str, float]) -> _Tried | None:
    """A shift alone must beat constant biases; a shift beside them must bring a five-fold fall of its own."""
    passed = [
        one
        for one in tried
        if one.proof.enough
        and abs(one.lag_s) >= least_s[one.code]
        and one.proof.accept_before >= MATERIAL_DEG
        and one.score * (FALL if one.biased else 1.0) <= constant
    ]
    if not passed:
        return None
    alone = [one for one in passed if not one.biased]
    best = min(alone or passed, key=lambda one: one.score)
    beside = min((one for one in passed if one.biased), key=lambda one: one.score, default=best)
    return beside if beside.score * FALL <= best.score else best


def _hold(track: SensorTrack, code: str) -> float:
    """Rows for which the group's first column keeps a value, 0 for one: half of that it is late anyway."""
    values: Floats = getattr(track, GROUPS[code][0])
    changes = np.count_nonzero(np.diff(values[np.isfinite(values)]))
    held = len(values) / changes if changes else 0.0
    return held if held >= _SLOW_ROWS else 0.0


def _grid(longest_s: float, step_s: float) -> Floats:
    """Lags to try: as fine as the packets near zero, coarser where that would be too many."""
    fine = max(step_s / 2.0, longest_s / _STEPS)
    count = int(longest_s / fine)
    return np.asarray(np.arange(-count, count + 1) * fine, np.float64)


def _off(
    resampler: _Resampler,
    code: str,
    lag_s: float,
    rows: NDArray[np.intp],
    centred_on: NDArray[np.intp] | None,
) -> Floats:
    """(n,) degrees between the lines of sight; without the constant parts found on given rows."""
    left = residual(resampler.shifted(code, lag_s, rows))
    if centred_on is None:
        return left.off_deg
    across = left.across_deg - middle(left.across_deg[centred_on])
    along = left.along_deg - middle(left.along_deg[centred_on])
    return np.asarray(np.hypot(across, along), np.float64)


def _best_lag(resampler: _Resampler, code: str, split: Split, grid: Floats, biased: bool) -> float:
    """The lag of the smallest residual on the rows to fit on: best of the grid, then golden section."""
    rows = split.fit[:: -(-len(split.fit) // _MOST)]
    centred = np.arange(len(rows)) if biased else None

    def score(lag_s: float) -> float:
        return spread(_off(resampler, code, lag_s, rows, centred))

    scores = [score(float(lag)) for lag in grid]
    best = int(np.argmin(scores))
    width = float(grid[1] - grid[0])
    low, high = float(grid[best]) - width, float(grid[best]) + width
    for _ in range(14):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        low, high = (low, right) if score(left) <= score(right) else (left, high)
    return (low + high) / 2.0


def _proposal(best: _Tried, split: Split) -> Proposal:
    proof = best.proof
    return Proposal(
        best.code,
        TimeShift(best.code, best.lag_s),
        {
            "lag_s": round(best.lag_s, 4),
            "columns": ", ".join(GROUPS[best.code]),
            "residual_before_deg": round(proof.accept_before, 5),
            "residual_after_deg": round(proof.accept_after, 5),
            "log_likelihood_ratio": round(proof.log_likelihood_ratio, 2),
            "fitted_on": split.fitted,
            "accepted_on": split.accepted,
            "samples": len(split.rows),
        },
        {"lag": f"{best.lag_s:.2f}"},
    )
