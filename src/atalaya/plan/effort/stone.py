"""A circular normal prior, searched with random effort: Stone's closed form, the oracle of every other
allocation.

Stone, "Theory of Optimal Search" (1975), section 2.2; Koopman 1946. With H = sqrt(W v t / (pi sigma^2)):
P(t) = 1 - (1 + H) exp(-H); effort density max(0, H - r^2 / (2 sigma^2)) within the radius sigma sqrt(2 H);
and the mean time to find 6 pi sigma^2 / (W v).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def extent(sigma: float, sweep_rate: float, time: ArrayLike) -> Floats:
    """H: effort density at the centre. sweep_rate: sweep width x speed, area per unit of time."""
    return np.asarray(np.sqrt(sweep_rate * np.asarray(time, np.float64) / (np.pi * sigma**2)))


def chance_found(sigma: float, sweep_rate: float, time: ArrayLike) -> Floats:
    """Probability of having found it by the time, best effort."""
    height = extent(sigma, sweep_rate, time)
    return np.asarray(-np.expm1(-height) - height * np.exp(-height))


def effort_density(sigma: float, sweep_rate: float, time: float, radius: ArrayLike) -> Floats:
    """Coverage at distances from the centre."""
    return np.asarray(
        np.maximum(
            0.0, extent(sigma, sweep_rate, time) - np.asarray(radius, np.float64) ** 2 / (2.0 * sigma**2)
        )
    )


def searched_radius(sigma: float, sweep_rate: float, time: ArrayLike) -> Floats:
    """Beyond it nothing is searched yet."""
    return np.asarray(sigma * np.sqrt(2.0 * extent(sigma, sweep_rate, time)))


def mean_time(sigma: float, sweep_rate: float) -> float:
    """Until it is found."""
    return float(6.0 * np.pi * sigma**2 / sweep_rate)
