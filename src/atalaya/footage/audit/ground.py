"""Hypotheses: the stated ground level is wrong while the slant range is right, or its datum is another.

The slant range implies one level, the elevation angle another; only where both say the same, and not what the
record says, is the record's level at fault. A shift equal to the geoid's undulation is a mix of datums.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import (
    azimuth_elevation,
    boresight_ned,
    converted_height_m,
    geodetic_to_ecef,
    ned_basis,
    undulation_m,
    up_vector,
)
from atalaya.footage.audit.bias import LARGEST_BIAS_DEG
from atalaya.footage.audit.judge import Fall, fall, independent, middle, spread
from atalaya.footage.audit.report import Evidence, Proposal
from atalaya.footage.audit.sighting import (
    Residual,
    centre_height_in_sensor_datum,
    ground_level,
    level_from_slant,
    residual,
)
from atalaya.footage.audit.split import Split
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_LEAST_M = 5.0
_ALIKE, _CLEARER, _FINE_DEG = 1.3, 2.0, 0.01
_SMALLEST_UNDULATION_M = 5.0
_STEP_M = 0.5
"""Heights coded in 16 bits come in steps of 0.3 m; shifts are not told apart below this."""


def level_from_elevation(track: SensorTrack) -> Floats:
    """(n,) height, in the sensor's datum, at which the stated centre lies on the stated elevation angle."""
    look = boresight_ned(
        track.heading_true_deg,
        track.pitch_deg,
        track.roll_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
    )
    _, wanted = azimuth_elevation(look)
    basis = ned_basis(track.sensor_lon_deg, track.sensor_lat_deg)
    sensor = geodetic_to_ecef(track.sensor_lon_deg, track.sensor_lat_deg, track.sensor_height_m)
    foot = geodetic_to_ecef(track.centre_lon_deg, track.centre_lat_deg, 0.0)
    line = np.einsum("nji,nj->ni", basis, foot - sensor)
    up = np.einsum("nji,nj->ni", basis, up_vector(track.centre_lon_deg, track.centre_lat_deg))
    level = np.zeros(len(track))
    for _ in range(
        4
    ):  # the vertical at the centre leans so little that its way along the ground hardly changes
        along = np.hypot(line[:, 0] + level * up[:, 0], line[:, 1] + level * up[:, 1])
        level = (np.tan(np.radians(wanted)) * along + line[:, 2]) / -up[:, 2]
    return level


@dataclass(frozen=True)
class GroundFromSlant:
    """Take the ground level of each row from its slant range; rows without one keep what is stated."""

    def apply(self, track: SensorTrack) -> SensorTrack:
        """Derived target heights, in the centre's own datum."""
        implied = level_from_slant(track)
        level = np.where(np.isfinite(implied), implied, ground_level(track))
        return _with_level(track, level)


@dataclass(frozen=True)
class GroundShift:
    """Raise the stated ground level by a constant."""

    metres: float

    def apply(self, track: SensorTrack) -> SensorTrack:
        """Derived target heights, in the centre's own datum."""
        return replace(track, centre_height_m=track.centre_height_m + self.metres)


@dataclass(frozen=True)
class HeightWasOther:
    """Take the heights of the sensor or of the centre to be in the datum they are not stated in."""

    whose: Literal["sensor", "centre"]

    def apply(self, track: SensorTrack) -> SensorTrack:
        """Derived heights in the stated datum, moved by the undulation of EGM96 (unknown counts as MSL)."""
        datum = track.sensor_height_datum if self.whose == "sensor" else track.centre_height_datum
        stated: Literal["msl", "hae"] = "hae" if datum == "hae" else "msl"
        other: Literal["msl", "hae"] = "msl" if stated == "hae" else "hae"
        lon, lat, height = (
            (track.sensor_lon_deg, track.sensor_lat_deg, track.sensor_height_m)
            if self.whose == "sensor"
            else (track.centre_lon_deg, track.centre_lat_deg, track.centre_height_m)
        )
        moved = converted_height_m(height, lon, lat, have=other, want=stated)
        if self.whose == "sensor":
            return replace(track, sensor_height_m=moved)
        return replace(track, centre_height_m=moved)


