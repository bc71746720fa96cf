"""How a hypothesis is judged: robust residuals, a likelihood ratio, and the five-fold rule."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FALL = 5.0
"""A repair must bring the residual down by this factor on rows it was not fitted on."""

MATERIAL_DEG = 0.1
"""Residuals below this are left alone whatever explains them."""

_FLOOR_DEG, _LIKELY_DEG = 3e-3, 2e-2
"""Angles are not told apart below the first (steps of the standard's shortest items). A likelihood counts a
fall down to the second only: a look repeated must not prove much by its small scatter."""

_ODDS = 3.0
"""Log likelihood ratio that a repair must reach: twenty to one."""

_MOSTLY = 0.6
_NORMAL_80_50 = 1.9
"""Ratio of the two percentiles for normal noise."""


def spread(values: Floats) -> float:
    """Typical magnitude: the median, or the 80th percentile in the same measure where the tail is heavier.

    Bears one wild value in five; infinite when most of the values are missing.
    """
    known = values[np.isfinite(values)]
    if len(known) < max(2.0, _MOSTLY * len(values)):
        return float("inf")
    median, high = np.percentile(np.abs(known), (50.0, 80.0))
    return max(float(median), float(high) / _NORMAL_80_50)


def middle(values: Floats) -> float:
    """Median of the known values, NaN when there is none."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")


def weighted_median(values: Floats, weights: Floats) -> float:
    """The value with half of the weight on either side; NaN when there is no weight."""
    known = np.isfinite(values) & np.isfinite(weights) & (weights > 0)
    if not known.any():
        return float("nan")
    order = np.argsort(values[known])
    ordered, heavy = values[known][order], np.cumsum(weights[known][order])
    return float(ordered[np.searchsorted(heavy, heavy[-1] / 2.0)])


def independent(values: Floats) -> float:
    """How many independent values a series of neighbours is worth, from its correlation with the next one."""
    known = values[np.isfinite(values)]
    if len(known) < 3:
        return float(len(known))
    off = known - np.median(known)
    limit = 4.0 * np.median(np.abs(off)) + 1e-12
    off = np.clip(off, -limit, limit)
    power = float(np.dot(off, off))
    if power <= 0.0:
        return 1.0
    linked = min(max(float(np.dot(off[1:], off[:-1])) / power, 0.0), 0.999)
    return max(1.0, len(known) * (1.0 - linked) / (1.0 + linked))


@dataclass(frozen=True)
class Fall:
    """A residual before and after, on the rows fitted on and on the others."""

    fit_before: float
    fit_after: float
    accept_before: float
    accept_after: float
    log_likelihood_ratio: float

    @property
    def enough(self) -> bool:
        """Whether both falls are five-fold and the likelihood pays for the parameters."""
        return (
            self.fit_before >= FALL * max(self.fit_after, _FLOOR_DEG)
            and self.accept_before >= FALL * max(self.accept_after, _FLOOR_DEG)
            and self.log_likelihood_ratio > _ODDS
        )


def fall(
    before: tuple[Floats, Floats],
    after: tuple[Floats, Floats],
    parameters: int,
    choices: int = 1,
    per_row: int = 1,
) -> Fall:
    """Compare residuals (on fitted rows, on other rows) before and after a change.

    The likelihood is Laplace's with its scale profiled out, n ln(before/after), n the independent samples;
    half a log n is paid per fitted parameter (Schwarz) and the log of the number of alternatives tried.

    Args:
        per_row: independent values that each row sums up.
    """
    scales = [spread(part) for part in (before[0], after[0], before[1], after[1])]
    count = per_row * independent(after[1])
    gained = 0.0
    if np.isfinite(scales[3]):
        first = scales[2] if np.isfinite(scales[2]) else 180.0
        gained = count * float(np.log(max(first, _LIKELY_DEG) / max(scales[3], _LIKELY_DEG)))
    paid = 0.5 * parameters * float(np.log(max(count, 1.0))) + float(np.log(choices))
    return Fall(scales[0], scales[1], scales[2], scales[3], gained - paid)
