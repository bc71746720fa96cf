"""Probabilities for the card: a sigmoid of the score's log-odds, fitted on flights the net never saw."""

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.scoring.probability_fit import platt


def logistic_curve(score: NDArray[np.float64], true: NDArray[np.bool_]) -> dict[str, list[float]]:
    """{"score", "p"} pairs as the card keeps them."""
    pairs = np.array(platt(log_odds(score), true))
    at, p = 1.0 / (1.0 + np.exp(-pairs[:, 0])), pairs[:, 1]
    _, first = np.unique(at.round(6), return_index=True)
    return {"score": at[first].round(6).tolist(), "p": np.maximum.accumulate(p[first]).round(5).tolist()}


def read_off(curve: dict[str, list[float]], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of scores by such pairs."""
    return np.asarray(np.interp(score, curve["score"], curve["p"]))


def log_odds(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of scores in 0..1."""
    p = np.clip(score, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p / (1 - p)))
