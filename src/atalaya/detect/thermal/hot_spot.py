"""Hot spots: boxes of several sizes that are warmer than the ring around them explains.

Contrast is told in deviations of the ring (a local constant-false-alarm rule), over a floor for the steps of
eight-bit video. Intensity alone proposes, it does not detect: what is found must stay on the ground while the
picture moves, which the tracklets of `locate` ask for, and must not stay in the picture, which is asked here.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.candidates import Candidates, joined, no_candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.detector import Context
from atalaya.detect.suppress_near import strongest_apart
from atalaya.detect.thermal.stuck import StuckPixels
from atalaya.detect.tile import Tile

HALVES = ((1, 2), (2,), (2,))
"""Half sizes of the boxes, pixels: in the picture, in one of half its size, and in one of a quarter."""

FLOOR_DN = 2.0
"""Deviation below which a ring's own is not believed: noise and steps of compressed video."""

THRESHOLD = 6.0
MOST = 200
"""Spots kept per picture and size, the strongest."""


@cache
def card() -> ModelCard:
    """What the detector says of itself."""
    return ModelCard(
        name="hot-spot",
        version="1",
        kinds=("IR",),
        units=("DN", "K", "radiance"),
        classes=(CardClass("hot spot", "heat"),),
        threshold=THRESHOLD,
        intended="Proposes places warmer than their surroundings in white-hot thermal video.",
        forbidden="Search for, tracking or identification of persons.",
        training="None: fixed rule.",
    ).sealed()


@dataclass(frozen=True)
class _Level:
    """Buffers for a picture of one size."""

    picture: NDArray[np.uint8]
    sums: NDArray[np.uint32]
    squares: NDArray[np.uint32]
    contrast: NDArray[np.float32]


@dataclass(frozen=True)
class _State:
    """Buffers of one clip, and what stays in the picture while the ground moves."""

    levels: tuple[_Level, ...]
    stuck: StuckPixels


class HotSpot:
    """The detector; white is hot."""

    @property
    def card(self) -> ModelCard:
        """See `Detector.card`."""
        return card()

    def prepare(self, context: Context) -> Any:
        """See `Detector.prepare`."""
        levels = tuple(_level(context.rows >> n, context.columns >> n) for n in range(len(HALVES)))
        return _State(levels, StuckPixels(context.rows, context.columns))

    def detect(self, tile: Tile, state: _State) -> Candidates:
        """Hot spots, strongest first."""
        from atalaya.detect.thermal import kernels

        picture = as_bytes(tile)
        parts = []
        for number, (level, halves) in enumerate(zip(state.levels, HALVES, strict=True)):
            here = picture
            if number:
                here = level.picture
                kernels.halved(picture if number == 1 else state.levels[number - 1].picture, here)
            kernels.box_sums(here, level.sums, level.squares)
            parts += [_of_size(here, level, half, 1 << number) for half in halves]
        found = strongest_apart(joined(parts))
        return found.take(~state.stuck.among(picture, found.middle))


def _level(rows: int, columns: int) -> _Level:
    sums = (rows + 1, columns + 1)
    return _Level(
        np.empty((rows, columns), np.uint8),
        np.empty(sums, np.uint32),
        np.empty(sums, np.uint32),
        np.empty((rows, columns), np.float32),
    )


def _of_size(picture: NDArray[np.uint8], level: _Level, half: int, scale: int) -> Candidates:
    """Spots of one size in a picture of one scale, in pixels of the whole one."""
    from atalaya.detect.thermal import kernels

    kernels.ring_contrast(level.sums, level.squares, half, FLOOR_DN, level.contrast)
    places = np.empty((20 * MOST, 2), np.int32)
    count = kernels.peaks(level.contrast, THRESHOLD, len(places), places)
    places = places[: min(count, len(places))]
    if not len(places):
        return no_candidates()
    score = level.contrast[places[:, 0], places[:, 1]]
    strongest = np.argsort(-score, kind="stable")[:MOST]
    row, column = (places[strongest].T * scale + (scale - 1) / 2.0).astype(np.float32)
    reach = (half + 0.5) * scale
    box = np.stack((column - reach, row - reach, column + reach, row + reach), axis=1)
    return Candidates(box, score[strongest], np.zeros(len(strongest), np.int16))


def as_bytes(tile: Tile) -> NDArray[np.uint8]:
    """(rows, columns) uint8 of a thermal picture: ten steps a kelvin, or eight a deviation of other units."""
    array = tile.array if tile.array.ndim == 2 else tile.array.mean(axis=2)
    if array.dtype == np.uint8:
        return np.asarray(array)
    known = array[np.isfinite(array)]
    if not known.size:
        return np.zeros(array.shape, np.uint8)
    middle = float(np.median(known))
    spread = 1.4826 * float(np.median(np.abs(known - middle)))
    step = 10.0 if tile.unit == "K" else 8.0 / max(spread, 1e-9)
    scaled = (np.nan_to_num(array, nan=middle) - middle) * step + 100.0
    return np.asarray(np.clip(scaled, 0.0, 255.0), np.uint8)
