"""Heat by the hour: what runs part of the day warms up quickly and cools down slowly."""

import math

WARM_H, COOL_H = 0.15, 0.6
"""Time constants of a small engine and its housing when it starts and after it stopped (assumed)."""

_HOUR_US = 3_600_000_000


def solar_hour(t_us: int, solar_offset_h: float) -> float:
    """Local mean solar time, hours from 0 to 24.

    Args:
        t_us: microseconds UTC since 1970. solar_offset_h: longitude / 15.
    """
    return (t_us % (24 * _HOUR_US) / _HOUR_US + solar_offset_h) % 24.0


def heat_share(on_h: tuple[float, float], hour: float) -> float:
    """Share of its full heat that something has which runs the same hours every day, 0 to 1.

    First-order warming and cooling in their periodic state, so that it is continuous over midnight.

    Args:
        on_h: from and to, local hours; 24 h or more apart is always. hour: asked for.
    """
    start, end = on_h
    runs_h = end - start
    if runs_h >= 24.0:
        return 1.0
    runs_h %= 24.0
    warmed, cooled = math.exp(-runs_h / WARM_H), math.exp(-(24.0 - runs_h) / COOL_H)
    at_start = (1.0 - warmed) * cooled / (1.0 - warmed * cooled)
    since_h = (hour - start) % 24.0
    if since_h < runs_h:
        return 1.0 - (1.0 - at_start) * math.exp(-since_h / WARM_H)
    at_end = 1.0 - (1.0 - at_start) * warmed
    return at_end * math.exp(-(since_h - runs_h) / COOL_H)
