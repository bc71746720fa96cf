"""The pose that brings ties to their places, held by what the metadata says of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Residuals = Callable[[Floats], tuple[Floats, Floats]]
"""From six values of a change to (n, 2) residuals, metres, NaN where a tie is lost, and (n, 2, 6) how the
predicted places move with the values."""

_ROUNDS = 25
_PLAIN_ROUNDS = 3
_STILL = 1e-4
_CAUCHY = 2.385
_MAD_TO_SD = 1.4826
_MOST_SCATTER = 2.0


@dataclass(frozen=True)
class Adjusted:
    """Result of an adjustment.

    change: (6,) see `pose_change.VALUES`      covariance: (6, 6) of it, by ties and prior
    weights: (n,) 1 for a tie that fits, towards 0 for one that does not; 0 for a lost one
    residual_m: (n,) length      tie_sd_m: found scatter of one tie, each axis
    prior_form: change^T S^-1 change
    """

    change: Floats
    covariance: Floats
    weights: Floats
    residual_m: Floats
    tie_sd_m: float
    prior_form: float


def adjust(residuals: Residuals, prior: Floats, least_sd_m: float, shared_by: float) -> Adjusted:
    """Gauss-Newton on six values with a normal prior about zero and Cauchy weights after three rounds.

    Args:
        prior: (6, 6) covariance of the values.
        least_sd_m: no tie is better than this, each axis.
        shared_by: how many ties look at the same ground: overlapping tiles count once.
    """
    information = np.linalg.inv(prior)
    change = np.zeros(6)
    sd, weights = least_sd_m, np.empty(0)
    for round_ in range(_ROUNDS):
        miss, slope = residuals(change)
        weights = _weights(miss, sd, robust=round_ >= _PLAIN_ROUNDS)
        normal, right = _normal(miss, slope, weights / (sd**2 * shared_by))
        step = np.linalg.solve(normal + information, right - information @ change)
        change = change + step
        sd = _scatter(miss - np.einsum("nij,j->ni", slope, step), least_sd_m)
        scale = np.sqrt(np.diag(prior))
        if round_ > _PLAIN_ROUNDS + 1 and np.abs(step / scale).max() < _STILL:
            break
    miss, slope = residuals(change)
    weights = _weights(miss, sd, robust=True)
    normal, _ = _normal(miss, slope, weights / (sd**2 * shared_by))
    lengths = np.hypot(miss[:, 0], miss[:, 1])
    form = float(change @ information @ change)
    return Adjusted(change, np.linalg.inv(normal + information), weights, lengths, sd, form)


def _weights(miss: Floats, sd: float, *, robust: bool) -> Floats:
    square = np.sum(miss * miss, axis=1) / sd**2
    known = np.isfinite(square)
    shared = 1.0 / (1.0 + np.where(known, square, 0.0) / _CAUCHY**2) if robust else 1.0
    return np.where(known, shared, 0.0)


def _normal(miss: Floats, slope: Floats, weight: Floats) -> tuple[Floats, Floats]:
    used = weight > 0.0
    j, r, w = slope[used], miss[used], weight[used]
    return np.einsum("nki,n,nkj->ij", j, w, j), np.einsum("nki,n,nk->i", j, w, r)


def _scatter(miss: Floats, least: float) -> float:
    """Robust standard deviation of each axis; never so large that contradicting ties all fit."""
    known = miss[np.isfinite(miss).all(axis=1)]
    if not len(known):
        return least
    return float(np.clip(_MAD_TO_SD * np.median(np.abs(known)), least, _MOST_SCATTER * least))
