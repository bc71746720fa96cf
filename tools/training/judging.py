"""What a detector's claims on labelled pictures are worth, by the scorers of the product."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.detect import Candidates, Detector, Tile
from atalaya.detect.scoring.froc import Froc, Judged, froc, judged
from atalaya.detect.scoring.matching import in_regions, middle_in_box, overlapping
from tools.training.annotations import Sample

RATES = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False alarms per picture at which the share found is told."""


def claims_on(detector: Detector, samples: Sequence[Sample]) -> list[Candidates]:
    """Claims on each picture, as the product makes them."""
    kind, unit = detector.card.kinds[0], detector.card.units[0]
    return [detector.detect(Tile(sample.grey, kind, unit), None) for sample in samples]


def judge(samples: Sequence[Sample], claims: Sequence[Candidates], iou: float = 0.0) -> list[Judged]:
    """Judge picture by picture: a claim finds a truth whose box holds its middle, or by overlap.

    Ignored things and others swallow claims.
    """
    found = []
    for sample, claim in zip(samples, claims, strict=True):
        pairs = overlapping(claim.box, sample.boxes, iou) if iou else middle_in_box(claim.box, sample.boxes)
        regions = np.concatenate((sample.ignored, sample.others))
        found.append(judged(claim.score, pairs, len(sample.boxes), 1.0, in_regions(claim.box, regions)))
    return found


def labelled(scenes: Sequence[Judged]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores of claims that count, and whether each was true."""
    hits = np.concatenate([scene.found[np.isfinite(scene.found)] for scene in scenes])
    false = np.concatenate([scene.false for scene in scenes])
    return np.concatenate((hits, false)), np.arange(len(hits) + len(false)) < len(hits)


def performance(condition: str, curve: Froc, rates: Sequence[float] = RATES) -> dict[str, object]:
    """A curve as the card keeps it."""
    rows = sorted({row for rate in rates if (row := curve.row_at(rate)) >= 0})
    return {
        "condition": condition,
        "threshold": [round(float(curve.threshold[row]), 5) for row in rows],
        "pd": [round(float(curve.pd[row]), 4) for row in rows],
        "false_alarms": [round(float(curve.rate[row]), 4) for row in rows],
        "per": "image",
    }


def curve_of(scenes: Sequence[Judged]) -> Froc:
    """The curve of several pictures."""
    return froc(scenes, "image")
