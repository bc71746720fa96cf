"""Marginal association probabilities of a list of pairs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

EXACT_UP_TO = 8
"""Clusters with at most so many sites or so many tracklets are solved exactly."""


@dataclass(frozen=True, slots=True)
class Marginals:
    """Of one scan.

    pair: (p,) that the pair belongs together      miss: (sites,) that a site gave no tracklet
    new: (tracklets,) that no known site gave it
    message: (p,) mu, what the tracklet of each pair tells its site: the pair's odds are w mu
    """

    pair: Floats
    miss: Floats
    new: Floats
    message: Floats


def marginals(
    row: Index, column: Index, w: Floats, q: Floats, rows: int, *, exact_up_to: int = EXACT_UP_TO
) -> Marginals:
    """Who gave which tracklet.

    Args:
        row, column: (p,) site and tracklet of each pair. w: (p,) weight against a miss (weight 1).
        q: (tracklets,) weight of coming from no known site, above 0. rows: number of sites.
        exact_up_to: smaller side of the clusters solved exactly; 0 for belief propagation alone.
    """
    from atalaya.locate.association import kernels

    if w.size == 0:
        none = np.empty(0)
        return Marginals(none, np.ones(rows), np.ones(q.size), none)
    cluster = kernels.clusters(row, column, rows, q.size)
    mu, solved = kernels.solve(row, column, w, q, rows, cluster, exact_up_to)
    odds = w * mu
    by_row = np.bincount(row, odds, rows)
    miss = np.asarray(1.0 / (1.0 + by_row), np.float64)
    pair = odds * miss[row]
    nu = w / (1.0 + np.maximum(by_row[row] - odds, 0.0))
    propagated = q / (q + np.bincount(column, nu, q.size))
    left = np.clip(1.0 - np.bincount(column, pair, q.size), 0.0, 1.0)
    new = np.asarray(np.where(solved, left, propagated), np.float64)
    miss, pair = np.asarray(miss, np.float64), np.asarray(pair, np.float64)
    return Marginals(pair, miss, new, mu)
