"""How answers of nets are read; all boxes in pixels of the input, counted from the middle of the first.

centre    (1, classes + 4, h, w): scores, then distances from the middle of each cell to left, top, right and
          bottom; peaks of 3x3 cells are claims (CenterNet, arXiv:1904.07850, with the sides of FCOS)
cells     (1, classes, h, w): scores of windows around each cell; peaks of 3x3 cells are claims
yolo      (1, 4 + classes, n) or (1, n, 4 + classes): middle and size, scores; optionally objectness first
yolo-obb  the same with an angle last, radians from the column axis towards rows
boxes     boxes (1, n, 4), scores (1, n) or (1, n, classes), labels (1, n): DETR, or suppression inside
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.candidates import Candidates
from atalaya.detect.cards.network import Decoder, NetCard
from atalaya.detect.tiling import Claimed

Floats = NDArray[np.float32]


def decoded(answer: Mapping[str, NDArray[Any]], card: NetCard, shape: tuple[int, int]) -> Claimed:
    """Claims of one tile from the card's threshold on.

    Args:
        answer: outputs by name. shape: rows and columns of the net's input.

    Raises:
        BadInput: MDL-018, an output has another shape than the decoder reads; MDL-019, it holds NaN.
    """
    for name, part in answer.items():
        if part.dtype.kind == "f" and not np.isfinite(part).all():
            raise BadInput("MDL-019", detector=card.card.id, output=name)
    decoder = card.decoder
    classes, least = len(card.card.classes), card.card.threshold
    if decoder.kind == "boxes":
        return _boxes(answer, card, shape)
    name = card.outputs[0].name or next(iter(answer))
    part = np.asarray(answer[name], np.float32)
    if decoder.kind in ("centre", "cells"):
        needed = classes + (4 if decoder.kind == "centre" else 0)
        if part.ndim != 4 or part.shape[:2] != (1, needed):
            raise _unread(card, name, part.shape, f"(1, {needed}, h, w)")
        return _dense(part[0], decoder, classes, least)
    extra = 4 + decoder.objectness + (decoder.kind == "yolo-obb")
    rows = _table(part, card, name, extra + classes)
    return _yolo(rows, decoder, classes, least, shape)


def _dense(part: Floats, decoder: Decoder, classes: int, least: float) -> Claimed:
    score = _logistic(part[:classes]) if decoder.logits else part[:classes]
    label, row, column = np.nonzero(_peaks(score) & (score >= least))
    first = np.float32((decoder.offset or decoder.stride / 2) - 0.5)
    across, down = column * np.float32(decoder.stride) + first, row * np.float32(decoder.stride) + first
    if decoder.kind == "centre":
        left, top, right, bottom = part[classes:, row, column]
    else:
        left = top = right = bottom = np.full(len(row), decoder.window / 2, np.float32)
    box = np.stack((across - left, down - top, across + right, down + bottom), axis=1)
    found = Candidates(box.astype(np.float32), score[label, row, column], label.astype(np.int16))
    return Claimed(found, np.stack((across, down), axis=1).astype(np.float64))


def _peaks(score: Floats) -> NDArray[np.bool_]:
    rim = np.pad(score, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    across = np.maximum(np.maximum(rim[:, :, :-2], rim[:, :, 1:-1]), rim[:, :, 2:])
    around = np.maximum(np.maximum(across[:, :-2], across[:, 1:-1]), across[:, 2:])
    return np.asarray(score >= around)


def _table(part: Floats, card: NetCard, name: str, width: int) -> Floats:
    if part.ndim == 3 and part.shape[0] == 1 and width in part.shape[1:]:
        axes = card.outputs[0].axes
        boxes_last = (
            axes.index("boxes") == 2 if "boxes" in axes and len(axes) == 3 else part.shape[1] == width
        )
        rows = part[0].T if boxes_last else part[0]
        if rows.shape[1] == width:
            return np.asarray(rows)
    raise _unread(card, name, part.shape, f"(1, {width}, n) | (1, n, {width})")


def _yolo(rows: Floats, decoder: Decoder, classes: int, least: float, shape: tuple[int, int]) -> Claimed:
    first = 4 + decoder.objectness
    score = rows[:, first : first + classes]
    score = _logistic(score) if decoder.logits else score
    label = score.argmax(axis=1)
    best = score[np.arange(len(score)), label]
    if decoder.objectness:
        best = best * (_logistic(rows[:, 4]) if decoder.logits else rows[:, 4])
    sure = best >= least
    rows, best, label = rows[sure], best[sure], label[sure]
    sides = _in_pixels(rows[:, :4], decoder, shape)
    middle: Floats = sides[:, :2] - np.float32(0.5)
    half: Floats = np.abs(sides[:, 2:]) * np.float32(0.5)
    corners = None
    if decoder.kind == "yolo-obb":
        corners = oriented_corners(middle, half, rows[:, -1])
        box = np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1)
    else:
        box = np.concatenate((middle - half, middle + half), axis=1)
    found = Candidates(box.astype(np.float32), best.astype(np.float32), label.astype(np.int16), corners)
    return Claimed(found, middle.astype(np.float64))


def oriented_corners(middle: Floats, half: Floats, angle_rad: Floats) -> Floats:
    """(n, 4, 2) corners of boxes turned about their middles, from the column axis towards rows."""
    along = np.stack((np.cos(angle_rad), np.sin(angle_rad)), axis=1) * half[:, :1]
    over = np.stack((-np.sin(angle_rad), np.cos(angle_rad)), axis=1) * half[:, 1:]
    corners = [middle - along - over, middle + along - over, middle + along + over, middle - along + over]
    return np.stack(corners, axis=1).astype(np.float32)


def _boxes(answer: Mapping[str, NDArray[Any]], card: NetCard, shape: tuple[int, int]) -> Claimed:
    decoder = card.decoder
    boxes = _one(answer[decoder.boxes], card, decoder.boxes, 4)
    score = np.asarray(answer[decoder.scores], np.float32)
    score = score[0] if score.ndim > 1 and score.shape[0] == 1 else score
    score = _logistic(score) if decoder.logits else score
    if decoder.labels:
        label = np.asarray(answer[decoder.labels]).reshape(-1).astype(np.int64) - decoder.first_label
    elif score.ndim == 2 and score.shape[1] == len(card.card.classes):
        label, score = score.argmax(axis=1), score.max(axis=1)
    else:
        label = np.zeros(len(score), np.int64)
    if score.ndim != 1 or not len(boxes) == len(score) == len(label):
        raise _unread(card, decoder.scores, score.shape, f"({len(boxes)},)")
    # a label beyond the card's classes (DETR's "no object") is nothing the card speaks of
    sure = (score >= card.card.threshold) & (label >= 0) & (label < len(card.card.classes))
    sides = _in_pixels(boxes[sure], decoder, shape)
    if not decoder.corners:
        sides = np.concatenate((sides[:, :2] - sides[:, 2:] / 2, sides[:, :2] + sides[:, 2:] / 2), axis=1)
    found = Candidates(
        (sides - np.float32(0.5)).astype(np.float32), score[sure], label[sure].astype(np.int16)
    )
    return Claimed(found, found.middle.astype(np.float64))


def _one(part: NDArray[Any], card: NetCard, name: str, width: int) -> Floats:
    rows = np.asarray(part, np.float32)
    rows = rows[0] if rows.ndim == 3 and rows.shape[0] == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != width:
        raise _unread(card, name, part.shape, f"(1, n, {width})")
    return rows


def _in_pixels(sides: Floats, decoder: Decoder, shape: tuple[int, int]) -> Floats:
    if not decoder.normalised:
        return sides
    return sides * np.array([shape[1], shape[0]] * 2, np.float32)


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), np.float32)


def _unread(card: NetCard, name: str, shape: tuple[int, ...], needed: str) -> BadInput:
    return BadInput("MDL-018", detector=card.card.id, output=name, shape=str(shape), needed=needed)
