"""Hypotheses: the four corners are stated in another order than the standard's.

Field of view and attitude put each corner of the image on the ground; compared about their common middle, so
that a bias of the whole frame does not matter, one order of the stated ones fits and 23 do not.
"""

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.base.language import figure
from atalaya.footage.audit.judge import FALL, Fall, fall, middle, spread
from atalaya.footage.audit.report import Proposal
from atalaya.footage.audit.sighting import corner_miss, predicted_corners, stated_corners
from atalaya.footage.audit.split import Split, split_rows
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]

_ORDERS = tuple(permutations(range(4)))
_GOOD, _BAD = 0.2, 0.3
"""Distance between corners, in half diagonals of the frame, that counts as meeting, and as not meeting."""


@dataclass(frozen=True)
class CornerOrder:
    """Put the corners in order: corner k of the derived columns is the stated corner `order[k]`."""

    order: tuple[int, int, int, int]

    def apply(self, track: SensorTrack) -> SensorTrack:
        """Derived corners: upper left, upper right, lower right, lower left."""
        order = list(self.order)
        return replace(
            track,
            corner_lon_deg=track.corner_lon_deg[:, order],
            corner_lat_deg=track.corner_lat_deg[:, order],
        )


def order_misfits(track: SensorTrack) -> Floats:
    """(n, 24) mean distance of corners under each order, in half diagonals; NaN where unknown."""
    predicted, stated = predicted_corners(track), stated_corners(track)
    predicted = predicted - predicted.mean(axis=1, keepdims=True)
    stated = stated - stated.mean(axis=1, keepdims=True)
    size = np.linalg.norm(predicted, axis=-1).mean(axis=1)
    apart = np.linalg.norm(predicted[:, :, None] - stated[:, None, :], axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        fits = [sum(apart[:, k, order[k]] for k in range(4)) / (4.0 * size) for order in _ORDERS]
    return np.stack(fits, axis=-1)


def find_corner_order(track: SensorTrack) -> tuple[Proposal | None, list[Finding]]:
    """The repair of the corners' order, and what to say when they fit in none."""
    known = np.flatnonzero(np.isfinite(track.corner_lon_deg + track.corner_lat_deg).all(axis=1))
    split = split_rows(track, known)
    if split is None:
        return None, []
    part = track.take(split.rows)
    misfit = order_misfits(part)
    fit, accept = np.searchsorted(split.rows, split.fit), np.searchsorted(split.rows, split.accept)
    best = min(range(len(_ORDERS)), key=lambda index: spread(misfit[fit, index]))
    proof = fall(
        (misfit[fit, 0], misfit[accept, 0]), (misfit[fit, best], misfit[accept, best]), 0, len(_ORDERS)
    )
    if best and proof.enough and max(proof.fit_after, proof.accept_after) <= _GOOD:
        return _proposal(part, _ORDERS[best], proof, split), []
    stated = spread(misfit[:, 0])
    if not (np.isfinite(stated) and stated > _BAD):
        return None, []
    off = middle(corner_miss(part).mean(axis=1))
    return None, [Finding("AUD-051", Severity.WARNING, details={"off": figure(off)})]


def _proposal(part: SensorTrack, order: tuple[int, ...], proof: Fall, split: Split) -> Proposal:
    change = CornerOrder((order[0], order[1], order[2], order[3]))
    before = middle(corner_miss(part).mean(axis=1))
    after = middle(corner_miss(change.apply(part)).mean(axis=1))
    return Proposal(
        "AUD-050",
        change,
        {
            "order": [float(index) for index in order],
            "misfit_before": round(proof.accept_before, 4),
            "misfit_after": round(proof.accept_after, 4),
            "corner_miss_before_m": round(before, 2),
            "corner_miss_after_m": round(after, 2),
            "log_likelihood_ratio": round(proof.log_likelihood_ratio, 2),
            "fitted_on": split.fitted,
            "accepted_on": split.accepted,
            "samples": len(split.rows),
        },
        {
            "order": " ".join(str(index + 1) for index in order),
            "before_corner": figure(before),
            "after_corner": figure(after),
        },
    )


def roll_is_relative(upright: SensorTrack, tilted: SensorTrack) -> bool:
    """Whether the corners fit better with the stated camera roll taken about the platform (`tilted`).

    Both tracks have the same line of sight; without corners the horizon is taken (`upright`).
    """
    scores = [min(spread(one) for one in order_misfits(track).T) for track in (upright, tilted)]
    return bool(scores[1] * FALL <= scores[0] and scores[1] <= _GOOD)
