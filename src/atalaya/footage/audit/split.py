"""Which rows a hypothesis is fitted on and on which others it has to prove itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.sensor_track import SensorTrack

Rows = NDArray[np.intp]

WINDOW_S = 30.0
_ROWS_PER_WINDOW = 150
_WINDOWS_PER_SIDE = 30
_BLOCKS = 8
_FEWEST, _SHARE = 4, 0.2


@dataclass(frozen=True)
class Split:
    """Row numbers to fit on and to accept on, disjoint and in time order, and what they are in words."""

    fit: Rows
    accept: Rows
    fitted: str
    accepted: str

    @property
    def rows(self) -> Rows:
        """Both sides together, in time order."""
        return np.union1d(self.fit, self.accept)


def usable_rows(track: SensorTrack) -> Rows:
    """Rows that state sensor place, frame centre and gimbal angles, and the rest where most of them do.

    A hypothesis may need attitude or ground level: rows without are left out, unless hardly any row has it.
    """
    needed = (
        track.sensor_lon_deg,
        track.sensor_lat_deg,
        track.sensor_height_m,
        track.centre_lon_deg,
        track.centre_lat_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
    )
    use = np.isfinite(sum(needed))
    level = np.isfinite(track.centre_height_m) | np.isfinite(track.slant_m)
    attitude = np.isfinite(track.heading_true_deg + track.pitch_deg + track.roll_deg)
    for wish in (level, attitude, np.isfinite(track.centre_height_m), np.isfinite(track.slant_m)):
        if (use & wish).sum() >= max(_FEWEST, _SHARE * use.sum()):
            use = use & wish
    return np.flatnonzero(use)


def seconds(track: SensorTrack) -> NDArray[np.float64]:
    """(n,) seconds since the first row."""
    if not len(track):
        return np.empty(0)
    return np.asarray((track.t_us - track.t_us[0]) / 1e6, np.float64)


def split_rows(track: SensorTrack, rows: Rows) -> Split | None:
    """Alternate 30 s windows of a track of four minutes and more, else eighths, of a very short one samples.

    Returns None when there are fewer than four rows: nothing could be proved on them.
    """
    if len(rows) < _FEWEST:
        return None
    clock = seconds(track)[rows]
    clock = clock - clock[0]
    # of fewer windows one side may hold all that happens: a turn, the start of an orbit
    if clock.max() > 0.0 and clock.max() >= _BLOCKS * WINDOW_S:
        number = np.floor_divide(clock, WINDOW_S).astype(np.intp)
        fit, accept = (_thinned(rows, number, side) for side in (0, 1))
        if min(len(fit), len(accept)) >= 2:
            return Split(
                fit, accept, f"every even {WINDOW_S:.0f} s window", f"every odd {WINDOW_S:.0f} s window"
            )
    if len(rows) >= 2 * _BLOCKS:
        block = np.arange(len(rows)) * _BLOCKS // len(rows)
        fit, accept = (_thinned(rows, block, side) for side in (0, 1))
        words = [f"{which} eighths of {clock[-1]:.3g} s" for which in ("odd", "even")]
        return Split(fit, accept, *words)
    return Split(rows[::2], rows[1::2], "odd samples", "even samples")


def _thinned(rows: Rows, number: Rows, side: int) -> Rows:
    """At most so many windows of one parity, at most so many rows of each."""
    windows = np.unique(number[number % 2 == side])
    if len(windows) > _WINDOWS_PER_SIDE:
        windows = windows[np.linspace(0, len(windows) - 1, _WINDOWS_PER_SIDE).astype(np.intp)]
    kept = []
    for window in windows:
        inside = rows[number == window]
        step = -(-len(inside) // _ROWS_PER_WINDOW)
        kept.append(inside[::step])
    return np.concatenate(kept) if kept else np.empty(0, np.intp)
