"""Hypotheses: a constant error of azimuth, elevation or both, of the mount (body) or the heading (world)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.footage.audit.angles import Frames, angles_in, pointed
from atalaya.footage.audit.judge import MATERIAL_DEG, Fall, fall, independent, middle, spread, weighted_median
from atalaya.footage.audit.report import Evidence, Proposal
from atalaya.footage.audit.sighting import residual, sight, wrapped
from atalaya.footage.audit.split import Split, seconds
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

LARGEST_BIAS_DEG = (30.0, 15.0)
"""Azimuth (a magnetic heading stated as true is one) and elevation: more is not called a bias."""

_FRAMES: tuple[Frames, ...] = (("body", "body"), ("body", "world"), ("world", "body"), ("world", "world"))
_FEWEST = 8
_ALIKE = 1.3
_LEAST_DEG, _LEAST_M = 0.3, 10.0
_SHORT_DEG, _LONG_S = 0.7, 30.0


@dataclass(frozen=True)
class AngleBias:
    """Subtract constants from azimuth and elevation, each about the platform's axes or about the vertical."""

    azimuth_deg: float
    elevation_deg: float
    frames: Frames

    def apply(self, track: SensorTrack) -> SensorTrack:
        """Derived gimbal angles without the bias."""
        if self.frames == ("body", "body"):
            return replace(
                track,
                rel_azimuth_deg=(track.rel_azimuth_deg - self.azimuth_deg) % 360.0,
                rel_elevation_deg=track.rel_elevation_deg - self.elevation_deg,
            )
        azimuth, elevation, roll = angles_in(track, self.frames)
        return pointed(
            replace(track, rel_roll_deg=roll),
            azimuth - self.azimuth_deg,
            elevation - self.elevation_deg,
            self.frames,
        )


@dataclass(frozen=True)
class _Candidate:
    change: AngleBias
    sigma: tuple[float, float]
    accepted: tuple[float, float]
    across: Fall
    along: Fall
    off: float

    @property
    def simple(self) -> bool:
        return self.change.azimuth_deg == 0.0 or self.change.elevation_deg == 0.0

    @property
    def proofs(self) -> list[Fall]:
        """The falls this candidate has to show: of the residuals it touches."""
        shown = []
        if self.change.azimuth_deg:
            shown.append(self.across)
        if self.change.elevation_deg:
            shown.append(self.along)
        return shown


def find_bias(track: SensorTrack, split: Split, prefer: Frames = ("body", "body")) -> list[Proposal]:
    """The repairs of an azimuth bias, an elevation bias or both; none when they do not prove themselves.

    Args:
        track: by the book, earlier repairs applied.
        split: rows to fit on and to accept on.
        prefer: frames to name when several cannot be told apart.
    """
    if len(split.rows) < _FEWEST:
        return []
    part = track.take(split.rows)
    least = _least_bias(part)
    passed = [one for one in _candidates(part, split, prefer) if _good(one, least)]
    if not passed:
        return []
    limit = _ALIKE * min(one.off for one in passed) + 1e-4
    best = next(one for one in sorted(passed, key=lambda one: not one.simple) if one.off <= limit)
    found = _proposals(best, split)
    if best.change.elevation_deg and not np.isfinite(part.slant_m).any():
        other = Finding("AUD-005", Severity.INFO, details={"bias": f"{best.change.elevation_deg:.3f}"})
        found[-1] = replace(found[-1], remarks=(*found[-1].remarks, other))
    return found


def _good(one: _Candidate, least_deg: float) -> bool:
    return all(proof.enough and proof.accept_before >= least_deg for proof in one.proofs) and (
        abs(one.change.azimuth_deg) <= LARGEST_BIAS_DEG[0]
        and abs(one.change.elevation_deg) <= LARGEST_BIAS_DEG[1]
    )


def _least_bias(track: SensorTrack) -> float:
    """Smallest offset called a constant, degrees.

    Slow wander of an attitude looks constant over a short clip; and what moves the centre by less than some
    metres is not worth a repair unless it is large as an angle.
    """
    lasted = float(np.ptp(seconds(track))) if len(track) else 0.0
    reach = middle(sight(track).range_m)
    matters = min(_LEAST_DEG, float(np.degrees(_LEAST_M / max(reach, 1.0))))
    return max(MATERIAL_DEG, matters) + _SHORT_DEG * max(0.0, 1.0 - lasted / _LONG_S)


def _candidates(part: SensorTrack, split: Split, prefer: Frames) -> Iterator[_Candidate]:
    """Azimuth alone, elevation alone, both, in every pair of frames; the preferred pair first."""
    fit, accept = np.searchsorted(split.rows, split.fit), np.searchsorted(split.rows, split.accept)
    line, before = sight(part), residual(part)
    for frames in sorted(_FRAMES, key=lambda one: one != prefer):
        azimuth, elevation, _ = angles_in(part, frames)
        bearing = line.body_azimuth_deg if frames[0] == "body" else line.bearing_deg
        height = line.body_elevation_deg if frames[1] == "body" else line.elevation_deg
        off = (wrapped(azimuth - bearing), wrapped(elevation - height))
        weight = (np.cos(np.radians(height)), np.ones(len(part)))
        fitted = [weighted_median(o[fit], w[fit]) for o, w in zip(off, weight, strict=True)]
        if not np.isfinite(fitted).all():
            continue
        sigma = [_sigma(o[fit] - v, w[fit]) for o, v, w in zip(off, fitted, weight, strict=True)]
        seen = [weighted_median(o[accept], w[accept]) for o, w in zip(off, weight, strict=True)]
        for use in ((1, 0), (0, 1), (1, 1)):
            change = AngleBias(fitted[0] * use[0], fitted[1] * use[1], frames)
            after = residual(change.apply(part))
            across, along = (
                fall((one[fit], one[accept]), (two[fit], two[accept]), 1, len(_FRAMES))
                for one, two in ((before.across_deg, after.across_deg), (before.along_deg, after.along_deg))
            )
            yield _Candidate(
                change, (sigma[0], sigma[1]), (seen[0], seen[1]), across, along, spread(after.off_deg[accept])
            )


def _sigma(left: Floats, weight: Floats) -> float:
    """Standard error of a weighted median."""
    scatter = 1.4826 * spread(left * weight) / max(middle(weight), 1e-3)
    return 1.2533 * scatter / float(np.sqrt(independent(left)))


def _proposals(best: _Candidate, split: Split) -> list[Proposal]:
    change, made = best.change, []
    for index, (name, proof) in enumerate((("azimuth", best.across), ("elevation", best.along))):
        value = (change.azimuth_deg, change.elevation_deg)[index]
        if not value:
            continue
        evidence: Evidence = {
            "parameter_deg": round(value, 4),
            "parameter_sigma_deg": round(best.sigma[index], 5),
            "parameter_on_accepted_deg": round(best.accepted[index], 4),
            "frame": change.frames[index],
            "residual_before_deg": round(proof.accept_before, 5),
            "residual_after_deg": round(proof.accept_after, 5),
            "log_likelihood_ratio": round(proof.log_likelihood_ratio, 2),
            "fitted_on": split.fitted,
            "accepted_on": split.accepted,
            "samples": len(split.rows),
        }
        details: dict[str, object] = {"bias": f"{value:.3f}"}
        alone = AngleBias(value * (index == 0), value * (index == 1), change.frames)
        codes = ("AUD-030", "AUD-006") if name == "azimuth" else ("AUD-031", "AUD-007")
        remark = Finding(codes[1], Severity.WARNING, details=details)
        made.append(Proposal(codes[0], alone, evidence, details, (remark,)))
    return made
