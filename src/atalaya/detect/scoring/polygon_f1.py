"""F1 of outlines, by the rules of the SpaceNet building challenge.

In each image proposals go by falling confidence; one finds the truth it overlaps best among those left, where
intersection over union reaches .5, and is a false alarm otherwise. Empty outlines and those below 20 square
pixels are no truths and no proposals (Van Etten et al. 2018; the scorer of CosmiQ/solaris 0.5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.base.language import printable
from atalaya.detect.scoring.inputs import Floats, numbers, positive
from atalaya.detect.scoring.matching import Pairs, assigned

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class F1:
    """Counts, and what follows from them; shares of nothing are 0."""

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        """Share of proposals that are true."""
        return self.tp / (self.tp + self.fp) if self.tp else 0.0

    @property
    def recall(self) -> float:
        """Share of truths found."""
        return self.tp / (self.tp + self.fn) if self.tp else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2.0 * self.tp / (2.0 * self.tp + self.fp + self.fn) if self.tp else 0.0

    def __add__(self, other: "F1") -> "F1":
        return F1(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        counts = {"tp": self.tp, "fp": self.fp, "fn": self.fn}
        return {**counts, "precision": self.precision, "recall": self.recall, "f1": self.f1}


def image_f1(
    truth: Shapes | Sequence[Any],
    proposal: Shapes | Sequence[Any],
    confidence: ArrayLike,
    *,
    iou: float,
    min_area: float,
) -> F1:
    """One image.

    Args:
        truth, proposal: shapely polygons in pixels; invalid ones are repaired.
        confidence: (n,) of the proposals. iou: least overlap. min_area: square pixels.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-005, `iou` is not above 0.
    """
    positive(iou, "iou")
    truths, truth_area = _usable(truth)
    wanted = (truth_area >= min_area) & (truth_area > 0.0)
    truths, truth_area = truths[wanted], truth_area[wanted]
    proposals, area = _usable(proposal)
    kept = (area >= min_area) & (area > 0.0)
    sure = numbers(confidence, "confidence", (len(proposals),))[kept]
    pairs = _overlaps(proposals[kept], area[kept], truths, truth_area, iou)
    hits = int(np.count_nonzero(assigned(pairs, sure) >= 0))
    return F1(hits, int(kept.sum()) - hits, len(truths) - hits)


def polygon_f1(
    truth: Shapes | Sequence[Any],
    truth_image: Sequence[str],
    proposal: Shapes | Sequence[Any],
    proposal_image: Sequence[str],
    confidence: ArrayLike,
    *,
    iou: float = 0.5,
    min_area: float = 20.0,
) -> dict[str, F1]:
    """All images, by name in order; their sum is the score of the set.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-005, `iou` is not above 0; SCO-007, a proposal lies in an image that
            the truth does not name.
    """
    shapes, proposals = np.array([None, *truth], object)[1:], np.array([None, *proposal], object)[1:]
    sure = numbers(confidence, "confidence", (len(proposals),))
    where, where_proposed = _rows(truth_image), _rows(proposal_image)
    strange = sorted(set(where_proposed) - set(where))
    if strange:
        raise BadInput("SCO-007", where=printable(strange[0][:40]), count=len(strange))
    none = np.zeros(0, np.intp)
    found = {}
    for name, rows in sorted(where.items()):
        mine = where_proposed.get(name, none)
        found[name] = image_f1(shapes[rows], proposals[mine], sure[mine], iou=iou, min_area=min_area)
    return found


def _rows(names: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    known, place = np.unique(np.array([str(name) for name in names], object), return_inverse=True)
    order = np.argsort(place, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(place, minlength=len(known)))[:-1])
    return dict(zip(known.tolist(), parts, strict=True)) if len(known) else {}


def _usable(shapes: Shapes | Sequence[Any]) -> tuple[Shapes, Floats]:
    """Repaired outlines and their areas; what is missing or empty has area 0."""
    from shapely import area, force_2d, is_valid, make_valid

    found = np.array([None, *shapes], object)[1:]
    flat = np.asarray(force_2d(found), object)
    broken = ~is_valid(flat) & np.array([shape is not None for shape in flat], np.bool_)
    flat[broken] = make_valid(flat[broken])
    return flat, np.nan_to_num(area(flat))


def _overlaps(proposals: Shapes, area: Floats, truths: Shapes, truth_area: Floats, least: float) -> Pairs:
    from shapely import STRtree, intersection
    from shapely import area as area_of

    truth, claim = np.zeros(0, np.intp), np.zeros(0, np.intp)
    if len(truths) and len(proposals):
        claim, truth = STRtree(truths).query(proposals, predicate="intersects")
    shared = np.asarray(area_of(intersection(proposals[claim], truths[truth])), np.float64)
    union = area[claim] + truth_area[truth] - shared
    share = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0.0)
    kept = share >= least
    return Pairs(claim[kept], truth[kept], share[kept])
