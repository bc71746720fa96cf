"""Which claim hits which truth: by its middle in a box, in a halo, by overlap, or by distance on the ground.

Each way answers `Pairs`; `assigned` then gives every claim one truth at most, the surest claim first.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.detect.scoring.inputs import Bools, Floats, numbers, positive

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Claims that may be a truth.

    claim, truth: (k,) row numbers      quality: (k,) the more the better the fit; of one way only
    """

    claim: Rows
    truth: Rows
    quality: Floats


def middle_in_box(claim_box: ArrayLike, truth_box: ArrayLike, halo_px: float = 0.0) -> Pairs:
    """Claims whose middle lies in a truth's box, widened by a halo on each side; edges belong to the box.

    Args:
        claim_box, truth_box: (n, 4), (m, 4) first column, first row, last column, last row.

    Raises:
        BadInput: SCO-001, SCO-002.
    """
    claims, truths = numbers(claim_box, "claims", (None, 4)), numbers(truth_box, "truths", (None, 4))
    grown = truths + np.array([-1.0, -1.0, 1.0, 1.0]) * halo_px
    claim, truth = _meeting(np.tile(_middle(claims), 2), grown)
    apart = _middle(claims)[claim] - _middle(truths)[truth]
    return Pairs(claim, truth, -np.hypot(*apart.T))


def overlapping(claim_box: ArrayLike, truth_box: ArrayLike, least: float = 0.5) -> Pairs:
    """Claims whose intersection over union with a truth's box is `least` or more.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-005, `least` is not above 0.
    """
    claims, truths = numbers(claim_box, "claims", (None, 4)), numbers(truth_box, "truths", (None, 4))
    claim, truth = _meeting(claims, truths)
    low = np.maximum(claims[claim, :2], truths[truth, :2])
    high = np.minimum(claims[claim, 2:], truths[truth, 2:])
    shared = np.prod(np.clip(high - low, 0.0, None), axis=1)
    union = _area(claims)[claim] + _area(truths)[truth] - shared
    share = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0.0)
    kept = share >= positive(least, "iou")
    return Pairs(claim[kept], truth[kept], share[kept])


def within_distance(claim_m: ArrayLike, truth_m: ArrayLike, most_m: float) -> Pairs:
    """Claims at most so far from a truth.

    Args:
        claim_m, truth_m: (n, 2), (m, 2) east and north metres in one plane.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-005, `most_m` is not above 0.
    """
    from scipy.spatial import KDTree

    claims, truths = numbers(claim_m, "claims", (None, 2)), numbers(truth_m, "truths", (None, 2))
    positive(most_m, "within")
    if not len(claims) or not len(truths):
        return Pairs(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0))
    near = KDTree(truths).query_ball_point(claims, most_m * (1.0 + 1e-9))
    claim = np.repeat(np.arange(len(claims)), [len(each) for each in near])
    truth = np.array([place for each in near for place in sorted(each)], np.intp)
    apart = np.hypot(*(claims[claim] - truths[truth]).T)
    kept = apart <= most_m
    return Pairs(claim[kept], truth[kept], -apart[kept])


def in_regions(claim_box: ArrayLike, region_box: ArrayLike) -> Bools:
    """(n,) whether a claim's middle lies in a region that is not judged (crowds, persons, doubtful ground).

    Raises:
        BadInput: SCO-001, SCO-002.
    """
    found = middle_in_box(claim_box, region_box)
    inside = np.zeros(len(np.asarray(claim_box)), np.bool_)
    inside[found.claim] = True
    return inside


def assigned(pairs: Pairs, score: ArrayLike) -> Rows:
    """(n,) the truth of each claim, -1 for none: claims by falling score, each takes the best truth left.

    Equal scores go by quality, so the order of the rows decides nothing unless both are equal.
    """
    claims = numbers(score, "score")
    order = np.lexsort((pairs.claim, pairs.truth, -pairs.quality, -claims[pairs.claim]))
    truth_of = np.full(len(claims), -1, np.intp)
    taken: set[int] = set()
    for claim, truth in zip(pairs.claim[order].tolist(), pairs.truth[order].tolist(), strict=True):
        if truth_of[claim] < 0 and truth not in taken:
            truth_of[claim] = truth
            taken.add(truth)
    return truth_of


def _meeting(first: Floats, second: Floats) -> tuple[Rows, Rows]:
    """Boxes that touch, found through a tree: rows of the first and of the second."""
    from shapely import STRtree, box

    if not len(first) or not len(second):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    found = STRtree(box(*second.T)).query(box(*first.T))
    order = np.lexsort((found[1], found[0]))
    return found[0][order], found[1][order]


def _middle(boxes: Floats) -> Floats:
    return (boxes[:, :2] + boxes[:, 2:]) / 2.0


def _area(boxes: Floats) -> Floats:
    return np.asarray(np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None), axis=1))
