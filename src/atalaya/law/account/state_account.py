"""The account of one track towards one State by one layer."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.earth.track.containment import RAYLEIGH_95
from atalaya.law.account.crossing_times import LineCrossings, merged
from atalaya.law.account.figures import Deepest, HeightBand, Seconds
from atalaya.law.account.intervals import Intervals, Pieces, Standing, joined, overlaid, pieces
from atalaya.law.account.options import AccountOptions
from atalaya.law.account.path import Claims, Path
from atalaya.law.account.port import Index
from atalaya.law.account.sweep import Sweep, swept
from atalaya.law.account.visits import Visits, visits_of

STRENGTH = (
    Standing.CERTAIN_INSIDE,
    Standing.INDETERMINATE,
    Standing.POSSIBLE,
    Standing.NOT_CREDIBLE,
    Standing.CERTAIN_OUTSIDE,
)
"""Which standing speaks for a whole track: the first of these it has."""


@dataclass(frozen=True)
class StateAccount:
    """What one layer says about one track and one State.

    state: the layer's code. layer, edition, sovereign: of the layer. bound_m: its largest bound that mattered
    verdict: the strongest standing. intervals: the whole time of the record, exactly once
    seconds, visits, crossings: of the line as drawn, without the layer's bound
    fixes_inside: believed fixes. deepest: None where no fix is inside. heights: one band per datum
    quarantined_s, claimed_from_us, claimed_to_us: time for which unbelieved fixes alone put it inside
    """

    state: str
    layer: str
    edition: str
    sovereign: bool
    bound_m: float
    verdict: Standing
    intervals: Intervals
    seconds: Seconds
    visits: Visits
    crossings: LineCrossings
    fixes_inside: int
    deepest: Deepest | None
    heights: tuple[HeightBand, ...]
    quarantined_s: float
    claimed_from_us: NDArray[np.int64]
    claimed_to_us: NDArray[np.int64]

    def as_json(self) -> dict[str, object]:
        """The account as plain values."""
        spans = zip(self.claimed_from_us.tolist(), self.claimed_to_us.tolist(), strict=True)
        return {
            "state": self.state,
            "layer": self.layer,
            "edition": self.edition,
            "sovereign": self.sovereign,
            "bound_m": self.bound_m if math.isfinite(self.bound_m) else None,
            "verdict": self.verdict.word,
            "standing_s": {kind.word: round(value, 3) for kind, value in self.intervals.seconds().items()},
            "drawn_line_s": self.seconds.as_json(),
            "fixes_inside": self.fixes_inside,
            "deepest": None if self.deepest is None else self.deepest.as_json(),
            "heights": [band.as_json() for band in self.heights],
            "quarantined_s": round(self.quarantined_s, 3),
            "quarantined": [{"start": iso(start), "end": iso(end)} for start, end in spans],
            "visits": self.visits.as_json(),
            "crossings": self.crossings.as_json(),
            "intervals": self.intervals.as_json(),
        }


def state_account(
    index: Index, area: int, path: Path, claims: Claims, options: AccountOptions
) -> StateAccount:
    """Account for one State by one layer."""
    sweep = swept(index, area, path, options)
    crossings = merged(sweep.crossings)
    visits = visits_of(sweep, path, crossings)
    table = joined([*sweep.pieces, *_ends(sweep, path)], path.start_us, path.end_us)
    claimed = claims.spans(index.contains(area, claims.lon_deg, claims.lat_deg))
    table = overlaid(table, *claimed)
    present = {Standing(kind) for kind in np.unique(table.standing).tolist()}
    return StateAccount(
        state=index.areas[area],
        layer=index.record.name,
        edition=index.record.edition,
        sovereign=index.record.is_sovereign,
        bound_m=max(sweep.bounds_m),
        verdict=next(kind for kind in STRENGTH if kind in present),
        intervals=table,
        seconds=_seconds(sweep, path, visits),
        visits=visits,
        crossings=crossings,
        fixes_inside=sweep.fixes_inside,
        deepest=_deepest(sweep, path),
        heights=tuple(HeightBand(datum, *band) for datum, band in sweep.bands.items()),
        quarantined_s=float((claimed[1] - claimed[0]).sum()) / 1e6,
        claimed_from_us=claimed[0],
        claimed_to_us=claimed[1],
    )


def _ends(sweep: Sweep, path: Path) -> list[Pieces]:
    """The record before its first and after its last believed fix: only the speed limits where it was."""
    made = []
    first, last = int(path.t_us[0]), int(path.t_us[-1])
    for depth, radius, bound, near, far in (
        (sweep.first_depth_m, path.radius_m[0], sweep.bounds_m[0], first, path.start_us),
        (sweep.last_depth_m, path.radius_m[-1], sweep.bounds_m[-1], last, path.end_us),
    ):
        reach_us = max(0.0, abs(depth) - radius - bound) / path.speed_mps * 1e6
        turn = max(far, near - reach_us) if far <= near else min(far, near + reach_us)
        side = Standing.CERTAIN_INSIDE if depth > 0.0 else Standing.CERTAIN_OUTSIDE
        for a, b, standing in ((near, turn, side), (turn, far, Standing.POSSIBLE)):
            span = np.array([min(a, b)], np.float64), np.array([max(a, b)], np.float64)
            made.append(pieces(*span, standing, False))
    if len(path) == 1 and path.start_us == path.end_us:  # an instant
        depth, limit = sweep.first_depth_m, sweep.bounds_m[0] + path.radius_m[0]
        side = Standing.CERTAIN_INSIDE if depth > 0.0 else Standing.CERTAIN_OUTSIDE
        standing = side if abs(depth) > limit else Standing.INDETERMINATE
        return [pieces(np.array([float(first)]), np.array([float(first)]), standing, True)]
    return made


def _seconds(sweep: Sweep, path: Path, visits: Visits) -> Seconds:
    least = most = 0.0
    for depth, radius, span_us in (
        (sweep.first_depth_m, path.radius_m[0], int(path.t_us[0]) - path.start_us),
        (sweep.last_depth_m, path.radius_m[-1], path.end_us - int(path.t_us[-1])),
    ):
        span, reach = span_us / 1e6, max(0.0, abs(depth) - radius) / path.speed_mps
        least += min(span, reach) if depth > 0.0 else 0.0
        most += span if depth > 0.0 else max(0.0, span - reach)
    return Seconds(
        supported=float(visits.supported_s.sum()),
        minimum=float(visits.minimum_s.sum()) + least,
        maximum=float(visits.maximum_s.sum()) + most,
        estimate=float(visits.estimate_s.sum()),
    )


def _deepest(sweep: Sweep, path: Path) -> Deepest | None:
    at = sweep.deepest_at
    if at < 0:
        return None
    sigma = math.hypot(float(path.radius_m[at]) / RAYLEIGH_95, sweep.index.record.sigma_m)
    return Deepest(
        sweep.deepest_m,
        int(path.t_us[at]),
        float(path.lon_deg[at]),
        float(path.lat_deg[at]),
        sweep.deepest_m / sigma,
    )
