"""From a stream's own count of time to UTC: which reading is chosen, and how far it may be off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import EARLIEST_US, LATEST_US
from atalaya.footage.metadata import StreamMetadata
from atalaya.klv import timebase
from atalaya.klv.keys import Family
from atalaya.klv.timebase import TimeBasis
from atalaya.klv.values import State

Ints = NDArray[np.int64]

STATED_FOR_US = 600_000_000
"""How far a stated number of leap seconds carries: senders repeat it within minutes, and another recording
glued behind this one has its own."""


@dataclass(frozen=True)
class TimeBase:
    """How time stamps become UTC.

    Args:
        basis: the reading of most packets: MISP time with stated leap seconds, taken for UTC, or UTC by the
            standard; None without metadata.
        shift_us: (n,) added to the stamp of each packet to give UTC.
        doubt_s: how far UTC may be off because some packets do not say; 0 where all do.
    """

    basis: TimeBasis | None
    shift_us: Ints
    doubt_s: int

    def utc_us(self, stamp_us: Ints, packet: Ints) -> Ints:
        """UTC microseconds of stamps by the packets they belong to; -1 for unknown and impossible ones.

        Args:
            stamp_us: (m,) negative where unknown. packet: (m,) row of the metadata packet, -1 where none.
        """
        usual = int(np.median(self.shift_us)) if len(self.shift_us) else 0
        shift = np.where(packet >= 0, self.shift_us[packet], usual) if len(self.shift_us) else usual
        t_us = stamp_us + shift
        possible = (stamp_us >= 0) & (t_us >= EARLIEST_US) & (t_us < LATEST_US)
        return np.where(possible, t_us, -1)


def time_base(main: StreamMetadata | None) -> TimeBase:
    """The reading of a stream's time stamps (ST 0601 items 136 and 137, ST 0603)."""
    if main is None:
        return TimeBase(None, np.zeros(0, np.int64), 0)
    if main.family is not Family.ST0601:
        return TimeBase(TimeBasis.UTC, np.zeros(len(main), np.int64), 0)
    leap, known = _carried(main, "leap_seconds_s")
    correction, _ = _carried(main, "correction_offset_us")
    unstated = main.t_us[~known & (main.t_us >= 0)]
    doubt = timebase.doubt_s(int(unstated[0])) if len(unstated) else 0
    basis = TimeBasis.MISP if 2 * int(known.sum()) > len(main) else TimeBasis.ASSUMED_UTC
    return TimeBase(basis, correction - 1_000_000 * leap, doubt)


def _carried(main: StreamMetadata, name: str) -> tuple[Ints, NDArray[np.bool_]]:
    """(n,) value of an item carried to the packets around it, 0 where none is near; and where one is."""
    said = np.flatnonzero(main.states[name] == State.VALUE)
    if not len(said):
        return np.zeros(len(main), np.int64), np.zeros(len(main), np.bool_)
    rows = np.arange(len(main))
    before = said[np.maximum(np.searchsorted(said, rows, side="right") - 1, 0)]
    near = np.abs(main.t_us - main.t_us[before]) <= STATED_FOR_US
    value = np.where(near, main.values[name][before], 0.0)
    return value.astype(np.int64), near
