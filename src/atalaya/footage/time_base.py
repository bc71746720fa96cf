"""From a stream's own count of time to UTC: which reading is chosen, and how far it may be off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.metadata import StreamMetadata
from atalaya.klv import timebase
from atalaya.klv.keys import Family
from atalaya.klv.timebase import TimeBasis
from atalaya.klv.values import State


@dataclass(frozen=True)
class TimeBase:
    """How time stamps become UTC.

    Args:
        basis: the reading chosen: MISP time with stated leap seconds, taken for UTC, or UTC by its standard.
        shift_us: added to a stamp to give UTC.
        doubt_s: how far UTC may be off because the stream does not say; 0 where it does.
    """

    basis: TimeBasis
    shift_us: int
    doubt_s: int

    def utc_us(self, stamp_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """UTC microseconds of stamps; negative (unknown) ones stay as they are."""
        return np.where(stamp_us >= 0, stamp_us + self.shift_us, stamp_us)


def time_base(main: StreamMetadata | None) -> TimeBase:
    """The reading of a stream's time stamps (ST 0601 items 136 and 137, ST 0603)."""
    if main is None or main.family is not Family.ST0601:
        return TimeBase(TimeBasis.UTC, 0, 0)
    leap = _first_value(main, "leap_seconds_s")
    correction = _first_value(main, "correction_offset_us")
    shift, basis = timebase.utc_us(0, leap, correction or 0)
    stamped = main.t_us[main.t_us >= 0]
    doubt = timebase.doubt_s(int(stamped[0])) if basis is TimeBasis.ASSUMED_UTC and len(stamped) else 0
    return TimeBase(basis, shift, doubt)


def _first_value(main: StreamMetadata, name: str) -> int | None:
    known = np.flatnonzero(main.states[name] == State.VALUE)
    return int(main.values[name][known[0]]) if len(known) else None
