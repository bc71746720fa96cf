"""Visits of an area: each stay with its windows of entry and exit, and each entry that a gap leaves
possible."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.law.account.crossing_times import LineCrossings
from atalaya.law.account.path import Path
from atalaya.law.account.sweep import Sweep

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

Column = NDArray[Any]

NONE = -1
"""Where there is no such time: the record begins or ends inside, or no path crosses the line."""


@dataclass(frozen=True)
class Visits:
    """Stays inside the drawn line, and possible ones, in order of time; (k,) each, times in microseconds
    or -1.

    fixes: believed fixes inside; 0 for an entry that only a gap leaves possible
    entry_earliest_us, entry_latest_us, exit_earliest_us, exit_latest_us: the prisms' windows; of a possible
        entry the first and last moment at which it can have been inside, in both pairs
    entry_estimate_us, exit_estimate_us: at constant speed along the geodesic, an estimate only
    supported_s, minimum_s, maximum_s, estimate_s: seconds inside
    """

    fixes: Times
    entry_earliest_us: Times
    entry_latest_us: Times
    entry_estimate_us: Times
    exit_earliest_us: Times
    exit_latest_us: Times
    exit_estimate_us: Times
    supported_s: Floats
    minimum_s: Floats
    maximum_s: Floats
    estimate_s: Floats

    def __len__(self) -> int:
        return len(self.fixes)

    def as_json(self) -> list[dict[str, object]]:
        """One object per visit."""
        rows = zip(*(getattr(self, f.name).tolist() for f in fields(self)), strict=True)
        return [
            {f.name.removesuffix("_us"): _shown(f.name, v) for f, v in zip(fields(self), row, strict=True)}
            for row in rows
        ]


def _shown(name: str, value: float) -> object:
    if name.endswith("_us"):
        return None if value == NONE else iso(int(value))
    return round(value, 3)


class InsideTime:
    """Seconds inside along the estimated path, up to any time."""

    def __init__(self, crossings: LineCrossings, starts_inside: bool, start_us: int) -> None:
        self._times = np.concatenate(([start_us], crossings.t_us))
        state = np.concatenate(([starts_inside], crossings.entering)).astype(np.float64)
        self._state = state
        self._sum = np.concatenate(([0.0], np.cumsum(np.diff(self._times) * state[:-1]))) / 1e6

    def until(self, t_us: Times) -> Floats:
        """(k,) seconds from the start to each time."""
        row = np.searchsorted(self._times, t_us, side="right") - 1
        row = np.maximum(row, 0)
        seconds: Floats = self._sum[row] + (t_us - self._times[row]) * self._state[row] / 1e6
        return seconds


def visits_of(sweep: Sweep, path: Path, crossings: LineCrossings) -> Visits:
    """Join the runs, windows and possible entries of a sweep.

    A possible entry in the steps just before or after a stay is no visit of its own: it widens the stay's
    window.
    """
    inside_time = InsideTime(crossings, bool(sweep.first_depth_m > 0.0), int(path.t_us[0]))
    stays = _stays(sweep, path, crossings, inside_time)
    first_step, last_step, possible = _possible(sweep, path, inside_time)
    begins, ends = sweep.runs.first, sweep.runs.last
    alone = np.ones(len(first_step), np.bool_)
    for steps, edge, column, there in ((first_step, ends + 1, 5, ends), (last_step, begins - 2, 1, begins)):
        row = np.searchsorted(edge, steps)
        beside = (
            alone & (row < len(edge)) & (edge[np.minimum(row, len(edge) - 1)] == steps)
            if len(there)
            else ~alone
        )
        stays[column][row[beside]] = possible[column][beside]
        for amount in (9, 10):
            stays[amount][row[beside]] += possible[amount][beside]
        alone &= ~beside
    columns = [np.concatenate((mine, other[alone])) for mine, other in zip(stays, possible, strict=True)]
    order = np.argsort(np.where(columns[1] == NONE, path.start_us, columns[1]), kind="stable")
    return Visits(*(column[order] for column in columns))


def _stays(sweep: Sweep, path: Path, crossings: LineCrossings, inside_time: InsideTime) -> tuple[Column, ...]:
    runs, t = sweep.runs, path.t_us
    first, last = runs.first, runs.last
    number, earliest, latest, _ = sweep.flips.columns()
    entered, left = first > 0, last < len(path) - 1
    enter_row = np.searchsorted(number, first - 1)
    exit_row = np.searchsorted(number, last)
    entry0, entry1 = (_picked(part, enter_row, entered) for part in (earliest, latest))
    exit0, exit1 = (_picked(part, exit_row, left) for part in (earliest, latest))
    in0, in1 = np.where(entered, entry0, t[first]), np.where(entered, entry1, t[first])
    out0, out1 = np.where(left, exit0, t[last]), np.where(left, exit1, t[last])
    before = t[np.maximum(first - 1, 0)]
    after = t[np.minimum(last + 1, len(path) - 1)]
    supported, certain, whole = runs.seconds()
    return (
        last - first + 1,
        entry0,
        entry1,
        _estimates(crossings, first - 1, entered, final=True),
        exit0,
        exit1,
        _estimates(crossings, last, left, final=False),
        supported,
        certain + (t[first] - in1 + out0 - t[last]) / 1e6,
        whole + (t[first] - in0 + out1 - t[last]) / 1e6,
        inside_time.until(after) - inside_time.until(before),
    )


def _picked(values: Floats, row: NDArray[np.intp], there: NDArray[np.bool_]) -> Times:
    made = np.full(len(row), NONE, np.int64)
    made[there] = np.rint(values[row[there]]).astype(np.int64)
    return made


def _estimates(crossings: LineCrossings, step: Times, there: NDArray[np.bool_], *, final: bool) -> Times:
    """Time of the last (or first) crossing of each step."""
    made = np.full(len(step), NONE, np.int64)
    if final:
        row = np.searchsorted(crossings.step, step, side="right") - 1
    else:
        row = np.searchsorted(crossings.step, step, side="left")
    made[there] = crossings.t_us[row[there]]
    return made


def _possible(sweep: Sweep, path: Path, inside_time: InsideTime) -> tuple[Times, Times, tuple[Column, ...]]:
    """First and last step of each group of possible entries in steps that follow each other, and its
    columns."""
    number, earliest, latest, most = sweep.entries.columns()
    begin = np.flatnonzero(np.diff(number, prepend=-2) > 1)
    end = np.append(begin[1:], len(number)) - 1 if len(begin) else begin
    first = np.rint(earliest[begin]).astype(np.int64)
    final = np.rint(latest[end]).astype(np.int64)
    total = np.add.reduceat(most, begin) if len(begin) else np.empty(0)
    after, before = path.t_us[number[end] + 1], path.t_us[number[begin]]
    estimate = inside_time.until(after) - inside_time.until(before)
    none, zero = np.full(len(begin), NONE, np.int64), np.zeros(len(begin))
    columns = (
        np.zeros(len(begin), np.int64), first, final, none, first, final, none,
        zero, zero, np.maximum(total, estimate), estimate,
    )  # fmt: skip
    return number[begin], number[end], columns
