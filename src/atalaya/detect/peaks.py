"""From a map of scores to candidates: connected regions above a threshold, strongest first, none overlapping.

Thresholds are empirical quantiles of the scene's own scores: real spectra have heavier tails than any normal
law (a tenth of an ordinary scene passes the 99.9 % quantile of chi-squared).
"""

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.candidates import Candidates, no_candidates

Map = NDArray[np.floating]

_TOUCHING = np.ones((3, 3), np.int8)


def quantile_threshold(score: Map, share: float) -> float:
    """Score that a share of the scene's finite pixels lies above; inf where there is none."""
    finite = score[np.isfinite(score)]
    return float(np.quantile(finite, 1.0 - share)) if finite.size else float("inf")


def regions(
    score: Map, threshold: float, *, label: int = 0, least_px: int = 1, most: int = 1000,
    apart_px: float = 0.0,
) -> Candidates:  # fmt: skip
    """Connected regions (eight neighbours) of scores above a threshold, as boxes.

    Args:
        score: (rows, columns); NaN is no score. threshold: pixels must exceed it.
        label: class given to all. least_px: smaller regions are dropped.
        most: candidates kept, the strongest. apart_px: of two whose strongest pixels are no farther apart,
            the weaker goes.

    Returns:
        candidates by falling score, each scored by its strongest pixel.
    """
    from scipy import ndimage

    hot = np.where(np.isfinite(score), score, -np.inf) > threshold
    marks, count = ndimage.label(hot, _TOUCHING)
    if not count:
        return no_candidates()
    numbers = np.arange(1, count + 1)
    filled = np.where(hot, score, -np.inf)
    peak = ndimage.maximum(filled, marks, numbers)
    places = np.array(ndimage.maximum_position(filled, marks, numbers), np.float64)
    sizes = np.bincount(marks.ravel(), minlength=count + 1)[1:]
    boxes = np.array([_edges(part) for part in ndimage.find_objects(marks)], np.float32)
    order = np.argsort(-peak, kind="stable")
    order = order[sizes[order] >= least_px]
    if apart_px > 0.0:
        order = order[_strongest(places[order], apart_px)]
    order = order[:most]
    labels = np.full(len(order), label, np.int16)
    return Candidates(boxes[order], peak[order].astype(np.float32), labels)


def _edges(part: tuple[slice, slice]) -> tuple[float, float, float, float]:
    rows, columns = part
    return columns.start - 0.5, rows.start - 0.5, columns.stop - 0.5, rows.stop - 0.5


def _strongest(places: NDArray[np.float64], apart_px: float) -> NDArray[np.bool_]:
    """Which of (n, 2) places, strongest first, have no stronger one kept within a distance."""
    from scipy.spatial import cKDTree

    kept = np.ones(len(places), np.bool_)
    near = cKDTree(places).query_ball_point(places, apart_px)
    for i, others in enumerate(near):
        if kept[i]:
            kept[[j for j in others if j > i]] = False
    return kept
