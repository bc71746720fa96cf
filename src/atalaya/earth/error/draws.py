"""Random errors in units of one sigma, drawn once for all points, so that shared errors stay shared."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.error.budget import TERMS

Floats = NDArray[np.float64]

LATENTS = 2 * len(TERMS)
"""Independent unit errors behind a look: one per term for the sortie, one per term for the look."""

DEFAULT_SAMPLES = 400

_quantile = NormalDist().inv_cdf


@dataclass(frozen=True)
class Draws:
    """Draws of all unit errors.

    unit: (s, 40) columns 0-19 the sortie's errors in the order of `TERMS`, 20-39 the look's own. Columns
    have mean 0, variance 1 and no correlation to rounding: where the ground is a plane, the covariance of
    the cloud is exact, not an estimate.
    range_unit: (s,) likewise for a measured slant range.
    """

    unit: Floats
    range_unit: Floats

    def __len__(self) -> int:
        return len(self.unit)


def draw(rng: np.random.Generator, samples: int = DEFAULT_SAMPLES) -> Draws:
    """Latin hypercube draws (McKay 1979), made free of mean and correlation.

    Each error's own distribution is covered evenly, so quantiles settle with fewer rays; no opposite pairs:
    those would halve what a quantile sees.

    Args:
        samples: at least 100.

    Raises:
        BadInput: EAR-063, too few samples.
    """
    if samples < 100:
        raise BadInput("EAR-063", samples=samples)
    ranks = rng.permuted(np.tile(np.arange(samples), (LATENTS + 1, 1)), axis=1).T
    share = np.clip((ranks + rng.random(ranks.shape)) / samples, 1e-12, 1.0 - 1e-12)
    raw = np.array([_quantile(one) for one in share.ravel().tolist()]).reshape(share.shape)
    raw -= raw.mean(axis=0)
    lower = np.linalg.cholesky(raw.T @ raw / samples)
    white = np.linalg.solve(lower, raw.T).T
    return Draws(np.ascontiguousarray(white[:, :LATENTS]), np.ascontiguousarray(white[:, LATENTS]))
