"""Random views of labelled pictures: turned, scaled, mirrored, regrown contrast, pasted vehicles, noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.training.annotations import Floats, Sample

SHOWN = 0.35
"""Share of a box that must lie in the view; boxes cut more are ignored there."""


@dataclass(frozen=True, slots=True)
class View:
    """grey: (side, side) float32 standardised; boxes, ignored as in Sample, pixels of the view."""

    grey: Floats
    boxes: Floats
    ignored: Floats


def standardised(grey: NDArray[np.generic]) -> Floats:
    """Median to 0, half the spread between the 2nd and 98th percentile to 2, clipped to -+4.

    The same rule as `detect.onnx_model.scaling`: gain and level of eight-bit thermal video move.
    """
    thin = np.asarray(grey[::4, ::4], np.float32)
    low, middle, high = np.percentile(thin, (2.0, 50.0, 98.0))
    spread = max(float(high - low) / 4.0, 1e-6)
    centred = np.asarray(grey, np.float32) - np.float32(middle)
    return np.asarray(np.clip(centred / np.float32(spread), -4.0, 4.0))


class Views:
    """Draws training views from samples.

    Args:
        shrink: from pixels of the pictures to pixels of the net's input.
        side: of a view, pixels of the input.
    """

    def __init__(self, samples: Sequence[Sample], side: int, shrink: float, rng: np.random.Generator) -> None:
        self._rng, self._side, self._shrink = rng, side, shrink
        self._full = [each for each in samples if len(each.boxes)]
        self._empty = [each for each in samples if not len(each.boxes)]
        self._bank = [
            (sample, box)
            for sample in self._full
            for box in sample.boxes
            if box[0] > 2
            and box[1] > 2
            and box[2] < sample.grey.shape[1] - 3
            and box[3] < sample.grey.shape[0] - 3
        ]

    def draw(self) -> View:
        """One view."""
        rng = self._rng
        grey, boxes, ignored = self._warped(self._pick())
        if rng.random() < 0.2:
            grey, boxes, ignored = self._mosaic(grey, boxes, ignored)
        if rng.random() < 0.25 and self._bank:
            boxes = self._pasted(grey, boxes, ignored)
        return View(self._relit(grey), boxes, ignored)

    def _pick(self) -> Sample:
        rng = self._rng
        pool = self._full if rng.random() < 0.72 or not self._empty else self._empty
        return pool[int(rng.integers(len(pool)))]

    def _warped(self, sample: Sample) -> tuple[Floats, Floats, Floats]:
        rng, side = self._rng, self._side
        rows, columns = sample.grey.shape
        scale = self._shrink * float(np.exp(rng.uniform(-0.25, 0.25)))
        angle = np.pi / 2 * rng.integers(4) + (rng.normal(0.0, 0.15) if rng.random() < 0.5 else 0.0)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if rng.random() < 0.5:
            turn = turn @ np.diag([-1.0, 1.0])
        if len(sample.boxes) and rng.random() < 0.7:
            box = sample.boxes[int(rng.integers(len(sample.boxes)))]
            about = np.array([box[0] + box[2], box[1] + box[3]]) / 2 + rng.normal(0.0, 0.2 * side / scale, 2)
        else:
            about = rng.uniform((0.0, 0.0), (columns, rows))
        reach = np.minimum(side / 2 / scale, np.array([columns, rows]) / 2)
        about = np.clip(about, reach, np.array([columns, rows]) - reach)
        shift = np.array([side / 2, side / 2]) - turn @ about
        picture = _resampled(sample.grey, turn, shift, side, scale)
        boxes, cut = _moved(sample.boxes, turn, shift, side)
        ignored, lost = _moved(sample.ignored, turn, shift, side)
        return picture, boxes, np.concatenate((cut, ignored, lost))

    def _mosaic(self, grey: Floats, boxes: Floats, ignored: Floats) -> tuple[Floats, Floats, Floats]:
        other, other_boxes, other_ignored = self._warped(self._pick())
        seam = int(self._rng.integers(self._side // 4, 3 * self._side // 4))
        upright = self._rng.random() < 0.5
        axis = 1 if upright else 0
        mixed = grey.copy()
        window = (slice(None), slice(seam, None)) if upright else (slice(seam, None), slice(None))
        mixed[window] = other[window]
        first, cut = _within(boxes, 1 - axis, -0.5, seam - 0.5)
        second, cut_too = _within(other_boxes, 1 - axis, seam - 0.5, self._side - 0.5)
        kept, _ = _within(ignored, 1 - axis, -0.5, seam - 0.5, share=0.0)
        kept_too, _ = _within(other_ignored, 1 - axis, seam - 0.5, self._side - 0.5, share=0.0)
        return mixed, np.concatenate((first, second)), np.concatenate((cut, cut_too, kept, kept_too))

    def _pasted(self, grey: Floats, boxes: Floats, ignored: Floats) -> Floats:
        rng, placed = self._rng, [boxes]
        for _ in range(int(rng.integers(1, 4))):
            sample, box = self._bank[int(rng.integers(len(self._bank)))]
            chip = self._chip(sample, box)
            rows, columns = chip.shape
            if rows >= self._side - 2 or columns >= self._side - 2 or min(rows, columns) < 4:
                continue
            row, column = int(rng.integers(self._side - rows)), int(rng.integers(self._side - columns))
            there = np.array(
                [[column - 0.5, row - 0.5, column + columns - 0.5, row + rows - 0.5]], np.float32
            )
            if _touches(there[0], np.concatenate([*placed, ignored])):
                continue
            window = grey[row : row + rows, column : column + columns]
            veil = np.minimum(_ramp(rows)[:, None], _ramp(columns)[None, :])
            window += veil * (chip - window)
            placed.append(there)
        return np.concatenate(placed)

    def _chip(self, sample: Sample, box: Floats) -> Floats:
        rng = self._rng
        first_column, first_row, last_column, last_row = np.round(box + 0.5).astype(int)
        chip = sample.grey[max(first_row, 0) : last_row, max(first_column, 0) : last_column]
        scale = self._shrink * float(np.exp(rng.uniform(-0.25, 0.25)))
        size = (max(int(chip.shape[1] * scale), 4), max(int(chip.shape[0] * scale), 4))
        small = np.asarray(Image.fromarray(chip).resize(size, Image.Resampling.BOX), np.float32)
        small = np.rot90(small, int(rng.integers(4)))
        return small[:, ::-1] if rng.random() < 0.5 else small

    def _relit(self, grey: Floats) -> Floats:
        rng, side = self._rng, self._side
        x = standardised(grey)
        if rng.random() < 0.1:
            x = -x
        if rng.random() < 0.5:
            x = np.sign(x) * np.abs(x / 2.0) ** np.float32(rng.uniform(0.8, 1.25)) * 2.0
        if rng.random() < 0.3:
            slope = np.linspace(-1.0, 1.0, side, dtype=np.float32) * np.float32(rng.normal(0.0, 0.5))
            x = x + (slope[:, None] if rng.random() < 0.5 else slope[None, :])
        x = x * np.float32(np.exp(rng.normal(0.0, 0.2))) + np.float32(rng.normal(0.0, 0.2))
        if rng.random() < 0.2:
            x = (x + np.roll(x, 1, 0) + np.roll(x, 1, 1) + np.roll(x, (1, 1), (0, 1))) / 4.0
        if rng.random() < 0.5:
            x = x + rng.standard_normal(x.shape, np.float32) * np.float32(rng.uniform(0.0, 0.2))
        return np.clip(x, -4.0, 4.0).astype(np.float32)


def _resampled(
    grey: NDArray[np.uint8], turn: NDArray[np.float64], shift: NDArray[np.float64], side: int, scale: float
) -> Floats:
    halvings = max(int(np.floor(np.log2(1.0 / scale) + 0.25)), 0)
    if halvings:
        grey = np.asarray(Image.fromarray(grey).reduce(2**halvings))
    back = np.linalg.inv(turn)
    corner = (back @ (np.array([0.5, 0.5]) - shift)) / 2**halvings
    step = back / 2**halvings
    offset = corner - step @ np.array([0.5, 0.5])
    coefficients = (step[0, 0], step[0, 1], offset[0], step[1, 0], step[1, 1], offset[1])
    image = Image.fromarray(grey).transform(
        (side, side), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR,
        fillcolor=int(np.median(grey[::8, ::8])),
    )  # fmt: skip
    return np.array(image, np.float32)


def _moved(
    boxes: Floats, turn: NDArray[np.float64], shift: NDArray[np.float64], side: int
) -> tuple[Floats, Floats]:
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 + 0.5
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    middle = middle @ turn.T + shift - 0.5
    # the extent of the ellipse in the box: for a long thing askew in its box the turned box would be too wide
    half = np.sqrt(half**2 @ (turn**2).T)
    moved = np.concatenate((middle - half, middle + half), axis=1).astype(np.float32)
    kept, cut = _within(moved, 0, -0.5, side - 0.5)
    kept, cut_too = _within(kept, 1, -0.5, side - 0.5)
    cut, _ = _within(cut, 1, -0.5, side - 0.5, share=0.0)
    return kept, np.concatenate((cut, cut_too))


def _within(boxes: Floats, axis: int, low: float, high: float, share: float = SHOWN) -> tuple[Floats, Floats]:
    """Boxes clipped along an axis (0 columns, 1 rows): those still shown, and those cut too far."""
    clipped = boxes.copy()
    clipped[:, [axis, axis + 2]] = np.clip(boxes[:, [axis, axis + 2]], low, high)
    whole = np.maximum(boxes[:, axis + 2] - boxes[:, axis], 1e-6)
    left = (clipped[:, axis + 2] - clipped[:, axis]) / whole
    return clipped[left >= max(share, 1e-6)], clipped[(left > 0) & (left < share)]


def _touches(box: Floats, others: Floats) -> bool:
    apart = (
        (others[:, 0] > box[2]) | (others[:, 2] < box[0]) | (others[:, 1] > box[3]) | (others[:, 3] < box[1])
    )
    return bool((~apart).any())


def _ramp(size: int) -> Floats:
    edge = np.minimum(np.arange(size), np.arange(size)[::-1]).astype(np.float32)
    return np.asarray(np.minimum((edge + 0.5) / max(0.12 * size, 1.0), 1.0))
