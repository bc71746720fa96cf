"""Allocation for any law with falling returns: the price of an hour is found by halving, the rest follows.

With a concave law b(C), coverage C = w t, a cell is searched until p w b'(C) has come down to the price L.
The effort this takes falls with L, so the L that spends exactly the hours is unique; it is found to the
last digit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.effort.allocation import Allocation, Problem

Floats = NDArray[np.float64]

_HALVINGS = 200
_LEAST_SHARE, _LEAST_LOG = 1e-300, -690.0


@dataclass(frozen=True, slots=True)
class Law:
    """A law of detection, concave and smooth, with full slope at no coverage.

    chance: (n,) probability of detection of (n,) coverages
    slope: its greatest slope, at 0
    coverage_at: (n,) coverages at which the slope has come down to (n,) shares of the greatest, shares in
        (0, 1)
    """

    chance: Callable[[Floats], Floats]
    slope: float
    coverage_at: Callable[[Floats], Floats]


def allocate_by_price(case: Problem, law: Law) -> Allocation:
    """The best allocation of one resource under a law; the bound is the Lagrange dual at the price found."""
    worth, w, hours = case.worth, case.speed[:, 0], float(case.hours[0])
    best = worth * w * law.slope
    good = best > 0.0
    if not good.any() or hours <= 0.0:
        idle = np.zeros((worth.size, 1))
        top = float(best.max(initial=0.0))
        return Allocation(idle, 0.0, np.array([top]), 0.0 if hours <= 0.0 else float(worth[good].sum()))
    price = _price(best[good], w[good], hours, law)
    effort = np.zeros(worth.size)
    effort[good] = _effort(best[good], w[good], price, law)
    effort *= hours / effort.sum()
    found = float(worth @ law.chance(w * effort))
    wanted = np.zeros(worth.size)
    wanted[good] = _effort(best[good], w[good], price, law)
    bound = float(worth @ law.chance(w * wanted)) + price * (hours - float(wanted.sum()))
    return Allocation(effort[:, None], found, np.array([price]), max(found, bound))


def _effort(best: Floats, w: Floats, price: float, law: Law) -> Floats:
    """(n,) hours each cell is worth at a price."""
    share = np.maximum(price / best, _LEAST_SHARE)
    buys = share < 1.0
    effort = np.zeros(best.size)
    effort[buys] = law.coverage_at(share[buys]) / w[buys]
    return effort


def _price(best: Floats, w: Floats, hours: float, law: Law) -> float:
    high = float(np.log(best.max()))
    low = high - 1.0
    while float(_effort(best, w, float(np.exp(low)), law).sum()) < hours and low > _LEAST_LOG:
        low = max(high - 2.0 * (high - low), _LEAST_LOG)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        if float(_effort(best, w, float(np.exp(middle)), law).sum()) > hours:
            low = middle
        else:
            high = middle
    return float(np.exp(high))
