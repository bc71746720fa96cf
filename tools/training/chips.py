"""Galleries of labelled chips: grids of square pictures, positives and negatives by the file's name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 48
"""Pixels of a chip's side."""

RUN = 20
"""Chips that follow each other in a gallery come from one neighbourhood: they stay on one side of a split."""

HARD = ("landslide", "riverbank", "aquaculture", "industrial")
"""Lawful look-alikes among the negatives."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Chips of one file.

    chips: (n, 48, 48, 3) uint8, red green blue. positive: the label of all. year: of the composite.
    hard: lawful look-alikes. random: negatives drawn anywhere.
    """

    name: str
    chips: NDArray[np.uint8]
    positive: bool
    year: int
    hard: bool
    random: bool


def read_galleries(folder: Path) -> list[Gallery]:
    """All galleries of a folder, in order of name; cells that are black throughout are padding."""
    return [_gallery(path) for path in sorted(folder.glob("*.png"))]


def blocks_of(gallery: Gallery, seed: int, folds: int) -> NDArray[np.int64]:
    """(n,) fold of each chip: runs of neighbours are dealt out whole."""
    runs = np.arange(len(gallery.chips)) // RUN
    deal = np.random.default_rng([seed, len(gallery.chips)]).permutation(runs.max() + 1) % folds
    return np.asarray(deal[runs], np.int64)


def _gallery(path: Path) -> Gallery:
    sheet = np.asarray(Image.open(path).convert("RGB"))
    rows, columns = sheet.shape[0] // SIDE, sheet.shape[1] // SIDE
    cells = sheet[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE, 3)
    chips = cells.swapaxes(1, 2).reshape(-1, SIDE, SIDE, 3)
    year = re.search(r"_(20\d\d)-\d\d-\d\d_", path.name)
    return Gallery(
        path.stem,
        chips[chips.reshape(len(chips), -1).any(axis=1)],
        "positive" in path.name,
        int(year.group(1)) if year else 0,
        any(word in path.name for word in HARD),
        "random" in path.name,
    )


@dataclass(frozen=True, slots=True)
class ChipSet:
    """All chips as columns, n rows.

    pixels: (n, 48, 48, 3) uint8. label: is it a mine. year, hard, random: as in Gallery. run: number of the
    run of neighbours. fold: of the run. weight: of drawing while fitting, classes balanced.
    """

    pixels: NDArray[np.uint8]
    label: NDArray[np.bool_]
    year: NDArray[np.int64]
    hard: NDArray[np.bool_]
    random: NDArray[np.bool_]
    run: NDArray[np.int64]
    fold: NDArray[np.int64]
    weight: NDArray[np.float32]


def chip_set(galleries: Sequence[Gallery], folds: int, seed: int = 0) -> ChipSet:
    """Galleries joined; runs are dealt to folds within each gallery."""
    sizes = [len(each.chips) for each in galleries]
    label, year, hard, anywhere = (
        np.repeat([getattr(each, name) for each in galleries], sizes)
        for name in ("positive", "year", "hard", "random")
    )
    runs, first = [], 0
    for size in sizes:
        runs.append(first + np.arange(size) // RUN)
        first += -(-size // RUN)
    weight = np.where(anywhere, 0.4, 1.0)
    weight = np.where(label, 1.0 / label.sum(), weight / weight[~label].sum())
    return ChipSet(
        np.concatenate([each.chips for each in galleries]),
        label,
        year,
        hard,
        anywhere,
        np.concatenate(runs),
        np.concatenate([blocks_of(each, seed, folds) for each in galleries]),
        weight.astype(np.float32),
    )
