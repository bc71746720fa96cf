"""Score maps against a mask: AUC, average precision, and detection at a fixed false alarm rate.

All three together, because AUC flatters: at one true pixel in a thousand an AUC of .98 may be an average
precision of .34. Equal scores are taken together, never in the order they happen to lie in.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import Bools

Floats = NDArray[np.float64]
FAR = 1e-3


@dataclass(frozen=True, slots=True)
class MapScore:
    """One map.

    Args:
        auc: chance that a true pixel scores above a false one, ties half. ap: average precision.
        pd, threshold: share of true pixels found, and from which score on, at a false alarm rate of `far`;
            inf where no threshold gives so few.
        true, pixels: how many. unscored: pixels without a score, left out.
    """

    auc: float
    ap: float
    pd: float
    threshold: float
    far: float
    true: int
    pixels: int
    unscored: int = 0

    @property
    def prevalence(self) -> float:
        """Share of true pixels: the average precision of a blind guess."""
        return self.true / self.pixels

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        shown = {"auc": self.auc, "ap": self.ap, "pd": self.pd, "far": self.far}
        threshold = self.threshold if np.isfinite(self.threshold) else None
        counts = {"true": self.true, "pixels": self.pixels, "unscored": self.unscored}
        return {**shown, "threshold": threshold, **counts, "prevalence": self.prevalence}


def map_score(score: ArrayLike, truth: ArrayLike, valid: Bools | None = None, far: float = FAR) -> MapScore:
    """Score one map of any shape.

    Args:
        score: the more the surer; NaN where there is none. truth: the same shape, above 0 for true pixels.

    Raises:
        BadInput: SCO-010, shapes differ; SCO-011, all pixels are of one kind.
    """
    values, wanted = np.asarray(score, np.float64), np.asarray(truth)
    if values.shape != wanted.shape:
        raise BadInput("SCO-010", map=str(values.shape), truth=str(wanted.shape))
    seen = ~np.isnan(values) if valid is None else valid & ~np.isnan(values)
    true = (wanted > 0)[seen]
    n, positives = len(true), int(np.count_nonzero(true))
    if positives in (0, n):
        raise BadInput("SCO-011", true=positives, pixels=n)
    threshold, found, false = curve(values[seen], true)
    tpr, fpr = found / positives, false / (n - positives)
    row = int(np.searchsorted(fpr, far * (1.0 + 1e-12), side="right")) - 1
    at = (float(tpr[row]), float(threshold[row])) if row >= 0 else (0.0, float("inf"))
    missed = int(values.size - n) if valid is None else int(np.count_nonzero(valid) - n)
    return MapScore(_auc(tpr, fpr), _ap(tpr, found, false), *at, far, positives, n, missed)


def curve(score: Floats, true: Bools) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Each distinct score, falling, with true and false pixels that score so much or more."""
    order = np.argsort(score)[::-1]
    ranked, hits = score[order], np.cumsum(true[order], dtype=np.int64)
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    return ranked[last], hits[last], (last + 1 - hits[last]).astype(np.int64)


def _auc(tpr: Floats, fpr: Floats) -> float:
    return float(np.trapezoid(np.append(0.0, tpr), np.append(0.0, fpr)))


def _ap(tpr: Floats, found: NDArray[np.int64], false: NDArray[np.int64]) -> float:
    return float(np.sum(np.diff(tpr, prepend=0.0) * (found / (found + false))))
