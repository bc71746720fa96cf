"""One pass over a path for one area: everything the results are made of, chunk by chunk, in bounded
memory."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atalaya.law.account import kernels
from atalaya.law.account.bounds import stretches
from atalaya.law.account.collected import Runs, Steps
from atalaya.law.account.crossing_times import LineCrossings, crossed
from atalaya.law.account.depths import Stretch, deepest, depth_ranges
from atalaya.law.account.ellipse import reachable
from atalaya.law.account.intervals import Pieces, Standing, pieces
from atalaya.law.account.options import AccountOptions
from atalaya.law.account.path import Path
from atalaya.law.account.port import Index
from atalaya.law.account.prism import least_inside_s, most_inside_s, window
from atalaya.law.account.walk import walked

Floats = NDArray[np.float64]


@dataclass
class Sweep:
    """What one pass found; numbers of fixes and steps are those of the path.

    fixes_inside, first_inside, last_inside: of the drawn line. first_depth_m, last_depth_m: of the path's
        ends
    flips: steps with one end inside, windows of the crossing, seconds 0. entries: possible entries between
        two fixes outside, with the most seconds inside. deepest_at: fix, -1 for none
    bands: datum -> (lowest, highest, fixes). bounds_m: of the layer, stretch by stretch
    """

    index: Index
    area: int
    pieces: list[Pieces] = field(default_factory=list)
    runs: Runs = field(default_factory=Runs)
    flips: Steps = field(default_factory=Steps)
    entries: Steps = field(default_factory=Steps)
    crossings: list[LineCrossings] = field(default_factory=list)
    fixes_inside: int = 0
    deepest_at: int = -1
    deepest_m: float = 0.0
    nearest_m: float = np.inf
    first_depth_m: float = np.nan
    last_depth_m: float = np.nan
    bands: dict[str, tuple[float, float, int]] = field(default_factory=dict)
    bounds_m: list[float] = field(default_factory=list)


def swept(index: Index, area: int, path: Path, options: AccountOptions) -> Sweep:
    """Go over a path once."""
    sweep = Sweep(index, area)
    for part, bound in stretches(index, area, path):
        steps = slice(part.start, part.stop - 1)
        stretch = Stretch(
            path.lon_deg[part], path.lat_deg[part], path.radius_m[part], path.dt_s[steps], path.step_m[steps]
        )
        lower, upper = depth_ranges(index, area, stretch, path.speed_mps, bound, options.gap_s)
        inside, code, mark = kernels.survey(
            lower, upper, stretch.step_m, stretch.dt_s, path.speed_mps, stretch.radius_m, bound, options.gap_s
        )
        sweep.bounds_m.append(bound)
        chunk = _Chunk(sweep, path, options, part.start, bound, stretch, lower, upper, inside, code, mark)
        chunk.take_line()
        chunk.take_standing()
        chunk.take_fixes(last=part.stop == len(path))
    return sweep


@dataclass
class _Chunk:
    sweep: Sweep
    path: Path
    options: AccountOptions
    offset: int
    bound_m: float
    stretch: Stretch
    lower: Floats
    upper: Floats
    inside: NDArray[np.bool_]
    code: NDArray[np.uint8]
    mark: NDArray[np.uint8]

    def take_line(self) -> None:
        """Everything about the drawn line: crossings, windows, runs."""
        if not self.mark.any() and not self.inside.any():
            return
        if self.inside.any():
            self._runs()
        if not self.mark.any():
            return
        may = np.flatnonzero(self.mark & kernels.MAY_CROSS)
        middle = (self.lower + self.upper) / 2
        found = crossed(
            self.sweep.index, self.sweep.area, self.path, may + self.offset, middle[may], middle[may + 1]
        )
        self.sweep.crossings.append(found)
        self._windows(np.flatnonzero(self.mark & kernels.FLIP))
        self._hidden_entries(np.flatnonzero(self.mark & kernels.HIDDEN_ENTRY), found)

    def _ends(self, number: NDArray[np.intp], less_m: float) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Times, reduced distances and speed of steps: t1, t2, d1, d2, v."""
        t = self.path.t_us
        first, second = number + self.offset, number + self.offset + 1
        d1, d2 = (
            np.maximum(
                0.0,
                np.where(self.inside[at], self.lower[at], -self.upper[at])
                - self.stretch.radius_m[at]
                - less_m,
            )
            for at in (number, number + 1)
        )
        dt = self.stretch.dt_s[number]
        speed = np.maximum(self.path.speed_mps, self.stretch.step_m[number] * kernels.LONGER / dt)
        return t[first].astype(np.float64), t[second].astype(np.float64), d1, d2, speed

    def _windows(self, flips: NDArray[np.intp]) -> None:
        if len(flips):
            t1, t2, d1, d2, speed = self._ends(flips, 0.0)
            opened = window(t1, t2, d1, d2, speed)
            self.sweep.flips.add(
                flips + self.offset, opened.earliest_us, opened.latest_us, np.zeros(len(flips))
            )

    def _hidden_entries(self, steps: NDArray[np.intp], found: LineCrossings) -> None:
        """Steps with both ends outside whose prism meets the area."""
        if not len(steps):
            return
        t1, t2, d1, d2, speed = self._ends(steps, 0.0)
        met = np.isin(steps + self.offset, found.step) | self._reaches(steps, t1, t2, speed, 0.0)
        steps = steps[met]
        t1, t2, d1, d2, speed = (part[met] for part in (t1, t2, d1, d2, speed))
        most = most_inside_s((t2 - t1) / 1e6, d1, d2, speed)
        opened = window(t1, t2, d1, d2, speed)
        self.sweep.entries.add(steps + self.offset, opened.earliest_us, opened.latest_us, most)

    def _reaches(
        self, steps: NDArray[np.intp], t1: Floats, t2: Floats, speed: Floats, bound_m: float
    ) -> NDArray[np.bool_]:
        radius = self.stretch.radius_m
        allowed = speed * (t2 - t1) / 1e6 + radius[steps] + radius[steps + 1] + 2.0 * bound_m
        lon, lat = self.stretch.lon_deg, self.stretch.lat_deg
        return reachable(
            self.sweep.index, self.sweep.area, (lon[steps], lat[steps]), (lon[steps + 1], lat[steps + 1]),
            allowed, -self.upper[steps], -self.upper[steps + 1],
        )  # fmt: skip

    def _runs(self) -> None:
        edges = np.flatnonzero(np.diff(np.concatenate(([False], self.inside, [False])).view(np.int8)))
        first, last = edges[::2], edges[1::2] - 1
        sums = [np.empty(len(first)) for _ in range(3)]
        kernels.sum_runs(self.inside, self.mark, self.stretch.dt_s, self.options.gap_s, first, *sums)
        hidden = np.flatnonzero(self.mark & kernels.HIDDEN_EXIT)
        if len(hidden):  # such a step holds at least what both depths need to get out and back
            t1, t2, d1, d2, speed = self._ends(hidden, 0.0)
            owner = np.searchsorted(first, hidden, side="right") - 1
            np.add.at(sums[1], owner, least_inside_s((t2 - t1) / 1e6, d1, d2, speed))
        self.sweep.runs.extend(first + self.offset, last + self.offset, *sums)

    def take_standing(self) -> None:
        """Pieces of the table of intervals."""
        t = self.path.t_us[self.offset : self.offset + len(self.inside)]
        new = np.ones(len(self.code), np.bool_)
        special = self.code >= kernels.WALK
        new[1:] = (self.code[1:] != self.code[:-1]) | special[1:]
        begin = np.flatnonzero(new)
        end = np.append(begin[1:], len(self.code))
        plain = ~special[begin]
        code = self.code[begin[plain]]
        whole = pieces(t[begin[plain]], t[end[plain]], code % kernels.SUPPORTED, code >= kernels.SUPPORTED)
        self.sweep.pieces.append(whole)
        walk = np.flatnonzero(self.code == kernels.WALK)
        if len(walk):
            self._walk(walk)
        gaps = np.flatnonzero(self.code == kernels.GAP)
        if len(gaps):
            self._gap(gaps)

    def _walk(self, steps: NDArray[np.intp]) -> None:
        t = self.path.t_us[self.offset : self.offset + len(self.inside)].astype(np.float64)
        lon, lat, radius = self.stretch.lon_deg, self.stretch.lat_deg, self.stretch.radius_m
        loose = np.union1d(steps, steps + 1)
        loose = loose[self.lower[loose] < self.upper[loose]]
        if len(loose):
            exact = self.sweep.index.depth_m(self.sweep.area, lon[loose], lat[loose])
            self.lower[loose] = self.upper[loose] = exact
        middle = (self.lower + self.upper) / 2
        ends = [(t[at], lon[at], lat[at], middle[at]) for at in (steps, steps + 1)]
        limit = self.bound_m + np.maximum(radius[steps], radius[steps + 1])
        length = self.stretch.step_m[steps] * kernels.LONGER
        self.sweep.pieces += walked(self.sweep.index, self.sweep.area, ends[0], ends[1], length, limit)

    def _gap(self, steps: NDArray[np.intp]) -> None:
        bound = self.bound_m
        t1, t2, d1, d2, speed = self._ends(steps, bound)
        in1, in2 = self.inside[steps], self.inside[steps + 1]
        both_out = ~in1 & ~in2
        open_ = np.ones(len(steps), np.bool_)
        if both_out.any():
            out = np.flatnonzero(both_out)
            open_[out] = self._reaches(steps[out], t1[out], t2[out], speed[out], bound)
        first = np.where(open_, np.clip(t1 + d1 / speed * 1e6, t1, t2), t2)
        last = np.where(open_, np.clip(t2 - d2 / speed * 1e6, first, t2), t2)
        side1 = np.where(in1, Standing.CERTAIN_INSIDE, Standing.CERTAIN_OUTSIDE)
        side2 = np.where(in2, Standing.CERTAIN_INSIDE, Standing.CERTAIN_OUTSIDE)
        self.sweep.pieces += [
            pieces(t1, first, side1, False),
            pieces(first, last, Standing.POSSIBLE, False),
            pieces(last, t2, side2, False),
        ]

    def take_fixes(self, *, last: bool) -> None:
        """Counts, greatest depth and height bands of the fixes inside (the shared last fix counts once)."""
        sweep = self.sweep
        if not self.offset:
            sweep.first_depth_m = _exact(sweep, self.stretch, 0)
        if last:
            sweep.last_depth_m = _exact(sweep, self.stretch, len(self.inside) - 1)
        sweep.nearest_m = min(sweep.nearest_m, float(np.min(np.where(self.inside, 0.0, -self.upper))))
        own = self.inside if last else self.inside[:-1]
        count = int(own.sum())
        if not self.inside.any():
            return
        sweep.fixes_inside += count
        at, metres = deepest(
            sweep.index, sweep.area, self.stretch, self.lower, self.upper,
            sweep.deepest_m, self.options.depth_tolerance_m,
        )  # fmt: skip
        if at >= 0:
            sweep.deepest_at, sweep.deepest_m = at + self.offset, metres
        self._bands(np.flatnonzero(own))

    def _bands(self, own: NDArray[np.intp]) -> None:
        rows = self.path.rows[self.offset + own]
        for datum in ("hae", "msl", "pressure"):
            heights = getattr(self.path.track, f"height_{datum}_m")
            if heights.strides == (0,) or not len(rows):
                continue
            here = heights[rows]
            here = here[np.isfinite(here)]
            if len(here):
                low, high, count = self.sweep.bands.get(datum, (np.inf, -np.inf, 0))
                self.sweep.bands[datum] = (
                    min(low, float(here.min())), max(high, float(here.max())), count + len(here)
                )  # fmt: skip


def _exact(sweep: Sweep, stretch: Stretch, at: int) -> float:
    pick = slice(at, at + 1)
    return float(sweep.index.depth_m(sweep.area, stretch.lon_deg[pick], stretch.lat_deg[pick])[0])
