"""Hypotheses: the four corners are stated in another order than the standard's.

Field of view and attitude give the line of sight to each corner of the image; how far along it the ground
lies is not known where it is rough. So stated corners are held against the upright planes through those
lines, freed of a shift of the whole frame, and must lie farther where the line is higher (first ground met).
One order of the stated ones fits and 23 do not, on any relief.
"""

from dataclasses import dataclass, replace
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.base.language import figure
from atalaya.earth import geodetic_to_ecef, ned_basis
from atalaya.footage.audit.judge import FALL, Fall, fall, middle, spread
from atalaya.footage.audit.report import Proposal
from atalaya.footage.audit.sighting import corner_miss, predicted_corners, stated_corners
from atalaya.footage.audit.split import Split, split_rows
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]

_ORDERS = tuple(permutations(range(4)))
_GOOD, _BAD = 0.2, 0.3
"""Distance between corners, in half diagonals of the frame, that counts as meeting, and as not meeting."""

PER_LOOK = 2
"""Independent distances in one look at four corners, a shift of all of them taken off."""

_IN_LINE = 0.9
"""Share of the way between two corners that must lie along the look for one to be behind the other."""

_SAME_SIZE = 4.0
"""Relief stretches a frame by less than this."""

_RIDGE = 0.1
"""Keeps the shift of a narrow frame across the look: along it the planes say nothing."""


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
    """(n, 24) mean distance of corners from their planes under each order, in half diagonals; NaN if unknown.

    An order that would have the ground seen from behind (farther where the line of sight is lower) counts as
    one more, and so does a frame of quite another size.
    """
    predicted, stated = _levelled(track, predicted_corners(track)), _levelled(track, stated_corners(track))
    sizes = _half_diagonal(predicted), _half_diagonal(stated)
    size = np.minimum(*sizes)
    far, stated_far = np.linalg.norm(predicted, axis=-1), np.linalg.norm(stated, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ahead = predicted / far[..., None]
    aside = np.stack((-ahead[..., 1], ahead[..., 0]), axis=-1)
    off = np.einsum("nki,nji->nkj", aside, stated)
    behind = [_from_behind(predicted, far, stated_far[:, list(order)]) for order in _ORDERS]
    with np.errstate(invalid="ignore", divide="ignore"):
        away = [_unshifted(off[:, range(4), order], aside) / size for order in _ORDERS]
    # from far enough any frame is a point, and a shift explains it: of another size it is another frame
    other = (np.maximum(*sizes) > _SAME_SIZE * size).astype(np.float64)
    return np.stack(away, axis=-1) + np.stack(behind, axis=-1) + other[:, None]


def _half_diagonal(corners: Floats) -> Floats:
    return np.asarray(
        np.linalg.norm(corners - corners.mean(axis=1, keepdims=True), axis=-1).mean(axis=1), np.float64
    )


def _levelled(track: SensorTrack, place: Floats) -> Floats:
    """(n, 4, 2) north and east of (n, 4, 3) places from the sensor, metres."""
    sensor = geodetic_to_ecef(track.sensor_lon_deg, track.sensor_lat_deg, track.sensor_height_m)
    basis = ned_basis(track.sensor_lon_deg, track.sensor_lat_deg)
    return np.asarray(np.einsum("nij,nki->nkj", basis[..., :2], place - sensor[:, None]))


def _unshifted(off: Floats, aside: Floats) -> Floats:
    """(n,) mean size of (n, 4) distances from planes after the shift of all corners that explains most."""
    normal = np.einsum("nki,nkj->nij", aside, aside) + _RIDGE * np.eye(2)
    wanted = np.einsum("nki,nk->ni", aside, off)
    known = np.isfinite(normal).all(axis=(1, 2)) & np.isfinite(wanted).all(axis=1)
    shift = np.full_like(wanted, np.nan)
    shift[known] = np.linalg.solve(normal[known], wanted[known][..., None])[..., 0]
    return np.asarray(np.abs(off - np.einsum("nki,ni->nk", aside, shift)).mean(axis=1))


def _from_behind(predicted: Floats, far: Floats, stated_far: Floats) -> Floats:
    """(n,) 1 where of two corners in line the stated distances are the other way round, else 0."""
    wrong = np.zeros(len(far), np.bool_)
    for first, second in combinations(range(4), 2):
        gap = far[:, first] - far[:, second]
        apart = np.linalg.norm(predicted[:, first] - predicted[:, second], axis=-1)
        with np.errstate(invalid="ignore"):
            in_line = np.abs(gap) >= _IN_LINE * apart
            wrong |= in_line & (gap * (stated_far[:, first] - stated_far[:, second]) < 0.0)
    return wrong.astype(np.float64)


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
        (misfit[fit, 0], misfit[accept, 0]),
        (misfit[fit, best], misfit[accept, best]),
        0,
        len(_ORDERS),
        PER_LOOK,
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
