"""An allocation of search effort, and how good it is proved to be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Allocation:
    """Where the hours go.

    effort: (n, m) hours (or any unit) spent in each cell by each resource
    found: expected facilities found, or probability of success where `worth` is one
    price: (m,) what one more hour of each resource would find
    bound: no allocation of these resources finds more than this
    """

    effort: Floats
    found: float
    price: Floats
    bound: float

    @property
    def gap(self) -> float:
        """What may be missing to the best, as a share of it."""
        return max(0.0, self.bound - self.found) / self.bound if self.bound > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Checked input of an allocation.

    worth: (n,) expected facilities of each cell that looks can show: rate x (1 - hidden)
    speed: (n, m) rate of detection per hour there: 1 - exp(-speed x hours) of the worth is found
    hours: (m,) of each resource
    """

    worth: Floats
    speed: Floats
    hours: Floats

    def found(self, effort: Floats) -> float:
        """Expected facilities found by an allocation (n, m), exponential law."""
        return float(self.worth @ -np.expm1(-(self.speed * effort).sum(axis=1)))

    def left(self, effort: Floats) -> Floats:
        """(n,) worth that an allocation leaves undetected."""
        return np.asarray(self.worth * np.exp(-(self.speed * effort).sum(axis=1)))


def problem(worth: ArrayLike, speed: ArrayLike, hours: ArrayLike, hidden: ArrayLike | None = None) -> Problem:
    """Check the input of an allocation.

    Args:
        worth: (n,) expected facilities (or probability) of each cell; need not add up to 1.
        speed: (n,) or (n, m) rate of detection per unit of effort; 0 where a resource sees nothing.
        hours: a number or (m,) units of effort of each resource.
        hidden: (n,) share that no look can show; caps what effort can find. None for none.

    Raises:
        BadInput: SNS-015, shapes differ; SNS-016, negative, infinite or no numbers.
    """
    cells = np.asarray(worth, np.float64).ravel()
    total = np.atleast_1d(np.asarray(hours, np.float64))
    rates = np.asarray(speed, np.float64)
    rates = rates[:, None] if rates.ndim == 1 else rates
    share = np.zeros(1) if hidden is None else np.asarray(hidden, np.float64).ravel()
    if rates.shape != (cells.size, total.size) or total.ndim != 1 or share.size not in (1, cells.size):
        raise BadInput("SNS-015", cells=cells.shape, speed=rates.shape, hours=total.shape, hidden=share.shape)
    for name, part in (("worth", cells), ("speed", rates), ("hours", total), ("hidden", share)):
        if not (np.isfinite(part) & (part >= 0.0)).all():
            raise BadInput("SNS-016", name=name)
    if (share > 1.0).any():
        raise BadInput("SNS-016", name="hidden")
    return Problem(cells * (1.0 - share), rates, total)
