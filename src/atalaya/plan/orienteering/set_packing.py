"""Routes of many solutions put together anew: the best choice of routes that share no place (set packing).

A small mixed-integer programme solved by HiGHS (through SciPy). It finds what a search from one solution to
the next does not: the first route of one and the second of another.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from atalaya.plan.orienteering.problem import Floats, Ints


def packed(
    routes: Sequence[tuple[int, ...]],
    classes: Ints,
    counts: Ints,
    prize: Floats,
    *,
    branches: int,
    seconds: float = float("inf"),
) -> list[int] | None:
    """Which of the routes to fly.

    Args:
        routes: the places each visits.
        classes: (r,) int64, the class of vehicles that can fly each.
        counts: (c,) int64, vehicles of each class.
        prize: (n,) float64 per place.
        branches: limit of branch and bound; with it the answer depends on the input alone.
        seconds: limit on the wall clock, inf for none.

    Returns:
        Indices of routes, None where none was found.
    """
    total = np.array([prize[list(route)].sum() for route in routes])
    columns = np.repeat(np.arange(len(routes)), [len(route) for route in routes])
    rows = np.concatenate([np.asarray(route, np.int64) for route in routes])
    used, rows = np.unique(rows, return_inverse=True)
    height = len(used) + len(counts)
    rows = np.concatenate([rows, len(used) + classes])
    columns = np.concatenate([columns, np.arange(len(routes))])
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(height, len(routes)))
    most = np.concatenate([np.ones(len(used)), counts.astype(np.float64)])
    answer = milp(
        -total,
        integrality=np.ones(len(routes)),
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(matrix, -np.inf, most),
        options={"time_limit": seconds, "node_limit": branches},
    )
    if answer.x is None:
        return None
    return [int(index) for index in np.flatnonzero(answer.x > 0.5)]
