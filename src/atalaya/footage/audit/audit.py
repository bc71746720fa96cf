"""The audit: hypotheses in order, each proved before it is believed, repairs in derived columns only."""

from collections.abc import Callable, Iterator

import numpy as np

from atalaya.base.finding import Finding, Severity
from atalaya.base.language import figure
from atalaya.footage.audit.angles import Frames, ReadAngles
from atalaya.footage.audit.bias import find_bias
from atalaya.footage.audit.conventions import find_readings
from atalaya.footage.audit.corners import find_corner_order
from atalaya.footage.audit.frozen import find_frozen
from atalaya.footage.audit.ground import find_ground
from atalaya.footage.audit.judge import FALL, MATERIAL_DEG, middle, spread
from atalaya.footage.audit.lag import find_lag
from atalaya.footage.audit.report import Audit, MissStats, Proposal, Repair, measured_rows, miss_stats
from atalaya.footage.audit.sighting import frame_centre_miss, ground_level, residual
from atalaya.footage.audit.slips import find_slant_unit, find_view_unit
from atalaya.footage.audit.split import Split, split_rows, usable_rows
from atalaya.footage.sensor_track import SensorTrack

_WORSE_M = 1.0
"""Repairs that together move the frame centre further off than this are not believed."""

_SLANT_OFF_DEG = 1.0
"""Slant ranges off by more than this part of themselves (as an angle: 1.7 %) are spoken of."""

_HOPELESS_DEG = 5.0
"""Positions and angles that disagree by more than this do not describe one flight."""

Search = Callable[[SensorTrack, Split], Proposal | list[Proposal] | None]
"""A family of hypotheses: what it would change, if anything proves itself."""


def audit_track(track: SensorTrack) -> Audit:
    """What the geometry of a recording says about its own metadata, and what can be put right.

    Never raises for what the track holds: too little, contradictory or missing data end in a finding.
    """
    recorded = miss_stats(frame_centre_miss(measured_rows(track)))
    rows = usable_rows(track)
    split = split_rows(track, rows)
    if split is None:
        code = "AUD-001" if len(track) >= 4 else "AUD-004"
        found = Finding(code, Severity.INFO, details={"rows": len(rows), "packets": len(track)})
        return Audit((found,), (), recorded, recorded)
    findings: list[Finding] = []
    repairs: list[Repair] = []
    derived, measured = track, recorded
    # another sense of the angles is tried first; where all ends worse with it, the rest is tried without
    for proposals in (_proposals(track, split), _proposals(track, split, by_the_book=True)):
        for proposal in proposals:
            derived, measured = _taken(proposal, derived, measured, repairs, findings)
        if not (measured.n and recorded.n and measured.median > recorded.median + _WORSE_M):
            break
        repairs, findings, derived, measured = [], [], track, recorded
    order, remarks = find_corner_order(derived)
    if order:
        derived, measured = _taken(order, derived, measured, repairs, findings)
    findings.extend([*remarks, *_remarks(derived, split)])
    if not repairs:
        findings.append(_unchanged(track, split))
    return Audit(tuple(findings), tuple(repairs), recorded, measured)


def _taken(
    proposal: Proposal,
    derived: SensorTrack,
    measured: MissStats,
    repairs: list[Repair],
    findings: list[Finding],
) -> tuple[SensorTrack, MissStats]:
    """Apply one repair and note what it did."""
    changed = proposal.change.apply(derived)
    after = miss_stats(frame_centre_miss(measured_rows(changed)))
    repair = Repair(proposal.code, proposal.change, proposal.details, proposal.evidence, measured, after)
    repairs.append(repair)
    findings.append(_finding(repair))
    findings.extend(proposal.remarks)
    return changed, after


def _proposals(stated: SensorTrack, split: Split, *, by_the_book: bool = False) -> Iterator[Proposal]:
    """Each accepted repair, found on the track with all earlier ones applied."""
    frames: Frames = ("body", "body")
    readings = None if by_the_book else _unless(find_readings(stated, split), find_lag, stated, split)
    track = stated
    if readings:
        yield readings
        if isinstance(readings.change, ReadAngles):
            frames = (readings.change.azimuth.frame, readings.change.elevation.frame)
        track = readings.change.apply(stated)
    for found in find_frozen(stated, readings.change.apply if readings else lambda part: part):
        yield found
        track = found.change.apply(track)
    searches: tuple[Search, ...] = (
        find_slant_unit,
        _lag_unless_ground,
        find_ground,
        lambda part, rows: find_bias(part, rows, frames),
        find_view_unit,
    )
    for search in searches:
        for found in _listed(search(track, split)):
            yield found
            track = found.change.apply(track)


def _lag_unless_ground(track: SensorTrack, split: Split) -> Proposal | None:
    """A lag: on a straight leg over relief a wrong ground level looks alike."""
    return _unless(find_lag(track, split), find_ground, track, split)


def _unless(
    found: Proposal | None,
    search: Callable[[SensorTrack, Split], Proposal | None],
    track: SensorTrack,
    split: Split,
) -> Proposal | None:
    """A proposal, unless another search alone explains what it explains five times as well."""
    rival = search(track, split) if found else None
    if found is None or rival is None:
        return found
    left, other = (
        spread(residual(one.change.apply(track).take(split.rows)).off_deg) for one in (found, rival)
    )
    return None if other * FALL <= left else found


def _remarks(derived: SensorTrack, split: Split) -> list[Finding]:
    """What is worth knowing beside the repairs: no stated ground level, a slant range that fits nothing."""
    part = derived.take(split.rows)
    found = []
    if not np.isfinite(part.centre_height_m).any() and np.isfinite(part.slant_m).any():
        level = middle(ground_level(part))
        found.append(Finding("AUD-009", Severity.INFO, details={"level": f"{level:.1f}"}))
    left = residual(part)
    if _SLANT_OFF_DEG <= spread(left.slant_deg) < np.inf and spread(left.along_deg) < MATERIAL_DEG * 3:
        details: dict[str, object] = {"error": f"{middle(left.slant_m):.4g}"}
        found.append(Finding("AUD-008", Severity.WARNING, details=details))
    return found


def _listed(found: Proposal | list[Proposal] | None) -> list[Proposal]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _finding(repair: Repair) -> Finding:
    before, after = repair.before, repair.after
    shown = {
        "before": figure(before.median) if before.n else "-",
        "after": figure(after.median) if after.n else "-",
    }
    return Finding(repair.code, Severity.WARNING, details={**repair.details, **shown})


def _unchanged(track: SensorTrack, split: Split) -> Finding:
    """Why nothing was changed: it agrees, or it does not and nothing explains it."""
    part = track.take(split.rows)
    off = spread(residual(part).off_deg)
    agrees = off < MATERIAL_DEG * 10
    details: dict[str, object] = {"off": figure(off), "samples": len(split.rows)}
    if agrees:
        return Finding("AUD-002", Severity.INFO, details=details)
    hopeless = off > _HOPELESS_DEG
    return Finding("AUD-003", Severity.ERROR if hopeless else Severity.WARNING, details=details)
