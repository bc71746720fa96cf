"""A yes, a no or an unknown that changes at certain times: a term of an authorisation over a sortie."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from atalaya.law.records.record import Span
from atalaya.law.records.stated import ALWAYS_US, InForce

Times = NDArray[np.int64]
Values = NDArray[np.uint8]


class Tri(IntEnum):
    """Kleene's three values, ordered so that "and" is the least and "or" the greatest."""

    NO = 0
    UNKNOWN = 1
    YES = 2


@dataclass(frozen=True)
class Steps:
    """A value over time: `value[i]` holds from `start_us[i]` until `start_us[i + 1]`, the last for ever.

    start_us: (n,) int64, increasing, the first `ALWAYS_US`. value: (n,) uint8 of `Tri`.
    """

    start_us: Times
    value: Values

    def at(self, t_us: Times) -> Values:
        """(m,) the value at each instant."""
        picked: Values = self.value[np.searchsorted(self.start_us, t_us, side="right") - 1]
        return picked


def constant(value: Tri) -> Steps:
    """The same at all times."""
    return Steps(np.array([ALWAYS_US], np.int64), np.array([value], np.uint8))


def of_span(span: Span) -> Steps:
    """When a stated span is in force; unknown where its stated times are not precise enough."""
    marks = {ALWAYS_US}
    for stated in (span.start, span.end):
        if stated is not None:
            marks |= {stated.earliest_us, stated.latest_us}
    times = sorted(marks)
    told = {InForce.NO: Tri.NO, InForce.INDETERMINATE: Tri.UNKNOWN, InForce.YES: Tri.YES}
    return Steps(np.array(times, np.int64), np.array([told[span.in_force(t)] for t in times], np.uint8))


def of_intervals(intervals: Iterable[tuple[int, int, Tri]], otherwise: Tri) -> Steps:
    """Values on intervals [start, end) in order and without overlap, `otherwise` around them."""
    times, values = [ALWAYS_US], [int(otherwise)]
    for start_us, end_us, value in intervals:
        if times[-1] == start_us:
            values[-1] = int(value)
        else:
            times.append(start_us)
            values.append(int(value))
        times.append(end_us)
        values.append(int(otherwise))
    return _tidy(np.array(times, np.int64), np.array(values, np.uint8))


def until(t_us: int, before: Tri, after: Tri) -> Steps:
    """One value before an instant, another from it on."""
    return Steps(np.array([ALWAYS_US, t_us], np.int64), np.array([before, after], np.uint8))


def of_runs(start_us: Times, value: Values) -> Steps:
    """Values that change at given times; the first holds before them too."""
    if not len(start_us):
        return constant(Tri.UNKNOWN)
    times = np.concatenate(([ALWAYS_US], start_us[1:]))
    return _tidy(times, value)


def all_of(steps: Iterable[Steps]) -> Steps:
    """Kleene "and" of several; yes where there are none."""
    given = list(steps)
    if not given:
        return constant(Tri.YES)
    times = np.unique(np.concatenate([each.start_us for each in given]))
    return _tidy(times, np.minimum.reduce([each.at(times) for each in given]))


def _tidy(times: Times, values: Values) -> Steps:
    """Without steps that change nothing or last no time (the later of two at one instant wins)."""
    last = np.append(times[1:] != times[:-1], True)
    times, values = times[last], values[last]
    changed = np.append(True, values[1:] != values[:-1])
    return Steps(times[changed], values[changed])
