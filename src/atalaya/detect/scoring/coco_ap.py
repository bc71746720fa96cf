"""Average precision of boxes, as COCO defines it, without its limit of 100 claims per image.

The numbers are those of pycocotools 2.0.11 (`COCOeval`, bbox) with the same limit, thresholds and area bins.
That program answers -1 for any list of limits but its own and cuts at 100; here a limit is one number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import Bools, Floats, numbers, whole, yes_or_no

Ints = NDArray[np.int64]

IOU = np.linspace(0.5, 0.95, 10)
RECALL = np.linspace(0.0, 1.0, 101)
AREA_BINS: Mapping[str, tuple[float, float]] = {
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
"""COCO's own, square pixels."""

_EVERYTHING = (0.0, 1e10)


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes of many images.

    image, category: (n,) numbers      box: (n, 4) first column, first row, width, height
    score: (n,) of claims; zeros for truths      crowd: (n,) truths that stand for many, never missed
    area: (n,) that bins go by; width times height where None
    """

    image: Ints
    category: Ints
    box: Floats
    score: Floats
    crowd: Bools
    area: Floats

    @classmethod
    def of(
        cls,
        image: ArrayLike,
        category: ArrayLike,
        box: ArrayLike,
        *,
        score: ArrayLike | None = None,
        crowd: ArrayLike | None = None,
        area: ArrayLike | None = None,
    ) -> "Boxes":
        """Checked columns.

        Raises:
            BadInput: SCO-001, SCO-002; SCO-008, a box of negative width or height.
        """
        boxes = numbers(box, "box", (None, 4))
        n = len(boxes)
        bad = np.flatnonzero((boxes[:, 2:] < 0.0).any(axis=1))
        if len(bad):
            raise BadInput("SCO-008", where=f"box[{int(bad[0])}]", count=len(bad))
        return cls(
            whole(image, "image", n),
            whole(category, "category", n),
            boxes,
            np.zeros(n) if score is None else numbers(score, "score", (n,)),
            np.zeros(n, np.bool_) if crowd is None else yes_or_no(crowd, "crowd", (n,)),
            np.prod(boxes[:, 2:], axis=1) if area is None else numbers(area, "area", (n,)),
        )

    def without(self, dropped: Bools) -> "Boxes":
        """Boxes but for some."""
        kept = ~dropped
        numbers = self.image[kept], self.category[kept]
        return Boxes(*numbers, self.box[kept], self.score[kept], self.crowd[kept], self.area[kept])

    def in_metres(self, gsd_m: Mapping[int, float]) -> "Boxes":
        """The same boxes in metres, so that area bins are square metres.

        Raises:
            BadInput: SCO-009, an image has no ground sample distance.
        """
        unknown = sorted({int(image) for image in np.unique(self.image)} - set(gsd_m))
        if unknown:
            raise BadInput("SCO-009", where=str(unknown[0]), count=len(unknown))
        scale = np.array([gsd_m[int(image)] for image in self.image], np.float64)
        box, area = self.box * scale[:, None], self.area * scale**2
        return Boxes(self.image, self.category, box, self.score, self.crowd, area)


@dataclass(frozen=True, slots=True, eq=False)
class AveragePrecision:
    """What `coco_ap` answers; NaN where no truth counts.

    categories: (c,) in order      iou: (t,)      bins: names of area bins, "all" first
    precision: (c, a, t) average over 101 recalls      recall: (c, a, t) reached in the end
    """

    categories: Ints
    iou: Floats
    bins: tuple[str, ...]
    precision: Floats
    recall: Floats
    truths: int = 0
    claims: int = 0
    names: Mapping[int, str] = field(default_factory=dict)

    def ap(self, area: str = "all", iou: float | None = None) -> float:
        """Mean over classes, and over all overlaps or one of them; AP, AP50, AP75 and so on."""
        return self._mean(self.precision, area, iou)

    def ar(self, area: str = "all", iou: float | None = None) -> float:
        """Mean recall reached with all claims."""
        return self._mean(self.recall, area, iou)

    def _mean(self, values: Floats, area: str, iou: float | None) -> float:
        chosen = values[:, self.bins.index(area)]
        if iou is not None:
            chosen = chosen[:, np.isclose(self.iou, iou)]
        known = chosen[~np.isnan(chosen)]
        return float(known.mean()) if known.size else float("nan")

    def as_json(self) -> dict[str, Any]:
        """For `--json`; null where no truth counts."""
        by_area = {name: {"ap": _null(self.ap(name)), "ar": _null(self.ar(name))} for name in self.bins}
        by_class = [
            {"category": int(number), "name": self.names.get(int(number), ""), "ap": _null(_nanmean(row[0]))}
            for number, row in zip(self.categories, self.precision, strict=True)
        ]
        overall = {"ap": self.ap(), "ap50": self.ap(iou=0.5), "ap75": self.ap(iou=0.75), "ar": self.ar()}
        counts = {"truths": self.truths, "detections": self.claims}
        shown = {name: _null(value) for name, value in overall.items()}
        return {**counts, **shown, "areas": by_area, "classes": by_class}


def coco_ap(
    truth: Boxes,
    claims: Boxes,
    *,
    area_bins: Mapping[str, tuple[float, float]] = AREA_BINS,
    iou: Floats = IOU,
    most_per_image: int = 0,
    names: Mapping[int, str] | None = None,
) -> AveragePrecision:
    """Average precision and recall, per class and area bin.

    Classes are those of truths and claims; claims of a class without truths do not count, as in COCO.

    Args:
        area_bins: by name, least and most area. iou: (t,) overlaps, rising.
        most_per_image: claims of one class in one image that count, the surest; 0 for all of them.
    """
    from atalaya.detect.scoring.kernels import match_groups

    groups, categories = _groups(truth, claims)
    truth_rows, truth_edge = _grouped(groups[: len(truth.image)], None, len(groups))
    claim_rows, claim_edge = _grouped(groups[len(truth.image) :], claims.score, len(groups))
    if most_per_image:
        claim_rows, claim_edge = _cut(claim_rows, claim_edge, most_per_image)
    bins = np.array([_EVERYTHING, *area_bins.values()], np.float64)
    state = np.empty((len(bins), len(iou), len(claim_rows)), np.int8)
    match_groups(
        claims.box[claim_rows],
        truth.box[truth_rows],
        truth.crowd[truth_rows],
        truth.area[truth_rows],
        claim_edge,
        truth_edge,
        bins,
        np.asarray(iou, np.float64),
        state,
    )
    counted = _counted(truth, bins, categories)
    precision, recall = _along(state, claims, claim_rows, categories, counted)
    sizes = len(truth.image), len(claims.image)
    return AveragePrecision(categories, iou, ("all", *area_bins), precision, recall, *sizes, names or {})


def _groups(truth: Boxes, claims: Boxes) -> tuple[Ints, Ints]:
    """Number of the image and class of each truth, then of each claim, rising with the image in a class."""
    images, image = np.unique(np.concatenate((truth.image, claims.image)), return_inverse=True)
    categories, category = np.unique(np.concatenate((truth.category, claims.category)), return_inverse=True)
    key = category * max(len(images), 1) + image
    return np.unique(key, return_inverse=True)[1].astype(np.int64), categories


def _grouped(group: Ints, score: Floats | None, most: int) -> tuple[Ints, Ints]:
    """Rows by group and falling score, and where each group begins."""
    order = np.argsort(group, kind="stable") if score is None else np.lexsort((-score, group))
    edge = np.searchsorted(group[order], np.arange(most + 1), side="left")
    return order.astype(np.int64), edge.astype(np.int64)


def _cut(rows: Ints, edge: Ints, most: int) -> tuple[Ints, Ints]:
    rank = np.arange(len(rows)) - np.repeat(edge[:-1], np.diff(edge))
    kept = np.concatenate(([0], np.cumsum(np.minimum(np.diff(edge), most))))
    return rows[rank < most], kept.astype(np.int64)


def _counted(truth: Boxes, bins: Floats, categories: Ints) -> Ints:
    """(c, a) truths that count."""
    inside = (truth.area[:, None] >= bins[:, 0]) & (truth.area[:, None] <= bins[:, 1])
    counts = np.zeros((len(categories), len(bins)), np.int64)
    np.add.at(counts, np.searchsorted(categories, truth.category), inside & ~truth.crowd[:, None])
    return counts


def _along(
    state: NDArray[np.int8], claims: Boxes, rows: Ints, categories: Ints, counted: Ints
) -> tuple[Floats, Floats]:
    from atalaya.detect.scoring.kernels import precision_along

    bins, steps = state.shape[:2]
    precision = np.full((len(categories), bins, steps), np.nan)
    recall = precision.copy()
    line = np.empty(len(RECALL))
    of_category = np.searchsorted(categories, claims.category[rows])
    for c in range(len(categories)):
        mine = np.flatnonzero(of_category == c)
        mine = mine[np.argsort(-claims.score[rows[mine]], kind="stable")]
        sorted_state = state[:, :, mine]
        scratch = np.empty((2, len(mine)))
        for a in np.flatnonzero(counted[c]):
            for t in range(steps):
                reached = precision_along(sorted_state[a, t], int(counted[c, a]), RECALL, scratch, line)
                recall[c, a, t], precision[c, a, t] = reached, line.mean()
    return precision, recall


def _nanmean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _null(value: float) -> float | None:
    return None if np.isnan(value) else value
