"""Scores of a detector over labelled pictures: found share against false alarms per picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.training.annotations import Floats, Sample

Rule = Literal["middle", "iou"]


@dataclass(frozen=True, slots=True)
class Claims:
    """Boxes (n, 4) with scores (n,) claimed on one picture."""

    boxes: Floats
    score: Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of every claim that counts, surest first.

    score: (n,). hit: (n,) bool, a truth found for the first time; else a false alarm. picture: (n,) which.
    truths: how many were to be found. pictures: how many were looked at.
    """

    score: NDArray[np.float64]
    hit: NDArray[np.bool_]
    picture: NDArray[np.int64]
    truths: int
    pictures: int

    def recall_at(self, per_picture: float) -> float:
        """Share found at most at this many false alarms per picture."""
        false = np.cumsum(~self.hit) / max(self.pictures, 1)
        found = np.cumsum(self.hit)
        within = found[false <= per_picture]
        return float(within.max()) / max(self.truths, 1) if len(within) else 0.0

    def threshold_at(self, per_picture: float) -> float:
        """Score from which on this many false alarms per picture are met."""
        false = np.cumsum(~self.hit) / max(self.pictures, 1)
        within = self.score[false <= per_picture]
        return float(within[-1]) if len(within) else float("inf")


def outcome(samples: Sequence[Sample], claims: Sequence[Claims], rule: Rule = "middle") -> Outcome:
    """Match claims to truths, the surest first.

    "middle": a claim finds a truth whose box holds its middle; "iou": whose overlap is at least 0.5.
    Further claims on a found truth and claims in boxes of ignored things or others count as nothing.
    """
    rows: list[tuple[float, bool, int]] = []
    for number, (sample, claim) in enumerate(zip(samples, claims, strict=True)):
        free = np.ones(len(sample.boxes), np.bool_)
        for index in np.argsort(-claim.score, kind="stable"):
            box = claim.boxes[index]
            fits = _fits(box, sample.boxes, rule)
            if (fits & free).any():
                free[_nearest(box, sample.boxes, fits & free)] = False
                rows.append((float(claim.score[index]), True, number))
            elif not (fits.any() or _holds(box, sample.ignored).any() or _holds(box, sample.others).any()):
                rows.append((float(claim.score[index]), False, number))
    rows.sort(key=lambda row: (-row[0], row[2]))
    score, hit, picture = (np.array(part) for part in zip(*rows, strict=True)) if rows else ([], [], [])
    truths = sum(len(sample.boxes) for sample in samples)
    return Outcome(
        np.asarray(score, np.float64),
        np.asarray(hit, np.bool_),
        np.asarray(picture, np.int64),
        truths,
        len(samples),
    )


def _holds(box: Floats, boxes: Floats) -> NDArray[np.bool_]:
    column, row = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return (boxes[:, 0] <= column) & (column <= boxes[:, 2]) & (boxes[:, 1] <= row) & (row <= boxes[:, 3])


def _fits(box: Floats, boxes: Floats, rule: Rule) -> NDArray[np.bool_]:
    if rule == "middle":
        return _holds(box, boxes)
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    both = np.prod(np.clip(high - low, 0.0, None), axis=1)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    return np.asarray(both >= 0.5 * (area - both))


def _nearest(box: Floats, boxes: Floats, among: NDArray[np.bool_]) -> int:
    apart = np.abs((boxes[:, :2] + boxes[:, 2:]) - (box[:2] + box[2:])).sum(axis=1)
    return int(np.argmin(np.where(among, apart, np.inf)))
