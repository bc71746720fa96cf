"""In which datum reported targets state their height: tested with the rays of their own pixels."""

from dataclasses import dataclass, replace

import numpy as np

from atalaya.base.finding import Finding, Severity
from atalaya.earth import converted_height_m
from atalaya.footage.audit import MissStats, miss_stats
from atalaya.footage.sensor_track import Floats, SensorTrack
from atalaya.footage.targets import ReportedTarget, target_table

LEAST_TARGETS = 8
LEAST_FALL = 5.0
"""How many times the miss must fall, as for every repair."""


@dataclass(frozen=True)
class TargetAudit:
    """What the pixels say about the heights of reported targets.

    Args:
        rows: the targets, heights above the ellipsoid as believed.
        findings: one where the heights were not what the standard says.
        before, after: distance from stated place to the pixel's ray, as recorded and as believed.
        applied: whether `rows` differ from the record. proposed: whether they should.
    """

    rows: list[ReportedTarget]
    findings: tuple[Finding, ...]
    before: MissStats
    after: MissStats
    applied: bool
    proposed: bool

    def as_json(self, frame_centre: MissStats) -> list[dict[str, object]]:
        """The entries for the `repairs` list of verdict.json; the frame-centre miss is not touched by it."""
        if not self.proposed:
            return []
        same = frame_centre.as_json()
        evidence = {"target_miss_m": {"before": self.before.as_json(), "after": self.after.as_json()}}
        miss = {"before": same, "after": same, "n": frame_centre.n}
        entry = {
            "code": "AUD-080",
            "applied": self.applied,
            "evidence": evidence,
            "frame_centre_miss_m": miss,
        }
        return [entry]


def audit_target_heights(
    rows: list[ReportedTarget], track: SensorTrack, image: tuple[int, int] | None, *, apply: bool
) -> TargetAudit:
    """ST 0903 states heights above the ellipsoid; some senders write heights above mean sea level.

    The other reading is proposed where it brings the median miss between stated place and pixel down at least
    five-fold, on the even and on the odd targets alike.
    """
    by_book = _miss(rows, track, image)
    before = miss_stats(by_book)
    if before.n < LEAST_TARGETS:
        return TargetAudit(rows, (), before, before, applied=False, proposed=False)
    moved = _as_sea_level(rows)
    other = _miss(moved, track, image)
    known = np.isfinite(by_book) & np.isfinite(other)
    halves = (np.flatnonzero(known)[0::2], np.flatnonzero(known)[1::2])
    better = all(LEAST_FALL * np.median(other[half]) <= np.median(by_book[half]) for half in halves)
    if not better:
        return TargetAudit(rows, (), before, before, applied=False, proposed=False)
    after = miss_stats(other)
    details = {"before": f"{before.median:.1f}", "after": f"{after.median:.2f}"}
    finding = Finding("AUD-080", Severity.WARNING, before.n, details=dict(details))
    return TargetAudit(moved if apply else rows, (finding,), before, after, applied=apply, proposed=True)


def _miss(rows: list[ReportedTarget], track: SensorTrack, image: tuple[int, int] | None) -> Floats:
    return np.asarray(target_table(rows, track, image)["miss_m"].to_numpy(zero_copy_only=False), np.float64)


def _as_sea_level(rows: list[ReportedTarget]) -> list[ReportedTarget]:
    """The same targets with their heights taken as heights above mean sea level, moved to the ellipsoid."""
    lon, lat, height = (
        np.array([np.nan if value is None else value for value in values], np.float64)
        for values in zip(*((row.lon_deg, row.lat_deg, row.height_hae_m) for row in rows), strict=True)
    )
    hae = converted_height_m(height, lon, lat, have="msl", want="hae")
    return [
        replace(row, height_hae_m=float(value)) if np.isfinite(value) else row
        for row, value in zip(rows, hae, strict=True)
    ]
