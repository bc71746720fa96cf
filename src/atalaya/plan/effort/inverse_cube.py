"""One resource under the inverse-cube law with parallel sweeps: POD(C) = erf(sqrt(pi) / 2 C), C = w t.

Koopman, "Search and Screening" (1946). Its slope is exp(-pi C^2 / 4), so that a cell is searched until
C = sqrt(4 / pi ln(p w / L)).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.plan.effort.allocation import Allocation, problem
from atalaya.plan.effort.price import Law, allocate_by_price
from atalaya.sensing.lateral_range import inverse_cube_pod

Floats = NDArray[np.float64]


def allocate_inverse_cube(
    worth: ArrayLike, speed: ArrayLike, hours: float, *, hidden: ArrayLike | None = None
) -> Allocation:
    """The allocation that finds most when sweeps are evenly spaced in each cell.

    Args:
        worth: (n,) expected facilities. speed: (n,) coverage per hour: sweep width x speed / area of the
            cell.
        hours: to spend. hidden: (n,) share that no look can show.

    Raises:
        BadInput: SNS-015, SNS-016, see `allocation.problem`.
    """
    return allocate_by_price(problem(worth, speed, hours, hidden), Law(inverse_cube_pod, 1.0, _coverage_at))


def _coverage_at(share: Floats) -> Floats:
    return np.asarray(np.sqrt(-4.0 / np.pi * np.log(share)))
