"""The boundary of the room: what a detector may hand on, and what ends there.

Classes pass by an allow-list, the evidence types: a class whose card names none of them (a person, a face,
a weapon) is dropped here, whatever the model was trained on. Answers that cannot be true (NaN, boxes
outside the picture, more boxes than a picture can hold) make the picture unexamined: it must not lower the
search map.
"""

from dataclasses import dataclass

import numpy as np

from atalaya.detect.candidates import Candidates, no_candidates
from atalaya.detect.card import ModelCard
from atalaya.sensing.evidence import evidence_types

MOST_CLAIMS = 20_000
"""Claims in one picture beyond which a detector is taken to have failed on it."""

_SLACK_PX = 1.0


@dataclass(frozen=True, slots=True)
class Admitted:
    """What came through.

    Args:
        candidates: of allowed classes, from the card's threshold on, clipped to the picture.
        dropped: claims of classes that are not allowed.
        fault: code of what was wrong with the answer, "" for nothing; then there are no candidates and the
            picture counts as not examined.
    """

    candidates: Candidates
    dropped: int = 0
    fault: str = ""


def admitted(answer: object, card: ModelCard, shape: tuple[int, int]) -> Admitted:
    """Let a detector's answer through the boundary.

    Args:
        shape: rows and columns of the picture.
    """
    if not isinstance(answer, Candidates):
        return Admitted(no_candidates(), fault="DET-011")
    if len(answer) > MOST_CLAIMS:
        return Admitted(no_candidates(), fault="DET-012")
    fault = _fault(answer, card, shape)
    if fault:
        return Admitted(no_candidates(), fault=fault)
    allowed = allowed_classes(card)
    passing = allowed[answer.label] if len(answer) else np.zeros(0, np.bool_)
    kept = answer.take(passing & (answer.score >= card.threshold))
    return Admitted(_clipped(kept, shape), int((~passing).sum()))


def allowed_classes(card: ModelCard) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(classes,) whether each class of a card names an evidence type."""
    known = evidence_types()
    return np.array([each.evidence in known for each in card.classes], np.bool_)


def _fault(answer: Candidates, card: ModelCard, shape: tuple[int, int]) -> str:
    n = len(answer.score)
    corners = answer.corners
    right = answer.box.shape == (n, 4) and answer.label.shape == (n,)
    if not right or (corners is not None and corners.shape != (n, 4, 2)):
        return "DET-011"
    numbers = [answer.box, answer.score] + ([] if corners is None else [corners])
    if not all(np.isfinite(part).all() for part in numbers):
        return "DET-013"
    if n and not (0 <= int(answer.label.min()) <= int(answer.label.max()) < len(card.classes)):
        return "DET-014"
    low, high = answer.box[:, :2], answer.box[:, 2:]
    edge = np.array([shape[1], shape[0]], np.float32) - 0.5
    outside = (high < low) | (low < -0.5 - _SLACK_PX) | (high > edge + _SLACK_PX)
    return "DET-015" if outside.any() else ""


def _clipped(claims: Candidates, shape: tuple[int, int]) -> Candidates:
    edge = np.array([shape[1], shape[0]] * 2, np.float32) - 0.5
    return Candidates(np.clip(claims.box, -0.5, edge), claims.score, claims.label, claims.corners)