def _with_level(track: SensorTrack, level_m: Floats) -> SensorTrack:
    """The track with a ground level given in the sensor's datum."""
    have, want = track.sensor_height_datum, track.centre_height_datum
    if have != want and "unknown" not in (have, want):
        level_m = converted_height_m(
            level_m, track.centre_lon_deg, track.centre_lat_deg, have=have, want=want
        )
    return replace(track, centre_height_m=level_m)


def find_ground(track: SensorTrack, split: Split) -> Proposal | None:
    """The repair of the ground level or of a height datum, if slant range and elevation both demand it."""
    part = track.take(split.rows)
    stated = centre_height_in_sensor_datum(part)
    by_slant = level_from_slant(part) - stated
    by_angle = level_from_elevation(part) - stated
    fit, accept = np.searchsorted(split.rows, split.fit), np.searchsorted(split.rows, split.accept)
    if min(np.isfinite(by_slant[fit]).sum(), np.isfinite(by_slant[accept]).sum()) < 2:
        return _by_angle_alone(part, stated, by_angle, split, (fit, accept))
    shift = middle(by_slant[fit])
    noise, angle_noise = _error(by_slant[fit]), _error(by_angle[accept])
    seen = middle(by_angle[accept])
    trials = _trials(part, stated, shift, fit, accept)
    close = abs(seen - shift) <= 0.2 * abs(shift) + 3.0 * angle_noise
    agreed = close and 3.0 * angle_noise <= 0.5 * abs(shift)
    steady = trials.constant.enough and agreed and abs(shift) >= _LEAST_M
    beside = trials.beside.enough and abs(shift) >= _LEAST_M
    # heights that wander by less than the step they are sent in are rounding, however well it fits
    each = trials.each.enough and float(np.nanpercentile(np.abs(by_slant[accept]), 80.0)) > _STEP_M
    if not (steady or beside or each):
        return None
    moving = trials.varies or not (steady or beside or trials.along.enough)
    proof = trials.constant if steady else trials.beside if beside else trials.each
    evidence: Evidence = {
        "shift_m": round(shift, 3),
        "shift_sigma_m": round(noise, 3),
        "shift_by_elevation_m": round(seen, 3),
        "residual_before_deg": round(proof.accept_before, 5),
        "residual_after_deg": round(proof.accept_after, 5),
        "log_likelihood_ratio": round(proof.log_likelihood_ratio, 2),
        "fitted_on": split.fitted,
        "accepted_on": split.accepted,
        "samples": len(split.rows),
    }
    if moving:
        return Proposal("AUD-021", GroundFromSlant(), evidence, {"shift": f"{shift:.1f}"})
    undulation = middle(undulation_m(part.centre_lon_deg, part.centre_lat_deg))
    whose = _mixed(part, shift, undulation, max(_STEP_M, 3.0 * noise))
    if whose and _as_good(HeightWasOther(whose), part, residual(part, stated + shift)):
        evidence["undulation_m"] = round(undulation, 3)
        code = "AUD-022" if whose == "sensor" else "AUD-023"
        return Proposal(code, HeightWasOther(whose), evidence, {"undulation": f"{undulation:.1f}"})
    return Proposal("AUD-020", GroundShift(shift), evidence, {"shift": f"{shift:.1f}"})


def _by_angle_alone(
    part: SensorTrack, stated: Floats, by_angle: Floats, split: Split, sides: tuple[Rows, Rows]
) -> Proposal | None:
    """Without slant ranges: a shift of the ground that explains the elevation better than a bias does."""
    fit, accept = sides
    shift = middle(by_angle[fit])
    before, after = residual(part), residual(part, stated + shift)
    bias = middle(before.along_deg[fit])
    proof, other = (
        fall((before.along_deg[fit], before.along_deg[accept]), (left[fit], left[accept]), 1)
        for left in (after.along_deg, before.along_deg - bias)
    )
    clearer = (
        proof.fit_after * _CLEARER <= other.fit_after and proof.accept_after * _CLEARER <= other.accept_after
    )
    if not (proof.enough and clearer and abs(shift) >= _LEAST_M):
        return None
    evidence: Evidence = {
        "shift_m": round(shift, 3),
        "shift_sigma_m": round(_error(by_angle[fit]), 3),
        "residual_before_deg": round(proof.accept_before, 5),
        "residual_after_deg": round(proof.accept_after, 5),
        "residual_after_bias_deg": round(other.accept_after, 5),
        "log_likelihood_ratio": round(proof.log_likelihood_ratio, 2),
        "fitted_on": split.fitted,
        "accepted_on": split.accepted,
        "samples": len(split.rows),
    }
    return Proposal("AUD-024", GroundShift(shift), evidence, {"shift": f"{shift:.1f}"})


