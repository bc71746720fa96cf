"""What is taken as impossible or odd in a track."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IntegrityLimits:
    """The thresholds, all of them.

    vmax_mps: highest speed over ground of any aircraft; a step that needs more is impossible
    time_slack_s: how far the times of two fixes may be off against each other (rounding, unstated age)
    max_age_s: how old a position may be
    moving_mps: ground speed from which a repeated place is a filled one
    mismatch_share, mismatch_mps, mismatch_s: displacement may differ from ground speed times dt by that share
        plus that speed, over steps no longer than that
    slow_mps, high_from_m, high_to_m: slower than that between these heights is odd
    not_after_us: the latest possible time, for example when the file was received; None for no limit
    """

    vmax_mps: float = 400.0
    time_slack_s: float = 1.0
    max_age_s: float = 15.0
    moving_mps: float = 2.0
    mismatch_share: float = 0.5
    mismatch_mps: float = 20.0
    mismatch_s: float = 10.0
    slow_mps: float = 40.0
    high_from_m: float = 7_600.0
    high_to_m: float = 17_000.0
    not_after_us: int | None = None
