"""Packets that never arrived: holes in the metadata of a sender that otherwise keeps its beat."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.base.language import figure

_FEWEST = 50
_AT_ONCE = 0.5
"""Share of steps that must be the usual one."""

_ON_BEAT, _NEAR = 0.98, 0.15
"""Share of steps that must be whole multiples of the usual one, and how near, in usual steps."""

_LONGEST_US = 600_000_000
"""A longer pause is another recording (FTG-085)."""


def lost_packets(t_us: NDArray[np.int64]) -> list[Finding]:
    """One finding where packets are missing, none where the sender keeps no beat to miss them in.

    Args:
        t_us: (n,) times of the packets in order, -1 where unknown.
    """
    step = np.diff(t_us[t_us >= 0])
    step = step[(step > 0) & (step < _LONGEST_US)]
    if len(step) < _FEWEST:
        return []
    usual = float(np.median(step))
    beats = np.rint(step / usual)
    on_beat = np.abs(step / usual - beats) <= _NEAR
    if (beats == 1).mean() < _AT_ONCE or on_beat.mean() < _ON_BEAT:
        return []
    holes = on_beat & (beats > 1)
    if not holes.any():
        return []
    details: dict[str, object] = {
        "holes": int(holes.sum()),
        "rate": figure(1e6 / usual),
        "longest": figure(float(step[holes].max()) / 1e6),
    }
    return [Finding("FTG-088", Severity.WARNING, int((beats[holes] - 1).sum()), details=details)]
