"""GOSPA: distance between a set of true places and a set of stated ones, split into its three causes.

Rahmathullah, García-Fernández, Svensson 2017 ("Generalized optimal sub-pattern assignment metric"), alpha 2:
sqrt(sum of d^2 over pairs + c^2/2 (missed + false)) for p 2. Always give the three parts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.detect.scoring.inputs import Floats, numbers, positive
from atalaya.detect.scoring.matching import Pairs, within_distance


@dataclass(frozen=True, slots=True, eq=False)
class Gospa:
    """The distance and its parts, metres.

    Args:
        total: the metric. localisation, missed, false: its parts to the power p; their sum is total ** p.
        truth, found: (k,) rows of the pairs. n_missed, n_false: truths and claims without a pair.
        p: the power.
    """

    total: float
    localisation: float
    missed: float
    false: float
    truth: NDArray[np.intp]
    found: NDArray[np.intp]
    n_missed: int
    n_false: int
    p: float

    @property
    def localisation_m(self) -> float:
        """The part of the pairs alone as a distance."""
        return float(self.localisation ** (1.0 / self.p))


def gospa(truth_m: ArrayLike, found_m: ArrayLike, cutoff_m: float, p: float = 2.0) -> Gospa:
    """The metric with alpha 2.

    Args:
        truth_m, found_m: (m, 2), (n, 2) east and north metres in one plane.
        cutoff_m: distance from which a pair is one missed and one false.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-005, cut-off or power is not above 0.
    """
    truths, claims = numbers(truth_m, "truths", (None, 2)), numbers(found_m, "found", (None, 2))
    positive(p, "p")
    pairs = within_distance(claims, truths, cutoff_m)
    gain = cutoff_m**p - (-pairs.quality) ** p
    chosen = _best(pairs, gain, len(claims), len(truths))
    localisation = float(np.sum((-pairs.quality[chosen]) ** p))
    n_missed, n_false = len(truths) - len(chosen), len(claims) - len(chosen)
    missed, false = (cutoff_m**p / 2.0 * count for count in (n_missed, n_false))
    total = (localisation + missed + false) ** (1.0 / p)
    rows = pairs.truth[chosen], pairs.claim[chosen]
    return Gospa(total, localisation, missed, false, *rows, n_missed, n_false, p)


def _best(pairs: Pairs, gain: Floats, claims: int, truths: int) -> NDArray[np.intp]:
    """Rows of the pairs of greatest gain, each claim and truth once: cluster by cluster, exactly."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    useful = np.flatnonzero(gain > 0.0)
    claim, truth = pairs.claim[useful], pairs.truth[useful]
    size = claims + truths
    graph = coo_array((np.ones(len(useful)), (claim, claims + truth)), shape=(size, size))
    cluster = connected_components(graph, directed=False)[1][claim]
    order = np.argsort(cluster, kind="stable")
    edges = np.flatnonzero(np.diff(cluster[order])) + 1
    chosen = [_best_of(useful[rows], pairs, gain) for rows in np.split(order, edges) if len(rows)]
    return np.concatenate([*chosen, np.zeros(0, np.intp)])


def _best_of(rows: NDArray[np.intp], pairs: Pairs, gain: Floats) -> NDArray[np.intp]:
    from scipy.optimize import linear_sum_assignment

    if len(rows) == 1:
        return rows
    claims, claim = np.unique(pairs.claim[rows], return_inverse=True)
    truths, truth = np.unique(pairs.truth[rows], return_inverse=True)
    worth, row_of = np.zeros((len(claims), len(truths))), np.full((len(claims), len(truths)), -1, np.intp)
    worth[claim, truth], row_of[claim, truth] = gain[rows], rows
    taken = row_of[linear_sum_assignment(worth, maximize=True)]
    return np.asarray(taken[taken >= 0])
