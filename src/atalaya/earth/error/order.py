"""Errors read off a sample by order statistics, with and without weights (Dolloff & Carr, NGA; ISO 19157)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def quantile_of_cloud(distance: Floats, weight: Floats, probability: float = 0.9) -> Floats:
    """Distance that a share of a weighted sample does not exceed, for many samples at once.

    With m equal weights it is the ceil(probability (m + 1))-th smallest distance: one more draw of the same
    distribution falls inside with at least that probability, whatever the distribution is.

    Args:
        distance: (n, s) not NaN where the weight is positive.
        weight: (n, s) >= 0; 0 leaves a draw out.

    Returns:
        (n,) NaN where all weights are 0.
    """
    order = np.argsort(np.where(weight > 0.0, distance, np.inf), axis=1)
    sorted_weight = np.take_along_axis(weight, order, axis=1)
    running = np.cumsum(sorted_weight, axis=1)
    total = running[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = total**2 / np.sum(weight**2, axis=1)
    goal = np.minimum(probability * (1.0 + 1.0 / np.maximum(effective, 1.0)), 1.0) * total
    reached = running >= (goal * (1.0 - 1e-12))[:, None]
    first = np.argmax(reached, axis=1)
    rows = np.arange(len(distance))
    return np.where(total > 0.0, distance[rows, order[rows, first]], np.nan)


def sample_circular_error_m(east_m: Floats, north_m: Floats, probability: float = 0.9) -> float:
    """Radius that holds a share of n observed horizontal errors: sample CE90 (or CE50), metres."""
    radius = np.hypot(east_m, north_m)[None, :]
    return float(quantile_of_cloud(radius, np.ones_like(radius), probability)[0])


def sample_linear_error_m(up_m: Floats, probability: float = 0.9) -> float:
    """Half-height that holds a share of n observed vertical errors: sample LE90, metres."""
    height = np.abs(up_m)[None, :]
    return float(quantile_of_cloud(height, np.ones_like(height), probability)[0])
