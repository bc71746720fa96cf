"""Self-calibration of a sortie: what its looks share, found from control, ties and repeated sights."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from atalaya.base.finding import Finding, Severity
from atalaya.earth.calibration.assemble import Assembled, assembled
from atalaya.earth.calibration.block import Block, Unknowns
from atalaya.earth.calibration.held_out import ground_misses, held_out, pixel_misses, spread_of
from atalaya.earth.calibration.result import (
    Calibration,
    FlaggedLook,
    HeldOut,
    PlacedPoint,
    RejectedMark,
    State,
)
from atalaya.earth.calibration.robust import Fitted, fit
from atalaya.earth.calibration.statements import (
    STATES,
    CalibrationLook,
    CalibrationPoint,
    Mark,
    Priors,
    SlantRange,
)
from atalaya.earth.ellipsoid import ecef_to_geodetic
from atalaya.earth.surface import Surface

_SURFACE_ROUNDS = 3
_MOST_PRIOR_SIGMAS = 4.0


def calibrate_sortie(
    looks: Sequence[CalibrationLook],
    points: Sequence[CalibrationPoint],
    marks: Sequence[Mark],
    *,
    ranges: Sequence[SlantRange] = (),
    priors: Priors | None = None,
    surface: Surface | None = None,
    surface_sd_m: float = 5.0,
) -> Calibration:
    """Find what all looks of a sortie share: boresight, focal length, clock, position; how well, of what use.

    Looks that the rest contradicts are flagged and left out. A state that learns nothing (posterior over
    prior sigma above 0.7) stays at its prior. Accepted only if marks without a say are met better.

    Args:
        looks: pictures with stated pose and lens, and how large each one's own error may be.
        points: surveyed, of known height, or unknown (ties, repeated sights); see `CalibrationPoint`.
        marks: which point was seen where in which look; those with an unknown look or point, or outside the
            picture, are counted (EAR-057) and left out.
        ranges: measured distances from looks to points.
        priors: how wrong the shared states may be; default `Priors()`.
        surface: ground that gives points without any coordinate their height; None: they are free.
        surface_sd_m: 1 sigma of that height.

    Raises:
        BadInput: EAR-047, nothing to adjust; EAR-048, fewer observations than unknowns.
    """
    given = assembled(looks, points, marks, ranges, priors or Priors(), surface, surface_sd_m)
    block, found = _on_ground(given, surface)
    given = replace(given, block=block)
    checked = held_out(block, found.flagged, found.rejected)
    helped = checked is not None and checked.after.median_px < checked.before.median_px
    accepted = helped and all(_believable(state) for state in _states(given.block, found))
    return _result(given, found, checked, accepted)


def _on_ground(given: Assembled, surface: Surface | None) -> tuple[Block, Fitted]:
    """The fit, heights taken from the surface again wherever it moves a point."""
    block, found = given.block, fit(given.block)
    for _ in range(_SURFACE_ROUNDS if surface is not None and given.grounded.any() else 0):
        assert surface is not None
        places = found.adjusted.unknowns.points[given.grounded]
        lon, lat, height = ecef_to_geodetic(given.frame.ecef(places))
        off = surface.height_hae_m(lon, lat) - height
        off = np.where(np.isfinite(off), off, 0.0)
        prior = block.point_m.copy()
        prior[given.grounded, 2] = places[:, 2] + off
        done = np.max(np.abs(prior - block.point_m)[given.grounded, 2]) < 0.01
        block = replace(block, point_m=prior)
        found = fit(block, found.adjusted.unknowns)
        if done:
            break
    return block, found


def _result(given: Assembled, found: Fitted, checked: HeldOut | None, accepted: bool) -> Calibration:
    block, adjusted = given.block, found.adjusted
    used = adjusted.weights > 0
    kept = block.with_marks(used)
    shared = found.posterior.shared
    states = _states(block, found)
    flagged = _flagged(given, found)
    findings = [*given.findings, *_findings(states, flagged, found, checked, accepted)]
    return Calibration(
        accepted=accepted,
        states=states,
        covariance=tuple(tuple(float(value) for value in row) for row in shared),
        middle_us=given.middle_us,
        sigma0=found.factor,
        redundancy=adjusted.redundancy,
        looks=len(np.unique(block.mark_look[used])),
        marks=int(used.sum()),
        residuals=spread_of(pixel_misses(kept, adjusted.unknowns), ground_misses(kept, adjusted.unknowns)),
        held_out=checked,
        flagged=flagged,
        rejected=tuple(
            RejectedMark(
                given.looks[block.mark_look[i]].name,
                given.points[block.mark_point[i]].name,
                float(found.distance[i]),
            )
            for i in np.flatnonzero(found.rejected)
        ),
        points=_placed(given, found),
        findings=tuple(findings),
    )


def _states(block: Block, found: Fitted) -> tuple[State, ...]:
    sd = np.sqrt(np.maximum(np.diag(found.posterior.shared), 0.0))
    made = []
    for number, name in enumerate(STATES):
        prior = float(block.shared_sd[number])
        status = "fixed" if prior == 0 else "prior" if found.adjusted.frozen[number] else "estimated"
        made.append(
            State(name, float(found.adjusted.unknowns.shared[number]), float(sd[number]), prior, status)
        )
    return tuple(made)


def _believable(state: State) -> bool:
    """Whether a state stays within what was thought possible; far beyond it the marks belong elsewhere."""
    return state.status != "estimated" or abs(state.value) <= _MOST_PRIOR_SIGMAS * state.prior_sd


def _flagged(given: Assembled, found: Fitted) -> tuple[FlaggedLook, ...]:
    block = given.block
    stated = Unknowns(
        found.adjusted.unknowns.shared, np.zeros((block.looks, 6)), found.adjusted.unknowns.points
    )
    metres = ground_misses(block, stated)
    made = []
    for look in np.flatnonzero(found.flagged):
        mine = block.mark_look == look
        far = metres[mine][np.isfinite(metres[mine])]
        miss = float(np.median(far)) if len(far) else float("nan")
        sigmas = float(np.median(found.distance[mine]))
        made.append(FlaggedLook(given.looks[look].name, int(mine.sum()), miss, sigmas))
    return tuple(made)


def _findings(
    states: tuple[State, ...],
    flagged: tuple[FlaggedLook, ...],
    found: Fitted,
    checked: HeldOut | None,
    accepted: bool,
) -> list[Finding]:
    made = [
        Finding(
            "EAR-050",
            Severity.WARNING,
            where=look.look,
            details={"miss_m": round(look.miss_m, 2), "sigmas": round(look.sigmas, 1)},
        )
        for look in flagged
    ]
    if found.rejected.any():
        made.append(Finding("EAR-058", Severity.INFO, int(found.rejected.sum())))
    made += [
        Finding("EAR-052", Severity.INFO, where=state.name, details={"state": state.name})
        for state in states
        if state.status == "prior"
    ]
    if not found.adjusted.converged:
        made.append(Finding("EAR-049", Severity.WARNING, details={"rounds": found.adjusted.rounds}))
    if checked is None:
        made.append(Finding("EAR-059", Severity.ERROR))
    for state in states:
        if not _believable(state):
            told = {"state": state.name, "value": round(state.value, 3), "prior": state.prior_sd}
            made.append(Finding("EAR-026", Severity.ERROR, where=state.name, details=dict(told)))
    if checked is not None and not accepted:
        before, after = (round(part.median_px, 2) for part in (checked.before, checked.after))
        details: dict[str, object] = {"before": before, "after": after}
        made.append(Finding("EAR-051", Severity.ERROR, details=details))
    return made


def _placed(given: Assembled, found: Fitted) -> tuple[PlacedPoint, ...]:
    solved = np.asarray((found.adjusted.block.point_sd_m > 0).all(axis=1))
    lon, lat, height = ecef_to_geodetic(given.frame.ecef(found.adjusted.unknowns.points))
    return tuple(
        PlacedPoint(
            point.name,
            float(lon[i]),
            float(lat[i]),
            float(height[i]),
            tuple(tuple(float(v) for v in row) for row in found.posterior.points[i]),
        )
        for i, point in enumerate(given.points)
        if solved[i]
    )
