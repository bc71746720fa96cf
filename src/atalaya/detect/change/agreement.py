"""How well a mask of change agrees with the truth: accuracy hides misses where change is rare."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def accuracy(found: Mask, truth: Mask) -> float:
    """Share of pixels that agree; NaN for none."""
    return (
        float(np.mean(np.asarray(found, np.bool_) == np.asarray(truth, np.bool_))) if truth.size else np.nan
    )


def kappa(found: Mask, truth: Mask) -> float:
    """Cohen's kappa (1960): agreement beyond what both shares of change would give by chance.

    0 where there is nothing to agree on beyond chance (both masks of one class).
    """
    observed, p, q = accuracy(found, truth), float(np.mean(found)), float(np.mean(truth))
    chance = p * q + (1.0 - p) * (1.0 - q)
    return (observed - chance) / (1.0 - chance) if chance < 1.0 else 0.0
