"""Standing of a track towards one State: a table of intervals that covers its whole time exactly once."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso

Times = NDArray[np.int64]
Bools = NDArray[np.bool_]
Standings = NDArray[np.uint8]


class Standing(IntEnum):
    """Where the aircraft stood towards a State, as far as position, layer and gaps allow to say."""

    CERTAIN_OUTSIDE = 0
    """Farther outside than the layer's bound and the position's radius together, or out of reach in a gap."""
    CERTAIN_INSIDE = 1
    """Deeper inside than both together, or unable to leave in a gap."""
    INDETERMINATE = 2
    """Fixes support the path, but it lies nearer to the line than the errors of position and layer."""
    POSSIBLE = 3
    """No fix says where it was, and the highest speed leaves both open."""
    NOT_CREDIBLE = 4
    """The record puts it inside, by fixes that cannot be believed."""

    @property
    def word(self) -> str:
        """As in JSON: `certain_inside`."""
        return self.name.lower()


@dataclass(frozen=True)
class Intervals:
    """Intervals without gap or overlap, in order.

    start_us, end_us: (k,) int64, end_us[i] == start_us[i + 1]
    standing: (k,) uint8 `Standing`
    supported: (k,) bool: fixes at most `gap_s` apart, or a gap too short for another answer
    """

    start_us: Times
    end_us: Times
    standing: Standings
    supported: Bools

    def __len__(self) -> int:
        return len(self.start_us)

    @property
    def total_us(self) -> int:
        """The whole time covered."""
        return int((self.end_us - self.start_us).sum())

    def seconds(self) -> dict[Standing, float]:
        """Seconds in each standing, zero included."""
        lengths = (self.end_us - self.start_us) / 1e6
        return {kind: float(lengths[self.standing == kind].sum()) for kind in Standing}

    def as_json(self) -> list[dict[str, object]]:
        """One object per interval."""
        return [
            {"start": iso(start), "end": iso(end), "standing": Standing(kind).word, "supported": supported}
            for start, end, kind, supported in zip(
                self.start_us.tolist(),
                self.end_us.tolist(),
                self.standing.tolist(),
                self.supported.tolist(),
                strict=True,
            )
        ]


@dataclass(frozen=True)
class Pieces:
    """Pieces on their way to `Intervals`: the same columns, in any order, some of them empty."""

    start_us: Times
    end_us: Times
    standing: Standings
    supported: Bools


def pieces(
    start: NDArray[np.generic], end: NDArray[np.generic], standing: object, supported: object
) -> Pieces:
    """Pieces from arrays (times in microseconds, rounded) and values that broadcast."""
    first, last = (np.rint(part.astype(np.float64)).astype(np.int64) for part in (start, end))
    kinds = np.broadcast_to(np.asarray(standing, np.uint8), first.shape)
    held = np.broadcast_to(np.asarray(supported, np.bool_), first.shape)
    return Pieces(first, last, kinds, held)


def joined(parts: list[Pieces], start_us: int, end_us: int) -> Intervals:
    """All pieces as one table over [start_us, end_us]; equal neighbours become one.

    The pieces must tile that time; each piece ends where the next begins.
    """
    start = np.concatenate([part.start_us for part in parts])
    end = np.concatenate([part.end_us for part in parts])
    standing = np.concatenate([part.standing for part in parts])
    supported = np.concatenate([part.supported for part in parts])
    some = end > start
    order = np.flatnonzero(some)[np.argsort(start[some], kind="stable")]
    if not len(order):  # a track of one fix: an instant
        first = np.argsort(start, kind="stable")[:1]
        return Intervals(np.array([start_us]), np.array([end_us]), standing[first], supported[first])
    start, standing, supported = start[order], standing[order], supported[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (standing[1:] != standing[:-1]) | (supported[1:] != supported[:-1])
    start = start[new]
    start[0] = start_us
    return Intervals(start, np.append(start[1:], end_us), standing[new], supported[new])


def overlaid(intervals: Intervals, start_us: Times, end_us: Times) -> Intervals:
    """The same table with `NOT_CREDIBLE` over the given disjoint spans where it said outside or possible."""
    if not len(start_us):
        return intervals
    whole = (intervals.start_us[0], intervals.end_us[-1])
    cuts = np.unique(np.concatenate((intervals.start_us, np.clip(start_us, *whole), np.clip(end_us, *whole))))
    cuts = cuts[cuts < whole[1]]
    row = np.searchsorted(intervals.start_us, cuts, side="right") - 1
    span = np.searchsorted(start_us, cuts, side="right") - 1
    within = (span >= 0) & (cuts < end_us[np.maximum(span, 0)])
    standing, supported = intervals.standing[row].copy(), intervals.supported[row].copy()
    weak = np.isin(standing, (Standing.CERTAIN_OUTSIDE, Standing.POSSIBLE))
    standing[within & weak], supported[within & weak] = Standing.NOT_CREDIBLE, False
    part = Pieces(cuts, np.append(cuts[1:], whole[1]), standing, supported)
    return joined([part], int(whole[0]), int(whole[1]))
