"""One resource: the best allocation of search effort, exact, by water filling.

Charnes and Cooper, "The Theory of Search: Optimum Distribution of Search Effort", Management Science 5(1),
1958. Cells are sorted by worth x speed. With price L of an hour every cell is searched until what is left
there times its speed equals L: t_i = max(0, ln(p_i w_i / L) / w_i); L follows from the hours in closed form
for the k best cells.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.plan.effort.allocation import Allocation, problem
from atalaya.plan.effort.bound import dual_bound

Floats = NDArray[np.float64]


def allocate(
    worth: ArrayLike, speed: ArrayLike, hours: float, *, hidden: ArrayLike | None = None
) -> Allocation:
    """The allocation that finds most, in O(n log n).

    Args:
        worth: (n,) expected facilities of each cell. speed: (n,) rate of detection per hour there.
        hours: to spend. hidden: (n,) share that no look can show.

    Raises:
        BadInput: SNS-015, SNS-016, see `allocation.problem`.
    """
    case = problem(worth, speed, hours, hidden)
    effort, price = water_filled(case.worth, case.speed[:, 0], float(case.hours[0]))
    spread = effort[:, None]
    found = case.found(spread)
    return Allocation(spread, found, np.array([price]), max(found, dual_bound(case, [price])))


def water_filled(worth: Floats, speed: Floats, hours: float) -> tuple[Floats, float]:
    """Hours per cell (n,), and the price of one more; arguments checked before."""
    effort = np.zeros(worth.size)
    good = np.flatnonzero((worth > 0.0) & (speed > 0.0))
    if not good.size:
        return effort, 0.0
    margin = worth[good] * speed[good]
    order = np.argsort(-margin, kind="stable")
    cells, rank = good[order], margin[order]
    w, log_margin = speed[cells], np.log(worth[cells]) + np.log(speed[cells])
    if hours <= 0.0:
        return effort, float(rank[0])
    log_price = (np.cumsum(log_margin / w) - hours) / np.cumsum(1.0 / w)
    # the least k whose next cell is not worth its first minute
    enough = np.append(log_margin[1:], -np.inf) <= log_price
    k = int(np.argmax(enough)) + 1
    effort[cells[:k]] = np.maximum(log_margin[:k] - log_price[k - 1], 0.0) / w[:k]
    spent = effort.sum()
    return effort * (hours / spent if spent > 0.0 else 1.0), float(np.exp(log_price[k - 1]))
