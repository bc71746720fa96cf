"""Hypotheses: a constant error of azimuth or of elevation, of the mount (body) or of the heading (world)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.earth import angles_zyx, camera_to_ned
from atalaya.footage.audit.angles import Frame
from atalaya.footage.audit.judge import MATERIAL_DEG, Fall, fall, independent, spread, weighted_median
from atalaya.footage.audit.report import Evidence, Proposal
from atalaya.footage.audit.sighting import sight, with_directions, wrapped
from atalaya.footage.audit.split import Split, seconds
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

LARGEST_BIAS_DEG = (30.0, 15.0)
"""Azimuth (a magnetic heading stated as true is one) and elevation: more is not called a bias."""

_FEWEST = 8
_ALIKE = 1.3
_LEAST_DEG, _LEAST_M = 0.3, 10.0
_SHORT_DEG, _LONG_S = 0.7, 30.0


@dataclass(frozen=True)
class AngleBias:
    """Subtract constants from azimuth and elevation, about the platform's axes or about the vertical."""

    azimuth_deg: float
    elevation_deg: float
    frame: Frame

    def apply(self, track: SensorTrack) -> SensorTrack:
        """Derived gimbal angles without the bias."""
        if self.frame == "body":
            return replace(
                track,
                rel_azimuth_deg=(track.rel_azimuth_deg - self.azimuth_deg) % 360.0,
                rel_elevation_deg=track.rel_elevation_deg - self.elevation_deg,
            )
        azimuth, elevation, roll = _world_angles(track)
        turned = angles_to_camera(azimuth - self.azimuth_deg, elevation - self.elevation_deg, roll)
        return with_directions(track, turned)


def angles_to_camera(azimuth_deg: Floats, elevation_deg: Floats, roll_deg: Floats) -> Floats:
    """(n, 3, 3) camera to NED of angles from north and the level plane."""
    zero = np.zeros_like(azimuth_deg)
    return camera_to_ned(zero, zero, zero, azimuth_deg, elevation_deg, roll_deg)


def _world_angles(track: SensorTrack) -> tuple[Floats, Floats, Floats]:
    turned = camera_to_ned(
        track.heading_true_deg,
        track.pitch_deg,
        track.roll_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
        np.nan_to_num(track.rel_roll_deg, nan=0.0),
    )
    return angles_zyx(turned)


@dataclass(frozen=True)
class _Candidate:
    angle: str
    frame: Frame
    value: float
    sigma: float
    proof: Fall
    accepted_value: float


def find_bias(track: SensorTrack, split: Split, prefer: Frame = "body") -> Proposal | None:
    """The azimuth or elevation bias that brings the residual down most, if one does enough.

    Args:
        track: by the book, earlier repairs applied.
        split: rows to fit on and to accept on.
        prefer: frame to name when the two cannot be told apart.
    """
    if len(split.rows) < _FEWEST:
        return None
    part = track.take(split.rows)
    fit, accept = np.searchsorted(split.rows, split.fit), np.searchsorted(split.rows, split.accept)
    found: list[_Candidate] = []
    for angle in ("azimuth", "elevation"):
        tried = (_candidate(part, angle, frame, fit, accept) for frame in _order(prefer))
        pair = [one for one in tried if one is not None]
        if pair:
            best = min(one.proof.accept_after for one in pair)
            found.append(next(one for one in pair if one.proof.accept_after <= _ALIKE * best + 1e-4))
    least = _least_bias(part)
    reach = float(np.nanmedian(sight(part).range_m))
    found = [
        one
        for one in found
        if one.proof.enough
        and one.proof.accept_before >= max(MATERIAL_DEG, least)
        and abs(one.value) <= LARGEST_BIAS_DEG[one.angle == "elevation"]
        and (one.proof.accept_before >= _LEAST_DEG or np.radians(one.proof.accept_before) * reach >= _LEAST_M)
    ]
    if not found:
        return None
    return _proposal(max(found, key=lambda one: one.proof.log_likelihood_ratio), split)


def _order(prefer: Frame) -> tuple[Frame, Frame]:
    return ("body", "world") if prefer == "body" else ("world", "body")


def _least_bias(track: SensorTrack) -> float:
    """Smallest offset called a constant: slow wander of an attitude looks constant over a short clip."""
    lasted = float(np.ptp(seconds(track))) if len(track) else 0.0
    return MATERIAL_DEG + _SHORT_DEG * max(0.0, 1.0 - lasted / _LONG_S)


def _candidate(track: SensorTrack, angle: str, frame: Frame, fit: Rows, accept: Rows) -> _Candidate | None:
    line = sight(track)
    if frame == "body":
        azimuth, elevation = track.rel_azimuth_deg, track.rel_elevation_deg
        wanted = (line.body_azimuth_deg, line.body_elevation_deg)
    else:
        azimuth, elevation, _ = _world_angles(track)
        wanted = (line.bearing_deg, line.elevation_deg)
    shrink = np.cos(np.radians(wanted[1])) if angle == "azimuth" else np.ones(len(track))
    off = wrapped(azimuth - wanted[0]) if angle == "azimuth" else wrapped(elevation - wanted[1])
    value = weighted_median(off[fit], shrink[fit])
    if not np.isfinite(value):
        return None
    left = wrapped(off - value) * shrink
    before = off * shrink
    proof = fall((before[fit], before[accept]), (left[fit], left[accept]), 1, 2)
    scatter = 1.4826 * spread(left[fit]) / max(float(np.nanmedian(shrink[fit])), 1e-3)
    sigma = 1.2533 * scatter / float(np.sqrt(independent(left[fit])))
    return _Candidate(angle, frame, value, sigma, proof, weighted_median(off[accept], shrink[accept]))


def _proposal(best: _Candidate, split: Split) -> Proposal:
    azimuth = best.angle == "azimuth"
    evidence: Evidence = {
        "parameter_deg": round(best.value, 4),
        "parameter_sigma_deg": round(best.sigma, 5),
        "parameter_on_accepted_deg": round(best.accepted_value, 4),
        "frame": best.frame,
        "residual_before_deg": round(best.proof.accept_before, 5),
        "residual_after_deg": round(best.proof.accept_after, 5),
        "log_likelihood_ratio": round(best.proof.log_likelihood_ratio, 2),
        "fitted_on": split.fitted,
        "accepted_on": split.accepted,
        "samples": len(split.rows),
    }
    details: dict[str, object] = {"bias": f"{best.value:.3f}"}
    change = AngleBias(best.value if azimuth else 0.0, 0.0 if azimuth else best.value, best.frame)
    code = "AUD-030" if azimuth else "AUD-031"
    remark = Finding("AUD-006" if azimuth else "AUD-007", Severity.WARNING, details=details)
    return Proposal(code, change, evidence, details, (remark,))
