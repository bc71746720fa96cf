"""What a time stamp counts: MISP time or UTC (ST 0603, ST 0601 items 2, 136 and 137).

Item 2 counts microseconds of the MISP time system, which has no leap seconds:
UTC = item 2 + item 137 - 1 000 000 x item 136. Many senders write POSIX time into item 2 all the same and
send no item 136. Without it the two readings differ by the leap seconds of the day, more than half a minute.
"""

from bisect import bisect_right
from enum import StrEnum
from typing import Final


class TimeBasis(StrEnum):
    """How a time stamp was read."""

    MISP = "misp"
    """Item 136 was there: leap seconds taken off, correction added."""
    ASSUMED_UTC = "assumed-utc"
    """No item 136: read as POSIX time; it may be late by `doubt_s`."""
    UTC = "utc"
    """The standard of the packet counts UTC (EG 0104)."""


_LEAPS: Final = (
    (0, 10),
    (78_796_800, 11),
    (94_694_400, 12),
    (126_230_400, 13),
    (157_766_400, 14),
    (189_302_400, 15),
    (220_924_800, 16),
    (252_460_800, 17),
    (283_996_800, 18),
    (315_532_800, 19),
    (362_793_600, 20),
    (394_329_600, 21),
    (425_865_600, 22),
    (489_024_000, 23),
    (567_993_600, 24),
    (631_152_000, 25),
    (662_688_000, 26),
    (709_948_800, 27),
    (741_484_800, 28),
    (773_020_800, 29),
    (820_454_400, 30),
    (867_715_200, 31),
    (915_148_800, 32),
    (1_136_073_600, 33),
    (1_230_768_000, 34),
    (1_341_100_800, 35),
    (1_435_708_800, 36),
    (1_483_228_800, 37),
)
"""POSIX second from which TAI is ahead of UTC by that many seconds (IERS Bulletin C, none since 2017)."""

_STARTS: Final = tuple(start for start, _ in _LEAPS)


def doubt_s(t_us: int) -> int:
    """Seconds between the two readings of a time stamp that comes without item 136."""
    return _LEAPS[max(0, bisect_right(_STARTS, t_us // 1_000_000) - 1)][1]


def utc_us(stamp_us: int, leap_seconds: int | None = None, correction_us: int = 0) -> tuple[int, TimeBasis]:
    """UTC microseconds of an ST 0601 time stamp, and how it was read.

    Args:
        stamp_us: item 2 as written.
        leap_seconds: item 136, None where the stream has none.
        correction_us: item 137, 0 where absent.
    """
    if leap_seconds is None:
        return stamp_us + correction_us, TimeBasis.ASSUMED_UTC
    return stamp_us + correction_us - 1_000_000 * leap_seconds, TimeBasis.MISP