@dataclass(frozen=True)
class _Trials:
    """Falls under a constant shift (the better of elevation and slant range; of elevation alone), under the
    level of each packet's slant range, and beside a bias; whether the level varies, too."""

    constant: Fall
    along: Fall
    each: Fall
    beside: Fall
    varies: bool


def _trials(part: SensorTrack, stated: Floats, shift: float, fit: Rows, accept: Rows) -> _Trials:
    """Try the levels that the slant range implies.

    Beside a bias of the elevation the two estimates of the level differ; the shift is believed then when it
    mends the slant range, and the elevation but for a constant.
    """
    before = residual(part)
    constant = residual(part, stated + shift)
    each = residual(part, level_from_slant(part))

    def compared(first: Floats, last: Floats) -> Fall:
        return fall((first[fit], first[accept]), (last[fit], last[accept]), 1)

    along = compared(before.along_deg, constant.along_deg)
    slant = compared(before.slant_deg, constant.slant_deg)
    best, other = (along, slant) if along.enough else (slant, along)
    spoilt = other.accept_after > 1.2 * other.accept_before + 1e-3
    left = [one.along_deg - middle(one.along_deg[fit]) for one in (constant, each)]
    scatter = [max(spread(one[fit]), spread(one[accept])) for one in left]
    varies = scatter[0] > max(_ALIKE * scatter[1], _FINE_DEG)
    biased = compared(before.along_deg, left[varies])
    small = abs(middle((each if varies else constant).along_deg[fit])) <= LARGEST_BIAS_DEG[1]
    beside = slant.enough and biased.enough and small
    return _Trials(
        replace(best, log_likelihood_ratio=-1.0) if spoilt else best,
        along,
        compared(before.along_deg, each.along_deg),
        slant if beside else replace(slant, log_likelihood_ratio=-1.0),
        varies,
    )


def _as_good(change: HeightWasOther, part: SensorTrack, shifted: Residual) -> bool:
    """Whether moving a height by the undulation leaves as little as the fitted shift does."""
    moved = residual(change.apply(part))
    pairs = ((moved.along_deg, shifted.along_deg), (moved.slant_deg, shifted.slant_deg))
    return all(spread(one) <= _ALIKE * max(spread(other), _FINE_DEG) for one, other in pairs)


def _error(values: Floats) -> float:
    """Standard error of the median, from the scatter and the number of independent values."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return float("inf")
    scatter = 1.4826 * float(np.median(np.abs(known - np.median(known))))
    return 1.2533 * scatter / float(np.sqrt(independent(known)))


def _mixed(
    track: SensorTrack, shift: float, undulation: float, tolerance: float
) -> Literal["", "sensor", "centre"]:
    """Whose height is in the other datum, when the ground is off by the undulation; "" when it is not.

    Ground too low by N: the sensor's height is ellipsoidal or the ground's is not; too high: the
    reverse. The one whose label this contradicts is wrong; where labels differ, the sensor's.
    """
    if abs(undulation) < _SMALLEST_UNDULATION_M:
        return ""
    sensor_hae, centre_hae = track.sensor_height_datum == "hae", track.centre_height_datum == "hae"
    if abs(shift - undulation) <= tolerance:
        if not sensor_hae:
            return "sensor"
        return "centre" if centre_hae else ""
    if abs(shift + undulation) <= tolerance:
        if sensor_hae:
            return "sensor"
        return "" if not (centre_hae or track.sensor_height_datum == track.centre_height_datum) else "centre"
    return ""
