"""Hypotheses: azimuth or elevation stated in another sense than the book's, ground level wrong beside it.

The required angles follow from the positions alone, so azimuth and elevation are decided each for itself,
together with where the ground level comes from; a bias beside them is allowed for, not repaired here.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from atalaya.footage.audit.angles import (
    ABSOLUTE,
    AZIMUTH_READINGS,
    BY_THE_BOOK,
    ELEVATION_READINGS,
    ReadAngles,
    Reading,
    azimuth_residual,
    elevation_residual,
)
from atalaya.footage.audit.bias import LARGEST_BIAS_DEG
from atalaya.footage.audit.corners import roll_is_relative
from atalaya.footage.audit.ground import GroundFromSlant
from atalaya.footage.audit.judge import FALL, MATERIAL_DEG, Fall, fall, spread, weighted_median
from atalaya.footage.audit.report import Proposal
from atalaya.footage.audit.sighting import level_from_slant, sight, wrapped
from atalaya.footage.audit.split import Split
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_CODES = {
    (ABSOLUTE, BY_THE_BOOK): "AUD-010",
    (BY_THE_BOOK, ABSOLUTE): "AUD-011",
    (ABSOLUTE, ABSOLUTE): "AUD-012",
}
_LIMIT_DEG = 10.0
"""A reading that still misses by more than this explains nothing, however bad the book's reading is."""

_OUTRIGHT_DEG = 0.5
_GOOD_DEG = 0.01
_ALIKE = 1.3
"""Residuals within this factor of each other do not tell two readings apart."""


@dataclass(frozen=True)
class _Option:
    reading: Reading
    changes: int
    late: int
    fit: Floats
    accept: Floats
    biased: bool = False

    @property
    def score(self) -> float:
        """Residual on the worse side; below what matters all readings are equally good."""
        return max(spread(self.fit), spread(self.accept), _GOOD_DEG)


def find_readings(track: SensorTrack, split: Split) -> Proposal | None:
    """The repair of the sense of azimuth and elevation, if the positions demand one."""
    rows = split.rows
    part = track.take(rows)
    sides = (np.searchsorted(rows, split.fit), np.searchsorted(rows, split.accept))
    lines = (sight(part), sight(part, level_from_slant(part)))
    elevations = [
        option
        for way, (late, line) in product(ELEVATION_READINGS, enumerate(lines))
        for option in _options(way, late, elevation_residual(way, part, line), sides, LARGEST_BIAS_DEG[1])
    ]
    line = lines[_best(elevations).late]  # what elevation says of the ground holds for azimuth too
    azimuths = [
        option
        for way in AZIMUTH_READINGS
        for option in _options(way, 0, azimuth_residual(way, part, line), sides, LARGEST_BIAS_DEG[0])
    ]
    azimuth, azimuth_fall = _chosen(azimuths)
    elevation, elevation_fall = _chosen(elevations, likely=azimuth)
    if not np.isfinite(azimuths[0].score) and not _plain(azimuths, azimuth, elevations, elevation):
        return None
    if azimuth == elevation == BY_THE_BOOK:
        return None
    code = _CODES.get((azimuth, elevation), "AUD-013")
    falls = [part for part in (azimuth_fall, elevation_fall) if part is not None]
    return Proposal(
        code,
        _with_roll(part, azimuth, elevation),
        {
            "azimuth_reading": azimuth.name,
            "elevation_reading": elevation.name,
            "log_likelihood_ratio": round(sum(part.log_likelihood_ratio for part in falls), 2),
            "residual_before_deg": _largest(falls, "accept_before"),
            "residual_after_deg": _largest(falls, "accept_after"),
            "fitted_on": split.fitted,
            "accepted_on": split.accepted,
            "samples": len(rows),
        },
        {"azimuth": azimuth.name, "elevation": elevation.name},
    )


def _with_roll(part: SensorTrack, azimuth: Reading, elevation: Reading) -> ReadAngles:
    """The change; the camera roll is taken about the platform where the corners say that it was."""
    upright = ReadAngles(azimuth, elevation)
    part = GroundFromSlant().apply(part)  # the level stated may be wrong, and is not yet repaired
    if azimuth.frame != "world" or elevation.frame != "world":
        return upright
    tilted = ReadAngles(azimuth, elevation, "body")
    return tilted if roll_is_relative(upright.apply(part), tilted.apply(part)) else upright


def _options(
    way: Reading, late: int, off: tuple[Floats, Floats], sides: tuple[Rows, Rows], largest: float
) -> list[_Option]:
    """A reading as it stands, and with a constant bias fitted on the rows to fit on (one change more)."""
    changes = int(way != BY_THE_BOOK) + late
    (angle, weight), (fit, accept) = off, sides
    plain = _Option(way, changes, late, (angle * weight)[fit], (angle * weight)[accept])
    bias = weighted_median(angle[fit], weight[fit])
    if not abs(bias) <= largest:
        return [plain]
    left = wrapped(angle - bias) * weight
    return [plain, _Option(way, changes + 1, late, left[fit], left[accept], biased=True)]


def _plain(azimuths: list[_Option], azimuth: Reading, elevations: list[_Option], elevation: Reading) -> bool:
    """Whether both angles are absolute outright: without an attitude there is no book to compare with."""
    return azimuth == elevation == ABSOLUTE and all(
        min(option.score for option in options if option.reading == ABSOLUTE) <= _OUTRIGHT_DEG
        for options in (azimuths, elevations)
    )


def _largest(falls: list[Fall], name: str) -> float | None:
    value = max(float(getattr(part, name)) for part in falls)
    return round(value, 5) if np.isfinite(value) else None


def _first_good(options: list[_Option]) -> _Option:
    """The earliest (likeliest) option that is not clearly worse than the best."""
    limit = _ALIKE * min(option.score for option in options)
    return next(option for option in options if option.score <= limit or not np.isfinite(limit))


def _best(options: list[_Option]) -> _Option:
    """The option to believe: each further departure from the book must earn a five-fold fall of its own."""
    best = options[0]
    for changes in (0, 1, 2, 3):
        level = sorted((o for o in options if o.changes == changes), key=lambda option: option.biased)
        if not level:
            continue
        rival = _first_good(level)
        if rival.score * FALL <= best.score or (changes == 0 and rival.score < best.score):
            best = rival
    return best


def _chosen(options: list[_Option], likely: Reading = BY_THE_BOOK) -> tuple[Reading, Fall | None]:
    """The reading to use, and its proof; the reading the other angle was found to have is not one of many."""
    best = _best(options)
    if best.reading == BY_THE_BOOK:
        return BY_THE_BOOK, None
    books = [o for o in options if o.reading == BY_THE_BOOK and o.biased <= best.biased]
    same_ground = min(books, key=lambda option: option.score)
    choices = 1 if best.reading == likely else len(options)
    proof = fall((same_ground.fit, same_ground.accept), (best.fit, best.accept), 0, choices)
    material = spread(same_ground.accept) >= MATERIAL_DEG and spread(best.accept) <= _LIMIT_DEG
    return (best.reading, proof) if proof.enough and material else (BY_THE_BOOK, None)
