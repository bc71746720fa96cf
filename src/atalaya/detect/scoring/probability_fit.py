"""Probabilities from scores, as pairs for a model card: isotonic (adjacent violators pooled), or a sigmoid.

Fit on labelled tiles that neither training nor test has seen; without labels there is no probability.
"""

import numpy as np
from numpy.typing import ArrayLike

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import Bools, Floats, numbers, yes_or_no

Curve = tuple[tuple[float, float], ...]
"""(score, probability) pairs, scores rising: `ModelCard.calibration`."""


def isotonic(score: ArrayLike, y: ArrayLike) -> Curve:
    """The rising step curve nearest to the outcomes (Ayer et al. 1955), ends of each step as pairs.

    Raises:
        BadInput: SCO-001, SCO-002, SCO-004; SCO-011, outcomes are all alike.
    """
    scores, true = _labelled(score, y)
    known, place, weight = np.unique(scores, return_inverse=True, return_counts=True)
    share = np.bincount(place, true) / weight
    steps: list[tuple[float, float, int]] = []  # mean, weight, distinct scores
    for mean, mass in zip(share.tolist(), weight.tolist(), strict=True):
        steps.append((mean, float(mass), 1))
        while len(steps) > 1 and steps[-2][0] >= steps[-1][0]:
            (mean_1, mass_1, n_1), (mean_0, mass_0, n_0) = steps.pop(), steps.pop()
            both = mass_0 + mass_1
            steps.append(((mean_0 * mass_0 + mean_1 * mass_1) / both, both, n_0 + n_1))
    last = np.cumsum([n for *_, n in steps]) - 1
    first = np.concatenate(([0], last[:-1] + 1))
    pairs = []
    for (mean, _, n), begin, end in zip(steps, first, last, strict=True):
        pairs.append((float(known[begin]), mean))
        if n > 1:
            pairs.append((float(known[end]), mean))
    return tuple(pairs)


def platt(score: ArrayLike, y: ArrayLike, points: int = 33) -> Curve:
    """A sigmoid of the score (Platt 1999, targets and Newton steps as in Lin, Lin, Weng 2007), as pairs.

    Raises:
        BadInput: SCO-001, SCO-002, SCO-004; SCO-011, outcomes are all alike.
    """
    scores, true = _labelled(score, y)
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    slope, offset = _sigmoid((scores - middle) / spread, true)
    at = np.linspace(scores.min(), scores.max(), points)
    p = 1.0 / (1.0 + np.exp(-(slope * (at - middle) / spread + offset)))
    pairs = zip(at.tolist(), p.tolist(), strict=True)
    return tuple(dict(pairs).items())


def _labelled(score: ArrayLike, y: ArrayLike) -> tuple[Floats, Bools]:
    scores = numbers(score, "score")
    true = yes_or_no(y, "y", scores.shape)
    if not len(scores):
        raise BadInput("SCO-004", where="score")
    if true.all() or not true.any():
        raise BadInput("SCO-011", true=int(true.sum()), pixels=len(true))
    return scores, true


def _sigmoid(score: Floats, true: Bools) -> tuple[float, float]:
    """Slope and offset of greatest likelihood against Platt's softened targets, by damped Newton steps."""
    yes = int(true.sum())
    target = np.where(true, (yes + 1.0) / (yes + 2.0), 1.0 / (len(true) - yes + 2.0))
    design = np.stack((score, np.ones_like(score)), axis=1)
    at = np.array([0.0, np.log((yes + 1.0) / (len(true) - yes + 1.0))])

    def loss(where: Floats) -> float:
        line = design @ where
        return float(np.sum(np.logaddexp(0.0, line) - target * line))

    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-(design @ at)))
        gradient = design.T @ (p - target)
        if np.abs(gradient).max() < 1e-9 * len(true):
            break
        curvature = (design * (p * (1.0 - p))[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        while loss(at - step) > loss(at) and np.abs(step).max() > 1e-12:
            step = step / 2.0
        at = at - step
    return float(at[0]), float(at[1])
