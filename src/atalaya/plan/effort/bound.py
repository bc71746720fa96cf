"""How good an allocation can be: the Lagrange dual bounds it from above at any prices of an hour.

For prices L_j >= 0, sum_i max_t [worth_i (1 - exp(-sum_j w_ij t_j)) - sum_j L_j t_j] + sum_j L_j T_j is at
least what any allocation finds. A cell buys from the resource with the least L_j / w_ij =: c: of worth p it
then keeps c undetected, and is worth p - c - c ln(p / c).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.plan.effort.allocation import Problem

Floats = NDArray[np.float64]

_GOLDEN = (5.0**0.5 - 1.0) / 2.0
_NARROWINGS = 60


def dual_bound(problem: Problem, price: ArrayLike) -> float:
    """An upper bound of what any allocation finds.

    Args:
        price: (m,) of an hour of each resource, not negative; the better it is, the lower the bound.

    Raises:
        BadInput: SNS-016, a price below zero or none at all.
    """
    prices = np.atleast_1d(np.asarray(price, np.float64))
    if prices.shape != problem.hours.shape or not (np.isfinite(prices) & (prices >= 0.0)).all():
        raise BadInput("SNS-016", name="price")
    if not problem.hours.any():
        return 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        dear = np.where(problem.speed > 0.0, prices / problem.speed, np.inf).min(axis=1, initial=np.inf)
        buys = (dear < problem.worth) & (dear > 0.0)
        p, c = problem.worth[buys], dear[buys]
        # p - c - c ln(p / c), without the loss of digits where c is close to p
        rest = (p - c) - c * np.log1p((p - c) / c)
    free = float(problem.worth[dear == 0.0].sum())
    return float(rest.sum()) + free + float(prices @ problem.hours)


def prices_of(problem: Problem, effort: Floats) -> Floats:
    """(m,) what an hour of each resource finds at the margin of an allocation: good prices for `dual_bound`.

    Of what is spent, the mean of q_i w_ij by hours spent; where nothing is, the best cell's.
    """
    margin = problem.left(effort)[:, None] * problem.speed
    spent = effort.sum(axis=0)
    mean = (margin * effort).sum(axis=0) / np.where(spent > 0.0, spent, 1.0)
    return np.asarray(np.where(spent > 0.0, mean, margin.max(axis=0, initial=0.0)))


def bound_for(problem: Problem, effort: Floats) -> float:
    """The best bound that an allocation's own prices give, all of them scaled alike."""
    prices = prices_of(problem, effort)
    low, high = -3.0, 3.0
    for _ in range(_NARROWINGS):
        # the dual is convex along a ray of prices: golden section of the factor's logarithm
        first, second = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if dual_bound(problem, prices * np.exp(first)) <= dual_bound(problem, prices * np.exp(second)):
            high = second
        else:
            low = first
    middle = dual_bound(problem, prices * np.exp((low + high) / 2.0))
    return min(middle, dual_bound(problem, prices), float(problem.worth.sum()))


def kkt_violation(problem: Problem, effort: Floats, price: Floats) -> float:
    """How far an allocation is from the conditions of Karush, Kuhn and Tucker, as a share of all worth.

    With q_i what is left: q_i w_ij <= L_j everywhere, equal where t_ij > 0; hours are spent or worth
    nothing. Each difference counts for the hours it concerns.
    """
    margin = problem.left(effort)[:, None] * problem.speed
    above = float(np.max((margin - price) * problem.hours, initial=0.0))
    below = float(np.max((price - margin) * effort, initial=0.0))
    unspent = float(np.max((problem.hours - effort.sum(axis=0)) * price, initial=0.0))
    worth = float(problem.worth.sum())
    return max(above, below, unspent) / worth if worth > 0.0 else 0.0
