"""Errors a stream states about itself: ST 1010 (item 102 of ST 0601) over the defaults of a profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from atalaya.earth.ellipsoid import SEMI_MAJOR_M
from atalaya.earth.error import ErrorBudget, Term
from atalaya.klv.st1010 import SOURCE_TAGS, Sdcc

TERM_OF_TAG = {
    5: "heading_deg",
    6: "pitch_deg",
    7: "roll_deg",
    13: "position_north_m",
    14: "position_east_m",
    15: "position_up_m",
    18: "gimbal_azimuth_deg",
    19: "gimbal_elevation_deg",
    20: "gimbal_roll_deg",
    75: "position_up_m",
    90: "pitch_deg",
    91: "roll_deg",
    104: "position_up_m",
}
"""Items of ST 0601 whose error is an input of a ground point; 16 (field of view) and 21 are told apart."""

_FOV_TAG, _RANGE_TAG = 16, 21
_METRES_PER_DEGREE = np.pi / 180.0 * SEMI_MAJOR_M


@dataclass(frozen=True)
class StatedErrors:
    """One-sigmas by tag of ST 0601, in the unit of the item, and correlations by pair of tags."""

    deviations: Mapping[int, float]
    correlations: Mapping[tuple[int, int], float]

    @property
    def slant_sigma_m(self) -> float:
        """One sigma of the slant range (item 21); NaN where not stated."""
        return self.deviations.get(_RANGE_TAG, float("nan"))


def stated_errors(pack: Sdcc, tags_before: Sequence[int]) -> StatedErrors:
    """What a pack says of the items before it.

    Args:
        pack: item 102. tags_before: all tags of the set that stand before it, in their order; of those that
            may be spoken of, the last `pack.size` are.
    """
    spoken = [tag for tag in tags_before if tag in SOURCE_TAGS][-pack.size :]
    deviations, correlations = {}, {}
    for place, tag in enumerate(spoken):
        sigma = pack.deviation(place)
        if sigma is not None and np.isfinite(sigma) and sigma >= 0.0:
            deviations[tag] = sigma
        for other in range(place + 1, len(spoken)):
            coefficient = pack.correlation(place, other)
            if coefficient and abs(coefficient) <= 1.0:
                correlations[tag, spoken[other]] = coefficient
    return StatedErrors(deviations, correlations)


def with_stated(
    budget: ErrorBudget, stated: StatedErrors, *, lat_deg: float, hfov_deg: float = float("nan")
) -> ErrorBudget:
    """The budget with what the stream states in place of what was assumed, marked "stated".

    A stated sigma is the whole of the error; it is divided into shared and own as the default was.

    Args:
        lat_deg: of the sensor: degrees of longitude are shorter away from the equator.
        hfov_deg: horizontal field of view, to turn its error (item 16) into one of the focal length.
    """
    terms: dict[str, Term] = {}
    for tag, sigma in stated.deviations.items():
        name = TERM_OF_TAG.get(tag)
        if name is not None:
            terms[name] = budget.term(name).with_total(sigma * _to_metres(tag, lat_deg), "stated")
        elif tag == _FOV_TAG and np.isfinite(hfov_deg):
            # f = w / (2 tan(fov / 2)): df / f = -dfov / sin(fov)
            relative = np.radians(sigma) / np.sin(np.radians(hfov_deg))
            terms["focal_relative"] = budget.focal_relative.with_total(float(relative), "stated")
    pairs = tuple(
        (TERM_OF_TAG[first], TERM_OF_TAG[second], coefficient)
        for (first, second), coefficient in stated.correlations.items()
        if first in TERM_OF_TAG and second in TERM_OF_TAG and TERM_OF_TAG[first] != TERM_OF_TAG[second]
    )
    return replace(budget.with_terms(**terms), correlations=pairs or budget.correlations)


def _to_metres(tag: int, lat_deg: float) -> float:
    """Metres per unit of a position item; 1 for all others."""
    if tag == 13:
        return float(_METRES_PER_DEGREE)
    return float(_METRES_PER_DEGREE * np.cos(np.radians(lat_deg))) if tag == 14 else 1.0
