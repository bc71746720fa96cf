"""The probability that a tracklet is real, calibrated on tracklets: never the product over its frames."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_ROUNDS = 50
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class TrackletCalibration:
    """logit p = intercept + per_score score + per_log_frames ln(frames) + per_hit_share hit share.

    Args:
        base_rate: share of real ones among the tracklets it was fitted on: evidence is log-odds against it.
        intercept, per_score, per_log_frames, per_hit_share: of the logistic model.
    """

    base_rate: float
    intercept: float
    per_score: float
    per_log_frames: float = 0.0
    per_hit_share: float = 0.0

    def llr(self, score: Floats, frames: Floats, hit_share: Floats) -> Floats:
        """(n,) logit p - logit base rate."""
        return np.asarray(
            self.intercept
            + self.per_score * score
            + self.per_log_frames * np.log(frames)
            + self.per_hit_share * hit_share
            - np.log(self.base_rate / (1.0 - self.base_rate))
        )

    def probability(self, llr: Floats) -> Floats:
        """(n,) p of that."""
        return np.asarray(1.0 / (1.0 + np.exp(-llr) * (1.0 - self.base_rate) / self.base_rate))


def fit_calibration(
    score: ArrayLike, frames: ArrayLike, hit_share: ArrayLike, real: ArrayLike
) -> TrackletCalibration:
    """Fit by iterated weighted least squares with a slight ridge on all but the intercept.

    Args:
        score, frames, hit_share: (n,) of labelled tracklets. real: (n,) whether each was real.
    """
    truth = np.asarray(real, np.float64)
    columns = (np.ones_like(truth), np.asarray(score), np.log(np.asarray(frames)), np.asarray(hit_share))
    design = np.stack([np.asarray(column, np.float64) for column in columns], axis=1)
    ridge = _RIDGE * np.diag([0.0, 1.0, 1.0, 1.0])
    rate = float(np.clip(truth.mean(), 1e-6, 1.0 - 1e-6))
    found = np.array([np.log(rate / (1.0 - rate)), 0.0, 0.0, 0.0])
    for _ in range(_ROUNDS):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ found, -30.0, 30.0)))
        curve = design.T @ (design * (p * (1.0 - p))[:, None]) + ridge + 1e-9 * np.eye(4)
        change = np.linalg.solve(curve, design.T @ (truth - p) - ridge @ found)
        found = found + np.clip(change, -5.0, 5.0)
        if np.abs(change).max() < 1e-10:
            break
    return TrackletCalibration(rate, *(float(value) for value in found))
