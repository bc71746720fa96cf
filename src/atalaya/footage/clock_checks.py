"""Whether a clock deserves trust: calendar, rate against another clock, constant offset between two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import EARLIEST_US, LATEST_US

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

RATE_TOLERANCE = 0.01
"""Two clocks may differ by 1 % in rate before one of them is refused."""

US_PER_TICK = 100 / 9
"""Microseconds per 90 kHz tick."""


def ticks_to_us(ticks: Ints) -> Ints:
    """Microseconds of a number of 90 kHz ticks, rounded half up."""
    return np.asarray((ticks * 200 + 9) // 18, np.int64)


def calendar_share(t_us: Ints) -> float:
    """Share of times between 1990 and 2100; 0 for none."""
    if not len(t_us):
        return 0.0
    return float(np.mean((t_us >= EARLIEST_US) & (t_us < LATEST_US)))


def rate(clock_us: Ints, against_us: Ints) -> float:
    """Seconds of one clock per second of another, robustly (median slope over half the span); NaN if unknown.

    Both arrays (n,) in the order of `against_us`; fewer than three readings tell nothing.
    """
    half = len(clock_us) // 2
    if len(clock_us) < 3:
        return float("nan")
    steps = (against_us[half:] - against_us[: len(against_us) - half]).astype(np.float64)
    run = (clock_us[half:] - clock_us[: len(clock_us) - half]).astype(np.float64)
    moving = steps > 0
    return float(np.median(run[moving] / steps[moving])) if moving.any() else float("nan")


def runs_true(slope: float) -> bool:
    """Whether a rate is within 1 % of one; an unknown rate is not held against the clock."""
    return bool(np.isnan(slope)) or abs(slope - 1.0) <= RATE_TOLERANCE


@dataclass(frozen=True, slots=True)
class Offset:
    """One clock minus another.

    Args:
        median_us: the constant.
        spread_us: 1.4826 times the median deviation from it.
        n: readings.
    """

    median_us: int
    spread_us: int
    n: int


def offset_between(clock_us: Ints, other_us: Ints) -> Offset:
    """`clock_us - other_us` as a constant with its spread."""
    if not len(clock_us):
        return Offset(0, 0, 0)
    difference = clock_us - other_us
    middle = int(np.median(difference))
    spread = 1.4826 * float(np.median(np.abs(difference - middle)))
    return Offset(middle, round(spread), len(difference))


def nearest(sorted_values: Ints, wanted: Ints) -> NDArray[np.intp]:
    """Row of the nearest of some ascending values for each wanted one; the earlier of two equally near."""
    right = np.clip(np.searchsorted(sorted_values, wanted), 1, max(len(sorted_values) - 1, 1))
    right = np.minimum(right, len(sorted_values) - 1)
    left = np.maximum(right - 1, 0)
    earlier = wanted - sorted_values[left] <= sorted_values[right] - wanted
    rows: NDArray[np.intp] = np.where(earlier, left, right)
    return rows


def whole_epoch(offset_us: int) -> bool:
    """Whether a difference looks like two epochs (leap seconds between UTC, GPS and TAI) rather than a delay.

    GPS - UTC was 13 to 18 s since 1999, TAI - GPS is 19 s, TAI - UTC 29 to 37 s since 1994; nothing delays
    metadata by more than a minute.
    """
    seconds = abs(offset_us) / 1e6
    whole = round(seconds)
    near_whole = abs(seconds - whole) <= 0.05
    return seconds > 60.0 or (near_whole and (13 <= whole <= 19 or 29 <= whole <= 37))
