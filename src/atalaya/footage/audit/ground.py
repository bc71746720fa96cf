"""Hypotheses: the stated ground level is wrong while the slant range is right, or its datum is another.

The slant range implies one level, the elevation angle another; only where both say the same, and not what the
record says, is the record's level at fault. A shift equal to the geoid's undulation is a mix of datums.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import azimuth_elevation, boresight_ned, converted_height_m, undulation_m
from atalaya.footage.audit.judge import Fall, fall, independent
from atalaya.footage.audit.report import Proposal
from atalaya.footage.audit.sighting import (
    Residual,
    centre_height_in_sensor_datum,
    ground_level,
    level_from_slant,
    residual,
    sight,
)
from atalaya.footage.audit.split import Split
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]

_LEAST_M = 3.0
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
    level = ground_level(track)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for _ in range(4):
            line = sight(track, level)
            slope = np.cos(np.radians(line.elevation_deg))
            level = level + np.radians(wanted - line.elevation_deg) * line.range_m / slope
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
        return None
    shift = float(np.nanmedian(by_slant[fit]))
    noise, angle_noise = _error(by_slant[fit]), _error(by_angle[accept])
    seen = float(np.nanmedian(by_angle[accept]))
    tolerance = 0.2 * abs(shift) + 3.0 * angle_noise
    steady = abs(seen - shift) <= tolerance and 3.0 * angle_noise <= 0.5 * abs(shift)
    before = residual(part)
    constant = residual(part, stated + shift)
    single = residual(part, level_from_slant(part))
    proofs = {
        "constant": _proof(before, constant, fit, accept),
        "each": fall(
            (before.along_deg[fit], before.along_deg[accept]),
            (single.along_deg[fit], single.along_deg[accept]),
            1,
        ),
    }
    moving = proofs["each"].enough and not (
        steady
        and proofs["constant"].enough
        and proofs["constant"].fit_after <= 2.0 * proofs["each"].fit_after
    )
    if not moving and not (steady and proofs["constant"].enough and abs(shift) >= _LEAST_M):
        return None
    proof = proofs["each" if moving else "constant"]
    evidence: dict[str, float | int | str | list[float] | None] = {
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
    undulation = float(np.nanmedian(undulation_m(part.centre_lon_deg, part.centre_lat_deg)))
    whose = _mixed(part, shift, undulation, max(_STEP_M, 3.0 * noise))
    if whose:
        evidence["undulation_m"] = round(undulation, 3)
        code = "AUD-022" if whose == "sensor" else "AUD-023"
        return Proposal(code, HeightWasOther(whose), evidence, {"undulation": f"{undulation:.1f}"})
    return Proposal("AUD-020", GroundShift(shift), evidence, {"shift": f"{shift:.1f}"})


def _proof(before: Residual, constant: Residual, fit: NDArray[np.intp], accept: NDArray[np.intp]) -> Fall:
    """The better of the falls of the elevation and of the slant range, both as angles at the sensor."""
    falls = []
    for name in ("along_deg", "slant_deg"):
        first, last = getattr(before, name), getattr(constant, name)
        falls.append(fall((first[fit], first[accept]), (last[fit], last[accept]), 1))
    falls.sort(key=lambda one: one.accept_after / one.accept_before)
    best, other = falls
    worse = other.accept_after > 1.2 * other.accept_before + 1e-3
    return replace(best, log_likelihood_ratio=-1.0) if worse else best


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

    Ground too low by N: the sensor's height is ellipsoidal or the ground's is not; too high: the reverse. The one
    whose label this contradicts is wrong; where labels differ, the sensor's.
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
