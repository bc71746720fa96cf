"""Hit rates of places by maximum likelihood, from how strongly each showed itself in each look.

The model is the one of `conspicuity`: a place has log-odds of a tracklet, drawn from the Beta
of its class; a tracklet's score, as a cutpoint above the faintest, is one more outcome of the same odds.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.conspicuity import density
from atalaya.locate.model import HitRate, SiteModel

Floats = NDArray[np.float64]

MEAN, STRENGTH = (0.005, 0.995), (0.3, 60.0)
"""Bounds of the Beta."""
_USUAL_STRENGTH, _SPREAD = 3.0, 1.0
"""Where the strength lies before any place is seen, its spread in logarithms: few places fit anything."""


def log_likelihood(cutpoints: Floats, rate: HitRate, scored: bool) -> float:
    """Of places (n, looks): cutpoint of each look's tracklet, NaN for a look without one.

    Args:
        scored: whether cutpoints count; else only that there was a tracklet.
    """
    nodes = SiteModel(rates={"": (rate, rate, rate)}).nodes_of("")
    odds, weight = nodes.odds[0], nodes.weight[0]
    u, given = odds / (1.0 + odds), np.ones((len(cutpoints), len(odds)))
    for column in cutpoints.T[:, :, None]:
        told = u * density(column, odds) if scored else np.broadcast_to(u, given.shape)
        given *= np.where(np.isnan(column), 1.0 - u, told)
    return float(np.log(np.maximum(given @ weight, 1e-300)).sum())


def fit_rate(cutpoints: Floats, scored: bool = True) -> HitRate:
    """The Beta that explains places (n, looks) best; half a hit and half a miss are added."""
    from scipy.optimize import minimize

    def loss(x: Floats) -> float:
        rate = _rate(x)
        prior = 0.5 * np.log(rate.mean * (1.0 - rate.mean))
        prior -= 0.5 * ((x[1] - np.log(_USUAL_STRENGTH)) / _SPREAD) ** 2
        return -log_likelihood(cutpoints, rate, scored) - float(prior)

    return _rate(minimize(loss, [0.5, 1.0], method="Nelder-Mead", options={"xatol": 0.01, "fatol": 0.01}).x)


def fit_per_score(excess: Sequence[Floats]) -> float:
    """Log-odds per unit of a detector's score, from places of several populations.

    Args:
        excess: of each population (n, looks): score above the faintest, NaN for a look without a tracklet.
    """
    from scipy.optimize import minimize

    def loss(x: Floats) -> float:
        per_score = float(np.exp(x[0]))
        hits = sum(int((~np.isnan(part)).sum()) for part in excess)
        told = sum(log_likelihood(per_score * part, fit_rate(per_score * part), True) for part in excess)
        # the density is of the cutpoint: of the score it is per_score times as much
        return -told - hits * float(x[0])

    usual = np.nanmean(np.concatenate([part.ravel() for part in excess]))
    start = float(np.log(2.0 / max(float(usual), 1e-6)))
    found = minimize(
        loss, [start], method="Nelder-Mead", options={"xatol": 0.05, "fatol": 0.1, "maxiter": 25}
    )
    return float(np.exp(found.x[0]))


def fitted(
    excess: Mapping[tuple[str, str], Floats],
) -> tuple[float, dict[tuple[str, str], HitRate]]:
    """Log-odds per unit of the score, the same for all; a rate for each population (theme, class).

    A population of the theme "any" is all others of its class together.
    """
    classes = sorted({name for _, name in excess})
    pooled = {
        name: np.concatenate([rows for (_, n), rows in excess.items() if n == name]) for name in classes
    }
    per_score = fit_per_score(list(pooled.values()))
    every = {**{("any", name): rows for name, rows in pooled.items()}, **excess}
    return per_score, {key: fit_rate(per_score * rows) for key, rows in every.items()}


def _rate(x: Floats) -> HitRate:
    mean = 1.0 / (1.0 + np.exp(-float(np.clip(x[0], -8.0, 8.0))))
    strength = float(np.exp(np.clip(x[1], -3.0, 6.0)))
    return HitRate(float(np.clip(mean, *MEAN)), float(np.clip(strength, *STRENGTH)))
