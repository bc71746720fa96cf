"""What the audit hands over: findings, repairs with their evidence, and how well the geometry closes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding
from atalaya.footage.sensor_track import SensorTrack

Evidence = dict[str, float | int | str | list[float] | None]


class Change(Protocol):
    """What a repair does to the derived columns."""

    def apply(self, track: SensorTrack) -> SensorTrack:
        """The track with this one thing put right; the given one stays as it is."""
        ...


@dataclass(frozen=True)
class MissStats:
    """Distances from the stated frame centre to where the line of sight meets the ground, metres.

    `n` counts the rows for which there is one; median and p90 are NaN when there is none.
    """

    median: float
    p90: float
    n: int

    def as_json(self) -> dict[str, float | int | None]:
        """As it stands in verdict.json."""
        known = self.n > 0
        return {
            "median": round(self.median, 3) if known else None,
            "p90": round(self.p90, 3) if known else None,
            "n": self.n,
        }


MOST_MEASURED = 20_000
"""Rows on which a miss is measured: more do not change a median."""


def measured_rows(track: SensorTrack) -> SensorTrack:
    """The track itself, or rows of it evenly spaced in a very long one."""
    step = -(-len(track) // MOST_MEASURED)
    return track if step <= 1 else track.take(np.arange(0, len(track), step))


def miss_stats(miss_m: NDArray[np.float64]) -> MissStats:
    """Median and 90th percentile of the finite values."""
    known = miss_m[np.isfinite(miss_m)]
    if not len(known):
        return MissStats(float("nan"), float("nan"), 0)
    median, p90 = np.percentile(known, (50, 90))
    return MissStats(float(median), float(p90), len(known))


@dataclass(frozen=True)
class Repair:
    """One thing that is wrong in the record and put right in the derived columns.

    Args:
        code: key of the catalogue ("AUD-012").
        change: what is done to the derived columns.
        details: values for the placeholders of the code's text.
        evidence: residual before and after, log likelihood ratio, where it was fitted and where accepted,
            parameter and its standard error.
        before, after: frame-centre miss with all earlier repairs, and with this one as well.
        applied: whether the derived columns have it.
    """

    code: str
    change: Change
    details: dict[str, object]
    evidence: Evidence
    before: MissStats
    after: MissStats
    applied: bool = True

    def as_json(self) -> dict[str, object]:
        """As it stands in verdict.json and `--json`."""
        return {
            "code": self.code,
            "applied": self.applied,
            "evidence": dict(self.evidence),
            "frame_centre_miss_m": {
                "before": self.before.as_json(),
                "after": self.after.as_json(),
                "n": self.after.n,
            },
        }


@dataclass(frozen=True)
class Audit:
    """Everything the geometry says about the metadata of one recording.

    Args:
        findings: what a reader should know, the repairs among them.
        repairs: in the order in which they were found and are applied.
        as_recorded, repaired: frame-centre miss of the record and of the derived columns.
    """

    findings: tuple[Finding, ...]
    repairs: tuple[Repair, ...]
    as_recorded: MissStats
    repaired: MissStats


@dataclass(frozen=True)
class Proposal:
    """A repair that passed its tests, before it is applied and measured."""

    code: str
    change: Change
    evidence: Evidence
    details: dict[str, object] = field(default_factory=dict)
    remarks: tuple[Finding, ...] = ()


def apply_repairs(track: SensorTrack, repairs: Sequence[Repair]) -> SensorTrack:
    """Derived columns: the track with the applied repairs, in order. The record itself is never touched."""
    for repair in repairs:
        if repair.applied:
            track = repair.change.apply(track)
    return track
