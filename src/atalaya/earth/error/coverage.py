"""Is a stated error true? Coverage with its binomial interval, bootstrap over groups, NEES."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Coverage:
    """How many of n truths lay inside their stated regions.

    low, high: 95 % Clopper-Pearson interval of the share.
    """

    inside: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Of truths inside; NaN without any."""
        return self.inside / self.n if self.n else float("nan")

    def __str__(self) -> str:
        return f"{self.share:.1%} [{self.low:.1%}, {self.high:.1%}] of {self.n}"


def coverage(inside: NDArray[np.bool_], confidence: float = 0.95) -> Coverage:
    """Share of (n,) truths inside their regions, with the exact binomial interval.

    The interval takes the trials as independent: for points that share a sortie's error use `bootstrap`.
    """
    from scipy.stats import beta

    n, k = len(inside), int(np.count_nonzero(inside))
    tail = (1.0 - confidence) / 2.0
    low = float(beta.ppf(tail, k, n - k + 1)) if k else 0.0
    high = float(beta.ppf(1.0 - tail, k + 1, n - k)) if k < n else 1.0
    return Coverage(k, n, low, high)


def trials_for(half_width: float, share: float = 0.9) -> int:
    """Independent trials that make the 95 % interval of a share about +- half_width wide (normal)."""
    return int(np.ceil(1.959964**2 * share * (1.0 - share) / half_width**2 - 1e-9))


def bootstrap(
    statistic: Callable[[NDArray[np.intp]], float],
    group: NDArray[np.int64],
    rng: np.random.Generator,
    rounds: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Interval of a statistic when whole groups (sorties, images) are drawn again with replacement.

    Args:
        statistic: of the row numbers (m,) it is given.
        group: (n,) which group each row belongs to.
    """
    rows_of = [np.flatnonzero(group == name) for name in np.unique(group)]
    values = np.empty(rounds)
    for turn in range(rounds):
        drawn = rng.integers(0, len(rows_of), len(rows_of))
        values[turn] = statistic(np.concatenate([rows_of[place] for place in drawn]))
    tail = (1.0 - confidence) / 2.0
    low, high = np.nanquantile(values, (tail, 1.0 - tail))
    return float(low), float(high)


def nees(error_m: Floats, covariance: Floats) -> Floats:
    """(n,) squared errors in units of their stated covariance; chi-squared with d degrees if it is true.

    Args:
        error_m: (n, d) stated minus true. covariance: (n, d, d) square metres, not singular.
    """
    solved = np.linalg.solve(covariance, error_m[..., None])[..., 0]
    return np.asarray(np.sum(error_m * solved, axis=-1))


def nees_interval(n: int, dimensions: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval in which the mean NEES of n independent true statements falls (Bar-Shalom 2001, 5.4.2)."""
    from scipy.stats import chi2  # type: ignore[import-untyped, unused-ignore]

    tail = (1.0 - confidence) / 2.0
    low, high = chi2.ppf((tail, 1.0 - tail), n * dimensions) / n
    return float(low), float(high)
