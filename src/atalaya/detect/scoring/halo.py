"""Halo scoring of score maps, as MUUFL Gulfport defines it.

An object's confidence is the highest score in its halo; each pixel outside all halos is one chance of a false
alarm; halos of objects that are not scored are left out (Glenn et al., Bullwinkle's scorer for Gader et al.,
REP-2013-570).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import Bools, Floats, numbers, positive, yes_or_no

_HALO_PX = ((1.0, (5, 5)), (3.0, (7, 7)), (np.inf, (17, 15)))
"""Side of an object up to which a halo of so many rows and columns is used, at 1 m per pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class HaloScores:
    """Confidences to rank.

    confidence: (m,) of scored objects      outside: (k,) scores of pixels outside all halos
    area_m2: that false alarms are counted against
    """

    confidence: Floats
    outside: Floats
    area_m2: float


def muufl_halo_px(side_m: ArrayLike) -> NDArray[np.int64]:
    """(m, 2) rows and columns of the halo of objects of such a side (0.5, 1, 3 or 6 m)."""
    sides = numbers(side_m, "side")
    steps = np.searchsorted([side for side, _ in _HALO_PX], sides - 1e-9)
    return np.array([halo for _, halo in _HALO_PX], np.int64)[steps]


def halo_scores(
    score: ArrayLike,
    place_px: ArrayLike,
    halo_px: ArrayLike,
    *,
    scored: ArrayLike | None = None,
    valid: Bools | None = None,
    gsd_m: float = 1.0,
    area_m2: float | None = None,
) -> HaloScores:
    """Read objects and background off a score map.

    Args:
        score: (rows, columns). place_px: (m, 2) row and column of objects. halo_px: (m, 2) rows and columns.
        scored: (m,) objects that count; halos of the others are left out. valid: False where no data are.
        area_m2: against which false alarms count; the area of the pixels outside halos where None.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-004, no object or no background is left.
    """
    shown = np.asarray(score, np.float64)
    seen = np.isfinite(shown) if valid is None else valid & np.isfinite(shown)
    places = numbers(place_px, "places", (None, 2))
    sizes = numbers(halo_px, "halos", (len(places), 2))
    counts = np.ones(len(places), np.bool_) if scored is None else yes_or_no(scored, "scored", (len(places),))
    outside, confidence = seen.copy(), []
    for (row, column), (high, wide), counted in zip(np.rint(places), sizes, counts, strict=True):
        top, left = max(int(row - high // 2), 0), max(int(column - wide // 2), 0)
        window = np.s_[top : max(int(row + high // 2) + 1, 0), left : max(int(column + wide // 2) + 1, 0)]
        outside[window] = False
        inside = shown[window][seen[window]]
        if counted and inside.size:
            confidence.append(float(inside.max()))
    if not confidence or not outside.any():
        raise BadInput("SCO-004", where="halos")
    background = shown[outside]
    area = len(background) * gsd_m**2 if area_m2 is None else area_m2
    return HaloScores(np.array(confidence), background, positive(area, "area"))


def nauc(confidence: ArrayLike, outside: ArrayLike, area_m2: float, limit_per_m2: float) -> float:
    """Area under the curve of objects found against false alarms per m2, up to a limit, over that limit.

    The curve is a step: between k and k + 1 false alarms those objects are found that score above the
    (k + 1)-th highest background pixel. Objects .9 .6 .3, background .8 .5 .4 .2, 1,000 m2, limit 3e-3:
    0.5556.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-004, no object; SCO-005, area or limit is not above 0.
    """
    objects, alarms = np.sort(numbers(confidence, "confidence")), numbers(outside, "outside")
    if not len(objects):
        raise BadInput("SCO-004", where="confidence")
    most = positive(limit_per_m2, "limit") * positive(area_m2, "area")
    steps = min(len(alarms), int(np.ceil(most - 1e-9)))
    highest = np.sort(alarms)[::-1][:steps]
    found = (len(objects) - np.searchsorted(objects, highest, side="right")) / len(objects)
    width = np.clip(most - np.arange(steps), 0.0, 1.0)
    beyond = max(most - steps, 0.0)  # no background is left there, so every object is found
    return float((found @ width + beyond) / most)
